//! Sends what waits in the outbox. Messages leave after the commit that put them there, never inside it.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use countersign_delivery::gateway::{Gateway, Outgoing, SendError};
use countersign_store::Tx;
use countersign_store::messages::{self, MessageRow};

use crate::app::App;
use crate::error::AppError;

/// How many messages are taken at once.
const BATCH: u32 = 50;
/// How long a message stays ours before another node may take it.
const LEASE: Duration = Duration::from_secs(60);
/// How often the outbox is looked at when nobody called.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Tries before a message is given up.
const MOST_ATTEMPTS: u32 = 3;

/// What becomes of a sealed text, one that holds a code, once it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SentCodes {
    /// It is erased.
    Erased,
    /// It stays, sealed: only for the demo, whose phone shows it, and for tests.
    KeptForTheDemo,
}

/// Sends what is due and tells how many messages were taken. What holds a code that is of no use any more is erased unsent.
///
/// # Errors
/// [`AppError::Unavailable`] when the outbox cannot be read.
pub async fn send_due(app: &App, gateway: &dyn Gateway, codes: SentCodes) -> Result<usize, AppError> {
    let now = app.now();
    let due = app
        .store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            messages::expire(tx, now).await?;
            Ok(messages::lease(tx, now, now.plus(LEASE), BATCH).await?)
        })
        .await?;
    for message in &due {
        let text = match crate::messages::text_of(app, message) {
            Ok(text) => text,
            Err(error) => {
                // One text that does not open must not hold up those behind it.
                tracing::error!(message = %message.id, %error, "the text of a message cannot be opened");
                let gone = Err(SendError::GiveUp("its text cannot be opened".to_owned()));
                note(app, message, gone, codes).await?;
                continue;
            }
        };
        let outgoing = Outgoing {
            id: message.id,
            channel: &message.channel,
            recipient: &message.recipient,
            subject: message.subject.as_deref(),
            text: &text,
        };
        let sent = gateway.send(outgoing).await;
        note(app, message, sent, codes).await?;
    }
    Ok(due.len())
}

async fn note(
    app: &App,
    message: &MessageRow,
    sent: Result<(), SendError>,
    codes: SentCodes,
) -> Result<(), AppError> {
    let (id, attempt, now) = (message.id, message.attempts, app.now());
    let pause = Duration::from_secs(1_u64 << attempt.min(6));
    if let Err(error) = &sent {
        tracing::warn!(message = %id, attempt, %error, "a message was not sent");
    }
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            match &sent {
                Ok(()) => messages::sent(tx, id, attempt, now, codes == SentCodes::Erased).await?,
                Err(SendError::TryAgain(_)) if attempt < MOST_ATTEMPTS => {
                    messages::retry(tx, id, attempt, now.plus(pause)).await?
                }
                Err(_) => messages::failed(tx, id, attempt, now).await?,
            };
            Ok(())
        })
        .await
}

/// Sends for as long as the server runs.
pub async fn run(app: App, gateway: Arc<dyn Gateway>, codes: SentCodes, shutdown: impl Future<Output = ()>) {
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        match send_due(&app, gateway.as_ref(), codes).await {
            Ok(0) => {}
            Ok(_) => continue,
            Err(error) => tracing::error!(%error, "the outbox could not be sent"),
        }
        tokio::select! {
            () = &mut shutdown => return,
            () = app.outbox_woken() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}
