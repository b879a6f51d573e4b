//! A private PostgreSQL of a test's own, for those that look into its folder, restart it, or switch its TLS on.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::running::text;

/// A running cluster. Stopped when dropped.
pub(crate) struct Cluster {
    pub(crate) folder: TempDir,
    /// How its own database `postgres` is reached.
    pub(crate) connection: String,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = script(&["stop", self.folder.path().to_str().unwrap_or_default()]).output();
    }
}

/// `ci/postgres`, which knows how a cluster is made.
fn script(arguments: &[&str]) -> Command {
    let mut command = Command::new("bash");
    command
        .arg(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../ci/postgres"))
        .args(arguments);
    command
}

fn done(arguments: &[&str]) -> Vec<u8> {
    let output = script(arguments).output().expect("bash");
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    output.stdout
}

impl Cluster {
    /// Starts one; `durable` keeps `fsync` on.
    pub(crate) fn start(durable: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut arguments = vec!["start", folder.path().to_str().expect("UTF-8")];
        if durable {
            arguments.push("durable");
        }
        let connection = text(&done(&arguments)).trim().to_owned();
        Self { folder, connection }
    }

    /// Ends it and starts it again: `immediate` as a crash, `fast` as an operator does.
    pub(crate) fn restart(&self, how: &str) {
        done(&["restart", self.folder.path().to_str().expect("UTF-8"), how]);
    }

    /// What `pg_dump` says of a database.
    pub(crate) fn dump(connection: &str) -> Vec<u8> {
        done(&["dump", connection])
    }

    /// An empty database of this name, as a connection.
    pub(crate) fn database(&self, name: &str) -> String {
        self.execute(&format!("CREATE DATABASE {name}"));
        self.connection
            .replace("dbname=postgres", &format!("dbname={name}"))
    }

    /// Runs a statement as the cluster's owner.
    pub(crate) fn execute(&self, statement: &str) {
        execute(&self.connection, statement);
    }
}

/// Runs a statement on a database.
pub(crate) fn execute(connection: &str, statement: &str) {
    asked(connection, statement);
}

/// What a query answers, each row's columns as text.
pub(crate) fn asked(connection: &str, query: &str) -> Vec<Vec<String>> {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let (client, work) = tokio_postgres::connect(connection, tokio_postgres::NoTls)
            .await
            .unwrap();
        tokio::spawn(work);
        let answer = client.simple_query(query).await.unwrap();
        answer
            .iter()
            .filter_map(|message| match message {
                tokio_postgres::SimpleQueryMessage::Row(row) => Some(
                    (0..row.len())
                        .map(|column| row.get(column).unwrap_or_default().to_owned())
                        .collect(),
                ),
                _ => None,
            })
            .collect()
    })
}
