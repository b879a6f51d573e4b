//! A person's own page, with *Support PIN* where the person holds one (D1, D3). There is no page for another's.

use askama::Template;
use axum::response::Response;
use countersign_app::pins::PinOf;
use countersign_app::pins::change::{NewPin, change};
use countersign_domain::policy::HeldBy;

use super::support_pin::{Refused, choose, section};
use super::visit::{PortalVisit, person_role};
use crate::page::{Away, Sent, page_about};
use crate::views::layout::News;
use crate::views::portal::Profile;

const HERE: &str = "/profile";

/// Shows it.
pub(super) async fn show(visit: PortalVisit) -> Result<Response, Away> {
    let view = view(&visit, None).await?;
    visit.show(&view)
}

/// Saves the PIN that was typed, or shows the form again with each rule judged.
pub(super) async fn submit(Sent { visit, form }: Sent<PortalVisit>) -> Result<Response, Away> {
    visit.proven_for_pin(HERE)?;
    let Err(refused) = choose(&visit, &own(&visit), form.text("pin")).await? else {
        return Ok(visit.go(HERE, News::PinChanged));
    };
    let view = view(&visit, Some(&refused)).await?;
    page_about(&refused.status, &view)
}

/// Has a new PIN made.
pub(super) async fn generate(Sent { visit, .. }: Sent<PortalVisit>) -> Result<Response, Away> {
    visit.proven_for_pin(HERE)?;
    change(&visit.web.app, &visit.caller, &own(&visit), NewPin::Made, None).await?;
    Ok(visit.go(HERE, News::PinGenerated))
}

fn own(visit: &PortalVisit) -> PinOf {
    PinOf::Person(visit.session.account.number.clone(), visit.session.person.id)
}

async fn view(visit: &PortalVisit, refused: Option<&Refused>) -> Result<impl Template + use<>, Away> {
    let (layout, standing) = visit.frame().await?;
    let person = &visit.session.person;
    Ok(Profile {
        layout,
        name: person.name.as_str().to_owned(),
        username: person
            .username
            .as_ref()
            .map_or_else(String::new, ToString::to_string),
        email: person.email.as_ref().map(|email| email.masked()),
        phone: person.phone.as_ref().map(|phone| phone.masked()),
        role: person_role(person.role),
        pin: standing
            .filter(|_| visit.held_by() == HeldBy::Person)
            .map(|standing| section(visit, &standing, refused)),
    })
}
