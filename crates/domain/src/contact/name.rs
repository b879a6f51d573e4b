//! Names of people and of accounts.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::steers_text;

/// Why a text is not a name, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing, or only spaces.
    #[error("the name is empty: type one")]
    Empty,
    /// More than 120 characters.
    #[error("the name is too long: use at most 120 characters")]
    TooLong,
    /// A line break, another control character, or one that steers the direction of text.
    #[error("the name holds a line break or an invisible character: type it anew")]
    ForbiddenCharacter,
}

/// The most characters in a name.
const LONGEST: usize = 120;

fn tidy(text: &str) -> Result<String, NameError> {
    // Four bytes a character at most; room for as many spaces again that folding takes out.
    if text.len() > LONGEST * 8 {
        return Err(NameError::TooLong);
    }
    if text
        .chars()
        .any(|character| character.is_control() || steers_text(character))
    {
        return Err(NameError::ForbiddenCharacter);
    }
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match name.chars().count() {
        0 => Err(NameError::Empty),
        1..=LONGEST => Ok(name),
        _ => Err(NameError::TooLong),
    }
}

/// The first letter of each word, a dot for each of the others; a word of one letter is a dot.
fn masked(name: &str) -> String {
    let words = name.split(' ').map(|word| {
        let rest = word.chars().count().saturating_sub(1);
        let first = word.chars().next().filter(|_| rest > 0).unwrap_or('·');
        format!("{first}{}", "·".repeat(rest))
    });
    words.collect::<Vec<_>>().join(" ")
}

macro_rules! name_type {
    ($(#[$about:meta])* $name:ident) => {
        $(#[$about])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Reads a name of 1 to 120 characters; space around it is dropped, space inside folded to one.
            ///
            /// # Errors
            /// [`NameError`] says what to change.
            pub fn parse(text: &str) -> Result<Self, NameError> {
                tidy(text).map(Self)
            }

            /// The name.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// `D··· O····`: what an agent sees before a match.
            #[must_use]
            pub fn masked(&self) -> String {
                masked(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.masked())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
            }
        }
    };
}

name_type!(
    /// The name of a person.
    PersonName
);
name_type!(
    /// The name of an account: a company or a person.
    AccountName
);
