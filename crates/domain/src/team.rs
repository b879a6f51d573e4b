//! Who on an account may do what to whom on it: inviting, roles, switching sign-ins off and on (C5, interface.md *Portal* 8).
//!
//! [`crate::access`] says that owners and admins manage people at all; here stands to whom. Three rules carry the rest: nobody
//! does anything to themself, so nobody raises themself; roles are changed by owners alone; an account never loses its last
//! owner who can act.

use crate::ids::PersonId;
use crate::person::{PersonStatus, Role};

/// Somebody on the account, as far as the rules ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub id: PersonId,
    /// What they are on the account.
    pub role: Role,
    /// Whether they may act.
    pub status: PersonStatus,
}

/// What somebody means to do on their account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Put somebody new on it, as this.
    Add(Role),
    /// Send this member a link with which they choose how they sign in.
    Invite(Member),
    /// Make this member something else.
    ChangeRole(Member, Role),
    /// Switch this member off.
    Disable(Member),
    /// Switch this member on again.
    Enable(Member),
    /// Write down this member's phone number. One's own is confirmed by a code and asks nobody else.
    WritePhone(Member),
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// This role does not manage people, or not people of that rank.
    NotYours,
    /// It is about themself: another has to do it.
    Yourself,
    /// It would leave the account without an owner who can act.
    LastOwner,
    /// It is so already, or makes no sense for this member.
    Pointless,
}

/// Whether `actor` may do `deed` on an account with these `members`.
///
/// # Errors
/// [`Refusal`] says why not.
pub fn decide(actor: &Member, deed: Deed, members: &[Member]) -> Result<(), Refusal> {
    if actor.status != PersonStatus::Active || !matches!(actor.role, Role::Owner | Role::Admin) {
        return Err(Refusal::NotYours);
    }
    match deed {
        Deed::Add(role) => only(
            commands(actor.role, role) || (actor.role == role),
            Refusal::NotYours,
        ),
        Deed::Invite(member) => {
            only(member.id != actor.id, Refusal::Yourself)?;
            only(
                actor.role == Role::Owner || member.role != Role::Owner,
                Refusal::NotYours,
            )?;
            only(
                active(&member) && member.role != Role::Contact,
                Refusal::Pointless,
            )
        }
        Deed::ChangeRole(member, to) => {
            only(member.id != actor.id, Refusal::Yourself)?;
            only(actor.role == Role::Owner, Refusal::NotYours)?;
            only(active(&member) && member.role != to, Refusal::Pointless)?;
            only(
                to == Role::Owner || keeps_an_owner(members, member.id),
                Refusal::LastOwner,
            )
        }
        Deed::Disable(member) => {
            only(member.id != actor.id, Refusal::Yourself)?;
            only(commands(actor.role, member.role), Refusal::NotYours)?;
            only(active(&member), Refusal::Pointless)?;
            only(keeps_an_owner(members, member.id), Refusal::LastOwner)
        }
        Deed::Enable(member) => {
            only(member.id != actor.id, Refusal::Yourself)?;
            only(commands(actor.role, member.role), Refusal::NotYours)?;
            only(!active(&member), Refusal::Pointless)
        }
        Deed::WritePhone(member) => {
            only(member.id != actor.id, Refusal::Yourself)?;
            // Whoever signs in confirms a number of their own: nobody else chooses where their codes go.
            only(member.role == Role::Contact, Refusal::NotYours)?;
            only(active(&member), Refusal::Pointless)
        }
    }
}

/// Owners command everybody, admins those below them.
/// Whether this administrator types a new Support PIN for that one (B3): nobody for somebody above them, whose voice it would be.
#[must_use]
pub const fn may_type_pin_for(actor: Role, over: Role) -> bool {
    match actor {
        Role::Owner => matches!(over, Role::Owner | Role::Admin),
        Role::Admin => matches!(over, Role::Admin),
        Role::Member | Role::Contact => false,
    }
}

const fn commands(actor: Role, over: Role) -> bool {
    match actor {
        Role::Owner => true,
        Role::Admin => matches!(over, Role::Member | Role::Contact),
        Role::Member | Role::Contact => false,
    }
}

fn active(member: &Member) -> bool {
    member.status == PersonStatus::Active
}

/// Whether an owner who can act is left when this member is none any more.
fn keeps_an_owner(members: &[Member], without: PersonId) -> bool {
    members
        .iter()
        .any(|other| other.id != without && other.role == Role::Owner && active(other))
}

const fn only(held: bool, otherwise: Refusal) -> Result<(), Refusal> {
    if held { Ok(()) } else { Err(otherwise) }
}
