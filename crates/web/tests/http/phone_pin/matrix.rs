//! What holds for every call: the token, the method, the address; and sessions that are not the customer's.

use countersign_app::sign_in::{SignIn, SignInStep, desk};
use countersign_domain::policy::Preset;
use countersign_domain::staff::StaffRole;
use countersign_testkit::{PASSWORD, TestApp};
use http::Method;
use serde_json::json;

use super::ground::{Ground, assert_fault};
use crate::support::events;

fn calls(id: &str) -> Vec<(Method, String)> {
    vec![
        (Method::GET, format!("/v2.0/tokens/{id}")),
        (Method::GET, format!("/v2.0/users/{id}")),
        (Method::POST, format!("/v2.0/users/{id}")),
        (
            Method::POST,
            format!("/v2.0/users/{id}/RAX-AUTH/phone-pin/verify"),
        ),
        (Method::POST, format!("/v2.0/users/{id}/RAX-AUTH/phone-pin/reset")),
        (Method::PUT, format!("/v2.0/users/{id}/RAX-AUTH/phone-pin/unlock")),
    ]
}

#[tokio::test]
async fn d7_without_a_token_that_is_known_every_call_is_401() {
    let app = TestApp::sqlite().await;
    let ground = Ground::new(&app).await;
    let token = ground.token(&ground.owner).await;
    for (method, path) in calls(&ground.owner.id.to_string()) {
        let call = || app.request(method.clone(), &path).json(&json!({}));
        let bare = call().send().await;
        let bearer = call().key(&ground.every_right).send().await;
        let mut all = vec![bare, bearer];
        for sent in ["", "nonsense", "csk_unknown", "cst_unknown", &"x".repeat(5000)] {
            all.push(call().header("x-auth-token", sent).send().await);
        }
        let twice = call()
            .header("x-auth-token", &token)
            .header("x-auth-token", &token);
        all.push(twice.send().await);
        for answer in all {
            assert_fault(&answer, 401, "unauthorized", None);
            assert_ne!(answer.header("www-authenticate"), "");
        }
    }
}

#[tokio::test]
async fn d7_a_wrong_method_is_405_and_an_unknown_address_404_in_this_apis_form() {
    let app = TestApp::sqlite().await;
    let ground = Ground::new(&app).await;
    let id = ground.owner.id.to_string();
    for (_, path) in calls(&id) {
        let answer = ground
            .app
            .request(Method::DELETE, &path)
            .header("x-auth-token", &ground.every_right)
            .send()
            .await;
        assert_fault(&answer, 405, "badMethod", None);
        assert_ne!(answer.header("allow"), "", "{path}");
    }
    let post = app
        .post(&format!("/v2.0/users/{id}/RAX-AUTH/phone-pin/unlock"))
        .header("x-auth-token", &ground.every_right)
        .send()
        .await;
    assert_fault(&post, 405, "badMethod", None);
    for path in ["/v2.0/", "/v2.0/tenants", "/v2.0/users"] {
        assert_fault(&app.get(path).send().await, 404, "itemNotFound", None);
    }
}

#[tokio::test]
async fn d7_a_session_of_support_staff_reads_resets_and_unlocks_no_pin() {
    for app in TestApp::both().await {
        let ground = Ground::new(&app).await;
        let member = ground.brand.newcomer(StaffRole::Supervisor).await;
        let asked = SignIn {
            username: member.username.clone(),
            password: countersign_app::passwords::Password::typed(PASSWORD.to_owned()).unwrap(),
            known_browser: None,
            address: [198, 51, 100, 7].into(),
            browser: "Firefox".to_owned(),
            device: None,
            request_id: None,
        };
        let Ok(SignInStep::Done(signed_in)) = desk::sign_in(&app.app, asked).await else {
            panic!("staff sign in");
        };
        ground.lock(&ground.member).await;
        for (method, path) in calls(&ground.member.id.to_string()) {
            let answer = app
                .request(method, &path)
                .header("x-auth-token", signed_in.token.expose())
                .json(&json!({}))
                .send()
                .await;
            assert_fault(&answer, 401, "unauthorized", None);
        }
        let staff = ground.sign_in(&member.username, PASSWORD).await;
        assert_fault(&staff, 401, "unauthorized", None);
        assert_eq!(ground.state(&ground.member).await, "LOCKED");
    }
}

#[tokio::test]
async fn d7_the_description_of_our_own_api_does_not_list_it() {
    let document = serde_json::to_string(&countersign_web::openapi()).unwrap();
    assert!(!document.contains("/v2.0/") && !document.contains("phone-pin"));
}

#[tokio::test]
async fn d7_what_is_turned_away_is_in_the_evidence_without_the_token() {
    for app in TestApp::both().await {
        let ground = Ground::new(&app).await;
        let id = ground.member.id.to_string();
        let owner = ground.token(&ground.owner).await;
        ground.verify(&owner, &id, "111222").await;
        let unknown = ground.get("cst_nobodys", &format!("/v2.0/users/{id}"));
        unknown.header("host", &ground.brand.host).send().await;
        let refused = events(&app, &ground.every_right, "access.refused").await;
        let told: Vec<_> = refused
            .iter()
            .map(|event| {
                (
                    event["actor"].as_str().unwrap(),
                    event["detail"]["reason"].as_str().unwrap(),
                    event["channel"].as_str().unwrap(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("anonymous", "unauthorized", "api"),
                (ground.owner.id.to_string().as_str(), "missing_permission", "api"),
            ]
        );
        assert!(!format!("{refused:?}").contains("cst_"));
    }
}

#[tokio::test]
async fn d7_somebody_who_is_switched_off_or_loses_a_role_is_so_at_once() {
    for app in TestApp::both().await {
        let ground = Ground::new(&app).await;
        let (owner, admin) = (
            ground.token(&ground.owner).await,
            ground.token(&ground.admin).await,
        );
        let (owner_id, admin_id) = (ground.owner.id, ground.admin.id);
        app.tamper(&format!(
            "UPDATE people SET disabled_at = 1 WHERE id = '{owner_id}'; \
             UPDATE people SET role = 'member' WHERE id = '{admin_id}'"
        ))
        .await;
        let id = ground.member.id.to_string();
        assert_fault(&ground.reset(&owner, &id, "").await, 401, "unauthorized", None);
        assert_fault(&ground.reset(&admin, &id, "").await, 403, "forbidden", None);
        assert_fault(&ground.read(&admin, &id).await, 403, "forbidden", None);
    }
}

#[tokio::test]
async fn d7_an_unknown_user_and_one_of_another_account_or_brand_are_404_in_every_call() {
    for app in TestApp::both().await {
        let ground = Ground::new(&app).await;
        let owner = ground.token(&ground.owner).await;
        let foreign = app.brand(Preset::CloudUserPin).await.owner().await;
        let nobody = "per_01hzy8f3v0000000000000000a".to_owned();
        let mut asked = vec![(&owner, ground.stranger.id.to_string())];
        for id in [&"12345".to_owned(), &nobody, &foreign.id.to_string()] {
            asked.extend([(&owner, id.clone()), (&ground.every_right, id.clone())]);
        }
        for (by, id) in asked {
            let change = json!({ "RAX-AUTH:phonePin": "136983" });
            let mut answers = vec![
                ground.read(by, &id).await,
                ground.change(by, &id, change).await,
                ground.reset(by, &id, "").await,
                ground.unlock(by, &id).await,
            ];
            if *by == ground.every_right {
                answers.push(ground.verify(by, &id, "136983").await);
            }
            for answer in answers {
                let message = format!("User {id} not found");
                assert_fault(&answer, 404, "itemNotFound", Some(&message));
            }
        }
    }
}
