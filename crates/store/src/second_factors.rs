//! The second factors of people and staff: the authenticator, the count of wrong codes, the codes on paper.
//!
//! Every change stands under a guard: a step is accepted once, a code is used once, a wrong code is counted below the limit.

use countersign_domain::ids::{BrandId, SubjectId};
use countersign_domain::time::Timestamp;

use crate::{Row, StoreError, Taking, Tx, params};

/// The columns in the order in which [`read`] takes them.
macro_rules! columns {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            "subject_id, brand_id, generation, wrong_codes, closed_at, set_up_anew, totp_sealed, totp_version, \
             totp_confirmed_at, totp_last_step, pending_sealed, pending_since, pending_tries, code_set",
            $after
        )
    };
}

/// A confirmed authenticator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totp {
    /// The sealed secret.
    pub sealed: Vec<u8>,
    /// The version under which it was sealed.
    pub version: u64,
    /// When the first good code was given.
    pub confirmed_at: Timestamp,
    /// The last step that was accepted.
    pub last_step: u64,
}

/// An authenticator that waits for its first good code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The sealed secret; its version is the next one.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub since: Timestamp,
    /// Wrong codes for it.
    pub tries: u32,
}

/// The row of a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondFactorRow {
    /// Whose it is.
    pub subject: SubjectId,
    /// A person's brand; none for staff.
    pub brand: Option<BrandId>,
    /// Rises with every change of password or factors.
    pub generation: u64,
    /// Wrong codes that count.
    pub wrong_codes: u32,
    /// Since when too many of them close it.
    pub closed_at: Option<Timestamp>,
    /// Whether somebody else switched it off, so that the subject is asked to set it up anew.
    pub set_up_anew: bool,
    /// The version of the last authenticator that there ever was.
    pub totp_version: u64,
    /// The authenticator in force.
    pub totp: Option<Totp>,
    /// The one that is to take its place.
    pub pending: Option<Pending>,
    /// Counts the sets of codes on paper; 0 when there never was one.
    pub code_set: u64,
}

/// A MAC of a code as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeMac {
    /// The MAC.
    pub mac: [u8; 32],
    /// The root key behind it.
    pub key: u32,
}

/// Takes a subject's row, so that what happens to it at once goes one after another; makes it where there is none yet.
///
/// # Errors
/// [`StoreError`].
pub async fn hold(
    tx: &mut Tx,
    subject: SubjectId,
    brand: Option<BrandId>,
) -> Result<SecondFactorRow, StoreError> {
    let row = tx
        .query_one(
            columns!(
                "INSERT INTO second_factors (subject_id, brand_id, generation, wrong_codes, set_up_anew, totp_version, \
                 totp_last_step, pending_tries, code_set) VALUES ($1, $2, 1, 0, 0, 0, 0, 0, 0) \
                 ON CONFLICT (subject_id) DO UPDATE SET generation = second_factors.generation RETURNING ",
                ""
            ),
            params![subject, brand],
        )
        .await?;
    read(&row)
}

/// Takes a subject's row where there is one, and makes none: whoever never had a second factor has nothing to wait for.
///
/// # Errors
/// [`StoreError`].
pub async fn take(tx: &mut Tx, subject: SubjectId) -> Result<Option<SecondFactorRow>, StoreError> {
    const ROW: Taking = Taking {
        read: columns!("SELECT ", " FROM second_factors WHERE subject_id = $1"),
        lock: columns!(
            "UPDATE second_factors SET generation = generation WHERE subject_id = $1 RETURNING ",
            ""
        ),
    };
    tx.take(&ROW, params![subject])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// Reads a subject's row.
///
/// # Errors
/// [`StoreError`].
pub async fn find(tx: &mut Tx, subject: SubjectId) -> Result<Option<SecondFactorRow>, StoreError> {
    tx.query_opt(
        columns!("SELECT ", " FROM second_factors WHERE subject_id = $1"),
        params![subject],
    )
    .await?
    .as_ref()
    .map(read)
    .transpose()
}

/// Counts one code before it is looked at. False when the factor is closed, or the limit is reached.
///
/// # Errors
/// [`StoreError`].
pub async fn debit(tx: &mut Tx, subject: SubjectId, limit: u32) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "UPDATE second_factors SET wrong_codes = wrong_codes + 1 \
             WHERE subject_id = $1 AND wrong_codes < $2 AND closed_at IS NULL",
            params![subject, limit],
        )
        .await?;
    Ok(done == 1)
}

/// Takes counted codes back that were right, or were mistyped by one who then proved who they are.
///
/// # Errors
/// [`StoreError`].
pub async fn give_back(tx: &mut Tx, subject: SubjectId, codes: u32) -> Result<(), StoreError> {
    tx.defer(
        "UPDATE second_factors SET wrong_codes = CASE WHEN wrong_codes > $2 THEN wrong_codes - $2 ELSE 0 END \
         WHERE subject_id = $1 AND closed_at IS NULL",
        params![subject, codes],
    )
    .await
}

/// Closes the factor for sign-in where the limit is reached. True for exactly one caller.
///
/// # Errors
/// [`StoreError`].
pub async fn close(tx: &mut Tx, subject: SubjectId, limit: u32, at: Timestamp) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "UPDATE second_factors SET closed_at = $3 \
             WHERE subject_id = $1 AND wrong_codes >= $2 AND closed_at IS NULL",
            params![subject, limit, at],
        )
        .await?;
    Ok(done == 1)
}

/// Opens a closed factor and begins to count anew: after a recovery.
///
/// # Errors
/// [`StoreError`].
pub async fn reopen(tx: &mut Tx, subject: SubjectId) -> Result<(), StoreError> {
    tx.defer(
        "UPDATE second_factors SET wrong_codes = 0, closed_at = NULL WHERE subject_id = $1",
        params![subject],
    )
    .await
}

/// Accepts a step of the authenticator of this version. True once for each step, and never for one that is not later than the
/// last (T17, E44).
///
/// # Errors
/// [`StoreError`].
pub async fn accept_step(
    tx: &mut Tx,
    subject: SubjectId,
    version: u64,
    step: u64,
) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "UPDATE second_factors SET totp_last_step = $3 WHERE subject_id = $1 AND totp_version = $2 \
             AND totp_confirmed_at IS NOT NULL AND totp_last_step < $3",
            params![subject, version, step],
        )
        .await?;
    Ok(done == 1)
}

/// Puts an authenticator in place that waits for its first good code; an earlier one that waits is forgotten, one in force
/// stays.
///
/// # Errors
/// [`StoreError`].
pub async fn put_pending(
    tx: &mut Tx,
    subject: SubjectId,
    sealed: &[u8],
    since: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE second_factors SET pending_sealed = $2, pending_since = $3, pending_tries = 0 WHERE subject_id = $1",
        params![subject, sealed, since],
    )
    .await
    .map(|_| ())
}

/// Counts one code for the authenticator that waits, before it is looked at. False past the limit, or when none waits.
///
/// # Errors
/// [`StoreError`].
pub async fn debit_pending(tx: &mut Tx, subject: SubjectId, limit: u32) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "UPDATE second_factors SET pending_tries = pending_tries + 1 \
             WHERE subject_id = $1 AND pending_sealed IS NOT NULL AND pending_tries < $2",
            params![subject, limit],
        )
        .await?;
    Ok(done == 1)
}

/// Puts the authenticator that waits, made at `since`, in force with its first accepted step. The generation rises, the count
/// begins anew. True for exactly one caller.
///
/// # Errors
/// [`StoreError`].
pub async fn confirm_pending(
    tx: &mut Tx,
    subject: SubjectId,
    since: Timestamp,
    step: u64,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "UPDATE second_factors SET totp_sealed = pending_sealed, totp_version = totp_version + 1, \
             totp_confirmed_at = $4, totp_last_step = $3, pending_sealed = NULL, pending_since = NULL, \
             pending_tries = 0, generation = generation + 1, wrong_codes = 0, closed_at = NULL, set_up_anew = 0 \
             WHERE subject_id = $1 AND pending_sealed IS NOT NULL AND pending_since = $2",
            params![subject, since, step, at],
        )
        .await?;
    Ok(done == 1)
}

/// Takes the authenticator away, also one that waits. The generation rises, the count begins anew.
///
/// # Errors
/// [`StoreError`].
pub async fn remove_totp(tx: &mut Tx, subject: SubjectId, set_up_anew: bool) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE second_factors SET totp_sealed = NULL, totp_confirmed_at = NULL, pending_sealed = NULL, \
         pending_since = NULL, pending_tries = 0, generation = generation + 1, wrong_codes = 0, closed_at = NULL, \
         set_up_anew = $2 WHERE subject_id = $1",
        params![subject, set_up_anew],
    )
    .await
    .map(|_| ())
}

/// Raises the generation: remembered devices and half-open sign-ins of the one before no longer count. For a new password,
/// and for passkeys that come or go. A subject without a row has none of either.
///
/// # Errors
/// [`StoreError`].
pub async fn raise_generation(tx: &mut Tx, subject: SubjectId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE second_factors SET generation = generation + 1 WHERE subject_id = $1",
        params![subject],
    )
    .await
    .map(|_| ())
}

/// Notes that nothing is to be set up anew any more: a passkey was.
///
/// # Errors
/// [`StoreError`].
pub async fn note_set_up(tx: &mut Tx, subject: SubjectId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE second_factors SET set_up_anew = $2 WHERE subject_id = $1",
        params![subject, false],
    )
    .await
    .map(|_| ())
}

/// Puts a new set of codes on paper in the place of the old one, which no longer counts.
///
/// # Errors
/// [`StoreError`].
pub async fn put_codes(
    tx: &mut Tx,
    subject: SubjectId,
    set: u64,
    backup: &[CodeMac],
    recovery: CodeMac,
) -> Result<(), StoreError> {
    forget_codes(tx, subject).await?;
    tx.execute(
        "UPDATE second_factors SET code_set = $2 WHERE subject_id = $1 AND code_set < $2",
        params![subject, set],
    )
    .await?;
    for (number, code) in (1_u32..).zip(backup) {
        tx.execute(
            "INSERT INTO backup_codes (subject_id, code_set, number, mac, mac_key, used_at) \
             VALUES ($1, $2, $3, $4, $5, NULL)",
            params![subject, set, number, code.mac, code.key],
        )
        .await?;
    }
    tx.execute(
        "INSERT INTO recovery_codes (subject_id, code_set, mac, mac_key, used_at) VALUES ($1, $2, $3, $4, NULL)",
        params![subject, set, recovery.mac, recovery.key],
    )
    .await
    .map(|_| ())
}

/// Forgets all codes on paper.
///
/// # Errors
/// [`StoreError`].
pub async fn forget_codes(tx: &mut Tx, subject: SubjectId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM backup_codes WHERE subject_id = $1", params![subject])
        .await?;
    tx.execute(
        "DELETE FROM recovery_codes WHERE subject_id = $1",
        params![subject],
    )
    .await
    .map(|_| ())
}

/// The unused backup codes of a set, by number.
///
/// # Errors
/// [`StoreError`].
pub async fn unused_backup_codes(
    tx: &mut Tx,
    subject: SubjectId,
    set: u64,
) -> Result<Vec<(u32, CodeMac)>, StoreError> {
    tx.query(
        "SELECT number, mac, mac_key FROM backup_codes \
         WHERE subject_id = $1 AND code_set = $2 AND used_at IS NULL ORDER BY number",
        params![subject, set],
    )
    .await?
    .iter()
    .map(|row| {
        Ok((
            row.get(0)?,
            CodeMac {
                mac: row.get(1)?,
                key: row.get(2)?,
            },
        ))
    })
    .collect()
}

/// Uses one backup code up. True for exactly one caller (T18, E45).
///
/// # Errors
/// [`StoreError`].
pub async fn use_backup_code(
    tx: &mut Tx,
    subject: SubjectId,
    set: u64,
    number: u32,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "UPDATE backup_codes SET used_at = $4 \
             WHERE subject_id = $1 AND code_set = $2 AND number = $3 AND used_at IS NULL",
            params![subject, set, number, at],
        )
        .await?;
    Ok(done == 1)
}

/// The recovery code of a set, unless it was used.
///
/// # Errors
/// [`StoreError`].
pub async fn unused_recovery_code(
    tx: &mut Tx,
    subject: SubjectId,
    set: u64,
) -> Result<Option<CodeMac>, StoreError> {
    tx.query_opt(
        "SELECT mac, mac_key FROM recovery_codes WHERE subject_id = $1 AND code_set = $2 AND used_at IS NULL",
        params![subject, set],
    )
    .await?
    .map(|row| {
        Ok(CodeMac {
            mac: row.get(0)?,
            key: row.get(1)?,
        })
    })
    .transpose()
}

/// Uses the recovery code up. True for exactly one caller.
///
/// # Errors
/// [`StoreError`].
pub async fn use_recovery_code(
    tx: &mut Tx,
    subject: SubjectId,
    set: u64,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "UPDATE recovery_codes SET used_at = $3 WHERE subject_id = $1 AND code_set = $2 AND used_at IS NULL",
            params![subject, set, at],
        )
        .await?;
    Ok(done == 1)
}

fn read(row: &Row) -> Result<SecondFactorRow, StoreError> {
    let totp_version = row.get(7)?;
    let (sealed, confirmed_at): (Option<Vec<u8>>, Option<Timestamp>) = (row.get(6)?, row.get(8)?);
    let totp = match (sealed, confirmed_at) {
        (Some(sealed), Some(confirmed_at)) => Some(Totp {
            sealed,
            version: totp_version,
            confirmed_at,
            last_step: row.get(9)?,
        }),
        (None, None) => None,
        _ => return Err(StoreError::corrupt("second_factors", 6, "half an authenticator")),
    };
    let (waiting, since): (Option<Vec<u8>>, Option<Timestamp>) = (row.get(10)?, row.get(11)?);
    let pending = match (waiting, since) {
        (Some(sealed), Some(since)) => Some(Pending {
            sealed,
            since,
            tries: row.get(12)?,
        }),
        (None, None) => None,
        _ => return Err(StoreError::corrupt("second_factors", 10, "half an authenticator")),
    };
    Ok(SecondFactorRow {
        subject: row.parse(0)?,
        brand: row.parse_option(1)?,
        generation: row.get(2)?,
        wrong_codes: row.get(3)?,
        closed_at: row.get(4)?,
        set_up_anew: row.get(5)?,
        totp_version,
        totp,
        pending,
        code_set: row.get(13)?,
    })
}
