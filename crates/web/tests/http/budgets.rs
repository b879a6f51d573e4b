//! Budgets against spraying beyond the single holder: agents, programs, the brand (T03, E09, E10).

use std::time::Duration;

use countersign_app::AppError;
use countersign_app::brands::set_policy::set_policy;
use countersign_app::jobs::budgets::{count_brands, count_clients};
use countersign_app::verification::submit::{Method, SubmitPin, submit};
use countersign_domain::api_client::Scope;
use countersign_domain::judge::Verdict;
use countersign_domain::pin::Digits;
use countersign_domain::staff::StaffRole;
use countersign_testkit::{TestApp, TestBrand, TestPerson, TestPieces};

use crate::support::{events, open, try_body, verify};

const DAY: Duration = Duration::from_secs(86_400);

fn policy(sections: &str) -> String {
    format!("preset = \"cloud-user-pin\"\n{sections}")
}

/// A wrong PIN for a holder of their own.
async fn spray(app: &TestApp, brand: &TestBrand<'_>, key: &str, times: u32) {
    for _ in 0..times {
        let owner = brand.owner().await;
        let wrong = brand.wrong_pin(&brand.pin(&owner).await, 0);
        let answer = verify(app, brand, key, &owner, &wrong).await;
        assert_eq!(answer.at("/result"), "denied", "{}", answer.text());
    }
}

#[tokio::test]
async fn t03_a_program_that_spent_its_budget_is_stopped_and_nobody_else_is() {
    for app in TestApp::both().await {
        let brand = app.brand_with(&policy("[client_budget]\nper_day = 3")).await;
        let every = brand.key_with_every_scope().await;
        let (sprayer, other) = (
            brand.key(&[Scope::Verify]).await,
            brand.key(&[Scope::Verify]).await,
        );
        let owner = brand.owner().await;
        let pin = brand.pin(&owner).await;
        // Several wrong PINs for one holder are one.
        for number in 0..3 {
            verify(&app, &brand, &sprayer, &owner, &brand.wrong_pin(&pin, number)).await;
        }
        spray(&app, &brand, &sprayer, 1).await;
        count_clients(&app.app).await.unwrap();
        assert_eq!(
            verify(&app, &brand, &sprayer, &owner, &pin).await.at("/result"),
            "verified"
        );
        spray(&app, &brand, &sprayer, 1).await;
        count_clients(&app.app).await.unwrap();

        let stopped = verify(&app, &brand, &sprayer, &owner, &pin).await;
        assert_eq!(
            (u16::from(stopped.status), stopped.at("/code")),
            (429, "client_budget_spent".to_owned()),
            "{}",
            stopped.text()
        );
        let wait: u64 = stopped.header("retry-after").parse().unwrap();
        assert!(wait > 0 && wait <= 86_401, "{wait}");
        let judged = events(&app, &every, "verification.judged").await.len();
        assert_eq!(judged, 6, "what is stopped is not judged");
        assert_eq!(
            verify(&app, &brand, &other, &owner, &pin).await.at("/result"),
            "verified"
        );
        count_clients(&app.app).await.unwrap();
        let alarms = events(&app, &every, "budget.spent").await;
        assert_eq!(alarms.len(), 1, "once: {alarms:?}");
        assert_eq!(alarms[0]["detail"]["reason"], "client_budget_spent");
        assert_eq!(alarms[0]["detail"]["count"], "3");
        assert_eq!(app.app.budgets().alarms(), (1, 0));

        app.clock.advance(DAY);
        assert_eq!(
            verify(&app, &brand, &sprayer, &owner, &pin).await.at("/result"),
            "verified",
            "the next day is a new one"
        );
    }
}

#[tokio::test]
async fn a_stopped_programs_idempotency_key_is_not_spent() {
    for app in TestApp::both().await {
        let brand = app.brand_with(&policy("[client_budget]\nper_day = 1")).await;
        let key = brand.key_with_every_scope().await;
        let owner = brand.owner().await;
        let pin = brand.pin(&owner).await;
        spray(&app, &brand, &key, 1).await;
        count_clients(&app.app).await.unwrap();
        let ask = async || {
            app.post("/api/v1/verify")
                .key(&key)
                .header("idempotency-key", "one")
                .json(&try_body(&brand, &owner, &pin))
                .send()
                .await
        };
        assert_eq!(u16::from(ask().await.status), 429);
        app.clock.advance(DAY);
        assert_eq!(ask().await.at("/result"), "verified", "{:?}", app.engine);
    }
}

#[tokio::test]
async fn t03_a_stop_reaches_every_node_and_its_event_is_written_once() {
    // The nodes go by the database's clock, which must show the day of the test's own.
    let (postgres, _clock) = TestApp::with_database_clock().await;
    for app in [TestApp::sqlite().await, postgres] {
        let brand = app.brand_with(&policy("[client_budget]\nper_day = 4")).await;
        let key = brand.key_with_every_scope().await;
        let owner = brand.owner().await;
        let pin = brand.pin(&owner).await;
        spray(&app, &brand, &key, 2).await;
        let spare = [brand.owner().await, brand.owner().await];
        let mut wrong = Vec::new();
        for person in &spare {
            wrong.push(brand.wrong_pin(&brand.pin(person).await, 0));
        }
        let (second, third) = (
            app.node(TestPieces::new(DAY, app.clock.set_at())).await,
            app.node(TestPieces::new(2 * DAY, app.clock.set_at())).await,
        );
        let (second, third) = (second.unwrap(), third.unwrap());
        for (person, wrong) in spare.iter().zip(&wrong) {
            let answer = second
                .post("/api/v1/verify")
                .key(&key)
                .json(&try_body(&brand, person, wrong))
                .send()
                .await;
            assert_eq!(answer.at("/result"), "denied");
        }
        let (ours, theirs) = tokio::join!(count_clients(&app.app), count_clients(&second.app));
        ours.unwrap();
        theirs.unwrap();
        third.app.reload_directory().await.unwrap();
        for node in [&second, &third] {
            let stopped = node
                .post("/api/v1/verify")
                .key(&key)
                .json(&try_body(&brand, &owner, &pin))
                .send()
                .await;
            assert_eq!(u16::from(stopped.status), 429, "{}", stopped.text());
        }
        assert_eq!(events(&app, &key, "budget.spent").await.len(), 1);
    }
}

#[tokio::test]
async fn a_budget_that_is_raised_frees_at_once_and_is_spent_again_at_its_new_number() {
    for app in TestApp::both().await {
        let brand = app.brand_with(&policy("[client_budget]\nper_day = 2")).await;
        let key = brand.key_with_every_scope().await;
        spray(&app, &brand, &key, 2).await;
        count_clients(&app.app).await.unwrap();
        let owner = brand.owner().await;
        let pin = brand.pin(&owner).await;
        assert_eq!(
            u16::from(verify(&app, &brand, &key, &owner, &pin).await.status),
            429
        );
        set_policy(&app.app, &brand.system(), &policy("[client_budget]\nper_day = 4"))
            .await
            .unwrap();
        assert_eq!(
            verify(&app, &brand, &key, &owner, &pin).await.at("/result"),
            "verified"
        );
        spray(&app, &brand, &key, 2).await;
        count_clients(&app.app).await.unwrap();
        assert_eq!(
            u16::from(verify(&app, &brand, &key, &owner, &pin).await.status),
            429
        );
        assert_eq!(events(&app, &key, "budget.spent").await.len(), 2);
    }
}

/// E10: no agent and no program spends a budget of their own, and yet somebody is told.
#[tokio::test]
async fn e10_many_in_concert_raise_the_brands_alarm_once_and_stop_no_customer() {
    for app in TestApp::both().await {
        let brand = app.brand_with(&policy("[brand_alarm]\nper_day = 8")).await;
        let key = brand.key_with_every_scope().await;
        for _ in 0..3 {
            let agent = brand.staff_caller(&brand.staff(StaffRole::Agent).await);
            for _ in 0..2 {
                let owner = brand.owner().await;
                let asked = wrong_try(&app, &brand, &key, &owner).await;
                submit(&app.app, &agent, asked, None).await.unwrap();
            }
        }
        spray(&app, &brand, &key, 1).await;
        count_brands(&app.app).await.unwrap();
        assert!(events(&app, &key, "budget.spent").await.is_empty(), "seven");
        let another = brand.key(&[Scope::Verify]).await;
        spray(&app, &brand, &another, 1).await;
        for _ in 0..2 {
            count_brands(&app.app).await.unwrap();
            spray(&app, &brand, &another, 1).await;
        }
        let alarms = events(&app, &key, "budget.spent").await;
        assert_eq!(alarms.len(), 1, "{:?}: {alarms:?}", app.engine);
        assert_eq!(alarms[0]["detail"]["reason"], "brand_alarm");
        assert_eq!(alarms[0]["subject"], brand.entry.brand.id.to_string());
        assert_eq!(app.app.budgets().alarms(), (0, 1));
        let owner = brand.owner().await;
        let pin = brand.pin(&owner).await;
        assert_eq!(
            verify(&app, &brand, &key, &owner, &pin).await.at("/result"),
            "verified"
        );
    }
}

#[tokio::test]
async fn where_the_policy_says_so_the_alarm_stops_programs_and_agents_go_on() {
    for app in TestApp::both().await {
        let brand = app
            .brand_with(&policy("[brand_alarm]\nper_day = 2\nstops_programs = true"))
            .await;
        let key = brand.key_with_every_scope().await;
        let owner = brand.owner().await;
        let pin = brand.pin(&owner).await;
        let conversation = open(&app, &key, &owner, "inbound").await;
        spray(&app, &brand, &key, 2).await;
        count_brands(&app.app).await.unwrap();
        let stopped = verify(&app, &brand, &key, &owner, &pin).await;
        assert_eq!(
            (u16::from(stopped.status), stopped.at("/code")),
            (429, "programs_stopped".to_owned())
        );
        let agent = brand.staff_caller(&brand.staff(StaffRole::Agent).await);
        let asked = SubmitPin {
            conversation: conversation.parse().unwrap(),
            method: Method::SupportPin {
                person: Some(owner.id),
            },
            code: Digits::parse(&pin).unwrap(),
        };
        let answer = submit(&app.app, &agent, asked, None).await.unwrap();
        assert_eq!(answer.result, Verdict::Verified, "{:?}", app.engine);
    }
}

/// E10: nineteen a day stay below the day's twenty and are stopped by the week's sixty; the month's two hundred hold after.
#[tokio::test]
async fn e10_nineteen_a_day_are_stopped_by_the_week() {
    let app = TestApp::sqlite().await;
    let brand = app.brand_with(&policy("[client_budget]\nper_day = 0")).await;
    let key = brand.key_with_every_scope().await;
    let agent = brand.staff_caller(&brand.staff(StaffRole::Agent).await);
    let mut by_day = Vec::new();
    for _ in 0..8 {
        let mut judged = 0;
        for _ in 0..19 {
            let owner = brand.owner().await;
            let asked = wrong_try(&app, &brand, &key, &owner).await;
            match submit(&app.app, &agent, asked, None).await {
                Ok(answer) => {
                    assert_eq!(answer.result, Verdict::Denied);
                    judged += 1;
                }
                Err(AppError::AgentStopped) => break,
                Err(error) => panic!("{error}"),
            }
        }
        by_day.push(judged);
        app.clock.advance(DAY);
    }
    assert_eq!(by_day, [19, 19, 19, 3, 0, 0, 0, 19]);
}

async fn wrong_try(app: &TestApp, brand: &TestBrand<'_>, key: &str, person: &TestPerson) -> SubmitPin {
    let pin = brand.pin(person).await;
    SubmitPin {
        conversation: open(app, key, person, "inbound").await.parse().unwrap(),
        method: Method::SupportPin {
            person: Some(person.id),
        },
        code: Digits::parse(&brand.wrong_pin(&pin, 0)).unwrap(),
    }
}
