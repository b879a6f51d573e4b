//! For programs: version 1 of the API, and the page that explains it.

pub(crate) mod document;
pub(crate) mod reader;
mod v1;

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use utoipa::openapi::OpenApi;

use crate::Web;

/// The description of the API (OpenAPI 3.1), made from the handlers themselves.
#[must_use]
pub fn openapi() -> OpenApi {
    v1::endpoints().into_openapi()
}

/// The endpoints, and the description at its own address.
pub(crate) fn routes() -> Router<Web> {
    let (router, description) = v1::endpoints().split_for_parts();
    let document: bytes::Bytes = serde_json::to_vec(&description).unwrap_or_default().into();
    router.route(
        "/api/v1/openapi.json",
        get(async move || ([(header::CONTENT_TYPE, "application/json")], document.clone()).into_response()),
    )
}
