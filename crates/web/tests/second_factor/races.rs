//! What happens at the same moment as a change of the password or of the factor. Where the order is open, each order has to
//! end well: whatever began with the old one is over afterwards.

use std::sync::Arc;

use countersign_app::AppError;
use countersign_app::passwords::Password;
use countersign_app::passwords::change::{ChangePassword, change};
use countersign_app::passwords::reset::{AskReset, ask, look};
use countersign_app::sign_in::session::{resume_desk, resume_portal};
use countersign_app::sign_in::{SignInStep, desk, portal};
use countersign_app::staff::reset_password::reset_password;
use countersign_domain::person::Username;
use countersign_domain::policy::Preset;
use countersign_domain::staff::StaffRole;
use countersign_testkit::{PASSWORD, TestApp};
use tokio::sync::{Barrier, oneshot};

use crate::support::{half_open, session, typed};

const ROUNDS: usize = 8;
const AT_ONCE: usize = 4;

fn password(round: usize) -> String {
    if round == 0 {
        PASSWORD.to_owned()
    } else {
        format!("brass kettles hum at dusk {round}")
    }
}

/// Signs in by this password again and again until it is refused, and gives the tokens of all that began. Tells of the first.
async fn until_refused<F>(sign_in: impl Fn() -> F, begun: oneshot::Sender<()>) -> Vec<String>
where
    F: Future<Output = Result<SignInStep, AppError>>,
{
    let (mut tokens, mut begun) = (Vec::new(), Some(begun));
    loop {
        match sign_in().await {
            Ok(SignInStep::Done(signed_in)) => tokens.push(signed_in.token.expose().to_owned()),
            Ok(SignInStep::SecondFactor(_)) => panic!("there is no second factor"),
            Err(AppError::SignInRefused | AppError::Throttled { .. }) => return tokens,
            Err(AppError::Unavailable(_)) => {}
            Err(error) => panic!("{error}"),
        }
        if !tokens.is_empty()
            && let Some(begun) = begun.take()
        {
            begun.send(()).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn t24_no_sign_in_with_the_old_password_outlives_a_change_of_it() {
    for test in TestApp::both().await {
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let (_, here) = session(&test.app, &brand, &owner).await;
        for round in 0..ROUNDS {
            let (old, new) = (password(round), password(round + 1));
            let (mut tasks, mut begun) = (Vec::new(), Vec::new());
            for _ in 0..AT_ONCE {
                let (app, entry) = (test.app.clone(), brand.entry.clone());
                let (tell, told) = oneshot::channel();
                begun.push(told);
                let (name, old) = (owner.username.clone(), old.clone());
                tasks.push(tokio::spawn(until_refused(
                    move || {
                        let (app, entry, asked) = (app.clone(), entry.clone(), typed(&name, &old, None));
                        async move { portal::sign_in(&app, &entry, asked).await }
                    },
                    tell,
                )));
            }
            for told in begun {
                told.await.expect("a task that signs in");
            }
            let asked = ChangePassword {
                old: Password::typed(old).unwrap(),
                new: Password::typed(new).unwrap(),
                session: here.id,
                address: "198.51.100.9".parse().unwrap(),
            };
            change(&test.app, &here.caller, asked).await.unwrap();
            for task in tasks {
                for token in task.await.unwrap() {
                    let left = resume_portal(&test.app, &brand.entry, &token).await.unwrap();
                    assert!(left.is_none(), "{:?}, round {round}", test.engine);
                }
            }
            test.clock.advance(std::time::Duration::from_secs(16 * 60));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn t24_no_sign_in_of_staff_with_the_old_password_outlives_its_reset() {
    for test in TestApp::both().await {
        let brand = test.brand(Preset::CloudUserPin).await;
        let agent = brand.newcomer(StaffRole::Agent).await;
        let username = Username::parse(&agent.username).unwrap();
        for round in 0..ROUNDS {
            let (mut tasks, mut begun) = (Vec::new(), Vec::new());
            for _ in 0..AT_ONCE {
                let app = test.app.clone();
                let (tell, told) = oneshot::channel();
                begun.push(told);
                let (name, old) = (agent.username.clone(), password(round));
                tasks.push(tokio::spawn(until_refused(
                    move || {
                        let (app, asked) = (app.clone(), typed(&name, &old, None));
                        async move { desk::sign_in(&app, asked).await }
                    },
                    tell,
                )));
            }
            for told in begun {
                told.await.expect("a task that signs in");
            }
            let new = Password::typed(password(round + 1)).unwrap();
            reset_password(&test.app, &username, new).await.unwrap();
            for task in tasks {
                for token in task.await.unwrap() {
                    let left = resume_desk(&test.app, &token).await.unwrap();
                    assert!(left.is_none(), "{:?}, round {round}", test.engine);
                }
            }
            test.clock.advance(std::time::Duration::from_secs(16 * 60));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a2_of_twelve_wishes_at_once_three_links_are_mailed_and_one_is_good() {
    for test in TestApp::both().await {
        let brand = test.brand(Preset::CloudUserPin).await;
        for round in 0..4 {
            let owner = brand.owner().await;
            let barrier = Arc::new(Barrier::new(12));
            let mut tasks = Vec::new();
            for number in 0..12 {
                let (app, entry, barrier) = (test.app.clone(), brand.entry.clone(), barrier.clone());
                let asked = AskReset {
                    who: owner.username.clone(),
                    base_url: "https://portal.example".to_owned(),
                    address: format!("192.0.2.{}", number + 1).parse().unwrap(),
                    request_id: None,
                };
                tasks.push(tokio::spawn(async move {
                    barrier.wait().await;
                    ask(&app, &entry, asked).await
                }));
            }
            for task in tasks {
                match task.await.unwrap() {
                    Ok(()) | Err(AppError::Unavailable(_)) => {}
                    Err(error) => panic!("{error}"),
                }
            }
            let mut good = 0;
            let tokens = links(&test, &owner.email).await;
            for token in &tokens {
                good += usize::from(look(&test.app, &brand.entry, token).await.unwrap().is_some());
            }
            assert_eq!((tokens.len(), good), (3, 1), "{:?}, round {round}", test.engine);
        }
    }
}

/// The tokens of all links that were mailed to this address.
async fn links(test: &TestApp, email: &str) -> Vec<String> {
    let sent = test.sent().await;
    sent.iter()
        .filter(|message| message.to.eq_ignore_ascii_case(email))
        .filter_map(|message| message.text.split_once("?token="))
        .filter_map(|(_, rest)| rest.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

/// PostgreSQL alone: a write on SQLite has the database to itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn c4_a_sign_in_waits_for_a_change_of_the_factor_that_is_under_way() {
    let test = TestApp::postgres().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    brand.authenticator(&owner).await;
    half_open(&test.app, &brand, &owner).await;
    // A factor that is off, as its row stands, and on again in a write that is not committed yet.
    test.tamper("UPDATE second_factors SET totp_sealed = NULL, totp_confirmed_at = NULL")
        .await;
    let mut side = test.session().await;
    let change = side.transaction().await.unwrap();
    change
        .batch_execute(
            "UPDATE second_factors SET totp_sealed = '\\x00', totp_confirmed_at = 1, generation = generation + 1",
        )
        .await
        .unwrap();
    let signing_in = {
        let (app, entry, name) = (test.app.clone(), brand.entry.clone(), owner.username.clone());
        tokio::spawn(async move { portal::sign_in(&app, &entry, typed(&name, PASSWORD, None)).await })
    };
    waits_for_a_lock(&test, &signing_in).await;
    change.commit().await.unwrap();
    assert!(
        matches!(signing_in.await.unwrap().unwrap(), SignInStep::SecondFactor(_)),
        "the change came first, so it counts"
    );
}

/// Looks until somebody waits for a lock in this database, or the task is over.
async fn waits_for_a_lock<T>(test: &TestApp, task: &tokio::task::JoinHandle<T>) {
    let looking = test.session().await;
    loop {
        let waiting: i64 = looking
            .query_one(
                "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
                &[],
            )
            .await
            .unwrap()
            .get(0);
        if waiting > 0 || task.is_finished() {
            return;
        }
        tokio::task::yield_now().await;
    }
}
