//! A fresh store on each engine.

use std::sync::atomic::{AtomicU32, Ordering};

use countersign_store::{Location, Store};

/// A store and what must live as long as it.
pub(crate) struct Opened {
    pub(crate) store: Store,
    pub(crate) name: &'static str,
    folder: Option<tempfile::TempDir>,
}

impl Opened {
    /// Where SQLite keeps the data.
    pub(crate) fn path(&self) -> std::path::PathBuf {
        self.folder
            .as_ref()
            .expect("SQLite has a folder")
            .path()
            .join("contract.db")
    }
}

/// A fresh store on SQLite and one on PostgreSQL, each with an empty, migrated schema.
pub(crate) async fn both() -> Vec<Opened> {
    vec![sqlite().await, postgres().await]
}

pub(crate) async fn sqlite() -> Opened {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&Location::Sqlite(folder.path().join("contract.db")))
        .await
        .unwrap();
    Opened {
        store,
        name: "SQLite",
        folder: Some(folder),
    }
}

pub(crate) async fn postgres() -> Opened {
    postgres_with(&[], "").await
}

/// PostgreSQL with settings of the database's own, and with more in the connection string.
#[expect(
    clippy::disallowed_methods,
    reason = "the test command names its private cluster in the environment"
)]
pub(crate) async fn postgres_with(settings: &[&str], in_the_string: &str) -> Opened {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let cluster = std::env::var("COUNTERSIGN_TEST_POSTGRES")
        .expect("COUNTERSIGN_TEST_POSTGRES names no cluster: run the tests with ci/test");
    let (client, connection) = tokio_postgres::connect(&cluster, tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    let database = format!(
        "contract_{}_{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    client
        .batch_execute(&format!("DROP DATABASE IF EXISTS {database}"))
        .await
        .unwrap();
    client
        .batch_execute(&format!("CREATE DATABASE {database}"))
        .await
        .unwrap();
    for setting in settings {
        client
            .batch_execute(&format!("ALTER DATABASE {database} SET {setting}"))
            .await
            .unwrap();
    }
    let connection = cluster.replace("dbname=postgres", &format!("dbname={database}")) + in_the_string;
    let store = Store::open(&Location::Postgres {
        connection,
        connections: 8,
        tls: countersign_store::Tls::default(),
    })
    .await
    .unwrap();
    Opened {
        store,
        name: "PostgreSQL",
        folder: None,
    }
}
