//! How many guesses a password withstands, in the words of the meter.

use crate::words::words;

words! {
    /// How hard a password is to guess. The first is refused, the others are only told.
    Strength, StrengthError, "a strength" {
        /// A guesser finds it among the first hundred million.
        Guessable = "guessable",
        /// Withstands guessing at a sign-in page.
        Fair = "fair",
        /// Withstands most of what is tried against a stolen table.
        Good = "good",
        /// Withstands it for long.
        Strong = "strong",
    }
}

impl Strength {
    /// From the tenth logarithm of the guesses that an estimator expects.
    ///
    /// Sign-in allows a name fewer than 10,000 guesses a day, so 10^8 take 27 years; from there on the meter speaks of
    /// someone who stole the table: at 10^4 hashes a second, 10^10 take two weeks, 10^14 three hundred years.
    #[must_use]
    pub fn of_guesses(log10: f64) -> Self {
        if log10 < 8.0 {
            Self::Guessable
        } else if log10 < 10.0 {
            Self::Fair
        } else if log10 < 14.0 {
            Self::Good
        } else {
            Self::Strong
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Strength;

    #[test]
    fn the_words_follow_the_guesses() {
        let words: Vec<_> = [0.0, 7.99, 8.0, 10.0, 14.0].map(Strength::of_guesses).to_vec();
        assert_eq!(
            words,
            [
                Strength::Guessable,
                Strength::Guessable,
                Strength::Fair,
                Strength::Good,
                Strength::Strong
            ]
        );
    }
}
