//! Who asks, at which brand, by which way.

use std::sync::Arc;

use countersign_domain::access::{Actor, Permission};
use countersign_domain::audit::{Action, ActorRef, Chain, Channel, Detail, EventDraft, Outcome, Subject};
use countersign_domain::ids::{EventId, HolderId};
use countersign_domain::judge::Entrance;
use countersign_domain::time::Timestamp;

use crate::directory::BrandEntry;
use crate::error::AppError;

/// The asker of a use case. Made by whoever authenticated them, and trusted from then on.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who.
    pub actor: Actor,
    /// At which brand.
    pub brand: Arc<BrandEntry>,
    /// By which way.
    pub surface: Channel,
    /// The id of the request, which events and log lines share.
    pub request_id: Option<String>,
}

impl Caller {
    /// The server itself, at a brand.
    #[must_use]
    pub const fn system(brand: Arc<BrandEntry>, surface: Channel) -> Self {
        Self {
            actor: Actor::System,
            brand,
            surface,
            request_id: None,
        }
    }

    /// Refuses a caller without this right.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub fn must(&self, permission: Permission) -> Result<(), AppError> {
        if self.actor.may(permission) {
            Ok(())
        } else {
            Err(AppError::Forbidden(permission))
        }
    }

    /// Who the evidence names.
    #[must_use]
    pub const fn actor_ref(&self) -> ActorRef {
        match self.actor {
            Actor::Person { id, .. } => ActorRef::Person(id),
            Actor::Staff { id, .. } => ActorRef::Staff(id),
            Actor::ApiClient { id, .. } => ActorRef::ApiClient(id),
            Actor::System => ActorRef::System,
        }
    }

    /// Whose share of the tries this caller spends.
    #[must_use]
    pub const fn entrance(&self) -> Entrance {
        match self.actor {
            Actor::ApiClient { .. } | Actor::System => Entrance::Machine,
            Actor::Person { .. } | Actor::Staff { .. } => Entrance::Human,
        }
    }

    /// An event by this caller.
    #[must_use]
    pub fn event(
        &self,
        id: EventId,
        at: Timestamp,
        chain: Chain,
        action: Action,
        subject: Subject,
        outcome: Outcome,
    ) -> EventDraft {
        EventDraft {
            id,
            brand: self.brand.brand.id,
            chain,
            at,
            actor: self.actor_ref(),
            action,
            subject,
            conversation: None,
            channel: Some(self.surface),
            outcome,
            detail: Detail::none(),
            request_id: self.request_id.clone(),
            policy_version: self.brand.policy_version,
        }
    }
}

/// The chain that holds what happens to a holder.
#[must_use]
pub const fn chain_of(holder: HolderId) -> Chain {
    match holder {
        HolderId::Account(id) => Chain::Account(id),
        HolderId::Person(id) => Chain::Person(id),
    }
}

/// A holder as the subject of an event.
#[must_use]
pub const fn subject_of(holder: HolderId) -> Subject {
    match holder {
        HolderId::Account(id) => Subject::Account(id),
        HolderId::Person(id) => Subject::Person(id),
    }
}
