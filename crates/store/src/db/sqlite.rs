//! SQLite: one writer thread with group commit, a thread that waits for the disk and answers, readers beside them, checkpoints
//! from a connection of their own.

mod disk;
mod log;
mod writer;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use futures_util::FutureExt;
use rusqlite::{OpenFlags, ToSql, types::ToSqlOutput, types::ValueRef};

use self::disk::Disk;
use self::log::Log;
use self::writer::{Job, Write, write_batches};
use super::value::Cell;
use super::{Row, StoreError, Tx, TxEngine, Value};

mod migrations {
    refinery::embed_migrations!("migrations/sqlite");
}

#[derive(Clone)]
pub(super) struct Database {
    writer: mpsc::Sender<Box<dyn Job>>,
    disk: Arc<Disk>,
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
        // A commit does not wait for the disk: that is waited for beside the writer, before anybody is answered.
        writer
            .raw
            .execute_batch("PRAGMA synchronous = NORMAL; SELECT version FROM directory;")
            .map_err(describe)?;
        let log = Log::watch(
            &mut writer,
            Connection::open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?,
        )?;
        let (disk, committed) = Disk::under(path)?;
        let (jobs, queue) = mpsc::channel();
        let under = disk.clone();
        spawn("countersign-writer", move || {
            write_batches(writer, &queue, &under, &committed, &log);
        })?;
        Ok(Self {
            writer: jobs,
            disk,
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
        let (write, waiting) = Write::new(work);
        self.writer
            .send(Box::new(write))
            .map_err(|_| StoreError::Interrupted)?;
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
        self.disk.holds_what_is_visible().await?;
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
