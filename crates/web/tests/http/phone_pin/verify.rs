//! `POST …/RAX-AUTH/phone-pin/verify`.

use countersign_domain::api_client::Scope;
use countersign_testkit::TestApp;
use serde_json::json;

use super::ground::{Ground, assert_fault};
use crate::support::events;

fn failed(code: &str, message: &str) -> serde_json::Value {
    json!({ "RAX-AUTH:verifyPhonePinResult":
        { "authenticated": false, "failureCode": code, "failureMessage": message } })
}

#[tokio::test]
async fn d7_a_check_is_always_200_and_says_whether_it_is_the_pin() {
    for app in TestApp::both().await {
        let ground = Ground::new(&app).await;
        for person in [&ground.owner, &ground.contact, &ground.stranger] {
            let (id, pin) = (person.id.to_string(), ground.pin_of(person).await);
            let right = ground.verify(&ground.verify_only, &id, &pin).await;
            assert_eq!(right.status, 200);
            assert_eq!(right.kind(), "application/json");
            assert_eq!(
                right.json(),
                json!({ "RAX-AUTH:verifyPhonePinResult": { "authenticated": true } })
            );
            let wrong = ground
                .verify(&ground.verify_only, &id, &ground.brand.wrong_pin(&pin, 0))
                .await;
            assert_eq!(wrong.status, 200);
            assert_eq!(wrong.json(), failed("PP-003", "Incorrect Phone PIN."));
        }
        let judged = events(&app, &ground.every_right, "verification.judged").await;
        assert_eq!(judged.len(), 6, "a wrong PIN is committed like a right one");
        assert!(
            judged
                .iter()
                .all(|event| event["channel"] == "api" && event["conversation"].is_null())
        );
    }
}

#[tokio::test]
async fn d7_six_failures_in_a_row_lock_whatever_was_sent_and_a_success_begins_anew() {
    for app in TestApp::both().await {
        let ground = Ground::new(&app).await;
        let (id, pin) = (
            ground.member.id.to_string(),
            ground.brand.pin(&ground.member).await,
        );
        for wrong in ["not a PIN", "12", "000000000000000", "0", "x"] {
            let answer = ground.verify(&ground.verify_only, &id, wrong).await;
            assert_eq!(answer.json(), failed("PP-003", "Incorrect Phone PIN."), "{wrong}");
        }
        let right = ground.verify(&ground.verify_only, &id, &pin).await;
        assert_eq!(right.at("/RAX-AUTH:verifyPhonePinResult/authenticated"), "true");
        for number in 0..5 {
            let wrong = ground.brand.wrong_pin(&pin, number);
            ground.verify(&ground.verify_only, &id, &wrong).await;
            assert_eq!(ground.state(&ground.member).await, "ACTIVE");
        }
        let sixth = ground.verify(&ground.verify_only, &id, "no digits").await;
        assert_eq!(sixth.json(), failed("PP-003", "Incorrect Phone PIN."));
        assert_eq!(ground.state(&ground.member).await, "LOCKED");
        for pin in [&pin, "no digits"] {
            let locked = ground.verify(&ground.verify_only, &id, pin).await;
            assert_eq!(locked.status, 200);
            assert_eq!(locked.json(), failed("PP-004", "User's PIN is locked."));
        }
        assert_eq!(events(&app, &ground.every_right, "pin.locked").await.len(), 1);
        let told = app.sent().await;
        assert_eq!(
            told.iter().filter(|sent| sent.text.contains("locked")).count(),
            1,
            "D4"
        );
    }
}

#[tokio::test]
async fn d7_tries_by_our_own_api_and_by_this_one_are_one_count() {
    let app = TestApp::sqlite().await;
    let ground = Ground::new(&app).await;
    let (id, pin) = (
        ground.member.id.to_string(),
        ground.brand.pin(&ground.member).await,
    );
    for number in 0..3 {
        let wrong = ground.brand.wrong_pin(&pin, number);
        crate::support::verify(&app, &ground.brand, &ground.verify_only, &ground.member, &wrong).await;
        ground.verify(&ground.verify_only, &id, &wrong).await;
    }
    assert_eq!(ground.state(&ground.member).await, "LOCKED");
}

#[tokio::test]
async fn d7_a_user_without_a_pin_is_told_as_such_and_never_locked() {
    for app in TestApp::both().await {
        let bare = Ground::new(&app).await.bare().await;
        for _ in 0..8 {
            let answer = bare
                .verify(&bare.verify_only, &bare.owner.id.to_string(), "136983")
                .await;
            assert_eq!(answer.status, 200);
            assert_eq!(
                answer.json(),
                failed("PP-000", "The user has not set a Phone PIN.")
            );
        }
    }
}

#[tokio::test]
async fn d7_no_pin_or_a_blank_one_is_400_and_costs_no_try() {
    for app in TestApp::both().await {
        let ground = Ground::new(&app).await;
        let id = ground.member.id.to_string();
        for body in [
            json!({}),
            json!({ "RAX-AUTH:phonePin": null }),
            json!({ "RAX-AUTH:phonePin": {} }),
            json!({ "RAX-AUTH:phonePin": { "pin": null } }),
            json!({ "RAX-AUTH:phonePin": { "pin": "" } }),
            json!({ "RAX-AUTH:phonePin": { "pin": "   " } }),
        ] {
            let answer = ground.verify_body(&ground.verify_only, &id, &body).await;
            let message = "Error code: 'PP-001'; Must supply a Phone PIN.";
            assert_fault(&answer, 400, "badRequest", Some(message));
        }
        for body in ["{", "", "nonsense", "{\"RAX-AUTH:phonePin\":[]}"] {
            let answer = app
                .post(&format!("/v2.0/users/{id}/RAX-AUTH/phone-pin/verify"))
                .header("x-auth-token", &ground.verify_only)
                .header("content-type", "application/json")
                .body(body.to_owned())
                .send()
                .await;
            assert_fault(&answer, 400, "badRequest", None);
        }
        assert!(
            events(&app, &ground.every_right, "verification.judged")
                .await
                .is_empty()
        );
    }
}

#[tokio::test]
async fn d7_the_right_to_verify_is_one_of_its_own_and_asked_for_before_the_pin_is_looked_at() {
    for app in TestApp::both().await {
        let ground = Ground::new(&app).await;
        let id = ground.member.id.to_string();
        let pin = ground.brand.pin(&ground.member).await;
        let others: Vec<Scope> = Scope::ALL
            .iter()
            .copied()
            .filter(|scope| *scope != Scope::Verify)
            .collect();
        let all_but = ground.brand.key(&others).await;
        let (owner, own) = (
            ground.token(&ground.owner).await,
            ground.token(&ground.member).await,
        );
        for by in [&all_but, &ground.no_right, &owner, &own] {
            let right = ground.verify(by, &id, &pin).await;
            let wrong = ground.verify(by, &id, &ground.brand.wrong_pin(&pin, 1)).await;
            let blank = ground.verify(by, &id, "").await;
            let nobody = ground.verify(by, "12345", &pin).await;
            for answer in [&right, &wrong, &blank, &nobody] {
                assert_fault(answer, 403, "forbidden", None);
                assert_eq!(answer.body, right.body, "nothing of the PIN shows");
            }
        }
        assert!(
            events(&app, &ground.every_right, "verification.judged")
                .await
                .is_empty()
        );
    }
}

#[tokio::test]
async fn d7_a_user_who_is_switched_off_is_verified_by_no_pin() {
    let app = TestApp::sqlite().await;
    let ground = Ground::new(&app).await;
    let (id, pin) = (
        ground.member.id.to_string(),
        ground.brand.pin(&ground.member).await,
    );
    app.tamper(&format!("UPDATE people SET disabled_at = 1 WHERE id = '{id}'"))
        .await;
    for _ in 0..8 {
        let answer = ground.verify(&ground.verify_only, &id, &pin).await;
        assert_eq!(answer.json(), failed("PP-003", "Incorrect Phone PIN."));
    }
    let read = ground.read(&ground.every_right, &id).await;
    assert_eq!(read.at("/user/enabled"), "false");
}
