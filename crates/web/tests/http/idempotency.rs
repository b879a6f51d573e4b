//! `Idempotency-Key`: sent twice, done once.

use countersign_domain::policy::Preset;
use countersign_testkit::TestApp;
use serde_json::json;

use crate::support::{count, events, lock, open, pin_address, pin_state, try_body, verify};

#[tokio::test]
async fn a_replayed_try_is_judged_once_and_answers_the_same() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let key = brand.key_with_every_scope().await;
        let owner = brand.owner().await;
        let pin = brand.pin(&owner).await;
        let wrong = brand.wrong_pin(&pin, 0);
        let body = try_body(&brand, &owner, &wrong);
        let mut bodies = Vec::new();
        // Quoted as the draft says, unquoted as many clients send it: the same key.
        for written in ["\"8e03978e-40d5\"", "8e03978e-40d5", "\"8e03978e-40d5\""]
            .iter()
            .cycle()
            .take(12)
        {
            let answer = app
                .post("/api/v1/verify")
                .key(&key)
                .header("idempotency-key", written)
                .json(&body)
                .send()
                .await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            bodies.push(answer.body);
        }
        bodies.dedup();
        assert_eq!(bodies.len(), 1);
        assert_eq!(
            count(&events(&app, &key, "verification.judged").await, "denied"),
            1
        );
        assert_eq!(pin_state(&app, &brand, &key, &owner).await, "active");

        let other = try_body(&brand, &owner, &pin);
        let answer = app
            .post("/api/v1/verify")
            .key(&key)
            .header("idempotency-key", "8e03978e-40d5")
            .json(&other)
            .send()
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.at("/code")),
            (422, "idempotency_key_reused".to_owned())
        );
        assert!(!answer.text().contains("verified"));

        let conversation = open(&app, &key, &owner, "inbound").await;
        let elsewhere = app
            .post(&format!("/api/v1/conversations/{conversation}/verifications"))
            .key(&key)
            .header("idempotency-key", "8e03978e-40d5")
            .json(&json!({ "method": "support_pin", "code": wrong }))
            .send()
            .await;
        assert_eq!(
            elsewhere.status, 422,
            "the same key at another address is another request"
        );

        let another_client = brand.key_with_every_scope().await;
        let answer = app
            .post("/api/v1/verify")
            .key(&another_client)
            .header("idempotency-key", "8e03978e-40d5")
            .json(&other)
            .send()
            .await;
        assert_eq!(
            answer.at("/result"),
            "verified",
            "another client's keys are its own"
        );
    }
}

#[tokio::test]
async fn a_replayed_creation_makes_one_of_each() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let key = brand.key_with_every_scope().await;
        let post = |address: String, body: serde_json::Value, replay: &'static str| {
            app.post(&address)
                .key(&key)
                .header("idempotency-key", replay)
                .json(&body)
        };
        let account = json!({ "name": "Once" });
        let first = post("/api/v1/accounts".to_owned(), account.clone(), "a")
            .send()
            .await;
        let second = post("/api/v1/accounts".to_owned(), account, "a").send().await;
        assert_eq!((first.status.as_u16(), &first.body), (201, &second.body));
        assert_eq!(second.status, 201);
        let number = first.at("/account_number");
        let person = json!({ "name": "Ada", "role": "member" });
        let people = format!("/api/v1/accounts/{number}/people");
        let first = post(people.clone(), person.clone(), "b").send().await;
        let second = post(people.clone(), person, "b").send().await;
        assert_eq!((first.status.as_u16(), &first.body), (201, &second.body));
        let listed = app.get(&people).key(&key).send().await;
        assert_eq!(listed.json()["people"].as_array().unwrap().len(), 1);
        let body = json!({ "account_number": number, "channel": "phone", "direction": "inbound" });
        let first = post("/api/v1/conversations".to_owned(), body.clone(), "c")
            .send()
            .await;
        let second = post("/api/v1/conversations".to_owned(), body, "c").send().await;
        assert_eq!((first.status.as_u16(), &first.body), (201, &second.body));
        assert_eq!(events(&app, &key, "conversation.opened").await.len(), 1);
    }
}

#[tokio::test]
async fn a_key_that_is_none_is_refused_and_nothing_is_judged() {
    let app = TestApp::sqlite().await;
    let brand = app.brand(Preset::CloudUserPin).await;
    let key = brand.key_with_every_scope().await;
    let owner = brand.owner().await;
    let long = "k".repeat(256);
    for written in ["", "\"\"", "   ", &long] {
        let answer = app
            .post("/api/v1/verify")
            .key(&key)
            .header("idempotency-key", written)
            .json(&try_body(&brand, &owner, "123123"))
            .send()
            .await;
        assert_eq!(answer.status, 422, "{written:?}");
        assert_eq!(answer.at("/errors/0/parameter"), "Idempotency-Key");
    }
    assert!(events(&app, &key, "verification.judged").await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_retries_at_once_one_is_judged_and_all_hear_the_same() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let key = brand.key_with_every_scope().await;
        let owner = brand.owner().await;
        let pin = brand.pin(&owner).await;
        for (code, replay) in [(pin.clone(), "right"), (brand.wrong_pin(&pin, 0), "wrong")] {
            let body = try_body(&brand, &owner, &code);
            let tasks: Vec<_> = (0..50)
                .map(|_| {
                    let request = app.post("/api/v1/verify").key(&key);
                    tokio::spawn(request.header("idempotency-key", replay).json(&body).send())
                })
                .collect();
            let mut bodies = Vec::new();
            for task in tasks {
                let answer = task.await.unwrap();
                assert_eq!(answer.status, 200, "{:?}: {}", app.engine, answer.text());
                bodies.push(answer.body);
            }
            bodies.dedup();
            assert_eq!(bodies.len(), 1);
        }
        let recorded = events(&app, &key, "verification.judged").await;
        assert_eq!((recorded.len(), count(&recorded, "denied")), (2, 1));
    }
}

#[tokio::test]
async fn where_there_is_no_standing_pin_a_replayed_try_hears_the_same_again() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::BrokerOneTimePin).await;
        let key = brand.key_with_every_scope().await;
        let owner = brand.owner().await;
        let conversation = open(&app, &key, &owner, "inbound").await;
        for _ in 0..3 {
            let answer = app
                .post(&format!("/api/v1/conversations/{conversation}/verifications"))
                .key(&key)
                .header("idempotency-key", "none")
                .json(&json!({ "method": "support_pin", "code": "1234" }))
                .send()
                .await;
            assert_eq!(
                (answer.status.as_u16(), answer.at("/result")),
                (200, "unavailable".to_owned()),
                "{}",
                answer.text()
            );
        }
    }
}

#[tokio::test]
async fn a_stopped_agents_key_is_not_spent_and_judges_once_the_budget_allows() {
    use std::time::Duration;

    use countersign_app::AppError;
    use countersign_app::idempotency::IdempotencyKey;
    use countersign_app::verification::submit::{Method, SubmitPin, submit};
    use countersign_domain::judge::Verdict;
    use countersign_domain::pin::Digits;
    use countersign_domain::staff::StaffRole;

    for app in TestApp::both().await {
        let policy = Preset::CloudUserPin.toml().replace("per_day = 20", "per_day = 1");
        let brand = app.brand_with(&policy).await;
        let key = brand.key_with_every_scope().await;
        let agent = brand.staff_caller(&brand.staff(StaffRole::Agent).await);
        let (first, second) = (brand.owner().await, brand.owner().await);
        let first_in = open(&app, &key, &first, "inbound").await;
        let second_in = open(&app, &key, &second, "inbound").await;
        let (wrong, right) = (
            brand.wrong_pin(&brand.pin(&first).await, 0),
            brand.pin(&second).await,
        );
        let try_in = async |conversation: &str, code: &str, name: &str| {
            let asked = SubmitPin {
                conversation: conversation.parse().unwrap(),
                method: Method::SupportPin { person: None },
                code: Digits::parse(code).unwrap(),
            };
            let replay = IdempotencyKey::new(name, code.as_bytes().to_vec()).unwrap();
            submit(&app.app, &agent, asked, Some(replay)).await
        };
        let judged = try_in(&first_in, &wrong, "one").await.unwrap();
        assert_eq!(judged.result, Verdict::Denied);
        for _ in 0..2 {
            let stopped = try_in(&second_in, &right, "two").await;
            assert!(matches!(stopped, Err(AppError::AgentStopped)), "{stopped:?}");
        }
        app.clock.advance(Duration::from_secs(86_400));
        let judged = try_in(&second_in, &right, "two").await.unwrap();
        assert_eq!(judged.result, Verdict::Verified, "{:?}", app.engine);
    }
}

#[tokio::test]
async fn a_replayed_pin_call_acts_once_and_hears_the_same() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let key = brand.key_with_every_scope().await;
        let owner = brand.owner().await;
        let address = pin_address(&brand, &owner);
        let post = async |call: &str, replay: &str| {
            let answer = app
                .post(&format!("{address}/{call}"))
                .key(&key)
                .header("idempotency-key", replay)
                .send()
                .await;
            (answer.status.as_u16(), answer.at("/code"))
        };
        let done = (204, String::new());

        assert_eq!(post("reset", "a").await, done);
        let made = brand.pin(&owner).await;
        assert_eq!(post("reset", "a").await, done);
        assert_eq!(brand.pin(&owner).await, made, "no second PIN was made");
        assert_eq!(events(&app, &key, "pin.reset").await.len(), 1);
        let other = post("reset?only_if_missing=true", "a").await;
        assert_eq!(
            other,
            (422, "idempotency_key_reused".to_owned()),
            "another query is another request"
        );

        lock(&app, &brand, &key, &owner).await;
        assert_eq!(post("unlock", "b").await, done);
        assert_eq!(
            post("unlock", "b").await,
            done,
            "the same answer, not \"not locked\""
        );
        assert_eq!(post("unlock", "c").await, (409, "not_locked".to_owned()));
        assert_eq!(events(&app, &key, "pin.unlocked").await.len(), 1);
        lock(&app, &brand, &key, &owner).await;
        assert_eq!(
            post("unlock", "c").await,
            done,
            "a refusal is not kept: under the same key it is tried anew"
        );

        let put = async |pin: &str| {
            app.put(&address)
                .key(&key)
                .header("idempotency-key", "d")
                .json(&json!({ "pin": pin }))
                .send()
                .await
                .status
                .as_u16()
        };
        assert_eq!(put("507284").await, 204);
        brand.set_pin(&owner, "281905").await;
        assert_eq!(put("507284").await, 204, "{:?}", app.engine);
        assert_eq!(
            brand.pin(&owner).await,
            "281905",
            "a late repetition undoes nothing"
        );
        assert_eq!(put("281906").await, 422);
        let checked = verify(&app, &brand, &key, &owner, "281905").await;
        assert_eq!(checked.at("/result"), "verified");

        let conversation = open(&app, &key, &owner, "inbound").await;
        for _ in 0..2 {
            let closed = app
                .post(&format!("/api/v1/conversations/{conversation}/close"))
                .key(&key)
                .header("idempotency-key", "e")
                .send()
                .await;
            assert_eq!(closed.status, 204, "{}", closed.text());
        }
        assert_eq!(events(&app, &key, "conversation.closed").await.len(), 1);
    }
}
