//! Words of the use cases as the desk's pages say them, and what may be seen of an account before a match (A5).

use countersign_domain::conversation::{Channel, Direction};
use countersign_domain::judge;
use countersign_domain::person::{Person, PersonStatus, Role};
use http::StatusCode;

use crate::error::Problem;
use crate::page::Form;
use crate::views::desk;
use crate::views::layout;

/// How the conversation of a form comes about: its channel and its direction; a phone call to us by default.
pub(super) fn how(form: &Form) -> Result<(Channel, Direction), Problem> {
    let unread = |()| Problem::of_status(StatusCode::BAD_REQUEST);
    let channel = match form.text("channel") {
        "" => Channel::Phone,
        text => text.parse().map_err(|_| unread(()))?,
    };
    let direction = match form.text("direction") {
        "" => Direction::Inbound,
        text => text.parse().map_err(|_| unread(()))?,
    };
    Ok((channel, direction))
}

/// The channel as the page says it.
pub(super) fn channel(channel: Channel) -> layout::Channel {
    match channel {
        Channel::Phone => layout::Channel::Phone,
        Channel::Chat => layout::Channel::Chat,
        Channel::Email => layout::Channel::Email,
        Channel::InPerson => layout::Channel::InPerson,
        Channel::Ivr => layout::Channel::PhoneMenu,
        Channel::Api => layout::Channel::Program,
    }
}

/// The direction as the page says it.
pub(super) fn direction(direction: Direction) -> desk::Direction {
    match direction {
        Direction::Inbound => desk::Direction::Inbound,
        Direction::Outbound => desk::Direction::Outbound,
    }
}

/// The state of a PIN as the desk says it; none where it is not held here.
pub(super) fn pin_state(state: Option<judge::PinState>) -> layout::PinState {
    match state {
        None => layout::PinState::NotHeld,
        Some(judge::PinState::None) => layout::PinState::Absent,
        Some(judge::PinState::Active) => layout::PinState::Active,
        Some(judge::PinState::Locked) => layout::PinState::Locked,
    }
}

/// The last two digits of a phone on record: the owner's before anybody else's.
pub(super) fn phone_ends<'a>(people: impl Iterator<Item = &'a Person>) -> Option<String> {
    let number = people
        .filter(|person| person.status == PersonStatus::Active)
        .filter_map(|person| Some((person.role != Role::Owner, person.phone.as_ref()?.e164())))
        .min_by_key(|(other, _)| *other)?
        .1;
    Some(number.chars().skip(number.len().saturating_sub(2)).collect())
}
