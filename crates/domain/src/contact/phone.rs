//! Phone numbers, kept in the form of ITU-T E.164.

use std::fmt;

use rlibphonenumber::enums::{NumberLengthType, PhoneNumberFormat, PhoneNumberType, Region};
use rlibphonenumber::{PHONE_NUMBER_UTIL, ParseError, ValidationError};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A phone number: `+`, country code and number, at most 15 digits.
///
/// It has the length of a number of its country. Whether somebody answers it only a message can tell: lists of
/// number ranges are always a little out of date, and a real customer's new number must not be refused for that.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone(String);

/// Why a text is not a phone number, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// Nothing was typed.
    #[error("no phone number: type one, for example +49 30 123456")]
    Empty,
    /// It has letters or other characters that no phone number has, or is far too long.
    #[error("not a phone number: use digits, spaces and + - / ( ) only")]
    NotANumber,
    /// It names no country, and none is set for the brand.
    #[error("the country is missing: begin with + and the country code, for example +49")]
    CountryMissing,
    /// The region that was given as the default is not known.
    #[error("the default country is not known: use two letters such as DE (ISO 3166)")]
    UnknownRegion,
    /// Fewer digits than the numbers of that country have.
    #[error("too short for a phone number of that country: type the whole number with its area code")]
    TooShort,
    /// More digits than the numbers of that country have.
    #[error("too long for a phone number of that country: check the digits")]
    TooLong,
    /// A digit is missing or too many: shorter and longer numbers of that country exist, of this length none.
    #[error("no phone number of that country has this many digits: check for a missing or doubled one")]
    WrongLength,
    /// It ends in an extension, which no message can be sent to.
    #[error("an extension cannot receive messages: type the number without it")]
    Extension,
}

/// Longer texts are refused unread.
const LONGEST_INPUT: usize = 64;

impl Phone {
    /// Reads a number in any common writing: `+49 (0) 30 / 12 34 56`, `0049 30 123456`, `030 123456`.
    ///
    /// `default_region` is the two-letter country (ISO 3166) for numbers that name none.
    ///
    /// # Errors
    /// [`PhoneError`] says what to change.
    pub fn parse(text: &str, default_region: Option<&str>) -> Result<Self, PhoneError> {
        if text.len() > LONGEST_INPUT * 4 || text.chars().count() > LONGEST_INPUT {
            return Err(PhoneError::NotANumber);
        }
        let text: String = text.trim().chars().map(plain).collect();
        if text.is_empty() {
            return Err(PhoneError::Empty);
        }
        if !text
            .chars()
            .all(|character| character.is_ascii_digit() || " +-/().".contains(character))
        {
            let extension = text.to_ascii_lowercase();
            let named = ["ext", "x", "#", ";"].iter().any(|mark| extension.contains(mark));
            let begun =
                text.starts_with(|first: char| first.is_ascii_digit() || first == '+' || first == '(');
            return Err(if named && begun {
                PhoneError::Extension
            } else {
                PhoneError::NotANumber
            });
        }
        let region = match default_region {
            None => None,
            Some(code) => Some(Region::try_from(code).map_err(|_| PhoneError::UnknownRegion)?),
        };
        let number = PHONE_NUMBER_UTIL
            .parse(without_trunk_zero(&text), region)
            .map_err(|error| explain(&error))?;
        match number.is_possible_with_reason() {
            Ok(NumberLengthType::IsPossible) => {}
            Ok(NumberLengthType::IsPossibleLocalOnly) | Err(ValidationError::TooShort) => {
                return Err(PhoneError::TooShort);
            }
            Err(ValidationError::TooLong) => return Err(PhoneError::TooLong),
            Err(ValidationError::InvalidLength) => return Err(PhoneError::WrongLength),
            Err(ValidationError::InvalidCountryCode) => return Err(PhoneError::CountryMissing),
        }
        let e164 = number.format_as(PhoneNumberFormat::E164).into_owned();
        // '+' and at most 15 digits: E.164, section 6.1.
        if e164.len() > 16 {
            return Err(PhoneError::TooLong);
        }
        Ok(Self(e164))
    }

    /// `+4930123456`: what is stored, compared and dialled.
    #[must_use]
    pub fn e164(&self) -> &str {
        &self.0
    }

    /// The country that the number belongs to (ISO 3166), where its digits tell.
    #[must_use]
    pub fn region(&self) -> Option<String> {
        let number = PHONE_NUMBER_UTIL.parse(&self.0, None).ok()?;
        number.get_region_code().map(|region| region.to_string())
    }

    /// Whether a call or a message to it costs more than one to an ordinary number, so that somebody earns by it (T20). A
    /// number that no list knows is taken for an ordinary one: lists are always a little out of date.
    #[must_use]
    pub fn costs_extra(&self) -> bool {
        let Ok(number) = PHONE_NUMBER_UTIL.parse(&self.0, None) else {
            return false;
        };
        matches!(
            PHONE_NUMBER_UTIL.get_number_type(&number),
            PhoneNumberType::PremiumRate | PhoneNumberType::SharedCost
        )
    }

    /// `•••• 61`: enough to say which number, not enough to dial it.
    #[must_use]
    pub fn masked(&self) -> String {
        let tail = self
            .0
            .len()
            .checked_sub(2)
            .and_then(|start| self.0.get(start..))
            .unwrap_or_default();
        format!("•••• {tail}")
    }
}

/// Digits of other scripts and typographic spaces and dashes as their ASCII twins.
fn plain(character: char) -> char {
    use crate::pin::{Reading, read_digit};
    match read_digit(character) {
        Reading::Digit(digit) => digit,
        Reading::Separator | Reading::Refused => match character {
            '\u{ff0b}' => '+',
            '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            '\u{a0}' | '\u{2009}' | '\u{202f}' => ' ',
            other => other,
        },
    }
}

/// `+44 (0) 20` means `+44 20`: the zero is for callers inside the country.
fn without_trunk_zero(text: &str) -> String {
    let compact: String = text.chars().filter(|character| *character != ' ').collect();
    if compact.starts_with('+') || compact.starts_with("00") {
        compact.replacen("(0)", "", 1)
    } else {
        text.to_owned()
    }
}

fn explain(error: &ParseError) -> PhoneError {
    match error {
        ParseError::InvalidCountryCode => PhoneError::CountryMissing,
        ParseError::NotANumber(_) => PhoneError::NotANumber,
        ParseError::TooShortAfterIdd | ParseError::TooShortNsn => PhoneError::TooShort,
        ParseError::TooLongNsn => PhoneError::TooLong,
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.masked())
    }
}

impl Serialize for Phone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Phone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?, None).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_common_writing_of_a_number_is_one_number() {
        let writings = [
            ("+49 30 123456", None),
            ("+4930123456", None),
            ("+49 (0) 30 / 12 34 56", None),
            ("+49(0)30/123456", None),
            ("+49-30-123456", None),
            ("+49.30.123456", None),
            ("(030) 123456", Some("DE")),
            ("030/123456", Some("DE")),
            ("0049 30 123456", Some("DE")),
            ("0049 (0) 30 123456", Some("DE")),
            ("030 123456", Some("DE")),
            ("  +49 30 123456  ", Some("US")),
            ("＋４９ ３０ １２３４５６", None),
            ("+٤٩ ٣٠ ١٢٣٤٥٦", None),
            ("+49 30–123456", None),
        ];
        for (text, region) in writings {
            assert_eq!(
                Phone::parse(text, region)
                    .map(|phone| phone.e164().to_owned())
                    .as_deref(),
                Ok("+4930123456"),
                "{text}"
            );
        }
        assert_eq!(
            Phone::parse("(202) 555-0143", Some("US")).unwrap().e164(),
            "+12025550143"
        );
        assert_eq!(
            Phone::parse("+39 06 1234 5678", None).unwrap().e164(),
            "+390612345678",
            "Italy keeps its zero"
        );
    }

    #[test]
    fn what_is_no_number_is_refused_with_what_to_do() {
        let refused = [
            ("", None, PhoneError::Empty),
            ("   ", None, PhoneError::Empty),
            ("hello", None, PhoneError::NotANumber),
            ("+49 30 12345a", None, PhoneError::NotANumber),
            ("1-800-FLOWERS", Some("US"), PhoneError::NotANumber),
            ("+49 30 123456\0", None, PhoneError::NotANumber),
            ("\u{202e}+49 30 123456", None, PhoneError::NotANumber),
            ("030 123456", None, PhoneError::CountryMissing),
            ("+999 123456", None, PhoneError::CountryMissing),
            ("030 123456", Some("D"), PhoneError::UnknownRegion),
            ("030 123456", Some("ZZZ"), PhoneError::UnknownRegion),
            ("+1 202 555", None, PhoneError::TooShort),
            ("+1 555 0143", None, PhoneError::TooShort),
            ("+47 4123 45", None, PhoneError::WrongLength),
            ("+1 202 555 0143 99", None, PhoneError::TooLong),
            ("+49 30 12345678901234", None, PhoneError::TooLong),
            ("+1 202 555 0143 ext. 9", None, PhoneError::Extension),
            ("+1 202 555 0143 x9", None, PhoneError::Extension),
            ("+1 202 555 0143;ext=9", None, PhoneError::Extension),
            ("+", None, PhoneError::NotANumber),
            ("()", None, PhoneError::NotANumber),
        ];
        for (text, region, error) in refused {
            assert_eq!(Phone::parse(text, region), Err(error), "{text:?} {region:?}");
        }
        assert_eq!(
            Phone::parse(&"1".repeat(1_000_000), None),
            Err(PhoneError::NotANumber)
        );
        assert_eq!(Phone::parse(&" ".repeat(65), None), Err(PhoneError::NotANumber));
    }

    #[test]
    fn only_the_last_two_digits_show() {
        let phone = Phone::parse("+49 30 123461", None).unwrap();
        assert_eq!(phone.masked(), "•••• 61");
        assert_eq!(format!("{phone:?}"), "•••• 61");
    }

    #[test]
    fn json_holds_the_number_and_reads_only_a_whole_one() {
        let phone = Phone::parse("+4930123461", None).unwrap();
        assert_eq!(serde_json::to_string(&phone).unwrap(), "\"+4930123461\"");
        assert_eq!(serde_json::from_str::<Phone>("\"+4930123461\"").unwrap(), phone);
        assert!(serde_json::from_str::<Phone>("\"030 123461\"").is_err());
    }
}
