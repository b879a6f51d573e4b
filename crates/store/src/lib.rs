//! Storage: SQL written once, run on SQLite or PostgreSQL.
//!
//! Each file beside `db/` holds the statements of one table or one closely knit group of tables. Every function takes
//! the open [`Tx`], so that a use case puts a change, its audit event and its jobs into one transaction.
//!
//! To add a table: a migration with the same file name in `migrations/sqlite` and `migrations/postgres`, a file here,
//! and a case in `tests/contract.rs`, which runs on both engines.

pub mod db;
mod error;

pub use db::{EngineKind, Location, Row, Store, Tx};
pub use error::StoreError;
