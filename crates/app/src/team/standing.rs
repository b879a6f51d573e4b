//! Use cases: a sign-in is switched off, with everything that rests on it, and on again.

use countersign_domain::access::Permission;
use countersign_domain::audit::{Action, Detail, DetailKey};
use countersign_domain::ids::PersonId;
use countersign_domain::team::Deed;
use countersign_store::{Tx, one_time_pins, people, phones};

use super::notice::{self, TeamChange};
use super::{Team, member, own_account, record, sign_in_of};
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;
use crate::second_factor::state::end_what_rested_on_it;
use crate::sign_in::session::Proven;

/// Switches somebody off: they neither sign in nor are verified, and sessions, remembered devices, half-open sign-ins and links
/// of theirs end at once.
///
/// # Errors
/// [`AppError::Forbidden`], [`AppError::NotFound`]; [`AppError::PolicyRefuses`] about oneself and about the last owner;
/// [`AppError::Stale`] where they are off already.
pub async fn disable(app: &App, caller: &Caller, _proven: &Proven, person: PersonId) -> Result<(), AppError> {
    caller.must(Permission::ManagePeople)?;
    let account = own_account(caller)?;
    let (app_in, caller, now) = (app.clone(), caller.clone(), app.now());
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let team = Team::hold(tx, account).await?;
            let person = team.person(person)?;
            team.decide(&caller, Deed::Disable(member(person)))?;
            if !people::disable(tx, account, person.id, now).await? {
                return Err(AppError::Stale);
            }
            end_what_rested_on_it(tx, &sign_in_of(person), None, now).await?;
            phones::forget_waiting(tx, person.id).await?;
            one_time_pins::end_of_person(tx, person.id, now).await?;
            let detail = Detail::none()
                .with(DetailKey::Field, "status")
                .with(DetailKey::Reason, "disabled");
            record(&app_in, tx, &caller, person, Action::PersonChanged, detail, now).await?;
            let change = TeamChange::Disabled;
            notice::changed(&app_in, tx, &caller, &team, person, change, true, now).await
        })
        .await?;
    app.wake_outbox();
    Ok(())
}

/// Switches somebody on again, with the password and the factors that they had.
///
/// # Errors
/// As for [`disable`].
pub async fn enable(app: &App, caller: &Caller, _proven: &Proven, person: PersonId) -> Result<(), AppError> {
    caller.must(Permission::ManagePeople)?;
    let account = own_account(caller)?;
    let (app_in, caller, now) = (app.clone(), caller.clone(), app.now());
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let team = Team::hold(tx, account).await?;
            let person = team.person(person)?;
            team.decide(&caller, Deed::Enable(member(person)))?;
            if !people::enable(tx, account, person.id).await? {
                return Err(AppError::Stale);
            }
            let detail = Detail::none()
                .with(DetailKey::Field, "status")
                .with(DetailKey::Reason, "enabled");
            record(&app_in, tx, &caller, person, Action::PersonChanged, detail, now).await?;
            let change = TeamChange::Enabled;
            notice::changed(&app_in, tx, &caller, &team, person, change, true, now).await
        })
        .await?;
    app.wake_outbox();
    Ok(())
}
