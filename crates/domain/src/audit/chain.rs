//! Chains: the events about one account, person, staff member or brand, each naming the hash of the one before.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::audit::event::{Event, EventDraft, hash_text};
use crate::audit::finding::{Finding, Problem};
use crate::audit::merkle::Hash;
use crate::audit::reference::Chain;

/// Where a chain ends. It stands in the row that the chain's events change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The place of the last event, 0 before the first.
    pub sequence: u64,
    /// The hash of the last event, zeros before the first.
    #[serde(with = "hash_text")]
    pub hash: Hash,
}

impl Head {
    /// The head of a chain without events.
    pub const EMPTY: Self = Self {
        sequence: 0,
        hash: [0; 32],
    };
}

/// An event with the hash that was stored for it, as a row or a line of an export holds them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What happened.
    pub event: Event,
    /// What was stored as its hash. [`Event::hash`] is what it must be.
    #[serde(with = "hash_text")]
    pub hash: Hash,
}

impl Entry {
    /// An entry with its right hash.
    #[must_use]
    pub fn new(event: Event) -> Self {
        let hash = event.hash();
        Self { event, hash }
    }

    /// Whether the event has the hash that was stored with it.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        self.event.hash() == self.hash
    }
}

/// Puts an event at the end of its chain: the event as it is to be stored, and the new head, whose hash is the event's.
#[must_use]
pub fn append(head: Head, draft: EventDraft) -> (Event, Head) {
    let sequence = head.sequence.saturating_add(1);
    let event = Event::place(draft, sequence, head.hash);
    let hash = event.hash();
    (event, Head { sequence, hash })
}

/// Checks all entries of one chain, in the order in which they are stored, against the head that is known for it.
///
/// # Errors
/// Everything that is wrong, each with its place: edited, missing, duplicated, swapped and inserted entries, broken
/// links, a cut tail, a head that is not the last entry's.
pub fn verify_chain<'a>(
    chain: Chain,
    entries: impl IntoIterator<Item = &'a Entry>,
    expected: Head,
) -> Result<(), Vec<Finding>> {
    let mut check = ChainCheck::new(chain);
    for entry in entries {
        check.take(entry, &entry.event.hash());
    }
    let findings = check.finish(expected);
    if findings.is_empty() {
        Ok(())
    } else {
        Err(findings)
    }
}

/// What is kept of an entry until its chain is judged.
struct Seen {
    hash: Hash,
    previous: Hash,
}

/// Takes the entries of one chain one by one and judges them as a whole, so that an entry out of its place is called
/// that, and not missing at one place and unwanted at another.
pub(crate) struct ChainCheck {
    chain: Chain,
    seen: BTreeMap<u64, Seen>,
    highest: u64,
    findings: Vec<Finding>,
}

impl ChainCheck {
    pub(crate) const fn new(chain: Chain) -> Self {
        Self {
            chain,
            seen: BTreeMap::new(),
            highest: 0,
            findings: Vec::new(),
        }
    }

    fn report(&mut self, sequence: u64, problem: Problem) {
        self.findings
            .push(Finding::in_chain(self.chain, sequence, problem));
    }

    /// Takes the next entry, in stored order, with the hash that was computed for its event.
    pub(crate) fn take(&mut self, entry: &Entry, computed: &Hash) {
        let event = &entry.event;
        let sequence = event.sequence;
        if event.chain != self.chain {
            self.report(sequence, Problem::WrongChain);
            return;
        }
        if entry.hash != *computed {
            self.report(sequence, Problem::Edited);
        }
        if let Some(earlier) = self.seen.get(&sequence) {
            let same = earlier.hash == entry.hash;
            self.report(
                sequence,
                if same {
                    Problem::Duplicated
                } else {
                    Problem::Inserted
                },
            );
            return;
        }
        if sequence < self.highest {
            self.report(sequence, Problem::Swapped);
        }
        self.highest = self.highest.max(sequence);
        self.seen.insert(
            sequence,
            Seen {
                hash: entry.hash,
                previous: event.previous,
            },
        );
    }

    /// The last of the entries that were taken, as the head that the chain would have if nothing came after it.
    pub(crate) fn last(&self) -> Head {
        self.seen
            .last_key_value()
            .map_or(Head::EMPTY, |(&sequence, seen)| Head {
                sequence,
                hash: seen.hash,
            })
    }

    /// Judges what was taken against the head that is known for the chain.
    pub(crate) fn finish(mut self, expected: Head) -> Vec<Finding> {
        let mut last = Head::EMPTY;
        for (&sequence, seen) in &self.seen {
            let mut report = |sequence, problem| {
                self.findings
                    .push(Finding::in_chain(self.chain, sequence, problem));
            };
            let next = last.sequence.saturating_add(1);
            if sequence > next {
                report(next, Problem::Missing { until: sequence - 1 });
            } else if sequence < next {
                // Only place 0, which no entry has.
                report(sequence, Problem::Inserted);
                continue;
            } else if seen.previous != last.hash {
                report(sequence, Problem::BrokenLink);
            }
            if sequence > expected.sequence {
                report(sequence, Problem::BeyondHead);
            }
            last = Head {
                sequence,
                hash: seen.hash,
            };
        }
        if last.sequence < expected.sequence {
            self.report(
                last.sequence.saturating_add(1),
                Problem::CutTail {
                    until: expected.sequence,
                },
            );
        } else if last.sequence == expected.sequence && last.hash != expected.hash {
            self.report(last.sequence, Problem::NotTheHead);
        }
        self.findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::samples;

    /// Ten entries of one chain, and its head.
    fn ten() -> (Chain, Vec<Entry>, Head) {
        let chain = Chain::from(samples::account(5));
        let mut head = Head::EMPTY;
        let entries = (0..10)
            .map(|number| {
                let mut draft = samples::draft(number);
                draft.chain = chain;
                let (event, next) = append(head, draft);
                head = next;
                Entry::new(event)
            })
            .collect();
        (chain, entries, head)
    }

    fn findings(change: impl FnOnce(&mut Vec<Entry>)) -> Vec<(u64, Problem)> {
        let (chain, mut entries, head) = ten();
        change(&mut entries);
        match verify_chain(chain, &entries, head) {
            Ok(()) => Vec::new(),
            Err(findings) => findings
                .into_iter()
                .map(|finding| {
                    assert_eq!(finding.chain, Some(chain));
                    (finding.sequence.unwrap(), finding.problem)
                })
                .collect(),
        }
    }

    #[test]
    fn an_untouched_chain_is_sound() {
        assert_eq!(findings(|_| ()), []);
        let (chain, _, _) = ten();
        assert_eq!(verify_chain(chain, [], Head::EMPTY), Ok(()));
    }

    #[test]
    fn an_edit_is_found_where_it_is() {
        assert_eq!(
            findings(|entries| entries[3].event.policy_version += 1),
            [(4, Problem::Edited)]
        );
    }

    #[test]
    fn an_edit_with_its_hash_made_anew_breaks_the_next_link() {
        let rewrite = |at: usize| {
            findings(|entries| {
                entries[at].event.policy_version += 1;
                entries[at].hash = entries[at].event.hash();
            })
        };
        assert_eq!(rewrite(3), [(5, Problem::BrokenLink)]);
        assert_eq!(rewrite(9), [(10, Problem::NotTheHead)]);
    }

    #[test]
    fn each_kind_of_tampering_has_its_name() {
        let missing = |until| Problem::Missing { until };
        assert_eq!(findings(|entries| drop(entries.remove(0))), [(1, missing(1))]);
        assert_eq!(findings(|entries| drop(entries.drain(2..5))), [(3, missing(5))]);
        assert_eq!(
            findings(|entries| drop(entries.pop())),
            [(10, Problem::CutTail { until: 10 })]
        );
        assert_eq!(findings(Vec::clear), [(1, Problem::CutTail { until: 10 })]);
        assert_eq!(findings(|entries| entries.swap(2, 3)), [(3, Problem::Swapped)]);
        assert_eq!(
            findings(|entries| entries.insert(4, entries[3].clone())),
            [(4, Problem::Duplicated)]
        );
        let other = |entries: &mut Vec<Entry>| {
            let mut event = entries[3].event.clone();
            event.policy_version += 1;
            entries.insert(4, Entry::new(event));
        };
        assert_eq!(findings(other), [(4, Problem::Inserted)]);
        let zeroth = |entries: &mut Vec<Entry>| {
            let mut event = entries[3].event.clone();
            event.sequence = 0;
            entries.insert(0, Entry::new(event));
        };
        assert_eq!(findings(zeroth), [(0, Problem::Inserted)]);
        let foreign = |entries: &mut Vec<Entry>| {
            let mut event = entries[3].event.clone();
            event.chain = samples::staff(1).into();
            entries.insert(0, Entry::new(event));
        };
        let (_, entries, head) = ten();
        let mut with_foreign = entries;
        foreign(&mut with_foreign);
        let chain = Chain::from(samples::account(5));
        let found = verify_chain(chain, &with_foreign, head).unwrap_err();
        assert_eq!(found, [Finding::in_chain(chain, 4, Problem::WrongChain)]);
    }

    #[test]
    fn an_entry_after_the_head_is_found() {
        let (chain, mut entries, head) = ten();
        let mut draft = samples::draft(99);
        draft.chain = chain;
        entries.push(Entry::new(append(head, draft).0));
        let found = verify_chain(chain, &entries, head).unwrap_err();
        assert_eq!(found, [Finding::in_chain(chain, 11, Problem::BeyondHead)]);
    }

    #[test]
    fn a_finding_says_where_and_what() {
        let (chain, mut entries, head) = ten();
        entries.remove(4);
        let found = verify_chain(chain, &entries, head).unwrap_err();
        assert_eq!(
            found[0].to_string(),
            format!("chain {chain}, entry 5: entries are missing from here to 5")
        );
    }
}
