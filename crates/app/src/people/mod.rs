//! People on accounts.

pub mod create;
pub mod locate;
mod notice;
pub mod phone;
pub mod user;
