//! What a supervisor may do about the PINs of an account, where the policy lets them (D5), in a conversation that
//! somebody else opened (security.md 1.5).

use countersign_app::conversations::read::ConversationView;
use countersign_app::pins::PinOf;
use countersign_domain::access::Permission;
use countersign_domain::ids::{ConversationId, PersonId};
use countersign_domain::judge::PinState;
use countersign_domain::person::{Person, PersonStatus, Role};
use countersign_domain::policy::{HeldBy, Relation};
use http::StatusCode;
use serde::Deserialize;

use super::shapes::pin_state;
use super::visit::DeskVisit;
use crate::error::Problem;
use crate::page::Form;
use crate::views::desk::{HolderCare, PinCare, PinDeed, PinQuestion};

/// What the address of a question may say.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    pub(super) person: Option<PersonId>,
}

/// A holder whose PIN is asked about.
pub(super) struct Holder<'a> {
    /// For the use case.
    pub(super) pin_of: PinOf,
    /// The person, where people hold the PINs.
    pub(super) person: Option<&'a Person>,
}

/// Whether the reader may unlock PINs of this brand at all.
pub(super) fn may_unlock(visit: &DeskVisit) -> bool {
    let (caller, policy) = (&visit.caller, &visit.caller.brand.policy);
    caller.must(Permission::UnlockPin).is_ok() && policy.may_unlock(&caller.actor, Relation::Outside)
}

/// Whether the reader may have new PINs made at this brand at all.
pub(super) fn may_reset(visit: &DeskVisit) -> bool {
    let (caller, policy) = (&visit.caller, &visit.caller.brand.policy);
    caller.must(Permission::ResetPin).is_ok() && policy.may_reset(&caller.actor, Relation::Outside)
}

/// Whether the reader is the one who opened the conversation.
pub(super) fn is_own(visit: &DeskVisit, it: &ConversationView) -> bool {
    it.opened_by == visit.caller.actor_ref()
}

/// The card on the conversation's page; none for those who may do nothing of it.
pub(super) fn card(visit: &DeskVisit, it: &ConversationView) -> Option<PinCare> {
    let (unlock, reset) = (may_unlock(visit), may_reset(visit));
    if !(unlock || reset) || !it.conversation.is_open() {
        return None;
    }
    let care = |person: Option<&Person>, state: PinState| HolderCare {
        person: person.map_or_else(String::new, |person| person.id.to_string()),
        masked_name: person.map_or_else(|| it.account.name.masked(), |person| person.name.masked()),
        pin: pin_state(Some(state)),
        may_unlock: unlock && state == PinState::Locked,
        // A contact has no sign-in, so nobody could show them a new one.
        may_reset: reset && person.is_none_or(|person| person.role != Role::Contact),
    };
    let holders = match visit.caller.brand.policy.support_pin.held_by {
        HeldBy::Account => it
            .account_pin
            .map(|state| care(None, state))
            .into_iter()
            .collect(),
        HeldBy::Person => it
            .people
            .iter()
            .filter(|(person, _)| person.status == PersonStatus::Active)
            .filter_map(|(person, state)| Some(care(Some(person), (*state)?)))
            .collect(),
        HeldBy::Nobody => Vec::new(),
    };
    (!holders.is_empty()).then(|| PinCare {
        own: is_own(visit, it),
        holders,
    })
}

/// The holder that a question or a form names.
pub(super) fn holder<'a>(
    visit: &DeskVisit,
    it: &'a ConversationView,
    person: Option<PersonId>,
) -> Result<Holder<'a>, Problem> {
    let number = it.account.number.clone();
    if visit.caller.brand.policy.support_pin.held_by != HeldBy::Person {
        return Ok(Holder {
            pin_of: PinOf::Account(number),
            person: None,
        });
    }
    let named = |id: PersonId| it.people.iter().find(|(person, _)| person.id == id);
    let (person, _) = person
        .and_then(named)
        .ok_or_else(|| Problem::not_found("there is no such person on this account"))?;
    Ok(Holder {
        pin_of: PinOf::Person(number, person.id),
        person: Some(person),
    })
}

/// The question before the deed.
pub(super) fn question(
    visit: &DeskVisit,
    it: &ConversationView,
    holder: &Holder<'_>,
    deed: PinDeed,
) -> PinQuestion {
    let person = holder.person;
    PinQuestion {
        layout: visit.layout(),
        id: it.conversation.id.to_string(),
        account_number: it.account.number.as_str().to_owned(),
        person: person.map_or_else(String::new, |person| person.id.to_string()),
        masked_name: person.map_or_else(|| it.account.name.masked(), |person| person.name.masked()),
        deed,
    }
}

/// The person whom a form names, if it names one.
pub(super) fn person_of(form: &Form) -> Result<Option<PersonId>, Problem> {
    match form.text("person") {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|_| Problem::of_status(StatusCode::BAD_REQUEST)),
    }
}

/// The address of the conversation, or of a page below it, about this person.
pub(super) fn path(conversation: ConversationId, below: &str, person: Option<PersonId>) -> String {
    let path = format!("/desk/conversations/{conversation}{below}");
    match person {
        Some(person) => format!("{path}?person={person}"),
        None => path,
    }
}
