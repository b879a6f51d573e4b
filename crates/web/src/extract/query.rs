//! What stands behind the question mark.

use axum::extract::FromRequestParts;
use http::StatusCode;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::json::is_a_name;
use crate::Web;
use crate::error::{PartProblem, Problem};

/// The parameters of an address; unknown ones are refused where the type says so.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Web> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Web) -> Result<Self, Problem> {
        axum::extract::Query::try_from_uri(&parts.uri)
            .map(|query: axum::extract::Query<T>| Self(query.0))
            .map_err(|rejection| refused(&rejection.body_text()))
    }
}

/// The framework says `…: limit: invalid digit…` or `…: unknown field `x`, expected …`; only the parameter's name is told.
fn refused(text: &str) -> Problem {
    let problem = Problem::new(
        StatusCode::BAD_REQUEST,
        "bad_query",
        "the part of the address behind the question mark cannot be read: use each of the parameters of the API's \
         description at most once",
    );
    let said = text.split_once(": ").map_or(text, |(_, said)| said);
    let quoted = said.split('`').nth(1).filter(|name| is_a_name(name));
    let named = said
        .split_once(": ")
        .map(|(name, _)| name)
        .filter(|name| is_a_name(name));
    let (name, detail) = match (said.starts_with("unknown field"), quoted, named) {
        (true, Some(name), _) => (name, "there is no such parameter"),
        (_, Some(name), _) if said.starts_with("duplicate field") => (name, "send it at most once"),
        (_, _, Some(name)) => (name, "its value cannot be read: see the API's description"),
        _ => return problem,
    };
    problem.because(PartProblem::of(name.to_owned(), detail))
}
