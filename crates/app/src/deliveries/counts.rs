//! How many messages came how far, for whoever watches the server. No label names a brand, a person or an address.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use countersign_domain::delivery::{Channel, DeliveryState};

/// What happened to a message.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Happened {
    /// A gateway took it.
    Accepted,
    /// A gateway did not take it now; it is tried again.
    Deferred,
    /// The first gateway did not take it, and a second was given it.
    Rerouted,
    /// It was given up.
    Failed,
    /// It was of no use any more.
    Expired,
    /// It reached the device.
    Delivered,
    /// The gateway said that it will not arrive.
    Undelivered,
}

impl Happened {
    /// The stable name, as metrics have it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Deferred => "deferred",
            Self::Rerouted => "rerouted",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Delivered => "delivered",
            Self::Undelivered => "undelivered",
        }
    }

    /// What a report of this state means.
    pub(super) const fn reported(state: DeliveryState) -> Self {
        match state {
            DeliveryState::Delivered => Self::Delivered,
            _ => Self::Undelivered,
        }
    }
}

type Key = (&'static str, String, &'static str);

/// The counts of one process.
#[derive(Debug, Default)]
pub struct Counts(Mutex<BTreeMap<Key, u64>>);

impl Counts {
    /// Counts one.
    pub(crate) fn add(&self, channel: Channel, gateway: &str, happened: Happened) {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (channel.name(), gateway.to_owned(), happened.name());
        let count = counted.entry(key).or_default();
        *count = count.saturating_add(1);
    }

    /// Channel, gateway, what happened, and how often.
    pub fn all(&self) -> Vec<(&'static str, String, &'static str, u64)> {
        let counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counted
            .iter()
            .map(|((channel, gateway, happened), count)| (*channel, gateway.clone(), *happened, *count))
            .collect()
    }
}
