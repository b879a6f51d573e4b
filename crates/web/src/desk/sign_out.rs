//! Signing out of the desk.

use axum::response::{IntoResponse, Redirect, Response};
use countersign_app::sign_in::session::sign_out;

use super::visit::Arriving;
use crate::page::{Away, Cookie, Sent, with_cookie};

/// Ends the session, in the database and in the browser.
pub(super) async fn submit(
    Sent {
        visit: Arriving(visit),
        ..
    }: Sent<Arriving>,
) -> Result<Response, Away> {
    sign_out(&visit.web.app, &visit.caller, visit.session.id).await?;
    let https = visit.web.settings.https;
    let response = Redirect::to("/desk/sign-in?why=signed-out").into_response();
    let response = with_cookie(response, Cookie::DeskBrand.clear(https));
    Ok(with_cookie(response, Cookie::Desk.clear(https)))
}
