//! A clock that is set by hand.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use countersign_app::clock::Clock;
use countersign_domain::time::Timestamp;

/// 2026-01-05T09:00:00Z, a Monday.
const BEGINNING: i64 = 1_767_603_600_000_000;

/// A clock that stands still until it is moved. Each look moves it by one microsecond, so that no two events are at once.
#[derive(Debug)]
pub struct TestClock {
    micros: AtomicI64,
}

impl Default for TestClock {
    fn default() -> Self {
        Self {
            micros: AtomicI64::new(BEGINNING),
        }
    }
}

impl TestClock {
    /// Moves the clock on.
    pub fn advance(&self, by: Duration) {
        let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// What it shows, without moving it.
    pub fn set_at(&self) -> Timestamp {
        Timestamp::from_micros(self.micros.load(Ordering::Relaxed))
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.micros.fetch_add(1, Ordering::Relaxed))
    }
}
