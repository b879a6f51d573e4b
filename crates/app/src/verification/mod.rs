//! A caller is verified: in one shot by a program, or within a conversation at the desk.

pub(crate) mod judge;
pub(crate) mod one_time_pin;
pub mod submit;
pub mod verify_once;
pub mod verify_person;
