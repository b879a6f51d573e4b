//! Messages: those that hold a code are sealed in the outbox; and the last ones that left the house, for the demo's phone.

use countersign_domain::delivery::Channel;
use countersign_domain::ids::{AccountId, BrandId, MessageId};
use countersign_domain::time::Timestamp;
use countersign_store::Tx;
use countersign_store::messages::{self, MessageRow};
use countersign_vault::{Place, Sealed};
use zeroize::Zeroizing;

use crate::app::App;
use crate::error::{AppError, Cause};

/// A message that holds a code.
pub(crate) struct SealedMessage<'a> {
    /// Whose name it is sent in.
    pub(crate) brand: BrandId,
    /// The account that it is about.
    pub(crate) account: Option<AccountId>,
    /// By which way.
    pub(crate) channel: Channel,
    /// The number or address.
    pub(crate) recipient: &'a str,
    /// The subject of a mail.
    pub(crate) subject: Option<&'a str>,
    /// The text.
    pub(crate) text: &'a str,
    /// The end of the code's life: it is never sent after that.
    pub(crate) useful_until: Timestamp,
}

/// Puts a message that holds a code into the outbox. Its text is sealed there, and erased once it was sent or is of no use.
/// Tells its id.
pub(crate) async fn enqueue_sealed(
    app: &App,
    tx: &mut Tx,
    message: &SealedMessage<'_>,
    now: Timestamp,
) -> Result<MessageId, AppError> {
    let id = app.new_message_id(now)?;
    let row_id = id.to_string();
    let sealed = app.vault().seal(
        &place(message.brand, &row_id),
        app.entropy().bytes()?,
        message.text.as_bytes(),
    )?;
    let row = MessageRow {
        id,
        brand: message.brand,
        account: message.account,
        channel: message.channel.name().to_owned(),
        recipient: message.recipient.to_owned(),
        subject: message.subject.map(str::to_owned),
        body: String::new(),
        sealed_body: Some(sealed.to_bytes()),
        useful_until: Some(message.useful_until),
        created_at: now,
        attempts: 0,
    };
    messages::insert(tx, &row).await?;
    Ok(id)
}

/// The text of a message, opened where it is sealed; empty where it was erased.
pub(crate) fn text_of(app: &App, message: &MessageRow) -> Result<Zeroizing<String>, AppError> {
    let Some(sealed) = &message.sealed_body else {
        return Ok(Zeroizing::new(message.body.clone()));
    };
    let row_id = message.id.to_string();
    let opened = app
        .vault()
        .open(&place(message.brand, &row_id), &Sealed::from_bytes(sealed)?)?;
    std::str::from_utf8(opened.expose())
        .map(|text| Zeroizing::new(text.to_owned()))
        .map_err(|_| AppError::Unavailable(Cause::Corrupt("the text of a message is no text".to_owned())))
}

const fn place(brand: BrandId, row: &str) -> Place<'_> {
    Place {
        brand: Some(brand),
        row,
        field: "message_body",
        version: 0,
    }
}

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
    rows.into_iter()
        .rev()
        .map(|row| {
            let text = text_of(app, &row)?.to_string();
            Ok(SentMessage {
                at: row.created_at,
                brand: directory
                    .brand(row.brand)
                    .map(|entry| entry.brand.slug.as_str().to_owned())
                    .unwrap_or_default(),
                channel: row.channel,
                to: row.recipient,
                subject: row.subject,
                text,
            })
        })
        .collect()
}
