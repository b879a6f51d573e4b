//! Use case: a person is put on an account.

use countersign_domain::access::{Actor, Permission};
use countersign_domain::account::{Account, AccountNumber};
use countersign_domain::audit::{Action, Detail, DetailKey, Outcome};
use countersign_domain::contact::{EmailAddress, PersonName, Phone};
use countersign_domain::ids::{HolderId, PersonId};
use countersign_domain::password::{Rules, Surroundings};
use countersign_domain::person::{Person, PersonStatus, Role, Username};
use countersign_domain::policy::HeldBy;
use countersign_domain::time::Timestamp;
use countersign_store::{Tx, accounts, people};
use serde::{Deserialize, Serialize};

use super::notice;
use crate::app::App;
use crate::caller::{Caller, chain_of, subject_of};
use crate::error::AppError;
use crate::idempotency::{self, IdempotencyKey};
use crate::passwords::Password;
use crate::pins::new_holder;

/// Who is put where.
pub struct CreatePerson {
    /// On which account.
    pub account_number: AccountNumber,
    /// Who.
    pub who: NewPerson,
    /// What they sign in with, if they do.
    pub password: Option<Password>,
}

/// What is known of a person before they have an id.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// Their name.
    pub name: PersonName,
    /// What they are on the account.
    pub role: Role,
    /// What they sign in with; a contact has none.
    pub username: Option<Username>,
    /// Their e-mail address.
    pub email: Option<EmailAddress>,
    /// Their phone number.
    pub phone: Option<Phone>,
}

/// The person who was created.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CreatedPerson {
    /// Their id.
    pub id: PersonId,
}

/// Puts a person on an account.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] when the user name is taken; [`AppError::PasswordRules`];
/// [`AppError::Invalid`];
/// [`AppError::Forbidden`].
pub async fn create(
    app: &App,
    caller: &Caller,
    asked: CreatePerson,
    key: Option<IdempotencyKey>,
) -> Result<CreatedPerson, AppError> {
    caller.must(Permission::ManagePeople)?;
    check(&asked.who)?;
    let hash = match asked.password {
        Some(password) => {
            if asked.who.username.is_none() {
                return Err(AppError::invalid(
                    "username",
                    "a password needs a user name to sign in with",
                ));
            }
            let who = &asked.who;
            let around = Surroundings::of_brand(caller.brand.brand.name.as_str()).and_of(
                who.name.as_str(),
                who.username.as_ref(),
                who.email.as_ref(),
            );
            let salt = app.entropy().bytes()?;
            let hash = app
                .passwords()
                .hash_new(password, Rules::SOLE_FACTOR, &around, salt);
            Some(hash.await?)
        }
        None => None,
    };
    let (app, caller, now) = (app.clone(), caller.clone(), app.now());
    let store = app.store().clone();
    let (number, who) = (asked.account_number, asked.who);
    store
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            if let Some(answer) = idempotency::replay(&app, tx, &caller, key.as_ref(), now).await? {
                return Ok(answer);
            }
            let account = accounts::find_by_number(tx, caller.brand.brand.id, &number)
                .await?
                .filter(|account| !matches!(caller.actor, Actor::Person { account: own, .. } if own != account.id))
                .ok_or(AppError::NotFound("the account"))?;
            let person = put(&app, tx, &caller, &account, &who, hash.as_deref(), now).await?;
            notice::added(&app, tx, &caller, &account, &person, now).await?;
            let created = CreatedPerson { id: person.id };
            idempotency::keep(tx, &caller, key.as_ref(), &created).await?;
            Ok(created)
        })
        .await
}

/// A contact only calls: who signs in is somebody else.
pub(crate) fn check(who: &NewPerson) -> Result<(), AppError> {
    if who.role == Role::Contact && who.username.is_some() {
        return Err(AppError::invalid(
            "username",
            "a contact does not sign in: leave it out, or make them a member",
        ));
    }
    Ok(())
}

/// Adds the person, their PIN and the evidence of both.
pub(crate) async fn put(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    account: &Account,
    who: &NewPerson,
    password_hash: Option<&str>,
    now: Timestamp,
) -> Result<Person, AppError> {
    let person = Person {
        id: PersonId::new(now, app.entropy().bytes()?),
        brand: account.brand,
        account: account.id,
        name: who.name.clone(),
        role: who.role,
        username: who.username.clone(),
        phone: who.phone.clone(),
        email: who.email.clone(),
        status: PersonStatus::Active,
        created_at: now,
        version: 1,
    };
    people::insert(tx, &person, password_hash)
        .await
        .map_err(AppError::conflict("the user name"))?;
    let holder = HolderId::Person(person.id);
    let mut created = caller.event(
        app.new_event_id(now)?,
        now,
        chain_of(holder),
        Action::PersonCreated,
        subject_of(holder),
        Outcome::Done,
    );
    created.detail = Detail::none().with(DetailKey::Role, who.role.name());
    let holds = caller.brand.policy.support_pin.held_by == HeldBy::Person;
    new_holder::insert(app, tx, caller, account.id, holder, holds, created, now).await?;
    Ok(person)
}
