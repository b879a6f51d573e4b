//! Whose PIN a use case is about, found and checked against the caller's own account and the policy.

use countersign_domain::access::Actor;
use countersign_domain::account::{Account, AccountNumber};
use countersign_domain::ids::{HolderId, PersonId};
use countersign_domain::person::Person;
use countersign_domain::policy::{HeldBy, Relation};
use countersign_store::{Tx, accounts, people};

use crate::caller::Caller;
use crate::error::AppError;

/// Whose PIN.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PinOf {
    /// The one that an account holds, by the account's number.
    Account(AccountNumber),
    /// The one that a person on that account holds.
    Person(AccountNumber, PersonId),
}

/// A holder that was found.
pub(crate) struct Found {
    /// The account.
    pub account: Account,
    /// The person, where the policy lets people hold PINs.
    pub person: Option<Person>,
    /// Who holds the PIN.
    pub holder: HolderId,
    /// How the caller stands to it.
    pub relation: Relation,
}

/// Finds the holder. A customer finds nobody on another account: not even whether they exist.
pub(crate) async fn find(tx: &mut Tx, caller: &Caller, pin_of: &PinOf) -> Result<Found, AppError> {
    let policy = &caller.brand.policy;
    let (number, person) = match (pin_of, policy.support_pin.held_by) {
        (PinOf::Account(number), HeldBy::Account) => (number, None),
        (PinOf::Person(number, person), HeldBy::Person) => (number, Some(*person)),
        (PinOf::Account(_), HeldBy::Person) => {
            return Err(AppError::PolicyRefuses(
                "here each person holds a PIN of their own: name the person",
            ));
        }
        (PinOf::Person(..), HeldBy::Account) => {
            return Err(AppError::PolicyRefuses(
                "here the account holds the PIN: leave the person out",
            ));
        }
        (_, HeldBy::Nobody) => return Err(AppError::PolicyRefuses("this brand has no standing Support PIN")),
    };
    let account = accounts::find_by_number(tx, caller.brand.brand.id, number)
        .await?
        .filter(|account| !matches!(caller.actor, Actor::Person { account: own, .. } if own != account.id))
        .ok_or(AppError::NotFound("the account"))?;
    let person = match person {
        Some(id) => Some(
            people::find(tx, account.id, id)
                .await?
                .ok_or(AppError::NotFound("the person"))?,
        ),
        None => None,
    };
    let holder = person.as_ref().map_or(HolderId::Account(account.id), |person| {
        HolderId::Person(person.id)
    });
    let relation = Relation::of(&caller.actor, holder, account.id);
    Ok(Found {
        account,
        person,
        holder,
        relation,
    })
}

/// Takes the holder's row and believes it only when it proves itself.
pub(crate) async fn hold(
    app: &crate::App,
    tx: &mut Tx,
    found: &Found,
) -> Result<countersign_store::pins::PinRow, AppError> {
    let row = countersign_store::pins::hold(tx, found.account.id, found.holder)
        .await?
        .ok_or(AppError::NotFound("the Support PIN"))?;
    if super::row::is_proven(app.vault(), &row)? {
        Ok(row)
    } else {
        tracing::error!(holder = %row.holder, "a row of the table pins does not prove itself; nothing was changed");
        Err(AppError::Unavailable(crate::error::Cause::Corrupt(
            "a row of the table pins does not prove itself".to_owned(),
        )))
    }
}
