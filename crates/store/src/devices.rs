//! Remembered devices: families of tokens, of which the newest counts. Only digests of tokens are stored.

use countersign_domain::factor::device::{Device, Shown};
use countersign_domain::ids::{DeviceId, SubjectId};
use countersign_domain::time::Timestamp;

use crate::{Row, StoreError, Tx, params};

/// The columns in the order in which [`read`] takes them.
macro_rules! columns {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            "d.id, d.subject_id, d.generation, d.browser, d.created_at, d.last_used_at, d.expires_at, d.ended_at",
            $after
        )
    };
}

/// A remembered device as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceRow {
    /// Its id, which lists show.
    pub id: DeviceId,
    /// Whose it is.
    pub subject: SubjectId,
    /// Browser and system, in words.
    pub browser: String,
    /// When it was remembered.
    pub created_at: Timestamp,
    /// When it last stood in for the second factor.
    pub last_used_at: Timestamp,
    /// What decides.
    pub device: Device,
}

/// Adds a device with its first token.
///
/// # Errors
/// [`StoreError`].
pub async fn insert(tx: &mut Tx, row: &DeviceRow, token_hash: &[u8; 32]) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO remembered_devices (id, subject_id, generation, browser, created_at, last_used_at, expires_at, \
         ended_at) VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)",
        params![
            row.id,
            row.subject,
            row.device.generation,
            row.browser,
            row.created_at,
            row.last_used_at,
            row.device.expires_at,
        ],
    )
    .await?;
    add_token(tx, row.id, token_hash).await
}

async fn add_token(tx: &mut Tx, id: DeviceId, token_hash: &[u8; 32]) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO device_tokens (token_hash, device_id, replaced_at) VALUES ($1, $2, NULL)",
        params![token_hash, id],
    )
    .await
    .map(|_| ())
}

/// Finds the device of a token, and how the token stands in its family.
///
/// # Errors
/// [`StoreError`].
pub async fn find_by_token(
    tx: &mut Tx,
    token_hash: &[u8; 32],
) -> Result<Option<(DeviceRow, Shown)>, StoreError> {
    let found = tx
        .query_opt(
            columns!(
                "SELECT ",
                ", t.replaced_at FROM device_tokens t JOIN remembered_devices d ON d.id = t.device_id \
                 WHERE t.token_hash = $1"
            ),
            params![token_hash],
        )
        .await?;
    found
        .map(|row| {
            let replaced: Option<Timestamp> = row.get(8)?;
            let shown = if replaced.is_some() {
                Shown::Replaced
            } else {
                Shown::Newest
            };
            Ok((read(&row)?, shown))
        })
        .transpose()
}

/// Replaces a token by a new one, in a device of this generation that was not ended. True for exactly one caller: whoever comes
/// second holds a copy.
///
/// # Errors
/// [`StoreError`].
pub async fn replace_token(
    tx: &mut Tx,
    (id, generation): (DeviceId, u64),
    old_hash: &[u8; 32],
    new_hash: &[u8; 32],
    at: Timestamp,
) -> Result<bool, StoreError> {
    // The device first: whoever ends it, or uses another token of it, at this moment is waited for.
    let lives = tx
        .execute(
            "UPDATE remembered_devices SET last_used_at = CASE WHEN last_used_at < $2 THEN $2 ELSE last_used_at END \
             WHERE id = $1 AND ended_at IS NULL AND generation = $3",
            params![id, at, generation],
        )
        .await?;
    if lives != 1 {
        return Ok(false);
    }
    let done = tx
        .execute(
            "UPDATE device_tokens SET replaced_at = $3 \
             WHERE token_hash = $1 AND device_id = $2 AND replaced_at IS NULL",
            params![old_hash, id, at],
        )
        .await?;
    if done != 1 {
        return Ok(false);
    }
    add_token(tx, id, new_hash).await?;
    Ok(true)
}

/// The devices of a subject that were not ended, newest first. Whether they are in time is the caller's to ask.
///
/// # Errors
/// [`StoreError`].
pub async fn list(tx: &mut Tx, subject: SubjectId) -> Result<Vec<DeviceRow>, StoreError> {
    tx.query(
        columns!(
            "SELECT ",
            " FROM remembered_devices d WHERE d.subject_id = $1 AND d.ended_at IS NULL ORDER BY d.id DESC LIMIT 100"
        ),
        params![subject],
    )
    .await?
    .iter()
    .map(read)
    .collect()
}

/// Ends one device of a subject. True for exactly one caller; false for another's device.
///
/// # Errors
/// [`StoreError`].
pub async fn end(tx: &mut Tx, subject: SubjectId, id: DeviceId, at: Timestamp) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "UPDATE remembered_devices SET ended_at = $3 WHERE id = $1 AND subject_id = $2 AND ended_at IS NULL",
            params![id, subject, at],
        )
        .await?;
    Ok(done == 1)
}

/// Ends all devices of a subject and tells how many.
///
/// # Errors
/// [`StoreError`].
pub async fn end_all(tx: &mut Tx, subject: SubjectId, at: Timestamp) -> Result<u64, StoreError> {
    tx.execute(
        "UPDATE remembered_devices SET ended_at = $2 WHERE subject_id = $1 AND ended_at IS NULL",
        params![subject, at],
    )
    .await
}

fn read(row: &Row) -> Result<DeviceRow, StoreError> {
    let ended: Option<Timestamp> = row.get(7)?;
    Ok(DeviceRow {
        id: row.parse(0)?,
        subject: row.parse(1)?,
        browser: row.get(3)?,
        created_at: row.get(4)?,
        last_used_at: row.get(5)?,
        device: Device {
            generation: row.get(2)?,
            expires_at: row.get(6)?,
            ended: ended.is_some(),
        },
    })
}
