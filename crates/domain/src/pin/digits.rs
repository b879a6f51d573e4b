//! Reading secret digits. Set and verify call the same function, so what was accepted once is accepted again (E52).

use zeroize::Zeroizing;

/// The secret digits of a PIN or code: 1 to 12 of `0`-`9`.
///
/// Wiped from memory when dropped. It has no `Debug`, `Display`, `Serialize`, `Clone` or `PartialEq`, so that it
/// cannot slip into a log line or an answer, and cannot be compared outside the judge:
///
/// ```
/// let digits = countersign_domain::pin::Digits::parse("0123 45").unwrap();
/// assert_eq!((digits.expose(), digits.len()), ("012345", 6));
/// ```
/// ```compile_fail
/// let digits = countersign_domain::pin::Digits::parse("012345").unwrap();
/// println!("{digits:?}");
/// ```
/// ```compile_fail
/// let digits = countersign_domain::pin::Digits::parse("012345").unwrap();
/// println!("{digits}");
/// ```
/// ```compile_fail
/// let digits = countersign_domain::pin::Digits::parse("012345").unwrap();
/// let copy = digits.clone();
/// ```
/// ```compile_fail
/// let one = countersign_domain::pin::Digits::parse("012345").unwrap();
/// let other = countersign_domain::pin::Digits::parse("012345").unwrap();
/// let same = one == other;
/// ```
pub struct Digits(Zeroizing<String>);

/// Why a text is not a PIN. Names no character of it: even a mistyped PIN is close to the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DigitsError {
    /// There is no digit.
    #[error("no digits: type the digits of the PIN")]
    Empty,
    /// More than [`Digits::LONGEST_INPUT`] characters: refused without reading them.
    #[error("too long: a PIN has at most 12 digits")]
    InputTooLong,
    /// More than [`Digits::MOST`] digits.
    #[error("too many digits: a PIN has at most 12")]
    TooManyDigits,
    /// A character that is neither a digit nor a space nor a dash.
    #[error("only the digits 0 to 9 are allowed; character {position} is something else")]
    NotADigit {
        /// Its place, counted from 1 in characters.
        position: usize,
    },
}

impl Digits {
    /// The most digits that a PIN may have, whatever a policy says.
    pub const MOST: usize = 12;

    /// The most characters of input that are looked at.
    pub const LONGEST_INPUT: usize = 64;

    /// Reads digits as people and their keyboards write them.
    ///
    /// Accepted: `0`-`9`; Arabic-Indic (U+0660…), extended Arabic-Indic (U+06F0…) and full-width (U+FF10…) digits,
    /// each turned into its ASCII twin. Dropped: the space (U+0020), the no-break space (U+00A0) and the dash
    /// (U+002D). Everything else is refused (E52, T33).
    ///
    /// # Errors
    /// [`DigitsError`] says what stands in the way, without repeating any of it.
    pub fn parse(text: &str) -> Result<Self, DigitsError> {
        // A character takes at most four bytes: longer than that cannot be short enough, and is not even counted.
        if text.len() > Self::LONGEST_INPUT * 4 || text.chars().count() > Self::LONGEST_INPUT {
            return Err(DigitsError::InputTooLong);
        }
        // Room for all of them at once: a string that grows would leave copies of the secret behind.
        let mut digits = Zeroizing::new(String::with_capacity(Self::MOST));
        for (index, character) in text.chars().enumerate() {
            match read(character) {
                Reading::Digit(digit) if digits.len() < Self::MOST => digits.push(digit),
                Reading::Digit(_) => return Err(DigitsError::TooManyDigits),
                Reading::Separator => {}
                Reading::Refused => return Err(DigitsError::NotADigit { position: index + 1 }),
            }
        }
        if digits.is_empty() {
            Err(DigitsError::Empty)
        } else {
            Ok(Self(digits))
        }
    }

    /// The digits in ASCII, in the clear. Whoever calls this answers for where they go.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// How many digits there are: 1 to 12.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "there is always at least one digit")]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// What one character of the input stands for.
pub(crate) enum Reading {
    /// A digit, given as its ASCII twin.
    Digit(char),
    /// Written between digits for the eye only.
    Separator,
    /// Nothing that belongs here.
    Refused,
}

/// The one mapping table for digits at the edge; account numbers are read with it too.
pub(crate) fn read(character: char) -> Reading {
    match character {
        '0' | '\u{0660}' | '\u{06f0}' | '\u{ff10}' => Reading::Digit('0'),
        '1' | '\u{0661}' | '\u{06f1}' | '\u{ff11}' => Reading::Digit('1'),
        '2' | '\u{0662}' | '\u{06f2}' | '\u{ff12}' => Reading::Digit('2'),
        '3' | '\u{0663}' | '\u{06f3}' | '\u{ff13}' => Reading::Digit('3'),
        '4' | '\u{0664}' | '\u{06f4}' | '\u{ff14}' => Reading::Digit('4'),
        '5' | '\u{0665}' | '\u{06f5}' | '\u{ff15}' => Reading::Digit('5'),
        '6' | '\u{0666}' | '\u{06f6}' | '\u{ff16}' => Reading::Digit('6'),
        '7' | '\u{0667}' | '\u{06f7}' | '\u{ff17}' => Reading::Digit('7'),
        '8' | '\u{0668}' | '\u{06f8}' | '\u{ff18}' => Reading::Digit('8'),
        '9' | '\u{0669}' | '\u{06f9}' | '\u{ff19}' => Reading::Digit('9'),
        ' ' | '\u{00a0}' | '-' => Reading::Separator,
        _ => Reading::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_as(text: &str) -> Result<String, DigitsError> {
        Digits::parse(text).map(|digits| digits.expose().to_owned())
    }

    #[test]
    fn e52_every_documented_spelling_is_read_and_no_other() {
        let accepted = [
            ("012345", "012345"),
            (" 123456", "123456"),
            ("123456 ", "123456"),
            ("123 456", "123456"),
            ("12-34-56", "123456"),
            ("123\u{a0}456", "123456"),
            ("- 1 -", "1"),
            ("٠١٢٣٤٥", "012345"),
            ("٦٧٨٩", "6789"),
            ("۰۱۲۳۴۵", "012345"),
            ("۶۷۸۹", "6789"),
            ("０１２３４５", "012345"),
            ("６７８９", "6789"),
            ("1٢۳４", "1234"),
            ("000000", "000000"),
            ("0", "0"),
            ("123456789012", "123456789012"),
        ];
        for (text, digits) in accepted {
            assert_eq!(read_as(text).as_deref(), Ok(digits), "{text:?}");
        }
    }

    #[test]
    fn e52_every_other_spelling_is_refused_by_its_place() {
        let refused = [
            ("+12345", 1),
            ("1e5", 2),
            ("1E5", 2),
            ("0x12", 2),
            ("0b11", 2),
            ("0o17", 2),
            ("1.5", 2),
            ("1,000", 2),
            ("1_000", 2),
            ("1'000", 2),
            ("12345\0", 6),
            ("\0", 1),
            ("123\n456", 4),
            ("123\r\n", 4),
            ("123\t456", 4),
            ("१२३४५६", 1),
            ("০১২৩", 1),
            ("๑๒๓๔", 1),
            ("߀߁", 1),
            ("𝟏𝟐𝟑", 1),
            ("𝟘", 1),
            ("𝟶", 1),
            ("¹²³", 1),
            ("₁₂₃", 1),
            ("①②", 1),
            ("Ⅳ", 1),
            ("一二三", 1),
            ("½", 1),
            ("12\u{200d}34", 3),
            ("12\u{200c}34", 3),
            ("12\u{200b}34", 3),
            ("\u{feff}1234", 1),
            ("\u{202e}1234", 1),
            ("1\u{0301}", 2),
            ("1\u{fe0f}\u{20e3}", 2),
            ("12–34", 3),
            ("12—34", 3),
            ("12−34", 3),
            ("12\u{ad}34", 3),
            ("12\u{2009}34", 3),
            ("12\u{3000}34", 3),
            ("12/34", 3),
            ("(1234)", 1),
            ("#1234", 1),
            ("1234*", 5),
            ("\"1234\"", 1),
            ("null", 1),
            ("true", 1),
            ("NaN", 1),
            ("O12345", 1),
            ("l23456", 1),
            ("%31", 1),
            ("&#49;", 1),
            ("\\u0031", 1),
            ("1;2", 2),
            ("1' OR '1'='1", 2),
            ("۱۲٫۵", 3),
            ("🔒", 1),
        ];
        for (text, position) in refused {
            assert_eq!(
                read_as(text),
                Err(DigitsError::NotADigit { position }),
                "{text:?}"
            );
        }
    }

    #[test]
    fn e52_a_leading_zero_is_a_digit() {
        assert_eq!(Digits::parse("012345").unwrap().len(), 6);
        assert_eq!(Digits::parse("12345").unwrap().len(), 5);
    }

    #[test]
    fn e52_a_million_characters_are_refused_unread() {
        assert_eq!(read_as(&"1".repeat(1_000_000)), Err(DigitsError::InputTooLong));
        assert_eq!(read_as(&" ".repeat(65)), Err(DigitsError::InputTooLong));
        assert_eq!(read_as(&"😀".repeat(65)), Err(DigitsError::InputTooLong));
        assert_eq!(read_as(&" ".repeat(64)), Err(DigitsError::Empty));
        assert_eq!(read_as(&format!("{}7", " ".repeat(63))).as_deref(), Ok("7"));
    }

    #[test]
    fn nothing_and_too_much_are_told_apart() {
        assert_eq!(read_as(""), Err(DigitsError::Empty));
        assert_eq!(read_as(" - "), Err(DigitsError::Empty));
        assert_eq!(read_as("1234567890123"), Err(DigitsError::TooManyDigits));
    }

    #[test]
    fn no_error_repeats_what_was_typed() {
        for text in ["98765x", "", "98765432109876", &"9".repeat(100)] {
            let error = Digits::parse(text).err().unwrap();
            assert!(!format!("{error} {error:?}").contains("98765"), "{error}");
        }
    }
}
