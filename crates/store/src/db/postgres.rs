//! PostgreSQL: one transaction a write, pipelined: BEGIN travels with the first statement, the deferred ones with COMMIT.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::{BufMut, BytesMut};
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use futures_util::future::{join, join_all};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Config, Statement};

use super::tls::{Tls, Way, causes};
use super::value::Cell;
use super::{NOT_ONE_ROW, Row, StoreError, Tx, TxEngine, Value};

mod migrations {
    refinery::embed_migrations!("migrations/postgres");
}

/// How often a write is tried again after a serialization failure or a deadlock.
const RETRIES: u32 = 8;
/// How long a request waits for a free connection before it is told that the database is not available.
const WAIT_FOR_CONNECTION: Duration = Duration::from_secs(5);
/// How long sent bytes may stay unacknowledged before the connection is given up.
const UNACKNOWLEDGED: Duration = Duration::from_secs(10);
/// How long a connection may be idle before the server is probed, what the driver takes unless told otherwise, how often it
/// is probed then, and how many probes may stay unanswered.
const IDLE: Duration = Duration::from_secs(30);
const DRIVERS_IDLE: Duration = Duration::from_secs(2 * 60 * 60);
const BETWEEN_PROBES: Duration = Duration::from_secs(10);
const PROBES: u32 = 3;
/// What our promises rest on, whatever the server's or the database's own settings say: an answer leaves only after its
/// effect is on the disk (E32), and a statement that waited for a row sees what the other one made of it (E01).
/// And nobody waits for a lock for longer than a caller would wait for an answer: where somebody holds the evidence shut,
/// nothing is verified, and that is said (E27). Between tries at one PIN it is a matter of milliseconds.
const SESSION: &str =
    r"-c synchronous_commit=on -c default_transaction_isolation=read\ committed -c lock_timeout=3s";
/// The server's clock at the very moment, in microseconds. Not the transaction's beginning, which NOW() would tell; and in
/// words that other engines of its protocol know.
pub(super) const CLOCK: &str = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)";
/// The key of the advisory lock under which the schema is brought up to date ("csgn" in ASCII).
const MIGRATION_LOCK: i64 = 0x6373_676e;

#[derive(Clone)]
pub(super) struct Database {
    pool: Pool,
}

pub(super) struct Transaction {
    client: Option<Object>,
    /// A reader needs no transaction: each statement stands alone.
    reads_only: bool,
    begun: bool,
    deferred: Vec<(Statement, Vec<Value<'static>>)>,
    worth_a_retry: bool,
}

impl Database {
    pub(super) async fn open(connection: &str, connections: usize, tls: &Tls) -> Result<Self, StoreError> {
        let mut way = Way::new(connection, tls)?;
        let settings = &mut way.settings;
        settings.connect_timeout(Duration::from_secs(5));
        notice_silence(settings);
        if settings.get_application_name().is_none() {
            settings.application_name("countersign");
        }
        // Of two values the last one counts.
        let options = settings
            .get_options()
            .map_or_else(|| SESSION.to_owned(), |own| format!("{own} {SESSION}"));
        settings.options(options);
        migrate(&way).await?;
        let manager = Manager::from_config(
            way.settings,
            way.tls,
            ManagerConfig {
                recycling_method: RecyclingMethod::Fast,
            },
        );
        let pool = Pool::builder(manager)
            .max_size(connections)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(WAIT_FOR_CONNECTION))
            .create_timeout(Some(WAIT_FOR_CONNECTION))
            .build()
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Self { pool })
    }

    pub(super) async fn write<T, E, F>(&self, work: &F) -> Result<T, E>
    where
        F: AsyncFn(&mut Tx) -> Result<T, E>,
        E: From<StoreError>,
    {
        let mut attempt = 0;
        loop {
            let mut tx = self.begin(false).await?;
            let outcome = match work(&mut tx).await {
                Ok(value) => tx.postgres()?.commit().await.map(|()| value).map_err(E::from),
                Err(error) => {
                    tx.postgres()?.roll_back().await;
                    Err(error)
                }
            };
            let again = tx.postgres()?.worth_a_retry && outcome.is_err() && attempt < RETRIES;
            if !again {
                return outcome;
            }
            attempt += 1;
            tokio::time::sleep(Duration::from_millis(pause(attempt))).await;
        }
    }

    pub(super) async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut Tx) -> Result<T, E>,
        E: From<StoreError>,
    {
        let mut tx = self.begin(true).await?;
        work(&mut tx).await
    }

    async fn begin(&self, reads_only: bool) -> Result<Tx, StoreError> {
        let client = self
            .pool
            .get()
            .await
            .map_err(|error| StoreError::Unavailable(causes(&error)))?;
        let transaction = Transaction {
            client: Some(client),
            reads_only,
            begun: false,
            deferred: Vec::new(),
            worth_a_retry: false,
        };
        Ok(Tx {
            engine: TxEngine::Postgres(transaction),
        })
    }
}

/// A server that vanished without a word (a machine switched off, a way cut) is noticed within seconds, not after the
/// quarter of an hour that the system would wait: by what it does not acknowledge, and on idle connections by keepalives.
/// What the connection string says of them stays.
fn notice_silence(settings: &mut Config) {
    if settings.get_tcp_user_timeout().is_none() {
        settings.tcp_user_timeout(UNACKNOWLEDGED);
    }
    if settings.get_keepalives_idle() == DRIVERS_IDLE {
        settings.keepalives_idle(IDLE);
    }
    if settings.get_keepalives_interval().is_none() {
        settings.keepalives_interval(BETWEEN_PROBES);
    }
    if settings.get_keepalives_retries().is_none() {
        settings.keepalives_retries(PROBES);
    }
}

/// Milliseconds before the next try: grows with the attempt, and differs between callers that failed together.
fn pause(attempt: u32) -> u64 {
    static TURN: AtomicU64 = AtomicU64::new(0);
    let spread = TURN.fetch_add(7, Ordering::Relaxed) % 11;
    (1_u64 << attempt.min(6)) + spread
}

impl Tx {
    fn postgres(&mut self) -> Result<&mut Transaction, StoreError> {
        match &mut self.engine {
            TxEngine::Postgres(transaction) => Ok(transaction),
            TxEngine::Sqlite(_) => Err(StoreError::Statement("not a PostgreSQL connection".to_owned())),
        }
    }
}

impl Transaction {
    pub(super) async fn query(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        let statement = self.prepare(sql).await?;
        self.flush().await?;
        let begin = !self.begun && !self.reads_only;
        self.begun = true;
        let client = self.client()?;
        let references = references(params);
        let answer = client.query(&statement, &references);
        let found = if begin {
            let (begun, found) = join(client.batch_execute("BEGIN"), answer).await;
            begun.and(found)
        } else {
            answer.await
        };
        self.note(found)?.iter().map(read_row).collect()
    }

    pub(super) async fn execute(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        let statement = self.prepare(sql).await?;
        self.flush().await?;
        let begin = !self.begun && !self.reads_only;
        self.begun = true;
        let client = self.client()?;
        let references = references(params);
        let answer = client.execute(&statement, &references);
        let changed = if begin {
            let (begun, changed) = join(client.batch_execute("BEGIN"), answer).await;
            begun.and(changed)
        } else {
            answer.await
        };
        self.note(changed)
    }

    pub(super) async fn defer(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<(), StoreError> {
        let statement = self.prepare(sql).await?;
        self.deferred
            .push((statement, params.iter().cloned().map(Value::into_owned).collect()));
        Ok(())
    }

    pub(super) async fn defer_one(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
    ) -> Result<(), StoreError> {
        let statement = self.prepare(&guarded(sql)).await?;
        self.deferred
            .push((statement, params.iter().cloned().map(Value::into_owned).collect()));
        Ok(())
    }

    /// Runs what was deferred, because the next statement may look at its effect.
    async fn flush(&mut self) -> Result<(), StoreError> {
        if self.deferred.is_empty() {
            return Ok(());
        }
        self.send_deferred(None).await
    }

    /// Sends everything deferred, and `last` behind it, in one go.
    async fn send_deferred(&mut self, last: Option<&str>) -> Result<(), StoreError> {
        let deferred = std::mem::take(&mut self.deferred);
        let begin = !self.begun;
        self.begun = true;
        let client = self.client()?;
        let lists: Vec<_> = deferred.iter().map(|(_, params)| references(params)).collect();
        let statements = deferred
            .iter()
            .zip(&lists)
            .map(|((statement, _), list)| client.execute(statement, list));
        let outcome = async {
            let first = async {
                if begin {
                    client.batch_execute("BEGIN").await
                } else {
                    Ok(())
                }
            };
            let end = async {
                match last {
                    Some(sql) => client.batch_execute(sql).await,
                    None => Ok(()),
                }
            };
            let (begun, (changed, ended)) = join(first, join(join_all(statements), end)).await;
            begun?;
            for one in changed {
                one?;
            }
            ended
        }
        .await;
        self.note(outcome)
    }

    async fn commit(&mut self) -> Result<(), StoreError> {
        if !self.begun && self.deferred.is_empty() {
            return Ok(());
        }
        let committed = self.send_deferred(Some("COMMIT")).await;
        if committed.is_ok() {
            self.begun = false;
        } else {
            self.roll_back().await;
        }
        committed
    }

    async fn roll_back(&mut self) {
        self.deferred.clear();
        if !self.begun {
            return;
        }
        let undone = match self.client() {
            Ok(client) => client.batch_execute("ROLLBACK").await.is_ok(),
            Err(_) => false,
        };
        // A connection that could not be rolled back is dropped with its transaction, below.
        self.begun = !undone;
    }

    fn client(&self) -> Result<&Object, StoreError> {
        self.client.as_ref().ok_or(StoreError::Interrupted)
    }

    async fn prepare(&mut self, sql: &str) -> Result<Statement, StoreError> {
        let prepared = self.client()?.prepare_cached(sql).await;
        self.note(prepared)
    }

    fn note<T>(&mut self, outcome: Result<T, tokio_postgres::Error>) -> Result<T, StoreError> {
        outcome.map_err(|error| {
            let again = error.code().is_some_and(|code| {
                *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED
            });
            self.worth_a_retry |= again;
            describe(&error)
        })
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        // The caller hung up in the middle: the connection must not go back to the pool with an open transaction.
        if self.begun
            && !self.reads_only
            && let Some(client) = self.client.take()
        {
            drop(Object::take(client));
        }
    }
}

async fn migrate(way: &Way) -> Result<(), StoreError> {
    let (mut client, connection) =
        way.settings
            .connect(way.tls.clone())
            .await
            .map_err(|error| match error.as_db_error() {
                Some(_) => describe(&error),
                None => way.explain(&error),
            })?;
    let driver = tokio::spawn(connection);
    let outcome = async {
        // Another node may be in the middle of it, for as long as that takes.
        client
            .batch_execute("SET lock_timeout = 0")
            .await
            .map_err(|error| describe(&error))?;
        client
            .execute("SELECT pg_advisory_lock($1)", &[&MIGRATION_LOCK])
            .await
            .map_err(|error| describe(&error))?;
        migrations::migrations::runner()
            .run_async(&mut client)
            .await
            .map(|_| ())
            .map_err(|error| StoreError::Migration(error.to_string()))
    }
    .await;
    drop(client); // ends the session, and with it the lock
    driver.abort();
    outcome
}

/// The UPDATE `sql` as a statement that fails by itself unless it changes exactly one row.
fn guarded(sql: &str) -> String {
    format!(
        "WITH changed AS ({sql} RETURNING 1) SELECT 1 / CASE COUNT(*) WHEN 1 THEN 1 ELSE 0 END FROM changed"
    )
}

fn references<'a>(params: &'a [Value<'_>]) -> Vec<&'a (dyn ToSql + Sync)> {
    params.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Text(text) => out.put_slice(text.as_bytes()),
            Value::Integer(number) if *kind == Type::INT4 => out.put_i32(i32::try_from(*number)?),
            Value::Integer(number) => out.put_i64(*number),
            Value::Bytes(bytes) => out.put_slice(bytes),
            Value::Null => return Ok(IsNull::Yes),
        }
        Ok(IsNull::No)
    }

    fn accepts(kind: &Type) -> bool {
        matches!(
            *kind,
            Type::TEXT | Type::VARCHAR | Type::INT8 | Type::INT4 | Type::BYTEA
        )
    }

    to_sql_checked!();
}

fn read_row(row: &tokio_postgres::Row) -> Result<Row, StoreError> {
    let mut cells = Vec::with_capacity(row.len());
    for (index, column) in row.columns().iter().enumerate() {
        let cell = match *column.type_() {
            Type::TEXT | Type::VARCHAR => row
                .try_get::<_, Option<String>>(index)
                .map(|value| value.map(Cell::Text)),
            Type::INT8 => row
                .try_get::<_, Option<i64>>(index)
                .map(|value| value.map(Cell::Integer)),
            Type::INT4 => row
                .try_get::<_, Option<i32>>(index)
                .map(|value| value.map(|number| Cell::Integer(number.into()))),
            Type::BYTEA => row
                .try_get::<_, Option<Vec<u8>>>(index)
                .map(|value| value.map(Cell::Bytes)),
            _ => {
                return Err(StoreError::corrupt(
                    "row",
                    index,
                    "a type outside the portable dialect",
                ));
            }
        };
        cells.push(cell.map_err(|error| describe(&error))?.unwrap_or(Cell::Null));
    }
    Ok(Row::new(cells))
}

fn describe(error: &tokio_postgres::Error) -> StoreError {
    let Some(database) = error.as_db_error() else {
        return StoreError::Unavailable(error.to_string());
    };
    let code = database.code().code();
    if code.starts_with("23") {
        // The constraint's name says what clashed; the detail would repeat the value, so it stays out.
        return StoreError::Conflict(
            database
                .constraint()
                .unwrap_or_else(|| database.message())
                .to_owned(),
        );
    }
    // No statement of ours divides but the guard of a deferred change.
    if *database.code() == SqlState::DIVISION_BY_ZERO {
        return NOT_ONE_ROW;
    }
    match &code[..code.len().min(2)] {
        "08" | "53" | "57" | "58" | "25" => StoreError::Unavailable(database.message().to_owned()),
        _ => StoreError::Statement(database.message().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(connection: &str) -> (Option<Duration>, Duration, Option<Duration>, Option<u32>) {
        let mut settings: Config = connection.parse().unwrap();
        notice_silence(&mut settings);
        (
            settings.get_tcp_user_timeout().copied(),
            settings.get_keepalives_idle(),
            settings.get_keepalives_interval(),
            settings.get_keepalives_retries(),
        )
    }

    #[test]
    fn a_server_that_vanished_is_noticed_within_seconds_unless_the_connection_string_says_otherwise() {
        let seconds = Duration::from_secs;
        assert_eq!(
            times("host=db user=countersign"),
            (Some(seconds(10)), seconds(30), Some(seconds(10)), Some(3))
        );
        assert_eq!(
            times(
                "host=db tcp_user_timeout=60 keepalives_idle=90 keepalives_interval=5 keepalives_retries=7"
            ),
            (Some(seconds(60)), seconds(90), Some(seconds(5)), Some(7))
        );
    }
}
