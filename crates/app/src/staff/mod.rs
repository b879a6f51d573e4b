//! Staff: made, disabled and given new passwords on the command line.

pub mod create;
pub mod disable;
pub mod reset_password;
