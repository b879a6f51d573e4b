//! The second step of signing in to the desk.

use axum::extract::State;
use axum::response::Response;
use countersign_app::sign_in::Place;
use http::HeaderMap;

use super::sign_in::end_old;
use crate::Web;
use crate::extract::Query;
use crate::page::passkey::ceremony;
use crate::page::second_step::{Asked, Came, Step};
use crate::page::{Away, Door, Fetched, Sent};
use crate::views::layout::Face;

/// The step at the desk.
pub(super) const STEP: Step = Step {
    face: Face::Desk,
    place: Place::Desk,
};

/// Shows the page.
pub(super) async fn show(door: Door, Query(asked): Query<Asked>) -> Result<Response, Away> {
    STEP.show(&door, &asked, "").await
}

/// Takes a code, and opens the desk when it is right.
pub(super) async fn submit(
    State(web): State<Web>,
    headers: HeaderMap,
    Sent { visit: door, form }: Sent<Door>,
) -> Result<Response, Away> {
    match STEP.submit(&door, &form, "").await? {
        Came::Shown(response) => Ok(response),
        Came::In(signed_in) => {
            end_old(&web, &headers).await?;
            Ok(door.enter(Face::Desk, &signed_in, "/desk"))
        }
    }
}

/// Hands the options of a passkey's ceremony to the page's script.
pub(super) async fn begin_passkey(Fetched(door): Fetched<Door>) -> Result<Response, Away> {
    STEP.begin_passkey(&door).await
}

/// Takes a passkey, and opens the desk when it counts.
pub(super) async fn submit_passkey(
    State(web): State<Web>,
    headers: HeaderMap,
    Sent { visit: door, form }: Sent<Door>,
) -> Result<Response, Away> {
    match STEP
        .submit_passkey(&door, ceremony(&headers, web.settings.https), &form, "")
        .await?
    {
        Came::Shown(response) => Ok(response),
        Came::In(signed_in) => {
            end_old(&web, &headers).await?;
            Ok(door.enter(Face::Desk, &signed_in, "/desk"))
        }
    }
}

/// Sends a code by SMS: never, as nobody keeps a mobile number of staff; the page says what helps.
pub(super) async fn send_sms(Sent { visit: door, .. }: Sent<Door>) -> Result<Response, Away> {
    STEP.send_sms(&door, "").await
}
