//! Making a PIN from given random bytes.

use zeroize::{Zeroize, Zeroizing};

use super::digits::Digits;
use super::rules::PinRules;

/// The source of randomness gave only bytes that make no PIN, thousands of times in a row. Chance does not do that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the source of randomness is broken: it gave no usable digits")]
pub struct BrokenRandomness;

/// Whole PINs thrown away before the source is called broken. The strictest rules that a policy can set (at most two
/// equal, at most two in sequence, 12 digits) refuse fewer than one PIN in three, so honest bytes fail this with a
/// chance below 10^-120.
const MOST_CANDIDATES: u32 = 256;

/// Times that the source is asked before it is called broken: far more than [`MOST_CANDIDATES`] need.
const MOST_FILLS: u32 = 1_024;

/// Makes a PIN of the length that `rules` ask for, equally likely to be any of those that keep the rules of shape:
/// length, equal digits in a row, digits in sequence.
///
/// `fill` fills a slice with random bytes from the operating system's generator. A byte is used when it is below
/// 250, so that each digit is equally likely; a PIN against a rule is thrown away whole, so that each of the others
/// stays equally likely.
///
/// The blocklist, dates and the holder's own digits are deliberately **not** kept away from a generated PIN. They
/// are what people choose; a uniform PIN is hard to guess because it is uniform. Refusing them here would take
/// nothing from a guesser and would shrink the space by a tenth, to 19.79 bits for six digits, where the standards
/// count on 19.93 (security bar 1.3; ASVS 6.5.4).
///
/// # Errors
/// [`BrokenRandomness`] when `fill` never gives usable bytes; a PIN made from such a source would be worse than none.
pub fn generate(rules: &PinRules, fill: &mut dyn FnMut(&mut [u8])) -> Result<Digits, BrokenRandomness> {
    let wanted = rules.length.clamp(1, Digits::MOST);
    let mut fills = 0;
    let mut candidates = 0;
    let mut text = Zeroizing::new(String::with_capacity(Digits::MOST));
    while fills < MOST_FILLS && candidates < MOST_CANDIDATES {
        // One request usually makes a whole PIN; bytes that are left over are wiped, never used for another one.
        let mut bytes = Zeroizing::new([0_u8; 16]);
        fill(bytes.as_mut_slice());
        fills += 1;
        let missing = wanted.saturating_sub(text.len());
        let digits = bytes
            .iter()
            .filter(|byte| **byte < 250)
            .map(|byte| char::from(b'0' + byte % 10));
        text.extend(digits.take(missing));
        if text.len() == wanted {
            candidates += 1;
            let candidate = Digits::parse(&text).map_err(|_| BrokenRandomness)?;
            if rules.shape_is_kept(&candidate) {
                return Ok(candidate);
            }
            text.zeroize();
        }
    }
    Err(BrokenRandomness)
}
