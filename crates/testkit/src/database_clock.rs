//! A PostgreSQL database whose own clock is set by hand.

use countersign_domain::time::Timestamp;
use countersign_store::Location;

use crate::connect;

/// Stands before the database's `clock_timestamp()` on the search path of its sessions.
const INSTALL: &str = "CREATE TABLE test_clock (micros BIGINT NOT NULL); \
     INSERT INTO test_clock VALUES (0); \
     CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS \
     $$SELECT TIMESTAMPTZ 'epoch' + micros * INTERVAL '1 microsecond' FROM public.test_clock$$; \
     DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', current_database()); END$$";

/// The hands of that clock.
pub struct DatabaseClock {
    client: tokio_postgres::Client,
}

impl DatabaseClock {
    pub(crate) async fn install(location: &Location, shown: Timestamp) -> Self {
        let Location::Postgres { connection, .. } = location else {
            panic!("a file has no clock");
        };
        let client = connect(connection).await;
        client.batch_execute(INSTALL).await.expect("the clock is put up");
        let clock = Self { client };
        clock.set(shown).await;
        clock
    }

    /// Sets it.
    pub async fn set(&self, shown: Timestamp) {
        self.client
            .execute("UPDATE public.test_clock SET micros = $1", &[&shown.micros()])
            .await
            .expect("the clock is set");
    }
}
