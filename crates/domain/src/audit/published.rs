//! Holds the published description to the code: the worked example of `docs/audit-format.md` is read from there, and the
//! verifier that was written from that page alone must agree with ours.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::audit::export::{parse_line, to_line};
use crate::audit::names::{Action, Channel, DetailKey, Outcome};
use crate::audit::{
    ActorRef, Checkpoint, Detail, Entry, EventDraft, Head, append, canonical_bytes, hex, samples,
};

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

/// The code blocks of the page that are marked with `mark`, without their line ends.
fn blocks(page: &str, mark: &str) -> Vec<String> {
    let start = format!("```{mark}\n");
    page.split(&start)
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap().trim().to_owned())
        .collect()
}

fn page() -> String {
    fs::read_to_string(docs().join("audit-format.md")).unwrap()
}

/// The event of the worked example: an agent's PIN check that matched, the first event of its account.
fn example() -> Entry {
    let draft = EventDraft {
        id: "evt_01k66rkvm0000000000000001a".parse().unwrap(),
        brand: "brd_01k66r000000000000000000bd".parse().unwrap(),
        chain: "acc_01k66r00000000000000000acc"
            .parse::<crate::ids::AccountId>()
            .unwrap()
            .into(),
        at: crate::time::Timestamp::parse_rfc3339("2026-11-21T21:00:00.000001Z").unwrap(),
        actor: ActorRef::Staff("stf_01k66r000000000000000000da".parse().unwrap()),
        action: Action::VerificationJudged,
        subject: "acc_01k66r00000000000000000acc"
            .parse::<crate::ids::AccountId>()
            .unwrap()
            .into(),
        conversation: Some("cnv_01k66rk0000000000000000c0n".parse().unwrap()),
        channel: Some(Channel::Phone),
        outcome: Outcome::Verified,
        detail: Detail::none()
            .with(DetailKey::Method, "support_pin")
            .with(DetailKey::Assurance, "pin"),
        request_id: None,
        policy_version: 4,
    };
    Entry::new(append(Head::EMPTY, draft).0)
}

#[test]
fn the_worked_example_of_the_page_is_what_the_code_does() {
    let page = page();
    let entry = example();
    assert_eq!(blocks(&page, "json")[0], to_line(&entry).unwrap());
    assert_eq!(parse_line(blocks(&page, "json")[0].as_bytes()), Ok(entry.clone()));
    let bytes: String = blocks(&page, "hex")[0].split_whitespace().collect();
    assert_eq!(bytes, hex::encode(&canonical_bytes(&entry.event)));
    assert_eq!(blocks(&page, "hash")[0], hex::encode(&entry.hash));
    assert_eq!(entry.hash, entry.event.hash());
}

#[test]
fn the_page_names_every_field_in_the_order_of_the_line() {
    let page = page();
    let line = to_line(&example()).unwrap();
    let order = |text: &str, name: &str| text.find(name).unwrap_or_else(|| panic!("{name} is not there"));
    let names: Vec<String> = serde_json::to_value(example().event)
        .unwrap()
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    assert_eq!(names.len(), 15);
    for one in &names {
        for other in &names {
            assert_eq!(
                order(&line, &format!("\"{one}\":")) < order(&line, &format!("\"{other}\":")),
                order(&page, &format!("| `{one}` |")) < order(&page, &format!("| `{other}` |")),
                "{one} and {other}"
            );
        }
    }
}

/// Runs the published verifier over an export.
fn run(directory: &Path, export: &str, heads: &str, checkpoint: Checkpoint) -> Output {
    fs::write(directory.join("export.jsonl"), export).unwrap();
    fs::write(directory.join("heads.json"), heads).unwrap();
    fs::write(
        directory.join("checkpoint.json"),
        serde_json::to_string(&checkpoint).unwrap(),
    )
    .unwrap();
    Command::new("python3")
        .arg(docs().join("verify_audit.py"))
        .args([
            "export.jsonl",
            "--heads",
            "heads.json",
            "--checkpoint",
            "checkpoint.json",
        ])
        .current_dir(directory)
        .output()
        .expect("python3 runs the published verifier")
}

/// A directory for one test, gone when the test is.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let directory = std::env::temp_dir().join(format!("countersign-{name}-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        Self(directory)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn e29_the_published_verifier_comes_to_the_same_root_over_2000_entries() {
    let directory = Scratch::new("e29-same-root");
    let log = samples::log(2_000);
    let mut export = String::new();
    log.iter()
        .for_each(|entry| writeln!(export, "{}", to_line(entry).unwrap()).unwrap());
    let heads = serde_json::to_string(&samples::heads(&log)).unwrap();
    let output = run(&directory.0, &export, &heads, samples::checkpoint(&log));
    let said = String::from_utf8(output.stdout).unwrap();
    let root = hex::encode(&samples::checkpoint(&log).root);
    assert_eq!(
        said,
        format!("entries 2000\nroot {root}\nsound\n"),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn e29_the_published_verifier_finds_what_ours_finds() {
    let directory = Scratch::new("e29-findings");
    let log = samples::log(30);
    let heads = serde_json::to_string(&samples::heads(&log)).unwrap();
    let checkpoint = samples::checkpoint(&log);
    let lines: Vec<String> = log.iter().map(|entry| to_line(entry).unwrap()).collect();
    let text = |lines: &[String]| lines.iter().fold(String::new(), |text, line| text + line + "\n");
    let mut cut = lines.clone();
    cut.pop();
    let mut swapped = lines.clone();
    swapped.swap(10, 11);
    let mut doubled = lines.clone();
    doubled.insert(3, lines[3].clone());
    let mut deleted = lines.clone();
    deleted.remove(0);
    let mut edited = lines.clone();
    edited[9] = edited[9].replacen("\"policy_version\":", "\"policy_version\":1", 1);
    let mut spaced = lines.clone();
    spaced[5] = spaced[5].replacen("{\"event\"", "{ \"event\"", 1);
    for (name, changed) in [
        ("cut", cut),
        ("swapped", swapped),
        ("doubled", doubled),
        ("deleted", deleted),
        ("edited", edited),
        ("spaced", spaced),
    ] {
        assert_ne!(changed, lines, "{name}");
        let output = run(&directory.0, &text(&changed), &heads, checkpoint);
        assert_eq!(output.status.code(), Some(1), "{name}: {output:?}");
    }
    assert_eq!(
        run(&directory.0, &text(&lines), &heads, checkpoint).status.code(),
        Some(0),
        "the control"
    );
}
