//! *Forgot password?* (A2) and the page that the mailed link leads to, with a new PIN where the policy says so (B2).
//!
//! The link's token leaves the address at once, for a cookie that no script reads: it stands in no history, no log of a
//! proxy behind this one and no `Referer`. Opening the link uses nothing up, so a mail scanner may.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use countersign_app::AppError;
use countersign_app::passwords::Password;
use countersign_app::passwords::change::{around, rules_for};
use countersign_app::passwords::meter::meter;
use countersign_app::passwords::reset::{AskReset, LINK_MINUTES, Reset, ask, finish, look, offers_pin_to};
use countersign_domain::password::{Rule, Rules};
use countersign_domain::person::Person;
use countersign_domain::pin::{self, Digits};
use http::HeaderMap;
use serde::Deserialize;

use super::password::{Told, Wish, made, shortest, told};
use super::support_pin::rules_of;
use crate::Web;
use crate::error::Problem;
use crate::extract::{AtBrand, Query};
use crate::page::{Away, Cookie, Door, Sent, page, page_about, sign_in_error, with_cookie};
use crate::views::layout::{Face, PinState};
use crate::views::password::{ForgotPassword, NewPassword, PasswordProblem, ResetOf, ResetPassword};
use crate::views::portal::{PinProblem, PinSection};

/// What the mailed address says.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Mailed {
    #[serde(default)]
    token: String,
    #[serde(default)]
    make: String,
}

/// Shows *Forgot password?*
pub(super) async fn forgot(_: AtBrand, door: Door) -> Result<Response, Away> {
    let view = ForgotPassword {
        layout: door.layout(Face::Portal),
        username: String::new(),
        asked: false,
        error: None,
    };
    Ok(door.remember(page(&view)?))
}

/// Sends the link, and says the same whoever it was.
pub(super) async fn send(
    State(web): State<Web>,
    AtBrand(brand): AtBrand,
    Sent { visit: door, form }: Sent<Door>,
) -> Result<Response, Away> {
    let username: String = form.text("username").chars().take(254).collect();
    let asked = AskReset {
        who: username.clone(),
        base_url: web.settings.address_of(&brand.brand),
        address: door.address,
        request_id: Some(door.request_id.clone()),
    };
    let done = ask(&web.app, &brand, asked).await;
    let error = match &done {
        Ok(()) => None,
        Err(error) => sign_in_error(error),
    };
    let view = ForgotPassword {
        layout: door.layout(Face::Portal),
        username,
        asked: done.is_ok(),
        error,
    };
    match done {
        Ok(()) => page(&view),
        Err(error @ AppError::Throttled { .. }) => page_about(&Problem::from(error), &view),
        Err(error) => Err(error.into()),
    }
}

/// Opens the mailed link: first without its token in the address, then the form.
pub(super) async fn show(
    State(web): State<Web>,
    AtBrand(brand): AtBrand,
    headers: HeaderMap,
    door: Door,
    Query(mailed): Query<Mailed>,
) -> Result<Response, Away> {
    let https = web.settings.https;
    if !mailed.token.is_empty() {
        let kept = Cookie::Reset.set_for(&mailed.token, LINK_MINUTES * 60, https);
        return Ok(with_cookie(Redirect::to("/reset-password").into_response(), kept));
    }
    let token = Cookie::Reset.read(&headers, https).unwrap_or_default();
    let Some(person) = look(&web.app, &brand, token).await? else {
        return gone(&door);
    };
    let rules = rules_for(&web.app, &brand, &person).await?;
    let offers = offers_pin_to(&web.app, &brand, &person).await?;
    let mut who = of(&brand, &person, (rules, offers), Vec::new(), None);
    who.new.made = made(&web, &Wish { make: mailed.make })?;
    let view = ResetPassword {
        layout: door.layout(Face::Portal),
        who: Some(who),
    };
    Ok(door.remember(page(&view)?))
}

/// Sets the new password, or shows the form again with what is wrong.
pub(super) async fn submit(
    State(web): State<Web>,
    AtBrand(brand): AtBrand,
    headers: HeaderMap,
    Sent { visit: door, form }: Sent<Door>,
) -> Result<Response, Away> {
    let https = web.settings.https;
    let token = Cookie::Reset.read(&headers, https).unwrap_or_default();
    let Some(person) = look(&web.app, &brand, token).await? else {
        return gone(&door);
    };
    let rules = rules_for(&web.app, &brand, &person).await?;
    let offers = offers_pin_to(&web.app, &brand, &person).await?;
    let again = |problems, pin_problem, status: &Problem| {
        let view = ResetPassword {
            layout: door.layout(Face::Portal),
            who: Some(of(&brand, &person, (rules, offers), problems, pin_problem)),
        };
        page_about(status, &view)
    };
    if form.text("new_password").is_empty() {
        let status = AppError::invalid("new_password", "type the new password").into();
        return again(vec![PasswordProblem::Empty], None, &status);
    }
    let new = match Password::typed(form.text("new_password").to_owned()) {
        Ok(new) => new,
        Err(error) => return again(vec![PasswordProblem::Breaks(Rule::TooLong)], None, &error.into()),
    };
    let pin = match form.text("pin").trim() {
        "" => None,
        typed => match Digits::parse(typed) {
            Ok(digits) => Some(digits),
            Err(_) => {
                let status = AppError::invalid("pin", "use digits only").into();
                return again(Vec::new(), Some((PinProblem::NotDigits, None)), &status);
            }
        },
    };
    let asked = Reset {
        token: token.to_owned(),
        new,
        pin,
        request_id: Some(door.request_id.clone()),
    };
    match finish(&web.app, &brand, asked).await {
        Ok(()) => {
            let response = Redirect::to("/sign-in?why=password-reset").into_response();
            let response = with_cookie(response, Cookie::Reset.clear(https));
            Ok(with_cookie(response, Cookie::Portal.clear(https)))
        }
        Err(AppError::PasswordRules(broken)) => {
            let problems = broken.iter().copied().map(PasswordProblem::Breaks).collect();
            again(problems, None, &AppError::PasswordRules(broken).into())
        }
        Err(AppError::PinRules(broken)) => {
            let status = AppError::PinRules(broken.clone()).into();
            again(Vec::new(), Some((PinProblem::BreaksRules, Some(broken))), &status)
        }
        Err(AppError::NotFound(_)) => gone(&door),
        Err(error) => Err(error.into()),
    }
}

/// How strong what is being typed is, for the page's script.
pub(super) async fn strength(
    State(web): State<Web>,
    AtBrand(brand): AtBrand,
    headers: HeaderMap,
    Sent { visit: door, form }: Sent<Door>,
) -> Result<Json<Told>, Away> {
    let token = Cookie::Reset
        .read(&headers, web.settings.https)
        .unwrap_or_default();
    let Some(person) = look(&web.app, &brand, token).await? else {
        return Err(AppError::NotFound("the link").into());
    };
    let password = Password::typed(form.text("new_password").to_owned())?;
    let around = around(brand.brand.name.as_str(), &person);
    let rules = rules_for(&web.app, &brand, &person).await?;
    let verdict = meter(&web.app, &password, rules, &around, door.address).await?;
    Ok(Json(told(&door.reader.words, &verdict, shortest(rules.shortest))))
}

fn gone(door: &Door) -> Result<Response, Away> {
    let view = ResetPassword {
        layout: door.layout(Face::Portal),
        who: None,
    };
    let response = page_about(&Problem::not_found("the link is used or too old"), &view)?;
    Ok(with_cookie(
        response,
        Cookie::Reset.clear(door.web.settings.https),
    ))
}

fn of(
    brand: &countersign_app::directory::BrandEntry,
    person: &Person,
    (rules, offers_pin): (Rules, bool),
    problems: Vec<PasswordProblem>,
    pin_problem: Option<(PinProblem, Option<Vec<pin::Rule>>)>,
) -> ResetOf {
    let (problem, broken) = pin_problem.map_or((None, None), |(problem, broken)| (Some(problem), broken));
    ResetOf {
        username: person
            .username
            .as_ref()
            .map_or_else(String::new, ToString::to_string),
        new: NewPassword {
            shortest: shortest(rules.shortest),
            problems,
            made: None,
            strength_at: "/reset-password/strength",
            make_at: "/reset-password?make=1",
        },
        pin: offers_pin.then(|| PinSection {
            state: PinState::Absent,
            may_choose: true,
            may_generate: false,
            changed: None,
            length: brand.policy.support_pin.length.into(),
            rules: rules_of(&brand.policy, broken.as_deref()),
            problem,
            proof_at: None,
        }),
    }
}
