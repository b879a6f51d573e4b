use std::time::Duration;

use countersign_app::second_factor::{devices, reset};
use countersign_app::sign_in::SignInStep;
use countersign_app::{App, AppError};
use countersign_domain::factor::sign_in::Proof;
use countersign_domain::policy::Preset;
use countersign_testkit::{Authenticator, TestApp, TestBrand, TestPerson};

use crate::support::{answer_and_remember, done, first_step, half_open, place, resumed, session, totp};

async fn remembered(
    app: &App,
    brand: &TestBrand<'_>,
    person: &TestPerson,
    authenticator: &Authenticator,
) -> String {
    let half = half_open(app, brand, person).await;
    let signed_in = done(answer_and_remember(app, place(brand), &half, totp(authenticator.digits())).await);
    signed_in.device.unwrap().expose().to_owned()
}

/// The new token of a device that stood in for the second factor; none where it was asked for.
async fn stands_in(app: &App, brand: &TestBrand<'_>, person: &TestPerson, token: &str) -> Option<String> {
    match first_step(app, brand, person, Some(token)).await.unwrap() {
        SignInStep::Done(signed_in) => {
            let (_, session) = resumed(app, brand, signed_in.token.expose()).await;
            assert_eq!(session.held.proof, Proof::Device);
            assert!(
                session.proven(app, false).is_none(),
                "d5: a device proves nothing"
            );
            Some(signed_in.device.unwrap().expose().to_owned())
        }
        SignInStep::SecondFactor(_) => None,
    }
}

#[tokio::test]
async fn c4_e46_a_device_stands_in_for_thirty_days_with_a_new_token_each_time() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let authenticator = brand.authenticator(&owner).await;
    let first = remembered(&test.app, &brand, &owner, &authenticator).await;
    let second = stands_in(&test.app, &brand, &owner, &first).await.unwrap();
    assert_ne!(first, second);
    test.clock.advance(Duration::from_secs(30 * 86_400 - 60));
    let third = stands_in(&test.app, &brand, &owner, &second).await.unwrap();
    test.clock.advance(Duration::from_secs(120));
    assert_eq!(
        stands_in(&test.app, &brand, &owner, &third).await,
        None,
        "using it does not prolong it"
    );
}

#[tokio::test]
async fn e46_a_copy_that_is_used_after_the_token_was_replaced_ends_the_family() {
    for test in TestApp::both().await {
        let brand = test.brand(Preset::CloudUserPin).await;
        let owner = brand.owner().await;
        let authenticator = brand.authenticator(&owner).await;
        let stolen = remembered(&test.app, &brand, &owner, &authenticator).await;
        let newest = stands_in(&test.app, &brand, &owner, &stolen).await.unwrap();
        assert_eq!(stands_in(&test.app, &brand, &owner, &stolen).await, None);
        assert_eq!(
            stands_in(&test.app, &brand, &owner, &newest).await,
            None,
            "{:?}",
            test.engine
        );
        let sent = test.sent().await;
        assert!(
            sent.last().unwrap().text.contains("used from two places"),
            "its owner is told"
        );
    }
}

#[tokio::test]
async fn e46_tampered_tokens_anothers_and_none_before_the_second_factor() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let (owner, other) = (brand.owner().await, brand.owner().await);
    let (mine, theirs) = (
        brand.authenticator(&owner).await,
        brand.authenticator(&other).await,
    );
    let token = remembered(&test.app, &brand, &owner, &mine).await;
    let anothers = remembered(&test.app, &brand, &other, &theirs).await;
    for index in 0..token.len() {
        let mut letters: Vec<char> = token.chars().collect();
        letters[index] = if letters[index] == 'A' { 'B' } else { 'A' };
        let tampered: String = letters.into_iter().collect();
        assert_eq!(stands_in(&test.app, &brand, &owner, &tampered).await, None);
    }
    assert_eq!(stands_in(&test.app, &brand, &owner, &anothers).await, None);
    assert!(
        stands_in(&test.app, &brand, &other, &anothers).await.is_some(),
        "and it stays theirs"
    );
    assert!(stands_in(&test.app, &brand, &owner, &token).await.is_some());
}

#[tokio::test]
async fn c4_devices_are_listed_removed_and_end_with_the_factor() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let owner = brand.owner().await;
    let authenticator = brand.authenticator(&owner).await;
    let one = remembered(&test.app, &brand, &owner, &authenticator).await;
    test.clock.advance(Duration::from_secs(30));
    let two = remembered(&test.app, &brand, &owner, &authenticator).await;
    let caller = brand.caller(&owner);
    let listed = devices::list(&test.app, &caller, Some(&one)).await.unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(
        listed.iter().map(|device| device.this_one).collect::<Vec<_>>(),
        [false, true]
    );
    let stranger = brand.owner().await;
    let refused = devices::remove(&test.app, &brand.caller(&stranger), listed[1].id).await;
    assert!(matches!(refused, Err(AppError::NotFound(_))));
    devices::remove(&test.app, &caller, listed[1].id).await.unwrap();
    assert_eq!(stands_in(&test.app, &brand, &owner, &one).await, None);
    let three = stands_in(&test.app, &brand, &owner, &two).await.unwrap();
    reset::reset(&test.app, &brand.system(), brand.subject(&owner))
        .await
        .unwrap();
    brand.authenticator(&owner).await;
    assert_eq!(
        stands_in(&test.app, &brand, &owner, &three).await,
        None,
        "a device of another factor"
    );
}

#[tokio::test]
async fn a_policy_that_remembers_no_device_remembers_none() {
    let test = TestApp::sqlite().await;
    let brand = test.brand(Preset::Strict).await;
    let owner = brand.owner().await;
    let authenticator = brand.authenticator(&owner).await;
    let half = half_open(&test.app, &brand, &owner).await;
    let signed_in =
        done(answer_and_remember(&test.app, place(&brand), &half, totp(authenticator.digits())).await);
    assert!(signed_in.device.is_none());
    let plain = test.brand(Preset::CloudUserPin).await;
    let person = plain.owner().await;
    session(&test.app, &plain, &person).await;
    assert!(
        devices::list(&test.app, &plain.caller(&person), None)
            .await
            .unwrap()
            .is_empty()
    );
}
