//! Brands: the company names that customers know.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::contact::AccountName;
use crate::ids::BrandId;
use crate::time::Timestamp;

/// The short name of a brand in addresses: 1 to 32 of `a`-`z`, `0`-`9` and inner dashes, beginning with a letter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(String);

/// The text is not a short name for a brand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a short name: use 1 to 32 of a-z, 0-9 and -, beginning with a letter and not ending with -")]
pub struct SlugError;

/// A host name by which a brand is found: lower case, no port, no dot at the end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName(String);

/// The text is not a host name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a host name: write it like pins.example.com, without https:// and without a port")]
pub struct HostNameError;

/// A company name that customers know, with its own host name, look, policy and senders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brand {
    /// Its id, for programs.
    pub id: BrandId,
    /// Its short name, unique on the server.
    pub slug: Slug,
    /// What customers call it.
    pub name: AccountName,
    /// Where its pages are; none on a server that has one brand and answers to any name.
    pub host: Option<HostName>,
    /// The country for phone numbers that name none: two letters (ISO 3166).
    pub default_region: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Grows with every change of the row; a change names the one that it saw.
    pub version: u64,
}

impl Slug {
    /// Reads a short name.
    ///
    /// # Errors
    /// [`SlugError`] when it is anything else; upper case is refused, not turned.
    pub fn parse(text: &str) -> Result<Self, SlugError> {
        let lawful = text.len() <= 32
            && text.starts_with(|first: char| first.is_ascii_lowercase())
            && !text.ends_with('-')
            && text
                .bytes()
                .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-');
        if lawful {
            Ok(Self(text.to_owned()))
        } else {
            Err(SlugError)
        }
    }

    /// The short name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl HostName {
    /// Reads a host name (RFC 1123, section 2.1); upper case is turned to lower, one dot at the end is dropped.
    ///
    /// # Errors
    /// [`HostNameError`] when it has a scheme, a port, a path, or letters that are not ASCII (write those in their
    /// `xn--` form, as browsers send them).
    pub fn parse(text: &str) -> Result<Self, HostNameError> {
        let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        let lawful = name.len() <= 253
            && name.split('.').all(|label| {
                (1..=63).contains(&label.len())
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label
                        .bytes()
                        .all(|letter| letter.is_ascii_alphanumeric() || letter == b'-')
            });
        if lawful {
            Ok(Self(name))
        } else {
            Err(HostNameError)
        }
    }

    /// The host name, in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! text_of {
    ($name:ident, $error:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, $error> {
                Self::parse(text)
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

text_of!(Slug, SlugError);
text_of!(HostName, HostNameError);
