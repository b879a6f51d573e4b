//! Passwords that people choose: what is refused, in words that help, and what is made for them (C8).
//!
//! After NIST SP 800-63B-4, 3.1.1.2: length and a blocklist, no rule of composition, no expiry. A password is taken as a
//! whole, in Unicode's form NFC, so that the same key presses on two systems are the same password.
//!
//! Where to read on: [`Rules`] decides, `well_known` is the list, [`Strength`] the words of the meter, [`generate`] makes
//! one.

mod around;
mod generation;
mod rules;
mod strength;
mod well_known;

use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

pub use around::Surroundings;
pub use generation::{BrokenRandomness, generate};
pub use rules::{Rule, Rules};
pub use strength::Strength;

/// The longest password that is looked at, in bytes (T38); longer ones are refused before any work. NIST asks for 64
/// characters at least.
pub const LONGEST_BYTES: usize = 1024;

/// The text in the form in which it is judged, hashed and compared: Unicode NFC, nothing trimmed or cut.
#[must_use]
pub fn normalised(text: &str) -> Zeroizing<String> {
    // Room for everything at once: a string that grows leaves unwiped pieces of the password behind.
    let mut whole = Zeroizing::new(String::with_capacity(text.len().saturating_mul(3)));
    whole.extend(text.nfc());
    whole
}

/// Lower case, without spaces: what the blocklists compare, so that "Pass Word" hides nothing.
fn folded(text: &str) -> Zeroizing<String> {
    let mut whole = Zeroizing::new(String::with_capacity(text.len().saturating_mul(3)));
    whole.extend(
        text.chars()
            .filter(|letter| !letter.is_whitespace())
            .flat_map(char::to_lowercase),
    );
    whole
}
