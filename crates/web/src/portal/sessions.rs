//! Ending sessions: one, all others, all. The list stands on *Security*.

use axum::response::{IntoResponse, Redirect, Response};
use countersign_app::AppError;
use countersign_app::sign_in::session::{end_everywhere, end_others, list, sign_out};
use countersign_domain::ids::SessionId;
use http::StatusCode;

use super::visit::PortalVisit;
use crate::error::Problem;
use crate::page::{Away, Cookie, Sent, with_cookie};
use crate::views::layout::News;
use crate::views::security::{SecurityDeed, SecurityQuestion, SignOutEverywhere};

const LIST: &str = "/security";

/// Ends another session. This one ends by *Sign out*.
pub(super) async fn end(Sent { visit, form }: Sent<PortalVisit>) -> Result<Response, Away> {
    let id: SessionId = form
        .text("session")
        .parse()
        .map_err(|_| Problem::of_status(StatusCode::BAD_REQUEST))?;
    if id == visit.session.id {
        return Ok(Redirect::to(LIST).into_response());
    }
    match sign_out(&visit.web.app, &visit.caller, id).await {
        // One that ended already is what they asked for.
        Ok(()) | Err(AppError::NotFound(_)) => Ok(visit.go(LIST, News::SessionEnded)),
        Err(error) => Err(error.into()),
    }
}

/// Asks before all others end.
pub(super) async fn ask_others(visit: PortalVisit) -> Result<Response, Away> {
    visit.show(&SecurityQuestion {
        layout: visit.layout().await?,
        deed: SecurityDeed::EndOthers,
    })
}

/// Ends all others.
pub(super) async fn others(Sent { visit, .. }: Sent<PortalVisit>) -> Result<Response, Away> {
    end_others(&visit.web.app, &visit.caller, visit.session.id).await?;
    Ok(visit.go(LIST, News::OtherSessionsEnded))
}

/// Asks before all end, on a page of its own.
pub(super) async fn ask_everywhere(visit: PortalVisit) -> Result<Response, Away> {
    let layout = visit.layout().await?;
    let sessions = list(&visit.web.app, &visit.caller).await?.len();
    let sessions = u32::try_from(sessions).unwrap_or(u32::MAX);
    visit.show(&SignOutEverywhere { layout, sessions })
}

/// Ends them all, this one too.
pub(super) async fn everywhere(Sent { visit, .. }: Sent<PortalVisit>) -> Result<Response, Away> {
    end_everywhere(&visit.web.app, &visit.caller).await?;
    let response = Redirect::to("/sign-in?why=everywhere").into_response();
    Ok(with_cookie(
        response,
        Cookie::Portal.clear(visit.web.settings.https),
    ))
}
