//! What a provider says of itself (OpenID Connect Discovery), and its keys: asked for when needed, kept for a while.

use std::sync::Arc;
use std::time::Duration;

use countersign_app::sign_in::provider::ProviderError;
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType,
    CoreSubjectIdentifierType,
};
use openidconnect::{AdditionalProviderMetadata, DiscoveryError, IssuerUrl, ProviderMetadata};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::http::{Http, HttpError};

/// For how long a description is believed before it is asked for anew.
pub(crate) const KEPT: Duration = Duration::from_secs(300);
/// Keys that do not fit are asked for anew, but not more often than this: a stranger's tokens must not make us ask.
pub(crate) const KEYS_AGAIN: Duration = Duration::from_secs(10);
/// A provider that failed is left alone for so long: many who wait for it wait once.
const FAILED_FOR: Duration = Duration::from_secs(2);

/// What is read of a description beyond what the library knows.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct More {
    /// Whether each answer says who answered (RFC 9207).
    #[serde(default)]
    pub(crate) authorization_response_iss_parameter_supported: bool,
    /// The ways of PKCE.
    #[serde(default)]
    pub(crate) code_challenge_methods_supported: Option<Vec<String>>,
}

impl AdditionalProviderMetadata for More {}

/// A description with its keys.
pub(crate) type Metadata = ProviderMetadata<
    More,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

enum State {
    Unknown,
    Known(Arc<Metadata>, Instant),
    Failed(String, Instant),
}

/// Asks for the description, and keeps it.
pub(crate) struct Discovery {
    issuer: IssuerUrl,
    state: Mutex<State>,
}

impl Discovery {
    pub(crate) fn new(issuer: IssuerUrl) -> Self {
        Self {
            issuer,
            state: Mutex::new(State::Unknown),
        }
    }

    /// The description, at most so old. Whoever asks meanwhile waits for the same answer.
    pub(crate) async fn get(&self, http: &Http, at_most: Duration) -> Result<Arc<Metadata>, ProviderError> {
        let mut state = self.state.lock().await;
        match &*state {
            State::Known(known, at) if at.elapsed() < at_most => return Ok(known.clone()),
            State::Failed(why, at) if at.elapsed() < FAILED_FOR => {
                return Err(ProviderError::Unreachable(why.clone()));
            }
            State::Known(..) | State::Failed(..) | State::Unknown => {}
        }
        // The library refuses a description that names another issuer than the one that was asked.
        match Metadata::discover_async(self.issuer.clone(), http).await {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                *state = State::Known(metadata.clone(), Instant::now());
                Ok(metadata)
            }
            Err(error) => {
                let why = explained(&error);
                *state = State::Failed(why.clone(), Instant::now());
                Err(ProviderError::Unreachable(why))
            }
        }
    }
}

fn explained(error: &DiscoveryError<HttpError>) -> String {
    match error {
        DiscoveryError::Request(cause) => format!("its description: {cause}"),
        DiscoveryError::Parse(cause) => format!("its description cannot be read: {cause}"),
        DiscoveryError::Response(_, _, what) => format!("its description: {what}"),
        other => format!("its description: {other}"),
    }
}
