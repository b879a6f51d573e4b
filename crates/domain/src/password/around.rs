//! Words that a guesser who knows the person and the site tries first.

use super::folded;
use crate::contact::EmailAddress;
use crate::person::Username;

/// Words too short to give anything away.
const SHORTEST_WORD: usize = 3;
/// Of what is left beside such words so many different letters make a password of its own.
const OWN_LETTERS: usize = 8;

/// The names around a password: the brand, the person, their addresses, and the word itself.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    words: Vec<String>,
}

impl Surroundings {
    /// The words of a brand.
    #[must_use]
    pub fn of_brand(name: &str) -> Self {
        let mut around = Self { words: Vec::new() };
        for word in [
            "password",
            "passwort",
            "passwd",
            "passphrase",
            "countersign",
            "support",
            "welcome",
            "letmein",
        ] {
            around.add(word);
        }
        around.add_with_parts(name);
        around
    }

    /// And those of a person.
    #[must_use]
    pub fn and_of(mut self, name: &str, username: Option<&Username>, email: Option<&EmailAddress>) -> Self {
        self.add_with_parts(name);
        if let Some(username) = username {
            self.add_with_parts(username.as_str());
        }
        if let Some((local, domain)) = email.and_then(|email| email.as_str().rsplit_once('@')) {
            self.add_with_parts(local);
            self.add_with_parts(domain);
        }
        self
    }

    /// The words, in lower case, the longest first.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }

    fn add_with_parts(&mut self, text: &str) {
        self.add(text);
        for part in text.split(|letter: char| !letter.is_alphanumeric()) {
            self.add(part);
        }
    }

    fn add(&mut self, word: &str) {
        let word = folded(word);
        if word.chars().count() < SHORTEST_WORD || self.words.contains(&*word) {
            return;
        }
        self.words.push(word.to_string());
        // Longest first: "harborhosting" is taken out before "harbor" leaves "hosting" behind.
        self.words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    }

    /// True when little more than these words is in a password: digits, marks and a few letters around them add nothing.
    pub(super) fn make_up(&self, folded: &str) -> bool {
        let mut rest = zeroize::Zeroizing::new(folded.to_owned());
        for word in &self.words {
            if rest.contains(word.as_str()) {
                // A space keeps what stood apart from growing into a new word.
                rest = zeroize::Zeroizing::new(rest.replace(word.as_str(), " "));
            }
        }
        if rest.len() == folded.len() && *rest == *folded {
            return false;
        }
        let own: std::collections::BTreeSet<char> =
            rest.chars().filter(|letter| letter.is_alphabetic()).collect();
        own.len() < OWN_LETTERS && !has_own_secret(&rest)
    }
}

/// Digits beside a word are a year or a counter, unless there are as many as in a long secret number.
fn has_own_secret(rest: &str) -> bool {
    let digits = rest.chars().filter(char::is_ascii_digit).count();
    let letters = rest.chars().filter(|letter| letter.is_alphabetic()).count();
    letters + digits >= 14
}

#[cfg(test)]
mod tests {
    use super::Surroundings;
    use crate::contact::EmailAddress;
    use crate::person::Username;

    fn around() -> Surroundings {
        Surroundings::of_brand("Harbor Hosting").and_of(
            "Dana Okafor",
            Some(&Username::parse("dana.okafor").unwrap()),
            Some(&EmailAddress::parse("dana.o@bluefin.example").unwrap()),
        )
    }

    #[test]
    fn the_brand_the_person_and_the_word_password_make_no_password() {
        for text in [
            "harborhosting",
            "harborhosting2024!!",
            "password12345678",
            "passwordpassword",
            "dana.okafor.2026",
            "okafordana!!!!!!",
            "bluefinbluefin99",
            "mypasswordis1234",
        ] {
            assert!(around().make_up(text), "{text}");
        }
    }

    #[test]
    fn such_a_word_among_others_does_no_harm() {
        for text in [
            "purplellamasleepinharbor",
            "correcthorsebatterystaple",
            "kx7mq2vrt9wbnd4pharbor",
        ] {
            assert!(!around().make_up(text), "{text}");
        }
    }
}
