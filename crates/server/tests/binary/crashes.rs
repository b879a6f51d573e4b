//! E31: the process is killed without warning, again and again; nothing that was answered is lost.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::running::{RunningDemo, call, config_for, request, succeed};

/// Kills in the test that always runs; the whole experiment has 50: `COUNTERSIGN_CRASH_ROUNDS=50`.
const ROUNDS: usize = 4;
const CALLERS: usize = 8;
/// Answers before a kill: then something is certainly under way.
const ANSWERS_BEFORE_A_KILL: usize = 40;
const READY_WITHIN: Duration = Duration::from_secs(5);

struct Person {
    number: String,
    id: String,
    pin: String,
}

#[derive(Default)]
struct Answered {
    /// Request ids of every try that was answered.
    tries: HashSet<String>,
    /// Who was seen locked.
    locked: HashSet<String>,
}

#[test]
fn e31_a_kill_loses_no_answered_try_and_undoes_no_lock() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("demo");
    let rounds = crate::running::size_from("COUNTERSIGN_CRASH_ROUNDS", ROUNDS);
    let answered = Mutex::new(Answered::default());
    for _ in 0..rounds {
        let demo = RunningDemo::start(&folder);
        assert!(
            demo.server.started_in < READY_WITHIN,
            "{:?}",
            demo.server.started_in
        );
        let brand = demo.brand("summit");
        let people = people(&brand);
        let key = brand["api_clients"][0]["key"].as_str().unwrap();
        locks_hold(&demo, key, &people, &answered.lock().unwrap().locked);
        bombard_and_kill(demo, key, &people, &answered);
        let told = succeed(&["audit", "verify", "--config", &config_for(&folder)]);
        assert!(told.contains("sound:"), "{told}");
    }
    let demo = RunningDemo::start(&folder);
    let brand = demo.brand("summit");
    let key = brand["api_clients"][0]["key"].as_str().unwrap();
    let answered = answered.into_inner().unwrap();
    locks_hold(&demo, key, &people(&brand), &answered.locked);
    let recorded = recorded_tries(demo.server.address, key);
    let lost: Vec<&String> = answered
        .tries
        .iter()
        .filter(|id| !recorded.contains_key(*id))
        .collect();
    assert!(
        lost.is_empty(),
        "{} of {} lost: {lost:?}",
        lost.len(),
        answered.tries.len()
    );
    let twice = recorded.iter().filter(|(_, times)| **times > 1).count();
    assert_eq!(twice, 0, "a try is recorded once");
    assert!(answered.tries.len() >= rounds * ANSWERS_BEFORE_A_KILL);
    assert!(
        !answered.locked.is_empty(),
        "the wrong tries have locked somebody"
    );
    println!(
        "{rounds} kills, {} answered tries, {} recorded",
        answered.tries.len(),
        recorded.len()
    );
}

fn people(brand: &Value) -> Vec<Person> {
    let mut people = Vec::new();
    for account in brand["accounts"].as_array().unwrap() {
        for person in account["people"].as_array().unwrap() {
            people.push(Person {
                number: account["account_number"].as_str().unwrap().to_owned(),
                id: person["id"].as_str().unwrap().to_owned(),
                pin: person["support_pin"].as_str().unwrap().to_owned(),
            });
        }
    }
    people
}

/// Callers try right and wrong PINs until the server dies under them.
fn bombard_and_kill(demo: RunningDemo, key: &str, people: &[Person], answered: &Mutex<Answered>) {
    let address = demo.server.address;
    let over = AtomicBool::new(false);
    let before = answered.lock().unwrap().tries.len();
    std::thread::scope(|scope| {
        for caller in 0..CALLERS {
            let over = &over;
            scope.spawn(move || {
                let bearer = format!("Bearer {key}");
                for turn in 0.. {
                    // The last two people are never given a wrong PIN, so that right ones are judged to the end.
                    let person = &people[(caller + turn) % people.len()];
                    let wrong = (caller + turn) % people.len() < people.len() - 2;
                    let code = if wrong { other_than(&person.pin) } else { person.pin.clone() };
                    let body = json!({"account_number": person.number, "person": person.id, "code": code, "channel": "ivr"});
                    let headers = [
                        ("Authorization", bearer.as_str()),
                        ("Content-Type", "application/json"),
                    ];
                    match request(address, "POST", "/api/v1/verify", &headers, &body.to_string()) {
                        Ok(answer) => {
                            assert_eq!(answer.status, 200, "{answer:?}");
                            let result = answer.json()["result"].as_str().unwrap().to_owned();
                            assert!(!(wrong && result == "verified"), "a wrong PIN was verified");
                            let mut answered = answered.lock().unwrap();
                            answered.tries.insert(answer.request_id());
                            if result == "locked" {
                                answered.locked.insert(person.id.clone());
                            }
                        }
                        Err(_) => {
                            assert!(over.load(Ordering::SeqCst), "the server broke off before it was killed");
                            return;
                        }
                    }
                }
            });
        }
        while answered.lock().unwrap().tries.len() < before + ANSWERS_BEFORE_A_KILL {
            std::thread::yield_now();
        }
        over.store(true, Ordering::SeqCst);
        demo.server.kill_9();
    });
}

fn other_than(pin: &str) -> String {
    let turned: String = pin
        .chars()
        .map(|digit| {
            if digit == '9' {
                '0'
            } else {
                ((digit as u8) + 1) as char
            }
        })
        .collect();
    assert_ne!(turned, pin);
    turned
}

/// Whoever was seen locked is locked still, even with the right PIN.
fn locks_hold(demo: &RunningDemo, key: &str, people: &[Person], locked: &HashSet<String>) {
    for person in people.iter().filter(|person| locked.contains(&person.id)) {
        let body = json!({"account_number": person.number, "person": person.id, "code": person.pin, "channel": "phone"});
        let answer = call(demo.server.address, "POST", "/api/v1/verify", key, &body).json();
        assert_eq!(answer["result"], "locked", "{answer}");
    }
}

/// How often each request's try stands in the record.
fn recorded_tries(address: SocketAddr, key: &str) -> HashMap<String, usize> {
    let mut recorded = HashMap::new();
    let mut before = String::new();
    loop {
        let path = format!("/api/v1/audit-events?action=verification.judged&limit=200{before}");
        let page = call(address, "GET", &path, key, &Value::Null).json();
        for event in page["events"].as_array().unwrap_or_else(|| panic!("{page}")) {
            if let Some(id) = event["request_id"].as_str() {
                *recorded.entry(id.to_owned()).or_default() += 1;
            }
        }
        match page["before"].as_str() {
            Some(next) => before = format!("&before={next}"),
            None => return recorded,
        }
    }
}
