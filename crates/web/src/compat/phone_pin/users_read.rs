//! `GET /v2.0/users/{id}`: a person, with the state of their PIN; the PIN itself to its holder alone.

use axum::Json;
use axum::extract::State;
use countersign_app::people::user;

use super::Fault;
use super::caller::May;
use super::shapes::{UserBody, own_pin};
use super::user_id::UserId;
use crate::Web;
use crate::extract::rights::ReadAccount;

pub(super) async fn read(
    caller: May<ReadAccount>,
    State(web): State<Web>,
    id: UserId,
) -> Result<Json<UserBody>, Fault> {
    let person = id.person()?;
    let user = user::read(&web.app, &caller.caller, person)
        .await
        .map_err(|error| id.failed(error))?;
    let pin = own_pin(&web, &caller.caller, &user).await?;
    Ok(Json(UserBody::new(&user, pin)))
}
