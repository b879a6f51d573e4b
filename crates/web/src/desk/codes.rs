//! The card of one-time PINs on a conversation's page (E2, E5).

use countersign_app::conversations::read::ConversationView;
use countersign_app::one_time_pins::deliveries::Delivery;
use countersign_app::one_time_pins::numbers::Ways;
use countersign_domain::access::Permission;
use countersign_domain::conversation::Direction;
use countersign_domain::delivery::{Channel, DeliveryState};
use countersign_domain::ids::PersonId;
use countersign_domain::one_time_pin::NumberStanding;
use countersign_domain::person::Person;

use super::conversation::Last;
use super::panel::answer_of;
use super::visit::DeskVisit;
use crate::page::moment;
use crate::portal::person_role;
use crate::views::desk_codes::{CodeTo, CodeWay, DeliveryNow, DeliveryRow, NumberTrouble, OneTimePins};

/// The card; none where nothing may be sent: in a conversation that we began (D6), that is over, or that is a colleague's.
pub(super) fn card(
    visit: &DeskVisit,
    it: &ConversationView,
    last: Option<Last>,
    chosen: Option<PersonId>,
) -> Option<OneTimePins> {
    let (caller, policy) = (&visit.caller, &visit.caller.brand.policy.one_time_pin);
    let sends = caller.must(Permission::SendOneTimePin).is_ok() && caller.actor.may_check_in(&it.opened_by);
    let open = it.conversation.is_open() && it.conversation.direction == Direction::Inbound;
    if !policy.enabled || !sends || !open {
        return None;
    }
    // To whom the last one went is who is calling, as far as anybody knows.
    let caller_is = it.deliveries.first().map(|sent| sent.person).or(chosen);
    Some(OneTimePins {
        people: it
            .ways
            .iter()
            .filter_map(|ways| {
                let (person, _) = it.people.iter().find(|(person, _)| person.id == ways.person)?;
                Some(to(person, ways, caller_is))
            })
            .collect(),
        ways: policy.channels.iter().map(|channel| way(*channel)).collect(),
        deliveries: it.deliveries.iter().map(row).collect(),
        digits: policy.digits.into(),
        wait_seconds: it.wait_before_next.map_or(0, |left| {
            u32::try_from(left.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX)
        }),
        // Where nothing counts yet the panel says it.
        answer: last.filter(|_| it.reached.is_some()).and_then(answer_of),
    })
}

fn to(person: &Person, ways: &Ways, caller_is: Option<PersonId>) -> CodeTo {
    CodeTo {
        id: person.id.to_string(),
        masked_name: person.name.masked(),
        role: person_role(person.role),
        number: ways.number.clone(),
        trouble: match ways.number_standing {
            NumberStanding::Usable => None,
            NumberStanding::Missing => Some(NumberTrouble::Missing),
            NumberStanding::Unconfirmed => Some(NumberTrouble::Unconfirmed),
            NumberStanding::Waits { .. } => Some(NumberTrouble::Waits),
            NumberStanding::NotAllowed => Some(NumberTrouble::NotAllowed),
        },
        address: ways.address.clone(),
        chosen: caller_is == Some(person.id),
    }
}

/// One that was sent, as a row of the card.
fn row(sent: &Delivery) -> DeliveryRow {
    DeliveryRow {
        id: sent.id.to_string(),
        way: way(sent.channel),
        to: sent.to.clone(),
        state: state(sent.state),
        sent: moment(sent.sent_at),
        good: sent.good,
    }
}

fn way(channel: Channel) -> CodeWay {
    match channel {
        Channel::Sms => CodeWay::Sms,
        Channel::Voice => CodeWay::Voice,
        Channel::Email => CodeWay::Email,
    }
}

/// How far one came, as the desk says it.
pub(super) fn state(state: DeliveryState) -> DeliveryNow {
    match state {
        DeliveryState::Queued => DeliveryNow::Queued,
        DeliveryState::Accepted => DeliveryNow::Sent,
        DeliveryState::Delivered => DeliveryNow::Delivered,
        DeliveryState::Failed => DeliveryNow::Failed,
        DeliveryState::Expired => DeliveryNow::Expired,
    }
}
