//! The Support PIN: its digits, the rules for a chosen one, and how one is made.
//!
//! A PIN is a text of digits and never a number: `012345` has six digits and is not `12345`.

mod digits;
mod generation;
mod guessable;
mod rules;

pub use digits::{Digits, DigitsError};
pub(crate) use digits::{Reading, read as read_digit};
pub use generation::{BrokenRandomness, generate};
pub use rules::{PinRules, Rule, RuleLine, RuleReport, Surroundings};
