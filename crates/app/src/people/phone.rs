//! Use case: the operator vouches for the phone number on record, so that codes may go there.

use countersign_domain::audit::{Action, Detail, DetailKey, Outcome, Subject as About};
use countersign_domain::ids::{AccountId, PersonId};
use countersign_store::sessions::Subject;
use countersign_store::{Tx, phones};

use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;
use crate::second_factor::reset::must_be_the_server;
use crate::second_factor::visitor::record;

/// Notes that the number on record is confirmed: for numbers that were checked elsewhere. A person confirms their own with a
/// code.
///
/// # Errors
/// [`AppError::Forbidden`] unless the server itself asks; [`AppError::NotFound`] without a number on record.
pub async fn confirm_on_record(
    app: &App,
    caller: &Caller,
    account: AccountId,
    person: PersonId,
) -> Result<(), AppError> {
    must_be_the_server(caller)?;
    let (app_in, caller, now) = (app.clone(), caller.clone(), app.now());
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let known = phones::on_record(tx, account, person)
                .await?
                .ok_or(AppError::NotFound("a phone number on record"))?;
            if !phones::confirm_on_record(tx, account, person, &known.phone, now, now).await? {
                return Err(AppError::Stale);
            }
            let whose = Subject::Person {
                person,
                account,
                brand: caller.brand.brand.id,
            };
            let detail = Detail::none()
                .with(DetailKey::Field, "phone")
                .with(DetailKey::Reason, "confirmed");
            let what = (Action::PersonChanged, Outcome::Done);
            record(
                &app_in,
                tx,
                &caller,
                &whose,
                About::Person(person),
                what,
                detail,
                now,
            )
            .await
        })
        .await
}
