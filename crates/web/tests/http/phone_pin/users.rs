//! `GET` and `POST /v2.0/users/{id}`.

use countersign_testkit::TestApp;
use serde_json::json;

use super::ground::{Ground, address_of, assert_fault};
use crate::support::events;

#[tokio::test]
async fn d7_a_user_is_read_with_the_pin_by_its_holder_and_with_its_state_by_those_who_may() {
    for app in TestApp::both().await {
        let ground = Ground::new(&app).await;
        let member = &ground.member;
        let (own, owner, admin) = (
            ground.token(member).await,
            ground.token(&ground.owner).await,
            ground.token(&ground.admin).await,
        );
        let id = member.id.to_string();
        let expected = json!({ "user": {
            "id": id,
            "username": member.username,
            "email": address_of(member),
            "enabled": true,
            "RAX-AUTH:domainId": member.account.number.as_str(),
            "RAX-AUTH:phonePinState": "ACTIVE",
        } });
        for by in [&owner, &admin, &ground.every_right] {
            let answer = ground.read(by, &id).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            assert_eq!(answer.kind(), "application/json");
            assert_eq!(answer.json(), expected);
        }
        let mut with_pin = expected.clone();
        with_pin["user"]["RAX-AUTH:phonePin"] = json!(ground.brand.pin(member).await);
        let before = events(&app, &ground.every_right, "pin.revealed").await.len();
        assert_eq!(ground.read(&own, &id).await.json(), with_pin);
        let after = events(&app, &ground.every_right, "pin.revealed").await;
        assert_eq!(after.len(), before + 1);
        assert_eq!(after[0]["actor"], id.as_str());

        let contact = ground.read(&owner, &ground.contact.id.to_string()).await;
        assert_eq!(contact.json()["user"].get("username"), None);
        assert_eq!(contact.at("/user/RAX-AUTH:phonePinState"), "ACTIVE");
        for by in [&own, &ground.verify_only, &ground.no_right] {
            let answer = ground.read(by, &ground.owner.id.to_string()).await;
            assert_fault(&answer, 403, "forbidden", None);
        }
    }
}

#[tokio::test]
async fn d7_the_states_are_active_locked_and_inactive() {
    for app in TestApp::both().await {
        let ground = Ground::new(&app).await;
        assert_eq!(ground.state(&ground.member).await, "ACTIVE");
        ground.lock(&ground.member).await;
        assert_eq!(ground.state(&ground.member).await, "LOCKED");
        let bare = ground.bare().await;
        assert_eq!(bare.state(&bare.owner).await, "INACTIVE");
        let token = bare.token(&bare.owner).await;
        let own = bare.read(&token, &bare.owner.id.to_string()).await;
        assert_eq!(own.json()["user"].get("RAX-AUTH:phonePin"), None);
    }
}

#[tokio::test]
async fn d7_a_person_chooses_another_pin_and_its_failed_tries_are_forgotten() {
    for app in TestApp::both().await {
        let ground = Ground::new(&app).await;
        let id = ground.member.id.to_string();
        let token = ground.token(&ground.member).await;
        for wrong in 0..5 {
            let pin = ground.brand.pin(&ground.member).await;
            let answer = ground
                .verify(&ground.verify_only, &id, &ground.brand.wrong_pin(&pin, wrong))
                .await;
            assert_eq!(answer.at("/RAX-AUTH:verifyPhonePinResult/failureCode"), "PP-003");
        }
        let answer = ground
            .change(&token, &id, json!({ "RAX-AUTH:phonePin": "136983" }))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(
            answer.json(),
            json!({ "user": {
                "id": id,
                "username": ground.member.username,
                "email": address_of(&ground.member),
                "enabled": true,
                "RAX-AUTH:domainId": ground.member.account.number.as_str(),
                "RAX-AUTH:phonePin": "136983",
                "RAX-AUTH:phonePinState": "ACTIVE",
            } })
        );
        for wrong in ["136984", "136985", "136986", "136987", "136988"] {
            ground.verify(&ground.verify_only, &id, wrong).await;
        }
        assert_eq!(
            ground.state(&ground.member).await,
            "ACTIVE",
            "five again, not ten"
        );
        let right = ground.verify(&ground.verify_only, &id, "136983").await;
        assert_eq!(right.at("/RAX-AUTH:verifyPhonePinResult/authenticated"), "true");
        let changed = events(&app, &ground.every_right, "pin.changed").await;
        assert_eq!((changed.len(), &changed[0]["channel"]), (1, &json!("api")));
    }
}

#[tokio::test]
async fn d7_a_pin_that_breaks_a_rule_is_400_with_its_code_and_the_rule() {
    for app in TestApp::both().await {
        let ground = Ground::new(&app).await;
        let id = ground.member.id.to_string();
        let token = ground.token(&ground.member).await;
        let pin = ground.brand.pin(&ground.member).await;
        for (broken, rule) in [
            ("111128", "equal digits"),
            ("345682", "sequence"),
            ("286543", "sequence"),
            ("12907", "as many digits"),
            ("1290753", "as many digits"),
            ("12907a", "numeric"),
            ("129-07 5", "numeric"),
            ("", "numeric"),
            ("   ", "numeric"),
        ] {
            let answer = ground
                .change(&token, &id, json!({ "RAX-AUTH:phonePin": broken }))
                .await;
            assert_fault(&answer, 400, "badRequest", None);
            let said = answer.at("/badRequest/message");
            assert!(said.starts_with("Error code: 'PP-001'; "), "{said}");
            assert!(said.contains(rule), "{broken}: {said}");
        }
        assert_eq!(ground.brand.pin(&ground.member).await, pin, "nothing was changed");
        for allowed in ["111283", "345826", "121212"] {
            let answer = ground
                .change(&token, &id, json!({ "RAX-AUTH:phonePin": allowed }))
                .await;
            assert_eq!(answer.at("/user/RAX-AUTH:phonePin"), allowed, "{}", answer.text());
        }
    }
}

#[tokio::test]
async fn d7_nobody_sets_anothers_pin_but_a_program_with_the_right() {
    for app in TestApp::both().await {
        let ground = Ground::new(&app).await;
        let id = ground.member.id.to_string();
        let pin = ground.brand.pin(&ground.member).await;
        let change = json!({ "RAX-AUTH:phonePin": "136983" });
        for by in [
            &ground.token(&ground.owner).await,
            &ground.token(&ground.admin).await,
            &ground.verify_only,
            &ground.no_right,
        ] {
            let answer = ground.change(by, &id, change.clone()).await;
            assert_fault(&answer, 403, "forbidden", None);
        }
        let stranger = ground.token(&ground.stranger).await;
        let answer = ground.change(&stranger, &id, change.clone()).await;
        let message = format!("User {id} not found");
        assert_fault(&answer, 404, "itemNotFound", Some(&message));
        assert_eq!(ground.brand.pin(&ground.member).await, pin);
        let handed_in = ground.change(&ground.every_right, &id, change).await;
        assert_eq!(handed_in.status, 200, "{}", handed_in.text());
        assert!(!handed_in.text().contains("136983"), "a program is told no PIN");
        assert_eq!(ground.brand.pin(&ground.member).await, "136983");
    }
}

#[tokio::test]
async fn d7_a_user_that_is_sent_back_as_it_was_read_changes_nothing_and_another_field_is_refused() {
    let app = TestApp::sqlite().await;
    let ground = Ground::new(&app).await;
    let id = ground.member.id.to_string();
    let token = ground.token(&ground.member).await;
    let mut user = ground.read(&token, &id).await.json()["user"].clone();
    user.as_object_mut().unwrap().remove("RAX-AUTH:phonePin");
    user["RAX-AUTH:defaultRegion"] = json!("ORD");
    let same = ground.change(&token, &id, user.clone()).await;
    assert_eq!(same.status, 200, "{}", same.text());
    user["enabled"] = json!("true");
    user["email"] = json!(ground.member.email.to_uppercase());
    user["RAX-AUTH:phonePin"] = json!("136983");
    let pin = ground.change(&token, &id, user.clone()).await;
    assert_eq!(pin.at("/user/RAX-AUTH:phonePin"), "136983", "{}", pin.text());
    for (field, value) in [
        ("username", json!("someone.else")),
        ("email", json!("else@example.com")),
        ("enabled", json!(false)),
        ("RAX-AUTH:domainId", json!("1")),
        ("OS-KSADM:password", json!("another long password")),
    ] {
        let mut other = user.clone();
        other[field] = value;
        other["RAX-AUTH:phonePin"] = json!("246810");
        assert_fault(&ground.change(&token, &id, other).await, 400, "badRequest", None);
    }
    assert_eq!(ground.brand.pin(&ground.member).await, "136983");
    let none = app
        .post(&format!("/v2.0/users/{id}"))
        .header("x-auth-token", &token)
        .json(&json!({}))
        .send()
        .await;
    assert_fault(&none, 400, "badRequest", None);
}
