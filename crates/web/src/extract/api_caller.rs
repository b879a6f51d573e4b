//! Which program asks: `Authorization: Bearer csk_…` (RFC 6750, section 2.1).

use axum::extract::FromRequestParts;
use countersign_app::Caller;
use countersign_app::api_clients::authenticate::authenticate;
use countersign_domain::access::Actor;
use countersign_domain::audit::Channel;
use http::header;
use http::request::Parts;

use super::request_id::RequestId;
use crate::Web;
use crate::around::Asker;
use crate::error::Problem;

/// A program whose key is known, at the brand of the key.
#[derive(Clone, Debug)]
pub struct ApiCaller(pub Caller);

impl FromRequestParts<Web> for ApiCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Problem> {
        let key = bearer(parts).ok_or_else(|| {
            Problem::unauthorized("send the header \"Authorization: Bearer csk_…\" with an API key")
        })?;
        let (client, brand) = authenticate(&web.app, key)
            .await?
            .ok_or_else(|| Problem::unauthorized("this API key is not known here, or was disabled"))?;
        let request_id = RequestId::from_request_parts(parts, web).await?;
        let caller = Caller {
            actor: Actor::ApiClient {
                id: client.id,
                scopes: client.scopes.clone(),
            },
            brand,
            surface: Channel::Api,
            request_id: Some(request_id.as_str().to_owned()),
        };
        Asker::note(&parts.extensions, &caller);
        Ok(Self(caller))
    }
}

/// The key, when exactly one is sent.
fn bearer(parts: &Parts) -> Option<&str> {
    let mut sent = parts.headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (sent.next(), sent.next()) else {
        return None;
    };
    let (scheme, key) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}
