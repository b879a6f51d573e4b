//! The pages of the demo.

use axum::Router;

use crate::Web;

/// The addresses of these pages.
pub(crate) fn routes() -> Router<Web> {
    Router::new()
}
