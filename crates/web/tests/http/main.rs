//! The API through its router: what it promises, and what it withstands. Names carry the requirement that they hold.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where its ground is missing"
)]

mod accounts;
mod bodies;
mod budgets;
mod clocks;
mod description;
mod entrances;
mod evidence;
mod failures;
mod forbidden_evidence;
mod idempotency;
mod nodes;
mod one_time_pins;
mod operations;
mod phone_pin;
mod pins;
mod races;
mod refusals;
mod rights;
mod signing_in;
mod spellings;
mod support;
mod tampering;
mod verifying;
