//! Accounts: the customers of a brand.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::contact::AccountName;
use crate::ids::{AccountId, BrandId};
use crate::pin::{Reading, read_digit};
use crate::time::Timestamp;

/// The public number of an account: 4 to 16 digits, always visible, never a proof of anything.
///
/// It is read with the same table as a PIN, so that a caller's number is found however it is written; there is one
/// form of it, and therefore one set of limits behind it (E04).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountNumber(String);

/// Why a text is not an account number, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccountNumberError {
    /// Nothing was typed.
    #[error("no account number: type its digits")]
    Empty,
    /// A character that is neither a digit nor a space nor a dash.
    #[error("an account number has digits only; character {position} is something else")]
    NotADigit {
        /// Its place, counted from 1 in characters.
        position: usize,
    },
    /// Fewer than 4 digits.
    #[error("too short: an account number has 4 to 16 digits")]
    TooShort,
    /// More than 16 digits.
    #[error("too long: an account number has 4 to 16 digits")]
    TooLong,
}

impl AccountNumber {
    /// The fewest digits.
    pub const FEWEST: usize = 4;
    /// The most digits.
    pub const MOST: usize = 16;
    /// Longer texts are refused unread.
    const LONGEST_INPUT: usize = 64;

    /// Reads a number; space around it, spaces and dashes inside it are dropped, leading zeros are kept.
    ///
    /// # Errors
    /// [`AccountNumberError`] says what to change.
    pub fn parse(text: &str) -> Result<Self, AccountNumberError> {
        if text.len() > Self::LONGEST_INPUT * 4 {
            return Err(AccountNumberError::TooLong);
        }
        let mut number = String::with_capacity(Self::MOST);
        let leading = text
            .chars()
            .take_while(|character| character.is_whitespace())
            .count();
        for (index, character) in text.trim().chars().enumerate() {
            match read_digit(character) {
                Reading::Digit(_) if number.len() == Self::MOST => return Err(AccountNumberError::TooLong),
                Reading::Digit(digit) => number.push(digit),
                Reading::Separator => {}
                Reading::Refused => {
                    return Err(AccountNumberError::NotADigit {
                        position: leading + index + 1,
                    });
                }
            }
        }
        match number.len() {
            0 => Err(AccountNumberError::Empty),
            1..Self::FEWEST => Err(AccountNumberError::TooShort),
            _ => Ok(Self(number)),
        }
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountNumber {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for AccountNumber {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl FromStr for AccountNumber {
    type Err = AccountNumberError;

    fn from_str(text: &str) -> Result<Self, AccountNumberError> {
        Self::parse(text)
    }
}

impl Serialize for AccountNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for AccountNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// A customer of a brand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id, for programs.
    pub id: AccountId,
    /// The brand whose customer it is.
    pub brand: BrandId,
    /// Its public number, unique within the brand.
    pub number: AccountNumber,
    /// What it is called.
    pub name: AccountName,
    /// When it was made.
    pub created_at: Timestamp,
    /// Grows with every change of the row; a change names the one that it saw.
    pub version: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e04_every_writing_of_a_number_is_one_number() {
        for text in [
            "00482913",
            " 00482913 ",
            "0048-2913",
            "0048 2913",
            "００４８２９１３",
            "٠٠٤٨٢٩١٣",
            "00482913\n",
        ] {
            assert_eq!(
                AccountNumber::parse(text).unwrap().as_str(),
                "00482913",
                "{text:?}"
            );
        }
        assert_ne!(AccountNumber::parse("00482913"), AccountNumber::parse("482913"));
    }

    #[test]
    fn what_is_not_a_number_is_refused_with_the_reason() {
        let refused = [
            ("", AccountNumberError::Empty),
            (" - ", AccountNumberError::Empty),
            ("123", AccountNumberError::TooShort),
            ("12345678901234567", AccountNumberError::TooLong),
            ("12a4", AccountNumberError::NotADigit { position: 3 }),
            (" 12a4", AccountNumberError::NotADigit { position: 4 }),
            ("1234%20", AccountNumberError::NotADigit { position: 5 }),
            ("12\n34", AccountNumberError::NotADigit { position: 3 }),
            ("१२३४", AccountNumberError::NotADigit { position: 1 }),
        ];
        for (text, error) in refused {
            assert_eq!(AccountNumber::parse(text), Err(error), "{text:?}");
        }
        assert_eq!(
            AccountNumber::parse(&"1".repeat(1_000_000)),
            Err(AccountNumberError::TooLong)
        );
    }

    #[test]
    fn a_number_is_a_text_in_json() {
        let number: AccountNumber = "0048-2913".parse().unwrap();
        assert_eq!(serde_json::to_string(&number).unwrap(), "\"00482913\"");
        assert_eq!(
            serde_json::from_str::<AccountNumber>("\"00482913\"").unwrap(),
            number
        );
        assert!(serde_json::from_str::<AccountNumber>("482913").is_err());
        assert_eq!(format!("{number} {number:?}"), "00482913 00482913");
    }
}
