//! Keeps the directory's copy fresh, records the counts of refused requests, and forgets what is kept for a time only.

use std::future::Future;
use std::time::Duration;

use countersign_store::retention::{self, Kept};
use countersign_store::{Tx, idempotency};

use crate::app::App;
use crate::budgets;
use crate::directory::WATCH_EVERY;
use crate::error::AppError;
use crate::idempotency::KEPT_HOURS;
use crate::refusals;

/// How many looks at the directory lie between two clean-ups.
const LOOKS_BETWEEN_CLEANING: u32 = 1_200;
/// How many rows are forgotten in one transaction.
const BATCH: u32 = 1_000;
const DAY: Duration = Duration::from_secs(86_400);
/// How long failed sign-ins are kept: longer than any of them counts.
const FAILURES_KEPT: Duration = DAY;
/// How long sessions are kept after their end.
const SESSIONS_KEPT: Duration = Duration::from_secs(30 * 86_400);
/// How long half-open sign-ins, ceremonies and links are kept after their end: longer than any limit on them counts.
const SHORT_LIVED_KEPT: Duration = Duration::from_secs(7 * 86_400);
/// For how many days wrong tries of agents are kept: the longest budget counts thirty.
const AGENT_DAYS_KEPT: i64 = 31;
/// For how many days wrong tries of everybody are kept beyond their own, on which alone they count.
const WRONG_TRIES_KEPT: i64 = 1;
/// How long one-time PINs are kept after their life: as long as the messages that carried them.
const ONE_TIME_PINS_KEPT: Duration = MESSAGES_KEPT;
/// How long wrong tries and sendings of one-time PINs are kept: longer than any limit on them counts.
const ONE_TIME_PIN_COUNTS_KEPT: Duration = Duration::from_secs(2 * 86_400);
/// How long messages are kept after they were sent or given up.
pub const MESSAGES_KEPT: Duration = Duration::from_secs(30 * 86_400);

/// Watches for as long as the server runs. `messages` is how long messages that were sent are kept; without it, for ever:
/// the demo shows them on its phone.
pub async fn run(app: App, messages: Option<Duration>, shutdown: impl Future<Output = ()>) {
    let mut shutdown = std::pin::pin!(shutdown);
    let mut looks = 0_u32;
    loop {
        tokio::select! {
            () = &mut shutdown => {
                if let Err(error) = refusals::write_all(&app).await {
                    tracing::error!(%error, "the last counts of refused requests could not be recorded");
                }
                return;
            }
            () = tokio::time::sleep(WATCH_EVERY) => {}
        }
        if let Err(error) = app.reload_directory().await {
            tracing::error!(%error, "brands, policies and API clients could not be read again; the old ones stay in force");
        }
        if let Err(error) = refusals::write_due(&app).await {
            tracing::error!(%error, "counts of refused requests could not be recorded");
        }
        looks = looks.wrapping_add(1);
        if looks.is_multiple_of(LOOKS_BETWEEN_CLEANING)
            && let Err(error) = forget(&app, messages).await
        {
            tracing::error!(%error, "what is kept for a time only could not be forgotten");
        }
    }
}

/// Forgets what is older than the time for which it is kept: idempotency keys, failed sign-ins, sessions and remembered devices
/// that are over, half-open sign-ins, links, one-time PINs, wrong tries, spent budgets, and messages that were sent (`messages` as in [`run`]).
///
/// # Errors
/// [`AppError::Unavailable`].
pub async fn forget(app: &App, messages: Option<Duration>) -> Result<(), AppError> {
    let now = app.now();
    let before = now.minus(Duration::from_secs(KEPT_HOURS * 3600));
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            idempotency::forget_before(tx, before).await?;
            Ok(())
        })
        .await?;
    let today = budgets::day(now);
    let kinds = [
        Some(Kept::SignInFailures(now.minus(FAILURES_KEPT))),
        Some(Kept::Sessions(now.minus(SESSIONS_KEPT))),
        Some(Kept::AgentTries(today.saturating_sub(AGENT_DAYS_KEPT))),
        Some(Kept::WrongTries(today.saturating_sub(WRONG_TRIES_KEPT))),
        Some(Kept::SpentBudgets(today.saturating_sub(AGENT_DAYS_KEPT))),
        Some(Kept::SentCodes(today.saturating_sub(WRONG_TRIES_KEPT))),
        Some(Kept::ShortLived(now.minus(SHORT_LIVED_KEPT))),
        Some(Kept::Reports(now.minus(DAY))),
        Some(Kept::Devices(now.minus(SESSIONS_KEPT))),
        Some(Kept::OneTimePins(now.minus(ONE_TIME_PINS_KEPT))),
        Some(Kept::OneTimePinTries(now.minus(ONE_TIME_PIN_COUNTS_KEPT))),
        Some(Kept::OneTimePinSends(now.minus(ONE_TIME_PIN_COUNTS_KEPT))),
        messages.map(|kept| Kept::Messages(now.minus(kept))),
    ];
    for kept in kinds.into_iter().flatten() {
        while app
            .store()
            .write::<_, AppError, _>(async move |tx: &mut Tx| Ok(retention::forget(tx, kept, BATCH).await?))
            .await?
            >= u64::from(BATCH)
        {}
    }
    Ok(())
}
