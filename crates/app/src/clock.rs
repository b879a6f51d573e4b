//! Where time and randomness come from. Everything else takes them as arguments.

use std::sync::atomic::{AtomicI64, Ordering};

use countersign_domain::time::Timestamp;

use crate::error::{AppError, Cause};

/// Tells the time. A verdict's time never runs backwards (T34).
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Gives random bytes.
pub trait Entropy: Send + Sync {
    /// Fills `bytes`.
    ///
    /// # Errors
    /// A sentence about why there is no randomness; nothing secret may be made then.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), String>;
}

/// The system's clock, which never goes back for as long as the process lives.
#[derive(Debug, Default)]
pub struct SystemClock {
    last: AtomicI64,
}

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the system's clock"
    )]
    fn now(&self) -> Timestamp {
        let since_1970 = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        let micros = i64::try_from(since_1970.as_micros()).unwrap_or(i64::MAX);
        Timestamp::from_micros(self.last.fetch_max(micros, Ordering::Relaxed).max(micros))
    }
}

/// The system's cryptographic randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that asks the system for randomness"
    )]
    fn fill(&self, bytes: &mut [u8]) -> Result<(), String> {
        getrandom::fill(bytes).map_err(|error| error.to_string())
    }
}

impl dyn Entropy + '_ {
    /// An array of random bytes.
    ///
    /// # Errors
    /// [`AppError::Unavailable`] when the system gives none.
    pub fn bytes<const N: usize>(&self) -> Result<[u8; N], AppError> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)
            .map_err(|error| AppError::Unavailable(Cause::Entropy(error)))?;
        Ok(bytes)
    }
}
