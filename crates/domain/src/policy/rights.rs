//! Who may unlock and who may reset: the policy's share of the rights. [`crate::access`] has the other share; both
//! must agree.

use super::Policy;
use crate::access::Actor;
use crate::api_client::Scope;
use crate::ids::{AccountId, HolderId};
use crate::person::Role;
use crate::staff::StaffRole;
use crate::words::words;

words! {
    /// A kind of actor that a policy may name.
    Party, PartyError, "a party" {
        /// The person who holds the PIN. Nobody is the holder of a PIN that the account holds.
        Holder = "holder",
        /// An owner of the account.
        Owner = "owner",
        /// An admin of the account.
        Admin = "admin",
        /// A supervisor of the brand's staff, or an admin of it.
        Supervisor = "supervisor",
        /// A program with the scope for it.
        Api = "api",
    }
}

/// How an actor stands to a PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// The actor is the person who holds it.
    Own,
    /// The actor is another person on the same account, or any person on it when the account holds the PIN.
    SameAccount,
    /// The actor is not on the account: staff, a program, the system, or somebody else's customer.
    Outside,
}

impl Relation {
    /// How `actor` stands to the PIN of `holder` on `account`.
    #[must_use]
    pub fn of(actor: &Actor, holder: HolderId, account: AccountId) -> Self {
        match actor {
            Actor::Person { id, .. } if holder == HolderId::Person(*id) => Self::Own,
            Actor::Person { account: own, .. } if *own == account => Self::SameAccount,
            Actor::Person { .. } | Actor::Staff { .. } | Actor::ApiClient { .. } | Actor::System => {
                Self::Outside
            }
        }
    }
}

impl Policy {
    /// True when the policy lets `actor` unlock a PIN to which they stand in `relation` (D4, D5).
    #[must_use]
    pub fn may_unlock(&self, actor: &Actor, relation: Relation) -> bool {
        self.unlock
            .by
            .iter()
            .any(|party| stands_for(*party, actor, relation, Scope::PinsUnlock))
    }

    /// True when the policy lets `actor` have a new PIN made in place of one to which they stand in `relation`
    /// (B3, D1). One's own PIN is changed or made anew in the portal, which is no reset.
    #[must_use]
    pub fn may_reset(&self, actor: &Actor, relation: Relation) -> bool {
        self.reset
            .by
            .iter()
            .any(|party| stands_for(*party, actor, relation, Scope::PinsReset))
    }

    /// Who may unlock, in the order of the policy, for the banner that tells it to those who may not (D5).
    /// Programs are left out: nobody can call one.
    pub fn who_may_unlock(&self) -> impl Iterator<Item = Party> + '_ {
        self.unlock
            .by
            .iter()
            .copied()
            .filter(|party| *party != Party::Api)
    }
}

/// True when `actor` is one of `party`. Exhaustive on purpose: a new kind of party must be thought through here.
fn stands_for(party: Party, actor: &Actor, relation: Relation, scope: Scope) -> bool {
    match (party, actor) {
        (Party::Holder, Actor::Person { .. }) => relation == Relation::Own,
        (Party::Owner, Actor::Person { role, .. }) => *role == Role::Owner && relation != Relation::Outside,
        (Party::Admin, Actor::Person { role, .. }) => *role == Role::Admin && relation != Relation::Outside,
        (Party::Supervisor, Actor::Staff { role, .. }) => {
            matches!(role, StaffRole::Supervisor | StaffRole::Admin)
        }
        (Party::Api, Actor::ApiClient { scopes, .. }) => scopes.contains(&scope),
        (
            Party::Holder | Party::Owner | Party::Admin,
            Actor::Staff { .. } | Actor::ApiClient { .. } | Actor::System,
        )
        | (Party::Supervisor, Actor::Person { .. } | Actor::ApiClient { .. } | Actor::System)
        | (Party::Api, Actor::Person { .. } | Actor::Staff { .. } | Actor::System) => false,
    }
}
