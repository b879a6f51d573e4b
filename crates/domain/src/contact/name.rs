//! Names of people and of accounts.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{hides, shapes_neighbour, steers_text};

/// Why a text is not a name, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing, or only spaces.
    #[error("the name is empty: type one")]
    Empty,
    /// More than 120 characters.
    #[error("the name is too long: use at most 120 characters")]
    TooLong,
    /// A line break, another control character, one that steers the direction of text, or one that shows nothing.
    #[error("the name holds a line break or an invisible character: type it anew")]
    ForbiddenCharacter,
    /// Signs alone, such as `---`.
    #[error("the name has neither a letter nor a digit: type one that can be read out")]
    NothingToRead,
}

/// The most characters in a name.
const LONGEST: usize = 120;

fn tidy(text: &str) -> Result<String, NameError> {
    // Four bytes a character at most; room for as many spaces again that folding takes out.
    if text.len() > LONGEST * 8 {
        return Err(NameError::TooLong);
    }
    let forbidden = |character: char| character.is_control() || steers_text(character) || hides(character);
    if text.chars().any(forbidden) || shapes_nothing(text) {
        return Err(NameError::ForbiddenCharacter);
    }
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match name.chars().count() {
        0 => Err(NameError::Empty),
        // An agent reads it out, and a page shows it as the text of a link.
        1..=LONGEST if !name.chars().any(char::is_alphanumeric) => Err(NameError::NothingToRead),
        1..=LONGEST => Ok(name),
        _ => Err(NameError::TooLong),
    }
}

/// Whether a joiner or a variation selector stands where there is nothing before it that it could shape.
fn shapes_nothing(text: &str) -> bool {
    let mut shapeable = false;
    for character in text.chars() {
        let shapes = shapes_neighbour(character);
        if shapes && !shapeable {
            return true;
        }
        shapeable = !shapes && !character.is_whitespace();
    }
    false
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
            /// Reads a name of 1 to 120 characters with a letter or a digit among them; space around it is dropped, space
            /// inside folded to one.
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
name_type!(
    /// What its owner calls a passkey.
    PasskeyName
);

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};
    use proptest::{prop_assert, prop_assert_eq};

    use super::*;

    #[test]
    fn a_name_is_trimmed_and_its_inner_space_folded() {
        for text in ["Dana Orlov", "  Dana   Orlov ", "Dana\u{a0}\u{2009}Orlov"] {
            assert_eq!(
                PersonName::parse(text).unwrap().as_str(),
                "Dana Orlov",
                "{text:?}"
            );
        }
        for text in ["Ольга Д'Арк", "محمد", "李小龍", "Zoë-Anne O’Neil 3rd", "می‌خواهم"]
        {
            assert_eq!(PersonName::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn control_and_direction_characters_are_refused() {
        for text in [
            "Dana\nOrlov",
            "Dana\0",
            "Dana\tO",
            "\u{1b}[31mDana",
            "Dana\u{202e}volrO",
            "\u{2066}Dana",
            "\u{feff}Dana",
        ] {
            assert_eq!(
                AccountName::parse(text),
                Err(NameError::ForbiddenCharacter),
                "{text:?}"
            );
        }
    }

    #[test]
    fn t29_characters_that_show_nothing_are_refused_alone_and_inside() {
        for hidden in [
            "\u{200b}",
            "\u{ad}",
            "\u{3164}",
            "\u{115f}",
            "\u{2800}",
            "\u{2060}",
            "\u{e0041}",
            "\u{34f}",
            "\u{200d}",
            "\u{200c}\u{200c}",
            "\u{fe0f}",
        ] {
            for text in [
                hidden.to_owned(),
                format!("{hidden}Dana"),
                format!("Dana {hidden}Orlov"),
            ] {
                assert_eq!(
                    AccountName::parse(&text),
                    Err(NameError::ForbiddenCharacter),
                    "{text:?}"
                );
            }
        }
        for text in ["-", "...", "\u{301}", "— —"] {
            assert_eq!(PersonName::parse(text), Err(NameError::NothingToRead), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn t29_no_text_of_invisible_characters_is_a_name(
            text in "[\\p{Default_Ignorable_Code_Point}\\p{Cc}\\p{Cf}\\p{Z}\u{2800}]{0,40}",
        ) {
            prop_assert!(AccountName::parse(&text).is_err(), "{text:?}");
            prop_assert!(PersonName::parse(&text).is_err(), "{text:?}");
        }

        #[test]
        fn t29_t31_an_invisible_character_is_never_part_of_a_name_but_after_one_that_it_shapes(
            before in "[\\p{L}\\p{N} ]{0,8}",
            hidden in "[\\p{Default_Ignorable_Code_Point}\\p{Cc}\\p{Bidi_Control}\u{2800}]",
            after in "[\\p{L}\\p{N}]{1,8}",
        ) {
            let text = format!("{before}{hidden}{after}");
            if let Ok(name) = PersonName::parse(&text) {
                prop_assert!(hidden.chars().all(shapes_neighbour), "{text:?}");
                prop_assert!(before.ends_with(|last: char| !last.is_whitespace()), "{text:?}");
                prop_assert_eq!(PersonName::parse(name.as_str()), Ok(name));
            }
        }

        #[test]
        fn t31_whatever_is_accepted_can_be_read_and_reads_back(text in any::<String>()) {
            if let Ok(name) = AccountName::parse(&text) {
                prop_assert!(name.as_str().chars().any(|it| it.is_alphanumeric() && !hides(it)));
                prop_assert!(!name.as_str().chars().any(|it| it.is_control() || steers_text(it) || hides(it)));
                prop_assert_eq!(AccountName::parse(name.as_str()), Ok(name));
            }
        }
    }

    #[test]
    fn a_name_has_1_to_120_characters() {
        assert_eq!(PersonName::parse(""), Err(NameError::Empty));
        assert_eq!(PersonName::parse(" \u{a0} "), Err(NameError::Empty));
        assert!(PersonName::parse(&"é".repeat(120)).is_ok());
        assert_eq!(PersonName::parse(&"é".repeat(121)), Err(NameError::TooLong));
        assert_eq!(PersonName::parse(&"x".repeat(1_000_000)), Err(NameError::TooLong));
    }

    #[test]
    fn the_mask_shows_the_first_letter_of_each_word() {
        let masked = |text| PersonName::parse(text).unwrap().masked();
        assert_eq!(masked("Dana Orlov"), "D··· O····");
        assert_eq!(masked("Li X"), "L· ·");
        assert_eq!(masked("Ольга"), "О····");
        assert_eq!(
            format!("{:?}", AccountName::parse("Harbor Ltd").unwrap()),
            "H····· L··"
        );
    }

    #[test]
    fn json_holds_the_name() {
        let name = AccountName::parse("Harbor Ltd").unwrap();
        assert_eq!(serde_json::to_string(&name).unwrap(), "\"Harbor Ltd\"");
        assert_eq!(
            serde_json::from_str::<AccountName>("\" Harbor  Ltd\"").unwrap(),
            name
        );
        assert!(serde_json::from_str::<PersonName>("\"\"").is_err());
    }
}
