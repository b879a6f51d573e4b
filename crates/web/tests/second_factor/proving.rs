use std::time::Duration;

use countersign_app::passwords::Password;
use countersign_app::second_factor::Answer;
use countersign_app::sign_in::SignInStep;
use countersign_app::sign_in::prove::{Proved, Proving, prove};
use countersign_app::sign_in::session::resume_portal;
use countersign_domain::factor::BackupCode;
use countersign_domain::factor::sign_in::Proof;
use countersign_domain::policy::Preset;
use countersign_testkit::{PASSWORD, TestApp};

use crate::support::{answer_and_remember, done, first_step, half_open, place, resumed, session, totp};

fn by_password(text: &str) -> Proving {
    Proving::Password {
        password: Password::typed(text.to_owned()).unwrap(),
        address: "192.0.2.7".parse().unwrap(),
    }
}

#[tokio::test]
async fn b4_e47_the_password_proves_anew_and_the_session_gets_a_new_token() {
    for test in TestApp::both().await {
        let brand = test.brand(Preset::TelecomAdminPin).await;
        let owner = brand.owner().await;
        let (old, here) = session(&test.app, &brand, &owner).await;
        test.clock.advance(Duration::from_secs(300));
        assert!(here.proven(&test.app, false).is_none());
        let wrong = prove(
            &test.app,
            &here.caller,
            &here.held,
            by_password("not the password"),
        )
        .await
        .unwrap();
        assert!(matches!(wrong, Proved::WrongPassword));
        let right = prove(&test.app, &here.caller, &here.held, by_password(PASSWORD))
            .await
            .unwrap();
        let Proved::Done(new) = right else {
            panic!("it was the right password")
        };
        assert!(
            resume_portal(&test.app, &brand.entry, &old)
                .await
                .unwrap()
                .is_none(),
            "{:?}",
            test.engine
        );
        let (_, again) = resumed(&test.app, &brand, new.expose()).await;
        assert_eq!(
            (again.id, again.csrf.clone()),
            (here.id, here.csrf.clone()),
            "it is the same session"
        );
        assert!(again.proven(&test.app, false).is_some());
        assert!(again.proven(&test.app, true).is_some(), "proved this very moment");
        test.clock.advance(Duration::from_secs(61));
        assert!(
            again.proven(&test.app, true).is_none(),
            "b4: what always asks does not wait five minutes"
        );
    }
}

#[tokio::test]
async fn many_wrong_passwords_in_a_session_are_throttled() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let (_, here) = session(&test.app, &brand, &owner).await;
    for _ in 0..5 {
        prove(
            &test.app,
            &here.caller,
            &here.held,
            by_password("not the password"),
        )
        .await
        .unwrap();
    }
    let sixth = prove(&test.app, &here.caller, &here.held, by_password(PASSWORD)).await;
    assert!(matches!(sixth, Err(countersign_app::AppError::Throttled { .. })));
    assert!(
        first_step(&test.app, &brand, &owner, None).await.is_ok(),
        "t14: signing in has its own counts"
    );
}

#[tokio::test]
async fn d5_where_a_device_stood_in_the_password_is_not_enough_and_a_code_is() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let authenticator = brand.authenticator(&owner).await;
    let half = half_open(&test.app, &brand, &owner).await;
    let signed_in =
        done(answer_and_remember(&test.app, place(&brand), &half, totp(authenticator.digits())).await);
    let device = signed_in.device.unwrap();
    let step = first_step(&test.app, &brand, &owner, Some(device.expose()))
        .await
        .unwrap();
    let SignInStep::Done(by_device) = step else {
        panic!("the device stands in")
    };
    let (_, here) = resumed(&test.app, &brand, by_device.token.expose()).await;
    let refused = prove(&test.app, &here.caller, &here.held, by_password(PASSWORD))
        .await
        .unwrap();
    assert!(matches!(refused, Proved::NeedsCode));
    let replayed = prove(
        &test.app,
        &here.caller,
        &here.held,
        Proving::Code(totp(authenticator.digits())),
    )
    .await;
    assert!(
        matches!(replayed.unwrap(), Proved::WrongCode { .. }),
        "that code signed in before"
    );
    let code = BackupCode::parse(authenticator.codes.backup[0].expose()).unwrap();
    let proved = prove(
        &test.app,
        &here.caller,
        &here.held,
        Proving::Code(Answer::Backup(code)),
    )
    .await;
    let Proved::Done(new) = proved.unwrap() else {
        panic!("a backup code is a second factor")
    };
    let (_, again) = resumed(&test.app, &brand, new.expose()).await;
    assert_eq!(again.held.proof, Proof::SecondFactor);
    assert!(again.proven(&test.app, false).is_some());
}
