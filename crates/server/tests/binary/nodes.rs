//! E02: several servers on one PostgreSQL count as one.

use std::collections::HashMap;
use std::sync::Barrier;

use serde_json::{Value, json};

use crate::crashes::{create_people, other_than};
use crate::postgres::empty_database;
use crate::running::{Server, SetUp, call, free_address, program, said, size_from};

/// Rounds in the test that always runs; the whole experiment has 50: `COUNTERSIGN_NODE_ROUNDS=50`.
const ROUNDS: usize = 2;
const NODES: usize = 4;
const AT_ONCE: usize = 200;
/// Tries before a lock in `cloud-user-pin`.
const LIMIT: usize = 6;

#[test]
fn e02_wrong_pins_through_several_nodes_at_once_are_judged_as_by_one() {
    let setup = SetUp::with("cloud-user-pin", &["--postgres", &empty_database()]);
    let key = setup.key(
        "Tests",
        &[
            "verify",
            "accounts:read",
            "accounts:write",
            "pins:set",
            "audit:read",
        ],
    );
    let nodes: Vec<Server> = (0..NODES)
        .map(|_| {
            let (address, operations) = (free_address(), free_address());
            Server::start(
                program()
                    .args(["serve", "--config", &setup.config])
                    .env("COUNTERSIGN__SERVER__LISTEN", address.to_string())
                    .env("COUNTERSIGN__SERVER__OPERATIONS_LISTEN", operations.to_string()),
                address,
            )
        })
        .collect();
    let rounds = size_from("COUNTERSIGN_NODE_ROUNDS", ROUNDS);
    let people = create_people(nodes[0].address, &key, rounds);
    for (round, person) in people.iter().enumerate() {
        // Two nodes with a hundred each, then four with fifty each.
        let used = if round % 2 == 0 { 2 } else { NODES };
        let barrier = Barrier::new(AT_ONCE);
        let body = json!({"account_number": person.number, "person": person.id, "code": other_than(&person.pin),
            "channel": "ivr"});
        let results: Vec<String> = std::thread::scope(|scope| {
            let callers: Vec<_> = (0..AT_ONCE)
                .map(|caller| {
                    let (address, barrier, body, key) =
                        (nodes[caller % used].address, &barrier, &body, key.as_str());
                    scope.spawn(move || {
                        barrier.wait();
                        let answer = call(address, "POST", "/api/v1/verify", key, body);
                        assert_eq!(answer.status, 200, "{answer:?}");
                        answer.json()["result"].as_str().unwrap().to_owned()
                    })
                })
                .collect();
            callers.into_iter().map(|caller| caller.join().unwrap()).collect()
        });
        let said = |word: &str| results.iter().filter(|result| *result == word).count();
        assert_eq!(
            (said("denied"), said("locked")),
            (LIMIT, AT_ONCE - LIMIT),
            "round {round}"
        );
        for node in &nodes {
            let right = json!({"account_number": person.number, "person": person.id, "code": person.pin,
                "channel": "phone"});
            let answer = call(node.address, "POST", "/api/v1/verify", &key, &right).json();
            assert_eq!(answer["result"], "locked", "on each node: {answer}");
        }
    }
    // Every try is in the record once, whichever node is asked, however small the pages are.
    let numbers: Vec<&str> = people.iter().map(|person| person.number.as_str()).collect();
    for node in [&nodes[0], &nodes[NODES - 1]] {
        let of_brand = tally(node, &key, "&limit=200");
        let of_account = tally(node, &key, &format!("&limit=37&account={}", numbers[0]));
        for counted in [of_brand, of_account] {
            assert_eq!(counted["denied"], LIMIT * rounds);
            assert_eq!(counted["locked"], (AT_ONCE - LIMIT + NODES) * rounds);
        }
    }
    for node in nodes {
        assert!(node.stop().success());
    }
    let proof = said(&setup.run(&["audit", "verify"]));
    assert!(proof.contains("sound:"), "{proof}");
}

/// How often the tries in the record came out each way; none may stand there twice.
fn tally(node: &Server, key: &str, filter: &str) -> HashMap<String, usize> {
    let (mut counted, mut before) = (HashMap::new(), String::new());
    let mut seen = std::collections::HashSet::new();
    loop {
        let path = format!("/api/v1/audit-events?action=verification.judged{filter}{before}");
        let page = call(node.address, "GET", &path, key, &Value::Null).json();
        for event in page["events"].as_array().unwrap_or_else(|| panic!("{page}")) {
            assert!(seen.insert(event["id"].to_string()), "twice: {event}");
            *counted
                .entry(event["outcome"].as_str().unwrap().to_owned())
                .or_default() += 1;
        }
        match page["before"].as_str() {
            Some(next) => before = format!("&before={next}"),
            None => return counted,
        }
    }
}
