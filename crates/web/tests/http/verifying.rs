//! Verifying, in one shot and in conversations.

use std::time::Duration;

use countersign_domain::policy::Preset;
use countersign_testkit::TestApp;
use serde_json::json;

use crate::support::{count, events, open, pin_address, pin_state, submit, try_body, verify};

#[tokio::test]
async fn a5_number_and_pin_together_open_what_neither_does_alone() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::HostingAccountPin).await;
        let key = brand.key_with_every_scope().await;
        let (owner, other) = (brand.owner().await, brand.owner().await);
        let pin = brand.pin(&owner).await;
        let conversation = open(&app, &key, &owner, "inbound").await;
        let address = format!("/api/v1/conversations/{conversation}");
        let allowed = |answer: &countersign_testkit::Answer, requires: &str| {
            answer.json()["actions"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|action| action["requires"] == requires)
                .all(|action| action["allowed"] == true)
        };
        let before = app.get(&address).key(&key).send().await;
        assert_eq!(
            (before.at("/assurance"), before.at("/state")),
            ("none".to_owned(), "open".to_owned())
        );
        assert!(
            !allowed(&before, "pin"),
            "nothing that needs a PIN is allowed before a match: {}",
            before.text()
        );

        let anothers = brand.pin(&other).await;
        assert_eq!(
            submit(&app, &key, &conversation, &anothers).await.at("/result"),
            "denied"
        );
        assert!(!allowed(&app.get(&address).key(&key).send().await, "pin"));

        let matched = submit(&app, &key, &conversation, &pin).await;
        assert_eq!(
            (matched.at("/result"), matched.at("/assurance")),
            ("verified".to_owned(), "pin".to_owned())
        );
        let after = app.get(&address).key(&key).send().await;
        assert_eq!(after.at("/valid_until"), matched.at("/valid_until"));
        assert!(allowed(&after, "pin"), "{}", after.text());

        let minutes = u64::from(brand.entry.policy.conversation.verified_minutes);
        app.clock.advance(Duration::from_secs(minutes * 60));
        assert_eq!(
            app.get(&address).key(&key).send().await.at("/assurance"),
            "none",
            "a match does not last"
        );
    }
}

#[tokio::test]
async fn a_lock_or_a_new_pin_or_the_end_takes_a_proof_away() {
    let app = TestApp::sqlite().await;
    let brand = app.brand(Preset::CloudUserPin).await;
    let key = brand.key_with_every_scope().await;
    let owner = brand.owner().await;
    let pin = brand.pin(&owner).await;
    let verified = verify(&app, &brand, &key, &owner, &pin).await;
    assert_eq!(verified.at("/result"), "verified");
    let address = format!("/api/v1/conversations/{}", verified.at("/conversation"));
    assert_eq!(app.get(&address).key(&key).send().await.at("/assurance"), "pin");
    brand.renew_pin(&owner).await;
    assert_eq!(
        app.get(&address).key(&key).send().await.at("/assurance"),
        "none",
        "a new PIN"
    );

    let pin = brand.pin(&owner).await;
    let address = format!(
        "/api/v1/conversations/{}",
        verify(&app, &brand, &key, &owner, &pin).await.at("/conversation")
    );
    assert_eq!(app.get(&address).key(&key).send().await.at("/assurance"), "pin");
    for index in 0..6 {
        verify(&app, &brand, &key, &owner, &brand.wrong_pin(&pin, index)).await;
    }
    assert_eq!(
        app.get(&address).key(&key).send().await.at("/assurance"),
        "none",
        "a lock"
    );

    app.post(&format!("{}/unlock", pin_address(&brand, &owner)))
        .key(&key)
        .send()
        .await;
    let conversation = verify(&app, &brand, &key, &owner, &pin).await.at("/conversation");
    let address = format!("/api/v1/conversations/{conversation}");
    assert_eq!(
        app.post(&format!("{address}/close"))
            .key(&key)
            .send()
            .await
            .status,
        204
    );
    assert_eq!(
        app.post(&format!("{address}/close"))
            .key(&key)
            .send()
            .await
            .status,
        204,
        "twice is once"
    );
    let closed = app.get(&address).key(&key).send().await;
    assert_eq!(
        (closed.at("/state"), closed.at("/assurance")),
        ("closed".to_owned(), "none".to_owned())
    );
    let late = submit(&app, &key, &conversation, &pin).await;
    assert_eq!(
        (late.status.as_u16(), late.at("/code")),
        (409, "conversation_closed".to_owned())
    );
}

#[tokio::test]
async fn t16_in_a_conversation_a_person_who_is_not_there_is_answered_like_a_wrong_pin() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let other_brand = app.brand(Preset::CloudUserPin).await;
        let key = brand.key_with_every_scope().await;
        let (owner, neighbour) = (brand.owner().await, brand.owner().await);
        let foreign = other_brand.owner().await;
        let pin = brand.pin(&owner).await;
        let conversation = open(&app, &key, &owner, "inbound").await;
        let address = format!("/api/v1/conversations/{conversation}");
        let wrong = submit(&app, &key, &conversation, &brand.wrong_pin(&pin, 0)).await;
        let try_as = async |person: String, code: String| {
            app.post(&format!("{address}/verifications"))
                .key(&key)
                .json(&json!({ "method": "support_pin", "person": person, "code": code }))
                .send()
                .await
        };
        let nobody = countersign_domain::ids::PersonId::new(app.clock.set_at(), [9; 10]);
        for (person, code) in [
            (neighbour.id, brand.pin(&neighbour).await),
            (foreign.id, other_brand.pin(&foreign).await),
            (nobody, pin.clone()),
        ] {
            let answer = try_as(person.to_string(), code).await;
            assert_eq!(
                (answer.status, &answer.body),
                (wrong.status, &wrong.body),
                "{person}"
            );
        }
        assert_eq!(
            submit(&app, &key, &conversation, &pin).await.at("/result"),
            "verified"
        );
        assert_eq!(app.get(&address).key(&key).send().await.at("/assurance"), "pin");
        app.tamper(&format!(
            "UPDATE people SET disabled_at = 1 WHERE id = '{}'",
            owner.id
        ))
        .await;
        assert_eq!(
            app.get(&address).key(&key).send().await.at("/assurance"),
            "none",
            "a disabled person's proof ends"
        );
        assert_eq!(
            submit(&app, &key, &conversation, &pin).await.at("/result"),
            "denied"
        );
        assert!(
            events(&app, &key, "integrity.alarm").await.is_empty(),
            "nothing is broken"
        );
    }
}

#[tokio::test]
async fn d6_in_a_conversation_that_we_opened_no_pin_is_checked() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let key = brand.key_with_every_scope().await;
        let owner = brand.owner().await;
        let pin = brand.pin(&owner).await;
        let conversation = open(&app, &key, &owner, "outbound").await;
        for _ in 0..8 {
            for code in [pin.clone(), brand.wrong_pin(&pin, 1)] {
                let answer = submit(&app, &key, &conversation, &code).await;
                let said = (answer.status.as_u16(), answer.at("/code"));
                assert_eq!(
                    said,
                    (409, "outbound_conversation".to_owned()),
                    "right and wrong look alike"
                );
            }
        }
        assert_eq!(
            pin_state(&app, &brand, &key, &owner).await,
            "active",
            "nothing was spent"
        );
    }
}

#[tokio::test]
async fn d8_a_locked_pin_never_blocks_portal_sign_in() {
    use countersign_app::passwords::Password;
    use countersign_app::sign_in::{SignIn, SignInStep, portal};
    use countersign_testkit::PASSWORD;

    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let key = brand.key_with_every_scope().await;
        let owner = brand.owner().await;
        let pin = brand.pin(&owner).await;
        for index in 0..6 {
            verify(&app, &brand, &key, &owner, &brand.wrong_pin(&pin, index)).await;
        }
        assert_eq!(pin_state(&app, &brand, &key, &owner).await, "locked");
        let asked = SignIn {
            username: owner.username.clone(),
            known_browser: None,
            password: Password::typed(PASSWORD.to_owned()).unwrap(),
            address: [198, 51, 100, 7].into(),
            browser: "a browser".to_owned(),
            device: None,
            request_id: None,
        };
        let step = portal::sign_in(&app.app, &brand.entry, asked).await.unwrap();
        assert!(matches!(step, SignInStep::Done(signed_in) if signed_in.expires_at > app.clock.set_at()));
    }
}

#[tokio::test]
async fn an_account_that_does_not_exist_is_answered_like_a_wrong_pin() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let key = brand.key_with_every_scope().await;
        let owner = brand.owner().await;
        let wrong = brand.wrong_pin(&brand.pin(&owner).await, 0);
        let known = verify(&app, &brand, &key, &owner, &wrong).await;
        let mut no_account = try_body(&brand, &owner, &wrong);
        no_account["account_number"] = json!("99999999");
        let mut nobody = try_body(&brand, &owner, &wrong);
        nobody["person"] = json!("nobody@example.com");
        let mut no_id = try_body(&brand, &owner, &wrong);
        no_id["person"] = json!("not an id at all");
        for body in [no_account, nobody, no_id] {
            for _ in 0..10 {
                let answer = app.post("/api/v1/verify").key(&key).json(&body).send().await;
                assert_eq!(
                    (answer.status, &answer.body),
                    (known.status, &known.body),
                    "{body}"
                );
                let names = |answer: &countersign_testkit::Answer| {
                    let mut names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
                    names.sort();
                    names
                };
                assert_eq!(names(&answer), names(&known));
            }
        }
    }
}

#[tokio::test]
async fn e13_past_the_machines_share_a_real_account_still_answers_like_none() {
    for app in TestApp::both().await {
        for preset in Preset::ALL.iter().copied() {
            let brand = app.brand(preset).await;
            let key = brand.key_with_every_scope().await;
            let owner = brand.owner().await;
            let mut nobody = try_body(&brand, &owner, "112358");
            nobody["account_number"] = json!("99999999");
            for index in 1..=4 {
                let known = verify(&app, &brand, &key, &owner, "112358").await;
                let unknown = app.post("/api/v1/verify").key(&key).json(&nobody).send().await;
                assert_eq!(
                    (known.status, &known.body),
                    (unknown.status, &unknown.body),
                    "{preset:?}, try {index}: {}",
                    known.text()
                );
            }
            let spent = count(&events(&app, &key, "verification.judged").await, "unavailable");
            let share_is_two =
                brand.entry.limits.machine_tries == 2 && owner_has_a_pin(&app, &brand, &key, &owner).await;
            assert_eq!(spent, if share_is_two { 2 } else { 0 }, "{preset:?}");
        }
    }
}

async fn owner_has_a_pin(
    app: &TestApp,
    brand: &countersign_testkit::TestBrand<'_>,
    key: &str,
    owner: &countersign_testkit::TestPerson,
) -> bool {
    use countersign_domain::policy::HeldBy;

    brand.entry.policy.support_pin.held_by != HeldBy::Nobody
        && pin_state(app, brand, key, owner).await == "active"
}

#[tokio::test]
async fn d4_a_lowered_limit_locks_what_was_spent_under_the_higher_one_at_the_next_try() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let key = brand.key_with_every_scope().await;
        let owner = brand.owner().await;
        let pin = brand.pin(&owner).await;
        for index in 0..4 {
            verify(&app, &brand, &key, &owner, &brand.wrong_pin(&pin, index)).await;
        }
        let lowered = Preset::CloudUserPin
            .toml()
            .replace("\nlimit = 6", "\nlimit = 3")
            .replace("machine_limit = 6", "machine_limit = 3");
        countersign_app::brands::set_policy::set_policy(&app.app, &brand.system(), &lowered)
            .await
            .unwrap();
        let next = verify(&app, &brand, &key, &owner, &pin).await;
        assert_eq!(next.at("/result"), "locked", "{:?}", app.engine);
        assert_eq!(pin_state(&app, &brand, &key, &owner).await, "locked");
        assert_eq!(
            events(&app, &key, "pin.locked").await.len(),
            1,
            "it is recorded once"
        );
        assert_eq!(app.sent().await.len(), 1, "and the holder is told");
        let unlock = app
            .post(&format!("{}/unlock", pin_address(&brand, &owner)))
            .key(&key)
            .send()
            .await;
        assert_eq!(unlock.status, 204, "{}", unlock.text());
        assert_eq!(
            verify(&app, &brand, &key, &owner, &pin).await.at("/result"),
            "verified"
        );
    }
}

#[tokio::test]
async fn a_script_is_answered_with_one_word() {
    let app = TestApp::sqlite().await;
    let brand = app.brand(Preset::CloudUserPin).await;
    let key = brand.key_with_every_scope().await;
    let owner = brand.owner().await;
    let pin = brand.pin(&owner).await;
    for (code, word) in [
        (pin.clone(), "verified\n"),
        (brand.wrong_pin(&pin, 0), "denied\n"),
    ] {
        let answer = app
            .post("/api/v1/verify")
            .key(&key)
            .header("accept", "text/plain")
            .json(&try_body(&brand, &owner, &code))
            .send()
            .await;
        assert_eq!((answer.status.as_u16(), answer.text().as_str()), (200, word));
        assert!(answer.kind().starts_with("text/plain"));
    }
}

#[tokio::test]
async fn a_brand_without_standing_pins_says_so_and_spends_nothing() {
    let app = TestApp::sqlite().await;
    let brand = app.brand(Preset::BrokerOneTimePin).await;
    let key = brand.key_with_every_scope().await;
    let owner = brand.owner().await;
    assert_eq!(
        verify(&app, &brand, &key, &owner, "1234").await.at("/result"),
        "unavailable"
    );
}

#[tokio::test]
async fn where_people_hold_the_pins_a_try_names_the_person() {
    let app = TestApp::sqlite().await;
    let brand = app.brand(Preset::CloudUserPin).await;
    let key = brand.key_with_every_scope().await;
    let owner = brand.owner().await;
    let mut body = try_body(&brand, &owner, "123123");
    body.as_object_mut().unwrap().remove("person");
    let answer = app.post("/api/v1/verify").key(&key).json(&body).send().await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.at("/errors/0/pointer"), "#/person");
}

#[tokio::test]
async fn an_id_that_is_none_names_nothing() {
    let app = TestApp::sqlite().await;
    let brand = app.brand(Preset::CloudUserPin).await;
    let key = brand.key_with_every_scope().await;
    for id in [
        "x",
        "cnv_",
        "acc_01hzy8f3v0000000000000000a",
        "cnv_01hzy8f3v0000000000000000a",
        "%00",
        "%2e%2e",
    ] {
        let read = app
            .get(&format!("/api/v1/conversations/{id}"))
            .key(&key)
            .send()
            .await;
        assert_eq!(
            (read.status.as_u16(), read.at("/code")),
            (404, "not_found".to_owned()),
            "{id}"
        );
        assert_eq!(submit(&app, &key, id, "123123").await.status, 404, "{id}");
    }
}
