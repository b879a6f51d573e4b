//! A PIN as it stands in a body, read straight from the body's bytes, so that the secret leaves no copy behind.

use std::fmt;

use countersign_domain::pin::Digits;
use serde::de::{Deserialize, Deserializer, Visitor};

/// What was sent as a PIN.
pub(super) enum TypedPin {
    /// Nothing, or white space.
    Blank,
    /// What can be nobody's PIN.
    NoPin,
    /// Digits; `plain` tells whether nothing else stood between them.
    Digits {
        /// The digits.
        digits: Digits,
        /// Whether they were written as nothing but `0` to `9`.
        plain: bool,
    },
}

impl TypedPin {
    fn read(text: &str) -> Self {
        if text.trim().is_empty() {
            return Self::Blank;
        }
        let plain = text.bytes().all(|letter| letter.is_ascii_digit());
        Digits::parse(text).map_or(Self::NoPin, |digits| Self::Digits { digits, plain })
    }
}

impl<'de> Deserialize<'de> for TypedPin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = TypedPin;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a text")
            }

            fn visit_str<E>(self, text: &str) -> Result<TypedPin, E> {
                Ok(TypedPin::read(text))
            }
        }

        deserializer.deserialize_str(Text)
    }
}
