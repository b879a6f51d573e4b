//! The evidence: what was done, by whom, to whom, and how it came out, in a form that can not be changed unseen.
//!
//! Two structures hold every event, and each catches what the other can not:
//!
//! - its **chain** ([`chain`]): all events about one account, person, staff member or brand, numbered from 1, each
//!   naming the hash of the one before. The head of a chain stands in the row that its events change, so that the row
//!   and its evidence can be compared;
//! - the **log** ([`merkle`]): all events of the server in one RFC 6962 tree, whose size and root leave the machine as
//!   checkpoints, so that not even someone who rewrites every row goes unnoticed.
//!
//! [`event`] says what an event holds and gives its bytes; [`export`] is the form in which events leave and are proven;
//! `docs/audit-format.md` describes both for people who do not trust this code.
//!
//! To add an action, add a line to the list of [`Action`]: its name is for ever, because old evidence holds it.

pub mod chain;
pub mod event;
pub mod export;
pub mod finding;
pub(crate) mod hex;
pub mod merkle;
pub mod names;
pub mod reference;

pub use chain::{Entry, Head, append, verify_chain};
pub use event::{Detail, Event, EventDraft, canonical_bytes};
pub use export::{Checkpoint, Heads, Report, verify_export};
pub use finding::{Finding, Problem};
pub use names::{Action, Channel, DetailKey, Outcome};
pub use reference::{ActorRef, Chain, Subject};

#[cfg(test)]
mod proofs;
#[cfg(test)]
mod published;
#[cfg(test)]
mod samples;
