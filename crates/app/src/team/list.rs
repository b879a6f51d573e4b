//! Use case: who is on the account, and how each of them stands.

use std::collections::HashMap;

use countersign_domain::access::Permission;
use countersign_domain::audit::Channel;
use countersign_domain::ids::{HolderId, PersonId};
use countersign_domain::judge::PinState;
use countersign_domain::person::{Person, PersonStatus, Role};
use countersign_domain::policy::HeldBy;
use countersign_domain::time::Timestamp;
use countersign_store::links::{self, LinkPurpose};
use countersign_store::phones::{self, PhoneOnRecord};
use countersign_store::{Tx, people, pins};

use super::{Team, own_account};
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;
use crate::second_factor::state;
use crate::second_factor::visitor::Visitor;

/// Somebody on the account.
#[derive(Clone, Debug)]
pub struct TeamMember {
    /// Who.
    pub person: Person,
    /// How their own PIN stands, where people hold them; never its digits.
    pub pin: Option<PinState>,
    /// The number on record.
    pub phone: Option<PhoneOnRecord>,
    /// Whether they can sign in.
    pub sign_in: SignInState,
    /// Whether they have a second factor: told to themself and to those who manage people.
    pub second_factor: Option<bool>,
}

/// Whether somebody can sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInState {
    /// They only call.
    OnlyCalls,
    /// They can.
    Ready,
    /// They have a link.
    Invited {
        /// Until when it is good.
        until: Timestamp,
    },
    /// Their link is too old.
    InvitationOver,
    /// They have no password and no link.
    NotInvited,
    /// They were switched off.
    SwitchedOff,
}

/// Everybody on the caller's account, the owners first. Whoever was switched off is shown to those who manage people.
///
/// # Errors
/// [`AppError::Forbidden`], [`AppError::Unavailable`].
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<TeamMember>, AppError> {
    caller.must(Permission::ReadAccount)?;
    let (account, manages) = (
        own_account(caller)?,
        caller.must(Permission::ManagePeople).is_ok(),
    );
    let now = app.now();
    app.store()
        .read::<_, AppError, _>(async |tx| {
            let team = Team::read(tx, account).await?;
            let with_password = people::list_with_password(tx, account).await?;
            let mut numbers: HashMap<PersonId, PhoneOnRecord> =
                phones::list_of_account(tx, account).await?.into_iter().collect();
            let holders = pins::list_of_account(tx, account).await?;
            let mut members = Vec::with_capacity(team.people.len());
            for person in team.people {
                if person.status == PersonStatus::Disabled && !manages {
                    continue;
                }
                let holder = HolderId::Person(person.id);
                let pin = holders
                    .iter()
                    .find(|row| row.holder == holder)
                    .map(|row| row.counters.state);
                let sign_in = sign_in(tx, &person, with_password.contains(&person.id), now).await?;
                let second_factor =
                    if sign_in == SignInState::Ready && (manages || is_caller(caller, &person)) {
                        let visitor = Visitor::of_person(&caller.brand, &person, Channel::Portal, None);
                        Some(state::read(tx, &visitor, now).await?.1.any())
                    } else {
                        None
                    };
                members.push(TeamMember {
                    pin: pin.filter(|_| caller.brand.policy.support_pin.held_by == HeldBy::Person),
                    phone: numbers.remove(&person.id),
                    sign_in,
                    second_factor,
                    person,
                });
            }
            members.sort_by_key(|one| (one.person.status, one.person.role));
            Ok(members)
        })
        .await
}

fn is_caller(caller: &Caller, person: &Person) -> bool {
    matches!(caller.actor, countersign_domain::access::Actor::Person { id, .. } if id == person.id)
}

async fn sign_in(
    tx: &mut Tx,
    person: &Person,
    has_password: bool,
    now: Timestamp,
) -> Result<SignInState, AppError> {
    if person.status == PersonStatus::Disabled {
        return Ok(SignInState::SwitchedOff);
    }
    if person.role == Role::Contact {
        return Ok(SignInState::OnlyCalls);
    }
    if has_password && person.may_sign_in() {
        return Ok(SignInState::Ready);
    }
    let link = links::newest_unused(tx, LinkPurpose::Invitation, person.id.into()).await?;
    Ok(match link {
        Some(link) if link.expires_at > now => SignInState::Invited {
            until: link.expires_at,
        },
        Some(_) => SignInState::InvitationOver,
        None => SignInState::NotInvited,
    })
}
