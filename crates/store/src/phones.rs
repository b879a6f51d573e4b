//! Phone numbers of people: which is confirmed and from when it may receive codes, and which waits for its code.

use countersign_domain::contact::Phone;
use countersign_domain::ids::{AccountId, BrandId, PersonId};
use countersign_domain::time::Timestamp;

use crate::second_factors::CodeMac;
use crate::{Row, StoreError, Tx, params};

/// The number on record, and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneOnRecord {
    /// The number.
    pub phone: Phone,
    /// When its owner confirmed it, if they did.
    pub confirmed_at: Option<Timestamp>,
    /// From when it may receive codes; none while it is not confirmed.
    pub usable_from: Option<Timestamp>,
}

impl PhoneOnRecord {
    /// Whether codes may go there now.
    #[must_use]
    pub fn may_receive_codes(&self, now: Timestamp) -> bool {
        self.confirmed_at.is_some() && self.usable_from.is_some_and(|from| now >= from)
    }
}

/// A number that waits for its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingPhone {
    /// Whose.
    pub person: PersonId,
    /// On which account.
    pub account: AccountId,
    /// At which brand.
    pub brand: BrandId,
    /// The number.
    pub phone: Phone,
    /// When it was handed in.
    pub asked_at: Timestamp,
    /// Until when its code is good.
    pub expires_at: Timestamp,
    /// The MAC of the code.
    pub code: CodeMac,
    /// Counts the codes, as part of what the MAC is over.
    pub epoch: u64,
    /// How many codes were sent.
    pub sends: u32,
    /// How many codes were checked.
    pub checks: u32,
}

/// The number on record of a person, if there is one.
///
/// # Errors
/// [`StoreError`].
pub async fn on_record(
    tx: &mut Tx,
    account: AccountId,
    person: PersonId,
) -> Result<Option<PhoneOnRecord>, StoreError> {
    let row = tx
        .query_opt(
            "SELECT phone, phone_confirmed_at, phone_usable_from FROM people \
             WHERE account_id = $1 AND id = $2 AND phone IS NOT NULL",
            params![account, person],
        )
        .await?;
    row.as_ref().map(read_on_record).transpose()
}

/// The numbers on record of everybody on an account who has one.
///
/// # Errors
/// [`StoreError`].
pub async fn list_of_account(
    tx: &mut Tx,
    account: AccountId,
) -> Result<Vec<(PersonId, PhoneOnRecord)>, StoreError> {
    tx.query(
        "SELECT phone, phone_confirmed_at, phone_usable_from, id FROM people \
         WHERE account_id = $1 AND phone IS NOT NULL",
        params![account],
    )
    .await?
    .iter()
    .map(|row| Ok((row.parse(3)?, read_on_record(row)?)))
    .collect()
}

/// Writes down a number that nobody confirmed, in the place of `before`, which is kept to be told. False where another one is
/// on record by now.
///
/// # Errors
/// [`StoreError`].
pub async fn write_unconfirmed(
    tx: &mut Tx,
    account: AccountId,
    person: PersonId,
    number: &Phone,
    before: Option<&Phone>,
) -> Result<bool, StoreError> {
    let before = before.map(Phone::e164);
    let done = tx
        .execute(
            "UPDATE people SET phone = $3, phone_confirmed_at = NULL, phone_usable_from = NULL, phone_before = phone, \
             phone_before_told_at = NULL, version = version + 1 \
             WHERE account_id = $1 AND id = $2 AND COALESCE(phone, '') = $4",
            params![account, person, number.e164(), before.unwrap_or_default()],
        )
        .await?;
    Ok(done == 1)
}

/// Notes that the number on record is confirmed and from when it may receive codes. False where it is another one by now.
///
/// # Errors
/// [`StoreError`].
pub async fn confirm_on_record(
    tx: &mut Tx,
    account: AccountId,
    person: PersonId,
    number: &Phone,
    at: Timestamp,
    usable_from: Timestamp,
) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "UPDATE people SET phone_confirmed_at = $4, phone_usable_from = $5, version = version + 1 \
             WHERE account_id = $1 AND id = $2 AND phone = $3",
            params![account, person, number.e164(), at, usable_from],
        )
        .await?;
    Ok(done == 1)
}

/// Puts a confirmed number on record in the place of `before`, which is kept to be told. False where another one is on record
/// by now.
///
/// # Errors
/// [`StoreError`].
pub async fn replace_on_record(
    tx: &mut Tx,
    waiting: &WaitingPhone,
    before: Option<&Phone>,
    at: Timestamp,
    usable_from: Timestamp,
) -> Result<bool, StoreError> {
    let before = before.map(Phone::e164);
    let done = tx
        .execute(
            "UPDATE people SET phone = $3, phone_confirmed_at = $4, phone_usable_from = $5, phone_before = phone, \
             phone_before_told_at = NULL, version = version + 1 \
             WHERE account_id = $1 AND id = $2 AND COALESCE(phone, '') = $6",
            params![
                waiting.account,
                waiting.person,
                waiting.phone.e164(),
                at,
                usable_from,
                before.unwrap_or_default(),
            ],
        )
        .await?;
    Ok(done == 1)
}

/// Notes that the number before was told of the change. True for exactly one caller.
///
/// # Errors
/// [`StoreError`].
pub async fn note_before_told(
    tx: &mut Tx,
    account: AccountId,
    person: PersonId,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "UPDATE people SET phone_before_told_at = $3 WHERE account_id = $1 AND id = $2 \
             AND phone_before IS NOT NULL AND phone_before_told_at IS NULL",
            params![account, person, at],
        )
        .await?;
    Ok(done == 1)
}

/// Puts a number to wait for its code, in the place of an earlier one. Sends and checks stay counted for a day over all
/// numbers, so that asking again resets nothing (T13): the counts begin anew where the earlier one was handed in before
/// `counted_since`. Tells how many sends there are now; past `most_sends` nothing is changed and nothing is told.
///
/// # Errors
/// [`StoreError`].
pub async fn put_waiting(
    tx: &mut Tx,
    waiting: &WaitingPhone,
    counted_since: Timestamp,
    most_sends: u32,
) -> Result<Option<u32>, StoreError> {
    let row = tx
        .query_opt(
            "INSERT INTO phone_confirmations (subject_id, account_id, brand_id, phone, asked_at, expires_at, mac, \
             mac_key, epoch, sends, checks) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, 0) \
             ON CONFLICT (subject_id) DO UPDATE SET phone = excluded.phone, \
             asked_at = CASE WHEN phone_confirmations.asked_at < $10 THEN excluded.asked_at \
                ELSE phone_confirmations.asked_at END, \
             expires_at = excluded.expires_at, mac = excluded.mac, mac_key = excluded.mac_key, epoch = excluded.epoch, \
             sends = CASE WHEN phone_confirmations.asked_at < $10 THEN 1 ELSE phone_confirmations.sends + 1 END, \
             checks = CASE WHEN phone_confirmations.asked_at < $10 THEN 0 ELSE phone_confirmations.checks END \
             WHERE phone_confirmations.asked_at < $10 OR phone_confirmations.sends < $11 \
             RETURNING sends",
            params![
                waiting.person,
                waiting.account,
                waiting.brand,
                waiting.phone.e164(),
                waiting.asked_at,
                waiting.expires_at,
                waiting.code.mac,
                waiting.code.key,
                waiting.epoch,
                counted_since,
                most_sends,
            ],
        )
        .await?;
    row.map(|row| row.get(0)).transpose()
}

/// Counts one check of the code before it is looked at, and gives what waits. Nothing past the limit or past its time.
///
/// # Errors
/// [`StoreError`].
pub async fn debit_check(
    tx: &mut Tx,
    person: PersonId,
    most_checks: u32,
    now: Timestamp,
) -> Result<Option<WaitingPhone>, StoreError> {
    tx.query_opt(
        "UPDATE phone_confirmations SET checks = checks + 1 \
         WHERE subject_id = $1 AND checks < $2 AND expires_at > $3 \
         RETURNING subject_id, account_id, brand_id, phone, asked_at, expires_at, mac, mac_key, epoch, sends, checks",
        params![person, most_checks, now],
    )
    .await?
    .as_ref()
    .map(read)
    .transpose()
}

/// The number that waits for its code, if one does.
///
/// # Errors
/// [`StoreError`].
pub async fn find_waiting(tx: &mut Tx, person: PersonId) -> Result<Option<WaitingPhone>, StoreError> {
    tx.query_opt(
        "SELECT subject_id, account_id, brand_id, phone, asked_at, expires_at, mac, mac_key, epoch, sends, checks \
         FROM phone_confirmations WHERE subject_id = $1",
        params![person],
    )
    .await?
    .as_ref()
    .map(read)
    .transpose()
}

/// Ends the wait of a number whose code matched. True for exactly one caller. The row stays, and with it the count of what was
/// sent on this day: whoever confirms two numbers in turn is given no more texts than anybody else (T13, T20).
///
/// # Errors
/// [`StoreError`].
pub async fn end_waiting(tx: &mut Tx, person: PersonId, epoch: u64) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "UPDATE phone_confirmations SET expires_at = asked_at \
             WHERE subject_id = $1 AND epoch = $2 AND expires_at > asked_at",
            params![person, epoch],
        )
        .await?;
    Ok(done == 1)
}

fn read_on_record(row: &Row) -> Result<PhoneOnRecord, StoreError> {
    Ok(PhoneOnRecord {
        phone: phone(row, 0, "people")?,
        confirmed_at: row.get(1)?,
        usable_from: row.get(2)?,
    })
}

/// Ends the wait of whatever number a person handed in.
///
/// # Errors
/// [`StoreError`].
pub async fn forget_waiting(tx: &mut Tx, person: PersonId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE phone_confirmations SET expires_at = asked_at WHERE subject_id = $1",
        params![person],
    )
    .await
    .map(|_| ())
}

fn phone(row: &Row, index: usize, table: &'static str) -> Result<Phone, StoreError> {
    let text: String = row.get(index)?;
    Phone::parse(&text, None).map_err(|_| StoreError::corrupt(table, index, "no phone number"))
}

fn read(row: &Row) -> Result<WaitingPhone, StoreError> {
    Ok(WaitingPhone {
        person: row.parse(0)?,
        account: row.parse(1)?,
        brand: row.parse(2)?,
        phone: phone(row, 3, "phone_confirmations")?,
        asked_at: row.get(4)?,
        expires_at: row.get(5)?,
        code: CodeMac {
            mac: row.get(6)?,
            key: row.get(7)?,
        },
        epoch: row.get(8)?,
        sends: row.get(9)?,
        checks: row.get(10)?,
    })
}
