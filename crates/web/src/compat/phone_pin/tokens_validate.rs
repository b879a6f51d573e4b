//! `GET /v2.0/tokens/{token}`: whether a token is valid, and whose it is.

use axum::Json;
use axum::extract::{RawPathParams, State};
use countersign_app::people::user;
use countersign_app::sign_in::token;

use super::Fault;
use super::caller::May;
use super::shapes::{AccessBody, own_pin};
use crate::Web;
use crate::extract::rights::ReadAccount;

pub(super) async fn validate(
    caller: May<ReadAccount>,
    State(web): State<Web>,
    names: RawPathParams,
) -> Result<Json<AccessBody>, Fault> {
    let not_found = || Fault::not_found("Token not found");
    let asked = names.iter().next().map(|(_, value)| value).unwrap_or_default();
    let session = token::validate(&web.app, asked)
        .await?
        .filter(|session| session.caller.brand.brand.id == caller.caller.brand.brand.id)
        .ok_or_else(not_found)?;
    // Whoever may not read the person may not read their token; of another account not even that there is one.
    let user = user::read(&web.app, &caller.caller, session.person.id)
        .await
        .map_err(|error| match error {
            countersign_app::AppError::NotFound(_) => not_found(),
            other => other.into(),
        })?;
    let pin = own_pin(&web, &caller.caller, &user).await?;
    Ok(Json(AccessBody::new(asked, &session, &user, pin)))
}
