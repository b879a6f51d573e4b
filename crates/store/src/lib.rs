//! Storage: SQL written once, run on SQLite or PostgreSQL.
//!
//! Each file beside `db/` holds the statements of one table or one closely knit group of tables. Every function takes
//! the open [`Tx`], so that a use case puts a change, its audit event and its jobs into one transaction.
//!
//! To add a table: a migration with the same file name in `migrations/sqlite` and `migrations/postgres`, a file here,
//! and a case in `tests/contract.rs`, which runs on both engines.

pub mod accounts;
pub mod agent_tries;
pub mod audit;
pub mod budgets;
pub mod clock_mark;
pub mod conversations;
pub mod db;
pub mod delivery_reports;
pub mod devices;
pub mod directory;
mod error;
pub mod half_open;
pub mod idempotency;
pub mod key_checks;
pub mod links;
pub mod messages;
pub mod one_time_pins;
pub mod passkeys;
pub mod people;
pub mod phones;
pub mod pins;
pub mod provider_sign_ins;
pub mod retention;
pub mod second_factors;
pub mod sent_codes;
pub mod sessions;
pub mod sign_in;
pub mod staff;
pub mod staff_identities;

pub use db::{EngineKind, Location, Protection, Row, Store, Taking, Tls, TlsMode, Tx};
pub use error::StoreError;
