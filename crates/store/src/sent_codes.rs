//! How many codes by SMS went to whom on which day (UTC): a limit that outlives the sign-in.

use countersign_domain::ids::SubjectId;

use crate::{StoreError, Tx, params};

/// Counts one that is to be sent on this day, counted from 1970. False when the day's are spent.
///
/// # Errors
/// [`StoreError`].
pub async fn debit(tx: &mut Tx, subject: SubjectId, day: i64, limit: u32) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "INSERT INTO sent_codes (subject_id, day, sends) VALUES ($1, $2, 1) \
             ON CONFLICT (day, subject_id) DO UPDATE SET sends = sent_codes.sends + 1 WHERE sent_codes.sends < $3",
            params![subject, day, limit],
        )
        .await?;
    Ok(done == 1)
}
