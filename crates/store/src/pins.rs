//! Support PINs: tries, locks and the head of each holder's audit chain.
//!
//! Every change begins by taking the row ([`take`] or [`hold`]), so that on either engine everyone else who wants the same
//! holder waits until this transaction ends, and ends with a guarded UPDATE ([`save`] or [`settle`]) that changes the row
//! only at the revision at which it was taken. What lies between is arithmetic of the domain.

use countersign_domain::account::AccountNumber;
use countersign_domain::audit::{Channel, Head};
use countersign_domain::ids::{AccountId, BrandId, EventId, HolderId};
use countersign_domain::judge::Counters;
use countersign_domain::time::Timestamp;

use crate::{Row, StoreError, Taking, Tx, params};

/// One holder's row. A holder without a PIN has one too: it carries the head of the audit chain.
#[derive(Clone, Debug)]
pub struct PinRow {
    /// The account that the holder is, or is on.
    pub account: AccountId,
    /// Who holds the PIN.
    pub holder: HolderId,
    /// The brand whose keys protect it.
    pub brand: BrandId,
    /// State, tries, window, unlocks.
    pub counters: Counters,
    /// The keyed digest that a try is compared with; zeros where there is no PIN.
    pub mac: [u8; 32],
    /// The key that made it.
    pub mac_key: u32,
    /// The sealed digits, where the policy lets the holder see them.
    pub sealed: Option<Vec<u8>>,
    /// Grows with every new PIN; part of the digest and of each proof.
    pub pin_version: u64,
    /// Whether the holder chose it (a chosen PIN is worth less than a made one).
    pub chosen: bool,
    /// When it was made or chosen.
    pub changed_at: Timestamp,
    /// By which way the try came that locked it.
    pub locked_by: Option<Channel>,
    /// Grows with every change of the row: one more than the stored one when it is saved.
    pub revision: u64,
    /// The head of the holder's audit chain.
    pub head: Head,
    /// The last event of that chain; from it the others are found, newest first.
    pub last_event: Option<EventId>,
    /// The row's own proof, over everything above.
    pub row_mac: [u8; 32],
    /// The key that made it.
    pub row_key: u32,
}

/// Whom a try is for, as the caller names them. Names are resolved to the internal id inside the same statement.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    /// The account's own PIN, by the account's number.
    AccountNumber(BrandId, &'a AccountNumber),
    /// A person's PIN, by the account's number and the person's id or e-mail address (its look-up key).
    PersonOn(BrandId, &'a AccountNumber, &'a str),
    /// A holder by internal id. A person who is not on the account, or is disabled, is answered with the stand-in.
    Holder(AccountId, HolderId),
}

/// The columns in the order in which [`read`] takes them, behind a statement's beginning and before its end.
macro_rules! columns {
    ($before:literal, $after:expr) => {
        concat!(
            $before,
            "account_id, holder_id, brand_id, state, tries, machine_tries, window_tries, window_since, unlocks, \
             unlocks_since, locked_at, mac, mac_key, sealed, pin_version, chosen, changed_at, locked_by, revision, \
             audit_sequence, audit_head, row_mac, row_key, last_event",
            $after
        )
    };
}

macro_rules! select {
    ($where:literal) => {
        columns!("SELECT ", concat!(" FROM pins ", $where))
    };
}

macro_rules! taking {
    ($where:literal) => {
        &Taking {
            read: select!($where),
            lock: concat!(
                "UPDATE pins SET revision = revision ",
                $where,
                columns!(" RETURNING ", "")
            ),
        }
    };
}

/// Takes the row of whom a try is for. An account or person that does not exist is answered with the row of `decoy`, by
/// the same statement, so that it takes as long (T16).
///
/// # Errors
/// [`StoreError`]; [`StoreError::Corrupt`] when not even the decoy exists.
pub async fn take(tx: &mut Tx, target: Target<'_>, decoy: AccountId) -> Result<PinRow, StoreError> {
    const BY_NUMBER: &Taking = taking!(
        "WHERE account_id = COALESCE((SELECT id FROM accounts WHERE brand_id = $1 AND number = $2), $3) \
         AND holder_id = account_id"
    );
    const BY_PERSON: &Taking = taking!(
        "WHERE account_id = COALESCE((SELECT a.id FROM accounts a JOIN people p ON p.account_id = a.id \
            WHERE a.brand_id = $1 AND a.number = $2 AND (p.id = $4 OR p.email_key = $4) AND p.disabled_at IS NULL \
            ORDER BY p.id LIMIT 1), $3) \
         AND holder_id = COALESCE((SELECT p.id FROM accounts a JOIN people p ON p.account_id = a.id \
            WHERE a.brand_id = $1 AND a.number = $2 AND (p.id = $4 OR p.email_key = $4) AND p.disabled_at IS NULL \
            ORDER BY p.id LIMIT 1), $3)"
    );
    const BY_PERSON_ID: &Taking = taking!(
        "WHERE account_id = COALESCE((SELECT account_id FROM people \
            WHERE account_id = $1 AND id = $2 AND disabled_at IS NULL), $3) \
         AND holder_id = COALESCE((SELECT id FROM people \
            WHERE account_id = $1 AND id = $2 AND disabled_at IS NULL), $3)"
    );
    let found = match target {
        Target::AccountNumber(brand, number) => {
            tx.take(BY_NUMBER, params![brand, number.as_str(), decoy]).await?
        }
        Target::PersonOn(brand, number, person) => {
            tx.take(BY_PERSON, params![brand, number.as_str(), decoy, person])
                .await?
        }
        Target::Holder(account, holder @ HolderId::Account(_)) => {
            tx.take(BY_HOLDER, params![account, holder]).await?
        }
        Target::Holder(account, holder @ HolderId::Person(_)) => {
            tx.take(BY_PERSON_ID, params![account, holder, decoy]).await?
        }
    };
    read(&found.ok_or(StoreError::corrupt("pins", 0, "a holder without a row"))?)
}

const BY_HOLDER: &Taking = taking!("WHERE account_id = $1 AND holder_id = $2");

/// Takes the row of a holder who is known to exist: for a new PIN, an unlock, or an event in the holder's chain.
///
/// # Errors
/// [`StoreError`].
pub async fn hold(tx: &mut Tx, account: AccountId, holder: HolderId) -> Result<Option<PinRow>, StoreError> {
    tx.take(BY_HOLDER, params![account, holder])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// Saves what a taken row became, with a revision that is one more than the one at which it was taken: the guard.
///
/// # Errors
/// [`StoreError::Stale`] when the row is not at that revision any more; [`StoreError`]. Both here or at the commit.
pub async fn save(tx: &mut Tx, row: &PinRow) -> Result<(), StoreError> {
    tx.defer_one(
        "UPDATE pins SET state = $3, tries = $4, machine_tries = $5, window_tries = $6, window_since = $7, \
         unlocks = $8, unlocks_since = $9, locked_at = $10, locked_by = $11, mac = $12, mac_key = $13, \
         sealed = $14, pin_version = $15, chosen = $16, changed_at = $17, audit_sequence = $18, audit_head = $19, \
         row_mac = $20, row_key = $21, revision = $22, last_event = $23 \
         WHERE account_id = $1 AND holder_id = $2 AND revision = $22 - 1",
        params![
            row.account,
            row.holder,
            row.counters.state.name(),
            row.counters.tries,
            row.counters.machine_tries,
            row.counters.window_tries,
            row.counters.window_since,
            row.counters.unlocks,
            row.counters.unlocks_since,
            row.counters.locked_at,
            row.locked_by.map(Channel::as_str),
            row.mac,
            row.mac_key,
            row.sealed,
            row.pin_version,
            row.chosen,
            row.changed_at,
            row.head.sequence,
            row.head.hash,
            row.row_mac,
            row.row_key,
            row.revision,
            row.last_event,
        ],
    )
    .await
}

/// As [`save`], for a judged try: only what judging can change, which is all that the hot path writes.
///
/// # Errors
/// [`StoreError::Stale`] when the row is not at that revision any more; [`StoreError`]. Both here or at the commit.
pub async fn settle(tx: &mut Tx, row: &PinRow) -> Result<(), StoreError> {
    tx.defer_one(
        "UPDATE pins SET state = $3, tries = $4, machine_tries = $5, window_tries = $6, window_since = $7, \
         locked_at = $8, locked_by = $9, audit_sequence = $10, audit_head = $11, row_mac = $12, row_key = $13, \
         revision = $14, last_event = $15 WHERE account_id = $1 AND holder_id = $2 AND revision = $14 - 1",
        params![
            row.account,
            row.holder,
            row.counters.state.name(),
            row.counters.tries,
            row.counters.machine_tries,
            row.counters.window_tries,
            row.counters.window_since,
            row.counters.locked_at,
            row.locked_by.map(Channel::as_str),
            row.head.sequence,
            row.head.hash,
            row.row_mac,
            row.row_key,
            row.revision,
            row.last_event,
        ],
    )
    .await
}

/// Adds the row of a new holder, with or without a PIN.
///
/// # Errors
/// [`StoreError::Conflict`] when the holder has one.
pub async fn insert(tx: &mut Tx, row: &PinRow) -> Result<(), StoreError> {
    tx.defer(
        "INSERT INTO pins (account_id, holder_id, brand_id, state, tries, machine_tries, window_tries, window_since, \
         unlocks, unlocks_since, locked_at, mac, mac_key, sealed, pin_version, chosen, changed_at, locked_by, \
         revision, audit_sequence, audit_head, row_mac, row_key, last_event) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, \
         $22, $23, $24)",
        params![
            row.account,
            row.holder,
            row.brand,
            row.counters.state.name(),
            row.counters.tries,
            row.counters.machine_tries,
            row.counters.window_tries,
            row.counters.window_since,
            row.counters.unlocks,
            row.counters.unlocks_since,
            row.counters.locked_at,
            row.mac,
            row.mac_key,
            row.sealed,
            row.pin_version,
            row.chosen,
            row.changed_at,
            row.locked_by.map(Channel::as_str),
            row.revision,
            row.head.sequence,
            row.head.hash,
            row.row_mac,
            row.row_key,
            row.last_event,
        ],
    )
    .await
}

/// Reads a holder's row without taking it.
///
/// # Errors
/// [`StoreError`].
pub async fn find(tx: &mut Tx, account: AccountId, holder: HolderId) -> Result<Option<PinRow>, StoreError> {
    tx.query_opt(
        select!("WHERE account_id = $1 AND holder_id = $2"),
        params![account, holder],
    )
    .await?
    .as_ref()
    .map(read)
    .transpose()
}

/// The rows of an account and of all its people: the account's own first, then by person.
///
/// # Errors
/// [`StoreError`].
pub async fn list_of_account(tx: &mut Tx, account: AccountId) -> Result<Vec<PinRow>, StoreError> {
    tx.query(
        select!("WHERE account_id = $1 ORDER BY holder_id"),
        params![account],
    )
    .await?
    .iter()
    .map(read)
    .collect()
}

/// A page of all rows by key, for proving them one after another.
///
/// # Errors
/// [`StoreError`].
pub async fn page(
    tx: &mut Tx,
    after: Option<(AccountId, HolderId)>,
    limit: u32,
) -> Result<Vec<PinRow>, StoreError> {
    let (account, holder) = after.map_or((String::new(), String::new()), |(a, h)| {
        (a.to_string(), h.to_string())
    });
    tx.query(
        select!("WHERE (account_id, holder_id) > ($1, $2) ORDER BY account_id, holder_id LIMIT $3"),
        params![account, holder, limit],
    )
    .await?
    .iter()
    .map(read)
    .collect()
}

fn read(row: &Row) -> Result<PinRow, StoreError> {
    Ok(PinRow {
        account: row.parse(0)?,
        holder: row.parse(1)?,
        brand: row.parse(2)?,
        counters: Counters {
            state: row.parse(3)?,
            tries: row.get(4)?,
            machine_tries: row.get(5)?,
            window_tries: row.get(6)?,
            window_since: row.get(7)?,
            unlocks: row.get(8)?,
            unlocks_since: row.get(9)?,
            locked_at: row.get(10)?,
        },
        mac: row.get(11)?,
        mac_key: row.get(12)?,
        sealed: row.get(13)?,
        pin_version: row.get(14)?,
        chosen: row.get(15)?,
        changed_at: row.get(16)?,
        locked_by: row.parse_option(17)?,
        revision: row.get(18)?,
        head: Head {
            sequence: row.get(19)?,
            hash: row.get(20)?,
        },
        row_mac: row.get(21)?,
        row_key: row.get(22)?,
        last_event: row.parse_option(23)?,
    })
}
