//! Support PINs through the API: set, reset, unlocked, never read.

use countersign_domain::account::AccountNumber;
use countersign_domain::person::Role;
use countersign_domain::pin::Digits;
use countersign_domain::policy::Preset;
use countersign_testkit::{Answer, TestApp};
use serde_json::json;

use crate::support::{open, pin_address, pin_state, submit, try_body, verify};

#[tokio::test]
async fn d1_no_answer_of_the_api_ever_holds_a_pin_and_anothers_is_only_reset() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let key = brand.key_with_every_scope().await;
        let owner = brand.owner().await;
        let number = owner.account.number.as_str();
        let mut pins = vec![brand.pin(&owner).await];
        let mut answers: Vec<(String, Answer)> = Vec::new();
        let address = pin_address(&brand, &owner);

        let reset = app.post(&format!("{address}/reset")).key(&key).send().await;
        assert_eq!(reset.status, 204, "{}", reset.text());
        answers.push(("reset".to_owned(), reset));
        pins.push(brand.pin(&owner).await);
        assert_ne!(pins[0], pins[1], "a reset makes a new PIN");
        let kept = app
            .post(&format!("{address}/reset?only_if_missing=true"))
            .key(&key)
            .send()
            .await;
        assert_eq!(
            (kept.status.as_u16(), kept.at("/code")),
            (409, "conflict".to_owned())
        );
        answers.push(("only_if_missing".to_owned(), kept));
        assert_eq!(brand.pin(&owner).await, pins[1], "who has a PIN keeps it");

        pins.push("918273".to_owned());
        let set = app
            .put(&address)
            .key(&key)
            .json(&json!({ "pin": "918273" }))
            .send()
            .await;
        assert_eq!(set.status, 204, "{}", set.text());
        answers.push(("set".to_owned(), set));
        let broken = app
            .put(&address)
            .key(&key)
            .json(&json!({ "pin": "918 27" }))
            .send()
            .await;
        answers.push(("set too short".to_owned(), broken));
        answers.push((
            "right".to_owned(),
            verify(&app, &brand, &key, &owner, "918273").await,
        ));
        answers.push((
            "wrong".to_owned(),
            verify(&app, &brand, &key, &owner, "111222").await,
        ));
        let conversation = open(&app, &key, &owner, "inbound").await;
        answers.push((
            "in a conversation".to_owned(),
            submit(&app, &key, &conversation, "918273").await,
        ));
        let number_for_text = json!({ "account_number": number, "code": 918_273, "channel": "ivr" });
        let misplaced = json!({ "account_number": number, "918273": "code", "channel": "ivr" });
        for body in [number_for_text, misplaced] {
            answers.push((
                "a bad body".to_owned(),
                app.post("/api/v1/verify").key(&key).json(&body).send().await,
            ));
        }
        for read in [
            address.clone(),
            format!("/api/v1/accounts/{number}"),
            format!("/api/v1/accounts/{number}/people"),
            format!("/api/v1/accounts?query={number}"),
            format!("/api/v1/conversations/{conversation}"),
            "/api/v1/audit-events?limit=200".to_owned(),
            "/metrics".to_owned(),
        ] {
            answers.push((read.clone(), app.get(&read).key(&key).send().await));
        }
        for (what, answer) in &answers {
            let whole = format!("{:?} {}", answer.headers, answer.text());
            for pin in &pins {
                assert!(
                    !whole.contains(pin.as_str()),
                    "{what}: the PIN {pin} is in {whole}"
                );
            }
        }
    }
}

#[tokio::test]
async fn d2_the_server_names_each_rule_that_a_chosen_pin_breaks() {
    let app = TestApp::sqlite().await;
    let brand = app.brand(Preset::CloudUserPin).await;
    let key = brand.key_with_every_scope().await;
    let owner = brand.owner().await;
    let address = pin_address(&brand, &owner);
    for (pin, rules) in [
        ("11119", vec!["length", "equal_in_a_row"]),
        ("111199", vec!["equal_in_a_row"]),
        ("345690", vec!["in_sequence"]),
        ("654390", vec!["in_sequence"]),
        ("1111234", vec!["length", "equal_in_a_row", "in_sequence"]),
    ] {
        let answer = app
            .put(&address)
            .key(&key)
            .json(&json!({ "pin": pin }))
            .send()
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.at("/code")),
            (422, "pin_rules".to_owned()),
            "{pin}"
        );
        let named: Vec<String> = answer.json()["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| error["rule"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(named, rules, "{pin}");
        assert_eq!(answer.at("/errors/0/pointer"), "#/pin");
    }
    for pin in ["111222", "121212", "345901", "987109"] {
        let answer = app
            .put(&address)
            .key(&key)
            .json(&json!({ "pin": pin }))
            .send()
            .await;
        assert_eq!(answer.status, 204, "{pin}: {}", answer.text());
        assert_eq!(
            verify(&app, &brand, &key, &owner, pin).await.at("/result"),
            "verified"
        );
    }
}

#[tokio::test]
async fn d4_six_wrong_tries_in_a_row_lock_whatever_the_channel() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let key = brand.key_with_every_scope().await;
        let owner = brand.owner().await;
        let pin = brand.pin(&owner).await;
        for (index, channel) in ["ivr", "api", "phone", "chat", "email", "in_person"]
            .iter()
            .enumerate()
        {
            assert_eq!(pin_state(&app, &brand, &key, &owner).await, "active");
            let mut body = try_body(
                &brand,
                &owner,
                &brand.wrong_pin(&pin, u32::try_from(index).unwrap()),
            );
            body["channel"] = json!(channel);
            let answer = app.post("/api/v1/verify").key(&key).json(&body).send().await;
            assert_eq!(
                answer.at("/result"),
                "denied",
                "the try that locks was judged too"
            );
        }
        assert_eq!(pin_state(&app, &brand, &key, &owner).await, "locked");
        let mail = app.sent().await;
        assert_eq!(mail.len(), 1, "one e-mail at the moment of locking");
        assert_eq!(mail[0].to.to_lowercase(), owner.email.to_lowercase());
        assert!(!mail[0].text.contains(&pin), "which does not show the PIN");
        let locked = verify(&app, &brand, &key, &owner, &pin).await;
        assert_eq!(
            (locked.status.as_u16(), locked.at("/result")),
            (200, "locked".to_owned())
        );
        assert!(locked.json()["conversation"].is_null());

        let unlock = format!("{}/unlock", pin_address(&brand, &owner));
        assert_eq!(app.post(&unlock).key(&key).send().await.status, 204);
        let again = app.post(&unlock).key(&key).send().await;
        assert_eq!(
            (again.status.as_u16(), again.at("/code")),
            (409, "not_locked".to_owned())
        );
        assert_eq!(
            verify(&app, &brand, &key, &owner, &pin).await.at("/result"),
            "verified"
        );
    }
}

#[tokio::test]
async fn d4_five_wrong_tries_and_a_right_one_do_not_lock() {
    let app = TestApp::sqlite().await;
    let brand = app.brand(Preset::CloudUserPin).await;
    let key = brand.key_with_every_scope().await;
    let owner = brand.owner().await;
    let pin = brand.pin(&owner).await;
    for _ in 0..3 {
        for index in 0..5 {
            let wrong = brand.wrong_pin(&pin, index);
            assert_eq!(
                verify(&app, &brand, &key, &owner, &wrong).await.at("/result"),
                "denied"
            );
        }
        assert_eq!(
            verify(&app, &brand, &key, &owner, &pin).await.at("/result"),
            "verified"
        );
    }
    assert_eq!(pin_state(&app, &brand, &key, &owner).await, "active");
}

#[tokio::test]
async fn d4_in_the_other_presets_machines_spend_two_tries_and_people_still_can() {
    use countersign_app::verification::submit::{Method, SubmitPin, submit as by_hand};
    use countersign_domain::staff::StaffRole;

    for app in TestApp::both().await {
        for preset in [Preset::HostingAccountPin, Preset::Strict] {
            let brand = app.brand(preset).await;
            let key = brand.key_with_every_scope().await;
            let owner = brand.owner().await;
            let pin = brand.pin(&owner).await;
            for index in 0..2 {
                let wrong = brand.wrong_pin(&pin, index);
                assert_eq!(
                    verify(&app, &brand, &key, &owner, &wrong).await.at("/result"),
                    "denied"
                );
            }
            let spent = verify(&app, &brand, &key, &owner, &pin).await;
            assert_eq!(
                (spent.status.as_u16(), spent.at("/result")),
                (200, "denied".to_owned())
            );
            let conversation = open(&app, &key, &owner, "inbound").await;
            assert_eq!(
                submit(&app, &key, &conversation, &pin).await.at("/result"),
                "denied"
            );
            assert_eq!(pin_state(&app, &brand, &key, &owner).await, "active");

            let agent = brand.staff(StaffRole::Agent).await;
            let asked = SubmitPin {
                conversation: conversation.parse().unwrap(),
                method: Method::SupportPin {
                    person: Some(owner.id),
                },
                code: Digits::parse(&pin).unwrap(),
            };
            let answer = by_hand(&app.app, &brand.staff_caller(&agent), asked, None)
                .await
                .unwrap();
            assert_eq!(answer.result.name(), "verified", "a human still can, in {preset}");
        }
    }
}

#[tokio::test]
async fn the_holder_of_the_policy_is_named_by_the_right_address() {
    let app = TestApp::sqlite().await;
    let by_account = app.brand(Preset::HostingAccountPin).await;
    let by_person = app.brand(Preset::CloudUserPin).await;
    let one = by_account.owner().await;
    let other = by_person.owner().await;
    let key = by_account.key_with_every_scope().await;
    let wrong = format!(
        "/api/v1/accounts/{}/people/{}/support-pin",
        one.account.number, one.id
    );
    let answer = app.get(&wrong).key(&key).send().await;
    assert_eq!(
        (answer.status.as_u16(), answer.at("/code")),
        (403, "policy_refuses".to_owned())
    );
    let key = by_person.key_with_every_scope().await;
    let wrong = format!("/api/v1/accounts/{}/support-pin", other.account.number);
    let answer = app.get(&wrong).key(&key).send().await;
    assert_eq!(
        (answer.status.as_u16(), answer.at("/code")),
        (403, "policy_refuses".to_owned())
    );
}

#[tokio::test]
async fn a_person_is_found_only_on_their_own_account() {
    let app = TestApp::sqlite().await;
    let brand = app.brand(Preset::CloudUserPin).await;
    let key = brand.key_with_every_scope().await;
    let (one, other) = (brand.owner().await, brand.owner().await);
    let crossed = format!(
        "/api/v1/accounts/{}/people/{}/support-pin",
        one.account.number, other.id
    );
    assert_eq!(app.get(&crossed).key(&key).send().await.status, 404);
    assert_eq!(
        app.post(&format!("{crossed}/reset"))
            .key(&key)
            .send()
            .await
            .status,
        404
    );
    let set = app
        .put(&crossed)
        .key(&key)
        .json(&json!({ "pin": "918273" }))
        .send()
        .await;
    assert_eq!(set.status, 404);
    let nobody = AccountNumber::parse("99999999").unwrap();
    let absent = format!("/api/v1/accounts/{nobody}/people/{}/support-pin", other.id);
    assert_eq!(app.get(&absent).key(&key).send().await.status, 404);
    let colleague = brand.person(&one.account, Role::Member).await;
    assert_ne!(brand.pin(&one).await, brand.pin(&colleague).await);
}

#[tokio::test]
async fn b2_where_no_pin_is_shown_a_reset_leaves_none_for_the_holder_to_choose() {
    use countersign_app::AppError;
    use countersign_app::pins::change::{NewPin, change};
    use countersign_app::pins::unlock::{Keep, unlock};
    use countersign_app::verification::submit::{Method, SubmitPin, submit as by_hand};

    for app in TestApp::both().await {
        let brand = app.brand(Preset::TelecomAdminPin).await;
        let key = brand.key_with_every_scope().await;
        let owner = brand.owner().await;
        let address = pin_address(&brand, &owner);
        for door in ["reset", "unlock"] {
            brand.set_pin(&owner, "4071").await;
            if door == "reset" {
                let done = app.post(&format!("{address}/reset")).key(&key).send().await;
                assert_eq!(done.status, 204, "{}", done.text());
            } else {
                let agent = brand.staff(countersign_domain::staff::StaffRole::Agent).await;
                for index in 0..5 {
                    let conversation = open(&app, &key, &owner, "inbound").await;
                    let asked = SubmitPin {
                        conversation: conversation.parse().unwrap(),
                        method: Method::SupportPin {
                            person: Some(owner.id),
                        },
                        code: Digits::parse(&brand.wrong_pin("4071", index)).unwrap(),
                    };
                    by_hand(&app.app, &brand.staff_caller(&agent), asked, None)
                        .await
                        .unwrap();
                }
                assert_eq!(pin_state(&app, &brand, &key, &owner).await, "locked");
                unlock(
                    &app.app,
                    &brand.caller(&owner),
                    &brand.pin_of(&owner),
                    Keep::NewPin,
                    None,
                )
                .await
                .unwrap();
            }
            assert_eq!(pin_state(&app, &brand, &key, &owner).await, "none", "{door}");
            assert_eq!(
                verify(&app, &brand, &key, &owner, "4071").await.at("/result"),
                "denied",
                "{door}"
            );
        }
        let made = change(
            &app.app,
            &brand.caller(&owner),
            &brand.pin_of(&owner),
            NewPin::Made,
            None,
        )
        .await;
        assert!(matches!(made, Err(AppError::PolicyRefuses(_))), "{made:?}");
        brand.set_pin(&owner, "5182").await;
        assert_eq!(
            verify(&app, &brand, &key, &owner, "5182").await.at("/result"),
            "verified"
        );
    }
}
