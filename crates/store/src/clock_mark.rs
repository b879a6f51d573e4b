//! The newest time at which this database was in use: no process begins before it, whatever its clock says (T34).

use countersign_domain::time::Timestamp;

use crate::{StoreError, Tx, params};

/// The mark; none before the first server ran.
///
/// # Errors
/// [`StoreError`].
pub async fn find(tx: &mut Tx) -> Result<Option<Timestamp>, StoreError> {
    let seen: Timestamp = tx
        .query_one("SELECT seen FROM clock_mark WHERE id = 1", params![])
        .await?
        .get(0)?;
    Ok((seen > Timestamp::default()).then_some(seen))
}

/// Moves the mark on to `seen`; never back.
///
/// # Errors
/// [`StoreError`].
pub async fn raise(tx: &mut Tx, seen: Timestamp) -> Result<(), StoreError> {
    tx.defer(
        "UPDATE clock_mark SET seen = $1 WHERE id = 1 AND seen < $1",
        params![seen],
    )
    .await
}

/// Sets the mark where somebody said that the clock is right and the mark is not.
///
/// # Errors
/// [`StoreError`].
pub async fn set(tx: &mut Tx, seen: Timestamp) -> Result<(), StoreError> {
    tx.defer("UPDATE clock_mark SET seen = $1 WHERE id = 1", params![seen])
        .await
}

/// Ends what was begun after `now`, by a clock that was ahead: those sign-ins, devices, links and checks would outlive all
/// others, those failures close a door for as long, and what was put off would wait for that time to come. Tells how many
/// sign-ins ended.
///
/// Rows that prove themselves (`pins`) and history are left as they are: their times are compared, never waited for.
///
/// # Errors
/// [`StoreError`].
pub async fn end_what_began_after(tx: &mut Tx, now: Timestamp) -> Result<u64, StoreError> {
    for statement in [
        "DELETE FROM sign_in_failures WHERE since > $1 OR closed_until > $1 + 86400000000",
        "UPDATE remembered_devices SET ended_at = $1 WHERE ended_at IS NULL AND (created_at > $1 OR last_used_at > $1)",
        "UPDATE half_open_sign_ins SET ended_at = $1, sms_mac = NULL WHERE ended_at IS NULL AND created_at > $1",
        "UPDATE single_use_links SET used_at = $1 WHERE used_at IS NULL AND created_at > $1",
        "UPDATE provider_sign_ins SET used_at = $1 WHERE used_at IS NULL AND created_at > $1",
        "UPDATE passkey_ceremonies SET used_at = $1 WHERE used_at IS NULL AND created_at > $1",
        "DELETE FROM phone_confirmations WHERE asked_at > $1",
        // How long a new number waits stays; from when is put right.
        "UPDATE people SET phone_usable_from = $1 + (phone_usable_from - phone_confirmed_at), phone_confirmed_at = $1 \
         WHERE phone_confirmed_at > $1",
        "UPDATE second_factors SET pending_sealed = NULL, pending_since = NULL, pending_tries = 0 \
         WHERE pending_since > $1",
        "UPDATE conversations SET verified_until = $1 WHERE verified_until > $1 AND verified_at > $1",
        "UPDATE conversations SET code_until = $1 WHERE code_until > $1 AND code_at > $1",
        "UPDATE one_time_pins SET ended_at = $1 WHERE ended_at IS NULL AND sent_at > $1",
        // Wrong tries stay counted, for a day from now; nobody waits longer than thirty seconds.
        "UPDATE one_time_pin_tries SET at = $1 WHERE at > $1",
        "UPDATE one_time_pin_people SET last_sent_at = $1 WHERE last_sent_at > $1",
        "DELETE FROM one_time_pin_sends WHERE since > $1",
        // No text goes out later than it was of use, and nothing waits for a time that was never due.
        "UPDATE messages SET useful_until = $1 WHERE state = 'queued' AND created_at > $1 AND useful_until > $1",
        "UPDATE messages SET next_at = $1, leased_until = 0 WHERE state = 'queued' AND (created_at > $1 \
         OR next_at > $1 + 86400000000 OR leased_until > $1 + 86400000000)",
    ] {
        tx.execute(statement, params![now]).await?;
    }
    // Codes up to the present one count as used: those of a time to come must not keep their owner out until then.
    let step = now.micros().div_euclid(30_000_000);
    tx.execute(
        "UPDATE second_factors SET totp_last_step = $1 WHERE totp_last_step > $1",
        params![step],
    )
    .await?;
    let today = now.micros().div_euclid(86_400_000_000);
    for statement in [
        "DELETE FROM agent_wrong_tries WHERE day > $1",
        "DELETE FROM wrong_tries WHERE day > $1",
        "DELETE FROM spent_budgets WHERE day > $1",
        "DELETE FROM sent_codes WHERE day > $1",
    ] {
        tx.execute(statement, params![today]).await?;
    }
    tx.execute(
        "UPDATE sessions SET ended_at = $1 WHERE ended_at IS NULL AND (created_at > $1 OR last_seen_at > $1)",
        params![now],
    )
    .await
}
