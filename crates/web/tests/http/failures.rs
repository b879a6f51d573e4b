//! Failures in the middle: no verdict without its debit and its evidence, whoever hangs up.

use std::future::{IntoFuture, poll_fn};
use std::task::Poll;
use std::time::Duration;

use countersign_domain::policy::Preset;
use countersign_testkit::{Engine, TestApp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{count, events, pin_state, try_body, verify};

/// Makes the evidence of judged tries impossible to write, and possible again.
fn break_the_record(engine: Engine) -> (&'static str, &'static str) {
    match engine {
        Engine::Sqlite => (
            "CREATE TRIGGER broken BEFORE INSERT ON audit_events WHEN NEW.action = 'verification.judged' \
             BEGIN SELECT RAISE(ABORT, 'the record is broken'); END",
            "DROP TRIGGER broken",
        ),
        Engine::Postgres => (
            "ALTER TABLE audit_events ADD CONSTRAINT broken CHECK (action <> 'verification.judged') NOT VALID",
            "ALTER TABLE audit_events DROP CONSTRAINT broken",
        ),
    }
}

#[tokio::test]
async fn e07_when_the_evidence_cannot_be_written_no_verdict_is_told() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let key = brand.key_with_every_scope().await;
        let owner = brand.owner().await;
        let pin = brand.pin(&owner).await;
        let mut judged = 0;
        for round in 0..3 {
            let wrong = brand.wrong_pin(&pin, round);
            assert_eq!(
                verify(&app, &brand, &key, &owner, &wrong).await.at("/result"),
                "denied"
            );
            judged += 1;
            let (broken, mended) = break_the_record(app.engine);
            app.tamper(broken).await;
            for index in 0..10 {
                for code in [pin.clone(), brand.wrong_pin(&pin, 100 + index)] {
                    let answer = verify(&app, &brand, &key, &owner, &code).await;
                    assert_eq!(
                        (answer.status.as_u16(), answer.at("/code")),
                        (503, "unavailable".to_owned())
                    );
                    assert!(!answer.header("retry-after").is_empty());
                    for word in ["verified", "denied", "locked", "broken", "audit_events"] {
                        assert!(!answer.text().contains(word), "{word} is in {}", answer.text());
                    }
                }
            }
            app.tamper(mended).await;
        }
        let recorded = events(&app, &key, "verification.judged").await;
        assert_eq!(
            count(&recorded, "denied"),
            judged,
            "what was told is what was recorded"
        );
        for index in 0..3 {
            let wrong = brand.wrong_pin(&pin, 200 + index);
            assert_eq!(
                verify(&app, &brand, &key, &owner, &wrong).await.at("/result"),
                "denied"
            );
        }
        assert_eq!(
            pin_state(&app, &brand, &key, &owner).await,
            "locked",
            "no judged try was given back"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn e08_whoever_hangs_up_at_once_has_still_spent_the_try() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let key = brand.key_with_every_scope().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(axum::serve(listener, app.router()).into_future());
        let mut owners = Vec::new();
        for _ in 0..10 {
            owners.push(brand.owner().await);
        }
        for owner in &owners {
            let pin = brand.pin(owner).await;
            for index in 0..12 {
                let body = try_body(&brand, owner, &brand.wrong_pin(&pin, index)).to_string();
                let request = format!(
                    "POST /api/v1/verify HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {key}\r\n\
                     Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                );
                let mut socket = TcpStream::connect(address).await.unwrap();
                socket.write_all(request.as_bytes()).await.unwrap();
                // Some hang up before the answer, some after its first byte, none reads it.
                if index % 3 == 0 {
                    let mut first = [0; 1];
                    let _ = socket.read(&mut first).await;
                }
                drop(socket);
            }
        }
        let hung_up = judged(&app, &key).await;
        assert!(
            hung_up >= 4 * owners.len(),
            "who waited for the first byte was judged: {hung_up}"
        );
        for owner in &owners {
            let pin = brand.pin(owner).await;
            for index in 0..=6 {
                let wrong = brand.wrong_pin(&pin, 100 + index);
                verify(&app, &brand, &key, owner, &wrong).await;
            }
            assert_eq!(pin_state(&app, &brand, &key, owner).await, "locked");
        }
        assert_eq!(
            judged(&app, &key).await,
            6 * owners.len(),
            "each is judged six times in all, heard or not"
        );
        assert_eq!(events(&app, &key, "pin.locked").await.len(), owners.len());
        server.abort();
    }
}

async fn judged(app: &TestApp, key: &str) -> usize {
    count(&events(app, key, "verification.judged").await, "denied")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e08_a_try_that_has_begun_ends_although_its_reader_is_gone() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let key = brand.key_with_every_scope().await;
        let owner = brand.owner().await;
        let wrong = brand.wrong_pin(&brand.pin(&owner).await, 0);
        let mut reader = Box::pin(verify(&app, &brand, &key, &owner, &wrong));
        // One look, then the reader goes: nobody asks for the answer any more.
        poll_fn(|context| {
            let _ = reader.as_mut().poll(context);
            Poll::Ready(())
        })
        .await;
        drop(reader);
        let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
        while judged(&app, &key).await == 0 {
            assert!(
                tokio::time::Instant::now() < deadline,
                "the try ended with its reader"
            );
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_panic_ends_its_own_request_and_no_other() {
    use axum::routing::get;
    use http::Request;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    let app = TestApp::sqlite().await;
    let broken = axum::Router::new().route(
        "/api/broken",
        get(async || -> &'static str { panic!("the PIN is 918273") }),
    );
    let router = countersign_web::carried(broken, app.web.clone());
    for _ in 0..2 {
        let request = Request::get("/api/broken")
            .body(axum::body::Body::empty())
            .unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 500);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(
            text.contains("internal_error") && !text.contains("918273"),
            "{text}"
        );
    }
}
