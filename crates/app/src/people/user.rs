//! Use case: a person is read by their id, with the state of the PIN that they hold (D7).

use countersign_domain::access::{Actor, Permission};
use countersign_domain::ids::{HolderId, PersonId};
use countersign_domain::judge::PinState;
use countersign_domain::person::Role;
use countersign_store::pins;

use super::locate::{Located, locate_in};
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;

/// A person as those see them who may read them. Never the PIN.
#[derive(Clone, Debug)]
pub struct User {
    /// Who, and on which account.
    pub who: Located,
    /// How their PIN stands.
    pub pin: PinState,
}

/// Reads a person. Members read nobody but themselves.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Forbidden`].
pub async fn read(app: &App, caller: &Caller, id: PersonId) -> Result<User, AppError> {
    caller.must(Permission::ReadAccount)?;
    app.store()
        .read(async |tx| {
            let who = locate_in(tx, caller, id).await?;
            let reads_all = !matches!(
                caller.actor,
                Actor::Person {
                    role: Role::Member | Role::Contact,
                    ..
                }
            );
            if !reads_all && !who.is(caller) {
                return Err(AppError::Forbidden(Permission::ReadAccount));
            }
            let row = pins::find(tx, who.account.id, HolderId::Person(id)).await?;
            Ok(User {
                who,
                pin: row.map_or(PinState::None, |row| row.counters.state),
            })
        })
        .await
}
