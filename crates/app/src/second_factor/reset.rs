//! Use case: somebody else switches all second factors of a subject off, because phone and codes are lost (C7). The subject can
//! sign in with the password and is asked to set one up anew.

use countersign_domain::access::{Actor, Permission};
use countersign_domain::audit::{Action, Channel, Detail, DetailKey, Outcome};
use countersign_domain::person::Username;
use countersign_domain::time::Timestamp;
use countersign_store::sessions::Subject;
use countersign_store::{Tx, passkeys, people, second_factors, staff};

use super::notice::{self, Notice};
use super::state::{self, end_what_rested_on_it};
use super::visitor::{self, Visitor};
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;

/// Switches all second factors of a subject off, on the command line. Everything that is signed in as them ends.
///
/// # Errors
/// [`AppError::Forbidden`] unless the server itself asks; [`AppError::NotFound`] when nobody of that id may sign in, or there
/// is no factor.
pub async fn reset(app: &App, caller: &Caller, subject: Subject) -> Result<(), AppError> {
    must_be_the_server(caller)?;
    let (app_in, caller, now) = (app.clone(), caller.clone(), app.now());
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| reset_in(&app_in, tx, &caller, &subject, now).await)
        .await?;
    app.wake_outbox();
    Ok(())
}

/// Switches the second factor of a member of staff off, on the command line. Their next sign-in sets one up anew.
///
/// # Errors
/// [`AppError::NotFound`] when nobody signs in at the desk by this name, or they have no second factor.
pub async fn reset_staff(app: &App, username: &Username) -> Result<(), AppError> {
    let member = app
        .store()
        .read::<_, AppError, _>(async |tx| Ok(staff::find_credentials(tx, username).await?))
        .await?
        .ok_or(AppError::NotFound("the member of staff"))?
        .staff;
    let directory = app.directory().current();
    let home = member
        .grants
        .iter()
        .find_map(|(brand, _)| directory.brand(*brand))
        .ok_or(AppError::NotFound("a brand of this member of staff"))?;
    let operator = Caller::system(home, Channel::CommandLine);
    reset(app, &operator, Subject::Staff(member.id)).await
}

/// The same for a customer of the operator's brand.
///
/// # Errors
/// [`AppError::NotFound`] when nobody signs in to the brand's portal by this name, or they have no second factor.
pub async fn reset_person(app: &App, operator: &Caller, username: &Username) -> Result<(), AppError> {
    let brand = operator.brand.brand.id;
    let person = app
        .store()
        .read::<_, AppError, _>(async |tx| Ok(people::find_credentials(tx, brand, username).await?))
        .await?
        .ok_or(AppError::NotFound("whoever signs in by this name"))?
        .person;
    let subject = Subject::Person {
        person: person.id,
        account: person.account,
        brand,
    };
    reset(app, operator, subject).await
}

/// The same in an open write, for whoever has checked that the caller may: at the desk only after the verification that the
/// policy demands.
pub(crate) async fn reset_in(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    subject: &Subject,
    now: Timestamp,
) -> Result<(), AppError> {
    let theirs = Visitor::load(app, tx, subject, caller.surface, caller.request_id.clone()).await?;
    let (_, factors) = state::hold(tx, &theirs, now).await?;
    if !factors.any() {
        return Err(AppError::NotFound("a second factor of theirs"));
    }
    second_factors::forget_codes(tx, theirs.id()).await?;
    passkeys::remove_all(tx, theirs.id()).await?;
    second_factors::remove_totp(tx, theirs.id(), true).await?;
    end_what_rested_on_it(tx, subject, None, now).await?;
    let about = visitor::subject_of(theirs.id());
    let detail = Detail::none().with(DetailKey::Reason, "reset");
    let what = (Action::SecondFactorDisabled, Outcome::Done);
    visitor::record(app, tx, caller, subject, about, what, detail, now).await?;
    notice::enqueue(app, tx, &theirs, Notice::SwitchedOffBySupport, now).await
}

/// Refuses everybody but the server itself.
pub(crate) fn must_be_the_server(caller: &Caller) -> Result<(), AppError> {
    if matches!(caller.actor, Actor::System) {
        Ok(())
    } else {
        Err(AppError::Forbidden(Permission::ManageStaff))
    }
}
