//! Accounts: created, read, searched. Never by PIN.

use countersign_domain::account::{Account, AccountNumber};
use countersign_domain::contact::{AccountName, EmailAddress, Phone};
use countersign_domain::ids::{AccountId, BrandId, HolderId};

use crate::{Row, StoreError, Tx, params};

/// The columns in the order in which [`read`] takes them, behind a statement's beginning and before its end.
macro_rules! columns {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            "a.id, a.brand_id, a.number, a.name, a.created_at, a.version",
            $after
        )
    };
}

/// Adds an account.
///
/// # Errors
/// [`StoreError::Conflict`] when the brand has an account of that number.
pub async fn insert(tx: &mut Tx, account: &Account) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO accounts (id, brand_id, number, name, name_key, created_at, version) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![
            account.id,
            account.brand,
            account.number.as_str(),
            account.name.as_str(),
            name_key(account.name.as_str()),
            account.created_at,
            account.version,
        ],
    )
    .await
    .map(|_| ())
}

/// Reads an account by its number.
///
/// # Errors
/// [`StoreError`].
pub async fn find_by_number(
    tx: &mut Tx,
    brand: BrandId,
    number: &AccountNumber,
) -> Result<Option<Account>, StoreError> {
    tx.query_opt(
        columns!(
            "SELECT ",
            " FROM accounts a WHERE a.brand_id = $1 AND a.number = $2"
        ),
        params![brand, number.as_str()],
    )
    .await?
    .as_ref()
    .map(read)
    .transpose()
}

/// Reads an account by its id.
///
/// # Errors
/// [`StoreError`].
pub async fn find(tx: &mut Tx, id: AccountId) -> Result<Option<Account>, StoreError> {
    tx.query_opt(
        columns!("SELECT ", " FROM accounts a WHERE a.id = $1"),
        params![id],
    )
    .await?
    .as_ref()
    .map(read)
    .transpose()
}

/// What a search looks at.
#[derive(Clone, Debug)]
pub enum Search<'a> {
    /// Exactly this number.
    Number(&'a AccountNumber),
    /// Somebody on it has exactly this phone number.
    Phone(&'a Phone),
    /// Somebody on it has exactly this e-mail address, written in any case.
    Email(&'a EmailAddress),
    /// Everything, in the order of the ids.
    All,
}

/// A page of accounts in the order of their ids, after the id `after`.
///
/// # Errors
/// [`StoreError`].
pub async fn search(
    tx: &mut Tx,
    brand: BrandId,
    search: &Search<'_>,
    after: Option<AccountId>,
    limit: u32,
) -> Result<Vec<Account>, StoreError> {
    const BY_PHONE: &str = columns!(
        "SELECT DISTINCT ",
        " FROM people p JOIN accounts a ON a.id = p.account_id \
         WHERE p.brand_id = $1 AND p.phone = $2 AND a.id > $3 ORDER BY a.id LIMIT $4"
    );
    const BY_EMAIL: &str = columns!(
        "SELECT DISTINCT ",
        " FROM people p JOIN accounts a ON a.id = p.account_id \
         WHERE p.brand_id = $1 AND p.email_key = $2 AND a.id > $3 ORDER BY a.id LIMIT $4"
    );
    const ALL: &str = columns!(
        "SELECT ",
        " FROM accounts a WHERE a.brand_id = $1 AND a.id > $2 ORDER BY a.id LIMIT $3"
    );
    let after = after.map_or_else(String::new, |id| id.to_string());
    match search {
        Search::Number(number) => {
            let found = find_by_number(tx, brand, number).await?;
            Ok(found
                .filter(|account| account.id.to_string() > after)
                .into_iter()
                .take(usize::try_from(limit).unwrap_or(usize::MAX))
                .collect())
        }
        Search::Phone(phone) => read_all(
            &tx.query(BY_PHONE, params![brand, phone.e164(), after, limit])
                .await?,
        ),
        Search::Email(email) => read_all(
            &tx.query(BY_EMAIL, params![brand, email.key(), after, limit])
                .await?,
        ),
        Search::All => read_all(&tx.query(ALL, params![brand, after, limit]).await?),
    }
}

/// A page of accounts whose name, or that of somebody on them, begins like `beginning`, written in any case: first the
/// accounts by their own name, then those by somebody's, each account once. With each comes whose name it was found by,
/// which is what `after` takes for the next page: an id, because a name has no place in an address.
///
/// # Errors
/// [`StoreError`]. An `after` that the brand does not have begins nowhere: nothing is found.
pub async fn search_by_name(
    tx: &mut Tx,
    brand: BrandId,
    beginning: &str,
    after: Option<HolderId>,
    limit: u32,
) -> Result<Vec<(Account, HolderId)>, StoreError> {
    const OF_ACCOUNTS: &str = columns!(
        "SELECT ",
        " FROM accounts a WHERE a.brand_id = $1 AND a.name_key >= $2 AND a.name_key < $3 \
         AND (a.name_key, a.id) > ($4, $5) ORDER BY a.brand_id, a.name_key, a.id LIMIT $6"
    );
    // An account is left to its own name, and among its people to the first whose name fits.
    const OF_PEOPLE: &str = columns!(
        "SELECT ",
        ", p.id FROM people p JOIN accounts a ON a.id = p.account_id \
         WHERE p.brand_id = $1 AND p.name_key >= $2 AND p.name_key < $3 AND (p.name_key, p.id) > ($4, $5) \
         AND NOT (a.name_key >= $2 AND a.name_key < $3) \
         AND NOT EXISTS (SELECT 1 FROM people o WHERE o.account_id = p.account_id \
           AND o.name_key >= $2 AND o.name_key < $3 AND (o.name_key, o.id) < (p.name_key, p.id)) \
         ORDER BY p.brand_id, p.name_key, p.id LIMIT $6"
    );
    const KEY_OF_ACCOUNT: &str = "SELECT name_key FROM accounts WHERE id = $1 AND brand_id = $2";
    const KEY_OF_PERSON: &str = "SELECT name_key FROM people WHERE id = $1 AND brand_id = $2";
    let from = name_key(beginning);
    let to = format!("{from}\u{10FFFF}");
    let key = match after {
        None => String::new(),
        Some(holder) => {
            let statement = match holder {
                HolderId::Account(_) => KEY_OF_ACCOUNT,
                HolderId::Person(_) => KEY_OF_PERSON,
            };
            match tx.query_opt(statement, params![holder, brand]).await? {
                Some(row) => row.get(0)?,
                None => return Ok(Vec::new()),
            }
        }
    };
    let last = after.map_or_else(String::new, |holder| holder.to_string());
    let mut found = Vec::new();
    if !matches!(after, Some(HolderId::Person(_))) {
        let rows = tx
            .query(OF_ACCOUNTS, params![brand, from, to, key, last, limit])
            .await?;
        for account in read_all(&rows)? {
            let by = HolderId::Account(account.id);
            found.push((account, by));
        }
    }
    let rest = limit.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
    if rest > 0 {
        let (key, last) = match after {
            Some(HolderId::Person(_)) => (key, last),
            _ => (String::new(), String::new()),
        };
        let rows = tx
            .query(OF_PEOPLE, params![brand, from, to, key, last, rest])
            .await?;
        for row in &rows {
            found.push((read(row)?, HolderId::Person(row.parse(6)?)));
        }
    }
    Ok(found)
}

/// How many accounts a brand has.
///
/// # Errors
/// [`StoreError`].
pub async fn count(tx: &mut Tx, brand: BrandId) -> Result<u64, StoreError> {
    tx.query_one(
        "SELECT COUNT(*) FROM accounts WHERE brand_id = $1",
        params![brand],
    )
    .await?
    .get(0)
}

/// A name as searches compare it: lower case, by Unicode's own rules and not by the database's locale.
#[must_use]
pub fn name_key(name: &str) -> String {
    name.trim().to_lowercase()
}

fn read_all(rows: &[Row]) -> Result<Vec<Account>, StoreError> {
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Account, StoreError> {
    let (number, name): (String, String) = (row.get(2)?, row.get(3)?);
    Ok(Account {
        id: row.parse(0)?,
        brand: row.parse(1)?,
        number: AccountNumber::parse(&number)
            .map_err(|_| StoreError::corrupt("accounts", 2, "no account number"))?,
        name: AccountName::parse(&name).map_err(|_| StoreError::corrupt("accounts", 3, "no name"))?,
        created_at: row.get(4)?,
        version: row.get(5)?,
    })
}
