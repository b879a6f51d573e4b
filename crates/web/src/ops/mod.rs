//! For those who run the server.

pub(crate) mod health;
pub(crate) mod metrics;
