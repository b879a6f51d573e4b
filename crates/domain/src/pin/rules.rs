//! The rules for a chosen PIN. Which of them apply is the policy's.

use serde::Serialize;

use super::digits::Digits;
use super::guessable::{is_date, is_guessable, longest_run};
use crate::account::AccountNumber;
use crate::contact::Phone;
use crate::words::words;

/// The rules that a brand's policy turns on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinRules {
    /// Exactly how many digits a PIN has (A4, B1, D2): 1 to [`Digits::MOST`].
    pub length: usize,
    /// The most equal digits in a row; 0 turns the rule off (D2: 3).
    pub max_equal_in_a_row: usize,
    /// The most digits in sequence, up or down; 0 turns the rule off (D2: 3).
    pub max_in_sequence: usize,
    /// Refuse what many people choose.
    pub refuse_guessable: bool,
    /// Refuse what reads as a date.
    pub refuse_dates: bool,
    /// Refuse digits taken from the account number or from a phone number on record.
    pub refuse_personal_digits: bool,
}

words! {
    /// One rule. Its name is stable: pages, answers of the API and translations use it.
    Rule, RuleError, "a rule" {
        /// Not the number of digits that the brand asks for.
        Length = "length",
        /// Too many equal digits in a row.
        EqualInARow = "equal_in_a_row",
        /// Too many digits in sequence, up or down.
        InSequence = "in_sequence",
        /// One of the PINs that many people choose.
        Guessable = "guessable",
        /// A date.
        Date = "date",
        /// Digits of a phone number on record.
        FromPhone = "from_phone",
        /// Digits of the account number.
        FromAccountNumber = "from_account_number",
        /// The PIN that is being replaced. Decided by the application, which alone can compare with it.
        SameAsBefore = "same_as_before",
    }
}

/// What is known about the holder, for the rule against personal digits.
#[derive(Debug, Clone, Copy, Default)]
pub struct Surroundings<'a> {
    /// Every phone number on record for the holder.
    pub phones: &'a [Phone],
    /// The number of the account.
    pub account_number: Option<&'a AccountNumber>,
}

/// One rule that applies, and whether the PIN keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RuleLine {
    /// Which rule.
    pub rule: Rule,
    /// True when the PIN keeps it.
    pub held: bool,
}

/// Every rule that applies, in the order of [`Rule::ALL`], so that a page can show each one live (D2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleReport {
    /// The rules that the policy turns on; those it leaves off are not listed.
    pub lines: Vec<RuleLine>,
}

impl RuleReport {
    /// True when every rule is kept.
    #[must_use]
    pub fn all_held(&self) -> bool {
        self.lines.iter().all(|line| line.held)
    }

    /// The rules that are broken, in order.
    pub fn broken(&self) -> impl Iterator<Item = Rule> + '_ {
        self.lines.iter().filter(|line| !line.held).map(|line| line.rule)
    }
}

/// Shorter stretches than this occur in everything, and are not "taken from" anything.
const SHORTEST_PERSONAL_STRETCH: usize = 4;

impl PinRules {
    /// The rules that apply under this policy, in the order of [`Rule::ALL`]: what a page lists before anything is
    /// typed.
    pub fn applying(&self) -> impl Iterator<Item = Rule> + '_ {
        Rule::ALL.iter().copied().filter(|rule| self.applies(*rule))
    }

    /// Judges a chosen PIN by every rule that applies.
    #[must_use]
    pub fn check(&self, digits: &Digits, surroundings: &Surroundings<'_>) -> RuleReport {
        let lines = self
            .applying()
            .map(|rule| RuleLine {
                rule,
                held: self.holds(rule, digits, surroundings),
            })
            .collect();
        RuleReport { lines }
    }

    /// The rules that a generated PIN keeps too: length, equal in a row, in sequence.
    pub(super) fn shape_is_kept(&self, digits: &Digits) -> bool {
        [Rule::Length, Rule::EqualInARow, Rule::InSequence]
            .into_iter()
            .filter(|rule| self.applies(*rule))
            .all(|rule| self.holds(rule, digits, &Surroundings::default()))
    }

    fn applies(&self, rule: Rule) -> bool {
        match rule {
            Rule::Length => true,
            Rule::EqualInARow => self.max_equal_in_a_row > 0,
            Rule::InSequence => self.max_in_sequence > 0,
            Rule::Guessable => self.refuse_guessable,
            Rule::Date => self.refuse_dates,
            Rule::FromPhone | Rule::FromAccountNumber => self.refuse_personal_digits,
            Rule::SameAsBefore => false,
        }
    }

    fn holds(&self, rule: Rule, digits: &Digits, surroundings: &Surroundings<'_>) -> bool {
        let letters = digits.expose().as_bytes();
        match rule {
            Rule::Length => digits.len() == self.length,
            Rule::EqualInARow => longest_run(letters, 0) <= self.max_equal_in_a_row,
            Rule::InSequence => longest_run(letters, 1).max(longest_run(letters, -1)) <= self.max_in_sequence,
            Rule::Guessable => !is_guessable(letters),
            Rule::Date => !is_date(letters),
            Rule::FromPhone => !surroundings
                .phones
                .iter()
                .any(|phone| is_from_phone(digits, phone)),
            Rule::FromAccountNumber => !surroundings
                .account_number
                .is_some_and(|number| shares_a_stretch(digits.expose(), number.as_str())),
            Rule::SameAsBefore => true,
        }
    }
}

/// True when the shorter of the two stands whole inside the longer one.
fn shares_a_stretch(one: &str, other: &str) -> bool {
    let (shorter, longer) = if one.len() <= other.len() {
        (one, other)
    } else {
        (other, one)
    };
    shorter.len() >= SHORTEST_PERSONAL_STRETCH && longer.contains(shorter)
}

/// True when the PIN is part of the phone number, also as it is dialled at home: with `0` for the country code,
/// which takes one to three digits.
fn is_from_phone(digits: &Digits, phone: &Phone) -> bool {
    let international = phone.e164().trim_start_matches('+');
    shares_a_stretch(digits.expose(), international)
        || digits.expose().strip_prefix('0').is_some_and(|rest| {
            rest.len() + 1 >= SHORTEST_PERSONAL_STRETCH
                && (1..=3).any(|code| {
                    international
                        .get(code..)
                        .is_some_and(|national| national.starts_with(rest))
                })
        })
}
