//! The pages of the portal.

use axum::Router;

use crate::Web;

/// The addresses of these pages.
pub(crate) fn routes() -> Router<Web> {
    Router::new()
}

/// The page that says what went wrong, in the look of the brand and the face on which it happened; none leaves a plain
/// sentence.
pub(crate) fn error_page(
    _web: &Web,
    _request: &crate::around::Asked,
    _problem: &crate::error::Problem,
) -> Option<axum::response::Html<String>> {
    None
}
