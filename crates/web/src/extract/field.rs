//! One text of a body, read into its domain type; what is wrong with it is said at its place.

use std::fmt;
use std::marker::PhantomData;

use countersign_app::passwords::Password;
use countersign_domain::account::AccountNumber;
use countersign_domain::contact::{AccountName, EmailAddress, PersonName};
use countersign_domain::conversation::{Channel, Direction};
use countersign_domain::delivery;
use countersign_domain::ids::PersonId;
use countersign_domain::person::{Role, Username};
use countersign_domain::pin::Digits;
use serde::de::{Deserialize, Deserializer, Visitor};

use crate::error::{PartProblem, Problem};

/// A type that is read from a text. The sentence of a failure names nothing of the text.
pub trait FromText: Sized {
    /// Reads it, or says what to write instead.
    ///
    /// # Errors
    /// A sentence for whoever sent it.
    fn from_text(text: &str) -> Result<Self, String>;
}

macro_rules! from_text {
    ($( $kind:ty => $parse:expr ),+ $(,)?) => {
        $(impl FromText for $kind {
            fn from_text(text: &str) -> Result<Self, String> {
                $parse(text).map_err(|error| error.to_string())
            }
        })+
    };
}

from_text! {
    AccountNumber => AccountNumber::parse,
    AccountName => AccountName::parse,
    PersonName => PersonName::parse,
    EmailAddress => EmailAddress::parse,
    Username => Username::parse,
    Digits => Digits::parse,
    Channel => str::parse::<Channel>,
    delivery::Channel => str::parse::<delivery::Channel>,
    Direction => str::parse::<Direction>,
    Role => str::parse::<Role>,
    PersonId => str::parse::<PersonId>,
}

impl FromText for Password {
    fn from_text(text: &str) -> Result<Self, String> {
        Self::typed(text.to_owned()).map_err(|_| "use at most 1024 bytes".to_owned())
    }
}

/// A field of a body. It is read straight from the body's bytes, so that a secret leaves no copy behind.
pub struct Field<T>(Result<T, String>);

impl<T> Field<T> {
    /// The value; a failure is told at `pointer`, such as `#/code`.
    ///
    /// # Errors
    /// A 422 that names the place and what to send instead.
    pub fn at(self, pointer: &'static str) -> Result<T, Problem> {
        self.0
            .map_err(|detail| Problem::unusable(PartProblem::at(pointer, detail)))
    }
}

/// The same for a field that may be left out.
///
/// # Errors
/// A 422 that names the place and what to send instead.
pub(crate) fn optional<T>(field: Option<Field<T>>, pointer: &'static str) -> Result<Option<T>, Problem> {
    field.map(|field| field.at(pointer)).transpose()
}

impl<'de, T: FromText> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text<T>(PhantomData<T>);

        impl<T: FromText> Visitor<'_> for Text<T> {
            type Value = Field<T>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a text")
            }

            fn visit_str<E>(self, text: &str) -> Result<Field<T>, E> {
                Ok(Field(T::from_text(text)))
            }
        }

        deserializer.deserialize_str(Text(PhantomData))
    }
}
