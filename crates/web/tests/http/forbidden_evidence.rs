//! E27: where nothing can be recorded, nothing is verified, shown, unlocked or changed, and the answer says nothing.
//! E07: where a write is broken off behind the debit, what was told is what was counted.

use std::time::Duration;

use countersign_app::AppError;
use countersign_app::pins::reveal::reveal;
use countersign_domain::policy::Preset;
use countersign_testkit::{Answer, Engine, TestApp, TestBrand, TestPerson};
use serde_json::json;

use crate::support::{count, events, pin_address, pin_state, verify};

const REFUSED_WITHIN: Duration = Duration::from_secs(5);

/// Ways to make the table of events unwritable, each with the way back.
fn ways_to_forbid(engine: Engine) -> Vec<(&'static str, &'static str, &'static str)> {
    match engine {
        Engine::Sqlite => vec![(
            "a trigger",
            "CREATE TRIGGER forbidden BEFORE INSERT ON audit_events BEGIN SELECT RAISE(ABORT, 'forbidden'); END",
            "DROP TRIGGER forbidden",
        )],
        Engine::Postgres => vec![
            (
                "a constraint",
                "ALTER TABLE audit_events ADD CONSTRAINT forbidden CHECK (FALSE) NOT VALID",
                "ALTER TABLE audit_events DROP CONSTRAINT forbidden",
            ),
            (
                "a rule that the disk is full",
                "CREATE FUNCTION forbid() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN RAISE EXCEPTION 'forbidden' USING ERRCODE = '53100'; END $$; \
                 CREATE TRIGGER forbidden BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION forbid()",
                "DROP TRIGGER forbidden ON audit_events; DROP FUNCTION forbid()",
            ),
        ],
    }
}

/// Everything that needs evidence, tried once. Each is refused in time, and by the same words whatever was right.
async fn all_refused(
    app: &TestApp,
    brand: &TestBrand<'_>,
    key: &str,
    (person, pin): (&TestPerson, &str),
    deeds: &[&str],
    how: &str,
) {
    let place = pin_address(brand, person);
    let wrong = brand.wrong_pin(pin, 77);
    let mut answers: Vec<Answer> = Vec::new();
    for code in [pin, &wrong] {
        answers.push(in_time(how, verify(app, brand, key, person, code)).await);
    }
    for deed in deeds {
        let request = app.post(&format!("{place}/{deed}")).key(key);
        answers.push(in_time(how, request.send()).await);
    }
    let request = app.put(&place).key(key).json(&json!({ "pin": wrong }));
    answers.push(in_time(how, request.send()).await);
    for answer in answers {
        assert_eq!(
            (answer.status.as_u16(), answer.at("/code")),
            (503, "unavailable".to_owned()),
            "{how}: {}",
            answer.text()
        );
        for word in [
            "verified",
            "denied",
            "locked",
            "forbidden",
            "audit_events",
            pin,
            &wrong,
        ] {
            assert!(
                !answer.text().contains(word),
                "{how}: {word} is in {}",
                answer.text()
            );
        }
    }
    let shown = in_time(
        how,
        reveal(&app.app, &brand.caller(person), &brand.pin_of(person)),
    )
    .await;
    assert!(
        matches!(shown, Err(AppError::Unavailable(_))),
        "{how}: nothing is shown"
    );
}

async fn in_time<T>(how: &str, deed: impl Future<Output = T>) -> T {
    let Ok(done) = tokio::time::timeout(REFUSED_WITHIN, deed).await else {
        panic!("{how}: not refused within {REFUSED_WITHIN:?}")
    };
    done
}

#[tokio::test]
async fn e27_where_no_evidence_can_be_written_everything_is_refused_and_nothing_is_told() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let key = brand.key_with_every_scope().await;
        let (open, locked) = (brand.owner().await, brand.owner().await);
        let (pin, other) = (brand.pin(&open).await, brand.pin(&locked).await);
        for index in 0..6 {
            verify(&app, &brand, &key, &locked, &brand.wrong_pin(&other, index)).await;
        }
        let before = events(&app, &key, "verification.judged").await.len();
        for (how, forbid, allow) in ways_to_forbid(app.engine) {
            app.tamper(forbid).await;
            all_refused(&app, &brand, &key, (&open, &pin), &["reset"], how).await;
            all_refused(&app, &brand, &key, (&locked, &other), &["unlock", "reset"], how).await;
            app.tamper(allow).await;
        }
        assert_eq!(events(&app, &key, "verification.judged").await.len(), before);
        assert_eq!(
            pin_state(&app, &brand, &key, &locked).await,
            "locked",
            "{:?}",
            app.engine
        );
        assert_eq!(brand.pin(&open).await, pin, "it is the PIN that it was");
        assert_eq!(
            verify(&app, &brand, &key, &open, &pin).await.at("/result"),
            "verified"
        );
    }
}

#[tokio::test]
async fn e27_on_postgresql_where_somebody_holds_the_evidence_shut_everything_is_refused_in_time() {
    let app = TestApp::postgres().await;
    let brand = app.brand(Preset::CloudUserPin).await;
    let key = brand.key_with_every_scope().await;
    let owner = brand.owner().await;
    let pin = brand.pin(&owner).await;
    let held = app.session().await;
    held.batch_execute("BEGIN; LOCK TABLE audit_events IN EXCLUSIVE MODE")
        .await
        .unwrap();
    all_refused(&app, &brand, &key, (&owner, &pin), &["reset"], "a lock").await;
    held.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(
        verify(&app, &brand, &key, &owner, &pin).await.at("/result"),
        "verified"
    );
}

#[tokio::test]
async fn e07_on_postgresql_writes_that_are_broken_off_and_tried_again_count_each_try_once() {
    let app = TestApp::postgres().await;
    let brand = app.brand(Preset::CloudUserPin).await;
    let key = brand.key_with_every_scope().await;
    // Of three inserts one gets through; a sequence goes on whatever is rolled back.
    app.tamper(
        "CREATE SEQUENCE turns; \
         CREATE FUNCTION trip() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
           CASE nextval('turns') % 3 \
             WHEN 0 THEN RAISE EXCEPTION 'tripped' USING ERRCODE = '40001'; \
             WHEN 1 THEN RAISE EXCEPTION 'tripped' USING ERRCODE = '40P01'; \
             ELSE RETURN NEW; \
           END CASE; END $$",
    )
    .await;
    for round in 0..10 {
        let owner = brand.owner().await;
        let pin = brand.pin(&owner).await;
        app.tamper("CREATE TRIGGER tripped BEFORE INSERT ON audit_events FOR EACH ROW WHEN (NEW.action = 'verification.judged') EXECUTE FUNCTION trip()")
            .await;
        for index in 0..6 {
            let answer = verify(&app, &brand, &key, &owner, &brand.wrong_pin(&pin, index)).await;
            assert_eq!(answer.at("/result"), "denied", "{}", answer.text());
        }
        assert_eq!(
            verify(&app, &brand, &key, &owner, &pin).await.at("/result"),
            "locked"
        );
        app.tamper("DROP TRIGGER tripped ON audit_events").await;
        let recorded = events(&app, &key, "verification.judged").await;
        assert_eq!(count(&recorded, "denied"), 6 * (round + 1));
    }
}
