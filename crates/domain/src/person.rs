//! People on an account.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::contact::{EmailAddress, PersonName, Phone};
use crate::ids::{AccountId, BrandId, PersonId};
use crate::time::Timestamp;
use crate::words::words;

words! {
    /// What a person is on an account.
    Role, RoleError, "a role" {
        /// Answers for the account.
        Owner = "owner",
        /// Manages people and settings.
        Admin = "admin",
        /// Signs in and uses the account.
        Member = "member",
        /// Only calls; has no portal sign-in.
        Contact = "contact",
    }
}

words! {
    /// Whether a person may act at all.
    PersonStatus, PersonStatusError, "a status" {
        /// May act.
        Active = "active",
        /// May neither sign in nor be verified; the record stays.
        Disabled = "disabled",
    }
}

/// The name that a person or a member of staff signs in with: 3 to 64 letters, digits and `. _ - @ +`.
///
/// Kept as written; compared by [`Username::key`]. ASCII only: look-alike letters of other scripts would let two
/// names be read as one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Username(String);

/// Why a text is not a username, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UsernameError {
    /// Fewer than 3 characters.
    #[error("too short: a username has 3 to 64 characters")]
    TooShort,
    /// More than 64 characters.
    #[error("too long: a username has 3 to 64 characters")]
    TooLong,
    /// Something else than a letter a-z, a digit or one of `. _ - @ +`.
    #[error("a username has letters a-z, digits and . _ - @ + only; character {position} is something else")]
    ForbiddenCharacter {
        /// Its place, counted from 1 in characters.
        position: usize,
    },
}

impl Username {
    /// Reads a username; spaces around it are dropped.
    ///
    /// # Errors
    /// [`UsernameError`] says what to change.
    pub fn parse(text: &str) -> Result<Self, UsernameError> {
        let text = text.trim_matches(' ');
        if text.len() > 64 * 4 {
            return Err(UsernameError::TooLong);
        }
        let stranger = text
            .chars()
            .position(|letter| !letter.is_ascii_alphanumeric() && !"._-@+".contains(letter));
        if let Some(index) = stranger {
            return Err(UsernameError::ForbiddenCharacter { position: index + 1 });
        }
        match text.len() {
            0..3 => Err(UsernameError::TooShort),
            3..=64 => Ok(Self(text.to_owned())),
            _ => Err(UsernameError::TooLong),
        }
    }

    /// The name as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name in lower case: what is unique and looked up.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl fmt::Display for Username {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for Username {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl FromStr for Username {
    type Err = UsernameError;

    fn from_str(text: &str) -> Result<Self, UsernameError> {
        Self::parse(text)
    }
}

impl Serialize for Username {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Username {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// A human on an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Their id, for programs.
    pub id: PersonId,
    /// The brand of the account.
    pub brand: BrandId,
    /// The account that they are on.
    pub account: AccountId,
    /// Their name.
    pub name: PersonName,
    /// What they are on the account.
    pub role: Role,
    /// What they sign in with; a contact has none, because a contact has no portal.
    pub username: Option<Username>,
    /// The phone number on record, if any.
    pub phone: Option<Phone>,
    /// The e-mail address on record, if any.
    pub email: Option<EmailAddress>,
    /// Whether they may act.
    pub status: PersonStatus,
    /// When the record was made.
    pub created_at: Timestamp,
    /// Grows with every change of the row; a change names the one that it saw.
    pub version: u64,
}

impl Person {
    /// True when this person may sign in to the portal: active, with a username, and not a mere contact.
    #[must_use]
    pub fn may_sign_in(&self) -> bool {
        self.status == PersonStatus::Active && self.username.is_some() && self.role != Role::Contact
    }
}
