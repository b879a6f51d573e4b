//! One-time PINs: what was sent in which conversation, the tries of each code and of each person, and how many were sent.
//!
//! Every change stands under a guard: a try is counted below the limit before anything is compared, a code is spent once.

use countersign_domain::delivery::Channel;
use countersign_domain::ids::{AccountId, BrandId, ConversationId, MessageId, OneTimePinId, PersonId};
use countersign_domain::one_time_pin::OneTimePin;
use countersign_domain::time::Timestamp;

use crate::second_factors::CodeMac;
use crate::{Row, StoreError, Tx, params};

/// The columns in the order in which [`read`] takes them, behind a statement's beginning and before its end.
macro_rules! columns {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            "conversation_id, number, id, brand_id, account_id, person_id, channel, recipient, message_id, mac, mac_key, \
             sent_at, expires_at, tries, spent_at, ended_at",
            $after
        )
    };
}

/// A one-time PIN as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneTimePinRow {
    /// In which conversation.
    pub conversation: ConversationId,
    /// Counts the codes of the conversation, as part of what the MAC is over.
    pub number: u64,
    /// Its id.
    pub id: OneTimePinId,
    /// At which brand.
    pub brand: BrandId,
    /// On which account.
    pub account: AccountId,
    /// To whom it was sent.
    pub person: PersonId,
    /// By which way.
    pub channel: Channel,
    /// To which number or address.
    pub recipient: String,
    /// The message that carries it.
    pub message: MessageId,
    /// Its MAC.
    pub code: CodeMac,
    /// What judging looks at.
    pub pin: OneTimePin,
}

/// The number of the conversation's next code. The conversation's row is held.
///
/// # Errors
/// [`StoreError`].
pub async fn next_number(tx: &mut Tx, conversation: ConversationId) -> Result<u64, StoreError> {
    tx.query_one(
        "SELECT COALESCE(MAX(number), 0) + 1 FROM one_time_pins WHERE conversation_id = $1",
        params![conversation],
    )
    .await?
    .get(0)
}

/// Adds one.
///
/// # Errors
/// [`StoreError`], here or at the commit.
pub async fn insert(tx: &mut Tx, row: &OneTimePinRow) -> Result<(), StoreError> {
    tx.defer(
        "INSERT INTO one_time_pins (conversation_id, number, id, brand_id, account_id, person_id, channel, recipient, \
         message_id, mac, mac_key, sent_at, expires_at, tries, spent_at, ended_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        params![
            row.conversation,
            row.number,
            row.id,
            row.brand,
            row.account,
            row.person,
            row.channel.name(),
            row.recipient,
            row.message,
            row.code.mac,
            row.code.key,
            row.pin.sent_at,
            row.pin.expires_at,
            row.pin.tries,
            row.pin.spent_at,
            row.pin.ended_at,
        ],
    )
    .await
}

/// The newest code of a conversation, ended or not.
///
/// # Errors
/// [`StoreError`].
pub async fn newest(tx: &mut Tx, conversation: ConversationId) -> Result<Option<OneTimePinRow>, StoreError> {
    tx.query_opt(
        columns!(
            "SELECT ",
            " FROM one_time_pins WHERE conversation_id = $1 ORDER BY number DESC LIMIT 1"
        ),
        params![conversation],
    )
    .await?
    .as_ref()
    .map(read)
    .transpose()
}

/// All codes of a conversation, newest first, at most `limit`.
///
/// # Errors
/// [`StoreError`].
pub async fn list(
    tx: &mut Tx,
    conversation: ConversationId,
    limit: u32,
) -> Result<Vec<OneTimePinRow>, StoreError> {
    tx.query(
        columns!(
            "SELECT ",
            " FROM one_time_pins WHERE conversation_id = $1 ORDER BY number DESC LIMIT $2"
        ),
        params![conversation, limit],
    )
    .await?
    .iter()
    .map(read)
    .collect()
}

/// Counts one try of a code before it is looked at. False past its limit or its life, or where it is spent or ended.
///
/// # Errors
/// [`StoreError`].
pub async fn debit(
    tx: &mut Tx,
    conversation: ConversationId,
    number: u64,
    limit: u32,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "UPDATE one_time_pins SET tries = tries + 1 WHERE conversation_id = $1 AND number = $2 AND tries < $3 \
             AND expires_at > $4 AND spent_at IS NULL AND ended_at IS NULL",
            params![conversation, number, limit, now],
        )
        .await?;
    Ok(done == 1)
}

/// Notes a match: gives its own try back, and spends the code where `spend` says so. True for exactly one caller where it is
/// spent.
///
/// # Errors
/// [`StoreError`].
pub async fn matched(
    tx: &mut Tx,
    conversation: ConversationId,
    number: u64,
    spend: Option<Timestamp>,
) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "UPDATE one_time_pins SET tries = tries - 1, spent_at = $3 \
             WHERE conversation_id = $1 AND number = $2 AND tries > 0 AND spent_at IS NULL AND ended_at IS NULL",
            params![conversation, number, spend],
        )
        .await?;
    Ok(done == 1)
}

/// Ends every code of a conversation: another one takes their place, or the conversation is over. What was not handed over
/// yet is not sent any more.
///
/// # Errors
/// [`StoreError`].
pub async fn end_of_conversation(
    tx: &mut Tx,
    conversation: ConversationId,
    now: Timestamp,
) -> Result<u64, StoreError> {
    tx.execute(
        "UPDATE messages SET useful_until = $2 WHERE state = 'queued' AND useful_until > $2 AND id IN \
         (SELECT message_id FROM one_time_pins WHERE conversation_id = $1 AND ended_at IS NULL)",
        params![conversation, now],
    )
    .await?;
    tx.execute(
        "UPDATE one_time_pins SET ended_at = $2 WHERE conversation_id = $1 AND ended_at IS NULL",
        params![conversation, now],
    )
    .await
}

/// Ends every code that went to a person: their number is another one now, or they are switched off. One that was not sent yet
/// is not sent any more.
///
/// # Errors
/// [`StoreError`].
pub async fn end_of_person(tx: &mut Tx, person: PersonId, now: Timestamp) -> Result<u64, StoreError> {
    tx.execute(
        "UPDATE messages SET useful_until = $2 WHERE state = 'queued' AND useful_until > $2 AND id IN \
         (SELECT message_id FROM one_time_pins WHERE person_id = $1 AND ended_at IS NULL)",
        params![person, now],
    )
    .await?;
    tx.execute(
        "UPDATE one_time_pins SET ended_at = $2 WHERE person_id = $1 AND ended_at IS NULL",
        params![person, now],
    )
    .await
}

/// Takes a person's row for a try, so that tries of theirs go one after another, and gives the try's number.
///
/// # Errors
/// [`StoreError`].
pub async fn take_person(tx: &mut Tx, person: PersonId) -> Result<u64, StoreError> {
    tx.query_one(
        "INSERT INTO one_time_pin_people (person_id, tries, last_sent_at) VALUES ($1, 1, 0) \
         ON CONFLICT (person_id) DO UPDATE SET tries = one_time_pin_people.tries + 1 RETURNING tries",
        params![person],
    )
    .await?
    .get(0)
}

/// How many wrong tries of a person there were after `since`.
///
/// # Errors
/// [`StoreError`].
pub async fn wrong_tries(tx: &mut Tx, person: PersonId, since: Timestamp) -> Result<u32, StoreError> {
    tx.query_one(
        "SELECT COUNT(*) FROM one_time_pin_tries WHERE person_id = $1 AND at > $2",
        params![person, since],
    )
    .await?
    .get(0)
}

/// Counts a try of a person before it is looked at; `number` comes from [`take_person`]. False where so many after `since`
/// are counted that the limit is reached.
///
/// # Errors
/// [`StoreError`].
pub async fn count_try(
    tx: &mut Tx,
    person: PersonId,
    number: u64,
    since: Timestamp,
    limit: u32,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "INSERT INTO one_time_pin_tries (person_id, number, at) SELECT p.person_id, $2, $3 \
             FROM one_time_pin_people p WHERE p.person_id = $1 AND \
             (SELECT COUNT(*) FROM one_time_pin_tries t WHERE t.person_id = $1 AND t.at > $4) < $5",
            params![person, number, now, since, limit],
        )
        .await?;
    Ok(done == 1)
}

/// Takes a counted try back that was right.
///
/// # Errors
/// [`StoreError`].
pub async fn uncount_try(tx: &mut Tx, person: PersonId, number: u64) -> Result<(), StoreError> {
    tx.defer(
        "DELETE FROM one_time_pin_tries WHERE person_id = $1 AND number = $2",
        params![person, number],
    )
    .await
}

/// Notes that a code is sent to a person now. False where the last one was sent after `before`: it is too soon.
///
/// # Errors
/// [`StoreError`].
pub async fn note_send(
    tx: &mut Tx,
    person: PersonId,
    now: Timestamp,
    before: Timestamp,
) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "INSERT INTO one_time_pin_people (person_id, tries, last_sent_at) VALUES ($1, 0, $2) \
             ON CONFLICT (person_id) DO UPDATE SET last_sent_at = excluded.last_sent_at \
             WHERE one_time_pin_people.last_sent_at <= $3",
            params![person, now, before],
        )
        .await?;
    Ok(done == 1)
}

/// When a code was last sent to a person.
///
/// # Errors
/// [`StoreError`].
pub async fn last_send(tx: &mut Tx, person: PersonId) -> Result<Option<Timestamp>, StoreError> {
    tx.query_opt(
        "SELECT last_sent_at FROM one_time_pin_people WHERE person_id = $1 AND last_sent_at > 0",
        params![person],
    )
    .await?
    .map(|row| row.get(0))
    .transpose()
}

/// Counts one that is to be sent to or by `owner` in the span that began at `since`. False when the span's are spent.
///
/// # Errors
/// [`StoreError`].
pub async fn debit_send(tx: &mut Tx, owner: &str, since: Timestamp, limit: u32) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "INSERT INTO one_time_pin_sends (since, owner_id, sends) VALUES ($2, $1, 1) \
             ON CONFLICT (since, owner_id) DO UPDATE SET sends = one_time_pin_sends.sends + 1 \
             WHERE one_time_pin_sends.sends < $3",
            params![owner, since, limit],
        )
        .await?;
    Ok(done == 1)
}

fn read(row: &Row) -> Result<OneTimePinRow, StoreError> {
    Ok(OneTimePinRow {
        conversation: row.parse(0)?,
        number: row.get(1)?,
        id: row.parse(2)?,
        brand: row.parse(3)?,
        account: row.parse(4)?,
        person: row.parse(5)?,
        channel: row.parse(6)?,
        recipient: row.get(7)?,
        message: row.parse(8)?,
        code: CodeMac {
            mac: row.get(9)?,
            key: row.get(10)?,
        },
        pin: OneTimePin {
            sent_at: row.get(11)?,
            expires_at: row.get(12)?,
            tries: row.get(13)?,
            spent_at: row.get(14)?,
            ended_at: row.get(15)?,
        },
    })
}
