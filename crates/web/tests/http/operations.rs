//! For those who run the server.

use countersign_app::conversations::open::{OpenConversation, open};
use countersign_app::verification::submit::{Method, SubmitPin, submit};
use countersign_domain::conversation::{Channel, Direction};
use countersign_domain::pin::Digits;
use countersign_domain::policy::Preset;
use countersign_domain::staff::StaffRole;
use countersign_testkit::{Engine, TestApp};
use http::Request;
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::support::{try_body, verify};

async fn on_the_operators_listener(app: &TestApp, address: &str) -> (u16, String) {
    let request = Request::get(address).body(axum::body::Body::empty()).unwrap();
    let response = app.operations().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn health_is_on_both_listeners_and_metrics_on_one() {
    for app in TestApp::both().await {
        for address in ["/healthz", "/readyz"] {
            assert_eq!(app.get(address).send().await.status, 200, "{address}");
            assert_eq!(on_the_operators_listener(&app, address).await.0, 200, "{address}");
        }
        assert_eq!(app.get("/metrics").send().await.status, 404, "not for the public");
        assert_eq!(on_the_operators_listener(&app, "/metrics").await.0, 200);
        assert_eq!(
            on_the_operators_listener(&app, "/api/v1/openapi.json").await.0,
            404
        );
    }
}

#[tokio::test]
async fn a_server_whose_database_is_gone_lives_but_is_not_ready() {
    for app in TestApp::both().await {
        app.tamper("ALTER TABLE brands RENAME TO gone; ALTER TABLE directory RENAME TO gone_too")
            .await;
        assert_eq!(app.get("/healthz").send().await.status, 200);
        let answer = app.get("/readyz").send().await;
        assert_eq!(
            (answer.status.as_u16(), answer.at("/code").as_str()),
            (503, "unavailable")
        );
        assert!(
            !answer.text().contains("directory"),
            "the reason is in the log alone: {}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn metrics_count_by_route_and_result_and_name_nobody() {
    let app = TestApp::on(Engine::Sqlite).await;
    let brand = app.brand(Preset::CloudUserPin).await;
    let key = brand.key_with_every_scope().await;
    let owner = brand.owner().await;
    let pin = brand.pin(&owner).await;
    verify(&app, &brand, &key, &owner, &pin).await;
    for index in 0..7 {
        verify(&app, &brand, &key, &owner, &brand.wrong_pin(&pin, index)).await;
    }
    app.get(&format!("/api/v1/accounts/{}", owner.account.number))
        .key(&key)
        .send()
        .await;
    app.get("/wp-login.php").send().await;
    let (_, text) = on_the_operators_listener(&app, "/metrics").await;
    for line in [
        "countersign_verifications_total{method=\"support_pin\",result=\"verified\"} 1",
        "countersign_verifications_total{method=\"support_pin\",result=\"denied\"} 6",
        "countersign_verifications_total{method=\"support_pin\",result=\"locked\"} 1",
        "countersign_verifications_total{method=\"support_pin\",result=\"unavailable\"} 0",
        "countersign_lockouts_total 1",
        "countersign_http_request_duration_seconds_count{route=\"/api/v1/verify\",status=\"200\"} 8",
        "countersign_http_request_duration_seconds_count{route=\"/api/v1/accounts/{number}\",status=\"200\"} 1",
        "countersign_http_request_duration_seconds_count{route=\"(none)\",status=\"404\"} 1",
        "countersign_build_info{version=\"0.1.0\"} 1",
    ] {
        assert!(
            text.lines().any(|written| written == line),
            "{line} is not in\n{text}"
        );
    }
    assert!(text.ends_with("# EOF\n"));
    for secret in [
        owner.account.number.as_str(),
        &owner.id.to_string(),
        &pin,
        &key,
        "wp-login",
    ] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn metrics_count_a_try_once_whatever_the_way_in_and_however_often_its_answer_is_asked_for() {
    let app = TestApp::on(Engine::Sqlite).await;
    let brand = app.brand(Preset::HostingAccountPin).await;
    let key = brand.key_with_every_scope().await;
    let owner = brand.owner().await;
    let pin = brand.pin(&owner).await;
    for _ in 0..3 {
        let again = app
            .post("/api/v1/verify")
            .key(&key)
            .header("idempotency-key", "the-same-request")
            .json(&try_body(&brand, &owner, &brand.wrong_pin(&pin, 0)));
        assert_eq!(again.send().await.at("/result"), "denied");
    }
    let agent = brand.staff(StaffRole::Agent).await;
    let desk = brand.staff_caller(&agent);
    let asked = OpenConversation {
        account_number: owner.account.number.clone(),
        person: None,
        channel: Channel::Phone,
        direction: Direction::Inbound,
        subject: None,
        reference: None,
    };
    let conversation = open(&app.app, &desk, asked, None).await.unwrap().id;
    for code in [brand.wrong_pin(&pin, 1), pin] {
        let asked = SubmitPin {
            conversation,
            method: Method::SupportPin { person: None },
            code: Digits::parse(&code).unwrap(),
        };
        submit(&app.app, &desk, asked, None).await.unwrap();
    }
    let (_, text) = on_the_operators_listener(&app, "/metrics").await;
    for (result, count) in [("denied", 2), ("verified", 1), ("locked", 0)] {
        let line =
            format!("countersign_verifications_total{{method=\"support_pin\",result=\"{result}\"}} {count}");
        assert!(
            text.lines().any(|written| written == line),
            "{line} is not in\n{text}"
        );
    }
}
