//! `[database]`: where the data lives.

use std::path::PathBuf;

use countersign_store::{Location, Protection, Tls};
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
    tls: Option<String>,
    ca_file: Option<String>,
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
        /// What the operator says about protecting the way there.
        tls: Tls,
        /// What protects the way there.
        protection: Protection,
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
                tls,
                ..
            } => Location::Postgres {
                connection: connection.clone(),
                connections: *connections,
                tls: tls.clone(),
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
        let tls = Tls {
            mode: self.tls.filter(|text| !text.is_empty()).and_then(|text| {
                text.parse()
                    .map_err(|wrong: String| checking.wrong("database.tls", wrong))
                    .ok()
            }),
            ca_file: self
                .ca_file
                .filter(|text| !text.is_empty())
                .map(|file| checking.path(&file)),
        };
        match (self.sqlite, self.postgres) {
            (Some(file), None) if !file.is_empty() => {
                if tls.mode.is_some() || tls.ca_file.is_some() {
                    checking.wrong(
                        "database.tls",
                        "tls and ca_file are for PostgreSQL; a file needs neither",
                    );
                }
                Some(Database::Sqlite(checking.path(&file)))
            }
            (None, Some(connection)) if !connection.is_empty() => match Protection::of(&connection, &tls) {
                Ok(protection) => Some(Database::Postgres {
                    connection,
                    connections,
                    tls,
                    protection,
                }),
                Err(wrong) => {
                    let about_tls = tls.mode.is_some() || tls.ca_file.is_some();
                    checking.wrong(
                        if about_tls {
                            "database.tls"
                        } else {
                            "database.postgres"
                        },
                        wrong,
                    );
                    None
                }
            },
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
