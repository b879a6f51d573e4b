//! Use case: an account is read, with its people and how their PINs stand.

use countersign_domain::access::{Actor, Permission};
use countersign_domain::account::{Account, AccountNumber};
use countersign_domain::ids::HolderId;
use countersign_domain::judge::PinState;
use countersign_domain::person::Person;
use countersign_domain::policy::HeldBy;
use countersign_store::{accounts, people, pins};

use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;

/// An account and everybody on it.
#[derive(Clone, Debug)]
pub struct AccountView {
    /// The account.
    pub account: Account,
    /// Its people, each with the state of their PIN where people hold them.
    pub people: Vec<(Person, Option<PinState>)>,
    /// The state of the account's own PIN, where the account holds it.
    pub account_pin: Option<PinState>,
}

/// Reads an account by its number. A customer reads only their own.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Forbidden`].
pub async fn read(app: &App, caller: &Caller, number: &AccountNumber) -> Result<AccountView, AppError> {
    caller.must(Permission::ReadAccount)?;
    app.store()
        .read(async |tx| {
            let account = accounts::find_by_number(tx, caller.brand.brand.id, number)
                .await?
                .filter(|account| !matches!(caller.actor, Actor::Person { account: own, .. } if own != account.id))
                .ok_or(AppError::NotFound("the account"))?;
            let holders = pins::list_of_account(tx, account.id).await?;
            let state_of =
                |holder: HolderId| holders.iter().find(|row| row.holder == holder).map(|row| row.counters.state);
            let held_by = caller.brand.policy.support_pin.held_by;
            let people = people::list_of_account(tx, account.id)
                .await?
                .into_iter()
                .map(|person| {
                    let state = (held_by == HeldBy::Person).then(|| state_of(HolderId::Person(person.id))).flatten();
                    (person, state)
                })
                .collect();
            let account_pin =
                (held_by == HeldBy::Account).then(|| state_of(HolderId::Account(account.id))).flatten();
            Ok(AccountView { account, people, account_pin })
        })
        .await
}
