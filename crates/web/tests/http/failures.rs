//! Failures in the middle: no verdict without its debit and its evidence, whoever hangs up.

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
            assert_eq!(verify(&app, &brand, &key, &owner, &wrong).await.at("/result"), "denied");
            judged += 1;
            let (broken, mended) = break_the_record(app.engine);
            app.tamper(broken).await;
            for index in 0..10 {
                for code in [pin.clone(), brand.wrong_pin(&pin, 100 + index)] {
                    let answer = verify(&app, &brand, &key, &owner, &code).await;
                    assert_eq!((answer.status.as_u16(), answer.at("/code")), (503, "unavailable".to_owned()));
                    assert!(!answer.header("retry-after").is_empty());
                    for word in ["verified", "denied", "locked", "broken", "audit_events"] {
                        assert!(!answer.text().contains(word), "{word} is in {}", answer.text());
                    }
                }
            }
            app.tamper(mended).await;
        }
        let recorded = events(&app, &key, "verification.judged").await;
        assert_eq!(count(&recorded, "denied"), judged, "what was told is what was recorded");
        for index in 0..3 {
            let wrong = brand.wrong_pin(&pin, 200 + index);
            assert_eq!(verify(&app, &brand, &key, &owner, &wrong).await.at("/result"), "denied");
        }
        assert_eq!(pin_state(&app, &brand, &key, &owner).await, "locked", "no judged try was given back");
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
        for owner in &owners {
            settle(&app, &brand, &key, owner).await;
        }
        let recorded = events(&app, &key, "verification.judged").await;
        assert_eq!(count(&recorded, "denied"), 6 * owners.len(), "each is judged six times and no more");
        assert_eq!(events(&app, &key, "pin.locked").await.len(), owners.len());
        server.abort();
    }
}

/// Waits until the tries that nobody waits for are done: twelve were sent, six of them lock.
async fn settle(
    app: &TestApp,
    brand: &countersign_testkit::TestBrand<'_>,
    key: &str,
    owner: &countersign_testkit::TestPerson,
) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    while pin_state(app, brand, key, owner).await != "locked" {
        assert!(tokio::time::Instant::now() < deadline, "the tries of those who hung up never ended");
        tokio::task::yield_now().await;
    }
}
