//! Passwords: Argon2id on a bounded number of threads, so that a hundred sign-ins at once never exhaust memory.

use std::sync::Arc;

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::error::{AppError, Cause};

/// The longest password that is looked at, in bytes (T38); longer ones are refused before any work.
pub const LONGEST_BYTES: usize = 1024;
/// The shortest password: NIST SP 800-63B-4 3.1.1.2 where it is the only factor.
pub const SHORTEST_CHARACTERS: usize = 15;

/// A password as it was typed. Wiped when dropped; it cannot be shown.
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes a password as it was typed: nothing is trimmed or changed.
    ///
    /// # Errors
    /// [`AppError::Invalid`] when it is longer than [`LONGEST_BYTES`].
    pub fn typed(text: String) -> Result<Self, AppError> {
        let text = Zeroizing::new(text);
        if text.len() > LONGEST_BYTES {
            return Err(AppError::invalid("password", "use at most 1024 bytes"));
        }
        Ok(Self(text))
    }

    /// Whether it is long enough to be chosen as a new password.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with what to do.
    pub fn must_be_long_enough(&self) -> Result<(), AppError> {
        if self.0.chars().count() < SHORTEST_CHARACTERS {
            return Err(AppError::invalid(
                "password",
                "use at least 15 characters; a few words in a row do well",
            ));
        }
        Ok(())
    }
}

/// What hashing costs.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Cost {
    /// OWASP's minimum for Argon2id: 19 MiB, two passes.
    pub const STANDARD: Self = Self {
        memory_kib: 19_456,
        passes: 2,
    };
    /// For tests only: the format is the same, the work is not.
    pub const TEST: Self = Self {
        memory_kib: 8,
        passes: 1,
    };
}

/// Hashes and compares passwords, at most so many at once.
#[derive(Clone)]
pub struct Passwords {
    hasher: Argon2<'static>,
    slots: Arc<Semaphore>,
    /// The digest of nobody's password, for names that do not exist: comparing takes as long (T16).
    nobody: Arc<str>,
}

impl Passwords {
    /// Hashes at this cost, at most `at_once` at a time. `salt` seasons the digest that stands in for unknown names.
    ///
    /// # Errors
    /// [`AppError::Unavailable`] when the cost is none that Argon2 accepts.
    pub fn new(cost: Cost, at_once: usize, salt: &[u8; 16]) -> Result<Self, AppError> {
        let params = Params::new(cost.memory_kib, cost.passes, 1, None).map_err(failed)?;
        let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = hasher
            .hash_password_with_salt(b"nobody's password", salt)
            .map_err(failed)?
            .to_string();
        Ok(Self {
            hasher,
            slots: Arc::new(Semaphore::new(at_once.max(1))),
            nobody: nobody.into(),
        })
    }

    /// Hashes a password under a fresh salt.
    ///
    /// # Errors
    /// [`AppError::Unavailable`].
    pub async fn hash(&self, password: Password, salt: [u8; 16]) -> Result<String, AppError> {
        self.in_a_slot(move |hasher| {
            hasher
                .hash_password_with_salt(password.0.as_bytes(), &salt)
                .map(|hash| hash.to_string())
                .map_err(failed)
        })
        .await
    }

    /// Whether this is the password of `stored`. Without one, the same work is done and the answer is no.
    ///
    /// # Errors
    /// [`AppError::Unavailable`] when the stored digest cannot be read.
    pub async fn matches(&self, password: Password, stored: Option<String>) -> Result<bool, AppError> {
        let nobody = self.nobody.clone();
        self.in_a_slot(move |hasher| {
            let text = stored.as_deref().unwrap_or(&nobody);
            let hash = PasswordHash::new(text).map_err(failed)?;
            let same = hasher.verify_password(password.0.as_bytes(), &hash).is_ok();
            Ok(same && stored.is_some())
        })
        .await
    }

    async fn in_a_slot<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'static>) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, AppError> {
        let slot = self.slots.clone().acquire_owned().await.map_err(failed)?;
        let hasher = self.hasher.clone();
        tokio::task::spawn_blocking(move || {
            let _slot = slot;
            work(&hasher)
        })
        .await
        .map_err(failed)?
    }
}

fn failed(error: impl std::fmt::Display) -> AppError {
    AppError::Unavailable(Cause::Password(error.to_string()))
}
