//! Signing in to the portal and to the desk, and the sessions that follow. A locked PIN has no say here (D8).

pub mod desk;
pub(crate) mod known_browser;
pub mod portal;
pub mod session;
pub(crate) mod throttle;

use std::net::IpAddr;

use countersign_domain::ids::SessionId;
use countersign_domain::time::Timestamp;
use zeroize::Zeroizing;

use crate::passwords::Password;

/// What is submitted.
pub struct SignIn {
    /// The name, as it was typed.
    pub username: String,
    /// The password.
    pub password: Password,
    /// What an earlier sign-in left in this browser, if anything.
    pub known_browser: Option<String>,
    /// Where the request came from.
    pub address: IpAddr,
    /// The browser, in words.
    pub browser: String,
    /// The request's id.
    pub request_id: Option<String>,
}

/// A token for a cookie. It cannot be printed by accident.
pub struct SessionToken(Zeroizing<String>);

impl SessionToken {
    pub(crate) fn new(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    /// The token's text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// A session that began.
pub struct SignedIn {
    /// What the browser keeps.
    pub token: SessionToken,
    /// What the browser keeps beyond the session, so that it is known at the next sign-in.
    pub known_browser: SessionToken,
    /// The session's id.
    pub session: SessionId,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
}

/// The longest description of a browser that is kept.
const LONGEST_BROWSER: usize = 120;

/// A browser's description, cut to what a list shows.
fn short(browser: &str) -> String {
    browser
        .chars()
        .filter(|character| !character.is_control())
        .take(LONGEST_BROWSER)
        .collect()
}
