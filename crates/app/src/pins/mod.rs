//! Support PINs: made, shown to their holder, changed, reset, unlocked. Judging is in [`crate::verification`].

mod at_desk;
pub mod change;
mod holder;
pub(crate) mod locked_notice;
pub(crate) mod new_holder;
pub(crate) mod new_pin;
pub mod reset;
pub mod reset_for_another;
pub mod reveal;
pub(crate) mod row;
pub mod state;
pub mod unlock;

pub use holder::PinOf;
