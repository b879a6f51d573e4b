//! Ids and account numbers in an address. What is none names nothing, so it is "not found" and not "bad" (E04).

use axum::extract::{FromRequestParts, RawPathParams};
use countersign_domain::account::AccountNumber;
use countersign_domain::ids::{ConversationId, PersonId};
use http::request::Parts;

use crate::Web;
use crate::error::Problem;

/// The names in an address, decoded once by the router and read into `T`.
#[derive(Debug)]
pub struct Path<T>(pub T);

/// What can be read from the names in an address, in their order.
pub trait FromPath: Sized {
    /// Reads them; none when one of them names nothing.
    fn from_path<'a>(names: impl Iterator<Item = &'a str>) -> Option<Self>;
}

macro_rules! from_path {
    ($( $kind:ty ),+ $(,)?) => {
        $(impl FromPath for $kind {
            fn from_path<'a>(mut names: impl Iterator<Item = &'a str>) -> Option<Self> {
                names.next()?.parse().ok()
            }
        })+
    };
}

from_path!(AccountNumber, ConversationId, PersonId);

impl FromPath for (AccountNumber, PersonId) {
    fn from_path<'a>(mut names: impl Iterator<Item = &'a str>) -> Option<Self> {
        Some((names.next()?.parse().ok()?, names.next()?.parse().ok()?))
    }
}

impl<T: FromPath> FromRequestParts<Web> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Problem> {
        let names = RawPathParams::from_request_parts(parts, web).await.ok();
        names
            .and_then(|names| T::from_path(names.iter().map(|(_, value)| value)))
            .map(Self)
            .ok_or_else(|| Problem::not_found("there is nothing of that name here"))
    }
}
