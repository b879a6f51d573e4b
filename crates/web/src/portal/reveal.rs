//! The eye (A3, D3): the PIN is asked for by a press, is never in a page before it, and each look is in the record.

use axum::Json;
use axum::response::{IntoResponse, Response};
use countersign_app::pins::reveal::reveal;
use countersign_domain::pin::Digits;
use http::StatusCode;
use serde::Serialize;

use super::visit::PortalVisit;
use crate::error::Problem;
use crate::page::{Away, Fetched, Sent};
use crate::views::portal::ShowPin;

/// The PIN, for the page's script.
#[derive(Serialize)]
struct Revealed {
    pin: String,
    hide_after_seconds: u16,
}

/// What the page's script is told when the last proof is too old: it goes where a new one is asked for.
#[derive(Serialize)]
struct ProofNeeded {
    code: &'static str,
}

/// Hands the PIN to the page's script.
pub(super) async fn fetch(Fetched(visit): Fetched<PortalVisit>) -> Result<Response, Away> {
    if visit.session.proven(&visit.web.app, false).is_none() {
        let code = "proof_needed";
        return Ok((StatusCode::FORBIDDEN, Json(ProofNeeded { code })).into_response());
    }
    let digits = digits(&visit).await?;
    Ok(Json(Revealed {
        pin: digits.expose().to_owned(),
        hide_after_seconds: visit.caller.brand.policy.portal.reveal_seconds,
    })
    .into_response())
}

/// Shows the PIN on a page of its own, where no script runs.
pub(super) async fn page_with_pin(Sent { visit, .. }: Sent<PortalVisit>) -> Result<Response, Away> {
    visit.proven("/")?;
    let layout = visit.layout().await?;
    let digits = digits(&visit).await?;
    let view = ShowPin {
        layout,
        digits: digits.expose(),
        back: "/".to_owned(),
    };
    visit.show(&view)
}

async fn digits(visit: &PortalVisit) -> Result<Digits, Away> {
    let pin_of = visit
        .pin_of()
        .ok_or_else(|| Problem::not_found("this brand has no standing Support PIN"))?;
    Ok(reveal(&visit.web.app, &visit.caller, &pin_of).await?)
}
