//! What every handler is given.

use std::sync::Arc;

use countersign_app::App;
use countersign_app::deliveries::Gateways;
use countersign_app::passkeys::Site;
use countersign_app::sign_in::provider::Federation;
use countersign_domain::brand::{Brand, HostName};

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
    /// What people type to reach the server: scheme, host name and, where it is not the usual one, port. Mailed links are
    /// built from it and never from what a request says about its host (A2).
    pub public_url: String,
    /// The identity provider by which staff may sign in, where there is one.
    pub staff_provider: Option<Arc<Federation>>,
    /// The gateways, whose reports come in at `/gateways/NAME/reports`.
    pub gateways: Arc<Gateways>,
}

impl Settings {
    /// Whether this is the host name of the public address.
    #[must_use]
    pub fn is_public_host(&self, host: Option<&HostName>) -> bool {
        let rest = self.public_url.split_once("://").map_or("", |(_, rest)| rest);
        let public = rest.rsplit_once(':').map_or(rest, |(host, _)| host);
        HostName::parse(public).is_ok_and(|public| host == Some(&public))
    }

    /// The address of a brand's pages, without a slash at the end: the public one, with the brand's own host name where it
    /// has one.
    #[must_use]
    pub fn address_of(&self, brand: &Brand) -> String {
        let scheme = if self.https { "https" } else { "http" };
        let (scheme, rest) = self.public_url.split_once("://").unwrap_or((scheme, "localhost"));
        let (host, port) = rest
            .rsplit_once(':')
            .map_or((rest, ""), |(host, port)| (host, port));
        let host = brand.host.as_ref().map_or(host, HostName::as_str);
        if port.is_empty() {
            format!("{scheme}://{host}")
        } else {
            format!("{scheme}://{host}:{port}")
        }
    }

    /// Where passkeys of a brand's portal are made and used; none at a bare IP address.
    #[must_use]
    pub fn site_of(&self, brand: &Brand) -> Option<Site> {
        Site::new(&self.address_of(brand), brand.name.as_str())
    }

    /// The same at the desk: at the public address, whatever other names lead to the desk.
    #[must_use]
    pub fn site_of_desk(&self) -> Option<Site> {
        let address = match self.public_url.as_str() {
            "" if self.https => "https://localhost",
            "" => "http://localhost",
            configured => configured,
        };
        Site::new(address, "Countersign desk")
    }
}

#[cfg(test)]
mod tests {
    use super::Settings;
    use countersign_domain::brand::{Brand, HostName, Slug};
    use countersign_domain::contact::AccountName;
    use countersign_domain::ids::BrandId;
    use countersign_domain::time::Timestamp;

    #[test]
    fn the_public_address_is_known_by_its_host_name_whatever_the_port() {
        let is_public = |url: &str, host: &str| {
            let settings = Settings {
                public_url: url.to_owned(),
                ..Settings::default()
            };
            settings.is_public_host(HostName::parse(host).ok().as_ref())
        };
        assert!(is_public("https://pins.example.com", "PINS.example.com"));
        assert!(is_public("http://127.0.0.1:8080", "127.0.0.1"));
        for (url, host) in [
            ("https://pins.example.com", "pins.harbor.example"),
            ("https://pins.example.com", ""),
            ("", "pins.example.com"),
            ("", ""),
        ] {
            assert!(!is_public(url, host), "{host:?} at {url:?}");
        }
    }

    #[test]
    fn a2_a_brands_address_is_the_operators_with_the_brands_host_name() {
        let mut brand = Brand {
            id: BrandId::new(Timestamp::from_micros(0), [1; 10]),
            slug: Slug::parse("harbor").unwrap(),
            name: AccountName::parse("Harbor Hosting").unwrap(),
            host: Some(HostName::parse("pins.harbor.example").unwrap()),
            default_region: None,
            created_at: Timestamp::from_micros(0),
            version: 1,
        };
        let at = |url: &str, brand: &Brand| {
            let settings = Settings {
                public_url: url.to_owned(),
                ..Settings::default()
            };
            settings.address_of(brand)
        };
        assert_eq!(
            at("https://pins.example.com", &brand),
            "https://pins.harbor.example"
        );
        assert_eq!(
            at("http://127.0.0.1:8080", &brand),
            "http://pins.harbor.example:8080"
        );
        assert_eq!(at("", &brand), "http://pins.harbor.example");
        brand.host = None;
        assert_eq!(
            at("https://pins.example.com:8443", &brand),
            "https://pins.example.com:8443"
        );
    }
}
