//! `serve --demo`: what a newcomer sees in the first minute.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::running::{RunningDemo, call, fail, program, request, said, text};

#[test]
fn the_curl_line_verifies_a_pin_when_it_is_pasted() {
    let folder = tempfile::tempdir().unwrap();
    let demo = RunningDemo::start(folder.path());
    println!("started in {:?}", demo.server.started_in);
    let line = demo.said.lines().find(|line| line.starts_with("curl ")).unwrap();
    let output = Command::new("sh").arg("-c").arg(line).output().unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {} {}", text(&output.stdout), text(&output.stderr)));
    assert_eq!(answer["result"], "verified", "{answer}");
    assert_eq!(answer["assurance"], "pin");
}

#[test]
fn the_three_addresses_and_the_sign_ins_are_printed() {
    let folder = tempfile::tempdir().unwrap();
    let demo = RunningDemo::start(folder.path());
    for part in [
        "Portal   http://harbor.localhost:",
        "Desk     http://127.0.0.1:",
        "API      http://127.0.0.1:",
    ] {
        assert!(demo.said.contains(part), "{part:?} is missing in {}", demo.said);
    }
    for username in [
        "amara", "helene", "juergen", "adam", "astrid", "dana", "sefa", "ines", "akira",
    ] {
        assert!(demo.said.contains(&format!(" {username} ")), "{username}");
    }
}

#[test]
fn demo_json_has_the_names_that_scripts_rely_on() {
    let folder = tempfile::tempdir().unwrap();
    let demo = RunningDemo::start(folder.path());
    let document = &demo.document;
    let base = document["base_url"].as_str().unwrap();
    assert_eq!(document["outbox_url"], format!("{base}/demo/outbox.json"));
    let brands = document["brands"].as_array().unwrap();
    let presets: Vec<&str> = brands
        .iter()
        .map(|brand| brand["preset"].as_str().unwrap())
        .collect();
    assert_eq!(
        presets,
        [
            "hosting-account-pin",
            "telecom-admin-pin",
            "cloud-user-pin",
            "broker-one-time-pin",
            "strict"
        ]
    );
    for brand in brands {
        let slug = brand["slug"].as_str().unwrap();
        let port = base.rsplit(':').next().unwrap();
        assert_eq!(brand["base_url"], format!("http://{slug}.localhost:{port}"));
        let (account_holds, length) = match brand["preset"].as_str().unwrap() {
            "hosting-account-pin" => (Some(true), 6),
            "telecom-admin-pin" => (Some(false), 4),
            "cloud-user-pin" => (Some(false), 6),
            "strict" => (Some(false), 8),
            _ => (None, 0),
        };
        let accounts = brand["accounts"].as_array().unwrap();
        assert!(accounts.len() >= 2, "{slug}");
        for account in accounts {
            assert_pin(
                &account["support_pin"],
                account_holds == Some(true),
                length,
                account,
            );
            let people = account["people"].as_array().unwrap();
            let roles: Vec<&str> = people
                .iter()
                .map(|person| person["role"].as_str().unwrap())
                .collect();
            assert_eq!(roles, ["owner", "admin", "member", "contact"]);
            for person in people {
                assert!(person["id"].as_str().unwrap().starts_with("per_"));
                assert!(person["phone"].as_str().unwrap().starts_with('+'));
                assert!(person["email"].as_str().unwrap().ends_with("@example.com"));
                assert_eq!(
                    person["username"].is_null(),
                    person["role"] == "contact",
                    "{person}"
                );
                assert_eq!(
                    person["password"].is_null(),
                    person["role"] == "contact",
                    "{person}"
                );
                assert_pin(
                    &person["support_pin"],
                    account_holds == Some(false),
                    length,
                    person,
                );
            }
        }
        let scopes: Vec<usize> = brand["api_clients"]
            .as_array()
            .unwrap()
            .iter()
            .map(|client| {
                assert!(client["key"].as_str().unwrap().starts_with("csk_"));
                client["scopes"].as_array().unwrap().len()
            })
            .collect();
        assert_eq!(scopes, [9, 1, 0], "every right, only to verify, none");
        assert_eq!(brand["api_clients"][1]["scopes"], json!(["verify"]));
    }
    let roles: Vec<&str> = document["staff"]
        .as_array()
        .unwrap()
        .iter()
        .map(|staff| staff["role"].as_str().unwrap())
        .collect();
    assert_eq!(roles, ["agent", "supervisor", "admin", "auditor"]);
}

fn assert_pin(pin: &Value, held: bool, length: usize, holder: &Value) {
    match pin.as_str() {
        Some(pin) => {
            assert!(held, "{holder}");
            assert_eq!(pin.len(), length, "{holder}");
            assert!(pin.bytes().all(|digit| digit.is_ascii_digit()), "{holder}");
        }
        None => assert!(!held, "{holder}"),
    }
}

#[test]
fn every_pin_in_demo_json_verifies_its_holder() {
    let folder = tempfile::tempdir().unwrap();
    let demo = RunningDemo::start(folder.path());
    let mut verified = 0;
    for brand in demo.document["brands"].as_array().unwrap() {
        let key = brand["api_clients"][1]["key"].as_str().unwrap();
        for account in brand["accounts"].as_array().unwrap() {
            let number = &account["account_number"];
            if !account["support_pin"].is_null() {
                verified += verify(
                    &demo,
                    key,
                    &json!({"account_number": number, "code": account["support_pin"], "channel": "phone"}),
                );
            }
            for person in account["people"].as_array().unwrap() {
                if !person["support_pin"].is_null() {
                    verified += verify(
                        &demo,
                        key,
                        &json!({"account_number": number, "person": person["id"], "code": person["support_pin"], "channel": "chat"}),
                    );
                }
            }
        }
    }
    assert_eq!(
        verified,
        2 + 3 * 8,
        "two accounts hold one, and eight people at three brands"
    );
}

fn verify(demo: &RunningDemo, key: &str, body: &Value) -> usize {
    let answer = call(demo.server.address, "POST", "/api/v1/verify", key, body);
    assert_eq!(answer.json()["result"], "verified", "{body} {answer:?}");
    1
}

#[test]
fn a_demo_that_is_started_again_is_the_same_one_at_its_new_address() {
    let folder = tempfile::tempdir().unwrap();
    let first = RunningDemo::start(folder.path());
    let before = first.document.clone();
    first.server.stop();
    let second = RunningDemo::start(folder.path());
    println!("started again in {:?}", second.server.started_in);
    assert_eq!(
        before["brands"][0]["accounts"],
        second.document["brands"][0]["accounts"]
    );
    assert_eq!(
        before["brands"][0]["api_clients"],
        second.document["brands"][0]["api_clients"]
    );
    let key = second.document["brands"][0]["api_clients"][1]["key"]
        .as_str()
        .unwrap();
    let account = &second.document["brands"][0]["accounts"][0];
    verify(
        &second,
        key,
        &json!({"account_number": account["account_number"], "code": account["support_pin"], "channel": "ivr"}),
    );
}

#[test]
fn a_demo_that_is_started_again_tells_the_pins_that_count_by_then() {
    let folder = tempfile::tempdir().unwrap();
    let first = RunningDemo::start(folder.path());
    let change = |slug: &str, deed: &str, method: &str, body: &Value| {
        let brand = first.brand(slug);
        let account = &brand["accounts"][0];
        let number = account["account_number"].as_str().unwrap();
        let person = account["people"][0]["id"].as_str().unwrap();
        let of_person = account["support_pin"].is_null();
        let holder = if of_person {
            format!("/people/{person}")
        } else {
            String::new()
        };
        let path = format!("/api/v1/accounts/{number}{holder}/support-pin{deed}");
        let key = brand["api_clients"][0]["key"].as_str().unwrap();
        let answer = call(first.server.address, method, &path, key, body);
        assert_eq!(answer.status, 204, "{slug} {answer:?}");
    };
    change("harbor", "", "PUT", &json!({"pin": "507284"}));
    change("summit", "/reset", "POST", &Value::Null);
    change("meridian", "", "PUT", &json!({"pin": "5072"}));
    let before = first.brand("summit");
    let untouched = before["accounts"][1].clone();
    first.server.stop();

    let second = RunningDemo::start(folder.path());
    assert_eq!(second.brand("harbor")["accounts"][0]["support_pin"], "507284");
    assert!(second.said.contains("507284"), "{}", second.said);
    let summit = second.brand("summit");
    let account = &summit["accounts"][0];
    let person = &account["people"][0];
    assert_ne!(
        person["support_pin"],
        before["accounts"][0]["people"][0]["support_pin"]
    );
    let key = summit["api_clients"][1]["key"].as_str().unwrap();
    verify(
        &second,
        key,
        &json!({"account_number": account["account_number"], "person": person["id"], "code": person["support_pin"], "channel": "phone"}),
    );
    assert_eq!(summit["accounts"][1], untouched);
    let hidden = &second.brand("meridian")["accounts"][0]["people"][0];
    assert!(hidden["support_pin"].is_null(), "nobody can know it: {hidden}");
    assert!(second.said.contains("changed, not shown here"), "{}", second.said);
}

#[test]
fn a_demo_of_another_build_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let first = RunningDemo::start(folder.path());
    let before = first.document["brands"][0]["api_clients"][0]["key"].clone();
    first.server.stop();
    std::fs::write(folder.path().join("made-by"), "0.0.1 0 0\n").unwrap();
    let second = RunningDemo::start(folder.path());
    assert_ne!(before, second.document["brands"][0]["api_clients"][0]["key"]);
}

#[test]
fn a_folder_with_something_else_in_it_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("thesis.txt");
    std::fs::write(&file, "years of work").unwrap();
    let told = fail(&[
        "serve",
        "--demo",
        "--listen",
        "127.0.0.1:0",
        "--data",
        folder.path().to_str().unwrap(),
    ]);
    assert!(told.contains("something else"), "{told}");
    assert_eq!(std::fs::read_to_string(file).unwrap(), "years of work");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn two_demos_do_not_share_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let _first = RunningDemo::start(folder.path());
    let told = fail(&[
        "serve",
        "--demo",
        "--listen",
        "127.0.0.1:0",
        "--data",
        folder.path().to_str().unwrap(),
    ]);
    assert!(told.contains("another demo runs"), "{told}");
}

#[test]
fn the_demo_listens_on_this_machine_only() {
    let folder = tempfile::tempdir().unwrap();
    let told = fail(&[
        "serve",
        "--demo",
        "--listen",
        "0.0.0.0:0",
        "--data",
        folder.path().join("d").to_str().unwrap(),
    ]);
    assert!(told.contains("this machine only"), "{told}");
}

#[test]
fn the_demo_stops_when_it_is_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let demo = RunningDemo::start(folder.path());
    assert!(demo.server.stop().success());
}

#[test]
fn no_other_process_may_look_into_the_memory_of_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = program();
    command.env("COUNTERSIGN__LOG__LEVEL", "warn");
    let demo = RunningDemo::start_with(command, folder.path(), Stdio::null());
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", demo.server.id())).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"))
        .unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
}

#[test]
fn metrics_are_read_at_an_address_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let demo = RunningDemo::start(folder.path());
    let line = demo.said.lines().find(|line| line.contains("Metrics:")).unwrap();
    let url = line.split("Metrics: http://").nth(1).unwrap();
    let address = url.split('/').next().unwrap().parse().unwrap();
    let metrics = request(address, "GET", "/metrics", &[], "").unwrap();
    assert_eq!(metrics.status, 200);
    assert!(
        metrics.body.contains("countersign_build_info"),
        "{}",
        metrics.body
    );
    assert_eq!(
        request(demo.server.address, "GET", "/metrics", &[], "")
            .unwrap()
            .status,
        404
    );
}

#[test]
fn openapi_prints_what_the_server_gives() {
    let folder = tempfile::tempdir().unwrap();
    let demo = RunningDemo::start(folder.path());
    let printed: Value = serde_json::from_str(&said(&crate::running::run(&["openapi"]))).unwrap();
    let served = request(demo.server.address, "GET", "/api/v1/openapi.json", &[], "").unwrap();
    assert_eq!(printed, served.json());
}
