//! One-time PINs are sent (E1, E2), and what became of them is told. They are judged in `verification/one_time_pin.rs`.

pub mod deliveries;
mod limits;
pub mod numbers;
pub mod send;

use countersign_domain::ids::{ConversationId, PersonId};
use countersign_domain::time::Timestamp;

/// What the MAC of a code is over, beside its digits: it counts in this conversation, for this person and until this moment,
/// whatever somebody writes into the row.
pub(crate) fn owner(conversation: ConversationId, person: PersonId, expires_at: Timestamp) -> String {
    format!("{conversation}/{person}/{}", expires_at.micros())
}
