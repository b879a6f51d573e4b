//! What happened on an account, for those who are on it.

pub mod list;
