//! The people on the account, and what the pages about them share: rows and the country list.

use axum::response::Response;
use countersign_app::team::list::{SignInState, TeamMember, list};
use countersign_app::team::phone::PhoneOnRecord;
use countersign_domain::access::Permission;
use countersign_domain::contact::{Phone, countries};
use countersign_domain::judge;
use countersign_domain::person::{PersonStatus, Role};
use countersign_domain::policy::HeldBy;

use super::team_pin::{may_reset, may_unlock};
use super::visit::{PortalVisit, person_role};
use crate::page::{Away, moment};
use crate::views::layout::PinState;
use crate::views::team::{
    CountryOption, PhoneCell, PhoneField, PhoneMark, PhoneProblem, SignInMark, Team, TeamRow, country_key,
};

/// Shows them, the owner first. Nobody sees another's PIN (D1), only whether there is one.
pub(super) async fn show(visit: PortalVisit) -> Result<Response, Away> {
    let layout = visit.layout().await?;
    let members = list(&visit.web.app, &visit.caller).await?;
    visit.show(&Team {
        layout,
        people: members.iter().map(|member| row(&visit, member)).collect(),
        people_hold_pins: visit.held_by() == HeldBy::Person,
        may_add: manages(&visit),
    })
}

/// Whether the reader manages people.
pub(super) fn manages(visit: &PortalVisit) -> bool {
    visit.caller.must(Permission::ManagePeople).is_ok()
}

/// Somebody as the pages show them.
pub(super) fn row(visit: &PortalVisit, member: &TeamMember) -> TeamRow {
    let person = &member.person;
    let is_you = person.id == visit.session.person.id;
    let active = person.status == PersonStatus::Active;
    TeamRow {
        id: person.id.to_string(),
        name: person.name.as_str().to_owned(),
        role: person_role(person.role),
        email: person.email.as_ref().map(|email| email.masked()),
        phone: member.phone.as_ref().map(|phone| phone_cell(visit, phone)),
        pin: state_of(visit.held_by(), member.pin),
        sign_in: match member.sign_in {
            SignInState::Ready => SignInMark::Ready,
            SignInState::OnlyCalls => SignInMark::OnlyCalls,
            SignInState::Invited { until } => SignInMark::Invited { until: moment(until) },
            SignInState::InvitationOver => SignInMark::Over,
            SignInState::NotInvited => SignInMark::NotInvited,
            SignInState::SwitchedOff => SignInMark::Off,
        },
        second_factor: member.second_factor,
        may_unlock: active && member.pin == Some(judge::PinState::Locked) && may_unlock(visit, person),
        may_reset: active && may_reset(visit, person),
        may_edit: is_you || manages(visit),
        is_you,
    }
}

/// A number on record as the pages show it.
pub(super) fn phone_cell(visit: &PortalVisit, phone: &PhoneOnRecord) -> PhoneCell {
    let mark = match (phone.confirmed_at, phone.usable_from) {
        (None, _) => PhoneMark::Unconfirmed,
        (Some(_), Some(from)) if from > visit.web.app.now() => PhoneMark::Waits { from: moment(from) },
        (Some(_), _) => PhoneMark::Confirmed,
    };
    PhoneCell {
        shown: phone.phone.masked(),
        mark,
    }
}

/// The field for a number, with the country that was chosen, or that of the number on record, or the brand's.
pub(super) fn phone_field(
    visit: &PortalVisit,
    chosen: &str,
    known: Option<&Phone>,
    typed: &str,
    problem: Option<PhoneProblem>,
) -> PhoneField {
    let usual = known
        .and_then(Phone::region)
        .or_else(|| visit.caller.brand.brand.default_region.clone())
        .unwrap_or_else(|| "US".to_owned());
    let chosen = if chosen.is_empty() { &usual } else { chosen };
    let words = &visit.reader.words;
    let mut options: Vec<CountryOption> = countries()
        .into_iter()
        .map(|country| CountryOption {
            label: format!(
                "{} (+{})",
                words.say(&country_key(&country.region)),
                country.calling_code
            ),
            selected: country.region == chosen,
            region: country.region,
        })
        .collect();
    options.sort_by(|one, other| one.label.cmp(&other.label));
    PhoneField {
        countries: options,
        phone: typed.chars().take(64).collect(),
        problem,
    }
}

/// Reads what was typed into that field.
pub(super) fn read_phone(country: &str, typed: &str) -> Result<Phone, PhoneProblem> {
    let region = (!country.is_empty()).then_some(country);
    Phone::parse(typed, region).map_err(PhoneProblem::Reads)
}

/// Every role, the owner first.
pub(super) const ROLES: [Role; 4] = [Role::Owner, Role::Admin, Role::Member, Role::Contact];

fn state_of(held_by: HeldBy, pin: Option<judge::PinState>) -> PinState {
    match (held_by, pin) {
        (HeldBy::Account | HeldBy::Nobody, _) => PinState::NotHeld,
        (HeldBy::Person, Some(judge::PinState::Active)) => PinState::Active,
        (HeldBy::Person, Some(judge::PinState::Locked)) => PinState::Locked,
        (HeldBy::Person, Some(judge::PinState::None) | None) => PinState::Absent,
    }
}
