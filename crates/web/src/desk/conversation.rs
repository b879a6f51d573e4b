//! A conversation: what was reached, what may be done, and before a match nothing that a stranger may not see (A5).

use axum::response::Response;
use countersign_app::conversations::look::record_look;
use countersign_app::conversations::read::{ActionNow, ConversationView};
use countersign_domain::access::Permission;
use countersign_domain::ids::{ConversationId, PersonId};
use countersign_domain::person::PersonStatus;
use countersign_domain::policy::{HeldBy, Requirement};
use serde::Deserialize;

use super::care;
use super::codes;
use super::panel::panel;
use super::shapes::{self, phone_ends, pin_state};
use super::visit::DeskVisit;
use crate::extract::{Path, Query};
use crate::page::{Away, moment};
use crate::portal::person_role;
use crate::views::desk::{
    AccountDetails, ActionReason, ActionRow, Conversation, PersonChoice, PersonDetails,
};

/// What came of the last try. It is a word about the past; what counts now is read from the conversation.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(super) enum Last {
    /// It did not match.
    Denied,
    /// What was said has run out.
    Expired,
    /// There was nothing to compare with.
    Unavailable,
    /// The agent's budget is spent.
    Stopped,
    /// A one-time PIN did not match.
    CodeDenied,
    /// A one-time PIN is over.
    CodeExpired,
    /// Too many wrong one-time PINs.
    CodeLocked,
}

impl Last {
    /// The word in the address.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::Unavailable => "unavailable",
            Self::Stopped => "stopped",
            Self::CodeDenied => "code_denied",
            Self::CodeExpired => "code_expired",
            Self::CodeLocked => "code_locked",
        }
    }
}

/// What the address may say.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    last: Option<Last>,
    person: Option<PersonId>,
}

/// Shows it.
pub(super) async fn show(
    visit: DeskVisit,
    Path(id): Path<ConversationId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Away> {
    let (visit, it) = visit.find(id).await?;
    record_look(&visit.web.app, &visit.caller, &it).await?;
    let chosen = chosen(&it, asked.person);
    let account = &it.account;
    let policy = &visit.caller.brand.policy;
    let view = Conversation {
        layout: visit.layout(),
        id: id.to_string(),
        masked_name: account.name.masked(),
        account_number: account.number.as_str().to_owned(),
        phone_ends: phone_ends(it.people.iter().map(|(person, _)| person)),
        pin: pin_state(it.account_pin),
        channel: shapes::channel(it.conversation.channel),
        direction: shapes::direction(it.conversation.direction),
        opened: moment(it.conversation.opened_at),
        people: people(&it, policy.support_pin.held_by, chosen),
        pin_length: policy.support_pin.length.into(),
        asks_pin: policy.support_pin.held_by != HeldBy::Nobody
            && it.reached.is_none_or(|reached| reached.proof.is_none()),
        codes: codes::card(&visit, &it, asked.last, chosen),
        panel: panel(&visit, &it, asked.last, chosen),
        actions: it
            .actions
            .iter()
            .map(|one| action(one, policy.support_pin.held_by))
            .collect(),
        care: care::card(&visit, &it),
        anothers: !visit.caller.actor.may_check_in(&it.opened_by),
        brand: visit.caller.brand.brand.id.to_string(),
        reads_only: visit.caller.must(Permission::VerifyCaller).is_err(),
        details: it
            .reached
            .filter(|_| visit.caller.must(Permission::ReadAccount).is_ok())
            .map(|_| details(&it)),
    };
    visit.show(&view)
}

/// Who says to be calling: as chosen in the form, as the conversation was opened, or the only one there is.
fn chosen(it: &ConversationView, asked: Option<PersonId>) -> Option<PersonId> {
    let known = |id: &PersonId| it.people.iter().any(|(person, _)| person.id == *id);
    asked
        .filter(known)
        .or(it.conversation.person)
        .or(match it.people.as_slice() {
            [(only, _)] => Some(only.id),
            _ => None,
        })
}

fn people(it: &ConversationView, held_by: HeldBy, chosen: Option<PersonId>) -> Vec<PersonChoice> {
    if held_by != HeldBy::Person {
        return Vec::new();
    }
    it.people
        .iter()
        .filter(|(person, _)| person.status == PersonStatus::Active)
        .map(|(person, pin)| PersonChoice {
            id: person.id.to_string(),
            masked_name: person.name.masked(),
            role: person_role(person.role),
            pin: pin_state(Some(pin.unwrap_or(countersign_domain::judge::PinState::None))),
            chosen: chosen == Some(person.id),
        })
        .collect()
}

fn action(action: &ActionNow, held_by: HeldBy) -> ActionRow {
    ActionRow {
        title: action.title.clone(),
        allowed: action.allowed,
        reason: match (action.requires, action.allowed) {
            (Requirement::None, _) => ActionReason::Always,
            (Requirement::Pin, true) => ActionReason::Verified,
            (Requirement::Strong, true) => ActionReason::VerifiedTwice,
            (Requirement::Pin, false) if held_by == HeldBy::Nobody => ActionReason::NeedsOneTimePin,
            (Requirement::Pin, false) => ActionReason::NeedsPin,
            (Requirement::Strong, false) => ActionReason::NeedsSecondProof,
        },
    }
}

/// Everything about the account. Only for a conversation whose proof counts now, and for those who may read accounts.
fn details(it: &ConversationView) -> AccountDetails {
    AccountDetails {
        name: it.account.name.as_str().to_owned(),
        people: it
            .people
            .iter()
            .map(|(person, _)| PersonDetails {
                name: person.name.as_str().to_owned(),
                role: person_role(person.role),
                email: person.email.as_ref().map(|email| email.as_str().to_owned()),
                phone: person.phone.as_ref().map(|phone| phone.e164().to_owned()),
            })
            .collect(),
    }
}
