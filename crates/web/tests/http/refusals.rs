//! Requests that are turned away are in the evidence, and fill nothing (E30, ASVS 16.3).

use std::time::Duration;

use countersign_app::AppError;
use countersign_app::passwords::Password;
use countersign_app::passwords::reset::{AskReset, ask};
use countersign_app::refusals::{MOST_SOURCES, write_all, write_due};
use countersign_app::sign_in::{SignIn, portal};
use countersign_domain::api_client::Scope;
use countersign_domain::policy::Preset;
use countersign_testkit::{Engine, TestApp, TestBrand};
use serde_json::Value;

use crate::support::events;

fn sum(events: &[Value]) -> u64 {
    events
        .iter()
        .map(|event| event["detail"]["count"].as_str().unwrap().parse::<u64>().unwrap())
        .sum()
}

#[tokio::test]
async fn e30_a_flood_of_unknown_keys_is_two_events_a_minute_and_every_request_is_counted() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let reader = brand.key_with_every_scope().await;
        let knock = async |key: &str, from: &str| {
            let answer = app
                .get("/api/v1/accounts")
                .header("host", &brand.host)
                .key(key)
                .from(from.parse().unwrap())
                .send()
                .await;
            assert_eq!(answer.status, 401);
        };
        for number in 0..200 {
            knock(&format!("csk_no_such_key_{number}"), "198.51.100.7:1000").await;
        }
        let at_once = events(&app, &reader, "access.refused").await;
        assert_eq!((at_once.len(), sum(&at_once)), (1, 1), "{:?}", app.engine);
        let first = &at_once[0];
        assert_eq!(first["actor"], "anonymous");
        assert_eq!(first["outcome"], "refused");
        assert_eq!(first["channel"], "api");
        assert_eq!(first["detail"]["reason"], "unauthorized");
        assert_eq!(first["detail"]["source"].as_str().unwrap().len(), 16);
        assert!(!first.to_string().contains("198.51"), "no address: {first}");
        assert!(!first.to_string().contains("csk_"), "no key: {first}");

        app.clock.advance(Duration::from_secs(61));
        write_due(&app.app).await.unwrap();
        let later = events(&app, &reader, "access.refused").await;
        assert_eq!((later.len(), sum(&later)), (2, 200), "{:?}", app.engine);
        knock("csk_again", "198.51.100.7:1000").await;
        assert_eq!(sum(&events(&app, &reader, "access.refused").await), 201);
    }
}

#[tokio::test]
async fn e30_of_many_sources_at_once_most_share_one_event() {
    let app = TestApp::sqlite().await;
    let brand = app.brand(Preset::CloudUserPin).await;
    let reader = brand.key_with_every_scope().await;
    for number in 0..200 {
        let answer = app
            .get("/api/v1/accounts")
            .header("host", &brand.host)
            .from(format!("198.51.100.{number}:1000").parse().unwrap())
            .send()
            .await;
        assert_eq!(answer.status, 401, "a request without any key is one too");
    }
    write_all(&app.app).await.unwrap();
    let recorded = events(&app, &reader, "access.refused").await;
    assert_eq!(recorded.len(), MOST_SOURCES + 2);
    assert_eq!(sum(&recorded), 200);
}

#[tokio::test]
async fn e30_a_missing_right_is_recorded_with_the_program_and_the_right() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let reader = brand.key_with_every_scope().await;
        let (id, key) = brand.client(&[Scope::Verify]).await;
        for _ in 0..5 {
            let answer = app.get("/api/v1/accounts").key(&key).send().await;
            assert_eq!(
                (answer.status.as_u16(), answer.at("/code")),
                (403, "missing_permission".to_owned())
            );
        }
        write_all(&app.app).await.unwrap();
        let recorded = events(&app, &reader, "access.refused").await;
        assert_eq!((recorded.len(), sum(&recorded)), (2, 5), "{:?}", app.engine);
        for event in &recorded {
            assert_eq!(event["actor"], id.to_string());
            assert_eq!(event["detail"]["permission"], "search-accounts");
            assert_eq!(event["detail"]["reason"], "missing_permission");
            assert!(event["detail"]["source"].is_null());
        }
        assert!(countersign_app::audit::verify::verify(&app.app).await.is_ok());
    }
}

fn address(number: usize) -> std::net::IpAddr {
    format!("198.51.100.{number}").parse().unwrap()
}

async fn wrong_sign_in(app: &TestApp, brand: &TestBrand<'_>, username: &str, number: usize) {
    let typed = SignIn {
        username: username.to_owned(),
        password: Password::typed("not the password at all".to_owned()).unwrap(),
        known_browser: None,
        address: address(number),
        browser: "Firefox".to_owned(),
        device: None,
        request_id: None,
    };
    let refused = portal::sign_in(&app.app, &brand.entry, typed).await;
    assert!(matches!(refused, Err(AppError::SignInRefused)));
}

#[tokio::test]
async fn e30_failed_sign_ins_and_wishes_for_a_link_fill_nothing_and_are_all_counted() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let reader = brand.key_with_every_scope().await;
        let owner = brand.owner().await;
        for number in 0..60 {
            let name = match number % 2 {
                0 => owner.username.clone(),
                _ => format!("nobody.{number}"),
            };
            wrong_sign_in(&app, &brand, &name, number).await;
            let wish = AskReset {
                who: name,
                base_url: "https://portal.example".to_owned(),
                address: address(number),
                request_id: None,
            };
            ask(&app.app, &brand.entry, wish).await.unwrap();
        }
        write_all(&app.app).await.unwrap();
        for kind in ["sign_in.refused", "password.reset_asked"] {
            let recorded = events(&app, &reader, kind).await;
            assert_eq!(recorded.len(), MOST_SOURCES + 2, "{:?}: {kind}", app.engine);
            assert_eq!(sum(&recorded), 60, "{:?}: {kind}", app.engine);
        }
    }
}

#[tokio::test]
async fn t16_a_failed_sign_in_names_its_person_where_there_is_one_and_each_name_has_its_own_count() {
    let app = TestApp::sqlite().await;
    let brand = app.brand(Preset::CloudUserPin).await;
    let reader = brand.key_with_every_scope().await;
    let owner = brand.owner().await;
    for name in [
        "nobody.1",
        "nobody.2",
        &owner.username,
        "nobody.1",
        &owner.username,
    ] {
        wrong_sign_in(&app, &brand, name, 7).await;
    }
    let recorded = events(&app, &reader, "sign_in.refused").await;
    let about: Vec<_> = recorded
        .iter()
        .map(|event| event["subject"].to_string())
        .collect();
    assert_eq!(recorded.len(), 3, "one for each name, known or not");
    assert_eq!(
        about
            .iter()
            .filter(|text| text.contains(&owner.id.to_string()))
            .count(),
        1,
        "{about:?}"
    );
}

#[tokio::test]
async fn e30_what_the_database_did_not_take_is_counted_on() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let reader = brand.key_with_every_scope().await;
        let knock = async || {
            let answer = app
                .get("/api/v1/accounts")
                .header("host", &brand.host)
                .send()
                .await;
            assert_eq!(answer.status, 401);
        };
        let (broken, mended) = match app.engine {
            Engine::Sqlite => (
                "CREATE TRIGGER broken BEFORE INSERT ON audit_events BEGIN SELECT RAISE(ABORT, 'broken'); END",
                "DROP TRIGGER broken",
            ),
            Engine::Postgres => (
                "ALTER TABLE audit_events ADD CONSTRAINT broken CHECK (action <> 'access.refused') NOT VALID",
                "ALTER TABLE audit_events DROP CONSTRAINT broken",
            ),
        };
        app.tamper(broken).await;
        for _ in 0..5 {
            knock().await;
        }
        assert!(write_all(&app.app).await.is_err());
        app.tamper(mended).await;
        knock().await;
        write_all(&app.app).await.unwrap();
        let recorded = events(&app, &reader, "access.refused").await;
        assert_eq!(sum(&recorded), 6, "{:?}", app.engine);
    }
}
