//! Who members of staff are at an identity provider.

use countersign_domain::federation::Identity;
use countersign_domain::ids::StaffId;
use countersign_domain::time::Timestamp;

use crate::{StoreError, Tx, params};

/// Binds an identity to a member of staff, for good.
///
/// # Errors
/// [`StoreError::Conflict`] when it is bound already.
pub async fn bind(
    tx: &mut Tx,
    identity: &Identity,
    staff: StaffId,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO staff_identities (issuer, subject, staff_id, created_at, last_used_at) \
         VALUES ($1, $2, $3, $4, $4)",
        params![identity.issuer(), identity.subject(), staff, now],
    )
    .await
    .map(|_| ())
}

/// Takes the row of an identity and notes that it was used, so that its sign-ins go one after another. Whose it is; none
/// for one that is bound to nobody.
///
/// # Errors
/// [`StoreError`].
pub async fn take(tx: &mut Tx, identity: &Identity, now: Timestamp) -> Result<Option<StaffId>, StoreError> {
    tx.query_opt(
        "UPDATE staff_identities SET last_used_at = $3 WHERE issuer = $1 AND subject = $2 RETURNING staff_id",
        params![identity.issuer(), identity.subject(), now],
    )
    .await?
    .map(|row| row.parse(0))
    .transpose()
}

/// Whether a member of staff comes by an identity provider.
///
/// # Errors
/// [`StoreError`].
pub async fn has(tx: &mut Tx, staff: StaffId) -> Result<bool, StoreError> {
    let found = tx
        .query_opt(
            "SELECT 1 FROM staff_identities WHERE staff_id = $1 LIMIT 1",
            params![staff],
        )
        .await?;
    Ok(found.is_some())
}
