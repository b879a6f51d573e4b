//! *Security information*, for brands whose policy asks for user name and password whenever it opens: *Change Security PIN*,
//! then *Update* (B4).

use axum::response::Response;
use countersign_app::pins::PinOf;
use countersign_app::pins::change::{NewPin, change};
use countersign_app::pins::state::PinStanding;

use super::support_pin::{Refused, choose, section};
use super::visit::{PortalVisit, SECURITY_INFORMATION};
use crate::error::Problem;
use crate::page::{Away, Sent, page_about};
use crate::views::layout::{Layout, News};
use crate::views::pin::PinSection;
use crate::views::security::{ChangeSecurityPin, SecurityInformation};

/// Opens it, after a proof of this very minute.
pub(super) async fn show(visit: PortalVisit) -> Result<Response, Away> {
    opened(&visit, SECURITY_INFORMATION)?;
    let (layout, pin) = pin(&visit, None).await?;
    let username = visit.session.person.username.as_ref();
    visit.show(&SecurityInformation {
        layout,
        username: username.map_or_else(String::new, ToString::to_string),
        pin,
    })
}

/// Shows *Change Security PIN* on a page of its own.
pub(super) async fn form(visit: PortalVisit) -> Result<Response, Away> {
    opened(&visit, SECURITY_INFORMATION)?;
    let (layout, pin) = pin(&visit, None).await?;
    visit.show(&ChangeSecurityPin { layout, pin })
}

/// *Update*. The proof that opened the page may be a few minutes old by now: people take their time to think of a PIN.
pub(super) async fn submit(Sent { visit, form }: Sent<PortalVisit>) -> Result<Response, Away> {
    updated(&visit, SECURITY_INFORMATION)?;
    let Err(refused) = choose(&visit, &pin_of(&visit)?, form.text("pin")).await? else {
        return Ok(visit.go(after(&visit), News::PinChanged));
    };
    let (layout, pin) = pin(&visit, Some(&refused)).await?;
    page_about(&refused.status, &ChangeSecurityPin { layout, pin })
}

/// Has a new PIN made, where the brand shows PINs.
pub(super) async fn generate(Sent { visit, .. }: Sent<PortalVisit>) -> Result<Response, Away> {
    updated(&visit, SECURITY_INFORMATION)?;
    change(
        &visit.web.app,
        &visit.caller,
        &pin_of(&visit)?,
        NewPin::Made,
        None,
    )
    .await?;
    Ok(visit.go(after(&visit), News::PinGenerated))
}

/// *Security information* asks again whenever it opens, so the news is told where nothing is asked.
fn after(visit: &PortalVisit) -> &'static str {
    match visit.pin_of() {
        Some(PinOf::Account(_)) => "/account-settings",
        Some(PinOf::Person(..)) | None => "/profile",
    }
}

/// A proof of this very minute opens a page of *Security information*; after one, the way leads to `then`.
pub(super) fn opened(visit: &PortalVisit, then: &str) -> Result<(), Away> {
    if !visit.always_asks() {
        return Err(Problem::not_found("this brand has no page Security information").into());
    }
    visit.proven_this_minute(then)?;
    Ok(())
}

/// The proof that opened the page, or a later one, is still fresh. The sign-in alone opens nothing here.
pub(super) fn updated(visit: &PortalVisit, then: &str) -> Result<(), Away> {
    if !visit.session.held.has_password_again() {
        return opened(visit, then);
    }
    visit.proven(then)?;
    Ok(())
}

fn pin_of(visit: &PortalVisit) -> Result<PinOf, Problem> {
    visit
        .pin_of()
        .ok_or_else(|| Problem::not_found("this brand has no standing Support PIN"))
}

async fn pin(visit: &PortalVisit, refused: Option<&Refused>) -> Result<(Layout, PinSection), Away> {
    let (layout, standing) = visit.frame().await?;
    let standing: PinStanding =
        standing.ok_or_else(|| Problem::not_found("this brand has no standing Support PIN"))?;
    let mut pin = section(visit, &standing, refused);
    // The proof was given on the way here.
    pin.proof_at = None;
    Ok((layout, pin))
}
