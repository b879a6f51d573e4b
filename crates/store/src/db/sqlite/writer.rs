//! The one writer: group commit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;

use futures_util::FutureExt;
use tokio::sync::oneshot;

use super::disk::{Batch, Disk};
use super::log::Log;
use super::{Connection, StoreError, Tx, TxEngine};

/// The most writes that share one commit: past this the first of them waits longer than the saved sync is worth.
const BATCH: usize = 256;
/// A queued write. It may run more than once before it is answered: only its last run counts.
pub(super) trait Job: Send {
    /// Runs inside the open batch and keeps the outcome. True when it succeeded.
    fn run(&mut self, tx: &mut Tx) -> bool;
    /// Tells the caller how it ended, after the commit that holds it (or its failure).
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

pub(super) struct Write<T, E, F> {
    work: F,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Write<T, E, F> {
    /// A write and the one who waits for its answer.
    pub(super) fn new(work: F) -> (Self, oneshot::Receiver<Result<T, E>>) {
        let (reply, waiting) = oneshot::channel();
        let write = Self {
            work,
            outcome: None,
            reply,
        };
        (write, waiting)
    }
}

impl<T, E, F> Job for Write<T, E, F>
where
    F: AsyncFn(&mut Tx) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, tx: &mut Tx) -> bool {
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.work)(tx).now_or_never()))
            .unwrap_or_else(|_| Some(Err(StoreError::Interrupted.into())))
            .unwrap_or_else(|| Err(StoreError::ForeignAwait.into()));
        let succeeded = outcome.is_ok();
        self.outcome = Some(outcome);
        succeeded
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let outcome = self
            .outcome
            .unwrap_or_else(|| Err(StoreError::Interrupted.into()));
        // Nobody waits any more when the caller hung up; what was committed stays committed.
        let _ = self.reply.send(match committed {
            Ok(()) => outcome,
            Err(error) => outcome.and_then(|_| Err(error.into())),
        });
    }
}

/// Takes whatever queued up, runs it and commits once. The disk's thread answers, once the commit is on the disk; meanwhile the
/// next batch runs.
pub(super) fn write_batches(
    connection: Connection,
    queue: &mpsc::Receiver<Box<dyn Job>>,
    disk: &Disk,
    committed: &mpsc::Sender<Batch>,
    log: &Log,
) {
    let mut tx = Tx {
        engine: TxEngine::Sqlite(connection),
    };
    // The pages that every verification touches should stay at hand. More than they need costs more than it saves: a page taken
    // from the system is dearer than one that is used again.
    if let Err(error) = tx.raw_batch("PRAGMA cache_size = -32768") {
        tracing::warn!(%error, "the writer keeps its small cache");
    }
    while let Ok(first) = queue.recv() {
        let mut jobs = vec![first];
        // What comes while these run goes with the next commit: so the callers of this one hear their answers, and send what
        // is next, while the writer is at work for others.
        jobs.extend(queue.try_iter().take(BATCH - 1));
        let before = tx.changes();
        let number = disk.number_next();
        let outcome = disk.must_be_sound().and_then(|()| commit(&mut tx, &mut jobs));
        if outcome.is_err() {
            // The failure is told to every waiting caller; a batch that is already gone needs no roll-back.
            let _ = tx.raw_batch("ROLLBACK");
        }
        let batch = Batch {
            number,
            changed: tx.changes() != before,
            outcome,
            jobs,
        };
        if committed.send(batch).is_err() {
            return;
        }
        log.keep_short(&mut tx);
    }
}

fn commit(tx: &mut Tx, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    if !run_together(tx, jobs)? {
        run_apart(tx, jobs)?;
    }
    tx.raw_execute("COMMIT").map(|_| ())
}

/// Runs what is queued, one after the other in one transaction, without the cost of a savepoint for each. True when every
/// job succeeded or failed before it changed anything, so that all of it may be committed. An error where SQLite undid all of
/// it by itself, as when the disk is full: everybody is told so. ([`run_apart`] learns it from the savepoint, which is gone.)
fn run_together(tx: &mut Tx, jobs: &mut [Box<dyn Job>]) -> Result<bool, StoreError> {
    tx.raw_execute("BEGIN IMMEDIATE")?;
    let mut clean = true;
    for job in jobs {
        let before = tx.changes();
        clean = job.run(tx) || tx.changes() == before;
        if tx.was_undone() {
            // What would run now would be saved at once, by itself.
            let undone = "SQLite undid the transaction by itself".to_owned();
            return Err(StoreError::Unavailable(undone));
        }
        if !clean {
            break;
        }
    }
    Ok(clean)
}

/// A job failed after it had changed something: runs all of the batch again, each in its own SAVEPOINT, so that its
/// failure undoes it and nothing else.
fn run_apart(tx: &mut Tx, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    tx.raw_batch("ROLLBACK; BEGIN IMMEDIATE")?;
    for job in jobs {
        tx.raw_execute("SAVEPOINT work")?;
        if !job.run(tx) {
            tx.raw_execute("ROLLBACK TO work")?;
        }
        tx.raw_execute("RELEASE work")?;
    }
    Ok(())
}
