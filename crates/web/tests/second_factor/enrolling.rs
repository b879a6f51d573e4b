use std::time::Duration;

use countersign_app::AppError;
use countersign_app::second_factor::enrol::{self, Confirmation};
use countersign_app::second_factor::{disable, overview, reset};
use countersign_app::sign_in::SignInStep;
use countersign_app::sign_in::session::resume_portal;
use countersign_domain::factor::TotpSecret;
use countersign_domain::factor::sign_in::{Proof, SetUp};
use countersign_domain::pin::Digits;
use countersign_domain::policy::Preset;
use countersign_testkit::TestApp;

use crate::support::{answer, done, first_step, half_open, place, resumed, session, totp};

/// The secret that a page shows, as an authenticator takes it.
fn scanned(key_text: &str) -> TotpSecret {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for letter in key_text.chars().filter(|letter| *letter != ' ') {
        bits = (bits << 5) | u32::try_from(alphabet.find(letter).unwrap()).unwrap();
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).unwrap());
        }
    }
    TotpSecret::from_slice(&bytes).unwrap()
}

#[tokio::test]
async fn c2_an_authenticator_is_on_only_after_one_good_code_and_everything_else_is_signed_out() {
    for test in TestApp::both().await {
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let (elsewhere, _) = session(&test.app, &brand, &owner).await;
        let (token, here) = session(&test.app, &brand, &owner).await;
        let proven = here.proven(&test.app, false).unwrap();
        let shown = enrol::start(&test.app, &here.caller, &proven).await.unwrap();
        assert!(shown.url.starts_with("otpauth://totp/Brand%20"), "{}", *shown.url);
        assert!(shown.url.contains(&format!(":{}?secret=", owner.username)));
        let once_more = enrol::waiting(&test.app, &here.caller, &proven)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            *once_more.key_text, *shown.key_text,
            "a reload shows the same key"
        );
        let seen = overview::overview(&test.app, &here.caller).await.unwrap();
        assert!(!seen.factors.any(), "not before a good code");
        let secret = scanned(&shown.key_text);
        let shifted = Digits::parse(
            secret
                .code_at(test.clock.set_at().minus(Duration::from_secs(90)))
                .unwrap()
                .expose(),
        );
        let wrong = enrol::confirm(&test.app, &here.caller, &here.held, shifted.unwrap())
            .await
            .unwrap();
        assert!(matches!(
            wrong,
            Confirmation::Wrong {
                drift_seconds: Some(-90),
                ..
            }
        ));
        let good = secret.code_at(test.clock.set_at()).unwrap();
        let confirmed = enrol::confirm(&test.app, &here.caller, &here.held, good)
            .await
            .unwrap();
        let Confirmation::Confirmed { codes, token: new } = confirmed else {
            panic!("it was the right code")
        };
        assert_eq!(codes.backup.len(), 10);
        for old in [&token, &elsewhere] {
            assert!(
                resume_portal(&test.app, &brand.entry, old)
                    .await
                    .unwrap()
                    .is_none(),
                "{:?}",
                test.engine
            );
        }
        let (_, session) = resumed(&test.app, &brand, new.expose()).await;
        assert_eq!(
            (session.held.proof, session.held.set_up),
            (Proof::SecondFactor, SetUp::NotDue)
        );
        half_open(&test.app, &brand, &owner).await;
        let sent = test.sent().await;
        let mail = sent.last().unwrap();
        assert!(
            mail.text.contains("Two-factor authentication was set up"),
            "{}",
            mail.text
        );
        assert!(!mail.text.contains(shown.key_text.as_str()) && !mail.text.contains(codes.recovery.expose()));
    }
}

#[tokio::test]
async fn the_code_that_confirmed_does_not_sign_in_as_well() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let (_, here) = session(&test.app, &brand, &owner).await;
    let proven = here.proven(&test.app, false).unwrap();
    let shown = enrol::start(&test.app, &here.caller, &proven).await.unwrap();
    let secret = scanned(&shown.key_text);
    let code = || secret.code_at(test.clock.set_at()).unwrap();
    enrol::confirm(&test.app, &here.caller, &here.held, code())
        .await
        .unwrap();
    let half = half_open(&test.app, &brand, &owner).await;
    let replayed = answer(&test.app, place(&brand), &half, totp(code())).await;
    assert_eq!(crate::support::word(&replayed), "AlreadyUsed");
}

#[tokio::test]
async fn c1_whoever_proves_themselves_switches_it_off_and_signs_in_by_password_again() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let authenticator = brand.authenticator(&owner).await;
    let half = half_open(&test.app, &brand, &owner).await;
    let signed_in = done(answer(&test.app, place(&brand), &half, totp(authenticator.digits())).await);
    let (_, here) = resumed(&test.app, &brand, signed_in.token.expose()).await;
    let proven = here.proven(&test.app, false).unwrap();
    disable::disable(&test.app, &here.caller, &proven).await.unwrap();
    let step = first_step(&test.app, &brand, &owner, None).await.unwrap();
    assert!(matches!(step, SignInStep::Done(signed_in) if signed_in.set_up == SetUp::NotDue));
    let twice = disable::disable(&test.app, &here.caller, &proven).await;
    assert!(matches!(twice, Err(AppError::NotFound(_))));
    let sent = test.sent().await;
    assert!(
        sent.last()
            .unwrap()
            .text
            .contains("was switched off for your sign-in")
    );
}

#[tokio::test]
async fn where_the_policy_requires_one_the_last_factor_stays() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::Strict).await;
    let owner = brand.owner().await;
    let authenticator = brand.authenticator(&owner).await;
    let half = half_open(&test.app, &brand, &owner).await;
    let signed_in = done(answer(&test.app, place(&brand), &half, totp(authenticator.digits())).await);
    let (_, here) = resumed(&test.app, &brand, signed_in.token.expose()).await;
    let proven = here.proven(&test.app, false).unwrap();
    let refused = disable::disable(&test.app, &here.caller, &proven).await;
    assert!(matches!(refused, Err(AppError::PolicyRefuses(_))));
}

#[tokio::test]
async fn c7_after_a_reset_the_password_signs_in_and_the_person_is_asked_to_set_up_anew() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let authenticator = brand.authenticator(&owner).await;
    let half = half_open(&test.app, &brand, &owner).await;
    let signed_in = done(answer(&test.app, place(&brand), &half, totp(authenticator.digits())).await);
    let refused = reset::reset(&test.app, &brand.caller(&owner), brand.subject(&owner)).await;
    assert!(
        matches!(refused, Err(AppError::Forbidden(_))),
        "nobody does it for themselves"
    );
    reset::reset(&test.app, &brand.system(), brand.subject(&owner))
        .await
        .unwrap();
    let old = resume_portal(&test.app, &brand.entry, signed_in.token.expose())
        .await
        .unwrap();
    assert!(old.is_none(), "everything that was signed in is not any more");
    let step = first_step(&test.app, &brand, &owner, None).await.unwrap();
    assert!(matches!(step, SignInStep::Done(signed_in) if signed_in.set_up == SetUp::Asked));
    let sent = test.sent().await;
    assert!(sent.last().unwrap().text.contains("Support switched off"));
}

#[tokio::test]
async fn an_enrolment_that_waits_too_long_or_meets_too_many_wrong_codes_is_over() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let (_, here) = session(&test.app, &brand, &owner).await;
    let proven = here.proven(&test.app, false).unwrap();
    let confirm = async |code: Digits| {
        enrol::confirm(&test.app, &here.caller, &here.held, code)
            .await
            .unwrap()
    };
    let some = || Digits::parse("000000").unwrap();
    assert!(
        matches!(confirm(some()).await, Confirmation::Over),
        "nothing was begun"
    );
    let shown = enrol::start(&test.app, &here.caller, &proven).await.unwrap();
    let secret = scanned(&shown.key_text);
    for _ in 0..10 {
        let far = secret
            .code_at(test.clock.set_at().plus(Duration::from_secs(90_000)))
            .unwrap();
        assert!(matches!(confirm(far).await, Confirmation::Wrong { .. }));
    }
    assert!(matches!(
        confirm(secret.code_at(test.clock.set_at()).unwrap()).await,
        Confirmation::Over
    ));
    let shown = enrol::start(&test.app, &here.caller, &proven).await.unwrap();
    let secret = scanned(&shown.key_text);
    test.clock.advance(Duration::from_secs(3600));
    assert!(matches!(
        confirm(secret.code_at(test.clock.set_at()).unwrap()).await,
        Confirmation::Over
    ));
}
