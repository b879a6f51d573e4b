//! The eye (A3, D3): the PIN is asked for by a press, is never in a page before it, and each look is in the record.

use axum::Json;
use axum::response::Response;
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
pub(super) struct Revealed {
    pin: String,
    hide_after_seconds: u16,
}

/// Hands the PIN to the page's script.
pub(super) async fn fetch(Fetched(visit): Fetched<PortalVisit>) -> Result<Json<Revealed>, Away> {
    if visit.session.proven(&visit.web.app, false).is_none() {
        // The page's script goes where the proof is asked for.
        let sentence = "prove once more that it is you: it is too long ago";
        return Err(Problem::new(StatusCode::FORBIDDEN, "proof_needed", sentence).into());
    }
    let digits = digits(&visit).await?;
    Ok(Json(Revealed {
        pin: digits.expose().to_owned(),
        hide_after_seconds: visit.caller.brand.policy.portal.reveal_seconds,
    }))
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
