//! Use case: how a PIN stands, for whoever may know (D4, D5). Never its digits.

use countersign_domain::audit::Channel;
use countersign_domain::ids::HolderId;
use countersign_domain::judge::PinState;
use countersign_domain::person::{Person, PersonStatus, Role};
use countersign_domain::policy::Party;
use countersign_domain::time::Timestamp;
use countersign_store::{people, pins};

use super::holder::{self, PinOf};
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;

/// How a PIN stands.
#[derive(Clone, Debug)]
pub struct PinStanding {
    /// Who holds it.
    pub holder: HolderId,
    /// Its state.
    pub state: PinState,
    /// When it was made or chosen.
    pub changed_at: Timestamp,
    /// When it was locked.
    pub locked_at: Option<Timestamp>,
    /// By which way the try came that locked it.
    pub locked_by: Option<Channel>,
    /// Whether this caller may unlock it.
    pub may_unlock: bool,
    /// Whether only a new PIN opens the lock.
    pub needs_new_pin: bool,
    /// The names of those who may unlock it, in the policy's order (D5).
    pub who_may_unlock: Vec<String>,
    /// Whether support's supervisors may unlock it too.
    pub support_may_unlock: bool,
    /// Whether a readable copy is kept, so that the holder can be shown it.
    pub can_be_shown: bool,
}

/// Tells how a PIN stands. Nothing is changed and nothing is recorded.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such holder for this caller.
pub async fn standing(app: &App, caller: &Caller, pin_of: &PinOf) -> Result<PinStanding, AppError> {
    let now = app.now();
    app.store()
        .read(async |tx| {
            let found = holder::find(tx, caller, pin_of).await?;
            let row = pins::find(tx, found.account.id, found.holder)
                .await?
                .ok_or(AppError::NotFound("the Support PIN"))?;
            let policy = &caller.brand.policy;
            let everyone = people::list_of_account(tx, found.account.id).await?;
            Ok(PinStanding {
                holder: found.holder,
                state: row.counters.state,
                changed_at: row.changed_at,
                locked_at: row.counters.locked_at,
                locked_by: row.locked_by,
                may_unlock: caller
                    .must(countersign_domain::access::Permission::UnlockPin)
                    .is_ok()
                    && policy.may_unlock(&caller.actor, found.relation),
                needs_new_pin: row.counters.needs_new_pin(&caller.brand.limits, now),
                who_may_unlock: names(policy.who_may_unlock(), &everyone, found.holder),
                support_may_unlock: policy.who_may_unlock().any(|party| party == Party::Supervisor),
                can_be_shown: row.sealed.is_some() && policy.support_pin.visible,
            })
        })
        .await
}

fn names(parties: impl Iterator<Item = Party>, everyone: &[Person], holder: HolderId) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for party in parties {
        for person in everyone
            .iter()
            .filter(|person| person.status == PersonStatus::Active)
        {
            let fits = match party {
                Party::Holder => holder == HolderId::Person(person.id),
                Party::Owner => person.role == Role::Owner,
                Party::Admin => person.role == Role::Admin,
                Party::Supervisor | Party::Api => false,
            };
            let name = person.name.as_str().to_owned();
            if fits && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}
