//! Who asks: the header `X-Auth-Token`, which carries a person's token or an API client's key.

use std::marker::PhantomData;
use std::ops::Deref;

use axum::extract::FromRequestParts;
use countersign_app::Caller;
use countersign_app::api_clients::KEY_PREFIX;
use countersign_app::api_clients::authenticate::authenticate;
use countersign_app::sign_in::token::{self, TokenSession};
use countersign_domain::access::Actor;
use countersign_domain::audit::Channel;
use http::HeaderName;
use http::request::Parts;

use super::{Fault, not_served, serves};
use crate::Web;
use crate::around::Asker;
use crate::extract::request_id::RequestId;
use crate::extract::{Right, brand_named};

const NAME: HeaderName = HeaderName::from_static("x-auth-token");

/// A program whose token or key is known, at a brand that is served.
pub(super) struct CloudCaller {
    /// The asker of use cases.
    pub(super) caller: Caller,
    /// Whether they are a person: a customer's own program.
    pub(super) is_person: bool,
}

impl FromRequestParts<Web> for CloudCaller {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Fault> {
        let sent = sent_token(parts)
            .ok_or_else(|| Fault::unauthorized("Send a valid token in the header X-Auth-Token."))?;
        let (caller, is_person) = match api_client(web, sent).await? {
            Some(caller) => (caller, false),
            None => (customer(web, parts, sent).await?.caller, true),
        };
        let request_id = RequestId::from_request_parts(parts, web)
            .await
            .map_err(Fault::from)?;
        let caller = Caller {
            request_id: Some(request_id.as_str().to_owned()),
            ..caller
        };
        Asker::note(&parts.extensions, &caller);
        if !serves(&caller.brand) {
            return Err(not_served());
        }
        Ok(Self { caller, is_person })
    }
}

/// The token, when exactly one is sent.
pub(super) fn sent_token(parts: &Parts) -> Option<&str> {
    let mut sent = parts.headers.get_all(&NAME).iter();
    let (Some(value), None) = (sent.next(), sent.next()) else {
        return None;
    };
    value
        .to_str()
        .ok()
        .map(str::trim)
        .filter(|token| !token.is_empty())
}

/// The API client of a key; none where what was sent is no key.
pub(super) async fn api_client(web: &Web, sent: &str) -> Result<Option<Caller>, Fault> {
    if !sent.starts_with(KEY_PREFIX) {
        return Ok(None);
    }
    let (client, brand) = authenticate(&web.app, sent)
        .await?
        .ok_or_else(|| Fault::unauthorized("This API key is not known here, or was disabled."))?;
    Ok(Some(Caller {
        actor: Actor::ApiClient {
            id: client.id,
            scopes: client.scopes.clone(),
        },
        brand,
        surface: Channel::Api,
        request_id: None,
    }))
}

/// The person of a token. At another brand's host name it means nothing.
async fn customer(web: &Web, parts: &Parts, sent: &str) -> Result<TokenSession, Fault> {
    let here = brand_named(web, Some(&parts.uri), &parts.headers);
    token::resume(&web.app, sent)
        .await?
        .filter(|session| here.is_none_or(|here| here.brand.id == session.caller.brand.brand.id))
        .ok_or_else(|| Fault::unauthorized("This token is not known here, or is over: sign in again."))
}

/// A program that has the right `R`. It is refused before anything else of the request is looked at.
pub(super) struct May<R> {
    caller: CloudCaller,
    right: PhantomData<R>,
}

impl<R> Deref for May<R> {
    type Target = CloudCaller;

    fn deref(&self) -> &CloudCaller {
        &self.caller
    }
}

impl<R: Right> FromRequestParts<Web> for May<R> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Fault> {
        let caller = CloudCaller::from_request_parts(parts, web).await?;
        caller.caller.must(R::PERMISSION)?;
        Ok(Self {
            caller,
            right: PhantomData,
        })
    }
}
