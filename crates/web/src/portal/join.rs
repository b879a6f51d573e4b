//! The page that an invitation opens: user name, password, and the Support PIN where the policy has it set at the beginning (B2).
//!
//! As with a reset, the link's token leaves the address at once for a cookie that no script reads; opening the link uses nothing
//! up, so a mail scanner may.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use countersign_app::AppError;
use countersign_app::directory::BrandEntry;
use countersign_app::passwords::Password;
use countersign_app::passwords::change::{around, rules_for};
use countersign_app::passwords::meter::meter;
use countersign_app::team::join::{Invitation, Join as Chosen, join, look};
use countersign_domain::password::{Rule, Rules};
use countersign_domain::person::Username;
use countersign_domain::pin::{self, Digits};
use http::HeaderMap;
use serde::Deserialize;

use super::password::{Told, Wish, made, shortest, told};
use super::support_pin::rules_of;
use crate::Web;
use crate::error::Problem;
use crate::extract::{AtBrand, Query};
use crate::page::{Away, Cookie, Door, Sent, page, page_about, with_cookie};
use crate::views::layout::{Face, PinState};
use crate::views::password::{NewPassword, PasswordProblem};
use crate::views::portal::{PinProblem, PinSection};
use crate::views::team::{Join, JoinOf, UsernameProblem};

/// How long the browser keeps the token once the link was opened.
const KEPT_SECONDS: u64 = 3600;

/// What the mailed address says.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Mailed {
    #[serde(default)]
    token: String,
    #[serde(default)]
    make: String,
}

/// What is wrong with what was chosen.
#[derive(Default)]
struct Wrong {
    username: Option<UsernameProblem>,
    password: Vec<PasswordProblem>,
    pin: Option<(PinProblem, Option<Vec<pin::Rule>>)>,
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
        let kept = Cookie::Invitation.set_for(&mailed.token, KEPT_SECONDS, https);
        return Ok(with_cookie(Redirect::to("/invitation").into_response(), kept));
    }
    let token = Cookie::Invitation.read(&headers, https).unwrap_or_default();
    let Some(invitation) = look(&web.app, &brand, token).await? else {
        return gone(&door);
    };
    let rules = rules_for(&web.app, &brand, &invitation.person).await?;
    let mut who = of(&brand, &invitation, rules, "", Wrong::default());
    who.new.made = made(&web, &Wish { make: mailed.make })?;
    let view = Join {
        layout: door.layout(Face::Portal),
        who: Some(who),
    };
    Ok(door.remember(page(&view)?))
}

/// Takes what was chosen, or shows the form again with what is wrong.
pub(super) async fn submit(
    State(web): State<Web>,
    AtBrand(brand): AtBrand,
    headers: HeaderMap,
    Sent { visit: door, form }: Sent<Door>,
) -> Result<Response, Away> {
    let https = web.settings.https;
    let token = Cookie::Invitation.read(&headers, https).unwrap_or_default();
    let Some(invitation) = look(&web.app, &brand, token).await? else {
        return gone(&door);
    };
    let rules = rules_for(&web.app, &brand, &invitation.person).await?;
    let typed = form.text("username");
    let again = |wrong: Wrong, status: &Problem| {
        let view = Join {
            layout: door.layout(Face::Portal),
            who: Some(of(&brand, &invitation, rules, typed, wrong)),
        };
        page_about(status, &view)
    };
    let username = invitation
        .person
        .username
        .clone()
        .map_or_else(|| Username::parse(typed), Ok);
    let (wrong, password, pin) = read(&form, &invitation, username.as_ref().err().copied());
    let (Ok(username), Some(password), true) = (username, password, wrong.none()) else {
        let status = AppError::invalid("person", "see the page").into();
        return again(wrong, &status);
    };
    let chosen = Chosen {
        token: token.to_owned(),
        username,
        password,
        pin,
        request_id: Some(door.request_id.clone()),
    };
    match join(&web.app, &brand, chosen).await {
        Ok(()) => {
            let response = Redirect::to("/sign-in?why=joined").into_response();
            let response = with_cookie(response, Cookie::Invitation.clear(https));
            // Whoever was signed in here was somebody else.
            Ok(with_cookie(response, Cookie::Portal.clear(https)))
        }
        Err(error @ AppError::Conflict(_)) => {
            let username = Some(UsernameProblem::Taken);
            again(
                Wrong {
                    username,
                    ..Wrong::default()
                },
                &error.into(),
            )
        }
        Err(AppError::PasswordRules(broken)) => {
            let password = broken.iter().copied().map(PasswordProblem::Breaks).collect();
            let status = AppError::PasswordRules(broken).into();
            again(
                Wrong {
                    password,
                    ..Wrong::default()
                },
                &status,
            )
        }
        Err(AppError::PinRules(broken)) => {
            let status = AppError::PinRules(broken.clone()).into();
            let pin = Some((PinProblem::BreaksRules, Some(broken)));
            again(
                Wrong {
                    pin,
                    ..Wrong::default()
                },
                &status,
            )
        }
        Err(AppError::NotFound(_)) => gone(&door),
        Err(error) => Err(error.into()),
    }
}

impl Wrong {
    fn none(&self) -> bool {
        self.username.is_none() && self.password.is_empty() && self.pin.is_none()
    }
}

/// Reads what was typed; each field says for itself what is wrong with it.
fn read(
    form: &crate::page::Form,
    invitation: &Invitation,
    username: Option<countersign_domain::person::UsernameError>,
) -> (Wrong, Option<Password>, Option<Digits>) {
    let mut wrong = Wrong {
        username: username.map(UsernameProblem::Reads),
        ..Wrong::default()
    };
    let password = match form.text("new_password") {
        "" => {
            wrong.password.push(PasswordProblem::Empty);
            None
        }
        typed => Password::typed(typed.to_owned()).ok(),
    };
    if password.is_none() && wrong.password.is_empty() {
        wrong.password.push(PasswordProblem::Breaks(Rule::TooLong));
    }
    let pin = Digits::parse(form.text("pin")).ok();
    if invitation.sets_pin && pin.is_none() {
        let problem = if form.text("pin").trim().is_empty() {
            PinProblem::Empty
        } else {
            PinProblem::NotDigits
        };
        wrong.pin = Some((problem, None));
    }
    (wrong, password, pin.filter(|_| invitation.sets_pin))
}

/// How strong what is being typed is, for the page's script.
pub(super) async fn strength(
    State(web): State<Web>,
    AtBrand(brand): AtBrand,
    headers: HeaderMap,
    Sent { visit: door, form }: Sent<Door>,
) -> Result<Json<Told>, Away> {
    let token = Cookie::Invitation
        .read(&headers, web.settings.https)
        .unwrap_or_default();
    let Some(mut invitation) = look(&web.app, &brand, token).await? else {
        return Err(AppError::NotFound("the link").into());
    };
    if invitation.person.username.is_none() {
        invitation.person.username = Username::parse(form.text("username")).ok();
    }
    let password = Password::typed(form.text("new_password").to_owned())?;
    let around = around(brand.brand.name.as_str(), &invitation.person);
    let rules = rules_for(&web.app, &brand, &invitation.person).await?;
    let verdict = meter(&web.app, &password, rules, &around, door.address).await?;
    Ok(Json(told(&door.reader.words, &verdict, shortest(rules.shortest))))
}

fn gone(door: &Door) -> Result<Response, Away> {
    let view = Join {
        layout: door.layout(Face::Portal),
        who: None,
    };
    let response = page_about(&Problem::not_found("the link is used or too old"), &view)?;
    Ok(with_cookie(
        response,
        Cookie::Invitation.clear(door.web.settings.https),
    ))
}

fn of(brand: &BrandEntry, invitation: &Invitation, rules: Rules, typed: &str, wrong: Wrong) -> JoinOf {
    let (problem, broken) = wrong
        .pin
        .map_or((None, None), |(problem, broken)| (Some(problem), broken));
    JoinOf {
        account_number: invitation.account.as_str().to_owned(),
        has_username: invitation.person.username.as_ref().map(ToString::to_string),
        username: typed.chars().take(64).collect(),
        username_problem: wrong.username,
        new: NewPassword {
            shortest: shortest(rules.shortest),
            problems: wrong.password,
            made: None,
            strength_at: "/invitation/strength",
            make_at: "/invitation?make=1",
        },
        pin: invitation.sets_pin.then(|| PinSection {
            proof_at: None,
            state: PinState::Absent,
            may_choose: true,
            may_generate: false,
            changed: None,
            length: brand.policy.support_pin.length.into(),
            rules: rules_of(&brand.policy, broken.as_deref()),
            problem,
        }),
    }
}
