//! SQLite: one writer thread with group commit, readers beside it, checkpoints from a third connection.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use futures_util::FutureExt;
use rusqlite::{OpenFlags, ToSql, types::ToSqlOutput, types::ValueRef};
use tokio::sync::oneshot;

use super::value::Cell;
use super::{Row, StoreError, Tx, TxEngine, Value};

mod migrations {
    refinery::embed_migrations!("migrations/sqlite");
}

/// The most writes that share one commit: past this the first of them waits longer than the saved sync is worth.
const BATCH: usize = 256;
/// Pages of the write-ahead log that are not copied home yet at which the checkpointer copies them, beside the writer
/// (4 MiB): little at a time, so that no commit waits long behind the disk's work for it.
const COPY_PAGES: i32 = 1_024;
/// Pages at which the log is begun anew, once nearly all of it is copied (32 MiB).
const RESTART_PAGES: i32 = 8_192;
/// Pages that may be left for the writer to copy itself when it begins the log anew: it is done with so few in a moment.
const LAST_PAGES: i32 = 512;
/// Pages at which the writer copies whatever is left, so that the log cannot grow without end (64 MiB).
const MOST_PAGES: i32 = 16_384;

/// A queued write. It may run more than once before it is answered: only its last run counts.
trait Job: Send {
    /// Runs inside the open batch and keeps the outcome. True when it succeeded.
    fn run(&mut self, tx: &mut Tx) -> bool;
    /// Tells the caller how it ended, after the commit that holds it (or its failure).
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Write<T, E, F> {
    work: F,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
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

#[derive(Clone)]
pub(super) struct Database {
    writer: mpsc::Sender<Box<dyn Job>>,
    readers: Arc<Readers>,
}

struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Tx>>,
}

pub(super) struct Connection {
    raw: rusqlite::Connection,
    /// Each statement in SQLite's own spelling, by where its text stands.
    spelled: HashMap<(usize, usize), String>,
}

impl Database {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        migrate(path)?;
        let mut writer = Connection::open(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        )?;
        let (jobs, queue) = mpsc::channel();
        let (checkpoints, due) = mpsc::sync_channel(1);
        let checkpointer = Connection::open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let copying = Arc::new(Copying::default());
        let (beside, told) = (copying.clone(), copying.clone());
        let hook = move |_: &mut rusqlite::hooks::Wal, pages| {
            told.pages.store(pages, Ordering::Relaxed);
            Ok(())
        };
        writer.raw.wal_hook(Some(hook)).map_err(describe)?;
        spawn("countersign-checkpoint", move || {
            checkpoint_when_due(&checkpointer, &beside, &due);
        })?;
        spawn("countersign-writer", move || {
            write_batches(writer, &queue, &copying, &checkpoints);
        })?;
        Ok(Self {
            writer: jobs,
            readers: Arc::new(Readers {
                path: path.to_owned(),
                idle: Mutex::default(),
            }),
        })
    }

    pub(super) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: AsyncFn(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, waiting) = oneshot::channel();
        let job = Box::new(Write {
            work,
            outcome: None,
            reply,
        });
        self.writer.send(job).map_err(|_| StoreError::Interrupted)?;
        waiting
            .await
            .unwrap_or_else(|_| Err(StoreError::Interrupted.into()))
    }

    pub(super) async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut Tx) -> Result<T, E>,
        E: From<StoreError>,
    {
        let mut tx = self.readers.take()?;
        let outcome = work(&mut tx)
            .now_or_never()
            .unwrap_or_else(|| Err(StoreError::ForeignAwait.into()));
        self.readers.give_back(tx);
        outcome
    }

    pub(super) async fn backup_to(&self, target: PathBuf) -> Result<(), StoreError> {
        let source = Connection::open(&self.readers.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        tokio::task::spawn_blocking(move || source.copy_to(&target))
            .await
            .map_err(|_| StoreError::Interrupted)?
    }
}

impl Readers {
    fn take(&self) -> Result<Tx, StoreError> {
        let idle = self.idle.lock().map_err(|_| StoreError::Interrupted)?.pop();
        match idle {
            Some(tx) => Ok(tx),
            None => {
                let connection = Connection::open(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
                Ok(Tx {
                    engine: TxEngine::Sqlite(connection),
                })
            }
        }
    }

    fn give_back(&self, tx: Tx) {
        // A poisoned list only costs the reuse of this connection.
        if let Ok(mut idle) = self.idle.lock() {
            idle.push(tx);
        }
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), StoreError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map(|_| ())
        .map_err(|error| StoreError::Unavailable(format!("no thread for the database: {error}")))
}

/// Takes whatever queued up during the last commit, runs it, commits once, answers all.
fn write_batches(
    connection: Connection,
    queue: &mpsc::Receiver<Box<dyn Job>>,
    copying: &Copying,
    checkpoints: &mpsc::SyncSender<()>,
) {
    let mut tx = Tx {
        engine: TxEngine::Sqlite(connection),
    };
    let mut jobs: Vec<Box<dyn Job>> = Vec::with_capacity(BATCH);
    // The pages that every verification touches should stay at hand; memory is taken only for what is used.
    if let Err(error) = tx.raw_batch("PRAGMA cache_size = -262144") {
        tracing::warn!(%error, "the writer keeps its small cache");
    }
    while let Ok(first) = queue.recv() {
        let committed = run_together(&mut tx, first, queue, &mut jobs)
            .and_then(|clean| {
                if clean {
                    Ok(())
                } else {
                    run_apart(&mut tx, &mut jobs)
                }
            })
            .and_then(|()| tx.raw_batch("COMMIT"));
        if committed.is_err() {
            // The failure is told to every waiting caller below; a batch that is already gone needs no roll-back.
            let _ = tx.raw_batch("ROLLBACK");
        }
        for job in jobs.drain(..) {
            job.answer(
                committed
                    .as_ref()
                    .copied()
                    .map_err(|error| StoreError::Unavailable(error.to_string())),
            );
        }
        keep_log_short(&mut tx, copying, checkpoints);
    }
}

/// Runs what is queued, one after the other in one transaction, without the cost of a savepoint for each. True when every
/// job succeeded or failed before it changed anything, so that all of it may be committed. An error where SQLite undid all of
/// it by itself, as when the disk is full: everybody is told so. ([`run_apart`] learns it from the savepoint, which is gone.)
fn run_together(
    tx: &mut Tx,
    first: Box<dyn Job>,
    queue: &mpsc::Receiver<Box<dyn Job>>,
    jobs: &mut Vec<Box<dyn Job>>,
) -> Result<bool, StoreError> {
    jobs.push(first);
    // What comes while these run goes with the next commit: so the callers of this one hear their answers, and send what
    // is next, while the writer is at work for others.
    jobs.extend(queue.try_iter().take(BATCH - 1));
    tx.raw_batch("BEGIN IMMEDIATE")?;
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

/// Where the copying of the log stands.
#[derive(Default)]
struct Copying {
    /// Pages in the log after the last commit, as SQLite tells it.
    pages: AtomicI32,
    /// How many of them are copied home.
    copied: AtomicI32,
    /// Whether the checkpointer is at it.
    asked: AtomicBool,
}

/// Looked at after each commit. The log is copied home by the checkpointer while the writer goes on; the few pages that came
/// during the last copying are copied by the writer, after which the next commit begins the log anew. Without that last
/// step a busy log would never be begun anew, and never end.
fn keep_log_short(tx: &mut Tx, copying: &Copying, checkpoints: &mpsc::SyncSender<()>) {
    let pages = copying.pages.load(Ordering::Relaxed);
    let left = pages - copying.copied.load(Ordering::Acquire);
    let idle = !copying.asked.load(Ordering::Acquire);
    if pages >= MOST_PAGES || (idle && pages >= RESTART_PAGES && left <= LAST_PAGES) {
        if let Err(error) = tx.raw_batch("PRAGMA wal_checkpoint(RESTART)") {
            tracing::warn!(%error, "the write-ahead log could not be begun anew");
        }
        copying.pages.store(0, Ordering::Relaxed);
        copying.copied.store(0, Ordering::Release);
    } else if idle && left >= COPY_PAGES {
        copying.asked.store(true, Ordering::Release);
        // A channel that is full has a request in it already.
        let _ = checkpoints.try_send(());
    }
}

fn checkpoint_when_due(connection: &Connection, copying: &Copying, due: &mpsc::Receiver<()>) {
    while due.recv().is_ok() {
        // The columns are: whether it was kept from it, pages in the log, pages of it that are copied.
        let copied = connection
            .raw
            .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get::<_, i32>(2));
        match copied {
            Ok(copied) => copying.copied.store(copied, Ordering::Release),
            Err(error) => tracing::warn!(%error, "a checkpoint of the write-ahead log failed"),
        }
        copying.asked.store(false, Ordering::Release);
    }
}

impl Tx {
    fn raw_batch(&mut self, sql: &str) -> Result<(), StoreError> {
        match &self.engine {
            TxEngine::Sqlite(connection) => connection.raw.execute_batch(sql).map_err(describe),
            TxEngine::Postgres(_) => Err(StoreError::Statement("not a SQLite connection".to_owned())),
        }
    }

    /// Whether no transaction is open although one was begun.
    fn was_undone(&self) -> bool {
        matches!(&self.engine, TxEngine::Sqlite(connection) if connection.raw.is_autocommit())
    }

    /// How many rows were changed since the connection was opened.
    fn changes(&self) -> u64 {
        match &self.engine {
            TxEngine::Sqlite(connection) => connection.raw.total_changes(),
            TxEngine::Postgres(_) => 0,
        }
    }

    fn raw_execute(&mut self, sql: &'static str) -> Result<(), StoreError> {
        match &mut self.engine {
            TxEngine::Sqlite(connection) => connection.execute(sql, &[]).map(|_| ()),
            TxEngine::Postgres(_) => Err(StoreError::Statement("not a SQLite connection".to_owned())),
        }
    }
}

impl Connection {
    fn open(path: &Path, flags: OpenFlags) -> Result<Self, StoreError> {
        let raw = rusqlite::Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .map_err(|error| StoreError::Unavailable(format!("{}: {error}", path.display())))?;
        raw.busy_timeout(Duration::from_secs(5)).map_err(describe)?;
        raw.set_prepared_statement_cache_capacity(256);
        if flags.contains(OpenFlags::SQLITE_OPEN_READ_WRITE) {
            raw.execute_batch("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 67108864;")
                .map_err(describe)?;
        }
        raw.execute_batch(
            "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -16384;
             PRAGMA mmap_size = 1073741824; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;",
        )
        .map_err(describe)?;
        Ok(Self {
            raw,
            spelled: HashMap::new(),
        })
    }

    pub(super) fn query(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        let mut statement = self
            .raw
            .prepare_cached(spell(&mut self.spelled, sql))
            .map_err(describe)?;
        let columns = statement.column_count();
        let mut found = statement
            .query(rusqlite::params_from_iter(params))
            .map_err(describe)?;
        let mut rows = Vec::new();
        while let Some(row) = found.next().map_err(describe)? {
            let mut cells = Vec::with_capacity(columns);
            for index in 0..columns {
                cells.push(cell(row.get_ref(index).map_err(describe)?)?);
            }
            rows.push(Row::new(cells));
        }
        Ok(rows)
    }

    pub(super) fn execute(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<u64, StoreError> {
        let mut statement = self
            .raw
            .prepare_cached(spell(&mut self.spelled, sql))
            .map_err(describe)?;
        let changed = statement
            .execute(rusqlite::params_from_iter(params))
            .map_err(describe)?;
        Ok(u64::try_from(changed).unwrap_or(u64::MAX))
    }

    fn copy_to(&self, target: &Path) -> Result<(), StoreError> {
        let mut copy = rusqlite::Connection::open(target)
            .map_err(|error| StoreError::Unavailable(format!("{}: {error}", target.display())))?;
        let backup = rusqlite::backup::Backup::new(&self.raw, &mut copy).map_err(describe)?;
        // All pages in one step: a step takes a read snapshot, so the copy is one moment and never starts again.
        while matches!(
            backup.step(-1).map_err(describe)?,
            rusqlite::backup::StepResult::Busy | rusqlite::backup::StepResult::Locked
        ) {
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}

/// A statement with `?1` in place of `$1`: to SQLite `$1` is a name, numbered by where it first appears.
fn spell<'a>(known: &'a mut HashMap<(usize, usize), String>, sql: &'static str) -> &'a str {
    known
        .entry((sql.as_ptr().addr(), sql.len()))
        .or_insert_with(|| sql.replace('$', "?"))
}

fn migrate(path: &Path) -> Result<(), StoreError> {
    // Two processes that start on one new file would race in the migrations; the lock file lets one go first.
    let mut lock_name = path.as_os_str().to_owned();
    lock_name.push(".migrate");
    let lock = std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(PathBuf::from(lock_name))
        .map_err(|error| StoreError::Unavailable(format!("{}: {error}", path.display())))?;
    lock.lock()
        .map_err(|error| StoreError::Unavailable(format!("{}: {error}", path.display())))?;
    let mut connection = Connection::open(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
    )?;
    migrations::migrations::runner()
        .run(&mut connection.raw)
        .map(|_| ())
        .map_err(|error| StoreError::Migration(error.to_string()))
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Integer(number) => ValueRef::Integer(*number),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
            Value::Null => ValueRef::Null,
        }))
    }
}

fn cell(value: ValueRef<'_>) -> Result<Cell, StoreError> {
    Ok(match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Integer(number),
        ValueRef::Text(text) => Cell::Text(
            String::from_utf8(text.to_vec())
                .map_err(|_| StoreError::corrupt("row", 0, "text that is not UTF-8"))?,
        ),
        ValueRef::Blob(bytes) => Cell::Bytes(bytes.to_vec()),
        ValueRef::Real(_) => return Err(StoreError::corrupt("row", 0, "a floating-point number")),
    })
}

#[expect(clippy::needless_pass_by_value, reason = "this is what map_err hands over")]
fn describe(error: rusqlite::Error) -> StoreError {
    use rusqlite::ErrorCode;
    match &error {
        rusqlite::Error::SqliteFailure(failure, message) => {
            let text = message.clone().unwrap_or_else(|| failure.to_string());
            match failure.code {
                // The message names table and column, never the value.
                ErrorCode::ConstraintViolation => StoreError::Conflict(text),
                ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::DiskFull
                | ErrorCode::ReadOnly
                | ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen => StoreError::Unavailable(text),
                _ => StoreError::Statement(text),
            }
        }
        _ => StoreError::Statement(error.to_string()),
    }
}
