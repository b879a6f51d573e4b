//! A request that is turned away for want of a key or a right is handed to the evidence (E30, ASVS 16.3).

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use countersign_app::Caller;
use countersign_app::directory::BrandEntry;
use countersign_app::refusals::{self, Refusal};
use countersign_domain::audit::Channel;
use http::{Extensions, StatusCode};

use crate::Web;
use crate::compat::phone_pin;
use crate::error::Problem;

/// Who asks, as far as whoever authenticated them learned it: a place in the request that `around` looks at afterwards.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asker(Arc<OnceLock<Caller>>);

impl Asker {
    /// Notes who asks.
    pub(crate) fn note(extensions: &Extensions, caller: &Caller) {
        if let Some(Self(place)) = extensions.get() {
            // The first stays: who asks is learned once.
            drop(place.set(caller.clone()));
        }
    }
}

/// What of a request is kept for the case that it is turned away.
pub(super) struct Origin {
    pub(super) asker: Asker,
    pub(super) address: IpAddr,
    pub(super) brand: Option<Arc<BrandEntry>>,
    pub(super) surface: Channel,
    pub(super) id: Arc<str>,
}

/// By which way a path is reached.
pub(super) fn surface(path: &str) -> Channel {
    if path.starts_with("/api/") || path.starts_with(phone_pin::BEGINNING) {
        Channel::Api
    } else if path.starts_with("/desk") {
        Channel::Desk
    } else {
        Channel::Portal
    }
}

/// Records the refusal, if the answer is one. A failed sign-in is recorded where it fails, and an agent who is stopped
/// where the try is judged.
pub(super) async fn record(web: &Web, problem: Option<Problem>, origin: Origin) {
    let Some(problem) = problem.filter(is_refusal) else {
        return;
    };
    let refusal = Refusal {
        caller: origin.asker.0.get().cloned(),
        brand: origin.brand,
        address: origin.address,
        surface: origin.surface,
        reason: problem.code,
        permission: problem.missing,
        request_id: origin.id.to_string(),
    };
    if let Err(error) = refusals::record(&web.app, refusal).await {
        tracing::error!(%error, "a refused request could not be recorded");
    }
}

fn is_refusal(problem: &Problem) -> bool {
    matches!(problem.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
        && matches!(
            problem.code,
            "no_key" | "unauthorized" | "missing_permission" | "policy_refuses" | "forbidden"
        )
}
