//! `POST /v2.0/tokens` and `GET /v2.0/tokens/{token}`.

use std::time::Duration;

use countersign_app::passwords::Password;
use countersign_app::sign_in::{SignIn, SignInStep, portal, session};
use countersign_domain::policy::Preset;
use countersign_domain::time::Timestamp;
use countersign_testkit::{Engine, PASSWORD, TestApp};
use serde_json::json;

use super::ground::{Ground, assert_fault};
use crate::support::events;

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn d7_a_password_gives_a_token_the_user_their_role_and_their_own_pin() {
    for app in TestApp::both().await {
        let ground = Ground::new(&app).await;
        for (person, role) in [
            (&ground.owner, "identity:user-admin"),
            (&ground.admin, "identity:user-manage"),
            (&ground.member, "identity:default"),
        ] {
            let answer = ground.sign_in(&person.username, PASSWORD).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            assert_eq!(answer.kind(), "application/json");
            let token = answer.at("/access/token/id");
            let expires = answer.at("/access/token/expires");
            let until = Timestamp::parse_rfc3339(&expires).unwrap();
            let lasts = until.since(app.app.now());
            assert!(
                lasts <= 12 * 60 * MINUTE && lasts > (12 * 60 - 1) * MINUTE,
                "{lasts:?}"
            );
            assert_eq!(
                answer.json(),
                json!({ "access": {
                    "token": { "id": token, "expires": expires },
                    "user": {
                        "id": person.id.to_string(),
                        "name": person.username,
                        "RAX-AUTH:domainId": person.account.number.as_str(),
                        "RAX-AUTH:phonePin": ground.brand.pin(person).await,
                        "RAX-AUTH:phonePinState": "ACTIVE",
                        "roles": [{ "name": role }],
                    },
                } })
            );
        }
        let shown = events(&app, &ground.every_right, "pin.revealed").await;
        let by_token = shown.iter().filter(|event| event["channel"] == "api").count();
        assert_eq!(by_token, 3, "each look at a PIN is recorded");
        let begun = events(&app, &ground.every_right, "session.started").await;
        assert_eq!(begun.iter().filter(|event| event["channel"] == "api").count(), 3);
    }
}

#[tokio::test]
async fn d7_a_wrong_password_and_an_unknown_name_are_the_same_401() {
    for app in TestApp::both().await {
        let ground = Ground::new(&app).await;
        let wrong = ground
            .sign_in(&ground.owner.username, "something else entirely")
            .await;
        let unknown = ground.sign_in("nobody.at.all", PASSWORD).await;
        let no_name = ground.sign_in("no such name ☺", PASSWORD).await;
        for answer in [&wrong, &unknown, &no_name] {
            assert_fault(answer, 401, "unauthorized", None);
            assert_eq!(answer.body, wrong.body);
        }
        assert_eq!(
            events(&app, &ground.every_right, "sign_in.refused").await.len(),
            3
        );
    }
}

#[tokio::test]
async fn d7_credentials_that_are_missing_or_cannot_be_read_are_400() {
    let app = TestApp::sqlite().await;
    let ground = Ground::new(&app).await;
    for body in [
        "",
        "{",
        "[]",
        "null",
        "{}",
        r#"{"auth":null}"#,
        r#"{"auth":{}}"#,
        r#"{"auth":{"passwordCredentials":{}}}"#,
        r#"{"auth":{"passwordCredentials":{"username":"ada"}}}"#,
        r#"{"auth":{"passwordCredentials":{"password":"x"}}}"#,
        r#"{"auth":{"passwordCredentials":{"username":" ","password":"x"}}}"#,
        r#"{"auth":{"passwordCredentials":{"username":7,"password":"x"}}}"#,
    ] {
        let answer = app
            .post("/v2.0/tokens")
            .header("host", &ground.brand.host)
            .header("content-type", "application/json")
            .body(body)
            .send()
            .await;
        assert_fault(&answer, 400, "badRequest", None);
    }
    let form = app
        .post("/v2.0/tokens")
        .header("host", &ground.brand.host)
        .form("username=a&password=b")
        .send()
        .await;
    assert_fault(&form, 415, "badMediaType", None);
    let long = app
        .post("/v2.0/tokens")
        .header("host", &ground.brand.host)
        .header("content-type", "application/json")
        .body(vec![b' '; 20_000])
        .send()
        .await;
    assert_fault(&long, 413, "overLimit", None);
}

#[tokio::test]
async fn d7_guessing_is_slowed_down_together_with_the_sign_in_page() {
    for app in TestApp::both().await {
        let ground = Ground::new(&app).await;
        for _ in 0..5 {
            let answer = ground
                .sign_in(&ground.owner.username, "something else entirely")
                .await;
            assert_eq!(answer.status, 401);
        }
        let stopped = ground.sign_in(&ground.owner.username, PASSWORD).await;
        assert_fault(&stopped, 429, "overLimit", None);
        assert_eq!(stopped.header("retry-after"), "60");
        let page = portal::sign_in(&app.app, &ground.brand.entry, at_page(&ground.owner.username)).await;
        assert!(page.is_err(), "the page counts the same tries");
        app.clock.advance(MINUTE);
        ground.token(&ground.owner).await;
    }
}

fn at_page(username: &str) -> SignIn {
    SignIn {
        username: username.to_owned(),
        password: Password::typed(PASSWORD.to_owned()).unwrap(),
        known_browser: None,
        address: [198, 51, 100, 7].into(),
        browser: "Firefox".to_owned(),
        device: None,
        request_id: None,
    }
}

#[tokio::test]
async fn d7_no_token_is_given_for_the_password_alone_where_there_is_a_second_factor() {
    for app in TestApp::both().await {
        let ground = Ground::new(&app).await;
        ground.brand.authenticator(&ground.owner).await;
        let answer = ground.sign_in(&ground.owner.username, PASSWORD).await;
        assert_fault(&answer, 401, "unauthorized", None);
        assert!(answer.at("/unauthorized/message").contains("second factor"));
        assert!(!answer.text().contains(&ground.brand.pin(&ground.owner).await));
        let wrong = ground
            .sign_in(&ground.owner.username, "something else entirely")
            .await;
        assert!(
            !wrong.text().contains("second factor"),
            "only the right password is told of it"
        );
        ground.token(&ground.member).await;
    }
}

#[tokio::test]
async fn d7_no_token_is_given_where_the_policy_requires_a_second_factor() {
    let app = TestApp::sqlite().await;
    app.brand(Preset::HostingAccountPin).await;
    let brand = app
        .brand_with("preset = \"cloud-user-pin\"\n[sign_in]\nsecond_factor = \"required\"\n")
        .await;
    let owner = brand.owner().await;
    let body =
        json!({ "auth": { "passwordCredentials": { "username": owner.username, "password": PASSWORD } } });
    let answer = app
        .post("/v2.0/tokens")
        .header("host", &brand.host)
        .json(&body)
        .send()
        .await;
    assert_fault(&answer, 401, "unauthorized", None);
    assert!(answer.at("/unauthorized/message").contains("second factor"));
}

#[tokio::test]
async fn d7_a_locked_pin_keeps_nobody_from_signing_in() {
    let app = TestApp::sqlite().await;
    let ground = Ground::new(&app).await;
    ground.lock(&ground.owner).await;
    let answer = ground.sign_in(&ground.owner.username, PASSWORD).await;
    assert_eq!(answer.status, 200, "D8");
    assert_eq!(answer.at("/access/user/RAX-AUTH:phonePinState"), "LOCKED");
}

#[tokio::test]
async fn d7_a_token_opens_no_page_and_a_cookie_no_phone_pin() {
    for app in TestApp::both().await {
        let ground = Ground::new(&app).await;
        let token = ground.token(&ground.owner).await;
        let Ok(SignInStep::Done(at_page)) =
            portal::sign_in(&app.app, &ground.brand.entry, at_page(&ground.owner.username)).await
        else {
            panic!("the owner signs in");
        };
        let page = async |cookie: &str| {
            app.get("/profile")
                .header("host", &ground.brand.host)
                .header("cookie", &format!("countersign={cookie}"))
                .send()
                .await
                .status
        };
        assert_eq!(page(at_page.token.expose()).await, 200);
        assert_eq!(page(&token).await, 303, "to the sign-in page");
        let answer = ground
            .read(at_page.token.expose(), &ground.owner.id.to_string())
            .await;
        assert_fault(&answer, 401, "unauthorized", None);
        assert_eq!(
            ground.read(&token, &ground.owner.id.to_string()).await.status,
            200
        );
    }
}

#[tokio::test]
async fn d7_a_token_ends_when_it_lies_idle_at_the_latest_after_its_time_and_with_all_sessions() {
    for app in TestApp::both().await {
        let ground = Ground::new(&app).await;
        let id = ground.owner.id.to_string();
        let idle = ground.token(&ground.owner).await;
        app.clock.advance(29 * MINUTE);
        assert_eq!(ground.read(&idle, &id).await.status, 200);
        app.clock.advance(30 * MINUTE);
        assert_fault(&ground.read(&idle, &id).await, 401, "unauthorized", None);

        let used = ground.token(&ground.owner).await;
        for _ in 0..28 {
            app.clock.advance(25 * MINUTE);
            assert_eq!(ground.read(&used, &id).await.status, 200);
        }
        app.clock.advance(21 * MINUTE);
        assert_fault(&ground.read(&used, &id).await, 401, "unauthorized", None);

        let ended = ground.token(&ground.owner).await;
        let caller = ground.brand.caller(&ground.owner);
        let listed = session::list(&app.app, &caller).await.unwrap();
        assert_eq!(listed.len(), 1, "the owner sees it among their sessions");
        session::end_everywhere(&app.app, &caller).await.unwrap();
        assert_fault(&ground.read(&ended, &id).await, 401, "unauthorized", None);
    }
}

#[tokio::test]
async fn d7_a_token_is_stored_as_a_digest_alone() {
    let app = TestApp::on(Engine::Sqlite).await;
    let ground = Ground::new(&app).await;
    let token = ground.token(&ground.owner).await;
    assert!(token.starts_with("cst_") && token.len() == 47, "{}", token.len());
    let file = app.database_file().unwrap();
    for end in ["", "-wal"] {
        let mut path = file.clone().into_os_string();
        path.push(end);
        let bytes = std::fs::read(&path).unwrap_or_default();
        assert!(
            !bytes
                .windows(token.len())
                .any(|window| window == token.as_bytes())
        );
    }
}

#[tokio::test]
async fn d7_a_token_is_validated_and_tells_the_pin_to_its_own_person_alone() {
    for app in TestApp::both().await {
        let ground = Ground::new(&app).await;
        let (owner, member) = (
            ground.token(&ground.owner).await,
            ground.token(&ground.member).await,
        );
        let stranger = ground.token(&ground.stranger).await;
        let validate =
            async |by: &str, token: &str| ground.get(by, &format!("/v2.0/tokens/{token}")).send().await;
        let own = validate(&member, &member).await;
        assert_eq!(own.status, 200, "{}", own.text());
        let pin = ground.brand.pin(&ground.member).await;
        assert_eq!(own.at("/access/user/RAX-AUTH:phonePin"), pin);
        assert_eq!(own.at("/access/token/id"), member);
        assert_eq!(own.at("/access/user/id"), ground.member.id.to_string());
        for by in [&owner, &ground.every_right] {
            let others = validate(by, &member).await;
            assert_eq!(others.status, 200, "{}", others.text());
            assert_eq!(others.at("/access/user/name"), ground.member.username);
            assert_eq!(others.at("/access/user/RAX-AUTH:phonePinState"), "ACTIVE");
            assert!(!others.text().contains("phonePin\""), "{}", others.text());
            assert!(!others.text().contains(&pin));
        }
        for by in [&member, &ground.verify_only, &ground.no_right] {
            assert_fault(&validate(by, &owner).await, 403, "forbidden", None);
        }
        assert_fault(&validate(&stranger, &member).await, 404, "itemNotFound", None);
        assert_fault(&validate(&owner, "cst_unknown").await, 404, "itemNotFound", None);
        for key in [&ground.every_right, &ground.no_right] {
            let answer = validate(&ground.every_right, key).await;
            assert_fault(&answer, 404, "itemNotFound", None);
        }
        assert_fault(&validate("cst_unknown", &owner).await, 401, "unauthorized", None);
        let none = app.get(&format!("/v2.0/tokens/{owner}")).send().await;
        assert_fault(&none, 401, "unauthorized", None);
    }
}

#[tokio::test]
async fn d7_brands_are_found_by_host_name_or_key_and_a_token_means_nothing_at_another() {
    let app = TestApp::sqlite().await;
    let ground = Ground::new(&app).await;
    let hosting = app.brand(Preset::HostingAccountPin).await;
    let other = app.brand(Preset::CloudUserPin).await;
    let id = ground.owner.id.to_string();
    let body = json!({ "auth": { "passwordCredentials":
        { "username": ground.owner.username, "password": PASSWORD } } });
    let at = async |host: &str| {
        app.post("/v2.0/tokens")
            .header("host", host)
            .json(&body)
            .send()
            .await
    };
    assert_fault(&at("nobody.test").await, 404, "itemNotFound", None);
    assert_fault(&at(&hosting.host).await, 404, "itemNotFound", None);
    assert_fault(&at(&other.host).await, 401, "unauthorized", None);
    let by_key = app
        .post("/v2.0/tokens")
        .header("x-auth-token", &ground.no_right)
        .json(&body)
        .send()
        .await;
    assert_eq!(by_key.status, 200, "{}", by_key.text());
    let token = by_key.at("/access/token/id");
    let read = async |token: &str, host: &str| {
        let request = ground.get(token, &format!("/v2.0/users/{id}"));
        request.header("host", host).send().await
    };
    assert_eq!(read(&token, &ground.brand.host).await.status, 200);
    assert_eq!(read(&token, "127.0.0.1:8080").await.status, 200);
    assert_fault(&read(&token, &other.host).await, 401, "unauthorized", None);
    let foreign = other.key_with_every_scope().await;
    assert_fault(&read(&foreign, &other.host).await, 404, "itemNotFound", None);
    let unserved = hosting.key_with_every_scope().await;
    assert_fault(&read(&unserved, &hosting.host).await, 404, "itemNotFound", None);
}
