//! The evidence: read and proved.

pub mod list;
pub mod table;
pub mod verify;
