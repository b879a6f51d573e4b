//! `PUT /v2.0/users/{id}/RAX-AUTH/phone-pin/unlock`: a locked PIN is opened again, by its holder or a program with the
//! right.

use axum::extract::State;
use countersign_app::AppError;
use countersign_app::people::locate::locate;
use countersign_app::pins::unlock::{Keep, unlock as unlock_pin};
use http::StatusCode;

use super::Fault;
use super::caller::May;
use super::user_id::UserId;
use crate::Web;
use crate::extract::rights::UnlockPin;

pub(super) async fn unlock(
    caller: May<UnlockPin>,
    State(web): State<Web>,
    id: UserId,
) -> Result<StatusCode, Fault> {
    let who = locate(&web.app, &caller.caller, id.person()?)
        .await
        .map_err(|error| id.failed(error))?;
    if caller.is_person && !who.is(&caller.caller) {
        return Err(AppError::PolicyRefuses("everybody unlocks their own Phone PIN alone").into());
    }
    unlock_pin(&web.app, &caller.caller, &who.pin(), Keep::SamePin, None)
        .await
        .map_err(|error| id.failed(error))?;
    Ok(StatusCode::NO_CONTENT)
}
