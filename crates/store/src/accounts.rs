//! Accounts: created, read, searched. Never by PIN.

use countersign_domain::account::{Account, AccountNumber};
use countersign_domain::contact::{AccountName, EmailAddress, Phone};
use countersign_domain::ids::{AccountId, BrandId};

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
    /// The account's name, or that of somebody on it, begins like this, written in any case.
    Name(&'a str),
    /// Everything, in the order of the ids.
    All,
}

/// A page of accounts, after the id `after` (by name: not paged, the first `limit`).
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
    const BY_ACCOUNT_NAME: &str = columns!(
        "SELECT ",
        " FROM accounts a WHERE a.brand_id = $1 AND a.name_key >= $2 AND a.name_key < $3 \
         ORDER BY a.brand_id, a.name_key, a.id LIMIT $4"
    );
    // The people are narrowed by their index first; only that many accounts are looked up.
    const BY_PERSON_NAME: &str = columns!(
        "SELECT ",
        " FROM (SELECT account_id FROM people WHERE brand_id = $1 AND name_key >= $2 AND name_key < $3 \
         ORDER BY brand_id, name_key, id LIMIT $4) p JOIN accounts a ON a.id = p.account_id"
    );
    const ALL: &str = columns!(
        "SELECT ",
        " FROM accounts a WHERE a.brand_id = $1 AND a.id > $2 ORDER BY a.id LIMIT $3"
    );
    let after = after.map_or_else(String::new, |id| id.to_string());
    match search {
        Search::Number(number) => Ok(find_by_number(tx, brand, number).await?.into_iter().collect()),
        Search::Phone(phone) => read_all(
            &tx.query(BY_PHONE, params![brand, phone.e164(), after, limit])
                .await?,
        ),
        Search::Email(email) => read_all(
            &tx.query(BY_EMAIL, params![brand, email.key(), after, limit])
                .await?,
        ),
        Search::Name(beginning) => {
            let from = name_key(beginning);
            let to = format!("{from}\u{10FFFF}");
            let mut found = read_all(&tx.query(BY_ACCOUNT_NAME, params![brand, from, to, limit]).await?)?;
            for account in read_all(&tx.query(BY_PERSON_NAME, params![brand, from, to, limit]).await?)? {
                if !found.iter().any(|known| known.id == account.id) {
                    found.push(account);
                }
            }
            found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            Ok(found)
        }
        Search::All => read_all(&tx.query(ALL, params![brand, after, limit]).await?),
    }
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
