//! E32: an answer leaves only after the log that holds its effect is on the disk. A kill cannot show this; only the
//! order of the system calls can.

use std::collections::HashSet;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::running::{RunningDemo, call};

/// Tries in the test that always runs; the whole experiment has 1,000: `COUNTERSIGN_DURABILITY_TRIES=1000`.
const TRIES: usize = 40;

#[test]
fn e32_a_sync_of_the_log_precedes_every_answer() {
    if Command::new("strace")
        .arg("-V")
        .stdout(Stdio::null())
        .status()
        .is_err()
    {
        println!("not run: strace is not installed");
        return;
    }
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
