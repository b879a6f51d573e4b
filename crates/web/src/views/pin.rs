//! A Support PIN that can be seen and changed, and the rules for a new one.

use super::terms::{Moment, PinState};
use super::words::Words;

/// A Support PIN that can be seen and changed.
#[derive(Clone, Debug)]
pub struct PinSection {
    /// The state.
    pub state: PinState,
    /// True where this reader may choose a new one.
    pub may_choose: bool,
    /// True where this reader may have one made.
    pub may_generate: bool,
    /// When it was last changed.
    pub changed: Option<Moment>,
    /// The digits a PIN has.
    pub length: u32,
    /// The rules in the policy's order (D2).
    pub rules: Vec<PinRule>,
    /// Why the last try was refused.
    pub problem: Option<PinProblem>,
    /// Where the reader has to prove themselves before they may change it; none where they did lately (B4).
    pub proof_at: Option<String>,
}

/// A rule as the page shows it.
#[derive(Clone, Debug)]
pub struct PinRule {
    /// The stable name, the same as in the API: `length`, `equal_in_a_row`, `in_sequence`, …
    pub name: String,
    /// The number in the rule (digits, how many in a row); 0 where it has none.
    pub limit: u32,
    /// What the server said about the last try; none before one.
    pub held: Option<bool>,
}

impl PinRule {
    /// The rule in words.
    #[must_use]
    pub fn sentence(&self, words: &Words) -> String {
        match self.name.as_str() {
            "length" => words.count("rule-length", self.limit),
            "equal_in_a_row" => words.count("rule-equal-in-a-row", self.limit),
            "in_sequence" => words.count("rule-in-sequence", self.limit),
            "guessable" => words.say("rule-guessable"),
            "date" => words.say("rule-date"),
            "from_phone" => words.say("rule-from-phone"),
            "from_account_number" => words.say("rule-from-account-number"),
            "same_as_before" => words.say("rule-same-as-before"),
            other => words.with("rule-other", &[("name", other)]),
        }
    }

    /// `held`, `broken` or `open`, for the style sheet and the script.
    #[must_use]
    pub fn mark(&self) -> &'static str {
        match self.held {
            Some(true) => "held",
            Some(false) => "broken",
            None => "open",
        }
    }
}

/// Why a new PIN was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinProblem {
    /// Nothing was typed.
    Empty,
    /// Something other than digits was typed.
    NotDigits,
    /// It breaks a rule; the rules say which.
    BreaksRules,
    /// It is the present one.
    SameAsBefore,
}

impl PinProblem {
    /// The sentence beside the field.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Empty => "pin-problem-empty",
            Self::NotDigits => "pin-problem-not-digits",
            Self::BreaksRules => "pin-problem-breaks-rules",
            Self::SameAsBefore => "pin-problem-same",
        }
    }
}
