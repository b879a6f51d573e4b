//! The real program, started as its users start it.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what starts and asks the program stops a test with the line that failed"
)]

mod browser;
mod canaries;
mod cluster;
mod crashes;
mod demo;
mod durability;
mod gateways;
mod inviting;
mod nodes;
mod postgres;
mod postgres_tls;
mod refusals;
mod running;
mod second_factors;
mod setting_up;
mod taking_over;
mod tls;
