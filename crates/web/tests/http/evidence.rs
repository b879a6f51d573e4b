//! E30: what happened is in the record, once, and so is what was refused.

use std::collections::BTreeMap;

use countersign_domain::policy::Preset;
use countersign_testkit::TestApp;
use serde_json::{Value, json};

use crate::support::{events, open, pin_address, submit, verify};

#[tokio::test]
async fn e30_every_effect_has_its_entry_and_every_entry_its_effect() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let key = brand.key_with_every_scope().await;
        let mut expected: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        let mut note = |action, outcome| *expected.entry((action, outcome)).or_default() += 1;
        let mut people = Vec::new();
        for _ in 0..4 {
            people.push(brand.owner().await);
            note("account.created", "done");
            note("person.created", "done");
            note("pin.created", "done");
        }
        let mut number: u64 = 20_260_105;
        for step in 0..400 {
            // A small generator of its own: the same mixture in every run.
            number = number
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let person = &people[usize::try_from(number >> 40).unwrap() % people.len()];
            let address = pin_address(&brand, person);
            match (number >> 33) % 9 {
                0..=3 => {
                    let wrong = format!("{:06}", (number >> 20) % 1_000_000);
                    let answer = verify(&app, &brand, &key, person, &wrong).await.at("/result");
                    note("verification.judged", word(&answer));
                    if app.get(&address).key(&key).send().await.at("/state") == "locked" && answer == "denied"
                    {
                        note("pin.locked", "done");
                    }
                }
                4 => {
                    let answer = app.post(&format!("{address}/unlock")).key(&key).send().await;
                    if answer.status == 204 {
                        note("pin.unlocked", "done");
                    }
                }
                5 => {
                    assert_eq!(
                        app.post(&format!("{address}/reset"))
                            .key(&key)
                            .send()
                            .await
                            .status,
                        204
                    );
                    note("pin.reset", "done");
                }
                6 => {
                    let answer = app
                        .put(&address)
                        .key(&key)
                        .json(&json!({ "pin": "918273" }))
                        .send()
                        .await;
                    assert_eq!(answer.status, 204);
                    note("pin.changed", "done");
                }
                7 => {
                    let answer = app
                        .put(&address)
                        .key(&key)
                        .json(&json!({ "pin": "111111" }))
                        .send()
                        .await;
                    assert_eq!(answer.status, 422, "no effect, so no entry");
                }
                _ => {
                    let conversation = open(&app, &key, person, "inbound").await;
                    note("conversation.opened", "done");
                    let answer = submit(&app, &key, &conversation, &format!("{step:06}"))
                        .await
                        .at("/result");
                    note("verification.judged", word(&answer));
                    if app.get(&address).key(&key).send().await.at("/state") == "locked" && answer == "denied"
                    {
                        note("pin.locked", "done");
                    }
                    app.post(&format!("/api/v1/conversations/{conversation}/close"))
                        .key(&key)
                        .send()
                        .await;
                    note("conversation.closed", "done");
                }
            }
        }
        for (action, outcomes) in group(&expected) {
            let recorded = events(&app, &key, action).await;
            let mut seen: BTreeMap<String, usize> = BTreeMap::new();
            for event in &recorded {
                *seen
                    .entry(event["outcome"].as_str().unwrap().to_owned())
                    .or_default() += 1;
            }
            assert_eq!(seen, outcomes, "{:?}: {action}", app.engine);
        }
        assert!(
            expected.contains_key(&("verification.judged", "locked")),
            "the mixture refused some"
        );
        let proof = countersign_app::audit::verify::verify(&app.app).await.unwrap();
        assert!(proof.is_sound(), "{:?}: {proof:?}", app.engine);
    }
}

fn word(result: &str) -> &'static str {
    match result {
        "verified" => "verified",
        "denied" => "denied",
        "locked" => "locked",
        other => panic!("{other}"),
    }
}

fn group<'a>(expected: &BTreeMap<(&'a str, &'a str), usize>) -> BTreeMap<&'a str, BTreeMap<String, usize>> {
    let mut grouped: BTreeMap<&str, BTreeMap<String, usize>> = BTreeMap::new();
    for ((action, outcome), count) in expected {
        grouped
            .entry(action)
            .or_default()
            .insert((*outcome).to_owned(), *count);
    }
    grouped
}

#[tokio::test]
async fn e30_the_record_is_narrowed_and_paged() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let (client, key) = brand.client(countersign_domain::api_client::Scope::ALL).await;
        let (one, other) = (brand.owner().await, brand.owner().await);
        for person in [&one, &one, &one, &other] {
            let answer = verify(&app, &brand, &key, person, "000000").await;
            assert_eq!(answer.at("/result"), "denied");
        }
        let get = async |address: String| -> Value {
            let answer = app.get(&address).key(&key).send().await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            answer.json()
        };
        let number = one.account.number.as_str();
        let of_one = get(format!(
            "/api/v1/audit-events?account={number}&action=verification.judged"
        ))
        .await;
        assert_eq!(of_one["events"].as_array().unwrap().len(), 3);
        let first = &of_one["events"][0];
        assert_eq!(first["actor"], client.to_string());
        assert_eq!(first["subject"], one.id.to_string());
        assert_eq!(
            (&first["outcome"], &first["channel"]),
            (&json!("denied"), &json!("ivr"))
        );
        assert_eq!(
            first["request_id"].as_str().unwrap().len(),
            32,
            "the same id as in the log"
        );
        assert_eq!(first["hash"].as_str().unwrap().len(), 64);
        let by_client = get(format!("/api/v1/audit-events?actor={client}&outcome=denied")).await;
        assert_eq!(by_client["events"].as_array().unwrap().len(), 4);
        let page = get(format!("/api/v1/audit-events?actor={client}&limit=3")).await;
        let last = page["before"].as_str().unwrap();
        let rest = get(format!(
            "/api/v1/audit-events?actor={client}&limit=3&before={last}"
        ))
        .await;
        assert_eq!(rest["events"].as_array().unwrap().len(), 1);
        assert!(rest["before"].is_null());
    }
}

#[tokio::test]
async fn e18_a_row_under_a_key_that_we_never_had_raises_the_alarm_and_the_proof_goes_on() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let key = brand.key_with_every_scope().await;
        let (owner, other) = (brand.owner().await, brand.owner().await);
        let pin = brand.pin(&owner).await;
        app.tamper(&format!(
            "UPDATE pins SET row_key = 999 WHERE holder_id = '{}'",
            owner.id
        ))
        .await;
        let answer = verify(&app, &brand, &key, &owner, &pin).await;
        assert_eq!(
            (answer.status.as_u16(), answer.at("/result")),
            (200, "unavailable".to_owned()),
            "{:?}",
            app.engine
        );
        let alarms = events(&app, &key, "integrity.alarm").await;
        assert_eq!(alarms.len(), 1, "{:?}", app.engine);
        let proof = countersign_app::audit::verify::verify(&app.app).await.unwrap();
        assert_eq!(proof.broken_rows, [owner.id.to_string()], "{:?}", app.engine);
        assert!(!proof.is_sound());
        let pin = brand.pin(&other).await;
        let answer = verify(&app, &brand, &key, &other, &pin).await;
        assert_eq!(answer.at("/result"), "verified", "the others are judged as ever");
    }
}
