//! How many one-time PINs are sent: to one person, to one number, by one agent, by the brand (T20, E54).

use std::time::Duration;

use countersign_domain::access::Actor;
use countersign_domain::delivery::Recipient;
use countersign_domain::ids::PersonId;
use countersign_domain::one_time_pin::{RESEND_AFTER, wait_before_next};
use countersign_domain::time::Timestamp;
use countersign_store::{Tx, one_time_pins};

use crate::caller::Caller;
use crate::error::{AppError, SendLimit};

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

/// Counts one sending in every span. An error undoes the write, and so every count of it.
pub(super) async fn debit(
    tx: &mut Tx,
    caller: &Caller,
    person: PersonId,
    to: &Recipient,
    now: Timestamp,
) -> Result<(), AppError> {
    if !one_time_pins::note_send(tx, person, now, now.minus(RESEND_AFTER)).await? {
        let last = one_time_pins::last_send(tx, person).await?;
        let left = wait_before_next(last, now).unwrap_or(Duration::from_secs(1));
        return Err(AppError::SendTooSoon {
            retry_after_seconds: left.as_secs().max(1),
        });
    }
    let policy = &caller.brand.policy.one_time_pin;
    // Always in this order, so that two sendings never wait for each other.
    let mut spans = vec![
        (
            SendLimit::Person,
            person.to_string(),
            DAY,
            policy.sends_per_person_per_day.into(),
        ),
        (
            SendLimit::Number,
            to.address().to_owned(),
            HOUR,
            policy.sends_per_number_per_hour.into(),
        ),
    ];
    // A program has the brand's limit alone: behind one key stand all callers of a phone menu.
    if let Actor::Staff { id, .. } = caller.actor {
        let limit = policy.sends_per_agent_per_day.into();
        spans.push((SendLimit::Agent, id.to_string(), DAY, limit));
    }
    let brand = caller.brand.brand.id.to_string();
    spans.push((SendLimit::Brand, brand, DAY, policy.sends_per_brand_per_day));
    for (which, owner, length, limit) in spans {
        let begun = now.micros().div_euclid(length) * length;
        if !one_time_pins::debit_send(tx, &owner, Timestamp::from_micros(begun), limit).await? {
            let left = (begun + length - now.micros()) / 1_000_000 + 1;
            return Err(AppError::SendLimit {
                limit: which,
                retry_after_seconds: u64::try_from(left).unwrap_or(1),
            });
        }
    }
    Ok(())
}
