//! Signing in to the portal: what is counted against whom, and what a sign-in leaves behind.

use std::net::IpAddr;
use std::sync::Arc;

use countersign_app::AppError;
use countersign_app::passwords::Password;
use countersign_app::sign_in::{SignIn, SignInStep, SignedIn, portal, session};
use countersign_domain::policy::Preset;
use countersign_testkit::{PASSWORD, TestApp, TestBrand};
use tokio::sync::Barrier;

fn typed(username: &str, password: &str, address: IpAddr) -> SignIn {
    SignIn {
        username: username.to_owned(),
        known_browser: None,
        password: Password::typed(password.to_owned()).unwrap(),
        address,
        browser: "a browser".to_owned(),
        device: None,
        request_id: None,
    }
}

async fn sign_in(
    app: &TestApp,
    brand: &TestBrand<'_>,
    username: &str,
    password: &str,
) -> Result<SignedIn, AppError> {
    let asked = typed(username, password, [198, 51, 100, 7].into());
    match portal::sign_in(&app.app, &brand.entry, asked).await? {
        SignInStep::Done(signed_in) => Ok(signed_in),
        SignInStep::SecondFactor(_) => panic!("nobody here has a second factor"),
    }
}

#[tokio::test]
async fn t15_however_many_sign_in_rightly_from_one_office_nothing_closes() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let (one, other) = (brand.owner().await, brand.owner().await);
        for index in 0..75 {
            let person = if index % 2 == 0 { &one } else { &other };
            let done = sign_in(&app, &brand, &person.username, PASSWORD).await;
            assert!(done.is_ok(), "{:?}, sign-in {index}", app.engine);
        }
        // What is wrong is counted as ever: the 60th failure of the office closes it for everybody there.
        for index in 0..60 {
            let name = format!("nobody.{index}");
            let refused = sign_in(&app, &brand, &name, "not the password at all").await;
            assert!(matches!(refused, Err(AppError::SignInRefused)), "{index}");
            if index < 58 && index % 10 == 0 {
                assert!(sign_in(&app, &brand, &one.username, PASSWORD).await.is_ok());
            }
        }
        let closed = sign_in(&app, &brand, &one.username, PASSWORD).await;
        assert!(
            matches!(closed, Err(AppError::Throttled { .. })),
            "{:?}",
            app.engine
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn t14_of_forty_wrong_passwords_at_once_five_are_looked_at() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let barrier = Arc::new(Barrier::new(40));
        let mut tasks = Vec::new();
        for _ in 0..40 {
            let asked = typed(
                &owner.username,
                "not the password at all",
                [203, 0, 113, 9].into(),
            );
            let (server, entry, barrier) = (app.app.clone(), brand.entry.clone(), barrier.clone());
            tasks.push(tokio::spawn(async move {
                barrier.wait().await;
                portal::sign_in(&server, &entry, asked).await
            }));
        }
        let (mut refused, mut throttled) = (0, 0);
        for task in tasks {
            match task.await.unwrap() {
                Err(AppError::SignInRefused) => refused += 1,
                Err(AppError::Throttled { .. }) => throttled += 1,
                Err(error) => panic!("{error}"),
                Ok(_) => panic!("a wrong password signed in"),
            }
        }
        assert_eq!((refused, throttled), (5, 35), "{:?}", app.engine);
    }
}

#[tokio::test]
async fn a_session_is_signed_out_after_a_hundred_newer_ones_and_only_by_its_own_person() {
    for app in TestApp::both().await {
        let brand = app.brand(Preset::CloudUserPin).await;
        let (owner, other) = (brand.owner().await, brand.owner().await);
        let oldest = sign_in(&app, &brand, &owner.username, PASSWORD)
            .await
            .unwrap()
            .session;
        for _ in 0..101 {
            sign_in(&app, &brand, &owner.username, PASSWORD).await.unwrap();
        }
        let strangers = session::sign_out(&app.app, &brand.caller(&other), oldest).await;
        assert!(
            matches!(strangers, Err(AppError::NotFound(_))),
            "{:?}",
            app.engine
        );
        session::sign_out(&app.app, &brand.caller(&owner), oldest)
            .await
            .unwrap();
        let again = session::sign_out(&app.app, &brand.caller(&owner), oldest).await;
        assert!(matches!(again, Err(AppError::NotFound(_))), "{:?}", app.engine);
    }
}
