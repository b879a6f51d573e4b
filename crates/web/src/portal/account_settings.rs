//! Account settings with the *Call-in PIN* section, and *Edit PIN* (A4).

use axum::response::Response;
use countersign_app::pins::PinOf;
use countersign_app::pins::change::{NewPin, change};
use countersign_domain::policy::HeldBy;

use super::support_pin::{choose, section};
use super::visit::PortalVisit;
use crate::error::Problem;
use crate::page::{Away, Sent, page_about};
use crate::views::layout::News;
use crate::views::portal::{AccountSettings, EditPin};

const HERE: &str = "/account-settings";
const EDIT: &str = "/account-settings/edit-pin";

/// Shows the settings.
pub(super) async fn show(visit: PortalVisit) -> Result<Response, Away> {
    let (layout, standing) = visit.frame().await?;
    let view = AccountSettings {
        layout,
        account_name: visit.session.account.name.as_str().to_owned(),
        account_number: visit.session.account.number.as_str().to_owned(),
        pin: standing
            .filter(|_| visit.held_by() == HeldBy::Account)
            .map(|standing| section(&visit, &standing, None)),
        people_hold_pins: visit.held_by() == HeldBy::Person,
    };
    visit.show(&view)
}

/// Shows *Edit PIN* on a page of its own.
pub(super) async fn edit(visit: PortalVisit) -> Result<Response, Away> {
    visit.proven_for_pin(EDIT)?;
    let (layout, standing) = visit.frame().await?;
    let standing = standing
        .filter(|_| visit.held_by() == HeldBy::Account)
        .ok_or_else(|| Problem::not_found("here the account holds no PIN"))?;
    let pin = section(&visit, &standing, None);
    visit.show(&EditPin { layout, pin })
}

/// Saves the PIN that was typed, or shows the form again with each rule judged.
pub(super) async fn submit(Sent { visit, form }: Sent<PortalVisit>) -> Result<Response, Away> {
    visit.proven_for_pin(EDIT)?;
    let pin_of = PinOf::Account(visit.session.account.number.clone());
    let Err(refused) = choose(&visit, &pin_of, form.text("pin")).await? else {
        return Ok(visit.go(HERE, News::PinChanged));
    };
    let (layout, standing) = visit.frame().await?;
    let standing = standing.ok_or_else(|| Problem::not_found("here the account holds no PIN"))?;
    let pin = section(&visit, &standing, Some(&refused));
    page_about(&refused.status, &EditPin { layout, pin })
}

/// Has a new PIN made.
pub(super) async fn generate(Sent { visit, .. }: Sent<PortalVisit>) -> Result<Response, Away> {
    visit.proven_for_pin(EDIT)?;
    let pin_of = PinOf::Account(visit.session.account.number.clone());
    change(&visit.web.app, &visit.caller, &pin_of, NewPin::Made, None).await?;
    Ok(visit.go(HERE, News::PinGenerated))
}
