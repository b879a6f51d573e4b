//! `init`, `doctor`, `staff`, `api-client`, `policy`, `key`, `backup`, `restore`.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::running::{Answer, Server, SetUp, call, complained, fail, program, request, run_with_input, said};

fn mode(file: impl AsRef<Path>) -> u32 {
    std::fs::metadata(file).unwrap().permissions().mode() & 0o777
}

#[test]
fn init_then_serve_then_doctor_is_green() {
    let setup = SetUp::new("hosting-account-pin");
    assert_eq!(mode(&setup.config), 0o600);
    assert_eq!(mode(setup.path("data/keyring")), 0o400);
    assert_eq!(mode(setup.path("data/countersign.db")), 0o600);
    assert_eq!(mode(setup.path("data")), 0o700);
    for part in [
        "First admin   ada",
        "Password",
        "[Service]",
        "ExecStart=",
        &setup.config,
    ] {
        assert!(setup.said.contains(part), "{part:?} is missing in {}", setup.said);
    }
    let server = setup.serve();
    println!("ready after {:?}", server.started_in);
    assert_eq!(
        request(setup.operations, "GET", "/metrics", &[], "")
            .unwrap()
            .status,
        200
    );
    let told = said(&setup.run(&["doctor"]));
    assert!(told.contains("Nothing is wrong"), "{told}");
    assert!(server.stop().success());
}

#[test]
fn init_overwrites_nothing_and_leaves_nothing_half_done() {
    let setup = SetUp::new("strict");
    let keyring = std::fs::read(setup.path("data/keyring")).unwrap();
    let again = |config: &str, data: &str, preset: &str| {
        fail(&[
            "init",
            "--config",
            config,
            "--data",
            data,
            "--public-url",
            "https://a.example",
            "--brand",
            "b",
            "--brand-name",
            "B",
            "--preset",
            preset,
            "--admin",
            "ada",
        ])
    };
    let elsewhere = setup.path("other.toml");
    let elsewhere = elsewhere.to_str().unwrap();
    let told = again(elsewhere, setup.path("data").to_str().unwrap(), "strict");
    assert!(told.contains("exists"), "{told}");
    assert!(!Path::new(elsewhere).exists());
    assert_eq!(std::fs::read(setup.path("data/keyring")).unwrap(), keyring);
    let told = again(elsewhere, setup.path("fresh").to_str().unwrap(), "stricter");
    assert!(told.contains("--preset"), "{told}");
    assert!(!Path::new(elsewhere).exists() && !setup.path("fresh").exists());
}

#[test]
fn init_that_cannot_ask_says_which_flag_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let output = program()
        .arg("init")
        .current_dir(folder.path())
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    assert!(complained(&output).contains("--public-url"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn doctor_says_what_is_wrong_and_what_to_do() {
    let setup = SetUp::new("cloud-user-pin");
    std::fs::remove_file(setup.path("data/countersign.db")).unwrap();
    let told = complained(&setup.run(&["doctor"]));
    assert!(
        told.contains("WRONG   database") && told.contains("countersign restore"),
        "{told}"
    );
    assert!(
        !setup.path("data/countersign.db").exists(),
        "looking makes no database"
    );
    assert!(told.contains("advice  backup"), "{told}");
}

#[test]
fn staff_get_passwords_from_standard_input_and_short_ones_are_refused() {
    let setup = SetUp::new("cloud-user-pin");
    let create = |name: &str, password: &str| {
        run_with_input(
            &[
                "staff",
                "create",
                "--username",
                name,
                "--name",
                "Bo Li",
                "--role",
                "agent",
                "--config",
                &setup.config,
            ],
            password,
        )
    };
    assert!(complained(&create("boli", "too short\n")).contains("15 characters"));
    assert!(complained(&create("boli", "")).contains("standard input"));
    said(&create("boli", "a long password for bo\n"));
    assert!(complained(&create("boli", "a long password for bo\n")).contains("already in use"));
    let reset = |name: &str| {
        run_with_input(
            &["staff", "reset-password", name, "--config", &setup.config],
            "another long password\n",
        )
    };
    said(&reset("boli"));
    assert!(complained(&reset("nobody")).contains("not found"));
}

#[test]
fn a_key_that_the_command_line_makes_opens_a_running_server_at_once() {
    let setup = SetUp::new("hosting-account-pin");
    let server = setup.serve();
    let key = setup.key("Back office", &["accounts:read", "accounts:write"]);
    assert!(key.starts_with("csk_"), "{key}");
    let account = json!({"name": "Acme"});
    let created = call(server.address, "POST", "/api/v1/accounts", &key, &account);
    assert_eq!(created.status, 201, "{created:?}");
    assert!(
        complained(&setup.run(&["api-client", "create", "--name", "x", "--scope", "everything"]))
            .contains("--scope")
    );
}

#[test]
fn a_disabled_key_and_a_disabled_member_of_staff_get_in_no_more() {
    let setup = SetUp::new("hosting-account-pin");
    let server = setup.serve();
    let key = setup.key("Back office", &["accounts:read"]);
    let status_becomes = |expected: u16| {
        let deadline = crate::running::now() + std::time::Duration::from_secs(5);
        loop {
            let status = call(server.address, "GET", "/api/v1/accounts", &key, &Value::Null).status;
            if status == expected || crate::running::now() > deadline {
                return assert_eq!(status, expected);
            }
            std::thread::yield_now();
        }
    };
    status_becomes(200);
    let told = said(&setup.run(&["api-client", "disable", "Back office"]));
    assert!(told.contains("Disabled cli_"), "{told}");
    status_becomes(401);
    let again = complained(&setup.run(&["api-client", "disable", "Back office"]));
    assert!(again.contains("not found"), "{again}");
    let told = said(&setup.run(&["staff", "disable", "ada"]));
    assert!(told.contains("signs in no more"), "{told}");
    assert!(complained(&setup.run(&["staff", "disable", "ada"])).contains("not disabled yet"));
    assert!(complained(&setup.run(&["staff", "disable", "nobody"])).contains("not found"));
    assert!(said(&setup.run(&["audit", "verify"])).contains("sound:"));
}

#[test]
fn a_second_brand_has_its_own_keys_and_must_be_named() {
    let setup = SetUp::new("hosting-account-pin");
    let create = |slug: &str, host: &str| {
        setup.run(&[
            "brand",
            "create",
            slug,
            "--name",
            "Blue Kettle",
            "--host",
            host,
            "--preset",
            "strict",
        ])
    };
    let told = said(&create("kettle", "pins.kettle.example"));
    assert!(told.contains("Created brd_") && told.contains("strict"), "{told}");
    assert!(
        told.contains("acme has no host name"),
        "the operator hears what the first brand now lacks: {told}"
    );
    assert!(complained(&create("kettle", "other.example")).contains("already in use"));
    let unnamed = complained(&setup.run(&["policy", "show"]));
    assert!(unnamed.contains("acme, kettle"), "{unnamed}");
    let policy = said(&setup.run(&["policy", "show", "kettle"]));
    assert!(policy.contains("strict"), "{policy}");
}

#[test]
fn a_policy_that_is_set_is_the_one_that_is_shown() {
    let setup = SetUp::new("cloud-user-pin");
    let file = setup.path("policy.toml");
    std::fs::write(
        &file,
        "preset = \"cloud-user-pin\"\n\n[support_pin]\nlength = 9\n",
    )
    .unwrap();
    said(&setup.run(&["policy", "set", file.to_str().unwrap()]));
    let shown = said(&setup.run(&["policy", "show"]));
    assert_eq!(shown.trim(), std::fs::read_to_string(&file).unwrap().trim());
}

#[test]
fn a_rotated_key_still_verifies_what_the_old_one_wrote() {
    let setup = SetUp::new("cloud-user-pin");
    let holder = Holder::new(&setup);
    let server = setup.serve();
    holder.set(&server, "274951");
    server.stop();
    said(&setup.run(&["key", "rotate"]));
    let server = setup.serve();
    assert_eq!(holder.verify(&server, "274951"), "verified");
}

/// A person with a PIN, and the key to work with them.
struct Holder {
    key: String,
    number: String,
    person: String,
}

impl Holder {
    fn new(setup: &SetUp) -> Self {
        let key = setup.key("All", &["verify", "accounts:read", "accounts:write", "pins:set"]);
        let server = setup.serve();
        let account = call(
            server.address,
            "POST",
            "/api/v1/accounts",
            &key,
            &json!({"name": "Acme"}),
        )
        .json();
        let number = account["account_number"].as_str().unwrap().to_owned();
        let person = call(
            server.address,
            "POST",
            &format!("/api/v1/accounts/{number}/people"),
            &key,
            &json!({"name": "Ana Ruiz", "role": "contact", "email": "ana@example.com"}),
        )
        .json();
        let person = person["id"].as_str().unwrap().to_owned();
        server.stop();
        Self { key, number, person }
    }

    fn set(&self, server: &Server, pin: &str) {
        let path = format!(
            "/api/v1/accounts/{}/people/{}/support-pin",
            self.number, self.person
        );
        let answer = call(server.address, "PUT", &path, &self.key, &json!({"pin": pin}));
        assert!(answer.status < 300, "{answer:?}");
    }

    fn try_pin(&self, server: &Server, pin: &str) -> Answer {
        let body =
            json!({"account_number": self.number, "person": self.person, "code": pin, "channel": "phone"});
        call(server.address, "POST", "/api/v1/verify", &self.key, &body)
    }

    fn verify(&self, server: &Server, pin: &str) -> String {
        let answer: Value = self.try_pin(server, pin).json();
        answer["result"].as_str().unwrap().to_owned()
    }
}

#[test]
fn a_backup_taken_while_serving_is_restored_and_verifies_a_pin() {
    let setup = SetUp::new("cloud-user-pin");
    let holder = Holder::new(&setup);
    let server = setup.serve();
    holder.set(&server, "918273");
    let copy = setup.path("copy.db");
    let copy = copy.to_str().unwrap();
    said(&setup.run(&["backup", copy]));
    assert_eq!(mode(copy), 0o600);
    assert!(complained(&setup.run(&["backup", copy])).contains("never overwritten"));
    holder.set(&server, "405060");
    let told = complained(&setup.run(&["restore", copy, "--force"]));
    assert!(told.contains("is in use"), "{told}");
    server.stop();
    let told = complained(&setup.run(&["restore", copy]));
    assert!(told.contains("--force"), "{told}");
    let told = said(&setup.run(&["restore", copy, "--force"]));
    assert!(told.contains("sound:"), "{told}");
    let server = setup.serve();
    assert_eq!(holder.verify(&server, "918273"), "verified");
    assert_eq!(holder.verify(&server, "405060"), "denied");
    let told = said(&setup.run(&["doctor"]));
    assert!(told.contains("0 days old"), "{told}");
}

#[test]
fn a_backup_that_does_not_prove_itself_is_not_restored() {
    let setup = SetUp::new("cloud-user-pin");
    let holder = Holder::new(&setup);
    let server = setup.serve();
    holder.set(&server, "918273");
    server.stop();
    let (cut, other) = (setup.path("cut.db"), setup.path("other.db"));
    said(&setup.run(&["backup", other.to_str().unwrap()]));
    let whole = std::fs::read(&other).unwrap();
    std::fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    let foreign = SetUp::new("cloud-user-pin");
    let theirs = setup.path("theirs.db");
    said(&foreign.run(&["backup", theirs.to_str().unwrap()]));
    for bad in [cut, theirs, setup.path("none.db")] {
        let told = complained(&setup.run(&["restore", bad.to_str().unwrap(), "--force"]));
        assert!(told.contains("nothing was changed"), "{told}");
    }
    let server = setup.serve();
    assert_eq!(
        holder.verify(&server, "918273"),
        "verified",
        "the old database is still there"
    );
}

#[test]
fn audit_verify_finds_an_event_that_was_edited() {
    let setup = SetUp::new("cloud-user-pin");
    let holder = Holder::new(&setup);
    let server = setup.serve();
    holder.set(&server, "918273");
    assert_eq!(holder.verify(&server, "918274"), "denied");
    server.stop();
    assert!(said(&setup.run(&["audit", "verify"])).contains("sound:"));
    // The same number of bytes in the database's own file: what a person with an editor would do.
    let file = setup.path("data/countersign.db");
    let copy = setup.path("flat.db");
    said(&setup.run(&["backup", copy.to_str().unwrap()]));
    let mut bytes = std::fs::read(&copy).unwrap();
    let needle = b"\"outcome\":\"denied\"";
    let at = bytes
        .windows(needle.len())
        .position(|window| window == needle)
        .expect("the event's text");
    bytes[at + needle.len() - 7..at + needle.len() - 1].copy_from_slice(b"expire");
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", file.display()));
    }
    std::fs::write(&file, &bytes).unwrap();
    let told = complained(&setup.run(&["audit", "verify"]));
    assert!(
        told.contains("WRONG") || told.contains("stored data makes no sense"),
        "{told}"
    );
}
