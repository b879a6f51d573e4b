//! An identity provider on a socket of its own that says whatever the test wants.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Form, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::keys::{Keys, base64url};

pub(crate) const CLIENT: &str = "countersign";
pub(crate) const SECRET: &str = "a secret of the client";

/// What it says and what it heard.
#[derive(Default)]
pub(crate) struct Script {
    /// In the place of its own name in its description.
    pub(crate) other_issuer: Option<String>,
    /// Whether it says that each answer names it.
    pub(crate) names_itself: bool,
    /// The answer to a code; none refuses it.
    pub(crate) id_token: Option<String>,
    /// The challenge with which the code was asked for.
    pub(crate) challenge: String,
    /// Further codes, each with its challenge and its token: for sign-ins at one moment.
    pub(crate) codes: BTreeMap<String, (String, String)>,
    /// In the place of tokens: another address.
    pub(crate) redirects_to: Option<String>,
    /// How often a code was handed in.
    pub(crate) redeemed: usize,
    /// How often its keys were asked for.
    pub(crate) keys_asked: usize,
    /// How often something was asked that nobody should.
    pub(crate) lured: usize,
    /// The keys that it publishes.
    pub(crate) published: Value,
}

/// The provider.
pub(crate) struct Liar {
    pub(crate) issuer: String,
    pub(crate) keys: Keys,
    script: Shared,
}

type Shared = Arc<Mutex<Script>>;

fn open(script: &Shared) -> MutexGuard<'_, Script> {
    script.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Liar {
    /// Starts one on a free port.
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))
            .await
            .unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let keys = Keys::new();
        let script = Shared::default();
        open(&script).published = keys.published();
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(description))
            .route("/keys", get(published))
            .route("/token", post(token))
            .route("/lure", get(lure).post(lure))
            .with_state((issuer.clone(), script.clone()));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { issuer, keys, script }
    }

    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        open(&self.script)
    }
}

type Us = (String, Shared);

async fn description(State((issuer, script)): State<Us>) -> Json<Value> {
    let script = open(&script);
    Json(json!({
        "issuer": script.other_issuer.as_ref().unwrap_or(&issuer),
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        // A liar offers everything; what is taken is ours to say.
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": script.names_itself,
    }))
}

async fn published(State((_, script)): State<Us>) -> Json<Value> {
    let mut script = open(&script);
    script.keys_asked += 1;
    Json(script.published.clone())
}

async fn token(
    State((_, script)): State<Us>,
    headers: HeaderMap,
    Form(form): Form<Vec<(String, String)>>,
) -> Response {
    let mut script = open(&script);
    script.redeemed += 1;
    if let Some(elsewhere) = &script.redirects_to {
        return (
            StatusCode::TEMPORARY_REDIRECT,
            [(header::LOCATION, elsewhere.clone())],
        )
            .into_response();
    }
    let field = |name: &str| {
        form.iter()
            .find(|(field, _)| field == name)
            .map_or("", |(_, text)| text.as_str())
    };
    // Both parts are form-encoded before they are joined (RFC 6749, 2.3.1).
    let known = STANDARD.encode(format!("{CLIENT}:{}", SECRET.replace(' ', "+")));
    let is_client = headers
        .get(header::AUTHORIZATION)
        .is_some_and(|value| *value == format!("Basic {known}"));
    let (challenge, id_token) = match script.codes.get(field("code")) {
        Some((challenge, id_token)) => (challenge, Some(id_token)),
        None => (
            &script.challenge,
            script.id_token.as_ref().filter(|_| field("code") == "the-code"),
        ),
    };
    let proves = base64url(Sha256::digest(field("code_verifier"))) == *challenge;
    let fits = is_client && proves && field("grant_type") == "authorization_code";
    match id_token {
        Some(id_token) if fits => Json(json!({
            "access_token": "an access token",
            "token_type": "Bearer",
            "expires_in": 60,
            "id_token": id_token,
        }))
        .into_response(),
        _ => (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response(),
    }
}

async fn lure(State((_, script)): State<Us>) -> Json<Value> {
    open(&script).lured += 1;
    Json(json!({}))
}
