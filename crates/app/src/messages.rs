//! Use case: the last messages that left the house, for the demo's phone.

use countersign_domain::time::Timestamp;
use countersign_store::messages;

use crate::app::App;
use crate::error::AppError;

/// A message that was sent.
#[derive(Clone, Debug)]
pub struct SentMessage {
    /// When it was put into the outbox.
    pub at: Timestamp,
    /// The brand's slug.
    pub brand: String,
    /// `sms`, `voice` or `email`.
    pub channel: String,
    /// The number or address.
    pub to: String,
    /// A mail's subject.
    pub subject: Option<String>,
    /// The text.
    pub text: String,
}

/// The last messages, newest last.
///
/// # Errors
/// [`AppError::Unavailable`].
pub async fn newest(app: &App, limit: u32) -> Result<Vec<SentMessage>, AppError> {
    let rows = app
        .store()
        .read::<_, AppError, _>(async |tx| Ok(messages::list_newest(tx, limit).await?))
        .await?;
    let directory = app.directory().current();
    Ok(rows
        .into_iter()
        .rev()
        .map(|row| SentMessage {
            at: row.created_at,
            brand: directory
                .brand(row.brand)
                .map(|entry| entry.brand.slug.as_str().to_owned())
                .unwrap_or_default(),
            channel: row.channel,
            to: row.recipient,
            subject: row.subject,
            text: row.body,
        })
        .collect())
}
