//! Passwords: Argon2id on a bounded number of threads, so that a hundred sign-ins at once never exhaust memory; and the
//! rules for new ones, which take a bounded number of threads of their own: a meter must not keep anyone from signing in.

pub mod change;
mod estimate;
pub mod meter;
mod notice;
pub mod reset;

use std::sync::Arc;

use countersign_domain::password::{LONGEST_BYTES, Rule, Rules, Strength, Surroundings, normalised};

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::error::{AppError, Cause};

/// A password as it was typed. Wiped when dropped; it cannot be shown.
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes a password as it was typed, in Unicode's form NFC: nothing is trimmed or cut.
    ///
    /// # Errors
    /// [`AppError::Invalid`] when it is longer than [`LONGEST_BYTES`].
    pub fn typed(text: String) -> Result<Self, AppError> {
        let too_long = || AppError::invalid("password", "use at most 1024 bytes");
        let text = Zeroizing::new(text);
        if text.len() > LONGEST_BYTES {
            return Err(too_long());
        }
        let normal = normalised(&text);
        if normal.len() > LONGEST_BYTES {
            return Err(too_long());
        }
        Ok(Self(normal))
    }

    fn is(&self, other: &Self) -> bool {
        *self.0 == *other.0
    }

    fn copy(&self) -> Self {
        Self(self.0.clone())
    }
}

/// What the rules say of a password that somebody means to take.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Verdict {
    /// How hard it is to guess.
    pub strength: Strength,
    /// The rules that it breaks; none where it may be taken.
    pub broken: Vec<Rule>,
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
    /// The same for the rules of new passwords.
    estimates: Arc<Semaphore>,
    /// Who asked the meter how often.
    questions: Arc<meter::Questions>,
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
            estimates: Arc::new(Semaphore::new(at_once.max(1))),
            questions: Arc::default(),
            nobody: nobody.into(),
        })
    }

    /// What the rules say of a new password among the names around it.
    ///
    /// # Errors
    /// [`AppError::Unavailable`].
    pub async fn judge(
        &self,
        password: &Password,
        rules: Rules,
        around: &Surroundings,
    ) -> Result<Verdict, AppError> {
        let slot = self.estimates.clone().acquire_owned().await.map_err(failed)?;
        let (password, around) = (password.copy(), around.clone());
        tokio::task::spawn_blocking(move || {
            let _slot = slot;
            let strength = estimate::strength(&password.0, &around);
            Verdict {
                strength,
                broken: rules.broken(&password.0, &around, strength),
            }
        })
        .await
        .map_err(failed)
    }

    /// Hashes a password that somebody takes anew, where the rules let them.
    ///
    /// # Errors
    /// [`AppError::PasswordRules`], [`AppError::Unavailable`].
    pub async fn hash_new(
        &self,
        password: Password,
        rules: Rules,
        around: &Surroundings,
        salt: [u8; 16],
    ) -> Result<String, AppError> {
        let verdict = self.judge(&password, rules, around).await?;
        if !verdict.broken.is_empty() {
            return Err(AppError::PasswordRules(verdict.broken));
        }
        self.hash(password, salt).await
    }

    /// Hashes a password under a fresh salt.
    ///
    /// # Errors
    /// [`AppError::Unavailable`].
    async fn hash(&self, password: Password, salt: [u8; 16]) -> Result<String, AppError> {
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
