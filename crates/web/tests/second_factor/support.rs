//! What these tests do again and again.

use countersign_app::passwords::Password;
use countersign_app::second_factor::Answer;
use countersign_app::sign_in::second_step::{SecondStep, SecondStepDone, second_step};
use countersign_app::sign_in::session::{PortalSession, resume_portal};
use countersign_app::sign_in::{Place, SignIn, SignInStep, SignedIn, desk, portal};
use countersign_app::{App, AppError};
use countersign_domain::pin::Digits;
use countersign_testkit::{PASSWORD, TestBrand, TestPerson, TestStaff};

pub(crate) fn typed(username: &str, password: &str, device: Option<&str>) -> SignIn {
    SignIn {
        username: username.to_owned(),
        password: Password::typed(password.to_owned()).unwrap(),
        address: "192.0.2.7".parse().unwrap(),
        browser: "Firefox on Linux".to_owned(),
        known_browser: None,
        device: device.map(str::to_owned),
        request_id: None,
    }
}

/// The first step in the portal, with the right password.
pub(crate) async fn first_step(
    app: &App,
    brand: &TestBrand<'_>,
    person: &TestPerson,
    device: Option<&str>,
) -> Result<SignInStep, AppError> {
    portal::sign_in(app, &brand.entry, typed(&person.username, PASSWORD, device)).await
}

/// The token of a half-open sign-in in the portal.
pub(crate) async fn half_open(app: &App, brand: &TestBrand<'_>, person: &TestPerson) -> String {
    match first_step(app, brand, person, None).await.unwrap() {
        SignInStep::SecondFactor(half) => half.token.expose().to_owned(),
        SignInStep::Done(_) => panic!("the second factor was not asked for"),
    }
}

/// A session in the portal of somebody without a second factor.
pub(crate) async fn session(
    app: &App,
    brand: &TestBrand<'_>,
    person: &TestPerson,
) -> (String, PortalSession) {
    match first_step(app, brand, person, None).await.unwrap() {
        SignInStep::Done(signed_in) => resumed(app, brand, signed_in.token.expose()).await,
        SignInStep::SecondFactor(_) => panic!("a second factor was asked for"),
    }
}

pub(crate) async fn resumed(app: &App, brand: &TestBrand<'_>, token: &str) -> (String, PortalSession) {
    let session = resume_portal(app, &brand.entry, token).await.unwrap();
    (token.to_owned(), session.unwrap())
}

pub(crate) fn place(brand: &TestBrand<'_>) -> Place {
    Place::Portal(brand.entry.brand.id)
}

pub(crate) async fn answer(app: &App, place: Place, half_open: &str, answer: Answer) -> SecondStepDone {
    let asked = SecondStep {
        place,
        half_open: half_open.to_owned(),
        answer,
        remember: false,
        request_id: None,
    };
    second_step(app, asked).await.unwrap()
}

/// As [`answer`], for many at once: where the pool of connections is too small for them all, some are told to come back, which
/// is no sign-in either.
pub(crate) async fn raced(app: &App, place: Place, half_open: &str, answer: Answer) -> String {
    let asked = SecondStep {
        place,
        half_open: half_open.to_owned(),
        answer,
        remember: false,
        request_id: None,
    };
    match second_step(app, asked).await {
        Ok(step) => word(&step),
        Err(AppError::Unavailable(_)) => "unavailable".to_owned(),
        Err(error) => panic!("{error}"),
    }
}

pub(crate) async fn answer_and_remember(
    app: &App,
    place: Place,
    half_open: &str,
    answer: Answer,
) -> SecondStepDone {
    let asked = SecondStep {
        place,
        half_open: half_open.to_owned(),
        answer,
        remember: true,
        request_id: None,
    };
    second_step(app, asked).await.unwrap()
}

pub(crate) fn done(step: SecondStepDone) -> SignedIn {
    match step {
        SecondStepDone::SignedIn(signed_in) => signed_in,
        SecondStepDone::Refused { why, .. } => panic!("refused: {why:?}"),
        SecondStepDone::Over => panic!("the half-open sign-in is over"),
    }
}

/// The word for what came of a second step.
pub(crate) fn word(step: &SecondStepDone) -> String {
    match step {
        SecondStepDone::SignedIn(_) => "signed in".to_owned(),
        SecondStepDone::Refused { why, .. } => format!("{why:?}"),
        SecondStepDone::Over => "over".to_owned(),
    }
}

pub(crate) fn totp(digits: Digits) -> Answer {
    Answer::Totp(digits)
}

/// The first step at the desk, with the right password.
pub(crate) async fn first_step_at_the_desk(app: &App, member: &TestStaff) -> SignInStep {
    desk::sign_in(app, typed(&member.username, PASSWORD, None))
        .await
        .unwrap()
}
