//! What a new password must keep to (NIST SP 800-63B-4, 3.1.1.2; ASVS 5, 6.2).

use super::{LONGEST_BYTES, Strength, Surroundings, folded, well_known};
use crate::words::words;

words! {
    /// A rule for new passwords, by the name that stays the same for programs.
    Rule, RuleError, "a rule for passwords" {
        /// At least so many characters.
        TooShort = "too_short",
        /// At most [`LONGEST_BYTES`] bytes.
        TooLong = "too_long",
        /// Not one that many people chose or that stood in a breach, nor such a one with trivial additions.
        Common = "common",
        /// Not made of the names around it.
        Context = "context",
        /// Not a pattern that a guesser tries early: keyboard walks, repeats, dates.
        Guessable = "guessable",
        /// Not the one that it replaces.
        SameAsBefore = "same_as_before",
    }
}

/// The rules that apply to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The fewest characters.
    pub shortest: usize,
}

impl Rules {
    /// Where the password is the only factor.
    pub const SOLE_FACTOR: Self = Self { shortest: 15 };
    /// Where a second factor stands beside it.
    pub const WITH_SECOND_FACTOR: Self = Self { shortest: 8 };

    /// Every rule that a password breaks, which is in NFC ([`super::normalised`]). `strength` is what an estimator says of
    /// it; one that is too long is not looked at further.
    #[must_use]
    pub fn broken(self, password: &str, around: &Surroundings, strength: Strength) -> Vec<Rule> {
        if password.len() > LONGEST_BYTES {
            return vec![Rule::TooLong];
        }
        let mut broken = Vec::new();
        if password.chars().count() < self.shortest {
            broken.push(Rule::TooShort);
        }
        let folded = folded(password);
        if is_common(&folded) {
            broken.push(Rule::Common);
        }
        if around.make_up(&folded) {
            broken.push(Rule::Context);
        }
        // The others say better what to change; a short one is guessable because it is short.
        if broken.is_empty() && strength == Strength::Guessable {
            broken.push(Rule::Guessable);
        }
        broken
    }
}

/// True for a listed password, for one that is listed once digits and marks around it are taken away, and for one that
/// repeats a listed one.
fn is_common(folded: &str) -> bool {
    let bare = folded.trim_matches(|letter: char| !letter.is_alphabetic());
    let unit = repeated_unit(folded);
    [
        folded,
        bare,
        unit,
        unit.trim_matches(|letter: char| !letter.is_alphabetic()),
    ]
    .into_iter()
    .any(well_known::contains)
}

/// The shortest piece of which the text is a repetition; the text itself where it is none.
fn repeated_unit(text: &str) -> &str {
    let bytes = text.as_bytes();
    (1..=bytes.len() / 2)
        .filter(|length| bytes.len().is_multiple_of(*length))
        .find_map(|length| {
            let unit = text.get(..length)?;
            let (head, tail) = (bytes.get(..bytes.len() - length)?, bytes.get(length..)?);
            (head == tail).then_some(unit)
        })
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::repeated_unit;

    #[test]
    fn a_repeated_piece_is_found() {
        assert_eq!(repeated_unit("abcabcabc"), "abc");
        assert_eq!(repeated_unit("aaaa"), "a");
        assert_eq!(repeated_unit("abcabcab"), "abcabcab");
        assert_eq!(repeated_unit("éé"), "é");
        assert_eq!(repeated_unit(""), "");
    }
}
