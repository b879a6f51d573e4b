//! Signing in to the desk by an identity provider.

use askama::Template;
use countersign_app::sign_in::provider::Refused;

use super::layout::Layout;

/// The way to the provider: the browser goes on by itself, and whoever sees this page reads where to.
#[derive(Template)]
#[template(path = "desk/leaving.html")]
pub struct DeskLeaving {
    /// The frame.
    pub layout: Layout,
    /// What the provider is called.
    pub name: String,
    /// The address there.
    pub address: String,
}

/// Why the provider's way did not lead in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProviderProblem(Refused);

impl ProviderProblem {
    /// The problem of a refusal.
    #[must_use]
    pub const fn of(refused: Refused) -> Self {
        Self(refused)
    }

    /// The sentence that says what happened and what to do; it names the provider.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self.0 {
            Refused::Stale => "desk-provider-stale",
            Refused::Cancelled => "desk-provider-cancelled",
            Refused::Unreachable => "desk-provider-unreachable",
            Refused::NotTrusted => "desk-provider-not-trusted",
            Refused::NoRole => "desk-provider-no-role",
            Refused::Disabled => "desk-provider-disabled",
        }
    }
}
