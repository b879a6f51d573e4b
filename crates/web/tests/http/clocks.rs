//! Time: clocks that jump, nodes that disagree, restarts (T34, E41, E42).

use std::sync::Arc;
use std::time::Duration;

use countersign_app::AppError;
use countersign_app::accept_clock::accept_clock;
use countersign_app::clock::{SystemTimepieces, Timepieces};
use countersign_app::error::Cause;
use countersign_app::passwords::Password;
use countersign_app::people::phone::confirm_on_record;
use countersign_app::sign_in::portal;
use countersign_app::sign_in::session::resume_portal;
use countersign_app::sign_in::{SignIn, SignInStep};
use countersign_domain::policy::Preset;
use countersign_domain::reckoning::Judge;
use countersign_domain::time::Timestamp;
use countersign_testkit::{DatabaseClock, Node, PASSWORD, TestApp, TestPerson, TestPieces};

use crate::support::{events, try_body};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

fn year(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

/// An application whose judge's clock can be moved, with a machine to run servers on.
struct Ground {
    app: TestApp,
    pieces: Arc<TestPieces>,
    /// On PostgreSQL, where it is the judge's.
    database: Option<(DatabaseClock, std::sync::Mutex<Timestamp>)>,
}

impl Ground {
    async fn both() -> [Self; 2] {
        let sqlite = TestApp::sqlite().await;
        let (postgres, clock) = TestApp::with_database_clock().await;
        let began = postgres.clock.set_at();
        [
            Self {
                pieces: TestPieces::new(HOUR, sqlite.clock.set_at()),
                app: sqlite,
                database: None,
            },
            Self {
                pieces: TestPieces::new(HOUR, began),
                app: postgres,
                database: Some((clock, std::sync::Mutex::new(began))),
            },
        ]
    }

    async fn node(&self) -> Node {
        self.app.node(self.pieces.clone()).await.unwrap()
    }

    /// Time goes by everywhere, also where a clock shows something else.
    async fn pass(&self, span: Duration) {
        self.pieces.pass(span);
        self.app.clock.advance(span);
        if let Some((clock, shown)) = &self.database {
            let next = shown.lock().unwrap().plus(span);
            *shown.lock().unwrap() = next;
            clock.set(next).await;
        }
    }

    /// The judge's clock is set: the database's, or the machine's.
    async fn set_judge(&self, shown: Timestamp) {
        self.pieces.set_wall(shown);
        if let Some((clock, known)) = &self.database {
            *known.lock().unwrap() = shown;
            clock.set(shown).await;
        }
    }
}

async fn sign_in(
    node: &Node,
    brand: &countersign_testkit::TestBrand<'_>,
    person: &TestPerson,
    password: &str,
) -> Result<String, AppError> {
    let asked = SignIn {
        username: person.username.clone(),
        password: Password::typed(password.to_owned()).unwrap(),
        address: [198, 51, 100, 7].into(),
        browser: "a browser".to_owned(),
        known_browser: None,
        device: None,
        request_id: None,
    };
    match portal::sign_in(&node.app, &brand.entry, asked).await? {
        SignInStep::Done(signed_in) => Ok(signed_in.token.expose().to_owned()),
        SignInStep::SecondFactor(_) => panic!("nobody here has a second factor"),
    }
}

/// Two nodes whose machines' clocks are 90 s apart, and a match whose life ends: a thousand moments around its end, a
/// microsecond apart.
#[tokio::test]
async fn e42_two_nodes_90_seconds_apart_agree_on_a_thousand_boundary_cases() {
    let (app, database) = TestApp::with_database_clock().await;
    let brand = app.brand(Preset::CloudUserPin).await;
    let key = brand.key_with_every_scope().await;
    let owner = brand.owner().await;
    let pin = brand.pin(&owner).await;
    let began = app.clock.set_at();
    database.set(began).await;
    let here = TestPieces::new(3 * HOUR, began.plus(45 * SECOND));
    let there = TestPieces::new(9_000 * HOUR, began.minus(45 * SECOND));
    let nodes = [
        app.node(here.clone()).await.unwrap(),
        app.node(there.clone()).await.unwrap(),
    ];
    assert_eq!(nodes[0].now(), nodes[1].now());
    let matched = nodes[0]
        .post("/api/v1/verify")
        .key(&key)
        .json(&try_body(&brand, &owner, &pin))
        .send()
        .await;
    assert_eq!(matched.at("/result"), "verified", "{}", matched.text());
    let (until, conversation) = (year(&matched.at("/valid_until")), matched.at("/conversation"));
    let mut shown = began;
    for case in 0..1_000_u64 {
        let next = until
            .minus(Duration::from_micros(500))
            .plus(Duration::from_micros(case));
        for pieces in [&here, &there] {
            pieces.pass(next.since(shown));
        }
        shown = next;
        database.set(shown).await;
        let mut seen = Vec::new();
        for node in &nodes {
            node.look().await;
            let answer = node
                .get(&format!("/api/v1/conversations/{conversation}"))
                .key(&key)
                .send()
                .await;
            seen.push(answer.at("/assurance"));
        }
        let expected = if case < 500 { "pin" } else { "none" };
        assert_eq!(seen, [expected, expected], "case {case}");
    }
}

struct Shifted(i64);

impl Timepieces for Shifted {
    fn running(&self) -> i64 {
        SystemTimepieces.running()
    }

    fn wall(&self) -> Timestamp {
        Timestamp::from_micros(SystemTimepieces.wall().micros() + self.0)
    }
}

#[tokio::test]
async fn e42_real_nodes_90_seconds_apart_tell_the_databases_time() {
    let app = TestApp::postgres().await;
    let nodes = [
        app.node(Arc::new(Shifted(45_000_000))).await.unwrap(),
        app.node(Arc::new(Shifted(-45_000_000))).await.unwrap(),
    ];
    let (first, second, third) = (nodes[0].now(), nodes[1].now(), nodes[0].now());
    assert!(second >= first.minus(SECOND) && second <= third.plus(SECOND));
    for (node, machine) in nodes.iter().zip([45, -45]) {
        let standing = node.app.clock_standing().unwrap();
        assert_eq!(standing.judge, Judge::Database);
        assert_eq!(
            (standing.machine_ahead + 500_000).div_euclid(1_000_000),
            machine,
            "the cluster runs on this machine: {standing:?}"
        );
        assert!(standing.uncertain < SECOND, "{standing:?}");
    }
}

/// The machine's clock jumps while a match holds: it ends when it should by real time, to within a second.
#[tokio::test]
async fn e41_a_jump_of_the_machines_clock_neither_shortens_nor_lengthens_a_match() {
    for ground in Ground::both().await {
        let brand = ground.app.brand(Preset::CloudUserPin).await;
        let key = brand.key_with_every_scope().await;
        let owner = brand.owner().await;
        let pin = brand.pin(&owner).await;
        let node = ground.node().await;
        let began = node.now();
        for (jump, to) in [
            ("an hour back", began.minus(HOUR)),
            ("an hour on", began.plus(HOUR)),
            ("a day back", began.minus(24 * HOUR)),
            ("1970", Timestamp::from_micros(0)),
            ("2038-01-19", year("2038-01-19T03:14:08Z")),
            ("2100", year("2100-01-01T00:00:00Z")),
            ("a leap second", began.minus(SECOND)),
        ] {
            let matched = node
                .post("/api/v1/verify")
                .key(&key)
                .json(&try_body(&brand, &owner, &pin))
                .send()
                .await;
            assert_eq!(matched.at("/result"), "verified", "{jump}: {}", matched.text());
            let address = format!("/api/v1/conversations/{}", matched.at("/conversation"));
            ground.pieces.set_wall(to);
            let before = node.now();
            node.look().await;
            assert!(node.now() >= before, "{jump}: time went back");
            for (passes, expected) in [(14 * MINUTE + 59 * SECOND, "pin"), (2 * SECOND, "none")] {
                ground.pass(passes).await;
                node.look().await;
                let answer = node.get(&address).key(&key).send().await;
                assert_eq!(
                    answer.at("/assurance"),
                    expected,
                    "{jump} on {:?}: {}",
                    ground.app.engine,
                    answer.text()
                );
            }
        }
    }
}

#[tokio::test]
async fn e41_a_restart_with_a_clock_set_back_revives_no_sign_in_and_opens_no_door() {
    for ground in Ground::both().await {
        let brand = ground.app.brand(Preset::CloudUserPin).await;
        let (owner, victim) = (brand.owner().await, brand.owner().await);
        let node = ground.node().await;
        let token = sign_in(&node, &brand, &owner, PASSWORD).await.unwrap();
        assert!(
            resume_portal(&node.app, &brand.entry, &token)
                .await
                .unwrap()
                .is_some()
        );
        ground.pass(31 * MINUTE).await;
        node.look().await;
        assert!(
            resume_portal(&node.app, &brand.entry, &token)
                .await
                .unwrap()
                .is_none(),
            "it was idle too long"
        );
        let mut closed = false;
        for _ in 0..10 {
            closed = matches!(
                sign_in(&node, &brand, &victim, "not the password at all").await,
                Err(AppError::Throttled { .. })
            );
        }
        assert!(closed);
        let ended = node.now();
        node.stop().await;

        ground.set_judge(ended.minus(HOUR)).await;
        let again = ground.node().await;
        assert!(again.now() >= ended, "{:?}", ground.app.engine);
        assert!(
            again.app.clock_standing().unwrap().not_followed <= -3_599_000_000,
            "doctor and the log can tell"
        );
        assert!(
            resume_portal(&again.app, &brand.entry, &token)
                .await
                .unwrap()
                .is_none(),
            "{:?}: revived",
            ground.app.engine
        );
        assert!(
            matches!(
                sign_in(&again, &brand, &victim, PASSWORD).await,
                Err(AppError::Throttled { .. })
            ),
            "{:?}: opened early",
            ground.app.engine
        );
        // And time goes on, though the judge's clock is an hour behind.
        ground.pass(16 * MINUTE).await;
        again.look().await;
        assert!(again.now() >= ended.plus(15 * MINUTE));
        assert!(sign_in(&again, &brand, &victim, PASSWORD).await.is_ok());
    }
}

#[tokio::test]
async fn e41_a_crash_loses_no_more_than_the_mark_is_old() {
    for ground in Ground::both().await {
        let node = ground.node().await;
        node.look().await;
        for _ in 0..45 {
            ground.pass(2 * SECOND).await;
            node.look().await;
        }
        let crashed = node.now();
        drop(node);
        ground.set_judge(crashed.minus(HOUR)).await;
        let again = ground.node().await;
        let lost = crashed.since(again.now());
        assert!(lost <= 32 * SECOND, "{:?}: {lost:?}", ground.app.engine);
    }
}

#[tokio::test]
async fn e41_a_server_does_not_start_in_2100_until_somebody_says_that_it_is_2100() {
    for ground in Ground::both().await {
        let brand = ground.app.brand(Preset::CloudUserPin).await;
        let key = brand.key_with_every_scope().await;
        let owner = brand.owner().await;
        let node = ground.node().await;
        let before = node.now();
        node.stop().await;

        let year_2100 = year("2100-01-01T00:00:00Z");
        ground.set_judge(year_2100).await;
        let refused = ground.app.node(ground.pieces.clone()).await.err().unwrap();
        let AppError::Unavailable(Cause::Clock(error)) = refused else {
            panic!("{refused}");
        };
        assert!(error.to_string().contains("countersign clock accept"), "{error}");

        let accepting = ground
            .app
            .node_that_accepts_the_clock(ground.pieces.clone())
            .await
            .unwrap();
        let accepted = accept_clock(&accepting.app).await.unwrap();
        assert_eq!(accepted.seen, Some(before));
        assert!(accepted.now >= year_2100);
        // It was wrong after all: whoever signed in then is signed out when the clock is set right.
        let token = sign_in(&accepting, &brand, &owner, PASSWORD).await.unwrap();
        drop(accepting);
        let right = before.plus(HOUR);
        ground.set_judge(right).await;
        let late = ground.node().await;
        assert!(late.now() >= year_2100, "no process goes back by itself");
        drop(late);
        let accepting = ground
            .app
            .node_that_accepts_the_clock(ground.pieces.clone())
            .await
            .unwrap();
        assert_eq!(accept_clock(&accepting.app).await.unwrap().sessions_ended, 1);
        drop(accepting);
        let node = ground.node().await;
        assert!(node.now() >= right && node.now() < right.plus(MINUTE));
        assert!(
            resume_portal(&node.app, &brand.entry, &token)
                .await
                .unwrap()
                .is_none()
        );
        assert_eq!(events(&ground.app, &key, "clock.accepted").await.len(), 2);
    }
}

/// The machine's clock jumps while a one-time PIN lives: it is good for 24 hours of real time, to within the minute that E41
/// allows.
#[tokio::test]
async fn e41_a_jump_of_the_machines_clock_neither_shortens_nor_lengthens_the_life_of_a_one_time_pin() {
    for ground in Ground::both().await {
        let brand = ground.app.brand(Preset::BrokerOneTimePin).await;
        let key = brand.key_with_every_scope().await;
        let node = ground.node().await;
        let began = node.now();
        for (jump, to) in [
            ("an hour back", began.minus(HOUR)),
            ("an hour on", began.plus(HOUR)),
            ("a day back", began.minus(24 * HOUR)),
            ("1970", Timestamp::from_micros(0)),
            ("2038-01-19", year("2038-01-19T03:14:08Z")),
            ("2100", year("2100-01-01T00:00:00Z")),
            ("a leap second", began.minus(SECOND)),
        ] {
            let owner = brand.owner().await;
            confirm_on_record(&node.app, &brand.system(), owner.account.id, owner.id)
                .await
                .unwrap();
            let opened = node
                .post("/api/v1/conversations")
                .key(&key)
                .json(&serde_json::json!({
                    "account_number": owner.account.number.as_str(), "person": owner.id.to_string(),
                    "channel": "phone", "direction": "inbound",
                }))
                .send()
                .await;
            let talk = format!("/api/v1/conversations/{}", opened.at("/id"));
            let sent = node
                .post(&format!("{talk}/one-time-pins"))
                .key(&key)
                .json(&serde_json::json!({ "channel": "sms" }))
                .send()
                .await;
            assert_eq!(sent.status, 202, "{jump}: {}", sent.text());
            // The outbox of this test is emptied by another clock, which must not be behind.
            ground.app.clock.advance(HOUR);
            let messages = ground.app.sent().await;
            let code = messages
                .last()
                .unwrap()
                .text
                .split(' ')
                .next()
                .unwrap()
                .to_owned();
            ground.pieces.set_wall(to);
            node.look().await;
            for (passes, expected) in [
                (24 * HOUR - MINUTE, "verified"),
                (2 * MINUTE, "expired"),
                (24 * HOUR, "expired"),
            ] {
                ground.pass(passes).await;
                node.look().await;
                let said = node
                    .post(&format!("{talk}/verifications"))
                    .key(&key)
                    .json(&serde_json::json!({ "method": "one_time_pin", "code": code }))
                    .send()
                    .await;
                assert_eq!(said.at("/result"), expected, "{jump} on {:?}", ground.app.engine);
            }
        }
    }
}
