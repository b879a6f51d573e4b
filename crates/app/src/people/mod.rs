//! People on accounts.

pub mod create;
mod notice;
pub mod phone;
