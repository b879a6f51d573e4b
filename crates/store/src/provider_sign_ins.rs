//! Sign-ins that are under way at an identity provider. Stored under the digest of their state; each serves once.

use countersign_domain::time::Timestamp;

use crate::{StoreError, Tx, params};

/// A sign-in that begins.
#[derive(Clone, Debug)]
pub struct ProviderSignInRow {
    /// The digest of the state, which comes back with the provider's answer.
    pub state_hash: [u8; 32],
    /// The digest of what the browser keeps: the answer counts in no other one.
    pub browser_hash: [u8; 32],
    /// Whose answer is awaited.
    pub issuer: String,
    /// Nonce and PKCE verifier, sealed.
    pub sealed: Vec<u8>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends if no answer comes.
    pub expires_at: Timestamp,
}

/// Adds one.
///
/// # Errors
/// [`StoreError`].
pub async fn insert(tx: &mut Tx, row: &ProviderSignInRow) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO provider_sign_ins (state_hash, browser_hash, issuer, sealed, created_at, expires_at, used_at) \
         VALUES ($1, $2, $3, $4, $5, $6, NULL)",
        params![
            row.state_hash,
            row.browser_hash,
            row.issuer,
            row.sealed,
            row.created_at,
            row.expires_at,
        ],
    )
    .await
    .map(|_| ())
}

/// Uses one up: what was sealed, for exactly one caller, in time, in the browser that began it and with the provider for
/// whose answer it waits.
///
/// # Errors
/// [`StoreError`].
pub async fn consume(
    tx: &mut Tx,
    state_hash: &[u8; 32],
    browser_hash: &[u8; 32],
    issuer: &str,
    now: Timestamp,
) -> Result<Option<Vec<u8>>, StoreError> {
    tx.query_opt(
        "UPDATE provider_sign_ins SET used_at = $4 WHERE state_hash = $1 AND browser_hash = $2 AND issuer = $3 \
         AND used_at IS NULL AND expires_at > $4 RETURNING sealed",
        params![state_hash, browser_hash, issuer, now],
    )
    .await?
    .map(|row| row.get(0))
    .transpose()
}
