//! Check values of the keys that this database was written with, so that a wrong key refuses to start.

use crate::{StoreError, Tx, params};

/// The check value stored for a key id.
///
/// # Errors
/// [`StoreError`].
pub async fn list(tx: &mut Tx) -> Result<Vec<(u32, [u8; 32])>, StoreError> {
    tx.query(
        "SELECT key_id, check_value FROM key_checks ORDER BY key_id",
        params![],
    )
    .await?
    .iter()
    .map(|row| Ok((row.get(0)?, row.get(1)?)))
    .collect()
}

/// Notes a key's check value. A known key keeps the one that it has.
///
/// # Errors
/// [`StoreError`].
pub async fn note(tx: &mut Tx, key_id: u32, check: &[u8; 32]) -> Result<(), StoreError> {
    tx.defer(
        "INSERT INTO key_checks (key_id, check_value) VALUES ($1, $2) ON CONFLICT (key_id) DO NOTHING",
        params![key_id, check],
    )
    .await
}
