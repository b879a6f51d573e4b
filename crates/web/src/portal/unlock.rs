//! Unlocking a PIN: a question, then the deed (D4, D5).

use axum::response::{IntoResponse, Redirect, Response};
use countersign_app::AppError;
use countersign_app::pins::unlock::{Keep, unlock};
use countersign_domain::policy::HeldBy;

use super::support_pin::section;
use super::visit::PortalVisit;
use crate::error::Problem;
use crate::page::{Away, Sent};
use crate::views::layout::News;
use crate::views::portal::Unlock;

/// Asks.
pub(super) async fn show(visit: PortalVisit) -> Result<Response, Away> {
    let (layout, standing) = visit.frame().await?;
    let Some(standing) = standing.filter(|_| layout.locked.is_some()) else {
        return Ok(visit.go("/", News::NotLocked));
    };
    if !standing.may_unlock {
        // The banner on every page says who may.
        return Ok(Redirect::to("/").into_response());
    }
    let pin = section(&visit, &standing, None);
    let view = Unlock {
        layout,
        wrong_tries: visit.caller.brand.policy.tries.limit.into(),
        offer_new_pin: pin.may_generate || pin.may_choose || standing.needs_new_pin,
        only_new_pin: standing.needs_new_pin,
    };
    visit.show(&view)
}

/// Does it. *Unlock and change* makes a new PIN in the same moment, so that the old one never works again, and then
/// offers to choose another where the brand lets people choose.
pub(super) async fn submit(Sent { visit, form }: Sent<PortalVisit>) -> Result<Response, Away> {
    let pin_of = visit
        .pin_of()
        .ok_or_else(|| Problem::not_found("this brand has no standing Support PIN"))?;
    let keep = match form.text("then") {
        "change" => Keep::NewPin,
        _ => Keep::SamePin,
    };
    let done = unlock(&visit.web.app, &visit.caller, &pin_of, keep, None).await;
    Ok(match done {
        Ok(()) if keep == Keep::SamePin => visit.go("/", News::PinUnlocked),
        Ok(()) => after_new_pin(&visit),
        Err(AppError::NotLocked) => visit.go("/", News::NotLocked),
        Err(AppError::NeedsNewPin) => visit.go("/unlock", News::UnlockLimit),
        Err(AppError::PolicyRefuses(_) | AppError::Forbidden(_)) => visit.go("/", News::UnlockRefused),
        Err(error) => return Err(error.into()),
    })
}

fn after_new_pin(visit: &PortalVisit) -> Response {
    let may_choose = visit.caller.brand.policy.support_pin.chosen_by_holder;
    match visit.held_by() {
        HeldBy::Account if may_choose => visit.go("/account-settings/edit-pin", News::PinUnlockedChangeNow),
        HeldBy::Person if may_choose => visit.go("/profile", News::PinUnlockedChangeNow),
        HeldBy::Account | HeldBy::Person | HeldBy::Nobody => visit.go("/", News::PinUnlockedNewPin),
    }
}
