//! What can go wrong with a key. None of it is the customer's doing: a wrong PIN is an answer, not an error.

/// Why the vault could not do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// The value was made with a root key that the keyring does not hold.
    #[error(
        "the keyring has no key {key_id}, which this value was made with: restore the keyring file that has it"
    )]
    UnknownKey {
        /// The key that is missing.
        key_id: u32,
    },
    /// The stored bytes are not in the form that the vault writes.
    #[error("the stored bytes are not a sealed value or a MAC")]
    Malformed,
    /// The value does not belong where it stands, or was changed: a reason for an integrity alarm.
    #[error("the sealed value was changed, or moved here from another place")]
    NotAuthentic,
    /// The judge's key was given out before.
    #[error("the judge already has the key that compares PINs; there is one judge")]
    JudgeKeyTaken,
    /// The value is too long to be sealed.
    #[error("the value is too long to be sealed")]
    TooLong,
    /// A key could not be derived. The lengths in use can not cause it.
    #[error("a key could not be derived")]
    Derivation,
}
