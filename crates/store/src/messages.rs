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
    /// The text.
    pub body: String,
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
         next_at, leased_until, ended_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', 0, $8, 0, NULL)",
        params![
            message.id,
            message.brand,
            message.account,
            message.channel,
            message.recipient,
            message.subject,
            message.body,
            message.created_at,
        ],
    )
    .await
}

/// Leases due messages to this caller until `until`. The lease condition stands in the outer UPDATE too: without it
/// PostgreSQL hands one message to several callers.
///
/// # Errors
/// [`StoreError`].
pub async fn lease(
    tx: &mut Tx,
    now: Timestamp,
    until: Timestamp,
    limit: u32,
) -> Result<Vec<MessageRow>, StoreError> {
    tx.query(
        "UPDATE messages SET leased_until = $2, attempts = attempts + 1 WHERE id IN \
         (SELECT id FROM messages WHERE state = 'queued' AND next_at <= $1 AND leased_until < $1 \
          ORDER BY next_at LIMIT $3) \
         AND state = 'queued' AND leased_until < $1 \
         RETURNING id, brand_id, account_id, channel, recipient, subject, body, created_at, attempts",
        params![now, until, limit],
    )
    .await?
    .iter()
    .map(read)
    .collect()
}

/// Notes that a message is out of the house. Only the holder of the attempt's lease can.
///
/// # Errors
/// [`StoreError`].
pub async fn sent(tx: &mut Tx, id: MessageId, attempt: u32, at: Timestamp) -> Result<bool, StoreError> {
    end(tx, "UPDATE messages SET state = 'sent', ended_at = $3 WHERE id = $1 AND attempts = $2 AND state = 'queued'", id, attempt, at)
        .await
}

/// Gives a message up.
///
/// # Errors
/// [`StoreError`].
pub async fn failed(tx: &mut Tx, id: MessageId, attempt: u32, at: Timestamp) -> Result<bool, StoreError> {
    end(tx, "UPDATE messages SET state = 'failed', ended_at = $3 WHERE id = $1 AND attempts = $2 AND state = 'queued'", id, attempt, at)
        .await
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
        "SELECT id, brand_id, account_id, channel, recipient, subject, body, created_at, attempts \
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
    })
}
