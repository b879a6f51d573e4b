//! Signing in to the desk, at any host name.

use axum::extract::State;
use axum::response::Response;
use countersign_app::sign_in::SignInStep;
use countersign_app::sign_in::desk::sign_in;
use countersign_app::sign_in::session::{DeskSession, resume_desk, sign_out};
use http::HeaderMap;
use serde::Deserialize;

use super::second_step::STEP;
use crate::Web;
use crate::error::Problem;
use crate::extract::Query;
use crate::page::passkey::to_use;
use crate::page::{Away, Cookie, Door, Sent, page, page_about, sign_in_error};
use crate::views::desk::DeskSignIn;
use crate::views::layout::Face;
use crate::views::portal::{SignInError, SignInNotice};

/// What the address of the page may say.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    why: String,
}

/// Shows the form.
pub(super) async fn show(door: Door, Query(asked): Query<Asked>) -> Result<Response, Away> {
    let notice = match asked.why.as_str() {
        "idle" => Some(SignInNotice::Idle),
        "code-late" => Some(SignInNotice::CodeLate),
        "codes-closed" => Some(SignInNotice::CodesClosed),
        "afresh" => Some(SignInNotice::Afresh),
        "signed-out" => Some(SignInNotice::SignedOut),
        _ => None,
    };
    Ok(door.remember(page(&view(&door, "", None, notice))?))
}

/// The page.
pub(super) fn view(
    door: &Door,
    username: &str,
    error: Option<SignInError>,
    notice: Option<SignInNotice>,
) -> DeskSignIn {
    let site = door.web.settings.site_of_desk();
    DeskSignIn {
        layout: door.layout(Face::Desk),
        username: username.chars().take(64).collect(),
        error,
        notice,
        provider: door
            .web
            .settings
            .staff_provider
            .as_ref()
            .map(|federation| federation.name.clone()),
        refused: None,
        passkey: site.map(|site| to_use(&site, "/desk/sign-in/passkey", "/desk/sign-in", "sign-in-passkey")),
    }
}

/// Signs in. A session that the browser already had ends, so that none is taken over.
pub(super) async fn submit(
    State(web): State<Web>,
    headers: HeaderMap,
    Sent { visit: door, form }: Sent<Door>,
) -> Result<Response, Away> {
    let tried = match door.sign_in(&form, Face::Desk) {
        Ok(asked) => sign_in(&web.app, asked).await,
        Err(error) => Err(error),
    };
    let error = match tried {
        Ok(SignInStep::Done(signed_in)) => {
            end_old(&web, &headers).await?;
            // Where a second factor is still to be set up, the desk itself leads there.
            return Ok(door.enter(Face::Desk, &signed_in, "/desk"));
        }
        Ok(SignInStep::SecondFactor(half_open)) => {
            return Ok(door.half_way(Face::Desk, &half_open, &STEP.address("", "")));
        }
        Err(error) => error,
    };
    let Some(shown) = sign_in_error(&error) else {
        return Err(error.into());
    };
    let view = view(&door, form.text("username"), Some(shown), None);
    page_about(&Problem::from(error), &view)
}

/// The page without anything typed or told.
pub(super) fn door_page(door: &Door) -> DeskSignIn {
    view(door, "", None, None)
}

/// A session that the browser already had ends when another one begins, so that none is taken over.
pub(super) async fn end_old(web: &Web, headers: &HeaderMap) -> Result<(), Away> {
    if let Some(old) = Cookie::Desk.read(headers, web.settings.https)
        && let Some(old) = resume_desk(&web.app, old).await?
    {
        end(web, &old).await?;
    }
    Ok(())
}

async fn end(web: &Web, old: &DeskSession) -> Result<(), Away> {
    let directory = web.app.directory().current();
    let caller = directory
        .brands()
        .iter()
        .find_map(|brand| old.caller_at(brand, None));
    if let Some(caller) = caller {
        sign_out(&web.app, &caller, old.id).await?;
    }
    Ok(())
}
