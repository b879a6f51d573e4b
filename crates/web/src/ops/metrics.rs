//! What is counted, in the text form of OpenMetrics. No label names a customer, an agent or a number.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use countersign_app::App;
use http::{StatusCode, header};
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use crate::Web;
use crate::error::Problem;

/// The bounds of the buckets of durations, in seconds.
const BOUNDS: [f64; 12] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0,
];

/// The counters of one server.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Histogram, fn() -> Histogram>,
    verifications: Family<VerificationLabels, Counter<u64, AtomicU64>>,
    lockouts: Counter<u64, AtomicU64>,
    budget_alarms: Family<BudgetLabels, Counter<u64, AtomicU64>>,
    messages: Family<MessageLabels, Counter<u64, AtomicU64>>,
    machine_ahead: Gauge<f64, AtomicU64>,
    not_followed: Gauge<f64, AtomicU64>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Metrics").finish_non_exhaustive()
    }
}

#[derive(Clone, Debug, Eq, Hash, PartialEq, EncodeLabelSet)]
struct RequestLabels {
    route: String,
    status: u16,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq, EncodeLabelSet)]
struct VerificationLabels {
    method: &'static str,
    result: &'static str,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq, EncodeLabelSet)]
struct BudgetLabels {
    budget: &'static str,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq, EncodeLabelSet)]
struct MessageLabels {
    channel: &'static str,
    gateway: String,
    outcome: &'static str,
}

impl Metrics {
    /// Counters that start at zero.
    #[must_use]
    pub fn new() -> Self {
        let requests: Family<RequestLabels, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(BOUNDS));
        let verifications = Family::default();
        let mut registry = Registry::with_prefix("countersign");
        registry.register(
            "http_request_duration_seconds",
            "How long requests took, by the template of their address and their status",
            requests.clone(),
        );
        registry.register(
            "verifications",
            "Verifications by method and result",
            verifications.clone(),
        );
        let lockouts = Counter::default();
        registry.register(
            "lockouts",
            "Support PINs that wrong tries locked",
            lockouts.clone(),
        );
        let budget_alarms = Family::default();
        registry.register(
            "budget_alarms",
            "Budgets of wrong PINs that this process found spent, a program's or a brand's",
            budget_alarms.clone(),
        );
        let messages = Family::default();
        registry.register(
            "messages",
            "What became of messages, by channel and gateway: one count for each try, and one for each report",
            messages.clone(),
        );
        let (machine_ahead, not_followed) = (Gauge::default(), Gauge::default());
        registry.register(
            "clock_machine_ahead_seconds",
            "By how much this machine's clock is ahead of the time that counts",
            machine_ahead.clone(),
        );
        registry.register(
            "clock_not_followed_seconds",
            "By how much the judge's clock is ahead of the time that counts and is not followed",
            not_followed.clone(),
        );
        registry.register(
            "build",
            "What is running",
            Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]),
        );
        Self {
            registry,
            requests,
            verifications,
            lockouts,
            budget_alarms,
            messages,
            machine_ahead,
            not_followed,
        }
    }

    /// Takes over what the use cases counted, whatever the way in: the API, the desk, and what comes later.
    fn take_over(&self, app: &App) {
        for (verdict, count) in app.verdicts() {
            let labels = VerificationLabels {
                method: "support_pin",
                result: verdict.name(),
            };
            let counter = self.verifications.get_or_create(&labels);
            counter.inner().store(count, Ordering::Relaxed);
        }
        self.lockouts.inner().store(app.locks(), Ordering::Relaxed);
        let (clients, brands) = app.budgets().alarms();
        for (budget, count) in [("client", clients), ("brand", brands)] {
            let counter = self.budget_alarms.get_or_create(&BudgetLabels { budget });
            counter.inner().store(count, Ordering::Relaxed);
        }
        for (channel, gateway, outcome, count) in app.deliveries().all() {
            let labels = MessageLabels {
                channel,
                gateway,
                outcome,
            };
            let counter = self.messages.get_or_create(&labels);
            counter.inner().store(count, Ordering::Relaxed);
        }
        if let Some(standing) = app.clock_standing() {
            self.machine_ahead.set(seconds(standing.machine_ahead));
            self.not_followed.set(seconds(standing.not_followed));
        }
    }

    pub(crate) fn request(&self, route: &str, status: StatusCode, seconds: f64) {
        let labels = RequestLabels {
            route: route.to_owned(),
            status: status.as_u16(),
        };
        self.requests.get_or_create(&labels).observe(seconds);
    }
}

/// Microseconds as seconds. What does not fit 24 days is cut to that: it is an alarm anyway.
fn seconds(micros: i64) -> f64 {
    let most = i64::from(i32::MAX);
    let millis = (micros / 1_000).clamp(-most, most);
    f64::from(i32::try_from(millis).unwrap_or_default()) / 1_000.0
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

/// The address.
pub(crate) fn routes() -> Router<Web> {
    Router::new().route("/metrics", get(show))
}

async fn show(State(web): State<Web>) -> Response {
    web.metrics.take_over(&web.app);
    let mut body = String::new();
    match text::encode(&mut body, &web.metrics.registry) {
        Ok(()) => (
            [(
                header::CONTENT_TYPE,
                "application/openmetrics-text; version=1.0.0; charset=utf-8",
            )],
            body,
        )
            .into_response(),
        Err(_) => Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR).into_response(),
    }
}
