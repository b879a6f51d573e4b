//! People on accounts.

pub mod create;
pub mod phone;
