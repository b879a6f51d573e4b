//! The id of a request: what the answer, the log and the evidence share.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::Response;
use countersign_app::clock::Entropy;
use http::request::Parts;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue};

use crate::Web;
use crate::error::Problem;
use crate::extract::client_address::is_from_a_proxy;

const NAME: HeaderName = HeaderName::from_static("x-request-id");
/// The longest id that is taken over from a proxy, in bytes.
const LONGEST: usize = 64;

/// The id of a request.
#[derive(Clone, Debug)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// Takes over the id that a listed proxy gave, when it is a plain word; makes one otherwise. What anybody else sends
    /// is nobody's word: it would stand in the log and in the evidence, and one id could stand for many requests.
    pub(crate) fn of(web: &Web, headers: &HeaderMap, extensions: &Extensions) -> Self {
        let given = Some(headers)
            .filter(|_| is_from_a_proxy(extensions, &web.settings.trusted_proxies))
            .and_then(|headers| headers.get(&NAME))
            .and_then(|value| value.to_str().ok())
            .filter(|text| is_plain(text));
        Self(given.map_or_else(|| made(web.app.entropy()), Arc::from))
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn shared(&self) -> Arc<str> {
        self.0.clone()
    }

    pub(crate) fn add_to(&self, response: &mut Response) {
        if let Ok(value) = HeaderValue::from_str(&self.0) {
            response.headers_mut().insert(NAME, value);
        }
    }
}

impl FromRequestParts<Web> for RequestId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Problem> {
        Ok(match parts.extensions.get::<Self>() {
            Some(id) => id.clone(),
            None => Self::of(web, &parts.headers, &parts.extensions),
        })
    }
}

/// A word that can stand in a log line and in the evidence as it is.
fn is_plain(text: &str) -> bool {
    (8..=LONGEST).contains(&text.len())
        && text
            .bytes()
            .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_' | b'.'))
        // Somebody's PIN must not get into the log this way.
        && text.bytes().any(|letter| letter.is_ascii_alphabetic())
}

fn made(entropy: &dyn Entropy) -> Arc<str> {
    let bytes: [u8; 16] = entropy.bytes().unwrap_or_default();
    format!("{:032x}", u128::from_be_bytes(bytes)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_word_is_taken_over() {
        for text in ["4bf92f3577b34da6a3ce929d0e0e4736", "req_0001-a.b"] {
            assert!(is_plain(text), "{text:?}");
        }
        let long = "a".repeat(65);
        for text in [
            "",
            "short",
            "a b c d e f",
            "line\nbreak-in-it",
            "482913482913",
            "<script>alert",
            &long,
        ] {
            assert!(!is_plain(text), "{text:?}");
        }
    }
}
