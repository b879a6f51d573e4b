//! Accounts: created, read, found, taken in from a file.

pub mod create;
pub mod import;
pub mod read;
pub mod search;
