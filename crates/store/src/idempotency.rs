//! Answers kept under the caller's own key, so that a request sent twice acts once (RFC draft *Idempotency-Key*).

use countersign_domain::time::Timestamp;

use crate::{StoreError, Tx, params};

/// What is known of a key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Claim {
    /// Nobody used it before: go on, then [`answer`].
    New,
    /// It was used for the same request, which was answered like this.
    Answered(String),
    /// It was used for another request.
    OtherRequest,
}

/// Claims a key for a request. Of two that come at once the second waits for the first one's end and gets its answer.
///
/// # Errors
/// [`StoreError`].
pub async fn claim(
    tx: &mut Tx,
    actor: &str,
    key: &str,
    fingerprint: &[u8; 32],
    now: Timestamp,
) -> Result<Claim, StoreError> {
    let claimed = tx
        .execute(
            "INSERT INTO idempotency_keys (actor, key, fingerprint, answer, created_at) VALUES ($1, $2, $3, '', $4) \
             ON CONFLICT (actor, key) DO NOTHING",
            params![actor, key, fingerprint, now],
        )
        .await?;
    if claimed == 1 {
        return Ok(Claim::New);
    }
    let row = tx
        .query_one(
            "SELECT fingerprint, answer FROM idempotency_keys WHERE actor = $1 AND key = $2",
            params![actor, key],
        )
        .await?;
    if row.get::<[u8; 32]>(0)? == *fingerprint {
        Ok(Claim::Answered(row.get(1)?))
    } else {
        Ok(Claim::OtherRequest)
    }
}

/// Keeps the answer of the request that claimed the key.
///
/// # Errors
/// [`StoreError`].
pub async fn answer(tx: &mut Tx, actor: &str, key: &str, answer: &str) -> Result<(), StoreError> {
    tx.defer(
        "UPDATE idempotency_keys SET answer = $3 WHERE actor = $1 AND key = $2",
        params![actor, key, answer],
    )
    .await
}

/// Gives a key free that this transaction claimed, because nothing was done under it that a later request could repeat.
///
/// # Errors
/// [`StoreError`].
pub async fn release(tx: &mut Tx, actor: &str, key: &str) -> Result<(), StoreError> {
    tx.defer(
        "DELETE FROM idempotency_keys WHERE actor = $1 AND key = $2",
        params![actor, key],
    )
    .await
}

/// Forgets keys that are older than the time for which they are kept.
///
/// # Errors
/// [`StoreError`].
pub async fn forget_before(tx: &mut Tx, moment: Timestamp) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM idempotency_keys WHERE created_at < $1",
        params![moment],
    )
    .await
}
