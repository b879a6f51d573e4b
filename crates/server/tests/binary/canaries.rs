//! E15: PINs of twelve digits go through every flow with the log at its most talkative; then everything that the
//! server wrote anywhere is searched for them, in every spelling. Twelve digits, so that nothing is found by chance.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::process::Stdio;

use base64::Engine as _;
use serde_json::{Value, json};

use crate::browser::{Browser, code_of};
use crate::cluster::{Cluster, execute};
use crate::running::{Server, SetUp, call, program, request, said};

/// Canaries in the test that always runs; the whole experiment has 1,000: `COUNTERSIGN_CANARIES=1000`.
const CANARIES: usize = 24;

#[test]
fn e15_no_pin_stands_in_database_logs_metrics_backups_or_answers() {
    let setup = SetUp::new("cloud-user-pin");
    let searched = search(&setup, |places| {
        let backup = setup.path("backup.db");
        said(&setup.run(&["backup", backup.to_str().unwrap()]));
        places.extend(files_in(setup.folder.path()));
        assert!(
            places.keys().any(|name| name.ends_with("db-wal")),
            "the log of the database is looked at too"
        );
        assert!(holds(places, "backup.db", b"Canary Holdings"));
    });
    println!("{searched}");
}

#[test]
fn e15_on_postgresql_no_pin_stands_in_its_folder_its_logs_or_its_dump() {
    let cluster = Cluster::start(false);
    // The database's own log tells every statement with what it was given.
    cluster.execute("ALTER SYSTEM SET log_statement = 'all'");
    cluster.restart("fast");
    let database = cluster.database("product");
    let setup = SetUp::with("cloud-user-pin", &["--postgres", &database]);
    let searched = search(&setup, |places| {
        places.insert("dump".to_owned(), Cluster::dump(&database));
        execute(&database, "CHECKPOINT");
        places.extend(files_in(setup.folder.path()));
        places.extend(files_in(cluster.folder.path()));
        for place in ["dump", "/data/base/", "/data/pg_wal/", "/log"] {
            assert!(
                holds(places, place, b"Canary Holdings"),
                "{place} is looked at too"
            );
        }
    });
    println!("{searched}");
}

/// Whether a place with this in its name holds these bytes.
fn holds(places: &HashMap<String, Vec<u8>>, name: &str, needle: &[u8]) -> bool {
    places
        .iter()
        .any(|(place, bytes)| place.contains(name) && contains(bytes, needle))
}

/// Sends canaries through every flow, and searches what `gather` adds while the server runs, what is there at the end,
/// and everything that was said. Tells how much that was.
fn search(setup: &SetUp, gather: impl Fn(&mut HashMap<String, Vec<u8>>)) -> String {
    let count = crate::running::size_from("COUNTERSIGN_CANARIES", CANARIES);
    let canaries = canaries(2 * count);
    let (right, wrong) = canaries.split_at(count);
    let policy = setup.path("policy.toml");
    std::fs::write(
        &policy,
        "preset = \"cloud-user-pin\"\n[support_pin]\nlength = 12\n[support_pin.rules]\nmax_equal_in_a_row = 0\n\
         max_in_sequence = 0\n",
    )
    .unwrap();
    said(&setup.run(&["policy", "set", policy.to_str().unwrap()]));
    let key = setup.key(
        "All",
        &[
            "verify",
            "conversations",
            "accounts:read",
            "accounts:write",
            "pins:set",
            "pins:reset",
            "pins:unlock",
            "audit:read",
        ],
    );
    // Not a pipe: nobody would read it until the server is ready, and at this level that is too late.
    let log = tempfile::NamedTempFile::new().unwrap();
    let server = Server::start(
        program()
            .args(["serve", "--config", &setup.config])
            .env("COUNTERSIGN__LOG__LEVEL", "trace")
            .env("COUNTERSIGN__LOG__FORMAT", "json")
            // Ids of requests are taken from listed proxies only.
            .env("COUNTERSIGN__PROXY__TRUSTED", "127.0.0.1")
            .stdout(Stdio::null())
            .stderr(log.reopen().unwrap()),
        setup.address,
    );
    let mut answers = Flows::new(&server, &key).run_all(right, wrong);
    answers.push_str(&pages(setup, &server, &key, &right[0], wrong));
    answers.push_str(&record(&server, &key));
    let metrics = request(setup.operations, "GET", "/metrics", &[], "")
        .unwrap()
        .body;
    let mut places = HashMap::new();
    gather(&mut places);
    server.stop();
    places.extend(
        files_in(setup.folder.path())
            .into_iter()
            .map(|(name, bytes)| (format!("{name} at the end"), bytes)),
    );
    places.insert("answers".to_owned(), answers.into_bytes());
    places.insert("metrics".to_owned(), metrics.into_bytes());
    let log = std::fs::read(log.path()).unwrap();
    // The search sees what is there: ids of requests in the log, as names in the database.
    assert!(contains(&log, b"canary-0-set"), "the log names the requests");
    places.insert("the server's log".to_owned(), log);
    let patterns = patterns(&canaries);
    let mut hits: Vec<String> = places
        .iter()
        .flat_map(|(name, bytes)| {
            find(&patterns, bytes)
                .into_iter()
                .map(move |hit| format!("{name}: {hit}"))
        })
        .collect();
    hits.sort();
    let bytes: usize = places.values().map(Vec::len).sum();
    assert!(hits.is_empty(), "{hits:#?}");
    format!(
        "{} canaries, {} places, {bytes} bytes, no hits",
        canaries.len(),
        places.len()
    )
}

/// What callers, programs and people who mistype do with PINs.
struct Flows<'a> {
    server: &'a Server,
    key: &'a str,
    number: String,
    heard: String,
}

impl<'a> Flows<'a> {
    fn new(server: &'a Server, key: &'a str) -> Self {
        let account = call(
            server.address,
            "POST",
            "/api/v1/accounts",
            key,
            &json!({"name": "Canary Holdings"}),
        )
        .json();
        let number = account["account_number"].as_str().unwrap().to_owned();
        Self {
            server,
            key,
            number,
            heard: String::new(),
        }
    }

    fn send(&mut self, id: &str, method: &str, path: &str, body: &str) -> String {
        let bearer = format!("Bearer {}", self.key);
        let headers = [
            ("Authorization", bearer.as_str()),
            ("Content-Type", "application/json"),
            ("X-Request-Id", id),
            ("Idempotency-Key", id),
        ];
        let answer = request(self.server.address, method, path, &headers, body).expect("an answer");
        assert!(answer.status < 500, "{answer:?}");
        self.heard.push_str(&answer.head);
        self.heard.push_str(&answer.body);
        answer.body
    }

    fn run_all(mut self, right: &[String], wrong: &[String]) -> String {
        for (index, (right, wrong)) in right.iter().zip(wrong).enumerate() {
            self.person(index, right, wrong);
        }
        self.heard
    }

    fn person(&mut self, index: usize, right: &str, wrong: &str) {
        let people = format!("/api/v1/accounts/{}/people", self.number);
        let email = format!("person{index}@example.com");
        let body = json!({"name": format!("Person {index}"), "role": "contact", "email": email});
        let created: Value = serde_json::from_str(&self.send(
            &format!("canary-{index}-new"),
            "POST",
            &people,
            &body.to_string(),
        ))
        .unwrap();
        let person = created["id"].as_str().unwrap().to_owned();
        let pin = format!("{people}/{person}/support-pin");
        let number = self.number.clone();
        let verify = |person: &str, code: &str| {
            json!({"account_number": number, "person": person, "code": code, "channel": "phone"}).to_string()
        };
        let step = |name: &str| format!("canary-{index}-{name}");
        self.send(&step("set"), "PUT", &pin, &json!({"pin": right}).to_string());
        let verdict = self.send(&step("right"), "POST", "/api/v1/verify", &verify(&person, right));
        assert!(verdict.contains("\"verified\""), "{verdict}");
        self.send(&step("right"), "POST", "/api/v1/verify", &verify(&person, right));
        self.send(
            &step("again"),
            "POST",
            "/api/v1/verify",
            &verify(&email, &spaced(right)),
        );
        let verdict = self.send(&step("wrong"), "POST", "/api/v1/verify", &verify(&email, wrong));
        assert!(verdict.contains("\"denied\""), "{verdict}");
        self.in_a_conversation(index, &person, right, wrong);
        self.mistakes(index, &person, &pin, right, wrong);
        // Six wrong ones lock it; then nothing verifies until it is unlocked.
        for turn in 0..7 {
            self.send(
                &step(&format!("lock-{turn}")),
                "POST",
                "/api/v1/verify",
                &verify(&person, wrong),
            );
        }
        let verdict = self.send(&step("locked"), "POST", "/api/v1/verify", &verify(&person, right));
        assert!(verdict.contains("\"locked\""), "{verdict}");
        self.send(&step("unlock"), "POST", &format!("{pin}/unlock"), "");
        self.send(&step("state"), "GET", &pin, "");
        if index.is_multiple_of(2) {
            self.send(&step("reset"), "POST", &format!("{pin}/reset"), "");
        }
    }

    fn in_a_conversation(&mut self, index: usize, person: &str, right: &str, wrong: &str) {
        let body = json!({"account_number": self.number, "channel": "chat", "direction": "inbound", "person": person});
        let opened: Value = serde_json::from_str(&self.send(
            &format!("canary-{index}-open"),
            "POST",
            "/api/v1/conversations",
            &body.to_string(),
        ))
        .unwrap();
        let conversation = format!("/api/v1/conversations/{}", opened["id"].as_str().unwrap());
        for (name, method, code) in [
            ("wrong", "support_pin", wrong),
            ("right", "support_pin", right),
            ("one-time", "one_time_pin", wrong),
        ] {
            let body = json!({"method": method, "code": code}).to_string();
            let id = format!("canary-{index}-{name}-talking");
            let verdict = self.send(&id, "POST", &format!("{conversation}/verifications"), &body);
            assert!(verdict.contains("result"), "{verdict}");
        }
        self.send(&format!("canary-{index}-read"), "GET", &conversation, "");
        self.send(
            &format!("canary-{index}-close"),
            "POST",
            &format!("{conversation}/close"),
            "",
        );
    }

    /// A PIN in bodies that cannot be used.
    fn mistakes(&mut self, index: usize, person: &str, pin: &str, right: &str, wrong: &str) {
        let number = &self.number;
        let bodies = [
            format!(
                "{{\"account_number\":\"{number}\",\"person\":\"{person}\",\"code\":{wrong},\"channel\":\"phone\"}}"
            ),
            format!("{{\"account_number\":\"{number}\",\"code\":\"{right}\",\"channel\":\"phone\""),
            format!("{{\"account_number\":\"{number}\",\"code\":\"{right}x\",\"channel\":\"phone\"}}"),
            format!("{{\"account_number\":\"{number}\",\"code\":\"{right}{wrong}\",\"channel\":\"phone\"}}"),
            format!("{{\"account_number\":\"{number}\",\"code\":[\"{wrong}\"],\"channel\":\"phone\"}}"),
            format!("{{\"account_number\":\"{number}\",\"code\":\"{right}\",\"channel\":\"{wrong}\"}}"),
            format!("{{\"account_number\":\"{number}\",\"{wrong}\":\"{right}\",\"code\":\"\"}}"),
            format!("\"{wrong}\""),
            wrong.to_owned(),
        ];
        for (turn, body) in bodies.iter().enumerate() {
            let heard = self.heard.len();
            self.send(
                &format!("canary-{index}-mistake-{turn}"),
                "POST",
                "/api/v1/verify",
                body,
            );
            assert!(
                self.heard[heard..].contains(" 4"),
                "it is refused: {}",
                &self.heard[heard..]
            );
        }
        self.send(
            &format!("canary-{index}-bad-set"),
            "PUT",
            pin,
            &format!("{{\"pin\":{right}}}"),
        );
        self.send(
            &format!("canary-{index}-long-set"),
            "PUT",
            pin,
            &json!({"pin": format!("{right}1")}).to_string(),
        );
    }
}

/// A customer in the portal and an admin at the desk handle the same PIN. Only the page that is asked to show it may.
fn pages(setup: &SetUp, server: &Server, key: &str, pin: &str, wrong: &[String]) -> String {
    let post = |path: &str, body: Value| call(server.address, "POST", path, key, &body).json();
    let account = post("/api/v1/accounts", json!({"name": "Canary Cage"}));
    let number = account["account_number"].as_str().unwrap();
    let password = "a password for the canary";
    let person = json!({"name": "Tweety Bird", "role": "owner", "username": "tweety", "password": password,
        "phone": "+12025550143", "email": "tweety@example.com"});
    let person = post(&format!("/api/v1/accounts/{number}/people"), person);
    let mut portal = Browser::sign_in(server.address, "/sign-in", "tweety", password);
    portal.get("/profile");
    portal.post("/profile/support-pin", &[("pin", &format!("{pin}7"))]);
    let saved = portal.post("/profile/support-pin", &[("pin", &spaced(pin))]);
    assert_eq!(saved.status, 303, "{saved:?}");
    for page in ["/", "/profile", "/activity"] {
        portal.get(page);
    }
    let shown = portal.post_unseen("/pin", &[]);
    assert!(shown.body.contains(pin), "its holder may look at it");
    portal.get("/profile");
    let password = setup
        .said
        .lines()
        .find_map(|line| line.strip_prefix("Password"))
        .unwrap()
        .trim();
    let mut desk = Browser::sign_in(server.address, "/desk/sign-in", "ada", password);
    // The first sign-in sets a second factor up, before the desk opens.
    desk.get("/desk/second-factor");
    desk.post("/desk/second-factor/begin", &[]);
    let page = desk.get_unseen("/desk/second-factor");
    let key = page.body.split("id=\"key-text\">").nth(1).unwrap();
    let code = code_of(key.split('<').next().unwrap());
    let on = desk.post_unseen("/desk/second-factor", &[("code", &code)]);
    assert_eq!(on.status, 200, "{on:?}");
    desk.get("/desk");
    let form = [
        ("account", number),
        ("channel", "phone"),
        ("direction", "inbound"),
    ];
    let opened = desk.post("/desk/conversations", &form);
    let conversation = opened
        .head
        .lines()
        .find_map(|line| line.strip_prefix("location: "))
        .unwrap_or_else(|| panic!("{opened:?}"))
        .to_owned();
    desk.get(&conversation);
    let verify = format!("{conversation}/verify");
    let person = person["id"].as_str().unwrap();
    desk.post(&verify, &[("person", person), ("pin", &wrong[0])]);
    desk.get(&conversation);
    desk.post(&verify, &[("person", person), ("pin", &format!("{}x", wrong[1]))]);
    desk.get(&conversation);
    desk.post(&verify, &[("person", person), ("pin", pin)]);
    let verified = desk.get(&conversation);
    assert!(
        verified.body.contains("Tweety Bird"),
        "after a match the agent sees who it is"
    );
    desk.get("/desk");
    portal.seen + &desk.seen
}

/// The whole record of the brand, as the API gives it.
fn record(server: &Server, key: &str) -> String {
    let (mut all, mut before) = (String::new(), String::new());
    loop {
        let page = call(
            server.address,
            "GET",
            &format!("/api/v1/audit-events?limit=200{before}"),
            key,
            &Value::Null,
        );
        all.push_str(&page.body);
        match page.json()["before"].as_str() {
            Some(next) => before = format!("&before={next}"),
            None => return all,
        }
    }
}

fn files_in(folder: &Path) -> HashMap<String, Vec<u8>> {
    let mut files = HashMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_in(&path));
        } else {
            let name = path.to_string_lossy().into_owned();
            match std::fs::read(&path) {
                Ok(bytes) => files.insert(name, bytes),
                // A database in use takes files away.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
                Err(error) => panic!("{name}: {error}"),
            };
        }
    }
    files
}

/// Distinct texts of twelve digits without a pattern: a linear congruence with a full period.
fn canaries(count: usize) -> Vec<String> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut made = HashSet::new();
    while made.len() < count {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        made.insert(format!("{:012}", (state >> 16) % 1_000_000_000_000));
    }
    made.into_iter().collect()
}

fn spaced(pin: &str) -> String {
    pin.chars().map(String::from).collect::<Vec<_>>().join(" ")
}

/// Every spelling of every canary, by length.
fn patterns(canaries: &[String]) -> HashMap<usize, HashMap<Vec<u8>, String>> {
    let mut patterns: HashMap<usize, HashMap<Vec<u8>, String>> = HashMap::new();
    for canary in canaries {
        for (name, bytes) in spellings(canary) {
            patterns
                .entry(bytes.len())
                .or_default()
                .insert(bytes, format!("{canary} as {name}"));
        }
    }
    patterns
}

fn spellings(canary: &str) -> Vec<(String, Vec<u8>)> {
    let ascii = canary.as_bytes();
    let groups = |size: usize, between: &str| {
        let parts: Vec<&str> = (0..canary.len())
            .step_by(size)
            .map(|at| &canary[at..at + size])
            .collect();
        parts.join(between).into_bytes()
    };
    let number: u64 = canary.parse().unwrap();
    let bytes: Vec<String> = ascii.iter().map(u8::to_string).collect();
    let digits: Vec<String> = canary.chars().map(String::from).collect();
    let mut all = vec![
        ("ascii".to_owned(), ascii.to_vec()),
        ("reversed".to_owned(), ascii.iter().rev().copied().collect()),
        (
            "utf-16 le".to_owned(),
            canary.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        ),
        (
            "utf-16 be".to_owned(),
            canary.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        ),
        ("hex".to_owned(), hex::encode(ascii).into_bytes()),
        ("spaced".to_owned(), groups(1, " ")),
        ("dashes by four".to_owned(), groups(4, "-")),
        ("spaces by three".to_owned(), groups(3, " ")),
        ("a list of bytes".to_owned(), bytes.join(", ").into_bytes()),
        ("a list of digits".to_owned(), digits.join(", ").into_bytes()),
        ("a json list".to_owned(), bytes.join(",").into_bytes()),
        (
            "raw digits".to_owned(),
            ascii.iter().map(|digit| digit - b'0').collect(),
        ),
        (
            "bcd".to_owned(),
            ascii
                .chunks(2)
                .map(|pair| (pair[0] - b'0') << 4 | (pair[1] - b'0'))
                .collect(),
        ),
        ("six bytes be".to_owned(), number.to_be_bytes()[2..].to_vec()),
        ("six bytes le".to_owned(), number.to_le_bytes()[..6].to_vec()),
    ];
    for phase in 0..3 {
        let mut padded = vec![0; phase];
        padded.extend(ascii);
        let encoded = base64::engine::general_purpose::STANDARD.encode(&padded);
        // Only the letters that the canary alone decides.
        let first = (phase * 8).div_ceil(6);
        let last = padded.len() * 8 / 6;
        all.push((
            format!("base64 at phase {phase}"),
            encoded.as_bytes()[first..last].to_vec(),
        ));
    }
    all
}

fn find(patterns: &HashMap<usize, HashMap<Vec<u8>, String>>, bytes: &[u8]) -> Vec<String> {
    let mut hits = Vec::new();
    // Two bytes tell most places from a canary, and how long it would be, before anything is hashed.
    let mut begins: Vec<Vec<usize>> = vec![Vec::new(); 1 << 16];
    for (length, wanted) in patterns {
        for pattern in wanted.keys() {
            let lengths = &mut begins[usize::from(pattern[0]) << 8 | usize::from(pattern[1])];
            if !lengths.contains(length) {
                lengths.push(*length);
            }
        }
    }
    for (at, pair) in bytes.windows(2).enumerate() {
        for length in &begins[usize::from(pair[0]) << 8 | usize::from(pair[1])] {
            if let Some(window) = bytes.get(at..at + length)
                && let Some(hit) = patterns[length].get(window)
            {
                hits.push(hit.clone());
            }
        }
    }
    hits
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn the_search_finds_every_spelling_that_is_planted() {
    let canaries = canaries(3);
    let patterns = patterns(&canaries);
    for (name, bytes) in spellings(&canaries[1]) {
        let planted = [b"some text before ".as_slice(), &bytes, b" and after"].concat();
        let hits = find(&patterns, &planted);
        assert!(
            hits.iter().any(|hit| hit.starts_with(&canaries[1])),
            "{name} is not found"
        );
    }
    let nested =
        base64::engine::general_purpose::STANDARD.encode(format!("{{\"code\":\"{}\"}}", canaries[2]));
    assert_eq!(find(&patterns, nested.as_bytes()).len(), 1);
    assert_eq!(find(&patterns, b"482913 is no canary"), Vec::<String>::new());
}
