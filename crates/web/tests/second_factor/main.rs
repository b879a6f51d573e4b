//! Signing in with a second factor, by the use cases themselves: the pages rest on what is shown here.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where its ground is missing"
)]

mod codes;
mod devices;
mod enrolling;
mod limits;
mod proving;
mod races;
mod signing_in;
mod sms;
mod staff;
mod support;
