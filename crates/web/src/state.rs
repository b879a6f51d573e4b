//! What every handler is given.

use std::sync::Arc;

use countersign_app::App;

use crate::demo::DemoInfo;
use crate::network::Network;
use crate::ops::metrics::Metrics;

/// What every handler is given. Cheap to clone.
#[derive(Clone)]
pub struct Web {
    /// The use cases.
    pub app: App,
    /// What the operator decided about HTTP.
    pub settings: Arc<Settings>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
}

impl Web {
    /// Puts the state together, with counters that start at zero.
    #[must_use]
    pub fn new(app: App, settings: Settings) -> Self {
        Self {
            app,
            settings: Arc::new(settings),
            metrics: Arc::new(Metrics::new()),
        }
    }
}

/// What the operator decided about HTTP.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The proxies whose word about the client's address is taken; by default nobody's (T15).
    pub trusted_proxies: Vec<Network>,
    /// Whether this is a demo: made-up people, and pages that show what was "sent".
    pub demo: bool,
    /// What the demo's landing page tells.
    pub demo_info: Option<Arc<DemoInfo>>,
    /// Whether browsers reach the server by HTTPS, directly or through a proxy.
    pub https: bool,
}
