//! Signing in to the desk by an identity provider (OpenID Connect), beside the password.
//!
//! `begin` sends the browser to the provider, `finish` takes what it brings back, `member` makes or updates the member of
//! staff. Asking the provider is somebody else's work ([`IdentityProvider`]) and never stands inside a write.

mod begin;
mod finish;
mod member;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use countersign_domain::federation::{Authentication, RoleMap, SecondFactorTrust};
use countersign_domain::time::Timestamp;
use countersign_vault::Place;
use zeroize::Zeroizing;

pub use begin::{Begun, begin};
pub use finish::{Callback, Finished, Refused, finish};

/// An identity provider, and what its word gives.
pub struct Federation {
    /// What staff call it: the name on the button.
    pub name: String,
    /// Who it says that it is, exactly.
    pub issuer: String,
    /// What its claims give.
    pub roles: RoleMap,
    /// When its word counts as a second factor.
    pub second_factor: SecondFactorTrust,
    /// The classes of authentication (`acr`) that count as a second factor.
    pub classes: Vec<String>,
    /// The way to it.
    pub provider: Arc<dyn IdentityProvider>,
}

impl fmt::Debug for Federation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Federation")
            .field("name", &self.name)
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

/// The secrets of one sign-in at a provider. They cannot be printed.
pub struct Handshake {
    /// Comes back in the address; what it stands for is in the database.
    pub state: Zeroizing<String>,
    /// Comes back inside the token.
    pub nonce: Zeroizing<String>,
    /// Never leaves the server before the code is redeemed; the provider knows its digest (PKCE, S256).
    pub verifier: Zeroizing<String>,
}

/// What the browser brought back, with the secrets that it has to fit to.
pub struct ProviderAnswer {
    /// The code.
    pub code: Zeroizing<String>,
    /// Who answered, as the answer says (RFC 9207).
    pub issuer: Option<String>,
    /// The nonce that the token has to carry.
    pub nonce: Zeroizing<String>,
    /// What proves that the code was asked for by us.
    pub verifier: Zeroizing<String>,
}

/// What a token says that was checked through and through.
#[derive(Clone, Default)]
pub struct Claims {
    /// Who, for this issuer.
    pub subject: String,
    /// The values of the claim that gives roles.
    pub roles: Vec<String>,
    /// Their name.
    pub name: Option<String>,
    /// What they sign in with there.
    pub username: Option<String>,
    /// Their address, where the provider has verified it. For notices, never to find anybody by.
    pub email: Option<String>,
    /// How they proved themselves.
    pub authentication: Authentication,
}

/// Why a provider's word cannot be had, or cannot be taken. The texts are for the log.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// It does not answer, or not in a way that can be used.
    #[error("the identity provider cannot be used: {0}")]
    Unreachable(String),
    /// It does not take the code.
    #[error("the identity provider does not take the code: {0}")]
    CodeRefused(String),
    /// The answer is not believed.
    #[error("the answer in the identity provider's name is not believed: {0}")]
    NotTrusted(String),
}

/// The answer that a provider owes.
pub type Asking<'a, T> = Pin<Box<dyn Future<Output = Result<T, ProviderError>> + Send + 'a>>;

/// The way to an identity provider.
pub trait IdentityProvider: Send + Sync {
    /// The address at the provider to which the browser goes.
    fn address<'a>(&'a self, handshake: &'a Handshake) -> Asking<'a, String>;

    /// Redeems a code and checks the token: signature by a fixed list of algorithms, issuer, audience, nonce, and the times
    /// at `now`.
    fn redeem<'a>(&'a self, answer: &'a ProviderAnswer, now: Timestamp) -> Asking<'a, Claims>;
}

/// Where nonce and verifier are sealed: in the row of this state and nowhere else.
fn place(row: &str) -> Place<'_> {
    Place {
        brand: None,
        row,
        field: "provider_sign_in",
        version: 1,
    }
}

/// A digest as the name of its row.
fn row_name(digest: &[u8; 32]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
