//! Use case: an owner makes somebody on the account something else. What they were signed in to as the old one ends.

use countersign_domain::access::Permission;
use countersign_domain::audit::{Action, Detail, DetailKey};
use countersign_domain::ids::PersonId;
use countersign_domain::person::Role;
use countersign_domain::team::Deed;
use countersign_store::{Tx, people};

use super::notice::{self, TeamChange};
use super::{Team, member, own_account, record, sign_in_of};
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;
use crate::second_factor::state::end_what_rested_on_it;
use crate::sign_in::session::Proven;

/// Changes a role.
///
/// # Errors
/// [`AppError::Forbidden`] unless an owner asks; [`AppError::NotFound`]; [`AppError::PolicyRefuses`] about oneself and about
/// the last owner; [`AppError::Stale`] where they are that already, or switched off.
pub async fn change_role(
    app: &App,
    caller: &Caller,
    _proven: &Proven,
    person: PersonId,
    to: Role,
) -> Result<(), AppError> {
    caller.must(Permission::ManagePeople)?;
    let account = own_account(caller)?;
    let (app_in, caller, now) = (app.clone(), caller.clone(), app.now());
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let team = Team::hold(tx, account).await?;
            let person = team.person(person)?;
            team.decide(&caller, Deed::ChangeRole(member(person), to))?;
            if !people::change_role(tx, account, person.id, person.role, to).await? {
                return Err(AppError::Stale);
            }
            end_what_rested_on_it(tx, &sign_in_of(person), None, now).await?;
            let detail = Detail::none()
                .with(DetailKey::Field, "role")
                .with(DetailKey::Role, to.name());
            record(&app_in, tx, &caller, person, Action::PersonChanged, detail, now).await?;
            let change = TeamChange::Became(to);
            notice::changed(&app_in, tx, &caller, &team, person, change, true, now).await
        })
        .await?;
    app.wake_outbox();
    Ok(())
}
