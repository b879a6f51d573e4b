//! Signing in to the portal and to the desk, and the sessions that follow. A locked PIN has no say here (D8).
//!
//! First the password (`portal`, `desk`), then, where there is a second factor, the second step (`second_step`, `sms_code`);
//! later on a proof anew (`prove`). Staff may come by an identity provider instead of a password (`provider`). Passkeys stand in
//! `passkeys`. A customer's program gets a token where no second factor stands in its way (`token`). Customers and staff walk one way; what differs stands in `second_factor/visitor.rs`.

pub(crate) mod begin;
pub mod desk;
pub(crate) mod known_browser;
pub mod portal;
pub mod prove;
pub mod provider;
pub mod second_step;
pub mod session;
pub mod sms_code;
pub(crate) mod throttle;
pub mod token;

use std::net::IpAddr;

use countersign_domain::factor::sign_in::SetUp;
use countersign_domain::ids::SessionId;
use countersign_domain::time::Timestamp;
use zeroize::Zeroizing;

use crate::passwords::Password;

pub use countersign_store::sessions::Subject;
pub use second_step::Place;
pub(crate) use second_step::digest_of;

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
    /// The token of a remembered device, if the browser sent one (C4).
    pub device: Option<String>,
    /// The request's id.
    pub request_id: Option<String>,
}

/// The token of a session, a half-open sign-in or a remembered device, for its cookie. It cannot be printed by accident.
pub struct SessionToken(Zeroizing<String>);

impl SessionToken {
    pub(crate) const fn new(text: Zeroizing<String>) -> Self {
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
    pub known_browser: Option<SessionToken>,
    /// The session's id.
    pub session: SessionId,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
    /// Whether a second factor is to be set up now.
    pub set_up: SetUp,
    /// The remembered device's new token, where there is one: it takes the place of the one that the browser had.
    pub device: Option<SessionToken>,
    /// For how many days the policy lets a device be remembered.
    pub device_days: u16,
}

/// A sign-in whose second factor is still to come. [`second_step::waiting`] tells what its page shows.
pub struct HalfOpenSignIn {
    /// What the browser keeps until then. Not a session.
    pub token: SessionToken,
    /// When it ends.
    pub expires_at: Timestamp,
    /// What the browser keeps beyond it, because the password was right.
    pub known_browser: Option<SessionToken>,
}

/// What comes after the right password.
pub enum SignInStep {
    /// A session began.
    Done(SignedIn),
    /// The second factor is asked for.
    SecondFactor(HalfOpenSignIn),
}

impl SignInStep {
    /// The same in a browser that is known from now on.
    fn in_known_browser(mut self, kept: SessionToken) -> Self {
        let known_browser = match &mut self {
            Self::Done(signed_in) => &mut signed_in.known_browser,
            Self::SecondFactor(half_open) => &mut half_open.known_browser,
        };
        *known_browser = Some(kept);
        self
    }
}

/// Who was refused, as far as it is known: for the record.
struct Stranger {
    /// The name, as it was typed.
    typed: String,
    address: IpAddr,
    request_id: Option<String>,
}

/// The longest text that is looked at as a token.
const LONGEST_TOKEN: usize = 64;

/// The longest description of a browser that is kept.
const LONGEST_BROWSER: usize = 120;

/// A browser's description, cut to what a list shows.
pub(crate) fn short(browser: &str) -> String {
    browser
        .chars()
        .filter(|character| !character.is_control())
        .take(LONGEST_BROWSER)
        .collect()
}

/// What the first step leaves to what follows.
struct After {
    browser: String,
    device: Option<String>,
    request_id: Option<String>,
}

impl After {
    fn new(browser: &str, device: Option<String>, request_id: Option<String>) -> Self {
        Self {
            browser: short(browser),
            device: device.filter(|token| token.len() <= LONGEST_TOKEN),
            request_id,
        }
    }
}
