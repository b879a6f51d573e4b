//! The root keys: several, one of them active, in a small text file outside the database.

mod file;
mod text;

use std::collections::BTreeMap;
use std::path::PathBuf;

use countersign_domain::time::Timestamp;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::derive::{Purpose, derive};

/// The root keys of a server.
///
/// ```compile_fail
/// fn show(keyring: &countersign_vault::Keyring) { println!("{keyring:?}"); }
/// ```
/// ```compile_fail
/// fn copy(keyring: &countersign_vault::Keyring) -> countersign_vault::Keyring { keyring.clone() }
/// ```
pub struct Keyring {
    keys: BTreeMap<u32, RootKey>,
    active: u32,
}

struct RootKey {
    created: Timestamp,
    secret: Zeroizing<[u8; 32]>,
}

/// What a database keeps to tell whether a keyring is its own. It says nothing about the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyCheck {
    /// The root key that it is about.
    pub key_id: u32,
    /// 16 bytes derived from that key.
    pub value: [u8; 16],
}

/// Why a keyring can not be used. Tells what to do; never shows what stands in the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyringError {
    /// There is a file where the new keyring should go.
    #[error("{} exists; a keyring is never overwritten, because every PIN depends on it", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// There is no file.
    #[error("{} does not exist: restore the keyring, or make a new installation with `countersign init`", path.display())]
    NotFound {
        /// The file.
        path: PathBuf,
    },
    /// It is a directory, a pipe or a device.
    #[error("{} is not a regular file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// Other users of the machine can get at the keys.
    #[error("others may use {} (mode {mode:04o}): run `chmod 0400 {}`", path.display(), path.display())]
    OpenToOthers {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file could not be read or written.
    #[error("can not {doing} {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// The text is not a keyring.
    #[error("line {line} of the keyring: {problem}")]
    Text {
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The text is a keyring of a later version of the program.
    #[error(
        "the keyring has format {found}, this program knows format 1: use the version that wrote it, or a later one"
    )]
    UnknownFormat {
        /// The number in the file.
        found: u32,
    },
    /// Another rotation is under way, or one was cut off.
    #[error("{} exists: another rotation is under way; if there is none, remove that file and try again", path.display())]
    RotationUnderWay {
        /// The file that the rotation writes.
        path: PathBuf,
    },
    /// The random bytes for a new key are those of a key that exists: the source of randomness is broken.
    #[error("the new key equals an old one: the source of randomness is broken")]
    RepeatedKey,
    /// There are no key ids left.
    #[error("the keyring has no free key id")]
    Full,
    /// The database was written with another key of that id.
    #[error(
        "key {key_id} of the keyring is not the one that the database was written with: restore the right keyring"
    )]
    WrongKey {
        /// The key.
        key_id: u32,
    },
    /// The database needs a key that is not there.
    #[error(
        "the keyring has no key {key_id}, which the database was written with: restore the keyring that has it"
    )]
    MissingKey {
        /// The key.
        key_id: u32,
    },
}

impl Keyring {
    /// A keyring with one new key, in memory only. `random` is 32 fresh random bytes.
    #[must_use]
    pub fn generate(random: &[u8; 32], at: Timestamp) -> Self {
        let key = RootKey {
            created: at,
            secret: Zeroizing::new(*random),
        };
        Self {
            keys: BTreeMap::from([(1, key)]),
            active: 1,
        }
    }

    /// The id of the key that new values are made with.
    #[must_use]
    pub const fn active(&self) -> u32 {
        self.active
    }

    /// Every key's id and when it was made, oldest id first.
    pub fn keys(&self) -> impl Iterator<Item = (u32, Timestamp)> {
        self.keys.iter().map(|(id, key)| (*id, key.created))
    }

    /// The check values of all keys, for the database to keep.
    ///
    /// # Errors
    /// [`VaultError::Derivation`](crate::VaultError::Derivation), which the lengths in use can not cause.
    pub fn checks(&self) -> Result<Vec<KeyCheck>, crate::VaultError> {
        let mut checks = Vec::with_capacity(self.keys.len());
        for (key_id, key) in &self.keys {
            let derived = derive(&key.secret, Purpose::KeyCheck, None)?;
            let mut value = [0; 16];
            value
                .iter_mut()
                .zip(derived.iter())
                .for_each(|(to, from)| *to = *from);
            checks.push(KeyCheck {
                key_id: *key_id,
                value,
            });
        }
        Ok(checks)
    }

    /// Compares this keyring with the check values that a database keeps. A keyring may hold more keys than the database
    /// knows, never fewer.
    ///
    /// # Errors
    /// [`KeyringError::WrongKey`] or [`KeyringError::MissingKey`]: the server must not start, or it would judge every right
    /// PIN wrong and lock every customer.
    pub fn belongs_to(&self, kept: &[KeyCheck]) -> Result<(), KeyringError> {
        // Without check values of our own nothing can be shown to match.
        let own = self.checks().unwrap_or_default();
        for check in kept {
            let key_id = check.key_id;
            let Some(ours) = own.iter().find(|own| own.key_id == key_id) else {
                return Err(KeyringError::MissingKey { key_id });
            };
            if !bool::from(ours.value.ct_eq(&check.value)) {
                return Err(KeyringError::WrongKey { key_id });
            }
        }
        Ok(())
    }

    pub(crate) fn root(&self, key_id: u32) -> Option<&[u8; 32]> {
        self.keys.get(&key_id).map(|key| &*key.secret)
    }

    /// Adds a key and makes it the active one.
    fn add(&mut self, random: &[u8; 32], at: Timestamp) -> Result<(), KeyringError> {
        if self.keys.values().any(|key| bool::from(key.secret.ct_eq(random))) {
            return Err(KeyringError::RepeatedKey);
        }
        let highest = self.keys.last_key_value().map_or(0, |(id, _)| *id);
        let id = highest.checked_add(1).ok_or(KeyringError::Full)?;
        self.keys.insert(
            id,
            RootKey {
                created: at,
                secret: Zeroizing::new(*random),
            },
        );
        self.active = id;
        Ok(())
    }
}
