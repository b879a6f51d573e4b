//! Everything that touches a key.
//!
//! - [`Keyring`]: the root keys, in a file that only the server may read, **outside the database**. A copy of the
//!   database alone gives no PIN (security.md 1.4).
//! - [`Vault`]: what the rest of the server may do with the keys: make MACs of PINs, codes, tokens and rows, and seal what
//!   its holder may see again. No key ever leaves it.
//! - [`JudgeKey`]: the only thing that can compare a PIN or a code. A vault gives it out once, to the judge.
//!
//! From each root key, HKDF-SHA-256 derives one key for each purpose and brand, so that no value of one brand or purpose
//! means anything in another. Every MAC and ciphertext carries the id of its root key; [`Keyring::rotate`] makes a new
//! one active while the old ones still read what they wrote.
//!
//! Randomness and time are arguments here as everywhere.
//!
//! To add a kind of secret, add a line to [`TokenPurpose`] when nobody can guess it, to [`CodePurpose`] when somebody can.

mod derive;
mod error;
mod judge;
mod keyring;
mod mac;
mod padding;
mod seal;
mod secret;
#[cfg(test)]
mod tests;
mod vault;

pub use error::VaultError;
pub use judge::JudgeKey;
pub use keyring::{KeyCheck, Keyring, KeyringError};
pub use mac::{Mac, RowName};
pub use seal::{NONCE_BYTES, Place, Sealed};
pub use secret::SecretBytes;
pub use vault::{CodePurpose, TokenPurpose, Vault};
