//! Use case: accounts are found by number, phone, e-mail or name. Never by PIN: nothing here can.

use countersign_domain::access::Permission;
use countersign_domain::account::{Account, AccountNumber};
use countersign_domain::contact::{EmailAddress, Phone};
use countersign_domain::ids::AccountId;
use countersign_domain::person::Person;
use countersign_store::accounts::{self, Search};
use countersign_store::{Tx, people};

use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;

/// The most accounts on a page.
pub const LARGEST_PAGE: u32 = 100;
/// The longest query, in bytes.
pub const LONGEST_QUERY: usize = 200;

/// An account that was found, with its people.
#[derive(Clone, Debug)]
pub struct Found {
    /// The account.
    pub account: Account,
    /// Its people.
    pub people: Vec<Person>,
}

/// A page of accounts.
#[derive(Clone, Debug)]
pub struct Page {
    /// What was found.
    pub accounts: Vec<Found>,
    /// Where the next page begins, if there is one.
    pub next: Option<AccountId>,
}

/// Finds accounts. The query is read as whatever it looks like: an e-mail address, a number of an account or a phone, or
/// the beginning of a name; an empty one lists everything.
///
/// # Errors
/// [`AppError::Forbidden`]; [`AppError::Invalid`] for a query that is too long.
pub async fn search(
    app: &App,
    caller: &Caller,
    query: &str,
    after: Option<AccountId>,
    limit: u32,
) -> Result<Page, AppError> {
    caller.must(Permission::SearchAccounts)?;
    if query.len() > LONGEST_QUERY {
        return Err(AppError::invalid("query", "use at most 200 bytes"));
    }
    let limit = limit.clamp(1, LARGEST_PAGE);
    app.store()
        .read(async |tx| {
            let mut accounts = find(tx, caller, query.trim(), after, limit + 1).await?;
            let more = accounts.len() > usize::try_from(limit).unwrap_or(usize::MAX);
            accounts.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            let next = if more {
                accounts.last().map(|account| account.id)
            } else {
                None
            };
            let mut found = Vec::with_capacity(accounts.len());
            for account in accounts {
                let people = people::list_of_account(tx, account.id).await?;
                found.push(Found { account, people });
            }
            Ok(Page {
                accounts: found,
                next,
            })
        })
        .await
}

async fn find(
    tx: &mut Tx,
    caller: &Caller,
    query: &str,
    after: Option<AccountId>,
    limit: u32,
) -> Result<Vec<Account>, AppError> {
    let brand = &caller.brand.brand;
    if query.is_empty() {
        return Ok(accounts::search(tx, brand.id, &Search::All, after, limit).await?);
    }
    if query.contains('@') {
        let Ok(email) = EmailAddress::parse(query) else {
            return Ok(Vec::new());
        };
        return Ok(accounts::search(tx, brand.id, &Search::Email(&email), after, limit).await?);
    }
    let mut found = Vec::new();
    // The same digits may be an account's number and somebody's phone: both are shown.
    if let Ok(number) = AccountNumber::parse(query) {
        found = accounts::search(tx, brand.id, &Search::Number(&number), after, limit).await?;
    }
    if let Ok(phone) = Phone::parse(query, brand.default_region.as_deref()) {
        for account in accounts::search(tx, brand.id, &Search::Phone(&phone), after, limit).await? {
            if !found.iter().any(|known| known.id == account.id) {
                found.push(account);
            }
        }
    }
    if found.is_empty() && query.chars().any(char::is_alphabetic) {
        found = accounts::search(tx, brand.id, &Search::Name(query), after, limit).await?;
    }
    Ok(found)
}
