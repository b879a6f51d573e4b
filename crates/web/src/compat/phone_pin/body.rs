//! Bodies: JSON, at most 16 KiB. Fields that this API does not know are passed over, as its clients expect.

use axum::extract::{FromRequest, Request};
use http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use super::Fault;
use crate::{LARGEST_BODY, Web};

/// A body that was read into `T`. A failure never repeats what was sent: it may be a PIN.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Web> for Body<T> {
    type Rejection = Fault;

    async fn from_request(request: Request, _: &Web) -> Result<Self, Fault> {
        let (parts, body) = request.into_parts();
        if !may_be_json(&parts.headers) {
            return Err(Fault::not_json());
        }
        let bytes = match Limited::new(body, LARGEST_BODY).collect().await {
            Ok(collected) => collected.to_bytes(),
            Err(failure) if failure.is::<LengthLimitError>() => return Err(Fault::too_large()),
            Err(_) => return Err(Fault::bad_request("The body ended before its announced length.")),
        };
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|_| Fault::bad_request("The body cannot be read: send the JSON that this call expects."))
    }
}

/// Nothing said is taken for JSON.
fn may_be_json(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE) else {
        return true;
    };
    let essence = kind
        .to_str()
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}
