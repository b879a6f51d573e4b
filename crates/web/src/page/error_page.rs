//! The page about a failure, in the look of the brand and the face on which it happened.

use askama::Template;
use axum::response::Html;
use http::StatusCode;

use super::{Reader, bare_look, look_of};
use crate::Web;
use crate::around::Asked;
use crate::error::Problem;
use crate::extract::brand_named;
use crate::views::error::{ErrorKind, ErrorPage};
use crate::views::layout::{Face, Layout};

/// The page. It has no bar: whoever failed may not be signed in, and a failing database must not fail it again.
pub(crate) fn error_page(web: &Web, asked: &Asked, problem: &Problem) -> Option<Html<String>> {
    let brand = brand_named(web, None, &asked.headers);
    let face = match &brand {
        _ if asked.path.starts_with("/desk") => Face::Desk,
        Some(_) => Face::Portal,
        None => Face::Paper,
    };
    let look = brand.map_or_else(bare_look, |brand| look_of(web, &brand));
    let words = Reader::of(&asked.headers, web.settings.https).words;
    let mut layout = Layout::signed_out(words, look, face, String::new());
    layout.demo = web.settings.demo;
    let view = ErrorPage {
        layout,
        kind: kind_of(problem.status),
        wait_seconds: problem.retry_after_seconds,
        reference: Some(asked.id.to_string()),
    };
    view.render().ok().map(Html)
}

fn kind_of(status: StatusCode) -> ErrorKind {
    match status.as_u16() {
        401 | 403 => ErrorKind::Forbidden,
        404 => ErrorKind::NotFound,
        419 => ErrorKind::FormExpired,
        429 => ErrorKind::TooMany,
        503 => ErrorKind::Unavailable,
        500.. => ErrorKind::Internal,
        _ => ErrorKind::BadRequest,
    }
}
