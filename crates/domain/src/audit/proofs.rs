//! The experiments E23, E24 and E25 of the reliability bar: that nothing can be done to the evidence unseen.

use std::fmt::Write as _;

use crate::audit::export::{lines, to_line};
use crate::audit::merkle::{Frontier, leaf_hash};
use crate::audit::samples::{self, Seeded, checkpoint, draft, heads, log};
use crate::audit::{
    Action, ActorRef, Channel, Checkpoint, DetailKey, Entry, Event, Finding, Head, Heads, Outcome, Problem,
    Report, Subject, append, verify_export,
};

fn export(log: &[Entry]) -> String {
    log.iter().fold(String::new(), |mut text, entry| {
        writeln!(text, "{}", to_line(entry).unwrap()).unwrap();
        text
    })
}

/// Checks a log that stands in memory, without the way over text.
fn check(log: &[Entry], heads: Option<&Heads>, checkpoint: Option<Checkpoint>) -> Report {
    let mut check = crate::audit::export::ExportCheck::new(checkpoint);
    log.iter().for_each(|entry| check.take(entry));
    check.finish(heads)
}

/// The same for a log of which no entry was changed, only its place: the hashes are computed once for all rounds.
fn check_moved(log: &[Entry], heads: Option<&Heads>, checkpoint: Option<Checkpoint>) -> Report {
    let mut check = crate::audit::export::ExportCheck::new(checkpoint);
    log.iter().for_each(|entry| check.take_hashed(entry, entry.hash));
    check.finish(heads)
}

/// A verifier as one would write it in a hurry: each entry has its hash. The control: it must miss what ours finds.
fn weak_verifier_is_content(log: &[Entry]) -> bool {
    log.iter().all(Entry::is_intact)
}

#[test]
fn an_untouched_export_is_sound() {
    let log = log(300);
    let (heads, checkpoint) = (heads(&log), checkpoint(&log));
    let report = verify_export(lines(export(&log).as_bytes()), Some(&heads), Some(checkpoint));
    assert!(report.is_sound(), "{:?}", report.findings);
    assert_eq!(
        (report.size, report.root, report.vouched_for),
        (300, checkpoint.root, 300)
    );
    assert_eq!(report.chains, heads.len());
    assert!(verify_export(lines(export(&log).as_bytes()), None, None).is_sound());
    assert!(verify_export(lines(b""), Some(&Heads::new()), Some(samples::checkpoint(&[]))).is_sound());
}

#[test]
fn a_checkpoint_of_an_earlier_day_vouches_for_the_beginning() {
    let log = log(100);
    let earlier = checkpoint(&log[..60]);
    assert_eq!(check(&log, Some(&heads(&log)), Some(earlier)).vouched_for, 60);
    let mut changed = log;
    rewrite_from(&mut changed, 30);
    let report = check(&changed, Some(&heads(&changed)), Some(earlier));
    assert_eq!(report.findings, [Finding::overall(Problem::RootDiffers)]);
    assert_eq!(report.vouched_for, 0);
}

#[test]
fn e23_ten_thousand_random_bit_flips_in_an_export_are_all_found() {
    let log = log(12);
    let (heads, checkpoint) = (heads(&log), checkpoint(&log));
    let good = export(&log).into_bytes();
    let mut seeded = Seeded(23);
    for round in 0..10_000 {
        let bit = seeded.below(good.len() * 8);
        let mut bent = good.clone();
        bent[bit / 8] ^= 1 << (bit % 8);
        let report = verify_export(lines(&bent), Some(&heads), Some(checkpoint));
        // A line feed at the very end that became another byte is part of the last line, and not JSON.
        assert!(!report.is_sound(), "round {round}: bit {bit} was not noticed");
    }
}

/// A field and a way to change it.
type Edit = (&'static str, fn(&mut Event));

/// Every field of an event, each with a way to change it to something that is valid too.
fn edits() -> Vec<Edit> {
    vec![
        ("id", |event| event.id = draft(77_777).id),
        ("brand", |event| event.brand = samples::brand(9)),
        ("chain", |event| event.chain = samples::account(99).into()),
        ("sequence", |event| event.sequence += 1),
        ("at", |event| {
            event.at = crate::time::Timestamp::from_micros(event.at.micros() + 1);
        }),
        ("actor", |event| event.actor = ActorRef::Anonymous),
        ("action", |event| {
            event.action = if event.action == Action::PinLocked {
                Action::PinUnlocked
            } else {
                Action::PinLocked
            };
        }),
        ("subject", |event| {
            event.subject = Subject::Account(samples::account(98));
        }),
        ("conversation", |event| {
            event.conversation = if event.conversation.is_some() {
                None
            } else {
                Some(samples::conversation(1))
            };
        }),
        ("channel", |event| {
            event.channel = if event.channel == Some(Channel::Ivr) {
                None
            } else {
                Some(Channel::Ivr)
            };
        }),
        ("outcome", |event| {
            event.outcome = if event.outcome == Outcome::Verified {
                Outcome::Denied
            } else {
                Outcome::Verified
            };
        }),
        ("detail", |event| {
            event.detail = event.detail.clone().with(DetailKey::Tries, "0");
        }),
        ("request_id", |event| {
            event.request_id = if event.request_id.is_some() {
                None
            } else {
                Some(String::new())
            };
        }),
        ("policy_version", |event| event.policy_version += 1),
        ("previous", |event| event.previous[31] ^= 1),
    ]
}

#[test]
fn e23_each_field_of_a_hundred_entries_edited_is_found_even_with_its_hash_made_anew() {
    let log = log(100);
    let (heads, checkpoint) = (heads(&log), checkpoint(&log));
    let fields = serde_json::to_value(&log[0].event).unwrap();
    assert_eq!(
        fields.as_object().unwrap().len(),
        edits().len(),
        "every field has its edit"
    );
    for at in 0..log.len() {
        for (field, edit) in edits() {
            let mut changed = log.clone();
            edit(&mut changed[at].event);
            assert_ne!(changed[at], log[at], "{field}");
            assert!(!weak_verifier_is_content(&changed));
            let report = check(&changed, Some(&heads), Some(checkpoint));
            assert!(
                report
                    .findings
                    .iter()
                    .any(|finding| finding.problem == Problem::Edited),
                "{field} of entry {at}: {:?}",
                report.findings
            );
            // The attacker makes the hash anew: now the chain or its head does not fit, and the root never does.
            changed[at].hash = changed[at].event.hash();
            assert!(weak_verifier_is_content(&changed), "the control must miss it");
            let report = check(&changed, Some(&heads), Some(checkpoint));
            assert!(
                report.findings.contains(&Finding::overall(Problem::RootDiffers)),
                "{field} of entry {at}"
            );
            let without_checkpoint = check(&changed, Some(&heads), None);
            assert!(
                !without_checkpoint.is_sound(),
                "{field} of entry {at}: the chains alone"
            );
        }
        let mut changed = log.clone();
        changed[at].hash[0] ^= 1;
        assert!(!check(&changed, Some(&heads), Some(checkpoint)).is_sound());
    }
}

#[test]
fn e24_any_one_of_a_thousand_entries_deleted_is_found() {
    let log = log(1_000);
    assert!(log.iter().all(Entry::is_intact));
    let (heads, checkpoint) = (heads(&log), checkpoint(&log));
    for at in 0..log.len() {
        let mut changed = log.clone();
        let gone = changed.remove(at).event;
        if at % 100 == 0 {
            assert!(weak_verifier_is_content(&changed), "the control must miss it");
        }
        let report = check_moved(&changed, Some(&heads), Some(checkpoint));
        assert!(
            report
                .findings
                .contains(&Finding::overall(Problem::FewerThanCheckpoint {
                    expected: 1_000,
                    found: 999
                })),
            "entry {at}"
        );
        let named = report.findings.iter().any(|finding| {
            finding.chain == Some(gone.chain)
                && finding.sequence == Some(gone.sequence)
                && matches!(finding.problem, Problem::Missing { .. } | Problem::CutTail { .. })
        });
        assert!(named, "entry {at}: {:?}", report.findings);
    }
}

#[test]
fn e24_the_last_1_to_100_entries_cut_off_are_found_even_with_their_heads() {
    let log = log(1_000);
    assert!(log.iter().all(Entry::is_intact));
    let (full_heads, checkpoint) = (heads(&log), checkpoint(&log));
    for cut in 1..=100 {
        let short = &log[..log.len() - cut];
        let report = check_moved(short, Some(&full_heads), Some(checkpoint));
        assert!(
            report
                .findings
                .iter()
                .any(|finding| matches!(finding.problem, Problem::CutTail { .. })),
            "{cut}"
        );
        // The attacker turns back the heads in the rows as well. Only what was kept outside can tell.
        let turned_back = heads(short);
        assert!(
            check(short, Some(&turned_back), None).is_sound(),
            "the control must miss it"
        );
        let report = check_moved(short, Some(&turned_back), Some(checkpoint));
        let found = 1_000 - u64::try_from(cut).unwrap();
        assert_eq!(
            report.findings,
            [Finding::overall(Problem::FewerThanCheckpoint {
                expected: 1_000,
                found
            })],
            "{cut}"
        );
    }
}

#[test]
fn e24_any_two_neighbours_swapped_and_any_entry_doubled_are_found() {
    let log = log(200);
    assert!(log.iter().all(Entry::is_intact));
    let (heads, checkpoint) = (heads(&log), checkpoint(&log));
    for at in 0..log.len() {
        if at + 1 < log.len() {
            let mut swapped = log.clone();
            swapped.swap(at, at + 1);
            let report = check_moved(&swapped, Some(&heads), Some(checkpoint));
            assert!(
                report.findings.contains(&Finding::overall(Problem::RootDiffers)),
                "swapped at {at}"
            );
            let one_chain = log[at].event.chain == log[at + 1].event.chain;
            let named = report
                .findings
                .iter()
                .any(|finding| finding.problem == Problem::Swapped);
            assert_eq!(named, one_chain, "swapped at {at}");
        }
        let mut doubled = log.clone();
        doubled.insert(at, log[at].clone());
        assert!(weak_verifier_is_content(&doubled), "the control must miss it");
        let report = check_moved(&doubled, Some(&heads), Some(checkpoint));
        let place = Finding::in_chain(log[at].event.chain, log[at].event.sequence, Problem::Duplicated);
        assert!(report.findings.contains(&place), "doubled at {at}");
    }
}

#[test]
fn e24_an_entry_inserted_anywhere_is_found() {
    let log = log(200);
    let (heads, checkpoint) = (heads(&log), checkpoint(&log));
    for at in 0..=log.len() {
        // A well-made entry: right hash, right link to the entry before it in its chain.
        let mut extra = draft(50_000);
        extra.chain = log[0].event.chain;
        let before = log[..at].iter().rfind(|entry| entry.event.chain == extra.chain);
        let head = before.map_or(Head::EMPTY, |entry| Head {
            sequence: entry.event.sequence,
            hash: entry.hash,
        });
        let mut changed = log.clone();
        changed.insert(at, Entry::new(append(head, extra).0));
        assert!(weak_verifier_is_content(&changed), "the control must miss it");
        let report = check(&changed, Some(&heads), Some(checkpoint));
        let named = report
            .findings
            .iter()
            .any(|finding| matches!(finding.problem, Problem::Inserted | Problem::BeyondHead));
        assert!(named, "inserted at {at}: {:?}", report.findings);
        // Added behind the last one it is what tomorrow's log looks like, save for the head.
        let root_differs = report.findings.contains(&Finding::overall(Problem::RootDiffers));
        assert_eq!(root_differs, at < log.len(), "inserted at {at}");
    }
}

/// Changes entry `at` and makes every hash and link after it anew, as somebody with all rights on the database would.
fn rewrite_from(log: &mut [Entry], at: usize) {
    log[at].event.outcome = if log[at].event.outcome == Outcome::Verified {
        Outcome::Denied
    } else {
        Outcome::Verified
    };
    let mut heads = Heads::new();
    for entry in log {
        let head = heads.entry(entry.event.chain).or_insert(Head::EMPTY);
        entry.event.previous = head.hash;
        entry.hash = entry.event.hash();
        *head = Head {
            sequence: entry.event.sequence,
            hash: entry.hash,
        };
    }
}

#[test]
fn e25_a_log_rewritten_and_chained_anew_as_a_whole_is_found_by_the_checkpoint_outside() {
    let log = log(200);
    let outside = checkpoint(&log);
    for at in 0..log.len() {
        let mut changed = log.clone();
        rewrite_from(&mut changed, at);
        let new_heads = heads(&changed);
        assert!(
            check(&changed, Some(&new_heads), None).is_sound(),
            "the control: nothing inside can tell"
        );
        let report = check(&changed, Some(&new_heads), Some(outside));
        assert_eq!(
            report.findings,
            [Finding::overall(Problem::RootDiffers)],
            "rewritten from {at}"
        );
        // With the old heads still in the rows, they tell as well.
        assert!(!check(&changed, Some(&heads(&log)), None).is_sound());
    }
}

#[test]
fn a_chain_that_vanished_or_that_nobody_knows_is_found() {
    let log = log(60);
    let (mut known, checkpoint) = (heads(&log), checkpoint(&log));
    let gone = samples::account(1_234).into();
    known.insert(
        gone,
        Head {
            sequence: 4,
            hash: [1; 32],
        },
    );
    let report = check(&log, Some(&known), Some(checkpoint));
    assert_eq!(
        report.findings,
        [Finding::in_chain(gone, 1, Problem::CutTail { until: 4 })]
    );
    known.remove(&gone);
    let unknown = log[0].event.chain;
    known.remove(&unknown);
    let report = check(&log, Some(&known), Some(checkpoint));
    let expected = Finding {
        chain: Some(unknown),
        ..Finding::overall(Problem::UnknownChain)
    };
    assert_eq!(report.findings, std::slice::from_ref(&expected));
    assert_eq!(
        expected.to_string(),
        format!("chain {unknown}: no head is known for this chain")
    );
}

#[test]
fn every_problem_has_a_sentence_of_its_own() {
    let problems = [
        Problem::Edited,
        Problem::BrokenLink,
        Problem::Missing { until: 3 },
        Problem::Duplicated,
        Problem::Inserted,
        Problem::Swapped,
        Problem::CutTail { until: 3 },
        Problem::BeyondHead,
        Problem::NotTheHead,
        Problem::WrongChain,
        Problem::UnknownChain,
        Problem::Unreadable,
        Problem::FewerThanCheckpoint {
            expected: 2,
            found: 1,
        },
        Problem::RootDiffers,
    ];
    let sentences: std::collections::BTreeSet<String> = problems
        .into_iter()
        .map(|problem| Finding::overall(problem).to_string())
        .collect();
    assert_eq!(sentences.len(), problems.len());
}

#[test]
fn the_roots_of_an_export_and_of_its_leaves_are_one() {
    let log = log(50);
    let mut frontier = Frontier::new();
    for entry in &log {
        frontier.append(leaf_hash(&crate::audit::canonical_bytes(&entry.event)));
    }
    assert_eq!(
        frontier.root(),
        verify_export(lines(export(&log).as_bytes()), None, None).root
    );
}
