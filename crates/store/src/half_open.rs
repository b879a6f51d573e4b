//! Sign-ins whose password was right and whose second factor is still to come. Stored under the digest of their token.

use countersign_domain::factor::HalfOpen;
use countersign_domain::factor::sign_in::{MOST_SMS_CHECKS, MOST_SMS_SENDS};
use countersign_domain::ids::SubjectId;
use countersign_domain::time::Timestamp;

use crate::second_factors::CodeMac;
use crate::sessions::Subject;
use crate::{Row, StoreError, Tx, params};

/// The columns in the order in which [`read`] takes them.
const BY_TOKEN: &str = "SELECT id, subject_id, account_id, brand_id, generation, browser, created_at, expires_at, \
    ended_at, wrong_codes, sms_sends, sms_checks, sms_mac, sms_mac_key, sms_until FROM half_open_sign_ins \
    WHERE token_hash = $1";
/// The same row, taken: what happens to it at once goes one after another.
const HOLD: &str = "UPDATE half_open_sign_ins SET expires_at = expires_at WHERE token_hash = $1 \
    RETURNING id, subject_id, account_id, brand_id, generation, browser, created_at, expires_at, \
    ended_at, wrong_codes, sms_sends, sms_checks, sms_mac, sms_mac_key, sms_until";

/// A half-open sign-in as it is stored.
#[derive(Clone, Debug)]
pub struct HalfOpenRow {
    /// Its id, which owns its codes by SMS. Not its token.
    pub id: String,
    /// Who signs in.
    pub subject: Subject,
    /// The browser, in words.
    pub browser: String,
    /// When it began.
    pub created_at: Timestamp,
    /// Its state.
    pub state: HalfOpen,
    /// The MAC of the last code by SMS, if one was sent.
    pub sms_code: Option<CodeMac>,
}

/// Adds one under the digest of its token.
///
/// # Errors
/// [`StoreError`].
pub async fn insert(tx: &mut Tx, row: &HalfOpenRow, token_hash: &[u8; 32]) -> Result<(), StoreError> {
    let (account, brand) = row.subject.home();
    tx.execute(
        "INSERT INTO half_open_sign_ins (token_hash, id, subject_id, account_id, brand_id, generation, browser, \
         created_at, expires_at, ended_at, wrong_codes, sms_sends, sms_checks, sms_mac, sms_mac_key, sms_until) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL, 0, 0, 0, NULL, 0, NULL)",
        params![
            token_hash,
            row.id,
            row.subject.subject_id(),
            account,
            brand,
            row.state.generation,
            row.browser,
            row.created_at,
            row.state.expires_at,
        ],
    )
    .await
    .map(|_| ())
}

/// Reads the one of a token.
///
/// # Errors
/// [`StoreError`].
pub async fn find(tx: &mut Tx, token_hash: &[u8; 32]) -> Result<Option<HalfOpenRow>, StoreError> {
    tx.query_opt(BY_TOKEN, params![token_hash])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// Takes the one of a token, so that what happens to it at once goes one after another.
///
/// # Errors
/// [`StoreError`].
pub async fn hold(tx: &mut Tx, token_hash: &[u8; 32]) -> Result<Option<HalfOpenRow>, StoreError> {
    tx.query_opt(HOLD, params![token_hash])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// Ends one. True for exactly one caller, who goes on with it.
///
/// # Errors
/// [`StoreError`].
pub async fn end(tx: &mut Tx, token_hash: &[u8; 32], at: Timestamp) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "UPDATE half_open_sign_ins SET ended_at = $2, sms_mac = NULL WHERE token_hash = $1 AND ended_at IS NULL",
            params![token_hash, at],
        )
        .await?;
    Ok(done == 1)
}

/// Ends all of a subject.
///
/// # Errors
/// [`StoreError`].
pub async fn end_all(tx: &mut Tx, subject: SubjectId, at: Timestamp) -> Result<u64, StoreError> {
    tx.execute(
        "UPDATE half_open_sign_ins SET ended_at = $2, sms_mac = NULL WHERE subject_id = $1 AND ended_at IS NULL",
        params![subject, at],
    )
    .await
}

/// Notes one more wrong code in it.
///
/// # Errors
/// [`StoreError`].
pub async fn note_wrong(tx: &mut Tx, token_hash: &[u8; 32]) -> Result<(), StoreError> {
    tx.defer(
        "UPDATE half_open_sign_ins SET wrong_codes = wrong_codes + 1 WHERE token_hash = $1",
        params![token_hash],
    )
    .await
}

/// Notes one more wrong recovery code in it, or a passkey that does not count, and tells how many those are: what stands outside
/// of the count that closes the factor.
///
/// # Errors
/// [`StoreError`].
pub async fn note_wrong_recovery(tx: &mut Tx, token_hash: &[u8; 32]) -> Result<u32, StoreError> {
    tx.query_one(
        "UPDATE half_open_sign_ins SET recovery_tries = recovery_tries + 1 WHERE token_hash = $1 \
         RETURNING recovery_tries",
        params![token_hash],
    )
    .await?
    .get(0)
}

/// Puts a code by SMS in the place of the last one, and counts it. False past the limits; the checks stay counted (T13).
///
/// # Errors
/// [`StoreError`].
pub async fn put_sms_code(
    tx: &mut Tx,
    token_hash: &[u8; 32],
    code: CodeMac,
    until: Timestamp,
) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "UPDATE half_open_sign_ins SET sms_sends = sms_sends + 1, sms_mac = $2, sms_mac_key = $3, sms_until = $4 \
             WHERE token_hash = $1 AND ended_at IS NULL AND sms_sends < $5 AND sms_checks < $6",
            params![token_hash, code.mac, code.key, until, MOST_SMS_SENDS, MOST_SMS_CHECKS],
        )
        .await?;
    Ok(done == 1)
}

/// Counts one check of a code by SMS, before it is looked at. False past the limit, or when there is no code in time.
///
/// # Errors
/// [`StoreError`].
pub async fn debit_sms_check(tx: &mut Tx, token_hash: &[u8; 32], now: Timestamp) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "UPDATE half_open_sign_ins SET sms_checks = sms_checks + 1 WHERE token_hash = $1 AND ended_at IS NULL \
             AND sms_mac IS NOT NULL AND sms_until > $2 AND sms_checks < $3",
            params![token_hash, now, MOST_SMS_CHECKS],
        )
        .await?;
    Ok(done == 1)
}

fn read(row: &Row) -> Result<HalfOpenRow, StoreError> {
    let ended: Option<Timestamp> = row.get(8)?;
    let mac: Option<[u8; 32]> = row.get(12)?;
    let key = row.get(13)?;
    Ok(HalfOpenRow {
        id: row.get(0)?,
        subject: Subject::from_columns(row.parse(1)?, row.parse_option(2)?, row.parse_option(3)?)
            .ok_or_else(|| StoreError::corrupt("half_open_sign_ins", 2, "no account or brand"))?,
        browser: row.get(5)?,
        created_at: row.get(6)?,
        state: HalfOpen {
            generation: row.get(4)?,
            expires_at: row.get(7)?,
            ended: ended.is_some(),
            wrong_codes: row.get(9)?,
            sms_sends: row.get(10)?,
            sms_checks: row.get(11)?,
            sms_until: row.get(14)?,
        },
        sms_code: mac.map(|mac| CodeMac { mac, key }),
    })
}
