//! Making a PIN from given random bytes.

use zeroize::Zeroizing;

use super::digits::Digits;
use super::rules::PinRules;

/// The source of randomness gave only bytes that make no PIN, thousands of times in a row. Chance does not do that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the source of randomness is broken: it gave no usable digits")]
pub struct BrokenRandomness;

/// Whole PINs thrown away before the source is called broken. The strictest rules refuse fewer than one PIN in ten
/// (for six digits), so honest bytes fail this with a chance below 10^-256.
const MOST_CANDIDATES: u32 = 256;

/// Random bytes asked for to make one digit before the source is called broken: each is used with a chance of 250
/// in 256.
const MOST_BYTES_PER_DIGIT: u32 = 256;

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
    for _ in 0..MOST_CANDIDATES {
        let mut text = Zeroizing::new(String::with_capacity(Digits::MOST));
        while text.len() < wanted {
            text.push(random_digit(fill)?);
        }
        let candidate = Digits::parse(&text).map_err(|_| BrokenRandomness)?;
        if rules.shape_is_kept(&candidate) {
            return Ok(candidate);
        }
    }
    Err(BrokenRandomness)
}

fn random_digit(fill: &mut dyn FnMut(&mut [u8])) -> Result<char, BrokenRandomness> {
    let mut byte = Zeroizing::new([0_u8; 1]);
    for _ in 0..MOST_BYTES_PER_DIGIT {
        fill(byte.as_mut_slice());
        let [value] = *byte;
        if value < 250 {
            return Ok(char::from(b'0' + value % 10));
        }
    }
    Err(BrokenRandomness)
}
