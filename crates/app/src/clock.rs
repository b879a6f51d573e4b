//! Where time and randomness come from. Everything else takes them as arguments.

use std::cell::RefCell;
use std::time::Duration;

use countersign_domain::reckoning::Judge;
use countersign_domain::time::Timestamp;
use zeroize::{Zeroize as _, Zeroizing};

use crate::error::{AppError, Cause};

/// Tells the time. A verdict's time never runs backwards (T34).
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;

    /// How this clock stands to the machine's own; none where it is no reckoned one.
    fn standing(&self) -> Option<Standing> {
        None
    }
}

/// How the time that counts stands to what clocks show.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Standing {
    /// Whose clock is the judge's.
    pub judge: Judge,
    /// By how many microseconds the machine's clock is ahead of the time that counts; negative when it is behind.
    pub machine_ahead: i64,
    /// By how many microseconds the judge's clock is ahead of the time that counts and is not followed, because it
    /// jumped, or is behind what the database has seen.
    pub not_followed: i64,
    /// By how much the last sighting of the judge's clock may be wrong.
    pub uncertain: Duration,
}

/// What a machine knows of time by itself.
pub trait Timepieces: Send + Sync {
    /// Microseconds since some moment of this machine's life. Never jumps and goes on while the machine sleeps.
    fn running(&self) -> i64;
    /// What the machine's clock says.
    fn wall(&self) -> Timestamp;
}

/// The system's timepieces.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemTimepieces;

impl Timepieces for SystemTimepieces {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the system's running clock"
    )]
    fn running(&self) -> i64 {
        let since_boot = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        since_boot
            .tv_sec
            .saturating_mul(1_000_000)
            .saturating_add(since_boot.tv_nsec / 1_000)
    }

    fn wall(&self) -> Timestamp {
        SystemClock.now()
    }
}

/// Gives random bytes.
pub trait Entropy: Send + Sync {
    /// Fills `bytes`.
    ///
    /// # Errors
    /// A sentence about why there is no randomness; nothing secret may be made then.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), String>;
}

/// The machine's clock as it is: for commands that need no database. What judges asks [`crate::node_clock::NodeClock`].
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the system's clock"
    )]
    fn now(&self) -> Timestamp {
        let since_1970 = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since_1970.as_micros()).unwrap_or(i64::MAX))
    }
}

/// The system's cryptographic randomness.
///
/// Short requests (ids, nonces) are served from a small store of each thread, which is filled by one call to the system and
/// wiped as it is used: a verification needs several ids, and a call for each would cost as much as the comparison.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

/// How many bytes a thread fetches at once.
const STORE: usize = 512;
/// What is longer than this is fetched for itself.
const SHORT: usize = 32;

struct Fetched {
    bytes: Zeroizing<[u8; STORE]>,
    used: usize,
}

thread_local! {
    static FETCHED: RefCell<Fetched> =
        RefCell::new(Fetched { bytes: Zeroizing::new([0; STORE]), used: STORE });
}

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), String> {
        if bytes.len() > SHORT {
            return ask_the_system(bytes);
        }
        FETCHED.with_borrow_mut(|fetched| {
            if fetched.used + bytes.len() > STORE {
                ask_the_system(fetched.bytes.as_mut())?;
                fetched.used = 0;
            }
            let end = fetched.used + bytes.len();
            let part = fetched
                .bytes
                .get_mut(fetched.used..end)
                .ok_or("the store of random bytes is used up")?;
            bytes.copy_from_slice(part);
            part.zeroize();
            fetched.used = end;
            Ok(())
        })
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that asks the system for randomness"
)]
fn ask_the_system(bytes: &mut [u8]) -> Result<(), String> {
    getrandom::fill(bytes).map_err(|error| error.to_string())
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{Entropy as _, SystemEntropy};

    #[test]
    fn the_systems_running_clock_goes_on_in_microseconds() {
        use super::{SystemTimepieces, Timepieces as _};

        let (before, wall) = (SystemTimepieces.running(), SystemTimepieces.wall());
        let mut looks = 0_u64;
        while SystemTimepieces.running() < before + 2_000 {
            looks += 1;
        }
        let passed = SystemTimepieces.wall().since(wall);
        assert!(
            looks > 0 && passed >= std::time::Duration::from_millis(1),
            "{passed:?}"
        );
    }

    #[test]
    fn short_and_long_requests_never_repeat_and_are_never_left_empty() {
        let mut seen = HashSet::new();
        for length in [10, 24, 32, 33, 512, 1000] {
            for _ in 0..2_000 {
                let mut bytes = vec![0; length];
                SystemEntropy.fill(&mut bytes).unwrap();
                assert!(seen.insert(bytes.clone()), "{length} bytes came twice");
                assert!(bytes.iter().any(|byte| *byte != 0));
            }
        }
    }
}
