//! The second factor of whoever signs in, customer or staff: set up, switched off, its codes on paper, remembered devices.
//!
//! What changes a factor ends what rested on the one before: remembered devices, half-open sign-ins and all other sessions;
//! it stands in the subject's chain, and its owner gets an e-mail. Whoever changes one holds a [`Proven`]: the session's last
//! proof was fresh (B4).
//!
//! Codes are compared in `judge.rs` alone.

pub mod codes;
pub mod devices;
pub mod disable;
pub mod enrol;
pub(crate) mod judge;
pub(crate) mod notice;
pub mod overview;
pub mod reset;
pub(crate) mod state;
pub(crate) mod visitor;

pub use crate::sign_in::session::Proven;
pub use codes::PaperCodes;
pub use judge::{Answer, WrongCode};
