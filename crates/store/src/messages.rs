//! The outbox: messages are rows that a job sends after the commit.

use countersign_domain::delivery::{Channel, DeliveryState};
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

/// Gives what waits without a gateway to this one: messages of a channel, of one brand or of all.
///
/// # Errors
/// [`StoreError`].
pub async fn route(
    tx: &mut Tx,
    gateway: &str,
    channel: Channel,
    brand: Option<BrandId>,
) -> Result<u64, StoreError> {
    match brand {
        Some(brand) => {
            tx.execute(
                "UPDATE messages SET gateway = $1 \
                 WHERE state = 'queued' AND gateway IS NULL AND channel = $2 AND brand_id = $3",
                params![gateway, channel.name(), brand],
            )
            .await
        }
        None => {
            tx.execute(
                "UPDATE messages SET gateway = $1 WHERE state = 'queued' AND gateway IS NULL AND channel = $2",
                params![gateway, channel.name()],
            )
            .await
        }
    }
}

/// Gives up what no gateway carries and was put here before `before`: younger ones may still be given to one by somebody else
/// at this moment. Tells how many.
///
/// # Errors
/// [`StoreError`].
pub async fn give_up_unrouted(tx: &mut Tx, now: Timestamp, before: Timestamp) -> Result<u64, StoreError> {
    tx.execute(
        "UPDATE messages SET state = 'failed', reason = 'no gateway carries this channel', ended_at = $1, sealed_body = NULL \
         WHERE state = 'queued' AND gateway IS NULL AND created_at < $2",
        params![now, before],
    )
    .await
}

/// The gateways that have messages which wait.
///
/// # Errors
/// [`StoreError`].
pub async fn gateways_in_use(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    tx.query(
        "SELECT DISTINCT gateway FROM messages WHERE state = 'queued' AND gateway IS NOT NULL",
        params![],
    )
    .await?
    .iter()
    .map(|row| row.get(0))
    .collect()
}

/// Takes what waits away from a gateway that is gone, so that it is given to another.
///
/// # Errors
/// [`StoreError`].
pub async fn unroute(tx: &mut Tx, gateway: &str, now: Timestamp) -> Result<u64, StoreError> {
    tx.execute(
        "UPDATE messages SET gateway = NULL, via = NULL WHERE state = 'queued' AND gateway = $1 AND leased_until < $2",
        params![gateway, now],
    )
    .await
}

/// What a sender asks for.
#[derive(Clone, Debug)]
pub struct Lease {
    /// The gateway whose messages these are.
    pub gateway: String,
    /// Now.
    pub now: Timestamp,
    /// Until when they are this sender's.
    pub until: Timestamp,
    /// At most so many.
    pub limit: u32,
    /// None that was leased so often.
    pub most_attempts: u32,
}

/// A message that is leased, and the channel by which it goes where that is not the one that was asked for.
#[derive(Clone, Debug)]
pub struct Leased {
    /// The message.
    pub message: MessageRow,
    /// The other channel.
    pub via: Option<Channel>,
}

/// Leases due messages of a gateway to this caller: none that is of no use any more, and none that was leased too often. The
/// lease condition stands in the outer UPDATE too: without it PostgreSQL hands one message to several callers.
///
/// # Errors
/// [`StoreError`].
pub async fn lease(tx: &mut Tx, wanted: &Lease) -> Result<Vec<Leased>, StoreError> {
    tx.query(
        "UPDATE messages SET leased_until = $2, attempts = attempts + 1 WHERE id IN \
         (SELECT id FROM messages WHERE state = 'queued' AND gateway = $5 AND next_at <= $1 AND leased_until < $1 \
          AND (useful_until IS NULL OR useful_until > $1) AND attempts < $4 \
          ORDER BY next_at LIMIT $3) \
         AND state = 'queued' AND gateway = $5 AND leased_until < $1 \
         RETURNING id, brand_id, account_id, channel, recipient, subject, body, created_at, attempts, \
         sealed_body, useful_until, via",
        params![
            wanted.now,
            wanted.until,
            wanted.limit,
            wanted.most_attempts,
            wanted.gateway
        ],
    )
    .await?
    .iter()
    .map(|row| {
        Ok(Leased {
            message: read(row)?,
            via: row.parse_option(11)?,
        })
    })
    .collect()
}

/// Notes that a gateway took a message, and what it calls it. Only the holder of the attempt's lease can. `erase` takes a
/// sealed text away: always, but for the demo, whose phone shows it.
///
/// # Errors
/// [`StoreError`].
pub async fn accepted(
    tx: &mut Tx,
    id: MessageId,
    attempt: u32,
    at: Timestamp,
    reference: Option<&str>,
    erase: bool,
) -> Result<bool, StoreError> {
    let sql = if erase {
        "UPDATE messages SET state = 'accepted', ended_at = $3, reference = $4, reason = NULL, sealed_body = NULL \
         WHERE id = $1 AND attempts = $2 AND state = 'queued'"
    } else {
        "UPDATE messages SET state = 'accepted', ended_at = $3, reference = $4, reason = NULL \
         WHERE id = $1 AND attempts = $2 AND state = 'queued'"
    };
    Ok(tx.execute(sql, params![id, attempt, at, reference]).await? == 1)
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
        "UPDATE messages SET state = 'failed', reason = 'every try broke off', ended_at = $1, sealed_body = NULL \
         WHERE state = 'queued' AND next_at <= $1 AND leased_until < $1 AND attempts >= $2",
        params![now, most_attempts],
    )
    .await
}

/// Gives a message up: it failed, or there is no time left for another try.
///
/// # Errors
/// [`StoreError`].
pub async fn give_up(
    tx: &mut Tx,
    id: MessageId,
    attempt: u32,
    at: Timestamp,
    state: DeliveryState,
    reason: &str,
) -> Result<bool, StoreError> {
    Ok(tx
        .execute(
            "UPDATE messages SET state = $4, reason = $5, ended_at = $3, sealed_body = NULL \
             WHERE id = $1 AND attempts = $2 AND state = 'queued'",
            params![id, attempt, at, state.name(), reason],
        )
        .await?
        == 1)
}

/// Puts a message back, to be tried again at `next_at`.
///
/// # Errors
/// [`StoreError`].
pub async fn retry(
    tx: &mut Tx,
    id: MessageId,
    attempt: u32,
    next_at: Timestamp,
    reason: &str,
) -> Result<bool, StoreError> {
    Ok(tx
        .execute(
            "UPDATE messages SET next_at = $3, reason = $4, leased_until = 0 \
             WHERE id = $1 AND attempts = $2 AND state = 'queued'",
            params![id, attempt, next_at, reason],
        )
        .await?
        == 1)
}

/// Gives a message to another gateway, by another channel where `via` says so, to be tried at `next_at`.
///
/// # Errors
/// [`StoreError`].
pub async fn hand_on(
    tx: &mut Tx,
    id: MessageId,
    attempt: u32,
    gateway: &str,
    via: Option<Channel>,
    next_at: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx
        .execute(
            "UPDATE messages SET gateway = $3, via = $4, next_at = $5, leased_until = 0 \
             WHERE id = $1 AND attempts = $2 AND state = 'queued'",
            params![id, attempt, gateway, via.map(Channel::name), next_at],
        )
        .await?
        == 1)
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fate {
    /// How far it came.
    pub state: DeliveryState,
    /// The gateway that has it, or had it last.
    pub gateway: Option<String>,
    /// The channel by which it goes where that is not the one that was asked for.
    pub via: Option<Channel>,
    /// What the gateway calls it.
    pub reference: Option<String>,
    /// Why it failed, or why its last try did.
    pub reason: Option<String>,
    /// How often it was tried.
    pub attempts: u32,
}

/// What became of a message.
///
/// # Errors
/// [`StoreError`].
pub async fn find_fate(tx: &mut Tx, id: MessageId) -> Result<Option<Fate>, StoreError> {
    tx.query_opt(
        "SELECT state, gateway, via, reference, reason, attempts FROM messages WHERE id = $1",
        params![id],
    )
    .await?
    .map(|row| {
        Ok(Fate {
            state: row.parse(0)?,
            gateway: row.get(1)?,
            via: row.parse_option(2)?,
            reference: row.get(3)?,
            reason: row.get(4)?,
            attempts: row.get(5)?,
        })
    })
    .transpose()
}

/// The last messages of all brands that left the house, newest first: what the demo's phone shows.
///
/// # Errors
/// [`StoreError`].
pub async fn list_newest(tx: &mut Tx, limit: u32) -> Result<Vec<MessageRow>, StoreError> {
    tx.query(
        "SELECT id, brand_id, account_id, channel, recipient, subject, body, created_at, attempts, sealed_body, useful_until \
         FROM messages WHERE state IN ('accepted', 'delivered') ORDER BY id DESC LIMIT $1",
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
