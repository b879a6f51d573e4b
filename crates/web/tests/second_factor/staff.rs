use countersign_app::passwords::Password;
use countersign_app::sign_in::session::resume_desk;
use countersign_app::sign_in::{Place, SignInStep};
use countersign_app::staff::reset_password::reset_password;
use countersign_domain::factor::sign_in::{Proof, SetUp};
use countersign_domain::person::Username;
use countersign_domain::policy::Preset;
use countersign_domain::staff::StaffRole;
use countersign_testkit::{Engine, TestApp};

use crate::support::{answer, done, first_step_at_the_desk, totp, word};

#[tokio::test]
async fn staff_set_up_a_second_factor_at_their_first_sign_in_and_are_asked_for_it_from_then_on() {
    for engine in Engine::BOTH {
        let test = TestApp::with_second_factor_for_staff(engine).await;
        let brand = test.brand(Preset::CloudUserPin).await;
        let agent = brand.newcomer(StaffRole::Agent).await;
        let SignInStep::Done(first) = first_step_at_the_desk(&test.app, &agent).await else {
            panic!("there is nothing to ask for yet")
        };
        assert_eq!(first.set_up, SetUp::Required);
        let desk = resume_desk(&test.app, first.token.expose())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(desk.held.set_up, SetUp::Required, "the desk shows nothing else");
        let authenticator = brand.staff_authenticator(&agent).await;
        let SignInStep::SecondFactor(half) = first_step_at_the_desk(&test.app, &agent).await else {
            panic!("the second factor is asked for")
        };
        let signed_in = done(
            answer(
                &test.app,
                Place::Desk,
                half.token.expose(),
                totp(authenticator.digits()),
            )
            .await,
        );
        let desk = resume_desk(&test.app, signed_in.token.expose())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (desk.held.proof, desk.held.set_up),
            (Proof::SecondFactor, SetUp::NotDue)
        );
        assert!(desk.proven(&test.app).is_some());
    }
}

#[tokio::test]
async fn a_new_password_ends_what_is_half_open() {
    let test = TestApp::with_second_factor_for_staff(Engine::Sqlite).await;
    let brand = test.brand(Preset::CloudUserPin).await;
    let agent = brand.newcomer(StaffRole::Agent).await;
    let authenticator = brand.staff_authenticator(&agent).await;
    let SignInStep::SecondFactor(half) = first_step_at_the_desk(&test.app, &agent).await else {
        panic!("the second factor is asked for")
    };
    let new = Password::typed("another long password".to_owned()).unwrap();
    reset_password(&test.app, &Username::parse(&agent.username).unwrap(), new)
        .await
        .unwrap();
    let over = answer(
        &test.app,
        Place::Desk,
        half.token.expose(),
        totp(authenticator.digits()),
    )
    .await;
    assert_eq!(word(&over), "over");
}
