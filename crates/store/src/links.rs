//! Links that are mailed and serve once: a password reset, an invitation. Stored under the digest of their token.

use countersign_domain::ids::SubjectId;
use countersign_domain::time::Timestamp;

use crate::sessions::Subject;
use crate::{Row, StoreError, Tx, params};

/// What a link is for. One of one purpose means nothing for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkPurpose {
    /// To choose a new password (A2).
    PasswordReset,
    /// To choose a first password.
    Invitation,
}

impl LinkPurpose {
    const fn name(self) -> &'static str {
        match self {
            Self::PasswordReset => "password_reset",
            Self::Invitation => "invitation",
        }
    }
}

/// A link as it is stored.
#[derive(Clone, Debug)]
pub struct LinkRow {
    /// For whom.
    pub subject: Subject,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends if it is not used.
    pub expires_at: Timestamp,
}

/// Adds a link under the digest of its token.
///
/// # Errors
/// [`StoreError`].
pub async fn insert(
    tx: &mut Tx,
    purpose: LinkPurpose,
    link: &LinkRow,
    token_hash: &[u8; 32],
) -> Result<(), StoreError> {
    let (account, brand) = link.subject.home();
    tx.execute(
        "INSERT INTO single_use_links (token_hash, purpose, subject_id, account_id, brand_id, created_at, expires_at, \
         used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)",
        params![
            token_hash,
            purpose.name(),
            link.subject.subject_id(),
            account,
            brand,
            link.created_at,
            link.expires_at,
        ],
    )
    .await
    .map(|_| ())
}

/// Finds the unused link of a token that is still in time, without using it: to show the page that it leads to.
///
/// # Errors
/// [`StoreError`].
pub async fn find(
    tx: &mut Tx,
    purpose: LinkPurpose,
    token_hash: &[u8; 32],
    now: Timestamp,
) -> Result<Option<LinkRow>, StoreError> {
    tx.query_opt(
        "SELECT subject_id, account_id, brand_id, created_at, expires_at FROM single_use_links \
         WHERE token_hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3",
        params![token_hash, purpose.name(), now],
    )
    .await?
    .as_ref()
    .map(read)
    .transpose()
}

/// Uses a link up. Something for exactly one caller, in time only (T18).
///
/// # Errors
/// [`StoreError`].
pub async fn consume(
    tx: &mut Tx,
    purpose: LinkPurpose,
    token_hash: &[u8; 32],
    now: Timestamp,
) -> Result<Option<LinkRow>, StoreError> {
    tx.query_opt(
        "UPDATE single_use_links SET used_at = $3 \
         WHERE token_hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3 \
         RETURNING subject_id, account_id, brand_id, created_at, expires_at",
        params![token_hash, purpose.name(), now],
    )
    .await?
    .as_ref()
    .map(read)
    .transpose()
}

/// How many links of a purpose were made for a subject since then, used or not: for whoever limits them.
///
/// # Errors
/// [`StoreError`].
pub async fn count_since(
    tx: &mut Tx,
    purpose: LinkPurpose,
    subject: SubjectId,
    since: Timestamp,
) -> Result<u64, StoreError> {
    tx.query_one(
        "SELECT COUNT(*) FROM single_use_links WHERE subject_id = $1 AND purpose = $2 AND created_at >= $3",
        params![subject, purpose.name(), since],
    )
    .await?
    .get(0)
}

/// The newest unused link of a purpose for a subject, whether it is still in time or not.
///
/// # Errors
/// [`StoreError`].
pub async fn newest_unused(
    tx: &mut Tx,
    purpose: LinkPurpose,
    subject: SubjectId,
) -> Result<Option<LinkRow>, StoreError> {
    tx.query_opt(
        "SELECT subject_id, account_id, brand_id, created_at, expires_at FROM single_use_links \
         WHERE subject_id = $1 AND purpose = $2 AND used_at IS NULL ORDER BY created_at DESC LIMIT 1",
        params![subject, purpose.name()],
    )
    .await?
    .as_ref()
    .map(read)
    .transpose()
}

/// Ends the unused links of one purpose of a subject: where another takes their place.
///
/// # Errors
/// [`StoreError`].
pub async fn end_of_purpose(
    tx: &mut Tx,
    purpose: LinkPurpose,
    subject: SubjectId,
    at: Timestamp,
) -> Result<u64, StoreError> {
    tx.execute(
        "UPDATE single_use_links SET used_at = $3 WHERE subject_id = $1 AND purpose = $2 AND used_at IS NULL",
        params![subject, purpose.name(), at],
    )
    .await
}

/// Ends all unused links of a subject: after a change of password or address.
///
/// # Errors
/// [`StoreError`].
pub async fn end_all(tx: &mut Tx, subject: SubjectId, at: Timestamp) -> Result<u64, StoreError> {
    tx.execute(
        "UPDATE single_use_links SET used_at = $2 WHERE subject_id = $1 AND used_at IS NULL",
        params![subject, at],
    )
    .await
}

fn read(row: &Row) -> Result<LinkRow, StoreError> {
    Ok(LinkRow {
        subject: Subject::from_columns(row.parse(0)?, row.parse_option(1)?, row.parse_option(2)?)
            .ok_or_else(|| StoreError::corrupt("single_use_links", 1, "no account or brand"))?,
        created_at: row.get(3)?,
        expires_at: row.get(4)?,
    })
}
