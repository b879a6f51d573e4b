//! What can go wrong between the house and its database.

/// A failure of the store. None of these is a verdict: a wrong PIN is a committed decision, never an error.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, is full, read-only or stopped answering; nothing was saved.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// Another row already has this key (a user name, an account number, a slug).
    #[error("the value is already in use: {0}")]
    Conflict(String),
    /// A row changed since it was read; the caller loads it again.
    #[error("the row changed meanwhile: {0}")]
    Stale(&'static str),
    /// Stored data makes no sense; names the table or place and the column.
    #[error("stored data makes no sense: {place}, column {column}: {reason}")]
    Corrupt {
        /// The table, or `row` where the reader does not know it.
        place: &'static str,
        /// The column's position in the statement.
        column: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A write awaited something else than its transaction. This is a mistake in the program: no network call and no
    /// password hashing may stand inside a write.
    #[error("a write awaited something else than its transaction")]
    ForeignAwait,
    /// The work was broken off (a panic, or the store is closing); nothing was saved.
    #[error("the work was broken off and nothing was saved")]
    Interrupted,
    /// A statement was refused by the engine.
    #[error("the database refused a statement: {0}")]
    Statement(String),
    /// The schema could not be brought up to date.
    #[error("the schema could not be brought up to date: {0}")]
    Migration(String),
}

impl StoreError {
    pub(crate) const fn corrupt(place: &'static str, column: usize, reason: &'static str) -> Self {
        Self::Corrupt {
            place,
            column,
            reason,
        }
    }
}
