//! Failed sign-ins, counted by what was submitted and never by account: nobody can lock another out of the portal, and
//! an unknown name is throttled like a known one.

use countersign_domain::time::Timestamp;

use crate::{StoreError, Tx, params};

/// What is known of one submitted name, or one address.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Failures {
    /// Failures since [`Failures::since`].
    pub count: u32,
    /// When the first of them was.
    pub since: Timestamp,
    /// Until when no password is looked at.
    pub closed_until: Timestamp,
}

/// Reads the failures of a key.
///
/// # Errors
/// [`StoreError`].
pub async fn find(tx: &mut Tx, realm: &str, key: &[u8; 32]) -> Result<Option<Failures>, StoreError> {
    tx.query_opt(
        "SELECT failures, since, closed_until FROM sign_in_failures WHERE realm = $1 AND key_hash = $2",
        params![realm, key],
    )
    .await?
    .map(|row| {
        Ok(Failures {
            count: row.get(0)?,
            since: row.get(1)?,
            closed_until: row.get(2)?,
        })
    })
    .transpose()
}

/// Counts one more try before the password is looked at, and tells the count with it. The count starts again when the
/// first failure is older than `window_began`. While the key is closed nothing is counted: the answer says until when.
///
/// # Errors
/// [`StoreError`].
pub async fn count(
    tx: &mut Tx,
    realm: &str,
    key: &[u8; 32],
    now: Timestamp,
    window_began: Timestamp,
) -> Result<Failures, StoreError> {
    let row = tx
        .query_one(
            "INSERT INTO sign_in_failures (realm, key_hash, failures, since, closed_until) VALUES ($1, $2, 1, $3, 0) \
             ON CONFLICT (realm, key_hash) DO UPDATE SET \
             failures = CASE WHEN sign_in_failures.closed_until > $3 THEN sign_in_failures.failures \
                WHEN sign_in_failures.since < $4 THEN 1 ELSE sign_in_failures.failures + 1 END, \
             since = CASE WHEN sign_in_failures.closed_until > $3 OR sign_in_failures.since >= $4 \
                THEN sign_in_failures.since ELSE $3 END \
             RETURNING failures, since, closed_until",
            params![realm, key, now, window_began],
        )
        .await?;
    Ok(Failures {
        count: row.get(0)?,
        since: row.get(1)?,
        closed_until: row.get(2)?,
    })
}

/// Looks at no password for this key until then.
///
/// # Errors
/// [`StoreError`].
pub async fn close(tx: &mut Tx, realm: &str, key: &[u8; 32], until: Timestamp) -> Result<(), StoreError> {
    tx.defer(
        "UPDATE sign_in_failures SET closed_until = $3 WHERE realm = $1 AND key_hash = $2 AND closed_until < $3",
        params![realm, key, until],
    )
    .await
}

/// Takes one try back that turned out to be right, and opens the key again where that try closed it, or where without it
/// fewer than `free` are left.
///
/// # Errors
/// [`StoreError`].
pub async fn give_back(
    tx: &mut Tx,
    realm: &str,
    key: &[u8; 32],
    free: u32,
    closed_by_it: Option<Timestamp>,
) -> Result<(), StoreError> {
    tx.defer(
        "UPDATE sign_in_failures SET failures = CASE WHEN failures > 0 THEN failures - 1 ELSE 0 END, \
         closed_until = CASE WHEN failures <= $3 OR closed_until = $4 THEN 0 ELSE closed_until END \
         WHERE realm = $1 AND key_hash = $2",
        params![
            realm,
            key,
            free,
            closed_by_it.unwrap_or(Timestamp::from_micros(0))
        ],
    )
    .await
}

/// Forgets the failures of a key, after a success.
///
/// # Errors
/// [`StoreError`].
pub async fn forget(tx: &mut Tx, realm: &str, key: &[u8; 32]) -> Result<(), StoreError> {
    tx.defer(
        "DELETE FROM sign_in_failures WHERE realm = $1 AND key_hash = $2",
        params![realm, key],
    )
    .await
}
