//! The user in an address: a person's id. What is none names nobody, so it is "not found" and not "bad".

use std::convert::Infallible;

use axum::extract::{FromRequestParts, RawPathParams};
use countersign_app::AppError;
use countersign_domain::ids::PersonId;
use http::request::Parts;

use super::Fault;
use crate::Web;

/// The longest name of a user that a failure repeats, in characters.
const LONGEST: usize = 64;

/// A user's id, as it was sent.
pub(super) struct UserId(String);

impl FromRequestParts<Web> for UserId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Infallible> {
        let names = RawPathParams::from_request_parts(parts, web).await.ok();
        let name = names.and_then(|names| names.iter().next().map(|(_, value)| value.to_owned()));
        Ok(Self(name.unwrap_or_default()))
    }
}

impl UserId {
    /// The person of this id, if it is one.
    pub(super) fn person(&self) -> Result<PersonId, Fault> {
        self.0.parse().map_err(|_| self.not_found())
    }

    /// What a use case's failure is here: who was not found is named as they were asked for.
    pub(super) fn failed(&self, error: AppError) -> Fault {
        match error {
            AppError::NotFound(_) => self.not_found(),
            other => other.into(),
        }
    }

    fn not_found(&self) -> Fault {
        let name: String = self.0.chars().take(LONGEST).collect();
        Fault::not_found(format!("User {name} not found"))
    }
}
