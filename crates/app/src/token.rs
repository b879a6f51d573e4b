//! Random tokens that stand for something in the database: only a digest of them is stored.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::clock::Entropy;
use crate::error::AppError;

/// 32 random bytes as 43 characters of base64url, behind a prefix.
pub(crate) fn make(entropy: &dyn Entropy, prefix: &str) -> Result<Zeroizing<String>, AppError> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let random = Zeroizing::new(entropy.bytes::<43>()?);
    let mut text = Zeroizing::new(String::with_capacity(prefix.len() + random.len()));
    text.push_str(prefix);
    // Six bits of each byte: every character is equally likely, 258 bits in all.
    text.extend(
        random
            .iter()
            .filter_map(|byte| ALPHABET.get(usize::from(byte & 63)))
            .map(|byte| char::from(*byte)),
    );
    Ok(text)
}

/// The digest under which a token is stored. A plain one does: nobody tries through 2^256 tokens.
pub(crate) fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
