//! Conversations with support: opened, read, closed.

pub mod close;
pub mod list_mine;
pub mod look;
pub mod open;
pub mod read;
