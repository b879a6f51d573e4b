//! Making a password from given random bytes.

use zeroize::Zeroizing;

/// What can be read out and typed without a doubt: no `i`, `l`, `o`, `0`, `1`.
const LETTERS: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";
/// Groups of a password, with a dash between.
const GROUPS: usize = 4;
/// Letters of a group. 16 letters of 31 are 79.2 bits.
const GROUP: usize = 4;
/// Times that the source is asked before it is called broken. Once is enough but for one time in 10^10.
const MOST_FILLS: u32 = 64;

/// The source of randomness gave only bytes that make no password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the source of randomness is broken: it gave no usable letters")]
pub struct BrokenRandomness;

/// Makes a password of four groups of four, such as `kx7m-q2vr-t9wb-nd4p`: 79.2 bits, every one equally likely.
///
/// `fill` fills a slice with random bytes from the operating system's generator. Five bits of each are used, and the one
/// of 32 values that names no letter is thrown away.
///
/// # Errors
/// [`BrokenRandomness`] when `fill` never gives usable bytes.
pub fn generate(fill: &mut dyn FnMut(&mut [u8])) -> Result<Zeroizing<String>, BrokenRandomness> {
    let mut text = Zeroizing::new(String::with_capacity(GROUPS * (GROUP + 1)));
    let mut letters = 0;
    for _ in 0..MOST_FILLS {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        fill(bytes.as_mut_slice());
        for letter in bytes
            .iter()
            .filter_map(|byte| LETTERS.get(usize::from(byte & 31)))
        {
            if letters > 0 && letters % GROUP == 0 {
                text.push('-');
            }
            text.push(char::from(*letter));
            letters += 1;
            if letters == GROUPS * GROUP {
                return Ok(text);
            }
        }
    }
    Err(BrokenRandomness)
}
