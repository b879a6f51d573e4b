//! Staff: made and given new passwords on the command line.

pub mod create;
pub mod reset_password;
