//! `Idempotency-Key`: a request sent twice acts once.

use axum::extract::FromRequestParts;
use countersign_app::idempotency::IdempotencyKey;
use http::HeaderName;
use http::request::Parts;
use zeroize::Zeroizing;

use crate::Web;
use crate::error::{PartProblem, Problem};

const NAME: HeaderName = HeaderName::from_static("idempotency-key");

/// The caller's key for a request that has no body. One with a body takes it with [`super::Json`].
pub struct Key(pub Option<IdempotencyKey>);

impl FromRequestParts<Web> for Key {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Web) -> Result<Self, Problem> {
        key(parts, &[]).map(Self)
    }
}

/// The caller's key for this request; what the request is: its method, path with query, and body.
pub(super) fn key(parts: &Parts, body: &[u8]) -> Result<Option<IdempotencyKey>, Problem> {
    let mut sent = parts.headers.get_all(&NAME).iter();
    let Some(value) = sent.next() else {
        return Ok(None);
    };
    if sent.next().is_some() {
        return Err(unusable("send it once"));
    }
    let text = value
        .to_str()
        .map_err(|_| unusable("send printable ASCII characters"))?;
    let path = parts.uri.path();
    let query = parts.uri.query().unwrap_or_default();
    // All of it at once: a buffer that grows would leave an unwiped copy behind.
    let room = parts.method.as_str().len() + path.len() + query.len() + body.len() + 3;
    let mut request = Zeroizing::new(Vec::with_capacity(room));
    request.extend_from_slice(parts.method.as_str().as_bytes());
    request.push(b' ');
    request.extend_from_slice(path.as_bytes());
    if parts.uri.query().is_some() {
        request.push(b'?');
        request.extend_from_slice(query.as_bytes());
    }
    request.push(b'\n');
    request.extend_from_slice(body);
    Ok(Some(IdempotencyKey::new(text, request)?))
}

fn unusable(detail: &'static str) -> Problem {
    Problem::unusable(PartProblem::of("Idempotency-Key", detail))
}
