//! The newest time at which this database was in use: no process begins before it, whatever its clock says (T34).

use countersign_domain::time::Timestamp;

use crate::{StoreError, Tx, params};

/// The mark; none before the first server ran.
///
/// # Errors
/// [`StoreError`].
pub async fn find(tx: &mut Tx) -> Result<Option<Timestamp>, StoreError> {
    let seen: Timestamp = tx
        .query_one("SELECT seen FROM clock_mark WHERE id = 1", params![])
        .await?
        .get(0)?;
    Ok((seen > Timestamp::default()).then_some(seen))
}

/// Moves the mark on to `seen`; never back.
///
/// # Errors
/// [`StoreError`].
pub async fn raise(tx: &mut Tx, seen: Timestamp) -> Result<(), StoreError> {
    tx.defer(
        "UPDATE clock_mark SET seen = $1 WHERE id = 1 AND seen < $1",
        params![seen],
    )
    .await
}

/// Sets the mark where somebody said that the clock is right and the mark is not.
///
/// # Errors
/// [`StoreError`].
pub async fn set(tx: &mut Tx, seen: Timestamp) -> Result<(), StoreError> {
    tx.defer("UPDATE clock_mark SET seen = $1 WHERE id = 1", params![seen])
        .await
}

/// Ends what was begun after `now`, by a clock that was ahead: those sign-ins would outlive all others, and those failures
/// close a door for as long. Tells how many sign-ins ended.
///
/// # Errors
/// [`StoreError`].
pub async fn end_what_began_after(tx: &mut Tx, now: Timestamp) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM sign_in_failures WHERE since > $1 OR closed_until > $1 + 86400000000",
        params![now],
    )
    .await?;
    tx.execute(
        "UPDATE sessions SET ended_at = $1 WHERE ended_at IS NULL AND (created_at > $1 OR last_seen_at > $1)",
        params![now],
    )
    .await
}
