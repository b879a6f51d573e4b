//! How many guesses a password withstands, by zxcvbn (Wheeler, USENIX Security 2016). It lives here and not in `domain`
//! because it asks the system for the year.

use countersign_domain::password::{Strength, Surroundings};
use zeroize::Zeroizing;

/// So much of a password is looked at: the time grows with the cube of it where letters stand for others. Whoever typed more than this has either a
/// strong password or a repetition, which the beginning shows.
const LONGEST_CHARACTERS: usize = 40;

/// The strength of a password among the names that a guesser would try.
pub(super) fn strength(password: &str, around: &Surroundings) -> Strength {
    Strength::of_guesses(guesses(password, around))
}

/// How many guesses it takes, as a power of ten.
fn guesses(password: &str, around: &Surroundings) -> f64 {
    let mut beginning = Zeroizing::new(String::with_capacity(LONGEST_CHARACTERS * 4));
    beginning.extend(password.chars().take(LONGEST_CHARACTERS));
    let names: Vec<&str> = around.words().collect();
    zxcvbn::zxcvbn(&beginning, &names).guesses_log10()
}

#[cfg(test)]
mod tests {
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
            "11/03/1984",
            "harborhosting",
        ] {
            assert_eq!(of(text), Strength::Guessable, "{text}");
        }
        for text in ["correct horse battery staple", "kx7m-q2vr-t9wb-nd4p"] {
            assert_eq!(of(text), Strength::Strong, "{text}");
        }
    }

    /// T38: whatever is sent, the work is that for so many characters, so that nobody buys time with a long text.
    #[test]
    fn t38_what_stands_behind_the_longest_beginning_is_not_looked_at() {
        let beginning = "4@8({[</369&#!1|0$5+7%2x".repeat(2);
        let beginning: String = beginning.chars().take(super::LONGEST_CHARACTERS).collect();
        let longer = beginning.clone() + &"qazwsx 1984-11-03 \u{1F980}".repeat(40);
        let guesses = |text: &str| super::guesses(text, &Surroundings::of_brand("Harbor Hosting"));
        assert_eq!(guesses(&longer).to_bits(), guesses(&beginning).to_bits());
    }
}
