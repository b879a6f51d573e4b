//! What the pages of all faces have in common: forms, cookies, the way to another page, the look of a brand.

mod away;
mod backup_codes_file;
mod browser;
mod cookies;
mod door;
mod error_page;
mod form;
mod look;
mod news;
pub(crate) mod passkey;
mod second_factor;
pub(crate) mod second_step;
mod when;

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;

use crate::error::Problem;

pub(crate) use away::Away;
pub(crate) use backup_codes_file::backup_codes_file;
pub(crate) use browser::browser_in_words;
pub(crate) use cookies::{Cookie, with_cookie};
pub(crate) use door::{Door, KNOWN_SECONDS, sign_in_error};
pub(crate) use error_page::error_page;
pub(crate) use form::{Fetched, Form, Sent, Visit};
pub(crate) use look::{Reader, bare_look, look_of};
pub(crate) use news::{forget_news, news_of, to_with_news};
pub(crate) use second_factor::{answer_of, code_of, code_problem, server_clock, wrong_code};
pub(crate) use when::moment;

/// A page as an answer.
pub(crate) fn page(view: &impl Template) -> Result<Response, Away> {
    match view.render() {
        Ok(html) => Ok(Html(html).into_response()),
        Err(error) => {
            tracing::error!(%error, "a page could not be drawn");
            Err(Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR).into())
        }
    }
}

/// The same page as the answer to something that was not carried out.
pub(crate) fn page_about(problem: &Problem, view: &impl Template) -> Result<Response, Away> {
    let mut response = page(view)?;
    *response.status_mut() = problem.status;
    problem.add_headers(&mut response);
    Ok(response)
}
