//! What strangers, guessers and thieves of a session cannot do without end or without a trace.

use std::time::Duration;

use countersign_app::AppError;
use countersign_app::audit::list::{Filter, list};
use countersign_app::passwords::Password;
use countersign_app::passwords::change::{ChangePassword, change};
use countersign_app::second_factor::Answer;
use countersign_app::sign_in::sms_code::{SmsCodeAsked, send};
use countersign_domain::audit::{Action, Outcome};
use countersign_domain::factor::RecoveryCode;
use countersign_domain::policy::Preset;
use countersign_testkit::{TestApp, TestBrand};

use crate::support::{answer, done, half_open, place, session, totp, word};

fn wrong_recovery() -> Answer {
    Answer::Recovery(RecoveryCode::parse("0000-0000-0000-0000").unwrap())
}

/// How many events of this kind are recorded at a brand.
async fn recorded(test: &TestApp, brand: &TestBrand<'_>, action: Action, outcome: Outcome) -> usize {
    let filter = Filter {
        action: Some(action),
        outcome: Some(outcome),
        ..Filter::default()
    };
    list(&test.app, &brand.system(), &filter, None, 500)
        .await
        .unwrap()
        .len()
}

#[tokio::test]
async fn a_wrong_old_password_at_a_change_of_password_leaves_evidence() {
    for test in TestApp::both().await {
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let (_, here) = session(&test.app, &brand, &owner).await;
        let asked = ChangePassword {
            old: Password::typed("not the password at all".to_owned()).unwrap(),
            new: Password::typed("seven quiet otters paint".to_owned()).unwrap(),
            session: here.id,
            address: "192.0.2.7".parse().unwrap(),
        };
        let refused = change(&test.app, &here.caller, asked).await;
        assert!(matches!(refused, Err(AppError::SignInRefused)));
        let denied = recorded(&test, &brand, Action::ReauthenticationJudged, Outcome::Denied).await;
        assert_eq!(denied, 1, "{:?}", test.engine);
    }
}

#[tokio::test]
async fn c6_before_there_is_a_session_no_answer_tells_which_code_will_be_good() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let authenticator = brand.authenticator(&owner).await;
    let half = half_open(&test.app, &brand, &owner).await;
    for (seconds, expected) in [
        (120, "Wrong { drift_seconds: None }"),
        (-120, "Wrong { drift_seconds: Some(-120) }"),
    ] {
        let shown = countersign_domain::pin::Digits::parse(&authenticator.code_in(seconds)).unwrap();
        let refused = answer(&test.app, place(&brand), &half, totp(shown)).await;
        assert_eq!(word(&refused), expected);
    }
}

#[tokio::test]
async fn wrong_recovery_codes_give_back_no_try_that_they_never_took() {
    for test in TestApp::both().await {
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let authenticator = brand.authenticator(&owner).await;
        for _ in 0..9 {
            let given_up = half_open(&test.app, &brand, &owner).await;
            answer(
                &test.app,
                place(&brand),
                &given_up,
                totp(authenticator.wrong_digits()),
            )
            .await;
        }
        let half = half_open(&test.app, &brand, &owner).await;
        for _ in 0..4 {
            let refused = answer(&test.app, place(&brand), &half, wrong_recovery()).await;
            assert!(word(&refused).starts_with("Wrong"), "{}", word(&refused));
        }
        done(answer(&test.app, place(&brand), &half, totp(authenticator.digits())).await);
        test.clock.advance(Duration::from_secs(30));
        let half = half_open(&test.app, &brand, &owner).await;
        answer(
            &test.app,
            place(&brand),
            &half,
            totp(authenticator.wrong_digits()),
        )
        .await;
        let half = half_open(&test.app, &brand, &owner).await;
        let tenth = answer(&test.app, place(&brand), &half, totp(authenticator.digits())).await;
        assert_eq!(word(&tenth), "Closed", "{:?}: ten were wrong", test.engine);
    }
}

#[tokio::test]
async fn five_wrong_recovery_codes_end_the_sign_in() {
    for test in TestApp::both().await {
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let authenticator = brand.authenticator(&owner).await;
        let half = half_open(&test.app, &brand, &owner).await;
        for _ in 0..5 {
            let refused = answer(&test.app, place(&brand), &half, wrong_recovery()).await;
            assert!(word(&refused).starts_with("Wrong"), "{}", word(&refused));
        }
        let right = RecoveryCode::parse(authenticator.codes.recovery.expose()).unwrap();
        let sixth = answer(&test.app, place(&brand), &half, Answer::Recovery(right)).await;
        assert_eq!(word(&sixth), "over", "{:?}", test.engine);
    }
}

#[tokio::test]
async fn t13_codes_by_sms_have_an_end_for_the_day_however_many_sign_ins_are_begun() {
    for test in TestApp::both().await {
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        brand.authenticator(&owner).await;
        brand.confirm_phone(&owner).await;
        let mut sent = 0;
        for _ in 0..5 {
            let half = half_open(&test.app, &brand, &owner).await;
            for _ in 0..5 {
                if let SmsCodeAsked::Sent { .. } = send(&test.app, place(&brand), &half, None).await.unwrap()
                {
                    sent += 1;
                }
            }
        }
        assert_eq!(sent, 10, "{:?}", test.engine);
        test.clock.advance(Duration::from_secs(24 * 3600));
        let half = half_open(&test.app, &brand, &owner).await;
        let next_day = send(&test.app, place(&brand), &half, None).await.unwrap();
        assert!(matches!(next_day, SmsCodeAsked::Sent { .. }), "{next_day:?}");
    }
}
