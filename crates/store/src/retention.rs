//! What is kept for a time only is forgotten, a batch at a time, so that nobody waits long behind it.

use countersign_domain::time::Timestamp;

use crate::{StoreError, Tx, params};

/// What can be forgotten.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kept {
    /// Failed sign-ins that began before this moment and close nothing any more.
    SignInFailures(Timestamp),
    /// Sessions that ended, or ran out, before this moment.
    Sessions(Timestamp),
    /// Agents' wrong tries of days before this one, counted from 1970.
    AgentTries(i64),
    /// Wrong tries by anybody of days before this one, counted from 1970.
    WrongTries(i64),
    /// Spent budgets of days before this one, counted from 1970.
    SpentBudgets(i64),
    /// Counts of codes by SMS of days before this one, counted from 1970.
    SentCodes(i64),
    /// Messages that were sent or given up before this moment. What is still to be sent stays.
    Messages(Timestamp),
    /// Reports of gateways from before this moment about messages that nobody knows.
    Reports(Timestamp),
    /// Half-open sign-ins, sign-ins at a provider, passkey ceremonies and single-use links that ran out before this moment, used or not.
    ShortLived(Timestamp),
    /// One-time PINs whose life was over before this moment.
    OneTimePins(Timestamp),
    /// Wrong tries of one-time PINs before this moment.
    OneTimePinTries(Timestamp),
    /// Counts of sent one-time PINs of spans that began before this moment.
    OneTimePinSends(Timestamp),
    /// Remembered devices that ended, or ran out, before this moment, with their tokens.
    Devices(Timestamp),
}

/// Forgets at most `batch` rows and tells how many: fewer than `batch` when nothing is left.
///
/// # Errors
/// [`StoreError`].
pub async fn forget(tx: &mut Tx, kept: Kept, batch: u32) -> Result<u64, StoreError> {
    match kept {
        Kept::SignInFailures(before) => {
            tx.execute(
                "DELETE FROM sign_in_failures WHERE (realm, key_hash) IN (SELECT realm, key_hash \
                 FROM sign_in_failures WHERE since < $1 AND closed_until < $1 LIMIT $2)",
                params![before, batch],
            )
            .await
        }
        Kept::Sessions(before) => {
            tx.execute(
                "DELETE FROM sessions WHERE id IN \
                 (SELECT id FROM sessions WHERE ended_at < $1 OR expires_at < $1 LIMIT $2)",
                params![before, batch],
            )
            .await
        }
        Kept::AgentTries(before) => {
            tx.execute(
                "DELETE FROM agent_wrong_tries WHERE (staff_id, day, holder_id) IN (SELECT staff_id, day, holder_id \
                 FROM agent_wrong_tries WHERE day < $1 LIMIT $2)",
                params![before, batch],
            )
            .await
        }
        Kept::WrongTries(before) => {
            tx.execute(
                "DELETE FROM wrong_tries WHERE (brand_id, day, actor_id, holder_id) IN \
                 (SELECT w.brand_id, w.day, w.actor_id, w.holder_id FROM brands b JOIN wrong_tries w \
                 ON w.brand_id = b.id AND w.day < $1 LIMIT $2)",
                params![before, batch],
            )
            .await
        }
        Kept::SpentBudgets(before) => {
            tx.execute(
                "DELETE FROM spent_budgets WHERE (owner_id, day) IN \
                 (SELECT owner_id, day FROM spent_budgets WHERE day < $1 LIMIT $2)",
                params![before, batch],
            )
            .await
        }
        Kept::SentCodes(before) => {
            tx.execute(
                "DELETE FROM sent_codes WHERE (day, subject_id) IN \
                 (SELECT day, subject_id FROM sent_codes WHERE day < $1 LIMIT $2)",
                params![before, batch],
            )
            .await
        }
        Kept::Messages(before) => {
            tx.execute(
                "DELETE FROM messages WHERE id IN \
                 (SELECT id FROM messages WHERE state <> 'queued' AND ended_at < $1 LIMIT $2)",
                params![before, batch],
            )
            .await
        }
        Kept::OneTimePins(before) => {
            tx.execute(
                "DELETE FROM one_time_pins WHERE (conversation_id, number) IN \
                 (SELECT conversation_id, number FROM one_time_pins WHERE expires_at < $1 LIMIT $2)",
                params![before, batch],
            )
            .await
        }
        Kept::OneTimePinTries(before) => {
            tx.execute(
                "DELETE FROM one_time_pin_tries WHERE (person_id, number) IN \
                 (SELECT person_id, number FROM one_time_pin_tries WHERE at < $1 LIMIT $2)",
                params![before, batch],
            )
            .await
        }
        Kept::OneTimePinSends(before) => {
            tx.execute(
                "DELETE FROM one_time_pin_sends WHERE (since, owner_id) IN \
                 (SELECT since, owner_id FROM one_time_pin_sends WHERE since < $1 LIMIT $2)",
                params![before, batch],
            )
            .await
        }
        Kept::Reports(before) => {
            tx.execute(
                "DELETE FROM delivery_reports WHERE (gateway, reference) IN \
                 (SELECT gateway, reference FROM delivery_reports WHERE at < $1 LIMIT $2)",
                params![before, batch],
            )
            .await
        }
        Kept::ShortLived(before) => short_lived(tx, before, batch).await,
        Kept::Devices(before) => {
            tx.execute(
                "DELETE FROM device_tokens WHERE token_hash IN (SELECT t.token_hash FROM device_tokens t \
                 JOIN remembered_devices d ON d.id = t.device_id \
                 WHERE d.ended_at < $1 OR d.expires_at < $1 LIMIT $2)",
                params![before, batch],
            )
            .await?;
            // A device goes after its last token, so that no token is ever left without one.
            tx.execute(
                "DELETE FROM remembered_devices WHERE id IN (SELECT d.id FROM remembered_devices d \
                 LEFT JOIN device_tokens t ON t.device_id = d.id \
                 WHERE (d.ended_at < $1 OR d.expires_at < $1) AND t.device_id IS NULL LIMIT $2)",
                params![before, batch],
            )
            .await
        }
    }
}

async fn short_lived(tx: &mut Tx, before: Timestamp, batch: u32) -> Result<u64, StoreError> {
    let mut most = 0;
    for statement in [
        "DELETE FROM half_open_sign_ins WHERE token_hash IN \
         (SELECT token_hash FROM half_open_sign_ins WHERE expires_at < $1 LIMIT $2)",
        "DELETE FROM passkey_ceremonies WHERE token_hash IN \
         (SELECT token_hash FROM passkey_ceremonies WHERE expires_at < $1 LIMIT $2)",
        "DELETE FROM provider_sign_ins WHERE state_hash IN \
         (SELECT state_hash FROM provider_sign_ins WHERE expires_at < $1 LIMIT $2)",
        "DELETE FROM single_use_links WHERE token_hash IN \
         (SELECT token_hash FROM single_use_links WHERE expires_at < $1 LIMIT $2)",
    ] {
        most = most.max(tx.execute(statement, params![before, batch]).await?);
    }
    Ok(most)
}
