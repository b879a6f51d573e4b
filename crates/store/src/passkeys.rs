//! Passkeys, and the state between the two halves of a ceremony. The library's own JSON is kept as it is.

use countersign_domain::ids::{BrandId, SubjectId};
use countersign_domain::time::Timestamp;

use crate::sessions::Subject;
use crate::{Row, StoreError, Tx, params};

const COLUMNS_OF_SUBJECT: &str = "SELECT credential_id, subject_id, account_id, brand_id, passkey, name, created_at, \
    last_used_at FROM passkeys WHERE subject_id = $1 ORDER BY created_at";
const BY_CREDENTIAL: &str = "SELECT credential_id, subject_id, account_id, brand_id, passkey, name, created_at, \
    last_used_at FROM passkeys WHERE credential_id = $1";

/// A passkey as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyRow {
    /// The credential's id, as the authenticator names it.
    pub credential_id: Vec<u8>,
    /// Whose it is.
    pub subject: Subject,
    /// The library's passkey, as JSON.
    pub passkey: String,
    /// What its owner calls it.
    pub name: String,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
}

/// Adds a passkey, with the raw answer of its registration. Call [`second_factors::hold`](crate::second_factors::hold) and
/// [`raise_generation`](crate::second_factors::raise_generation) in the same write: without a row there the passkey is not
/// asked for.
///
/// # Errors
/// [`StoreError::Conflict`] when the credential is known already.
pub async fn insert(tx: &mut Tx, row: &PasskeyRow, registration: &str) -> Result<(), StoreError> {
    let (account, brand) = row.subject.home();
    tx.execute(
        "INSERT INTO passkeys (credential_id, subject_id, brand_id, account_id, passkey, registration, name, \
         created_at, last_used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL)",
        params![
            row.credential_id,
            row.subject.subject_id(),
            brand,
            account,
            row.passkey,
            registration,
            row.name,
            row.created_at,
        ],
    )
    .await
    .map(|_| ())
}

/// The passkeys of a subject, oldest first.
///
/// # Errors
/// [`StoreError`].
pub async fn list(tx: &mut Tx, subject: SubjectId) -> Result<Vec<PasskeyRow>, StoreError> {
    tx.query(COLUMNS_OF_SUBJECT, params![subject])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// How many passkeys a subject has.
///
/// # Errors
/// [`StoreError`].
pub async fn count(tx: &mut Tx, subject: SubjectId) -> Result<u32, StoreError> {
    tx.query_one(
        "SELECT COUNT(*) FROM passkeys WHERE subject_id = $1",
        params![subject],
    )
    .await?
    .get(0)
}

/// Finds a passkey by its credential's id.
///
/// # Errors
/// [`StoreError`].
pub async fn find(tx: &mut Tx, credential_id: &[u8]) -> Result<Option<PasskeyRow>, StoreError> {
    tx.query_opt(BY_CREDENTIAL, params![credential_id])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// Notes a use: `next` is the passkey as the library left it (its counter may have moved), `seen` what its signature was held
/// against. False when it is another one by now, or gone: of two that hold copies of one key, only one moves the counter on.
///
/// # Errors
/// [`StoreError`].
pub async fn note_use(
    tx: &mut Tx,
    credential_id: &[u8],
    (seen, next): (&str, &str),
    at: Timestamp,
) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "UPDATE passkeys SET passkey = $3, last_used_at = $4 WHERE credential_id = $1 AND passkey = $2",
            params![credential_id, seen, next, at],
        )
        .await?;
    Ok(done == 1)
}

/// Gives a passkey of a subject another name. False for another's.
///
/// # Errors
/// [`StoreError`].
pub async fn rename(
    tx: &mut Tx,
    subject: SubjectId,
    credential_id: &[u8],
    name: &str,
) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "UPDATE passkeys SET name = $3 WHERE credential_id = $1 AND subject_id = $2",
            params![credential_id, subject, name],
        )
        .await?;
    Ok(done == 1)
}

/// Removes a passkey of a subject. True for exactly one caller; false for another's.
///
/// # Errors
/// [`StoreError`].
pub async fn remove(tx: &mut Tx, subject: SubjectId, credential_id: &[u8]) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "DELETE FROM passkeys WHERE credential_id = $1 AND subject_id = $2",
            params![credential_id, subject],
        )
        .await?;
    Ok(done == 1)
}

/// Removes all passkeys of a subject and tells how many.
///
/// # Errors
/// [`StoreError`].
pub async fn remove_all(tx: &mut Tx, subject: SubjectId) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM passkeys WHERE subject_id = $1", params![subject])
        .await
}

/// What waits between the two halves of a ceremony.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ceremony {
    /// `register`, `sign_in`, `prove`, …: one of one purpose means nothing for another.
    pub purpose: String,
    /// For whom; none where the passkey is to tell.
    pub subject: Option<SubjectId>,
    /// In which brand's portal; none for the desk.
    pub brand: Option<BrandId>,
    /// The library's state, as JSON.
    pub state: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Keeps a ceremony's state under the digest of a token.
///
/// # Errors
/// [`StoreError`].
pub async fn begin_ceremony(
    tx: &mut Tx,
    ceremony: &Ceremony,
    token_hash: &[u8; 32],
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO passkey_ceremonies (token_hash, purpose, subject_id, brand_id, state, created_at, expires_at, \
         used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)",
        params![
            token_hash,
            ceremony.purpose,
            ceremony.subject,
            ceremony.brand,
            ceremony.state,
            ceremony.created_at,
            ceremony.expires_at,
        ],
    )
    .await
    .map(|_| ())
}

/// Takes a ceremony's state, once and in time only.
///
/// # Errors
/// [`StoreError`].
pub async fn end_ceremony(
    tx: &mut Tx,
    purpose: &str,
    token_hash: &[u8; 32],
    now: Timestamp,
) -> Result<Option<Ceremony>, StoreError> {
    tx.query_opt(
        "UPDATE passkey_ceremonies SET used_at = $3 \
         WHERE token_hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3 \
         RETURNING purpose, subject_id, brand_id, state, created_at, expires_at",
        params![token_hash, purpose, now],
    )
    .await?
    .map(|row| {
        Ok(Ceremony {
            purpose: row.get(0)?,
            subject: row.parse_option(1)?,
            brand: row.parse_option(2)?,
            state: row.get(3)?,
            created_at: row.get(4)?,
            expires_at: row.get(5)?,
        })
    })
    .transpose()
}

fn read(row: &Row) -> Result<PasskeyRow, StoreError> {
    Ok(PasskeyRow {
        credential_id: row.get(0)?,
        subject: Subject::from_columns(row.parse(1)?, row.parse_option(2)?, row.parse_option(3)?)
            .ok_or_else(|| StoreError::corrupt("passkeys", 2, "no account or brand"))?,
        passkey: row.get(4)?,
        name: row.get(5)?,
        created_at: row.get(6)?,
        last_used_at: row.get(7)?,
    })
}
