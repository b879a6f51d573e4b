//! Who may call what. The table must name every endpoint of the description: a new one fails here until it does.

use std::collections::BTreeSet;

use countersign_domain::api_client::Scope;
use countersign_domain::policy::Preset;
use countersign_testkit::{Answer, TestApp};
use http::Method;
use serde_json::{Value, json};

use crate::support::open;

/// An endpoint, the one scope that opens it, and a body that it accepts.
struct Endpoint {
    method: Method,
    path: &'static str,
    scope: Scope,
    body: Option<Value>,
}

fn endpoints(number: &str, person: &str) -> Vec<Endpoint> {
    let row = |method, path, scope, body| Endpoint {
        method,
        path,
        scope,
        body,
    };
    let pin = Some(json!({ "pin": "918273" }));
    vec![
        row(
            Method::POST,
            "/api/v1/verify",
            Scope::Verify,
            Some(json!({ "account_number": number, "person": person, "code": "111222", "channel": "ivr" })),
        ),
        row(
            Method::POST,
            "/api/v1/conversations",
            Scope::Conversations,
            Some(json!({ "account_number": number, "channel": "phone", "direction": "inbound" })),
        ),
        row(
            Method::GET,
            "/api/v1/conversations/{id}",
            Scope::Conversations,
            None,
        ),
        row(
            Method::POST,
            "/api/v1/conversations/{id}/verifications",
            Scope::Verify,
            Some(json!({ "method": "support_pin", "code": "111222" })),
        ),
        row(
            Method::POST,
            "/api/v1/conversations/{id}/one-time-pins",
            Scope::OneTimePinsSend,
            Some(json!({ "channel": "sms", "person": person })),
        ),
        row(Method::GET, "/api/v1/actions", Scope::Conversations, None),
        row(
            Method::POST,
            "/api/v1/conversations/{id}/close",
            Scope::Conversations,
            None,
        ),
        row(Method::GET, "/api/v1/accounts", Scope::AccountsRead, None),
        row(
            Method::POST,
            "/api/v1/accounts",
            Scope::AccountsWrite,
            Some(json!({ "name": "New" })),
        ),
        row(
            Method::GET,
            "/api/v1/accounts/{number}",
            Scope::AccountsRead,
            None,
        ),
        row(
            Method::GET,
            "/api/v1/accounts/{number}/people",
            Scope::AccountsRead,
            None,
        ),
        row(
            Method::POST,
            "/api/v1/accounts/{number}/people",
            Scope::AccountsWrite,
            Some(json!({ "name": "New", "role": "member" })),
        ),
        row(
            Method::GET,
            "/api/v1/accounts/{number}/people/{id}",
            Scope::AccountsRead,
            None,
        ),
        row(
            Method::GET,
            "/api/v1/accounts/{number}/support-pin",
            Scope::AccountsRead,
            None,
        ),
        row(
            Method::PUT,
            "/api/v1/accounts/{number}/support-pin",
            Scope::PinsSet,
            pin.clone(),
        ),
        row(
            Method::POST,
            "/api/v1/accounts/{number}/support-pin/reset",
            Scope::PinsReset,
            None,
        ),
        row(
            Method::POST,
            "/api/v1/accounts/{number}/support-pin/unlock",
            Scope::PinsUnlock,
            None,
        ),
        row(
            Method::GET,
            "/api/v1/accounts/{number}/people/{id}/support-pin",
            Scope::AccountsRead,
            None,
        ),
        row(
            Method::PUT,
            "/api/v1/accounts/{number}/people/{id}/support-pin",
            Scope::PinsSet,
            pin,
        ),
        row(
            Method::POST,
            "/api/v1/accounts/{number}/people/{id}/support-pin/reset",
            Scope::PinsReset,
            None,
        ),
        row(
            Method::POST,
            "/api/v1/accounts/{number}/people/{id}/support-pin/unlock",
            Scope::PinsUnlock,
            None,
        ),
        row(Method::GET, "/api/v1/audit-events", Scope::AuditRead, None),
    ]
}

struct Ground<'a> {
    app: &'a TestApp,
    number: String,
    person: String,
    conversation: String,
}

impl Ground<'_> {
    async fn call(&self, endpoint: &Endpoint, key: Option<&str>) -> Answer {
        let id = if endpoint.path.contains("conversations") {
            &self.conversation
        } else {
            &self.person
        };
        let address = endpoint
            .path
            .replace("{number}", &self.number)
            .replace("{id}", id);
        let mut request = self.app.request(endpoint.method.clone(), &address);
        if let Some(key) = key {
            request = request.key(key);
        }
        if let Some(body) = &endpoint.body {
            request = request.json(body);
        }
        request.send().await
    }
}

#[tokio::test]
async fn every_endpoint_is_in_the_table_with_its_scope() {
    let description = serde_json::to_value(countersign_web::openapi()).unwrap();
    let mut described = BTreeSet::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if let Some(security) = operation["security"].as_array() {
                let scope = security[0]["api_key"][0].as_str().unwrap().to_owned();
                described.insert((method.to_uppercase(), path.clone(), scope));
            } else if method != "parameters" {
                panic!("{method} {path} asks for no key");
            }
        }
    }
    let table: BTreeSet<_> = endpoints("1", "1")
        .into_iter()
        .map(|row| {
            (
                row.method.to_string(),
                row.path.to_owned(),
                row.scope.name().to_owned(),
            )
        })
        .collect();
    assert_eq!(described, table);
}

#[tokio::test]
async fn no_endpoint_opens_without_the_right_key() {
    let app = TestApp::sqlite().await;
    let brand = app.brand(Preset::CloudUserPin).await;
    let other = app.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let full = brand.key_with_every_scope().await;
    let ground = Ground {
        app: &app,
        number: owner.account.number.to_string(),
        person: owner.id.to_string(),
        conversation: open(&app, &full, &owner, "inbound").await,
    };
    let none = brand.key(&[]).await;
    let strange = other.key_with_every_scope().await;
    let forged = format!("csk_{}", "A".repeat(43));
    for endpoint in endpoints(&ground.number, &ground.person) {
        let name = format!("{} {}", endpoint.method, endpoint.path);
        for key in [
            None,
            Some(""),
            Some("csk_"),
            Some(forged.as_str()),
            Some(&full[..full.len() - 1]),
        ] {
            let answer = ground.call(&endpoint, key).await;
            assert_eq!(
                (answer.status.as_u16(), answer.at("/code").as_str()),
                (401, "unauthorized"),
                "{name}"
            );
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{name}");
        }
        let answer = ground.call(&endpoint, Some(&none)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.at("/code").as_str()),
            (403, "missing_permission"),
            "{name}"
        );
        for scope in Scope::ALL.iter().filter(|scope| **scope != endpoint.scope) {
            let answer = ground.call(&endpoint, Some(&brand.key(&[*scope]).await)).await;
            assert_eq!(answer.status, 403, "{name} with {scope} only: {}", answer.text());
        }
        let answer = ground.call(&endpoint, Some(&strange)).await;
        let own_list = matches!(
            endpoint.path,
            "/api/v1/accounts" | "/api/v1/audit-events" | "/api/v1/actions"
        );
        if endpoint.path == "/api/v1/verify" {
            assert_eq!(
                answer.at("/result"),
                "denied",
                "another brand's account is answered like none"
            );
        } else if !own_list {
            let refused = matches!(answer.status.as_u16(), 403 | 404);
            assert!(
                refused,
                "{name} with another brand's key: {} {}",
                answer.status,
                answer.text()
            );
        } else {
            assert!(
                !answer.text().contains(&ground.number),
                "{name} shows another brand's account"
            );
        }
    }
}

/// The positive control: with its one scope each endpoint answers something else than 401 and 403.
#[tokio::test]
async fn each_endpoint_opens_with_its_one_scope() {
    let app = TestApp::sqlite().await;
    for preset in [Preset::CloudUserPin, Preset::HostingAccountPin] {
        let brand = app.brand(preset).await;
        let owner = brand.owner().await;
        brand.confirm_phone(&owner).await;
        let full = brand.key_with_every_scope().await;
        let ground = Ground {
            app: &app,
            number: owner.account.number.to_string(),
            person: owner.id.to_string(),
            conversation: open(&app, &full, &owner, "inbound").await,
        };
        for endpoint in endpoints(&ground.number, &ground.person) {
            let by_person = endpoint.path.contains("/people/{id}/support-pin");
            let by_account = endpoint.path.contains("{number}/support-pin");
            let elsewhere = if preset == Preset::CloudUserPin {
                by_account
            } else {
                by_person
            };
            // Unlocking is the policy's word too, and hosting lets no program do it.
            let unlock = endpoint.scope == Scope::PinsUnlock;
            let reset = endpoint.scope == Scope::PinsReset && preset == Preset::HostingAccountPin;
            if elsewhere || unlock || reset {
                continue;
            }
            let answer = ground
                .call(&endpoint, Some(&brand.key(&[endpoint.scope]).await))
                .await;
            let status = answer.status.as_u16();
            assert!(
                (200..300).contains(&status),
                "{} {}: {}",
                endpoint.method,
                endpoint.path,
                answer.text()
            );
        }
    }
}

#[tokio::test]
async fn the_missing_right_is_named() {
    let app = TestApp::sqlite().await;
    let brand = app.brand(Preset::CloudUserPin).await;
    let key = brand.key(&[Scope::Verify]).await;
    let answer = app.get("/api/v1/accounts").key(&key).send().await;
    assert!(
        answer.at("/detail").contains("search-accounts"),
        "{}",
        answer.text()
    );
    for header in ["Basic Zm9vOmJhcg==", "csk_x", "bearer"] {
        let answer = app
            .get("/api/v1/accounts")
            .header("authorization", header)
            .send()
            .await;
        assert_eq!(answer.status, 401, "{header}");
    }
    let lower = app
        .get("/api/v1/audit-events")
        .header("authorization", &format!("bearer {key}"))
        .send()
        .await;
    assert_eq!(
        lower.status, 403,
        "the scheme is written in any case (RFC 9110, 11.1)"
    );
}
