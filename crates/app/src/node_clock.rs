//! The clock that a node judges by: its own running clock, steered to the judge's.
//!
//! On PostgreSQL the judge's clock is the database's, on SQLite the machine's. What follows from a look at it is arithmetic
//! ([`countersign_domain::reckoning`]); `jobs/clock.rs` looks every few seconds. `docs/decisions/006-time.md` says why.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use countersign_domain::reckoning::{Judge, Reckoning, Sighting, WAIT};
use countersign_domain::time::Timestamp;
use countersign_store::{EngineKind, Store, Tx, clock_mark};

use crate::clock::{Clock, Standing, Timepieces};
use crate::error::{AppError, Cause};

/// How often a server looks at the judge's clock.
pub const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How old the mark may become: by so much may a restart with a clock that was set back begin too early.
pub const MARK_EVERY: Duration = Duration::from_secs(30);
/// Looks at the start. The first one opens a connection and is slow; the quickest counts.
const FIRST_LOOKS: u32 = 3;

/// The clock of one node.
pub struct NodeClock {
    pieces: Arc<dyn Timepieces>,
    judge: Judge,
    /// What is added to the running clock: a copy, because every request reads it.
    ahead: AtomicI64,
    /// The latest time that was told.
    last: AtomicI64,
    known: Mutex<Reckoning>,
}

impl NodeClock {
    /// Looks at the judge's clock for the first time. Time begins no earlier than the database has seen.
    ///
    /// # Errors
    /// [`AppError::Unavailable`] when the database cannot be read, or the clock is so far ahead that it cannot be right.
    pub async fn start(store: &Store, pieces: Arc<dyn Timepieces>) -> Result<Self, AppError> {
        let judge = judge_of(store);
        let (first, seen) = look(store, &*pieces).await?;
        let known =
            Reckoning::begin(&first, seen).map_err(|error| AppError::Unavailable(Cause::Clock(error)))?;
        Self::from_first(store, pieces, judge, known).await
    }

    /// As [`NodeClock::start`], where somebody said that the clock is right: whatever the database has seen.
    ///
    /// # Errors
    /// [`AppError::Unavailable`] when the database cannot be read.
    pub async fn start_accepting(store: &Store, pieces: Arc<dyn Timepieces>) -> Result<Self, AppError> {
        let judge = judge_of(store);
        let (first, _) = look(store, &*pieces).await?;
        let known =
            Reckoning::begin(&first, None).map_err(|error| AppError::Unavailable(Cause::Clock(error)))?;
        Self::from_first(store, pieces, judge, known).await
    }

    async fn from_first(
        store: &Store,
        pieces: Arc<dyn Timepieces>,
        judge: Judge,
        mut known: Reckoning,
    ) -> Result<Self, AppError> {
        for _ in 1..FIRST_LOOKS {
            known = known.steer(&look(store, &*pieces).await?.0, judge);
        }
        let clock = Self {
            ahead: AtomicI64::new(known.ahead()),
            last: AtomicI64::new(known.now(pieces.running()).micros()),
            pieces,
            judge,
            known: Mutex::new(known),
        };
        clock.tell(None);
        Ok(clock)
    }

    /// Looks at the judge's clock again, and moves the mark on where it has become old.
    ///
    /// # Errors
    /// [`AppError::Unavailable`] when the database cannot be read or written; the clock goes on by what is known.
    pub async fn look_again(&self, store: &Store) -> Result<(), AppError> {
        let (sighting, seen) = look(store, &*self.pieces).await?;
        let before = {
            let mut known = self.known();
            let before = *known;
            *known = before.steer(&sighting, self.judge);
            if let Some(seen) = seen {
                *known = known.not_before(seen, self.pieces.running());
            }
            self.ahead.store(known.ahead(), Ordering::Relaxed);
            before
        };
        self.tell(Some(before));
        let age = self.now().since(seen.unwrap_or_default());
        // Where the database's clock went back, a node that begins now would begin behind us: the mark takes it along.
        let fell_back = self.judge == Judge::Database && self.known().not_followed() < -micros(WAIT);
        if age >= MARK_EVERY || fell_back {
            self.mark(store).await?;
        }
        Ok(())
    }

    /// Moves the mark on to now: at the latest when the server ends.
    ///
    /// # Errors
    /// [`AppError::Unavailable`].
    pub async fn mark(&self, store: &Store) -> Result<(), AppError> {
        let now = self.now();
        store
            .write::<_, AppError, _>(async move |tx: &mut Tx| Ok(clock_mark::raise(tx, now).await?))
            .await
    }

    fn known(&self) -> MutexGuard<'_, Reckoning> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says in the log when the judge's clock is not followed, once for each time that this begins or ends.
    fn tell(&self, before: Option<Reckoning>) {
        let off = |known: Reckoning| known.not_followed().saturating_abs() > micros(WAIT);
        let known = *self.known();
        match (before.is_some_and(off), off(known)) {
            (false, true) => tracing::error!(
                judge = judge_name(self.judge),
                ahead_seconds = known.not_followed() / 1_000_000,
                "the clock jumped, or was set back since the database was last in use; time goes on as if it had not: set \
                 the clock right and start again, `countersign doctor` says more"
            ),
            (true, false) => tracing::info!(judge = judge_name(self.judge), "the clock is right again"),
            _ => {}
        }
    }
}

impl Clock for NodeClock {
    fn now(&self) -> Timestamp {
        let reckoned = self
            .pieces
            .running()
            .saturating_add(self.ahead.load(Ordering::Relaxed));
        Timestamp::from_micros(self.last.fetch_max(reckoned, Ordering::Relaxed).max(reckoned))
    }

    fn standing(&self) -> Option<Standing> {
        let known = *self.known();
        let now = known.now(self.pieces.running());
        Some(Standing {
            judge: self.judge,
            machine_ahead: self.pieces.wall().micros().saturating_sub(now.micros()),
            not_followed: known.not_followed(),
            uncertain: known.uncertain(),
        })
    }
}

/// One look, and the mark. Nothing stands between the two readings of the running clock but the question.
async fn look(store: &Store, pieces: &dyn Timepieces) -> Result<(Sighting, Option<Timestamp>), AppError> {
    store
        .read::<_, AppError, _>(async |tx| {
            let seen = clock_mark::find(tx).await?;
            let before = pieces.running();
            let shown = tx.clock().await?;
            let shown = shown.unwrap_or_else(|| pieces.wall());
            let after = pieces.running();
            let sighting = Sighting { before, after, shown };
            Ok((sighting, seen))
        })
        .await
}

const fn judge_of(store: &Store) -> Judge {
    match store.kind() {
        EngineKind::Sqlite => Judge::Machine,
        EngineKind::Postgres => Judge::Database,
    }
}

const fn judge_name(judge: Judge) -> &'static str {
    match judge {
        Judge::Database => "database",
        Judge::Machine => "machine",
    }
}

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}
