//! E32: an answer leaves only after the log that holds its effect is on the disk. A kill cannot show this; only the
//! order of the system calls can.

use std::collections::HashSet;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::running::{RunningDemo, Server, SetUp, call, said};

/// Tries in the test that always runs; the whole experiment has 1,000: `COUNTERSIGN_DURABILITY_TRIES=1000`.
const TRIES: usize = 40;

#[test]
fn e32_a_sync_of_the_log_precedes_every_answer() {
    let tries = crate::running::size_from("COUNTERSIGN_DURABILITY_TRIES", TRIES);
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    let mut command = Command::new("strace");
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .args([
            "-f",
            "-y",
            "-s",
            "24",
            "-e",
            "trace=fdatasync,fsync,write,writev,sendto,sendmsg",
            "-o",
        ])
        .arg(&trace)
        .arg(env!("CARGO_BIN_EXE_countersign"));
    let demo = RunningDemo::start_with(command, &folder.path().join("demo"), Stdio::inherit());
    let brand = demo.brand("harbor");
    let key = brand["api_clients"][1]["key"].as_str().unwrap();
    let account = &brand["accounts"][0];
    let right = json!({"account_number": account["account_number"], "code": account["support_pin"], "channel": "phone"});
    // What changes nothing: the counter-test that this test would see an answer without a sync.
    let idle = || {
        assert_eq!(
            call(demo.server.address, "GET", "/healthz", "x", &Value::Null).status,
            200
        );
    };
    for index in 0..tries {
        idle();
        let mut body = right.clone();
        if index % 8 == 7 {
            body["account_number"] = json!("99999999");
        }
        let answer = call(demo.server.address, "POST", "/api/v1/verify", key, &body);
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let RunningDemo { server, .. } = demo;
    server.stop_traced();
    let answers = answers(&std::fs::read_to_string(&trace).unwrap());
    // The first answers belong to the start; each try is one idle answer and one judged answer, in turn.
    let ours = &answers[answers.len() - 2 * tries..];
    let judged: Vec<bool> = ours.iter().skip(1).step_by(2).copied().collect();
    let idle: Vec<bool> = ours.iter().step_by(2).copied().collect();
    assert_eq!(
        judged.iter().filter(|synced| **synced).count(),
        tries,
        "{judged:?}"
    );
    assert!(
        idle.iter().filter(|synced| !**synced).count() > tries / 2,
        "the counter-test saw no difference: {idle:?}"
    );
    println!("{tries} of {tries} answers followed a sync");
}

/// For each answer that was sent, in order: whether a sync of the write-ahead log ended between it and the one before.
fn answers(trace: &str) -> Vec<bool> {
    let mut answers = Vec::new();
    let mut synced = false;
    let mut syncing: HashSet<&str> = HashSet::new();
    for line in trace.lines() {
        let (thread, call) = line.split_once(' ').unwrap_or((line, ""));
        let call = call.trim_start();
        let is_sync = call.starts_with("fdatasync(") || call.starts_with("fsync(");
        if is_sync && call.contains("countersign.db-wal") {
            if call.contains("<unfinished") {
                syncing.insert(thread);
            } else if call.ends_with("= 0") {
                synced = true;
            }
        } else if call.starts_with("<... f") && call.ends_with("= 0") && syncing.remove(thread) {
            synced = true;
        } else if call.contains("\"HTTP/1.1 ") && !call.starts_with("<...") {
            answers.push(synced);
            synced = false;
        }
    }
    answers
}

/// E35: a disk that fails at a sync. What it kept of the commits since then nobody knows, so nobody is told of any.
#[test]
fn e35_after_a_sync_that_failed_nothing_is_told_or_written_until_the_server_is_started_anew() {
    let setup = SetUp::new("hosting-account-pin");
    let key = setup.key("Everything", &["accounts:read", "accounts:write", "audit:read"]);
    let log = setup.path("data").join("countersign.db-wal");
    let mut command = Command::new("strace");
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .args(["-f", "-qq", "-P", log.to_str().unwrap()])
        .args([
            "-e",
            "trace=fdatasync",
            "-e",
            "inject=fdatasync:error=EIO:when=20+",
            "-o",
            "/dev/null",
        ])
        .arg(env!("CARGO_BIN_EXE_countersign"))
        .args(["serve", "--config", &setup.config]);
    let server = Server::start(&mut command, setup.address);
    let create = |number: u32| {
        let account = json!({"name": "Acme", "account_number": format!("{}", 10_000_000 + number)});
        call(server.address, "POST", "/api/v1/accounts", &key, &account)
    };
    let read = |number: u32| {
        let path = format!("/api/v1/accounts/{}", 10_000_000 + number);
        call(server.address, "GET", &path, &key, &Value::Null).status
    };
    let mut saved = 0;
    let refused = loop {
        let answer = create(saved);
        if answer.status != 201 {
            break answer;
        }
        saved += 1;
        assert!(saved < 100, "no sync failed");
    };
    assert_eq!(refused.status, 503, "{refused:?}");
    assert!(saved > 0, "the first ones were sound");
    for number in [saved + 1, saved + 2] {
        assert_eq!(create(number).status, 503, "nothing is written any more");
    }
    assert_eq!((read(0), read(saved)), (503, 503), "and nothing is told");
    assert_eq!(
        call(setup.operations, "GET", "/readyz", "", &Value::Null).status,
        503,
        "whoever watches over it is told"
    );
    server.stop_traced();
    let server = setup.serve();
    for number in 0..saved {
        let path = format!("/api/v1/accounts/{}", 10_000_000 + number);
        assert_eq!(
            call(server.address, "GET", &path, &key, &Value::Null).status,
            200,
            "{number}"
        );
    }
    let account = json!({"name": "Acme", "account_number": "20000000"});
    assert_eq!(
        call(server.address, "POST", "/api/v1/accounts", &key, &account).status,
        201
    );
    said(&setup.run(&["audit", "verify"]));
}

#[test]
fn the_reader_of_traces_tells_answers_with_a_sync_from_those_without() {
    let trace = "10 fdatasync(9</d/countersign.db-wal>) = 0\n\
                 11 writev(12<socket:[1]>, [{iov_base=\"HTTP/1.1 200 OK\\r\\n\"..., iov_len=90}], 1) = 90\n\
                 11 sendto(12<socket:[1]>, \"HTTP/1.1 200 OK\\r\\n\"..., 90, MSG_NOSIGNAL, NULL, 0) = 90\n\
                 10 fdatasync(9</d/countersign.db-wal> <unfinished ...>\n\
                 11 sendto(12<socket:[1]>, \"HTTP/1.1 200 OK\\r\\n\"..., 90, MSG_NOSIGNAL, NULL, 0) = 90\n\
                 10 <... fdatasync resumed>) = 0\n\
                 11 sendto(12<socket:[1]>, \"HTTP/1.1 200 OK\\r\\n\"..., 90, MSG_NOSIGNAL, NULL, 0) = 90\n\
                 10 fdatasync(8</d/countersign.db>) = 0\n\
                 11 sendto(12<socket:[1]>, \"HTTP/1.1 200 OK\\r\\n\"..., 90, MSG_NOSIGNAL, NULL, 0) = 90\n";
    assert_eq!(answers(trace), [true, false, false, true, false]);
}
