//! People on accounts.

pub mod create;
