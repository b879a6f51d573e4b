//! OpenID Connect: asks an identity provider who a member of staff is.
//!
//! The use cases (`countersign-app`, `sign_in/provider`) know a provider as [`IdentityProvider`](countersign_app::sign_in::provider::IdentityProvider); this crate is the one
//! behind it that speaks HTTP. The checks of tokens are the library `openidconnect`'s; what it leaves to its user stands in
//! `provider.rs`: a fixed list of algorithms, the authorised party, the age of a token, and who answered (RFC 9207).
//!
//! Reading order: [`Settings`], `provider.rs`, `discovery.rs`, `http.rs`.

mod discovery;
mod http;
mod provider;

use std::fmt;

pub use provider::{Advice, Provider};

/// How a provider is asked.
#[derive(Clone)]
pub struct Settings {
    /// Its address, exactly as its own description gives it.
    pub issuer: String,
    /// What it knows us by.
    pub client_id: String,
    /// What proves that it is us.
    pub client_secret: String,
    /// Where it sends browsers back to.
    pub redirect_url: String,
    /// What is asked for, besides `openid`.
    pub scopes: Vec<String>,
    /// The claim that gives roles: its name, or a path with dots.
    pub role_claim: String,
}

impl fmt::Debug for Settings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Settings")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// Why there is no provider of these settings.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SettingsError(String);

/// Whether an address may be asked: by TLS, or on this machine.
#[must_use]
pub fn is_protected(address: &str) -> bool {
    let loopback = ["127.0.0.1", "localhost", "[::1]"];
    address.starts_with("https://")
        || address.strip_prefix("http://").is_some_and(|rest| {
            let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
            let host = match authority.rsplit_once(':') {
                Some((host, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => host,
                _ => authority,
            };
            loopback.contains(&host)
        })
}

#[cfg(test)]
mod tests {
    use super::is_protected;

    #[test]
    fn only_tls_or_this_machine_is_asked() {
        for good in [
            "https://id.example.com",
            "http://127.0.0.1:9000/x",
            "http://localhost",
            "http://[::1]:80/",
        ] {
            assert!(is_protected(good), "{good}");
        }
        for bad in [
            "http://id.example.com",
            "http://localhost.example.com",
            "http://127.0.0.1@evil.example/",
            "http://127.0.0.1:x@evil.example",
            "ftp://127.0.0.1",
            "",
        ] {
            assert!(!is_protected(bad), "{bad}");
        }
    }
}
