//! Ways out of the house, each against a peer that shares no line with it: the outbox that feeds them, what they say on the
//! wire, and the reports that come back.
//!
//! `ci/test` installs the peers and names them in the environment; without them these tests fail.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where its ground is missing"
)]

mod faults;
mod kannel;
mod mail;
mod outbox;
mod peers;
mod support;
mod twilio;
