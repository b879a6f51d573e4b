//! `[database]`: where the data lives.

use std::path::PathBuf;

use countersign_store::Location;
use serde::Deserialize;

use super::Checking;

const CONNECTIONS: usize = 16;
const MOST_CONNECTIONS: usize = 1_000;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    sqlite: Option<String>,
    postgres: Option<String>,
    connections: Option<usize>,
}

/// Where the data lives. Not to be printed: the text for PostgreSQL may hold a password.
pub(crate) enum Database {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL server.
    Postgres {
        /// How to reach it.
        connection: String,
        /// The most connections that this process opens.
        connections: usize,
    },
}

impl Database {
    /// As the store takes it.
    pub(crate) fn location(&self) -> Location {
        match self {
            Self::Sqlite(path) => Location::Sqlite(path.clone()),
            Self::Postgres {
                connection,
                connections,
            } => Location::Postgres {
                connection: connection.clone(),
                connections: *connections,
            },
        }
    }
}

impl Written {
    pub(super) fn check(self, checking: &mut Checking) -> Option<Database> {
        let connections = self.connections.unwrap_or(CONNECTIONS);
        if !(1..=MOST_CONNECTIONS).contains(&connections) {
            checking.wrong(
                "database.connections",
                format!("{connections} is not from 1 to {MOST_CONNECTIONS}"),
            );
        }
        match (self.sqlite, self.postgres) {
            (Some(file), None) if !file.is_empty() => Some(Database::Sqlite(checking.path(&file))),
            (None, Some(connection)) if !connection.is_empty() => Some(Database::Postgres {
                connection,
                connections,
            }),
            (Some(_), Some(_)) => {
                checking.wrong(
                    "database.postgres",
                    "sqlite is set too: keep the one of them that holds the data",
                );
                None
            }
            _ => {
                checking.wrong(
                    "database.sqlite",
                    "is missing: name the file, such as \"/var/lib/countersign/countersign.db\", or set database.postgres",
                );
                None
            }
        }
    }
}
