//! Use case: accounts are found by number, phone, e-mail or name. Never by PIN: nothing here can.

use countersign_domain::access::Permission;
use countersign_domain::account::{Account, AccountNumber};
use countersign_domain::contact::{EmailAddress, Phone};
use countersign_domain::ids::{AccountId, HolderId};
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
    /// Where the next page begins, if there is one: whom the last account of this one was found by.
    pub next: Option<HolderId>,
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
    after: Option<HolderId>,
    limit: u32,
) -> Result<Page, AppError> {
    caller.must(Permission::SearchAccounts)?;
    if query.len() > LONGEST_QUERY {
        return Err(AppError::invalid("query", "use at most 200 bytes"));
    }
    let limit = limit.clamp(1, LARGEST_PAGE);
    app.store()
        .read(async |tx| {
            let mut hits = find(tx, caller, query.trim(), after, limit + 1).await?;
            let most = usize::try_from(limit).unwrap_or(usize::MAX);
            let more = hits.len() > most;
            hits.truncate(most);
            let next = hits.last().filter(|_| more).map(|(_, by)| *by);
            let mut found = Vec::with_capacity(hits.len());
            for (account, _) in hits {
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

/// The accounts, each with whom it was found by.
async fn find(
    tx: &mut Tx,
    caller: &Caller,
    query: &str,
    after: Option<HolderId>,
    limit: u32,
) -> Result<Vec<(Account, HolderId)>, AppError> {
    let brand = &caller.brand.brand;
    // Only a page by name ends at a person: everything else goes by the accounts' own ids.
    let Ok(behind) = after.map(account_of).transpose() else {
        return Ok(accounts::search_by_name(tx, brand.id, query, after, limit).await?);
    };
    if query.is_empty() {
        return Ok(themselves(
            accounts::search(tx, brand.id, &Search::All, behind, limit).await?,
        ));
    }
    if query.contains('@') {
        let Ok(email) = EmailAddress::parse(query) else {
            return Ok(Vec::new());
        };
        let found = accounts::search(tx, brand.id, &Search::Email(&email), behind, limit).await?;
        return Ok(themselves(found));
    }
    let mut found = Vec::new();
    // The same digits may be an account's number and somebody's phone: both are shown, in one order.
    if let Ok(number) = AccountNumber::parse(query) {
        found = accounts::search(tx, brand.id, &Search::Number(&number), behind, limit).await?;
    }
    if let Ok(phone) = Phone::parse(query, brand.default_region.as_deref()) {
        found.extend(accounts::search(tx, brand.id, &Search::Phone(&phone), behind, limit).await?);
        found.sort_by_key(|account| account.id);
        found.dedup_by_key(|account| account.id);
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    }
    if found.is_empty() {
        return Ok(accounts::search_by_name(tx, brand.id, query, after, limit).await?);
    }
    Ok(themselves(found))
}

/// The account behind which a page begins that goes by accounts.
const fn account_of(holder: HolderId) -> Result<AccountId, ()> {
    match holder {
        HolderId::Account(account) => Ok(account),
        HolderId::Person(_) => Err(()),
    }
}

fn themselves(found: Vec<Account>) -> Vec<(Account, HolderId)> {
    found
        .into_iter()
        .map(|account| {
            let by = HolderId::Account(account.id);
            (account, by)
        })
        .collect()
}
