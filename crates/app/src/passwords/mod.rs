//! Passwords: Argon2id on a bounded number of threads, so that a hundred sign-ins at once never exhaust memory; and the
//! rules for new ones, which take a bounded number of threads of their own: a meter must not keep anyone from signing in.

pub mod change;
mod estimate;
pub mod meter;
mod notice;
pub mod reset;

use std::sync::Arc;
use std::time::Duration;

use countersign_domain::password::{LONGEST_BYTES, Rule, Rules, Strength, Surroundings, normalised};

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
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

/// For each thread that hashes so many may wait: about as many as it gets done within [`PATIENCE`] (E65).
const WAITING_FOR_EACH: usize = 64;
/// How long anybody waits for a thread: well below the time after which a request is given up, so that nothing is hashed for
/// somebody who has gone.
const PATIENCE: Duration = Duration::from_secs(5);

/// So many threads, and a line in front of them that is no longer than it can be served.
#[derive(Clone)]
struct Slots {
    threads: Arc<Semaphore>,
    /// Whoever has a thread or waits for one.
    line: Arc<Semaphore>,
    patience: Duration,
}

/// A thread, and the place in the line that goes with it.
struct Slot {
    _thread: OwnedSemaphorePermit,
    _place: OwnedSemaphorePermit,
}

impl Slots {
    fn new(at_once: usize, patience: Duration) -> Self {
        let threads = at_once.max(1);
        Self {
            threads: Arc::new(Semaphore::new(threads)),
            line: Arc::new(Semaphore::new(threads.saturating_mul(1 + WAITING_FOR_EACH))),
            patience,
        }
    }

    fn has_room(&self) -> bool {
        self.line.available_permits() > 0
    }

    async fn take(&self) -> Result<Slot, AppError> {
        const BUSY: AppError = AppError::Unavailable(Cause::Busy);
        let place = self.line.clone().try_acquire_owned().map_err(|_| BUSY)?;
        let thread = tokio::time::timeout(self.patience, self.threads.clone().acquire_owned())
            .await
            .map_err(|_| BUSY)?
            .map_err(failed)?;
        Ok(Slot {
            _thread: thread,
            _place: place,
        })
    }
}

/// Hashes and compares passwords, at most so many at once.
#[derive(Clone)]
pub struct Passwords {
    hasher: Argon2<'static>,
    slots: Slots,
    /// The same for the rules of new passwords.
    estimates: Slots,
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
            slots: Slots::new(at_once, PATIENCE),
            estimates: Slots::new(at_once, PATIENCE),
            questions: Arc::default(),
            nobody: nobody.into(),
        })
    }

    /// That there is room in the line: asked before a try is counted, so that nobody pays for one that is not looked at.
    ///
    /// # Errors
    /// [`AppError::Unavailable`].
    pub(crate) fn must_have_room(&self) -> Result<(), AppError> {
        if self.slots.has_room() {
            Ok(())
        } else {
            Err(AppError::Unavailable(Cause::Busy))
        }
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
        let slot = self.estimates.take().await?;
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
    pub(crate) async fn hash(&self, password: Password, salt: [u8; 16]) -> Result<String, AppError> {
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
        let slot = self.slots.take().await?;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn busy<T>(answer: &Result<T, AppError>) -> bool {
        matches!(answer, Err(AppError::Unavailable(Cause::Busy)))
    }

    #[tokio::test]
    async fn e65_whoever_finds_the_line_full_is_told_to_come_back_at_once() {
        let slots = Slots::new(2, PATIENCE);
        let length = u32::try_from(2 * (1 + WAITING_FOR_EACH)).unwrap();
        let all = slots.line.clone().try_acquire_many_owned(length).unwrap();
        assert!(!slots.has_room());
        assert!(busy(&slots.take().await));
        drop(all);
        assert!(slots.take().await.is_ok());
    }

    #[tokio::test]
    async fn e65_nobody_waits_longer_than_their_patience_and_then_holds_no_place() {
        let slots = Slots::new(1, Duration::ZERO);
        let first = slots.take().await.unwrap();
        let before = slots.line.available_permits();
        assert!(busy(&slots.take().await));
        assert_eq!(slots.line.available_permits(), before);
        drop(first);
        assert!(slots.take().await.is_ok());
    }

    #[tokio::test]
    async fn e65_a_password_is_looked_at_only_in_a_slot() {
        let mut passwords = Passwords::new(Cost::TEST, 1, &[7; 16]).unwrap();
        passwords.slots.patience = Duration::ZERO;
        let typed = || Password::typed("correct horse battery staple".to_owned()).unwrap();
        let taken = passwords.slots.take().await.unwrap();
        assert!(busy(&passwords.matches(typed(), None).await));
        drop(taken);
        assert!(matches!(passwords.matches(typed(), None).await, Ok(false)));
    }
}
