//! How many text messages a text becomes: GSM 03.38 with 160 or 153 septets, UCS-2 with 70 or 67 units (3GPP TS 23.038, 23.040).

/// The default alphabet of GSM 03.38, in its order; the escape at 0x1b stands as a space that is never looked up.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u{a0}ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// What its extension holds; each takes two septets.
const EXTENDED: &str = "^{}\\[~]|€\u{c}";

/// In which alphabet a text goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Alphabet {
    /// The default alphabet of GSM: seven bits for a character.
    Gsm7,
    /// UCS-2: sixteen bits.
    Ucs2,
}

/// What a text becomes on the way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Segments {
    /// Its alphabet.
    pub alphabet: Alphabet,
    /// How many messages; none for no text.
    pub count: usize,
}

/// How many septets a character takes, if the alphabet has it.
fn septets(character: char) -> Option<usize> {
    if EXTENDED.contains(character) {
        Some(2)
    } else if character != '\u{a0}' && BASIC.contains(character) {
        Some(1)
    } else {
        None
    }
}

/// In which alphabet a text goes: one character that GSM does not know sends all of it in UCS-2.
#[must_use]
pub fn alphabet(text: &str) -> Alphabet {
    if text.chars().all(|character| septets(character).is_some()) {
        Alphabet::Gsm7
    } else {
        Alphabet::Ucs2
    }
}

/// What a text becomes on the way. No character is cut between two messages.
#[must_use]
pub fn segments(text: &str) -> Segments {
    let alphabet = alphabet(text);
    let (single, joined) = match alphabet {
        Alphabet::Gsm7 => (160, 153),
        Alphabet::Ucs2 => (70, 67),
    };
    let units: Vec<usize> = text
        .chars()
        .map(|character| match alphabet {
            Alphabet::Gsm7 => septets(character).unwrap_or_default(),
            Alphabet::Ucs2 => character.len_utf16(),
        })
        .collect();
    let all: usize = units.iter().sum();
    if all <= single {
        return Segments {
            alphabet,
            count: usize::from(all > 0),
        };
    }
    let (mut count, mut used) = (1, 0);
    for unit in units {
        if used + unit > joined {
            count += 1;
            used = 0;
        }
        used += unit;
    }
    Segments { alphabet, count }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str) -> (Alphabet, usize) {
        let found = segments(text);
        (found.alphabet, found.count)
    }

    #[test]
    fn the_alphabet_has_its_127_characters() {
        assert_eq!(BASIC.chars().count(), 128);
        assert_eq!(BASIC.chars().nth(0x1b), Some('\u{a0}'), "the escape");
        assert_eq!(BASIC.chars().nth(0x41), Some('A'));
        assert_eq!(BASIC.chars().nth(0x7f), Some('à'));
    }

    #[test]
    fn the_limits_are_those_of_the_standard() {
        assert_eq!(of(""), (Alphabet::Gsm7, 0));
        assert_eq!(of(&"a".repeat(160)), (Alphabet::Gsm7, 1));
        assert_eq!(of(&"a".repeat(161)), (Alphabet::Gsm7, 2));
        assert_eq!(of(&"a".repeat(306)), (Alphabet::Gsm7, 2));
        assert_eq!(of(&"a".repeat(307)), (Alphabet::Gsm7, 3));
        assert_eq!(of(&"€".repeat(80)), (Alphabet::Gsm7, 1));
        // 76 of two septets fit 153, not 76 and a half.
        assert_eq!(of(&"€".repeat(152)), (Alphabet::Gsm7, 2));
        assert_eq!(of(&"€".repeat(153)), (Alphabet::Gsm7, 3));
        assert_eq!(of(&"ş".repeat(70)), (Alphabet::Ucs2, 1));
        assert_eq!(of(&"ş".repeat(71)), (Alphabet::Ucs2, 2));
        assert_eq!(of(&"😀".repeat(35)), (Alphabet::Ucs2, 1));
        assert_eq!(
            of(&"😀".repeat(67)),
            (Alphabet::Ucs2, 3),
            "33 of two units fit 67"
        );
        assert_eq!(of("non\u{a0}breaking").0, Alphabet::Ucs2);
    }

    proptest! {
        #[test]
        fn a_longer_text_never_takes_fewer_messages(text in "\\PC{0,400}", more in "[a-z€ş😀]{0,40}") {
            let longer = format!("{text}{more}");
            prop_assert!(segments(&longer).count >= segments(&text).count);
        }

        #[test]
        fn one_character_outside_the_alphabet_sends_all_in_ucs2(text in "[ -~]{0,200}", at in 0_usize..200) {
            let at = at.min(text.len());
            let mixed = format!("{}ż{}", &text[..at], &text[at..]);
            prop_assert_eq!(segments(&mixed).alphabet, Alphabet::Ucs2);
        }

        #[test]
        fn every_message_is_filled_as_far_as_it_goes(length in 1_usize..2_000) {
            let expected = if length <= 160 { 1 } else { length.div_ceil(153) };
            prop_assert_eq!(segments(&"x".repeat(length)).count, expected);
        }
    }
}
