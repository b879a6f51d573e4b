//! Use case: a new PIN is made for somebody else, on the terms of the phone-pin API (D1, D7): never for oneself, never for
//! somebody of a higher rank, and never past a lock.

use countersign_domain::access::{Actor, Permission};
use countersign_domain::ids::PersonId;
use countersign_domain::judge::PinState;
use countersign_domain::person::Role;
use countersign_store::Tx;

use super::{holder, reset};
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;
use crate::people::locate::locate_in;

/// What became of the PIN.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ResetDone {
    /// A new one was made.
    Made,
    /// There is one, and it was to be made only if there was none.
    Kept,
    /// It is locked, and stays so.
    Locked,
}

/// Makes a new PIN for another person, whom nobody but they are shown.
///
/// # Errors
/// [`AppError::Forbidden`] for those who never may, [`AppError::PolicyRefuses`] where it is their own, of a higher rank, or
/// not the policy's wish; [`AppError::NotFound`].
pub async fn reset_for_another(
    app: &App,
    caller: &Caller,
    person: PersonId,
    only_if_missing: bool,
) -> Result<ResetDone, AppError> {
    caller.must(Permission::ResetPin)?;
    let (app, caller, now) = (app.clone(), caller.clone(), app.now());
    let store = app.store().clone();
    store
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let who = locate_in(tx, &caller, person).await?;
            if who.is(&caller) {
                return Err(AppError::PolicyRefuses(
                    "nobody resets their own Phone PIN: choose another instead",
                ));
            }
            if !reaches(&caller.actor, who.person.role) {
                return Err(AppError::PolicyRefuses(
                    "this user's role is above yours: somebody of their own role has to do it",
                ));
            }
            let found = holder::find(tx, &caller, &who.pin()).await?;
            if !caller.brand.policy.may_reset(&caller.actor, found.relation) {
                return Err(AppError::PolicyRefuses(
                    "the policy does not let you have this PIN made anew",
                ));
            }
            let mut row = holder::hold(&app, tx, &found).await?;
            match row.counters.state {
                PinState::Active | PinState::Locked if only_if_missing => return Ok(ResetDone::Kept),
                PinState::Locked => return Ok(ResetDone::Locked),
                PinState::Active | PinState::None => {}
            }
            reset::renew(&app, tx, &caller, &mut row, None, now).await?;
            Ok(ResetDone::Made)
        })
        .await
}

/// Owners reach everybody, admins those of their own role or below; whoever is not on an account has no rank on it.
const fn reaches(actor: &Actor, over: Role) -> bool {
    match actor {
        Actor::Person {
            role: Role::Owner, ..
        }
        | Actor::Staff { .. }
        | Actor::ApiClient { .. }
        | Actor::System => true,
        Actor::Person {
            role: Role::Admin, ..
        } => !matches!(over, Role::Owner),
        Actor::Person {
            role: Role::Member | Role::Contact,
            ..
        } => false,
    }
}
