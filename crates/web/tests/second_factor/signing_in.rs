use std::sync::Arc;
use std::time::Duration;

use countersign_app::AppError;
use countersign_app::second_factor::Answer;
use countersign_app::sign_in::second_step::{SecondStepDone, waiting};
use countersign_app::sign_in::session::resume_portal;
use countersign_app::sign_in::{Place, SignInStep, portal};
use countersign_domain::factor::Method;
use countersign_domain::factor::sign_in::Proof;
use countersign_domain::person::Role;
use countersign_domain::policy::Preset;
use countersign_testkit::TestApp;
use tokio::sync::Barrier;

use crate::support::{answer, done, first_step, half_open, place, raced, resumed, totp, typed, word};

#[tokio::test]
async fn a_person_without_a_second_factor_signs_in_by_password_alone() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let step = first_step(&test.app, &brand, &owner, None).await.unwrap();
    let SignInStep::Done(signed_in) = step else {
        panic!("nothing more is asked for")
    };
    let (_, session) = resumed(&test.app, &brand, signed_in.token.expose()).await;
    assert_eq!(session.held.proof, Proof::Password);
}

#[tokio::test]
async fn c4_with_an_authenticator_the_password_opens_half_and_a_code_the_rest() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let authenticator = brand.authenticator(&owner).await;
    let half = half_open(&test.app, &brand, &owner).await;
    assert!(
        resume_portal(&test.app, &brand.entry, &half)
            .await
            .unwrap()
            .is_none(),
        "half a sign-in is no session"
    );
    let page = waiting(&test.app, place(&brand), &half).await.unwrap().unwrap();
    assert_eq!(
        page.methods,
        [Method::Totp, Method::BackupCode, Method::RecoveryCode]
    );
    assert_eq!((page.remember_days, page.sms_to), (30, None));
    let signed_in = done(answer(&test.app, place(&brand), &half, totp(authenticator.digits())).await);
    assert_ne!(
        signed_in.token.expose(),
        half,
        "e47: a new token at the rise of privilege"
    );
    let (_, session) = resumed(&test.app, &brand, signed_in.token.expose()).await;
    assert_eq!(session.held.proof, Proof::SecondFactor);
    assert!(session.proven(&test.app, false).is_some());
    let again = answer(&test.app, place(&brand), &half, totp(authenticator.digits())).await;
    assert_eq!(word(&again), "over", "a half-open sign-in serves once");
}

#[tokio::test]
async fn t16_a_wrong_password_says_nothing_about_a_second_factor() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let (with, without) = (brand.owner().await, brand.owner().await);
    brand.authenticator(&with).await;
    for name in [&with.username, &without.username, "nobody.at.all"] {
        let refused = portal::sign_in(&test.app, &brand.entry, typed(name, "not the password", None)).await;
        assert!(matches!(refused, Err(AppError::SignInRefused)), "{name}");
    }
}

#[tokio::test]
async fn t17_a_code_that_was_used_is_refused_without_being_counted() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let authenticator = brand.authenticator(&owner).await;
    let first = half_open(&test.app, &brand, &owner).await;
    done(answer(&test.app, place(&brand), &first, totp(authenticator.digits())).await);
    let second = half_open(&test.app, &brand, &owner).await;
    for _ in 0..12 {
        let replayed = answer(&test.app, place(&brand), &second, totp(authenticator.digits())).await;
        assert_eq!(word(&replayed), "AlreadyUsed");
    }
    test.clock.advance(Duration::from_secs(30));
    done(answer(&test.app, place(&brand), &second, totp(authenticator.digits())).await);
}

#[tokio::test]
async fn c6_a_code_of_a_phone_that_is_behind_is_refused_and_the_drift_is_named() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let authenticator = brand.authenticator(&owner).await;
    let half = half_open(&test.app, &brand, &owner).await;
    let behind = countersign_domain::pin::Digits::parse(&authenticator.code_in(-120)).unwrap();
    let refused = answer(&test.app, place(&brand), &half, totp(behind)).await;
    assert_eq!(word(&refused), "Wrong { drift_seconds: Some(-120) }");
    let wrong = answer(
        &test.app,
        place(&brand),
        &half,
        totp(authenticator.wrong_digits()),
    )
    .await;
    assert_eq!(word(&wrong), "Wrong { drift_seconds: None }");
    done(answer(&test.app, place(&brand), &half, totp(authenticator.digits())).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn e44_of_a_hundred_sign_ins_with_one_code_at_once_one_succeeds() {
    for test in TestApp::both().await {
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let authenticator = brand.authenticator(&owner).await;
        let mut halves = Vec::new();
        for _ in 0..100 {
            halves.push(half_open(&test.app, &brand, &owner).await);
        }
        let code = authenticator.code();
        let (barrier, here) = (Arc::new(Barrier::new(100)), place(&brand));
        let mut callers = Vec::new();
        for half in halves {
            let (app, barrier, code) = (test.app.clone(), barrier.clone(), code.clone());
            callers.push(tokio::spawn(async move {
                let digits = countersign_domain::pin::Digits::parse(&code).unwrap();
                barrier.wait().await;
                raced(&app, here, &half, Answer::Totp(digits)).await
            }));
        }
        let mut words = Vec::new();
        for caller in callers {
            words.push(caller.await.unwrap());
        }
        let signed_in = words.iter().filter(|word| *word == "signed in").count();
        assert_eq!(signed_in, 1, "{:?}", test.engine);
        let others = ["signed in", "AlreadyUsed", "unavailable"];
        assert!(
            words.iter().all(|word| others.contains(&word.as_str())),
            "{words:?}"
        );
    }
}

#[tokio::test]
async fn ten_wrong_codes_close_the_factor_and_end_what_is_half_open_and_the_recovery_code_opens_it() {
    for test in TestApp::both().await {
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let authenticator = brand.authenticator(&owner).await;
        let (here, other) = (place(&brand), half_open(&test.app, &brand, &owner).await);
        let half = half_open(&test.app, &brand, &owner).await;
        for _ in 0..10 {
            let wrong = answer(&test.app, here, &half, totp(authenticator.wrong_digits())).await;
            assert!(matches!(wrong, SecondStepDone::Refused { .. }));
        }
        for ended in [&half, &other] {
            let over = answer(&test.app, here, ended, totp(authenticator.digits())).await;
            assert_eq!(word(&over), "over", "{:?}: at the lock", test.engine);
        }
        let again = half_open(&test.app, &brand, &owner).await;
        let page = waiting(&test.app, here, &again).await.unwrap().unwrap();
        assert!(page.closed);
        assert_eq!(page.methods, [Method::RecoveryCode]);
        let right = answer(&test.app, here, &again, totp(authenticator.digits())).await;
        assert_eq!(
            word(&right),
            "Closed",
            "{:?}: the right code does not help either",
            test.engine
        );
        let recovery = authenticator.codes.recovery.expose();
        let recovery = Answer::Recovery(countersign_domain::factor::RecoveryCode::parse(recovery).unwrap());
        done(answer(&test.app, here, &again, recovery).await);
        let next = half_open(&test.app, &brand, &owner).await;
        let page = waiting(&test.app, here, &next).await.unwrap().unwrap();
        assert!(
            !page.closed && !page.methods.contains(&Method::RecoveryCode),
            "it serves once"
        );
        done(answer(&test.app, here, &next, totp(authenticator.digits())).await);
        let mails: Vec<_> = test
            .sent()
            .await
            .into_iter()
            .map(|message| message.text)
            .collect();
        assert!(
            mails.iter().any(|text| text.contains("Ten wrong codes")),
            "{mails:?}"
        );
        assert!(
            mails
                .iter()
                .any(|text| text.contains("Your recovery code was used")),
            "{mails:?}"
        );
    }
}

#[tokio::test]
async fn what_was_mistyped_in_a_sign_in_that_succeeds_does_not_count() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let authenticator = brand.authenticator(&owner).await;
    for _ in 0..4 {
        let half = half_open(&test.app, &brand, &owner).await;
        for _ in 0..6 {
            answer(
                &test.app,
                place(&brand),
                &half,
                totp(authenticator.wrong_digits()),
            )
            .await;
        }
        done(answer(&test.app, place(&brand), &half, totp(authenticator.digits())).await);
        test.clock.advance(Duration::from_secs(30));
    }
    // Nine in sign-ins that were given up do count, whatever succeeds between.
    for _ in 0..9 {
        let half = half_open(&test.app, &brand, &owner).await;
        answer(
            &test.app,
            place(&brand),
            &half,
            totp(authenticator.wrong_digits()),
        )
        .await;
    }
    let half = half_open(&test.app, &brand, &owner).await;
    done(answer(&test.app, place(&brand), &half, totp(authenticator.digits())).await);
    let half = half_open(&test.app, &brand, &owner).await;
    answer(
        &test.app,
        place(&brand),
        &half,
        totp(authenticator.wrong_digits()),
    )
    .await;
    let page = half_open(&test.app, &brand, &owner).await;
    assert!(
        waiting(&test.app, place(&brand), &page)
            .await
            .unwrap()
            .unwrap()
            .closed
    );
}

#[tokio::test]
async fn t24_a_half_open_sign_in_ends_in_time_elsewhere_and_with_its_person() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let elsewhere = test.brand(Preset::HostingAccountPin).await;
    let owner = brand.owner().await;
    let authenticator = brand.authenticator(&owner).await;
    let half = half_open(&test.app, &brand, &owner).await;
    for there in [place(&elsewhere), Place::Desk] {
        let over = answer(&test.app, there, &half, totp(authenticator.digits())).await;
        assert_eq!(word(&over), "over", "{there:?}");
        assert!(waiting(&test.app, there, &half).await.unwrap().is_none());
    }
    test.clock.advance(Duration::from_secs(600));
    let late = answer(&test.app, place(&brand), &half, totp(authenticator.digits())).await;
    assert_eq!(word(&late), "over", "after ten minutes");
    let half = half_open(&test.app, &brand, &owner).await;
    test.tamper(&format!(
        "UPDATE people SET disabled_at = 1 WHERE id = '{}'",
        owner.id
    ))
    .await;
    let gone = answer(&test.app, place(&brand), &half, totp(authenticator.digits())).await;
    assert_eq!(word(&gone), "over", "after the person was disabled");
    for made_up in ["", "not a token", &"x".repeat(10_000)] {
        let over = answer(&test.app, place(&brand), made_up, totp(authenticator.digits())).await;
        assert_eq!(word(&over), "over");
    }
}

#[tokio::test]
async fn a_required_second_factor_is_to_be_set_up_at_the_first_sign_in() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::Strict).await;
    let account = brand.account().await;
    let owner = brand.person(&account, Role::Owner).await;
    let SignInStep::Done(signed_in) = first_step(&test.app, &brand, &owner, None).await.unwrap() else {
        panic!("there is no factor to ask for")
    };
    assert_eq!(
        signed_in.set_up,
        countersign_domain::factor::sign_in::SetUp::Required
    );
}
