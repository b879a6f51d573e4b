//! The people on the account.

use axum::response::Response;
use countersign_app::accounts::read::read;
use countersign_domain::judge;
use countersign_domain::person::PersonStatus;
use countersign_domain::policy::HeldBy;

use super::team_pin::{may_reset, may_unlock};
use super::visit::{PortalVisit, person_role};
use crate::page::Away;
use crate::views::layout::PinState;
use crate::views::portal::{Team, TeamRow};

/// Shows them, the owner first. Nobody sees another's PIN (D1), only whether there is one.
pub(super) async fn show(visit: PortalVisit) -> Result<Response, Away> {
    let layout = visit.layout().await?;
    let account = read(&visit.web.app, &visit.caller, &visit.session.account.number).await?;
    let mut people = account.people;
    people.retain(|(person, _)| person.status == PersonStatus::Active);
    people.sort_by_key(|(person, _)| person.role);
    let people = people
        .into_iter()
        .map(|(person, pin)| TeamRow {
            name: person.name.as_str().to_owned(),
            role: person_role(person.role),
            email: person.email.as_ref().map(|email| email.masked()),
            phone: person.phone.as_ref().map(|phone| phone.masked()),
            pin: state_of(visit.held_by(), pin),
            may_unlock: pin == Some(judge::PinState::Locked) && may_unlock(&visit, &person),
            may_reset: may_reset(&visit, &person),
            id: person.id.to_string(),
            is_you: person.id == visit.session.person.id,
        })
        .collect();
    visit.show(&Team {
        layout,
        people,
        people_hold_pins: visit.held_by() == HeldBy::Person,
    })
}

fn state_of(held_by: HeldBy, pin: Option<judge::PinState>) -> PinState {
    match (held_by, pin) {
        (HeldBy::Account | HeldBy::Nobody, _) => PinState::NotHeld,
        (HeldBy::Person, Some(judge::PinState::Active)) => PinState::Active,
        (HeldBy::Person, Some(judge::PinState::Locked)) => PinState::Locked,
        (HeldBy::Person, Some(judge::PinState::None) | None) => PinState::Absent,
    }
}
