//! Logs for the tests of this module: made of fixed seeds, so that a failure repeats itself.

use crate::audit::{
    Action, ActorRef, Chain, Channel, Checkpoint, Detail, DetailKey, Entry, EventDraft, Head, Heads, Outcome,
    Subject, append, merkle::Tree,
};
use crate::ids::{AccountId, BrandId, ConversationId, EventId, PersonId, StaffId};
use crate::time::Timestamp;

const START: i64 = 1_790_000_000_000_000;

fn at(number: u64) -> Timestamp {
    Timestamp::from_micros(START + i64::try_from(number).unwrap() * 1_234_567)
}

fn random(number: u64) -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&Seeded(number).next().to_be_bytes());
    bytes
}

pub(crate) fn account(number: u64) -> AccountId {
    AccountId::new(at(0), random(number))
}

pub(crate) fn person(number: u64) -> PersonId {
    PersonId::new(at(0), random(number))
}

pub(crate) fn staff(number: u64) -> StaffId {
    StaffId::new(at(0), random(number))
}

pub(crate) fn brand(number: u64) -> BrandId {
    BrandId::new(at(0), random(number))
}

pub(crate) fn conversation(number: u64) -> ConversationId {
    ConversationId::new(at(0), random(number))
}

/// SplitMix64: enough randomness for tests, and the same each time.
pub(crate) struct Seeded(pub u64);

impl Seeded {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit).unwrap()).unwrap()
    }
}

/// The draft of entry `number` of a log.
pub(crate) fn draft(number: u64) -> EventDraft {
    let mut seeded = Seeded(number);
    let chain: Chain = match seeded.below(8) {
        0 => brand(1).into(),
        1 => staff(1).into(),
        2 | 3 => person(1).into(),
        other => account(u64::try_from(other).unwrap()).into(),
    };
    let action = Action::ALL[seeded.below(Action::ALL.len())];
    EventDraft {
        id: EventId::new(at(number), random(number)),
        brand: brand(1),
        chain,
        at: at(number),
        actor: [ActorRef::System, staff(1).into(), person(2).into()][seeded.below(3)],
        action,
        subject: [Subject::Nobody, account(5).into(), conversation(number).into()][seeded.below(3)],
        conversation: (seeded.below(2) == 0).then(|| conversation(number)),
        channel: (seeded.below(3) > 0).then(|| Channel::ALL[seeded.below(Channel::ALL.len())]),
        outcome: Outcome::ALL[seeded.below(Outcome::ALL.len())],
        detail: Detail::none()
            .with(
                DetailKey::Reason,
                format!("case-{number} \u{e9}\u{202e}\n\"quoted\"\u{0}"),
            )
            .with(DetailKey::Method, "support_pin"),
        request_id: (seeded.below(4) > 0).then(|| format!("req-{number}")),
        policy_version: number % 7,
    }
}

/// A log of `size` entries over several chains, in log order.
pub(crate) fn log(size: u64) -> Vec<Entry> {
    let mut heads = Heads::new();
    (0..size)
        .map(|number| {
            let draft = draft(number);
            let head = heads.entry(draft.chain).or_insert(Head::EMPTY);
            let (event, next) = append(*head, draft);
            *head = next;
            Entry {
                event,
                hash: next.hash,
            }
        })
        .collect()
}

/// The heads that a log leaves in the rows.
pub(crate) fn heads(log: &[Entry]) -> Heads {
    log.iter()
        .map(|entry| {
            (
                entry.event.chain,
                Head {
                    sequence: entry.event.sequence,
                    hash: entry.hash,
                },
            )
        })
        .collect()
}

/// The checkpoint that a log leaves outside.
pub(crate) fn checkpoint(log: &[Entry]) -> Checkpoint {
    let mut tree = Tree::new();
    log.iter().for_each(|entry| tree.append(entry.hash));
    Checkpoint {
        size: u64::try_from(log.len()).unwrap(),
        root: tree.root(),
    }
}
