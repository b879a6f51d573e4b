//! The open sessions, and ending them all.

use axum::response::{IntoResponse, Redirect, Response};
use countersign_app::sign_in::session::{end_everywhere, list};

use super::visit::PortalVisit;
use crate::page::{Away, Cookie, Sent, moment, with_cookie};
use crate::views::portal::{Security, SessionRow, SignOutEverywhere};

/// Shows the sessions, this one first.
pub(super) async fn show(visit: PortalVisit) -> Result<Response, Away> {
    let layout = visit.layout().await?;
    let mut sessions = list(&visit.web.app, &visit.caller).await?;
    sessions.sort_by_key(|session| session.id != visit.session.id);
    let sessions = sessions
        .into_iter()
        .map(|session| SessionRow {
            this_session: session.id == visit.session.id,
            browser: session.browser,
            started: moment(session.created_at),
            last_used: moment(session.last_seen_at),
        })
        .collect();
    visit.show(&Security { layout, sessions })
}

/// Asks, on a page of its own.
pub(super) async fn confirm(visit: PortalVisit) -> Result<Response, Away> {
    let layout = visit.layout().await?;
    let sessions = list(&visit.web.app, &visit.caller).await?.len();
    let sessions = u32::try_from(sessions).unwrap_or(u32::MAX);
    visit.show(&SignOutEverywhere { layout, sessions })
}

/// Ends them all, this one too.
pub(super) async fn submit(Sent { visit, .. }: Sent<PortalVisit>) -> Result<Response, Away> {
    end_everywhere(&visit.web.app, &visit.caller).await?;
    let response = Redirect::to("/sign-in?why=everywhere").into_response();
    Ok(with_cookie(
        response,
        Cookie::Portal.clear(visit.web.settings.https),
    ))
}
