//! Signing in to the desk with a passkey alone. It is password and second factor in one.

use axum::extract::State;
use axum::response::Response;
use countersign_app::AppError;
use countersign_app::sign_in::Place;
use http::HeaderMap;

use super::sign_in::{end_old, view};
use crate::Web;
use crate::error::Problem;
use crate::page::passkey::{begin_alone, ceremony, passkey_problem, sign_in_alone};
use crate::page::{Away, Door, Fetched, Sent, page_about};
use crate::views::layout::Face;
use crate::views::portal::SignInError;

/// Hands the options to the page's script.
pub(super) async fn begin(Fetched(door): Fetched<Door>) -> Result<Response, Away> {
    let site = door.web.settings.site_of_desk();
    begin_alone(&door, site, Place::Desk).await
}

/// Takes the browser's answer. A session that the browser already had ends, so that none is taken over.
pub(super) async fn submit(
    State(web): State<Web>,
    headers: HeaderMap,
    Sent { visit: door, form }: Sent<Door>,
) -> Result<Response, Away> {
    let at = (web.settings.site_of_desk(), Place::Desk);
    match sign_in_alone(&door, at, ceremony(&headers, web.settings.https), &form).await? {
        Ok(signed_in) => {
            end_old(&web, &headers).await?;
            Ok(door.enter(Face::Desk, &signed_in, "/desk"))
        }
        Err(why) => {
            let error = SignInError::Passkey(passkey_problem(why));
            page_about(
                &Problem::from(AppError::SignInRefused),
                &view(&door, "", Some(error), None),
            )
        }
    }
}
