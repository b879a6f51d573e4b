//! "I am still here": the session's idle time begins anew.

use http::StatusCode;

use super::visit::PortalVisit;
use crate::page::Fetched;

/// Notes the use; taking the session up again has already done it.
pub(super) async fn submit(_: Fetched<PortalVisit>) -> StatusCode {
    StatusCode::NO_CONTENT
}
