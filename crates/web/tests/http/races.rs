//! Tries at once: never more are judged than the policy gives.

use std::sync::Arc;

use countersign_domain::policy::Preset;
use countersign_testkit::{TestApp, TestBrand, TestPerson};
use tokio::sync::Barrier;

use crate::support::{count, events, pin_state, try_body, verify};

const AT_ONCE: usize = 200;
const ROUNDS: usize = 4;

/// Sends all codes at the same moment and gives the results in their order.
async fn storm(
    app: &TestApp,
    brand: &TestBrand<'_>,
    key: &str,
    person: &TestPerson,
    codes: &[String],
) -> Vec<String> {
    let barrier = Arc::new(Barrier::new(codes.len()));
    let mut tasks = Vec::with_capacity(codes.len());
    for code in codes {
        let request = app
            .post("/api/v1/verify")
            .key(key)
            .json(&try_body(brand, person, code));
        let barrier = barrier.clone();
        tasks.push(tokio::spawn(async move {
            barrier.wait().await;
            request.send().await
        }));
    }
    let mut results = Vec::with_capacity(tasks.len());
    for task in tasks {
        let answer = task.await.unwrap();
        assert_eq!(
            answer.status,
            200,
            "no try may end without a verdict: {}",
            answer.text()
        );
        results.push(answer.at("/result"));
    }
    results
}

fn say(results: &[String], word: &str) -> usize {
    results.iter().filter(|result| *result == word).count()
}

fn wrong_pins(brand: &TestBrand<'_>, right: &str, how_many: usize) -> Vec<String> {
    (0..how_many)
        .map(|index| brand.wrong_pin(right, u32::try_from(index).unwrap()))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn e01_of_200_wrong_pins_at_once_no_more_than_the_limit_are_judged() {
    for app in TestApp::both().await {
        for round in 1..=ROUNDS {
            let brand = app.brand(Preset::CloudUserPin).await;
            let key = brand.key_with_every_scope().await;
            let owner = brand.owner().await;
            let pin = brand.pin(&owner).await;
            let results = storm(&app, &brand, &key, &owner, &wrong_pins(&brand, &pin, AT_ONCE)).await;
            assert_eq!(say(&results, "denied"), 6, "{:?}, round {round}", app.engine);
            assert_eq!(say(&results, "locked"), AT_ONCE - 6);
            let recorded = events(&app, &key, "verification.judged").await;
            assert_eq!(count(&recorded, "denied"), 6, "judged == recorded");
            assert_eq!(
                recorded.len(),
                AT_ONCE,
                "every try is recorded, the refused ones too"
            );
            assert_eq!(events(&app, &key, "pin.locked").await.len(), 1, "it locks once");
            assert_eq!(pin_state(&app, &brand, &key, &owner).await, "locked");
            assert_eq!(
                verify(&app, &brand, &key, &owner, &pin).await.at("/result"),
                "locked"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn e01_machines_at_once_never_spend_more_than_their_share() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::HostingAccountPin).await;
        let key = brand.key_with_every_scope().await;
        for round in 1..=ROUNDS {
            let owner = brand.owner().await;
            let pin = brand.pin(&owner).await;
            let results = storm(&app, &brand, &key, &owner, &wrong_pins(&brand, &pin, AT_ONCE)).await;
            assert_eq!(
                say(&results, "denied"),
                AT_ONCE,
                "{:?}, round {round}",
                app.engine
            );
            let recorded = events(&app, &key, "verification.judged").await;
            assert_eq!(count(&recorded, "denied"), 2 * round, "only these were compared");
            assert_eq!(count(&recorded, "unavailable"), (AT_ONCE - 2) * round);
            assert_eq!(
                pin_state(&app, &brand, &key, &owner).await,
                "active",
                "nobody is locked out by dialling"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn e03_the_right_pin_among_199_wrong_ones_counts_only_before_the_lock() {
    let (mut accepted, mut refused) = (0, 0);
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let key = brand.key_with_every_scope().await;
        for round in 0..3 * ROUNDS {
            let owner = brand.owner().await;
            let pin = brand.pin(&owner).await;
            let mut codes = wrong_pins(&brand, &pin, AT_ONCE - 1);
            // Early in some rounds, late in others.
            codes.insert(if round % 2 == 0 { 0 } else { AT_ONCE - 1 }, pin.clone());
            let results = storm(&app, &brand, &key, &owner, &codes).await;
            // Success gives the tries back once, so at most five were judged before it and six after it.
            let denied = say(&results, "denied");
            match say(&results, "verified") {
                0 => {
                    refused += 1;
                    assert_eq!(denied, 6);
                }
                1 => {
                    accepted += 1;
                    assert!((6..=11).contains(&denied), "{denied} were judged");
                }
                more => panic!("one right PIN was accepted {more} times"),
            }
            assert_eq!(pin_state(&app, &brand, &key, &owner).await, "locked");
            let late = verify(&app, &brand, &key, &owner, &pin).await;
            assert_eq!(late.at("/result"), "locked", "the right PIN after the lock");
        }
    }
    assert!(
        accepted > 0 && refused > 0,
        "the right PIN came in time {accepted} times and too late {refused} times: both have to be seen"
    );
}

/// The positive control: the same storm with the right PIN alone is accepted every time.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn e01_fifty_honest_callers_at_once_are_all_verified() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let key = brand.key_with_every_scope().await;
        let owner = brand.owner().await;
        let pin = brand.pin(&owner).await;
        let results = storm(&app, &brand, &key, &owner, &vec![pin; 50]).await;
        assert_eq!(say(&results, "verified"), 50);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn e09_of_forty_accounts_at_once_one_agent_tries_no_more_than_the_budget() {
    use countersign_app::AppError;
    use countersign_app::verification::submit::{Method, SubmitPin, submit};
    use countersign_domain::judge::Verdict;
    use countersign_domain::pin::Digits;
    use countersign_domain::staff::StaffRole;

    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let key = brand.key_with_every_scope().await;
        let agent = brand.staff_caller(&brand.staff(StaffRole::Agent).await);
        let barrier = Arc::new(Barrier::new(40));
        let mut tasks = Vec::new();
        for _ in 0..40 {
            let owner = brand.owner().await;
            let pin = brand.pin(&owner).await;
            let asked = SubmitPin {
                conversation: crate::support::open(&app, &key, &owner, "inbound")
                    .await
                    .parse()
                    .unwrap(),
                method: Method::SupportPin {
                    person: Some(owner.id),
                },
                code: Digits::parse(&brand.wrong_pin(&pin, 0)).unwrap(),
            };
            let (server, agent, barrier) = (app.app.clone(), agent.clone(), barrier.clone());
            tasks.push(tokio::spawn(async move {
                barrier.wait().await;
                submit(&server, &agent, asked, None).await
            }));
        }
        let (mut judged, mut stopped) = (0, 0);
        for task in tasks {
            match task.await.unwrap() {
                Ok(answer) => {
                    assert_eq!(answer.result, Verdict::Denied);
                    judged += 1;
                }
                Err(AppError::AgentStopped) => stopped += 1,
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!((judged, stopped), (20, 20), "{:?}", app.engine);
    }
}
