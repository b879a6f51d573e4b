//! The only place that knows two database drivers.
//!
//! SQL is written once, with `$1` numbering, over four value types. A write is an async closure over [`Tx`]:
//! on PostgreSQL one transaction (retried on serialization failure and deadlock), on SQLite one SAVEPOINT inside the
//! writer thread's current batch, which is committed once for all that queued up (group commit).

mod postgres;
mod sqlite;
mod tls;
mod value;

use std::path::PathBuf;

use countersign_domain::time::Timestamp;

pub use crate::error::StoreError;
pub use tls::{Protection, Tls, TlsMode};
pub use value::{Cell, FromCell, Row, ToValue, Value};

/// What a guarded change of one row is answered with where it found none.
const NOT_ONE_ROW: StoreError = StoreError::Stale("a guarded change met another revision of its row");

/// Where the data lives.
#[derive(Clone, Debug)]
pub enum Location {
    /// A SQLite file; its folder must exist.
    Sqlite(PathBuf),
    /// A PostgreSQL connection string (`host=… port=… user=… dbname=…` or `postgres://…`).
    Postgres {
        /// How to reach the server.
        connection: String,
        /// The most connections this process opens.
        connections: usize,
        /// What the operator says about protecting the way there.
        tls: Tls,
    },
}

/// Which engine stands behind a store.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EngineKind {
    /// Embedded SQLite.
    Sqlite,
    /// PostgreSQL, or an engine that speaks its protocol.
    Postgres,
}

/// The open database. Cheap to clone; every clone is the same store.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
}

#[derive(Clone)]
enum Engine {
    Sqlite(sqlite::Database),
    Postgres(postgres::Database),
}

impl Store {
    /// Opens the database, brings its schema up to date under a lock, and starts what the engine needs.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it cannot be reached, [`StoreError::Migration`] when the schema cannot be
    /// brought up to date.
    pub async fn open(location: &Location) -> Result<Self, StoreError> {
        let engine = match location {
            Location::Sqlite(path) => Engine::Sqlite(sqlite::Database::open(path)?),
            Location::Postgres {
                connection,
                connections,
                tls,
            } => Engine::Postgres(postgres::Database::open(connection, *connections, tls).await?),
        };
        Ok(Self { engine })
    }

    /// Which engine this is.
    #[must_use]
    pub const fn kind(&self) -> EngineKind {
        match self.engine {
            Engine::Sqlite(_) => EngineKind::Sqlite,
            Engine::Postgres(_) => EngineKind::Postgres,
        }
    }

    /// Runs `work` in a transaction and answers only when it is durable. An `Err` saves nothing.
    ///
    /// The closure may run more than once (PostgreSQL retries it on a serialization failure or a deadlock), and it may
    /// await nothing but its transaction.
    ///
    /// # Errors
    /// What `work` returns, or the store's own failure turned into `E`.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: AsyncFn(&mut Tx) -> Result<T, E> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &self.engine {
            Engine::Sqlite(database) => database.write(work).await,
            Engine::Postgres(database) => database.write(&work).await,
        }
    }

    /// Runs `work` on a connection that only reads. Every statement sees what was committed before it.
    ///
    /// # Errors
    /// What `work` returns, or the store's own failure turned into `E`.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut Tx) -> Result<T, E>,
        E: From<StoreError>,
    {
        match &self.engine {
            Engine::Sqlite(database) => database.read(work).await,
            Engine::Postgres(database) => database.read(work).await,
        }
    }

    /// Copies a SQLite database to `target` while it is in use. The copy is one consistent moment.
    ///
    /// # Errors
    /// [`StoreError::Statement`] on PostgreSQL (use its own tools there) or when the copy cannot be written.
    pub async fn backup_to(&self, target: PathBuf) -> Result<(), StoreError> {
        match &self.engine {
            Engine::Sqlite(database) => database.backup_to(target).await,
            Engine::Postgres(_) => Err(StoreError::Statement(
                "a PostgreSQL database is backed up with pg_dump or pg_basebackup".to_owned(),
            )),
        }
    }
}

/// How a row is taken: two statements with the same condition that answer the same columns. They are written by one macro,
/// so that they cannot drift.
pub struct Taking {
    /// Reads it.
    pub read: &'static str,
    /// Changes it in name only, so that it is locked, and answers it (`UPDATE … RETURNING`).
    pub lock: &'static str,
}

/// An open transaction, or a connection that only reads. Statements are `'static` so that each is prepared once.
pub struct Tx {
    engine: TxEngine,
}

enum TxEngine {
    Sqlite(sqlite::Connection),
    Postgres(postgres::Transaction),
}

impl Tx {
    /// All rows of a statement.
    ///
    /// # Errors
    /// [`StoreError`] as the engine reports it.
    pub async fn query(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        match &mut self.engine {
            TxEngine::Sqlite(connection) => connection.query(sql, params),
            TxEngine::Postgres(transaction) => transaction.query(sql, params).await,
        }
    }

    /// The first row of a statement, if there is one.
    ///
    /// # Errors
    /// [`StoreError`] as the engine reports it.
    pub async fn query_opt(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.query(sql, params).await?.into_iter().next())
    }

    /// The one row of a statement that always has one (a count, an aggregate).
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when there is none.
    pub async fn query_one(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<Row, StoreError> {
        self.query_opt(sql, params)
            .await?
            .ok_or(StoreError::corrupt("answer", 0, "no row where one was due"))
    }

    /// Takes one row for this write alone, and reads it: until the write ends nobody else can change it. A write on SQLite
    /// has the whole database to itself, so reading is taking; PostgreSQL locks a row by an UPDATE of it.
    ///
    /// # Errors
    /// [`StoreError`] as the engine reports it.
    pub async fn take(
        &mut self,
        taking: &'static Taking,
        params: &[Value<'_>],
    ) -> Result<Option<Row>, StoreError> {
        let sql = match self.engine {
            TxEngine::Sqlite(_) => taking.read,
            TxEngine::Postgres(_) => taking.lock,
        };
        self.query_opt(sql, params).await
    }

    /// Runs a statement and tells how many rows it changed: the guard of a guarded change.
    ///
    /// # Errors
    /// [`StoreError`] as the engine reports it; [`StoreError::Conflict`] for a key that exists.
    pub async fn execute(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<u64, StoreError> {
        match &mut self.engine {
            TxEngine::Sqlite(connection) => connection.execute(sql, params),
            TxEngine::Postgres(transaction) => transaction.execute(sql, params).await,
        }
    }

    /// Runs a statement whose count nobody needs before the commit. PostgreSQL sends it together with the COMMIT, which
    /// saves a round trip; its failure still fails the transaction. Later statements see its effect.
    ///
    /// # Errors
    /// [`StoreError`] as the engine reports it, here or at the commit.
    pub async fn defer(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<(), StoreError> {
        match &mut self.engine {
            TxEngine::Sqlite(connection) => connection.execute(sql, params).map(|_| ()),
            TxEngine::Postgres(transaction) => transaction.defer(sql, params).await,
        }
    }

    /// As [`Tx::defer`], for a guarded change of exactly one row: one that changes none, or several, fails the write. On
    /// PostgreSQL the guard travels with the statement, which divides by zero where the count is wrong, so that this
    /// costs no round trip either. The statement is an UPDATE without RETURNING.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it changed another number of rows; [`StoreError`] as the engine reports it. Both come
    /// here or at the commit.
    pub async fn defer_one(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<(), StoreError> {
        match &mut self.engine {
            TxEngine::Sqlite(connection) => match connection.execute(sql, params)? {
                1 => Ok(()),
                _ => Err(NOT_ONE_ROW),
            },
            TxEngine::Postgres(transaction) => transaction.defer_one(sql, params).await,
        }
    }

    /// What the database's own clock shows now; nothing where the database is a file and has none. No other statement
    /// asks it: times are arguments.
    ///
    /// # Errors
    /// [`StoreError`] as the engine reports it.
    pub async fn clock(&mut self) -> Result<Option<Timestamp>, StoreError> {
        match &self.engine {
            TxEngine::Sqlite(_) => Ok(None),
            TxEngine::Postgres(_) => Ok(Some(self.query_one(postgres::CLOCK, &[]).await?.get(0)?)),
        }
    }
}
