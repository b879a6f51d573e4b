//! What time it is by the judge's clock, reckoned from a clock that only runs (T34, E41, E42).
//!
//! A machine's wall clock may be wrong and may jump. So a node reads time from its *running* clock, which counts
//! microseconds since some moment and never jumps, and adds what it learned at its last sighting of the judge's clock:
//! the database's, or, where the database is a file, the machine's own. `docs/decisions/006-time.md` says why the two
//! are treated differently.

use std::time::Duration;

use crate::time::Timestamp;

/// A judge's clock that is further ahead than this of what was known is not believed: it is a mistake such as the year
/// 2100, and what is stamped with it would never end.
pub const LEAP: Duration = Duration::from_secs(366 * 86_400);
/// A judge's clock that is behind by no more than this is waited for: time stands still so long and no longer.
pub const WAIT: Duration = Duration::from_secs(1);
/// How much of the time that passed a correction may take, as a divisor: 500 parts in a million, what good time services
/// allow themselves, so that no span that is measured meanwhile differs by more.
const SLEW: i64 = 2_000;
/// How fast a sighting loses its worth, as a divisor of the time since: 100 parts in a million, a bad crystal.
const DRIFT: i64 = 10_000;

/// Whose clock the judge's is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Judge {
    /// The database's: all nodes see the same one, and follow it forward at once, so that they agree.
    Database,
    /// This machine's own: nobody else has to agree, so a jump is not followed but made up for little by little.
    Machine,
}

/// One look at the judge's clock. `before` and `after` are the running clock's microseconds around it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Sighting {
    /// When it was asked for.
    pub before: i64,
    /// When the answer was there.
    pub after: i64,
    /// What the judge's clock showed somewhere between the two.
    pub shown: Timestamp,
}

impl Sighting {
    /// When it was shown, as well as can be told: in the middle.
    const fn middle(&self) -> i64 {
        self.before
            .saturating_add(self.after.saturating_sub(self.before) / 2)
    }

    /// By how much that may be wrong, in microseconds.
    const fn half(&self) -> i64 {
        self.after.saturating_sub(self.before).saturating_add(1) / 2
    }
}

/// The judge's clock is too far ahead of the time at which the database was last in use.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "the clock says {shown}, but the database was last in use at {seen}, more than a year before: a clock that is ahead by \
     mistake would stamp what never ends. Set the clock right; or, if it is right, say so with `countersign clock accept`"
)]
pub struct TooFarAhead {
    /// What the clock shows.
    pub shown: Timestamp,
    /// When the database was last in use.
    pub seen: Timestamp,
}

/// What a node knows of the judge's clock.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Reckoning {
    /// The judge's time less the running clock's.
    ahead: i64,
    /// By how much `ahead` may have been wrong at the last sighting.
    uncertain: i64,
    /// When that was, by the running clock.
    at: i64,
    /// By how much the judge's clock was ahead of the reckoned time at the last sighting, and was not followed.
    left: i64,
}

impl Reckoning {
    /// Begins with a first sighting, but never before `seen`, the newest time that the database has seen: a restart with
    /// a clock that was set back shortens no lock and revives no sign-in.
    ///
    /// # Errors
    /// [`TooFarAhead`].
    pub fn begin(first: &Sighting, seen: Option<Timestamp>) -> Result<Self, TooFarAhead> {
        let seen = seen.unwrap_or(first.shown);
        if first.shown.since(seen) > LEAP {
            return Err(TooFarAhead {
                shown: first.shown,
                seen,
            });
        }
        let begins = first.shown.max(seen);
        Ok(Self {
            ahead: begins.micros().saturating_sub(first.middle()),
            uncertain: first.half(),
            at: first.middle(),
            left: first.shown.micros().saturating_sub(begins.micros()),
        })
    }

    /// What follows from another sighting.
    #[must_use]
    pub fn steer(self, sighting: &Sighting, judge: Judge) -> Self {
        let passed = sighting.middle().saturating_sub(self.at).max(0);
        let aged = self.uncertain.saturating_add(passed / DRIFT);
        let shows = sighting.shown.micros().saturating_sub(sighting.middle());
        let half = sighting.half();
        // A look that took longer than what is known is uncertain only bounds what is known.
        let (wanted, uncertain) = if half <= aged {
            (shows, half)
        } else {
            let bounded = self
                .ahead
                .clamp(shows.saturating_sub(half), shows.saturating_add(half));
            (bounded, if bounded == self.ahead { aged } else { half })
        };
        let off = wanted.saturating_sub(self.ahead);
        let step = match judge {
            Judge::Database if off > micros(LEAP) => 0,
            Judge::Database if off >= -micros(WAIT) => off,
            Judge::Database => off.max(-(passed / SLEW)),
            Judge::Machine => off.clamp(-(passed / SLEW), passed / SLEW),
        };
        Self {
            ahead: self.ahead.saturating_add(step),
            uncertain,
            at: sighting.middle(),
            left: off.saturating_sub(step),
        }
    }

    /// Goes on to `seen` where another process has seen that time already, as a judge's clock that went back for one that
    /// began anew must not for the others.
    #[must_use]
    pub fn not_before(self, seen: Timestamp, running: i64) -> Self {
        let missing = seen.since(self.now(running));
        if missing > LEAP {
            return self;
        }
        let missing = micros(missing);
        Self {
            ahead: self.ahead.saturating_add(missing),
            left: self.left.saturating_sub(missing),
            ..self
        }
    }

    /// The judge's time when the running clock shows `running`.
    #[must_use]
    pub const fn now(&self, running: i64) -> Timestamp {
        Timestamp::from_micros(self.ahead.saturating_add(running))
    }

    /// What is added to the running clock, in microseconds.
    #[must_use]
    pub const fn ahead(&self) -> i64 {
        self.ahead
    }

    /// By how much the judge's clock is ahead of the reckoned time and is not followed, in microseconds; negative when it
    /// is behind.
    #[must_use]
    pub const fn not_followed(&self) -> i64 {
        self.left
    }

    /// By how much the last sighting may be wrong: half its round trip.
    #[must_use]
    pub const fn uncertain(&self) -> Duration {
        Duration::from_micros(self.uncertain.unsigned_abs())
    }
}

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
