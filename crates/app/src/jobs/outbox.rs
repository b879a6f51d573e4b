//! Sends what waits in the outbox. Messages leave after the commit that put them there, never inside it.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use countersign_delivery::gateway::{Gateway, Outgoing, SendError};
use countersign_store::Tx;
use countersign_store::messages::{self, MessageRow};

use crate::app::App;
use crate::error::AppError;

/// How many messages are taken at once. They are sent one after the other, each within [`ONE`]: so few that the last one is
/// done before its lease ends, and no other node sends it a second time.
const BATCH: u32 = 5;
/// How long a message stays ours before another node may take it.
const LEASE: Duration = Duration::from_secs(60);
/// How long a gateway may take for one message.
const ONE: Duration = Duration::from_secs(10);
const _: () = assert!(
    BATCH as u64 * ONE.as_secs() < LEASE.as_secs(),
    "a lease covers its batch"
);
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
    let (due, lost) = app
        .store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            messages::expire(tx, now).await?;
            let lost = messages::give_up_lost(tx, now, MOST_ATTEMPTS).await?;
            let due = messages::lease(tx, now, now.plus(LEASE), BATCH, MOST_ATTEMPTS).await?;
            Ok((due, lost))
        })
        .await?;
    if lost > 0 {
        tracing::warn!(
            messages = lost,
            "messages were given up: nobody ever came to the end of sending them"
        );
    }
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
        let sent = hand_over(gateway, outgoing, ONE).await;
        note(app, message, sent, codes).await?;
    }
    Ok(due.len())
}

/// Gives a message to a gateway, and waits for it only so long: those behind it are leased already.
async fn hand_over(gateway: &dyn Gateway, message: Outgoing<'_>, within: Duration) -> Result<(), SendError> {
    tokio::time::timeout(within, gateway.send(message))
        .await
        .unwrap_or_else(|_| Err(SendError::TryAgain("the gateway took too long".to_owned())))
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

#[cfg(test)]
mod tests {
    use countersign_delivery::gateway::Sending;
    use countersign_domain::ids::MessageId;
    use countersign_domain::time::Timestamp;

    use super::*;

    /// Takes a message and never says what became of it.
    struct Silent;

    impl Gateway for Silent {
        fn send<'a>(&'a self, _: Outgoing<'a>) -> Sending<'a> {
            Box::pin(std::future::pending())
        }
    }

    #[tokio::test]
    async fn a_gateway_that_never_answers_does_not_outlast_the_lease() {
        let message = Outgoing {
            id: MessageId::new(Timestamp::default(), [7; 10]),
            channel: "email",
            recipient: "dana@example.com",
            subject: None,
            text: "a text",
        };
        let sent = hand_over(&Silent, message, Duration::from_millis(1)).await;
        assert!(matches!(sent, Err(SendError::TryAgain(_))), "{sent:?}");
    }
}
