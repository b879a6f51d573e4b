//! The people of one account, managed by its owners and admins in the portal: who is there, inviting, roles, switching sign-ins
//! off and on, phone numbers. To whom one may do what stands in `countersign_domain::team`; that one manages people at all, in
//! `access`.
//!
//! Everything here takes the account first (`Team::hold`), so that of two owners who switch each other off one is too late.

pub mod invite;
pub mod join;
pub mod list;
pub(crate) mod notice;
pub mod phone;
pub mod role;
pub mod standing;

use countersign_domain::access::{Actor, Permission};
use countersign_domain::account::Account;
use countersign_domain::audit::{Action, Detail, Outcome, Subject as About};
use countersign_domain::ids::{AccountId, PersonId};
use countersign_domain::person::Person;
use countersign_domain::team::{Deed, Member, Refusal, decide};
use countersign_domain::time::Timestamp;
use countersign_store::sessions::Subject;
use countersign_store::{Tx, accounts, people};

use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;
use crate::second_factor::visitor;

/// An account, taken, with everybody on it.
pub(crate) struct Team {
    /// The account.
    pub(crate) account: Account,
    /// Everybody, also whoever was switched off.
    pub(crate) people: Vec<Person>,
}

impl Team {
    /// Takes the account and reads its people. Whoever else changes them waits until this transaction ends.
    pub(crate) async fn hold(tx: &mut Tx, id: AccountId) -> Result<Self, AppError> {
        if !people::hold_team(tx, id).await? {
            return Err(AppError::NotFound("the account"));
        }
        Self::read(tx, id).await
    }

    /// The same, only read.
    pub(crate) async fn read(tx: &mut Tx, id: AccountId) -> Result<Self, AppError> {
        Ok(Self {
            account: accounts::find(tx, id)
                .await?
                .ok_or(AppError::NotFound("the account"))?,
            people: people::list_of_account(tx, id).await?,
        })
    }

    /// Somebody on it.
    pub(crate) fn person(&self, id: PersonId) -> Result<&Person, AppError> {
        self.people
            .iter()
            .find(|person| person.id == id)
            .ok_or(AppError::NotFound("the person"))
    }

    /// Asks the rules whether this caller may do this, as both are now.
    pub(crate) fn decide(&self, caller: &Caller, deed: Deed) -> Result<(), AppError> {
        let Actor::Person { id, .. } = caller.actor else {
            return Err(AppError::Forbidden(Permission::ManagePeople));
        };
        let members: Vec<Member> = self.people.iter().map(member).collect();
        let actor = member(self.person(id)?);
        decide(&actor, deed, &members).map_err(refused)
    }
}

/// A person as the rules see them.
#[must_use]
pub fn member(person: &Person) -> Member {
    Member {
        id: person.id,
        role: person.role,
        status: person.status,
    }
}

/// The account of a signed-in customer.
fn own_account(caller: &Caller) -> Result<AccountId, AppError> {
    match caller.actor {
        Actor::Person { account, .. } => Ok(account),
        Actor::Staff { .. } | Actor::ApiClient { .. } | Actor::System => {
            Err(AppError::Forbidden(Permission::ManagePeople))
        }
    }
}

fn refused(refusal: Refusal) -> AppError {
    match refusal {
        Refusal::NotYours => AppError::Forbidden(Permission::ManagePeople),
        Refusal::Yourself => AppError::PolicyRefuses("somebody else on the account has to do this for you"),
        Refusal::LastOwner => {
            AppError::PolicyRefuses("an account keeps an owner: make somebody else one first")
        }
        Refusal::Pointless => AppError::Stale,
    }
}

/// Everything by which a person is signed in, or could go on to be.
const fn sign_in_of(person: &Person) -> Subject {
    Subject::Person {
        person: person.id,
        account: person.account,
        brand: person.brand,
    }
}

/// Records what was done to somebody, in their own chain.
async fn record(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    person: &Person,
    action: Action,
    detail: Detail,
    now: Timestamp,
) -> Result<(), AppError> {
    let what = (action, Outcome::Done);
    let about = About::Person(person.id);
    visitor::record(app, tx, caller, &sign_in_of(person), about, what, detail, now).await
}
