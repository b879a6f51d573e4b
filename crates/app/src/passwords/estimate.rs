//! How many guesses a password withstands, by zxcvbn (Wheeler, USENIX Security 2016). It lives here and not in `domain`
//! because it asks the system for the year.

use countersign_domain::password::{Strength, Surroundings};
use zeroize::Zeroizing;

/// So much of a password is looked at: the time grows with the square of it. Whoever typed more than this has either a
/// strong password or a repetition, which the beginning shows.
const LONGEST_CHARACTERS: usize = 72;

/// The strength of a password among the names that a guesser would try.
pub(super) fn strength(password: &str, around: &Surroundings) -> Strength {
    let mut beginning = Zeroizing::new(String::with_capacity(LONGEST_CHARACTERS * 4));
    beginning.extend(password.chars().take(LONGEST_CHARACTERS));
    let names: Vec<&str> = around.words().collect();
    Strength::of_guesses(zxcvbn::zxcvbn(&beginning, &names).guesses_log10())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::strength;
    use countersign_domain::password::{Strength, Surroundings};

    fn of(password: &str) -> Strength {
        strength(password, &Surroundings::of_brand("Harbor Hosting"))
    }

    #[test]
    fn c8_patterns_are_guessable_and_words_in_a_row_are_not() {
        for text in [
            "",
            "aaaaaaaaaaaaaaaaaaaaaa",
            "abcdefghijklmnopqrstuvwxyz",
            "qwertyuiopasdfghjkl",
            "11/03/1984 11/03/1984",
            "harborhosting",
        ] {
            assert_eq!(of(text), Strength::Guessable, "{text}");
        }
        for text in ["correct horse battery staple", "kx7m-q2vr-t9wb-nd4p"] {
            assert_eq!(of(text), Strength::Strong, "{text}");
        }
    }

    #[test]
    fn t38_the_worst_text_takes_no_longer_than_a_hash() {
        let worst = [
            "4@8({[</369&#!1|0$5+7%2x".repeat(43),
            "a".repeat(1024),
            "password1".repeat(113),
            "1984-11-03".repeat(102),
            "qazwsxedcrfv".repeat(85),
            "\u{1F980}".repeat(256),
        ];
        for text in worst {
            let start = Instant::now();
            of(&text);
            let took = start.elapsed();
            // In a test build; a release takes a tenth.
            assert!(took < Duration::from_secs(2), "{took:?} for {text:.24}…");
        }
    }
}
