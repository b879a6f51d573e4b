//! What cannot be used gets a clear answer and changes nothing.

use countersign_domain::policy::Preset;
use countersign_testkit::{SeededEntropy, TestApp};
use http::Method;
use serde_json::json;

use crate::support::{events, try_body};

#[tokio::test]
async fn a_bad_body_is_answered_with_the_place_and_what_to_do() {
    let app = TestApp::sqlite().await;
    let brand = app.brand(Preset::CloudUserPin).await;
    let key = brand.key_with_every_scope().await;
    let long = format!("{{\"code\": \"{}\"}}", "1".repeat(20_000));
    let table: &[(&str, u16, &str, &str)] = &[
        ("", 400, "bad_json", ""),
        ("{", 400, "bad_json", ""),
        ("nonsense", 400, "bad_json", ""),
        ("\u{0}", 400, "bad_json", ""),
        ("{\"code\": \"1\"} trailing", 400, "bad_json", ""),
        ("[]", 422, "invalid", "#"),
        ("null", 422, "invalid", "#"),
        ("\"483920\"", 422, "invalid", "#"),
        ("123", 422, "invalid", "#"),
        ("{}", 422, "invalid", "#/account_number"),
        (
            r#"{"account_number":"12345","channel":"ivr"}"#,
            422,
            "invalid",
            "#/code",
        ),
        (
            r#"{"account_number":"12345","code":483920,"channel":"ivr"}"#,
            422,
            "invalid",
            "#/code",
        ),
        (
            r#"{"account_number":"12345","code":4.8e5,"channel":"ivr"}"#,
            422,
            "invalid",
            "#/code",
        ),
        (
            r#"{"account_number":12345,"code":"483920","channel":"ivr"}"#,
            422,
            "invalid",
            "#/account_number",
        ),
        (
            r#"{"account_number":"12345","code":null,"channel":"ivr"}"#,
            422,
            "invalid",
            "#/code",
        ),
        (
            r#"{"account_number":"12345","code":["4"],"channel":"ivr"}"#,
            422,
            "invalid",
            "#/code",
        ),
        (
            r#"{"account_number":"12345","code":{"a":1},"channel":"ivr"}"#,
            422,
            "invalid",
            "#/code",
        ),
        (
            r#"{"account_number":"12345","code":true,"channel":"ivr"}"#,
            422,
            "invalid",
            "#/code",
        ),
        (
            r#"{"account_number":"12345","code":"","channel":"ivr"}"#,
            422,
            "invalid",
            "#/code",
        ),
        (
            r#"{"account_number":"12345","code":"48392x","channel":"ivr"}"#,
            422,
            "invalid",
            "#/code",
        ),
        (
            r#"{"account_number":"","code":"483920","channel":"ivr"}"#,
            422,
            "invalid",
            "#/account_number",
        ),
        (
            r#"{"account_number":"x","code":"483920","channel":"ivr"}"#,
            422,
            "invalid",
            "#/account_number",
        ),
        (
            r#"{"account_number":"12345","code":"483920","channel":"pigeon"}"#,
            422,
            "invalid",
            "#/channel",
        ),
        (
            r#"{"account_number":"12345","code":"483920","channel":"ivr","admin":true}"#,
            422,
            "invalid",
            "#/admin",
        ),
        (
            r#"{"account_number":"12345","code":"1","code":"2","channel":"ivr"}"#,
            422,
            "invalid",
            "#",
        ),
        (
            r#"{"account_number":"12345","code":"483920","channel":"ivr","person":7}"#,
            422,
            "invalid",
            "#/person",
        ),
        (&long, 413, "body_too_large", ""),
    ];
    for (body, status, code, pointer) in table {
        let answer = app
            .post("/api/v1/verify")
            .key(&key)
            .header("content-type", "application/json")
            .body((*body).to_owned())
            .send()
            .await;
        let shown: String = body.chars().take(80).collect();
        assert_eq!(
            (answer.status.as_u16(), answer.at("/code").as_str()),
            (*status, *code),
            "{shown}: {}",
            answer.text()
        );
        assert_eq!(answer.kind(), "application/problem+json", "{shown}");
        assert_eq!(
            answer.at("/errors/0/pointer"),
            *pointer,
            "{shown}: {}",
            answer.text()
        );
        assert!(!answer.at("/detail").is_empty());
        assert!(
            !answer.text().contains("483920"),
            "a failure repeats nothing: {}",
            answer.text()
        );
        assert_eq!(
            answer.at("/instance"),
            format!("urn:countersign:request:{}", answer.header("x-request-id"))
        );
    }
    assert!(
        events(&app, &key, "verification.judged").await.is_empty(),
        "nothing of it was judged"
    );
}

#[tokio::test]
async fn all_that_is_wrong_is_said_at_once() {
    let app = TestApp::sqlite().await;
    let brand = app.brand(Preset::CloudUserPin).await;
    let key = brand.key_with_every_scope().await;
    let answer = app
        .post("/api/v1/verify")
        .key(&key)
        .json(&json!({ "code": 1, "chanel": "ivr" }))
        .send()
        .await;
    let mut pointers: Vec<String> = answer.json()["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["pointer"].as_str().unwrap().to_owned())
        .collect();
    pointers.sort();
    assert_eq!(pointers, ["#/account_number", "#/chanel", "#/channel", "#/code"]);
}

#[tokio::test]
async fn a_body_of_another_kind_is_refused() {
    let app = TestApp::sqlite().await;
    let brand = app.brand(Preset::CloudUserPin).await;
    let key = brand.key_with_every_scope().await;
    let owner = brand.owner().await;
    let body = try_body(&brand, &owner, "123123").to_string();
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "",
    ] {
        let answer = app
            .post("/api/v1/verify")
            .key(&key)
            .header("content-type", kind)
            .body(body.clone())
            .send()
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.at("/code").as_str()),
            (415, "unsupported_media_type"),
            "{kind}"
        );
    }
    for kind in ["application/json", "Application/JSON; charset=utf-8"] {
        let answer = app
            .post("/api/v1/verify")
            .key(&key)
            .header("content-type", kind)
            .body(body.clone())
            .send()
            .await;
        assert_eq!(answer.status, 200, "{kind}");
    }
}

#[tokio::test]
async fn an_address_or_a_method_that_is_none_is_a_problem_too() {
    let app = TestApp::sqlite().await;
    let brand = app.brand(Preset::CloudUserPin).await;
    let key = brand.key_with_every_scope().await;
    let answer = app.get("/api/v1/nothing").key(&key).send().await;
    assert_eq!(
        (answer.status.as_u16(), answer.at("/code").as_str()),
        (404, "not_found")
    );
    assert_eq!(answer.kind(), "application/problem+json");
    for method in [Method::GET, Method::DELETE, Method::TRACE, Method::PATCH] {
        let answer = app
            .request(method.clone(), "/api/v1/verify")
            .key(&key)
            .send()
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.at("/code").as_str()),
            (405, "method_not_allowed"),
            "{method}"
        );
        assert_eq!(answer.header("allow"), "POST");
    }
}

#[tokio::test]
async fn a_bad_parameter_is_named() {
    let app = TestApp::sqlite().await;
    let brand = app.brand(Preset::CloudUserPin).await;
    let key = brand.key_with_every_scope().await;
    let long = format!("/api/v1/accounts?query={}", "x".repeat(201));
    for (address, parameter) in [
        ("/api/v1/accounts?limit=0", "limit"),
        ("/api/v1/accounts?limit=101", "limit"),
        ("/api/v1/accounts?after=x", "after"),
        ("/api/v1/audit-events?limit=201", "limit"),
        ("/api/v1/audit-events?before=x", "before"),
        ("/api/v1/audit-events?action=nothing", "action"),
        ("/api/v1/audit-events?outcome=nothing", "outcome"),
        ("/api/v1/audit-events?actor=nothing", "actor"),
        ("/api/v1/audit-events?account=x", "account"),
        ("/api/v1/accounts?limit=many", "limit"),
        ("/api/v1/accounts?unknown=1", "unknown"),
        ("/api/v1/accounts?limit=1&limit=2", "limit"),
        (&long, "query"),
        ("/api/v1/audit-events?%22918273%22=1", ""),
    ] {
        let answer = app.get(address).key(&key).send().await;
        assert_eq!(answer.status, 400, "{address}: {}", answer.text());
        assert_eq!(answer.at("/errors/0/parameter"), parameter, "{address}");
    }
}

#[tokio::test]
async fn every_answer_carries_the_security_headers_failures_too() {
    let app = TestApp::sqlite().await;
    for address in [
        "/healthz",
        "/api/v1/openapi.json",
        "/api/v1/verify",
        "/api/v1/nothing",
        "/nothing",
        "/%ff",
    ] {
        let answer = app.get(address).send().await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{address}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{address}");
        assert_eq!(answer.header("cache-control"), "no-store", "{address}");
        assert_eq!(
            answer.header("cross-origin-opener-policy"),
            "same-origin",
            "{address}"
        );
        assert!(
            answer
                .header("content-security-policy")
                .contains("frame-ancestors 'none'"),
            "{address}"
        );
        assert!(
            answer.header("access-control-allow-origin").is_empty(),
            "{address}"
        );
        assert!(answer.header("strict-transport-security").is_empty(), "{address}");
        assert_eq!(answer.header("x-request-id").len(), 32, "{address}");
    }
    let settings = countersign_web::Settings {
        https: true,
        ..countersign_web::Settings::default()
    };
    let secure = TestApp::with(countersign_testkit::Engine::Sqlite, settings).await;
    let answer = secure
        .get("/nothing")
        .header("x-request-id", "from-the-proxy-1")
        .send()
        .await;
    assert!(
        answer
            .header("strict-transport-security")
            .starts_with("max-age=63072000")
    );
}

#[tokio::test]
async fn an_id_of_a_request_is_taken_from_a_listed_proxy_and_from_nobody_else() {
    let settings = countersign_web::Settings {
        trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
        ..countersign_web::Settings::default()
    };
    let app = TestApp::with(countersign_testkit::Engine::Sqlite, settings).await;
    let id = async |peer: [u8; 4], sent: &str| {
        let request = app.get("/nothing").from((peer, 50_000).into());
        let answer = request.header("x-request-id", sent).send().await;
        answer.header("x-request-id").to_owned()
    };
    assert_eq!(id([10, 0, 0, 7], "from-the-proxy-1").await, "from-the-proxy-1");
    for (peer, sent) in [
        ([198, 51, 100, 7], "from-the-proxy-1"),
        ([10, 0, 0, 7], "two words"),
    ] {
        let made = id(peer, sent).await;
        assert_eq!(made.len(), 32, "{made}");
    }
}

#[tokio::test]
async fn e61_of_three_thousand_malformed_requests_none_makes_the_server_fail() {
    let app = TestApp::sqlite().await;
    let brand = app.brand(Preset::CloudUserPin).await;
    let key = brand.key_with_every_scope().await;
    let owner = brand.owner().await;
    let number = owner.account.number.as_str();
    let person = owner.id.to_string();
    let seeds = [
        ("/api/v1/verify".to_owned(), try_body(&brand, &owner, "111222").to_string()),
        ("/api/v1/accounts".to_owned(), r#"{"name":"A","account_number":"12345"}"#.to_owned()),
        (
            format!("/api/v1/accounts/{number}/people"),
            r#"{"name":"Ada","role":"owner","username":"ada","password":"a few words in a row","phone":"+12025550161"}"#
                .to_owned(),
        ),
        (format!("/api/v1/accounts/{number}/people/{person}/support-pin"), r#"{"pin":"918273"}"#.to_owned()),
        (
            "/api/v1/conversations".to_owned(),
            format!(r#"{{"account_number":"{number}","channel":"phone","direction":"inbound","subject":"x"}}"#),
        ),
    ];
    let dice = SeededEntropy::new(61);
    let mut failed = 0;
    for _ in 0..600 {
        for (address, body) in &seeds {
            let mut bytes = body.clone().into_bytes();
            for _ in 0..=dice.next() % 4 {
                let at = usize::try_from(dice.next()).unwrap() % bytes.len();
                match dice.next() % 5 {
                    0 => bytes[at] = dice.next().to_le_bytes()[0],
                    1 => bytes.truncate(at.max(1)),
                    2 => bytes.insert(
                        at,
                        b"\"{}[]:,\0\xff\\"[usize::try_from(dice.next() % 10).unwrap()],
                    ),
                    3 => bytes.swap(at, 0),
                    _ => bytes.extend_from_within(at..),
                }
            }
            let method = if address.ends_with("support-pin") {
                Method::PUT
            } else {
                Method::POST
            };
            let answer = app
                .request(method, address)
                .key(&key)
                .header("content-type", "application/json")
                .body(bytes.clone())
                .send()
                .await;
            let shown = String::from_utf8_lossy(&bytes);
            assert!(
                !answer.status.is_server_error(),
                "{address} {shown}: {}",
                answer.text()
            );
            if answer.status.is_client_error() {
                failed += 1;
                assert_eq!(answer.kind(), "application/problem+json", "{address} {shown}");
            }
        }
    }
    assert!(failed > 1_500, "most of them were malformed: {failed}");
    assert_eq!(app.get("/healthz").send().await.status, 200);
}
