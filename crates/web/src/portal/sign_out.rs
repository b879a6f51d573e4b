//! Signing out.

use axum::response::{IntoResponse, Redirect, Response};
use countersign_app::sign_in::session::sign_out;

use super::visit::PortalVisit;
use crate::page::{Away, Cookie, Sent, with_cookie};

/// Ends the session, in the database and in the browser.
pub(super) async fn submit(Sent { visit, .. }: Sent<PortalVisit>) -> Result<Response, Away> {
    sign_out(&visit.web.app, &visit.caller, visit.session.id).await?;
    let response = Redirect::to("/sign-in?why=signed-out").into_response();
    Ok(with_cookie(
        response,
        Cookie::Portal.clear(visit.web.settings.https),
    ))
}
