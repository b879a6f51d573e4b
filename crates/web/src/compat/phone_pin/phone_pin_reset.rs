//! `POST /v2.0/users/{id}/RAX-AUTH/phone-pin/reset`: somebody else gets a new PIN, which only they are shown.

use axum::extract::{Query, State};
use countersign_app::pins::reset_for_another::{ResetDone, reset_for_another};
use http::{StatusCode, Uri};
use serde::Deserialize;

use super::Fault;
use super::caller::May;
use super::user_id::UserId;
use crate::Web;
use crate::extract::rights::ResetPin;

#[derive(Deserialize)]
struct Parameters {
    only_if_missing: Option<String>,
}

pub(super) async fn reset(
    caller: May<ResetPin>,
    State(web): State<Web>,
    id: UserId,
    address: Uri,
) -> Result<StatusCode, Fault> {
    let only_if_missing = only_if_missing(&address)?;
    let done = reset_for_another(&web.app, &caller.caller, id.person()?, only_if_missing)
        .await
        .map_err(|error| id.failed(error))?;
    match done {
        ResetDone::Made => Ok(StatusCode::NO_CONTENT),
        ResetDone::Kept => Err(Fault::has_pin()),
        ResetDone::Locked => Err(Fault::locked()),
    }
}

/// What cannot be read is refused: taken for "false" it would take somebody's PIN away.
fn only_if_missing(address: &Uri) -> Result<bool, Fault> {
    let unreadable = || Fault::bad_request("only_if_missing is true or false, and sent once.");
    let sent: Query<Parameters> = Query::try_from_uri(address).map_err(|_| unreadable())?;
    match sent.0.only_if_missing.as_deref() {
        None => Ok(false),
        Some(word) if word.eq_ignore_ascii_case("true") => Ok(true),
        Some(word) if word.eq_ignore_ascii_case("false") => Ok(false),
        Some(_) => Err(unreadable()),
    }
}
