//! `/api`: the API's description as a page for people.

use axum::Router;

use crate::Web;

/// The address.
pub(crate) fn routes() -> Router<Web> {
    Router::new()
}
