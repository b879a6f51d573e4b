//! The rows of the table `audit_events` against the events in them. Lists, filters and the walk through an account's
//! events read the columns; the chains prove only the bodies.

use std::collections::BTreeMap;
use std::fmt;

use countersign_domain::audit::{Chain, Entry, Heads};
use countersign_domain::ids::EventId;
use countersign_store::audit::StoredEvent;

/// An event whose row in the table is not as it was written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BrokenEvent {
    /// The id in the row's key; as it stands there, which need not be an id.
    pub id: String,
    /// What is wrong with the row.
    pub fault: Fault,
}

/// What can be wrong with a row of the table.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// Body or hash cannot be read.
    Unreadable,
    /// This column says something else than the event.
    Column(&'static str),
    /// `previous` names another event than the one before it in its chain.
    Previous,
    /// It is the last event of its holder, but the holder's row in the table `pins` names another.
    NotTheLast,
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable => out.write_str("its body or hash cannot be read"),
            Self::Column(name) => write!(out, "its column {name} does not say what the event says"),
            Self::Previous => out.write_str("its column previous does not name the event before it"),
            Self::NotTheLast => {
                out.write_str("it is its holder's last, but the holder's row in the table pins names another")
            }
        }
    }
}

/// Which event each holder's row names as the last.
pub(super) type LastEvents = BTreeMap<Chain, Option<EventId>>;

/// Checks row after row, in any order, and keeps of each chain only what has not found its neighbour yet.
#[derive(Default)]
pub(super) struct TableCheck {
    chains: BTreeMap<Chain, Links>,
    broken: Vec<BrokenEvent>,
}

/// The events of a chain that wait for the ones before or after them.
#[derive(Default)]
struct Links {
    /// The last of the events that follow one another without a gap, and its place.
    joined: (u64, Option<EventId>),
    /// What stands beyond a gap: the id and what its `previous` says.
    ahead: BTreeMap<u64, (EventId, Option<String>)>,
}

impl TableCheck {
    /// Takes the next row. The last event of a chain is compared with what the holder's row names.
    pub(super) fn take(&mut self, row: &StoredEvent, heads: &Heads, last: &LastEvents) {
        let Some(Entry { event, .. }) = &row.entry else {
            return self.fault(&row.id, Fault::Unreadable);
        };
        for (name, column, said) in [
            ("brand_id", &row.brand, event.brand.to_string()),
            ("id", &row.id, event.id.to_string()),
            ("actor", &row.actor, event.actor.to_string()),
            ("action", &row.action, event.action.as_str().to_owned()),
            ("outcome", &row.outcome, event.outcome.as_str().to_owned()),
        ] {
            if *column != said {
                self.fault(&row.id, Fault::Column(name));
            }
        }
        match event.chain {
            Chain::Staff(_) | Chain::Brand(_) => {
                if row.previous.is_some() {
                    self.fault(&row.id, Fault::Previous);
                }
            }
            chain @ (Chain::Account(_) | Chain::Person(_)) => {
                let links = self.chains.entry(chain).or_default();
                links
                    .ahead
                    .insert(event.sequence, (event.id, row.previous.clone()));
                let wrong = links.join();
                self.broken.extend(wrong);
                let is_last = heads
                    .get(&chain)
                    .is_some_and(|head| head.sequence == event.sequence);
                if is_last && last.get(&chain).is_some_and(|named| *named != Some(event.id)) {
                    self.fault(&row.id, Fault::NotTheLast);
                }
            }
        }
    }

    /// What is wrong, after the last row.
    pub(super) fn finish(mut self) -> Vec<BrokenEvent> {
        for links in self.chains.values_mut() {
            // Events are missing, which the chain's own check says: what stands behind the gap is still compared.
            while let Some((sequence, (id, _))) = links.ahead.pop_first() {
                links.joined = (sequence, Some(id));
                self.broken.extend(links.join());
            }
        }
        self.broken
    }

    fn fault(&mut self, id: &str, fault: Fault) {
        self.broken.push(BrokenEvent {
            id: id.to_owned(),
            fault,
        });
    }
}

impl Links {
    /// Joins what now follows without a gap, and tells which of them name another event than the one before.
    fn join(&mut self) -> Vec<BrokenEvent> {
        let mut wrong = Vec::new();
        while let Some((id, previous)) = self.ahead.remove(&self.joined.0.saturating_add(1)) {
            if previous != self.joined.1.map(|id| id.to_string()) {
                wrong.push(BrokenEvent {
                    id: id.to_string(),
                    fault: Fault::Previous,
                });
            }
            self.joined = (self.joined.0.saturating_add(1), Some(id));
        }
        wrong
    }
}
