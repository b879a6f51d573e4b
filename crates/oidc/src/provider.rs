//! A provider: where browsers are sent, and what their codes are worth.

use std::fmt;
use std::ops::Deref as _;
use std::sync::Arc;

use countersign_app::sign_in::provider::{
    Asking, Claims, Handshake, IdentityProvider, ProviderAnswer, ProviderError,
};
use countersign_domain::federation::Authentication;
use countersign_domain::time::Timestamp;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClientAuthMethod, CoreErrorResponseType,
    CoreGenderClaim, CoreIdTokenVerifier, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm, CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse,
    CoreTokenType,
};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, AuthType, AuthorizationCode, ClaimsVerificationError, Client,
    ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    IdTokenClaims, IdTokenFields, IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, StandardErrorResponse, StandardTokenResponse,
    TokenResponse as _,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::discovery::{Discovery, KEPT, KEYS_AGAIN, Metadata};
use crate::http::{Http, HttpError};
use crate::{Settings, SettingsError};

/// The algorithms that may sign a token: asymmetric ones, whatever a provider or a token says. Never `none`, and never one
/// with a shared secret, with which a public key could be taken for it (T32).
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];
/// A token is used at once: one that was made longer ago was not made for this sign-in.
const OLDEST_TOKEN_SECONDS: i64 = 600;
/// So much may the provider's clock be ahead of ours.
const CLOCKS_DIFFER_SECONDS: i64 = 60;
/// The longest of a provider's own words in our log.
const LONGEST_WORD: usize = 200;

/// Every claim of a token.
#[derive(Debug, Deserialize, Serialize)]
struct Everything(Map<String, Value>);

impl AdditionalClaims for Everything {}

type Tokens = StandardTokenResponse<
    IdTokenFields<
        Everything,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

type OurClient = Client<
    Everything,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// An identity provider that is asked over HTTP.
pub struct Provider {
    settings: Settings,
    issuer: IssuerUrl,
    redirect: RedirectUrl,
    discovery: Discovery,
    http: Http,
}

/// What could be better about a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice(pub String);

impl fmt::Debug for Provider {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Provider").field(&self.settings).finish()
    }
}

impl Provider {
    /// A provider of these settings. Nothing is asked yet.
    ///
    /// # Errors
    /// [`SettingsError`] when an address is none.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        let issuer = IssuerUrl::new(settings.issuer.clone())
            .map_err(|error| SettingsError(format!("{:?} is no address: {error}", settings.issuer)))?;
        let redirect = RedirectUrl::new(settings.redirect_url.clone())
            .map_err(|error| SettingsError(format!("{:?} is no address: {error}", settings.redirect_url)))?;
        Ok(Self {
            discovery: Discovery::new(issuer.clone()),
            http: Http::new()?,
            issuer,
            redirect,
            settings,
        })
    }

    /// Looks at what the provider says of itself, for `doctor`.
    ///
    /// # Errors
    /// [`ProviderError::Unreachable`].
    pub async fn examine(&self) -> Result<Vec<Advice>, ProviderError> {
        let metadata = self.discovery.get(&self.http, KEPT).await?;
        let mut advice = Vec::new();
        let mut say = |text: &str| advice.push(Advice(text.to_owned()));
        let pkce = metadata
            .additional_metadata()
            .code_challenge_methods_supported
            .as_ref();
        if pkce.is_none_or(|ways| !ways.iter().any(|way| way == "S256")) {
            say("it does not say that it keeps PKCE with S256");
        }
        let signs = metadata.id_token_signing_alg_values_supported();
        if !signs.iter().any(|algorithm| ALGORITHMS.contains(algorithm)) {
            say("it signs by none of the algorithms that are taken (RS, PS, ES, EdDSA)");
        }
        if metadata.token_endpoint().is_none() {
            say("it names no token endpoint: nobody can sign in");
        }
        Ok(advice)
    }

    fn client(&self, metadata: &Metadata) -> OurClient {
        let client = OurClient::from_provider_metadata(
            metadata.clone(),
            ClientId::new(self.settings.client_id.clone()),
            Some(ClientSecret::new(self.settings.client_secret.clone())),
        )
        .set_redirect_uri(self.redirect.clone());
        let ways = metadata.token_endpoint_auth_methods_supported();
        let takes = |way: &CoreClientAuthMethod| ways.is_none_or(|ways| ways.contains(way));
        if takes(&CoreClientAuthMethod::ClientSecretBasic) {
            client.set_auth_type(AuthType::BasicAuth)
        } else {
            client.set_auth_type(AuthType::RequestBody)
        }
    }

    async fn address_of(&self, handshake: &Handshake) -> Result<String, ProviderError> {
        let metadata = self.discovery.get(&self.http, KEPT).await?;
        if !crate::is_protected(metadata.authorization_endpoint().as_str()) {
            return Err(ProviderError::Unreachable(HttpError::Unprotected.to_string()));
        }
        let client = self.client(&metadata);
        let (state, nonce) = (handshake.state.to_string(), handshake.nonce.to_string());
        let verifier = PkceCodeVerifier::new(handshake.verifier.to_string());
        let request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_scopes(self.settings.scopes.iter().cloned().map(Scope::new));
        let (address, _, _) = request.url();
        Ok(address.into())
    }

    async fn claims_of(&self, answer: &ProviderAnswer, now: Timestamp) -> Result<Claims, ProviderError> {
        let mut metadata = self.discovery.get(&self.http, KEPT).await?;
        self.must_be_the_one_who_answered(&metadata, answer.issuer.as_deref())?;
        let tokens = self
            .client(&metadata)
            .exchange_code(AuthorizationCode::new(answer.code.to_string()))
            .map_err(|error| ProviderError::Unreachable(error.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(answer.verifier.to_string()))
            .request_async(&self.http)
            .await
            .map_err(code_refused)?;
        let nonce = Nonce::new(answer.nonce.to_string());
        let mut read = self.verified(&tokens, &metadata, &nonce, now);
        if matches!(read, Err(ClaimsVerificationError::SignatureVerification(_))) {
            // The provider may have new keys since it was asked last.
            let newer = self.discovery.get(&self.http, KEYS_AGAIN).await?;
            if !Arc::ptr_eq(&newer, &metadata) {
                metadata = newer;
                read = self.verified(&tokens, &metadata, &nonce, now);
            }
        }
        read.map_err(|error| ProviderError::NotTrusted(explained(&error)))
    }

    /// Whoever answered must be who was asked: otherwise a code of one provider would be handed to another (mix-up).
    fn must_be_the_one_who_answered(
        &self,
        metadata: &Metadata,
        issuer: Option<&str>,
    ) -> Result<(), ProviderError> {
        let always_says = metadata
            .additional_metadata()
            .authorization_response_iss_parameter_supported;
        match issuer {
            Some(issuer) if issuer == self.settings.issuer => Ok(()),
            None if !always_says => Ok(()),
            Some(_) => Err(ProviderError::NotTrusted("another issuer answered".to_owned())),
            None => Err(ProviderError::NotTrusted("the answer names no issuer".to_owned())),
        }
    }

    fn verified(
        &self,
        tokens: &Tokens,
        metadata: &Metadata,
        nonce: &Nonce,
        now: Timestamp,
    ) -> Result<Claims, ClaimsVerificationError> {
        let other = |text: &str| ClaimsVerificationError::Other(text.to_owned());
        let token = tokens.id_token().ok_or_else(|| other("there is no ID token"))?;
        let seconds = now.micros().div_euclid(1_000_000);
        let moment =
            chrono::DateTime::from_timestamp(seconds, 0).ok_or_else(|| other("our clock shows no time"))?;
        // As a public client's: there is no shared secret by which anything could be taken for signed.
        let verifier = CoreIdTokenVerifier::new_public_client(
            ClientId::new(self.settings.client_id.clone()),
            self.issuer.clone(),
            metadata.jwks().clone(),
        )
        .set_allowed_algs(ALGORITHMS)
        .set_time_fn(move || moment)
        .set_issue_time_verifier_fn(move |issued| {
            let age = seconds - issued.timestamp();
            if (-CLOCKS_DIFFER_SECONDS..=OLDEST_TOKEN_SECONDS).contains(&age) {
                Ok(())
            } else {
                Err(format!("it was made {age} seconds ago by our clock"))
            }
        });
        let claims = token.claims(&verifier, nonce)?;
        // The library leaves this to us.
        if claims
            .authorized_party()
            .is_some_and(|party| **party != self.settings.client_id)
        {
            return Err(other("it was made for another party"));
        }
        if let Some(expected) = claims.access_token_hash() {
            let signed = ClaimsVerificationError::SignatureVerification;
            let (algorithm, key) = (
                token.signing_alg().map_err(signed)?,
                token.signing_key(&verifier).map_err(signed)?,
            );
            let actual = AccessTokenHash::from_token(tokens.access_token(), algorithm, key)
                .map_err(|_| other("the hash of its access token cannot be made"))?;
            if actual != *expected {
                return Err(other("it belongs to another access token"));
            }
        }
        Ok(self.taken(claims))
    }

    /// What is taken from a token that was checked.
    fn taken(&self, claims: &IdTokenClaims<Everything, CoreGenderClaim>) -> Claims {
        let methods = claims.auth_method_refs().map_or_else(Vec::new, |methods| {
            methods.iter().map(|method| method.deref().clone()).collect()
        });
        let verified = claims.email_verified() == Some(true);
        Claims {
            subject: claims.subject().as_str().to_owned(),
            roles: values(&claims.additional_claims().0, &self.settings.role_claim),
            name: claims
                .name()
                .and_then(|name| name.get(None))
                .map(|name| name.as_str().to_owned()),
            username: claims.preferred_username().map(|name| name.as_str().to_owned()),
            email: claims
                .email()
                .filter(|_| verified)
                .map(|email| email.as_str().to_owned()),
            authentication: Authentication {
                methods,
                class: claims.auth_context_ref().map(|class| class.deref().clone()),
            },
        }
    }
}

impl IdentityProvider for Provider {
    fn address<'a>(&'a self, handshake: &'a Handshake) -> Asking<'a, String> {
        Box::pin(self.address_of(handshake))
    }

    fn redeem<'a>(&'a self, answer: &'a ProviderAnswer, now: Timestamp) -> Asking<'a, Claims> {
        Box::pin(self.claims_of(answer, now))
    }
}

/// The texts of a claim: a text or a list of them; nothing else counts. `a.b` is the claim of that very name, or else the
/// part `b` of the claim `a`.
fn values(claims: &Map<String, Value>, name: &str) -> Vec<String> {
    let found = claims.get(name).or_else(|| {
        let mut parts = name.split('.');
        let first = claims.get(parts.next()?)?;
        parts.try_fold(first, |value, part| value.get(part))
    });
    match found {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn code_refused(
    error: RequestTokenError<HttpError, StandardErrorResponse<CoreErrorResponseType>>,
) -> ProviderError {
    match error {
        RequestTokenError::ServerResponse(said) => {
            let text: String = said.to_string().chars().take(LONGEST_WORD).collect();
            match said.error() {
                CoreErrorResponseType::InvalidGrant => ProviderError::CodeRefused(text),
                // Its operator or ours has to do something: the client is not known there, or not with this secret.
                _ => ProviderError::Unreachable(format!("it answers {text}")),
            }
        }
        RequestTokenError::Request(cause) => ProviderError::Unreachable(cause.to_string()),
        RequestTokenError::Parse(cause, _) => {
            ProviderError::NotTrusted(format!("its tokens cannot be read, at {}", cause.path()))
        }
        RequestTokenError::Other(text) => ProviderError::Unreachable(text),
    }
}

fn explained(error: &ClaimsVerificationError) -> String {
    match error {
        ClaimsVerificationError::SignatureVerification(cause) => format!("the signature: {cause}"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::values;
    use serde_json::json;

    #[test]
    fn roles_are_read_from_a_text_a_list_or_a_part_and_from_nothing_else() {
        let claims = json!({
            "one": "support",
            "groups": ["support", 7, null, "leads", ["nested"]],
            "realm_access": { "roles": ["support"] },
            "https://example.com/roles": ["leads"],
            "a.b": "exact",
            "a": { "b": "part" },
            "yes": true,
        });
        let claims = claims.as_object().unwrap();
        for (name, expected) in [
            ("one", &["support"][..]),
            ("groups", &["support", "leads"]),
            ("realm_access.roles", &["support"]),
            ("https://example.com/roles", &["leads"]),
            ("a.b", &["exact"]),
            ("yes", &[]),
            ("realm_access", &[]),
            ("realm_access.none", &[]),
            ("absent", &[]),
            ("", &[]),
        ] {
            assert_eq!(values(claims, name), expected, "{name}");
        }
    }
}
