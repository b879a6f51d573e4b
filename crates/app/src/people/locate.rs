//! Finds a person by nothing but their id: for programs that know no account number (D7).

use countersign_domain::access::Actor;
use countersign_domain::account::Account;
use countersign_domain::ids::PersonId;
use countersign_domain::person::Person;
use countersign_store::{Tx, accounts, people};

use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;
use crate::pins::PinOf;

/// A person who was found, and their account.
#[derive(Clone, Debug)]
pub struct Located {
    /// Who.
    pub person: Person,
    /// On which account.
    pub account: Account,
}

impl Located {
    /// The PIN that this person holds.
    #[must_use]
    pub fn pin(&self) -> PinOf {
        PinOf::Person(self.account.number.clone(), self.person.id)
    }

    /// Whether this caller is that person.
    #[must_use]
    pub fn is(&self, caller: &Caller) -> bool {
        matches!(caller.actor, Actor::Person { id, .. } if id == self.person.id)
    }
}

/// Finds a person of the caller's brand. A customer finds nobody on another account: not even whether they exist. Whoever
/// calls this asks for the right first.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn locate(app: &App, caller: &Caller, id: PersonId) -> Result<Located, AppError> {
    app.store().read(async |tx| locate_in(tx, caller, id).await).await
}

pub(crate) async fn locate_in(tx: &mut Tx, caller: &Caller, id: PersonId) -> Result<Located, AppError> {
    let person = people::find_in_brand(tx, caller.brand.brand.id, id)
        .await?
        .filter(|person| !matches!(caller.actor, Actor::Person { account, .. } if account != person.account))
        .ok_or(AppError::NotFound("the person"))?;
    let account = accounts::find(tx, person.account)
        .await?
        .ok_or(AppError::NotFound("the account"))?;
    Ok(Located { person, account })
}
