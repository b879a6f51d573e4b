//! "I am still here": the session's idle time begins anew.

use http::StatusCode;

use super::visit::Arriving;
use crate::page::Fetched;

/// Notes the use; taking the session up again has already done it.
pub(super) async fn submit(_: Fetched<Arriving>) -> StatusCode {
    StatusCode::NO_CONTENT
}
