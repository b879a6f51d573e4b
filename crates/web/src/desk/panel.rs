//! The one result panel: what the agent has to know first.

use countersign_app::conversations::read::ConversationView;
use countersign_domain::access::Sight;
use countersign_domain::conversation::{Assurance, Direction, Reached, Stage};
use countersign_domain::ids::PersonId;
use countersign_domain::judge::PinState;
use countersign_domain::policy::{HeldBy, Party};

use super::conversation::Last;
use super::visit::DeskVisit;
use crate::views::desk::{Panel, Proved, Unlocker};
use crate::views::desk_codes::CodeAnswer;

/// The panel of a conversation. What counts now comes before what the last try answered.
pub(super) fn panel(
    visit: &DeskVisit,
    it: &ConversationView,
    last: Option<Last>,
    chosen: Option<PersonId>,
) -> Panel {
    let held_by = visit.caller.brand.policy.support_pin.held_by;
    if !it.conversation.is_open() {
        return Panel::Closed;
    }
    if it.sight == Sight::Masked {
        return Panel::Anothers;
    }
    if it.conversation.direction == Direction::Outbound {
        return Panel::Outbound;
    }
    if held_by == HeldBy::Nobody && !visit.caller.brand.policy.one_time_pin.enabled {
        return Panel::Unavailable;
    }
    if let Some(reached) = it.reached {
        return verified(visit, it, reached);
    }
    if last == Some(Last::Stopped) {
        return Panel::Stopped;
    }
    if let Some(answer) = last.and_then(answer_of) {
        return Panel::Code(answer);
    }
    if is_locked(it, held_by, chosen) {
        return Panel::Locked {
            who_can: who_can(visit),
        };
    }
    match last {
        // Nothing to compare with looks like a wrong PIN: the agent says the same words.
        Some(Last::Denied | Last::Unavailable) => Panel::NotVerified,
        Some(Last::Expired) => Panel::Expired,
        _ if ran_out(visit, it) => Panel::Expired,
        _ => Panel::Waiting,
    }
}

/// What the last try of a one-time PIN came to.
pub(super) fn answer_of(last: Last) -> Option<CodeAnswer> {
    match last {
        Last::CodeDenied => Some(CodeAnswer::Denied),
        Last::CodeExpired => Some(CodeAnswer::Expired),
        Last::CodeLocked => Some(CodeAnswer::Locked),
        Last::Denied | Last::Expired | Last::Unavailable | Last::Stopped => None,
    }
}

fn verified(visit: &DeskVisit, it: &ConversationView, reached: Reached) -> Panel {
    let left = reached.until.since(visit.web.app.now()).as_secs();
    let person = reached
        .person()
        .and_then(|id| it.people.iter().find(|(person, _)| person.id == id));
    Panel::Verified {
        seconds_left: u32::try_from(left).unwrap_or(u32::MAX),
        person: person.map_or_else(String::new, |(person, _)| person.name.as_str().to_owned()),
        by: match (reached.proof, reached.code) {
            (Some(_), Some(_)) if reached.assurance >= Assurance::Strong => Proved::Both,
            (None, Some(_)) => Proved::Code,
            (Some(_), _) | (None, None) => Proved::Pin,
        },
    }
}

fn is_locked(it: &ConversationView, held_by: HeldBy, chosen: Option<PersonId>) -> bool {
    let state = match held_by {
        HeldBy::Account => it.account_pin,
        HeldBy::Person => it
            .people
            .iter()
            .find(|(person, _)| chosen == Some(person.id))
            .and_then(|(_, pin)| *pin),
        HeldBy::Nobody => None,
    };
    state == Some(PinState::Locked)
}

/// Whether there was a match whose time is over.
fn ran_out(visit: &DeskVisit, it: &ConversationView) -> bool {
    match it.conversation.stage {
        Stage::Open { proof, code } => {
            let until = proof.map(|proof| proof.until).max(code.map(|code| code.until));
            until.is_some_and(|until| until <= visit.web.app.now())
        }
        Stage::Closed { .. } => false,
    }
}

fn who_can(visit: &DeskVisit) -> Vec<String> {
    let words = &visit.reader.words;
    visit
        .caller
        .brand
        .policy
        .who_may_unlock()
        .filter_map(|party| match party {
            Party::Holder => Some(Unlocker::Holder),
            Party::Owner => Some(Unlocker::Owner),
            Party::Admin => Some(Unlocker::AccountAdmin),
            Party::Supervisor => Some(Unlocker::Supervisor),
            Party::Api => None,
        })
        .map(|who| words.say(who.key()))
        .collect()
}
