//! E31: the process is killed without warning, again and again; nothing that was answered is lost. E38: nor when it is
//! PostgreSQL that goes.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::running::{
    Answer, RunningDemo, Server, SetUp, call, config_for, now, request, said, size_from, succeed,
};

/// Kills in the test that always runs; the whole experiment has 50: `COUNTERSIGN_CRASH_ROUNDS=50`.
const ROUNDS: usize = 4;
const CALLERS: usize = 8;
/// Answers before a kill: then something is certainly under way.
const ANSWERS_BEFORE_A_KILL: usize = 40;
const READY_WITHIN: Duration = Duration::from_secs(5);
/// Restarts of each kind in the test that always runs; the whole experiment has 10: `COUNTERSIGN_RESTART_ROUNDS=10`.
const RESTARTS: usize = 2;
const ERRORS_END_WITHIN: Duration = Duration::from_secs(10);
/// Tries before a lock in `cloud-user-pin`.
const LIMIT: usize = 6;
/// How long answers may stay away before a test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// A person with a PIN, as callers know them.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) number: String,
    pub(crate) id: String,
    pub(crate) pin: String,
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
    let told = kill_again_and_again(
        || {
            let demo = RunningDemo::start(&folder);
            let brand = demo.brand("summit");
            Target {
                key: brand["api_clients"][0]["key"].as_str().unwrap().to_owned(),
                people: people(&brand),
                server: demo.server,
            }
        },
        || succeed(&["audit", "verify", "--config", &config_for(&folder)]),
    );
    println!("{told}");
}

#[test]
fn e31_on_postgresql_a_kill_loses_no_answered_try_and_undoes_no_lock() {
    let cluster = Cluster::start(true);
    let setup = SetUp::with("cloud-user-pin", &["--postgres", &cluster.database("product")]);
    let (key, people) = prepared(&setup);
    let told = kill_again_and_again(
        || Target {
            key: key.clone(),
            people: people.clone(),
            server: setup.serve(),
        },
        || said(&setup.run(&["audit", "verify"])),
    );
    println!("{told}");
}

#[test]
fn e38_when_postgresql_crashes_or_restarts_errors_end_and_nothing_answered_is_lost() {
    let cluster = Cluster::start(true);
    let setup = SetUp::with("cloud-user-pin", &["--postgres", &cluster.database("product")]);
    let (key, people) = prepared(&setup);
    let server = setup.serve();
    let address = server.address;
    let answered = Mutex::new(Answered::default());
    let rounds = size_from("COUNTERSIGN_RESTART_ROUNDS", RESTARTS);
    for _ in 0..rounds {
        for how in ["immediate", "fast"] {
            let over = AtomicBool::new(false);
            let last_error = Mutex::new(None);
            let back = std::thread::scope(|scope| {
                for caller in 0..CALLERS {
                    let (over, last_error, key, people, answered) =
                        (&over, &last_error, key.as_str(), &people, &answered);
                    scope.spawn(move || {
                        for turn in 0.. {
                            if over.load(Ordering::SeqCst) {
                                return;
                            }
                            let answer = one_try(address, key, people, caller + turn, answered)
                                .expect("the server itself answers throughout");
                            if answer.status != 200 {
                                assert_eq!(answer.status, 503, "{answer:?}");
                                *last_error.lock().unwrap() = Some(now());
                            }
                        }
                    });
                }
                wait_for_answers(&answered);
                cluster.restart(how);
                let back = now();
                wait_for_answers(&answered);
                over.store(true, Ordering::SeqCst);
                back
            });
            if let Some(last) = *last_error.lock().unwrap() {
                let after = last.saturating_duration_since(back);
                assert!(
                    after < ERRORS_END_WITHIN,
                    "{how}: errors for {after:?} after the return"
                );
                println!("{how}: the last error {after:?} after the return");
            }
        }
    }
    let answered = answered.into_inner().unwrap();
    locks_hold(address, &key, &people, &answered.locked);
    nothing_is_lost(address, &key, &answered);
    // A try whose answer was lost may be in the record; more than the limit may not, whatever was lost.
    let judged = recorded(address, &key, |event| {
        (event["outcome"] == "denied").then(|| event["subject"].to_string())
    });
    assert!(!judged.is_empty());
    assert!(judged.values().all(|times| *times <= LIMIT), "{judged:?}");
    assert!(server.stop().success());
    let proof = said(&setup.run(&["audit", "verify"]));
    assert!(proof.contains("sound:"), "{proof}");
}

/// A server under fire, with what its callers need.
struct Target {
    server: Server,
    key: String,
    people: Vec<Person>,
}

/// Tells how many tries that were.
fn kill_again_and_again(start: impl Fn() -> Target, prove: impl Fn() -> String) -> String {
    let rounds = size_from("COUNTERSIGN_CRASH_ROUNDS", ROUNDS);
    let answered = Mutex::new(Answered::default());
    for _ in 0..rounds {
        let target = start();
        assert!(
            target.server.started_in < READY_WITHIN,
            "{:?}",
            target.server.started_in
        );
        let locked = answered.lock().unwrap().locked.clone();
        locks_hold(target.server.address, &target.key, &target.people, &locked);
        bombard_and_kill(target, &answered);
        let told = prove();
        assert!(told.contains("sound:"), "{told}");
    }
    let Target { server, key, people } = start();
    let answered = answered.into_inner().unwrap();
    locks_hold(server.address, &key, &people, &answered.locked);
    let recorded = nothing_is_lost(server.address, &key, &answered);
    assert!(answered.tries.len() >= rounds * ANSWERS_BEFORE_A_KILL);
    assert!(
        !answered.locked.is_empty(),
        "the wrong tries have locked somebody"
    );
    format!(
        "{rounds} kills, {} answered tries, {recorded} recorded",
        answered.tries.len()
    )
}

/// Every answered try stands in the record, once. Gives how many stand there.
fn nothing_is_lost(address: SocketAddr, key: &str, answered: &Answered) -> usize {
    let recorded = recorded(address, key, |event| {
        event["request_id"].as_str().map(str::to_owned)
    });
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
    let twice = recorded.values().filter(|times| **times > 1).count();
    assert_eq!(twice, 0, "a try is recorded once");
    recorded.len()
}

/// A key and people with PINs on a server that was just set up.
fn prepared(setup: &SetUp) -> (String, Vec<Person>) {
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
    let server = setup.serve();
    let people = create_people(server.address, &key, 8);
    assert!(server.stop().success());
    (key, people)
}

/// People of one account, each with a PIN of their own.
pub(crate) fn create_people(address: SocketAddr, key: &str, how_many: usize) -> Vec<Person> {
    let post = |path: &str, body: Value| {
        let answer = call(address, "POST", path, key, &body);
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()
    };
    let account = post("/api/v1/accounts", json!({"name": "Fern"}));
    let number = account["account_number"].as_str().unwrap().to_owned();
    (0..how_many)
        .map(|index| {
            let people = format!("/api/v1/accounts/{number}/people");
            let name = format!("Person {index}");
            let person = post(&people, json!({"name": name, "role": "contact"}));
            let id = person["id"].as_str().unwrap().to_owned();
            let pin = format!("{:06}", 274_915 + 1_357 * index);
            let path = format!("{people}/{id}/support-pin");
            let set = call(address, "PUT", &path, key, &json!({"pin": pin}));
            assert!(set.status < 300, "{set:?}");
            Person {
                number: number.clone(),
                id,
                pin,
            }
        })
        .collect()
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
fn bombard_and_kill(target: Target, answered: &Mutex<Answered>) {
    let Target { server, key, people } = target;
    let address = server.address;
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for caller in 0..CALLERS {
            let (over, key, people) = (&over, key.as_str(), &people);
            scope.spawn(move || {
                for turn in 0.. {
                    match one_try(address, key, people, caller + turn, answered) {
                        Ok(answer) => assert_eq!(answer.status, 200, "{answer:?}"),
                        Err(_) => {
                            assert!(
                                over.load(Ordering::SeqCst),
                                "the server broke off before it was killed"
                            );
                            return;
                        }
                    }
                }
            });
        }
        wait_for_answers(answered);
        over.store(true, Ordering::SeqCst);
        server.kill_9();
    });
}

/// One caller's next try, noted where it was answered.
fn one_try(
    address: SocketAddr,
    key: &str,
    people: &[Person],
    turn: usize,
    answered: &Mutex<Answered>,
) -> std::io::Result<Answer> {
    // The last two people are never given a wrong PIN, so that right ones are judged to the end.
    let person = &people[turn % people.len()];
    let wrong = turn % people.len() < people.len() - 2;
    let code = if wrong {
        other_than(&person.pin)
    } else {
        person.pin.clone()
    };
    let body = json!({"account_number": person.number, "person": person.id, "code": code, "channel": "ivr"});
    let bearer = format!("Bearer {key}");
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "application/json"),
    ];
    let answer = request(address, "POST", "/api/v1/verify", &headers, &body.to_string())?;
    if answer.status == 200 {
        let result = answer.json()["result"].as_str().unwrap().to_owned();
        assert!(!(wrong && result == "verified"), "a wrong PIN was verified");
        let mut answered = answered.lock().unwrap();
        answered.tries.insert(answer.request_id());
        if result == "locked" {
            answered.locked.insert(person.id.clone());
        }
    }
    Ok(answer)
}

/// Waits until so many more tries were answered that something is certainly under way.
fn wait_for_answers(answered: &Mutex<Answered>) {
    let before = answered.lock().unwrap().tries.len();
    let deadline = now() + PATIENCE;
    while answered.lock().unwrap().tries.len() < before + ANSWERS_BEFORE_A_KILL {
        assert!(now() < deadline, "tries are answered no more");
        std::thread::yield_now();
    }
}

pub(crate) fn other_than(pin: &str) -> String {
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
fn locks_hold(address: SocketAddr, key: &str, people: &[Person], locked: &HashSet<String>) {
    for person in people.iter().filter(|person| locked.contains(&person.id)) {
        let body = json!({"account_number": person.number, "person": person.id, "code": person.pin, "channel": "phone"});
        let answer = call(address, "POST", "/api/v1/verify", key, &body).json();
        assert_eq!(answer["result"], "locked", "{answer}");
    }
}

/// How often each word that `of` finds in a judged try stands in the record.
fn recorded(address: SocketAddr, key: &str, of: impl Fn(&Value) -> Option<String>) -> HashMap<String, usize> {
    let mut recorded = HashMap::new();
    let mut before = String::new();
    loop {
        let path = format!("/api/v1/audit-events?action=verification.judged&limit=200{before}");
        let page = call(address, "GET", &path, key, &Value::Null).json();
        for event in page["events"].as_array().unwrap_or_else(|| panic!("{page}")) {
            if let Some(word) = of(event) {
                *recorded.entry(word).or_default() += 1;
            }
        }
        match page["before"].as_str() {
            Some(next) => before = format!("&before={next}"),
            None => return recorded,
        }
    }
}
