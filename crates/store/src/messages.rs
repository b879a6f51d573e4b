//! The outbox: messages are rows that a job sends after the commit.

use countersign_domain::ids::{AccountId, BrandId, MessageId};
use countersign_domain::time::Timestamp;

use crate::{Row, StoreError, Tx, params};

/// A message as it is stored.
#[derive(Clone, Debug)]
pub struct MessageRow {
    /// Its id, which is also its idempotency key at a gateway.
    pub id: MessageId,
    /// Whose name it is sent in.
    pub brand: BrandId,
    /// The account that it is about.
    pub account: Option<AccountId>,
    /// `sms`, `voice` or `email`.
    pub channel: String,
    /// The number or address.
    pub recipient: String,
    /// A mail's subject.
    pub subject: Option<String>,
    /// The text; empty where it is sealed.
    pub body: String,
    /// The sealed text of a message that holds a code. Erased once the message was sent or is of no use any more.
    pub sealed_body: Option<Vec<u8>>,
    /// When it is of no use any more, where it holds a code.
    pub useful_until: Option<Timestamp>,
    /// When it was put here.
    pub created_at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
}

/// Puts a message into the outbox.
///
/// # Errors
/// [`StoreError`], here or at the commit.
pub async fn insert(tx: &mut Tx, message: &MessageRow) -> Result<(), StoreError> {
    tx.defer(
        "INSERT INTO messages (id, brand_id, account_id, channel, recipient, subject, body, created_at, state, attempts, \
         next_at, leased_until, ended_at, sealed_body, useful_until) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', 0, $8, 0, NULL, $9, $10)",
        params![
            message.id,
            message.brand,
            message.account,
            message.channel,
            message.recipient,
            message.subject,
            message.body,
            message.created_at,
            message.sealed_body,
            message.useful_until,
        ],
    )
    .await
}

/// Leases due messages to this caller until `until`: none that is of no use any more, and none that was leased
/// `most_attempts` times. The lease condition stands in the outer UPDATE too: without it PostgreSQL hands one message to
/// several callers.
///
/// # Errors
/// [`StoreError`].
pub async fn lease(
    tx: &mut Tx,
    now: Timestamp,
    until: Timestamp,
    limit: u32,
    most_attempts: u32,
) -> Result<Vec<MessageRow>, StoreError> {
    tx.query(
        "UPDATE messages SET leased_until = $2, attempts = attempts + 1 WHERE id IN \
         (SELECT id FROM messages WHERE state = 'queued' AND next_at <= $1 AND leased_until < $1 \
          AND (useful_until IS NULL OR useful_until > $1) AND attempts < $4 \
          ORDER BY next_at LIMIT $3) \
         AND state = 'queued' AND leased_until < $1 \
         RETURNING id, brand_id, account_id, channel, recipient, subject, body, created_at, attempts, \
         sealed_body, useful_until",
        params![now, until, limit, most_attempts],
    )
    .await?
    .iter()
    .map(read)
    .collect()
}

/// Notes that a message is out of the house. Only the holder of the attempt's lease can. `erase` takes a sealed text away:
/// always, but for the demo, whose phone shows it.
///
/// # Errors
/// [`StoreError`].
pub async fn sent(
    tx: &mut Tx,
    id: MessageId,
    attempt: u32,
    at: Timestamp,
    erase: bool,
) -> Result<bool, StoreError> {
    let sql = if erase {
        "UPDATE messages SET state = 'sent', ended_at = $3, sealed_body = NULL \
         WHERE id = $1 AND attempts = $2 AND state = 'queued'"
    } else {
        "UPDATE messages SET state = 'sent', ended_at = $3 WHERE id = $1 AND attempts = $2 AND state = 'queued'"
    };
    end(tx, sql, id, attempt, at).await
}

/// Ends messages that are of no use any more, unsent, and erases their texts. Tells how many.
///
/// # Errors
/// [`StoreError`].
pub async fn expire(tx: &mut Tx, now: Timestamp) -> Result<u64, StoreError> {
    tx.execute(
        "UPDATE messages SET state = 'expired', ended_at = $1, sealed_body = NULL \
         WHERE state = 'queued' AND useful_until IS NOT NULL AND useful_until <= $1 AND leased_until < $1",
        params![now],
    )
    .await
}

/// Gives up what was leased `most_attempts` times and never noted as sent or put back: whoever tried ended in the middle
/// of it, every time. Tells how many.
///
/// # Errors
/// [`StoreError`].
pub async fn give_up_lost(tx: &mut Tx, now: Timestamp, most_attempts: u32) -> Result<u64, StoreError> {
    tx.execute(
        "UPDATE messages SET state = 'failed', ended_at = $1, sealed_body = NULL \
         WHERE state = 'queued' AND next_at <= $1 AND leased_until < $1 AND attempts >= $2",
        params![now, most_attempts],
    )
    .await
}

/// Gives a message up.
///
/// # Errors
/// [`StoreError`].
pub async fn failed(tx: &mut Tx, id: MessageId, attempt: u32, at: Timestamp) -> Result<bool, StoreError> {
    const GIVE_UP: &str = "UPDATE messages SET state = 'failed', ended_at = $3, sealed_body = NULL \
        WHERE id = $1 AND attempts = $2 AND state = 'queued'";
    end(tx, GIVE_UP, id, attempt, at).await
}

/// Puts a message back, to be tried again at `next_at`.
///
/// # Errors
/// [`StoreError`].
pub async fn retry(tx: &mut Tx, id: MessageId, attempt: u32, next_at: Timestamp) -> Result<bool, StoreError> {
    end(
        tx,
        "UPDATE messages SET next_at = $3, leased_until = 0 WHERE id = $1 AND attempts = $2 AND state = 'queued'",
        id,
        attempt,
        next_at,
    )
    .await
}

async fn end(
    tx: &mut Tx,
    sql: &'static str,
    id: MessageId,
    attempt: u32,
    at: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.execute(sql, params![id, attempt, at]).await? == 1)
}

/// The last messages of all brands, newest first: what the demo's phone shows.
///
/// # Errors
/// [`StoreError`].
pub async fn list_newest(tx: &mut Tx, limit: u32) -> Result<Vec<MessageRow>, StoreError> {
    tx.query(
        "SELECT id, brand_id, account_id, channel, recipient, subject, body, created_at, attempts, sealed_body, useful_until \
         FROM messages WHERE state = 'sent' ORDER BY id DESC LIMIT $1",
        params![limit],
    )
    .await?
    .iter()
    .map(read)
    .collect()
}

fn read(row: &Row) -> Result<MessageRow, StoreError> {
    Ok(MessageRow {
        id: row.parse(0)?,
        brand: row.parse(1)?,
        account: row.parse_option(2)?,
        channel: row.get(3)?,
        recipient: row.get(4)?,
        subject: row.get(5)?,
        body: row.get(6)?,
        created_at: row.get(7)?,
        attempts: row.get(8)?,
        sealed_body: row.get(9)?,
        useful_until: row.get(10)?,
    })
}

/// How far a message has come, in the outbox's own word; nothing where it was forgotten.
///
/// # Errors
/// [`StoreError`].
pub async fn state(tx: &mut Tx, id: MessageId) -> Result<Option<String>, StoreError> {
    tx.query_opt("SELECT state FROM messages WHERE id = $1", params![id])
        .await?
        .map(|row| row.get(0))
        .transpose()
}
