//! The page that asks for a proof before something that matters, and leads back to where the person was going (B4, ASVS 5,
//! 7.5.1). A wrong proof is counted by the use case; here it is only told.

use axum::response::{IntoResponse, Redirect, Response};
use countersign_app::AppError;
use countersign_app::passkeys;
use countersign_app::passwords::Password;
use countersign_app::second_factor::overview::overview;
use countersign_app::sign_in::prove::{Proved, Proving, prove};
use countersign_domain::factor::sign_in::Proof;
use countersign_domain::person::Username;
use http::HeaderMap;
use serde::Deserialize;

use super::password::Here;
use super::sign_in::own_path;
use super::visit::{PortalVisit, SECURITY_INFORMATION};
use crate::error::Problem;
use crate::extract::Query;
use crate::page::passkey::{begun, ceremony, known, to_use};
use crate::page::{
    Away, Cookie, Fetched, Form, Sent, answer_of, code_problem, page_about, server_clock, sign_in_error,
    with_cookie, wrong_code,
};
use crate::views::layout::News;
use crate::views::passkey::PasskeyForm;
use crate::views::portal::SignInError;
use crate::views::second_factor::{CodeField, CodeProblem};
use crate::views::security::{ByPassword, Prove};

/// What the address of the page says.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    then: String,
}

/// What is wrong with the last try.
#[derive(Clone, Copy)]
enum Wrong {
    Nothing,
    Password(SignInError),
    Code(CodeProblem),
}

/// Shows the page; to whoever needs no proof, the one that was on the way.
pub(super) async fn show(visit: PortalVisit, Query(asked): Query<Asked>) -> Result<Response, Away> {
    let then = own_path(&asked.then).unwrap_or("/");
    if visit
        .session
        .proven(&visit.web.app, always(&visit, then))
        .is_some()
    {
        return Ok(Redirect::to(then).into_response());
    }
    let view = view(&visit, then, Wrong::Nothing).await?;
    visit.show(&view)
}

/// Takes the proof. The session goes on under a new token (E47).
pub(super) async fn submit(Sent { visit: here, form }: Sent<Here>) -> Result<Response, Away> {
    let then = own_path(form.text("then")).unwrap_or("/");
    let visit = &here.visit;
    let proving = match proving(&here, &form, then) {
        Ok(proving) => proving,
        Err(wrong) => return again(visit, then, wrong).await,
    };
    let wrong = match prove(&visit.web.app, &visit.caller, &visit.session.held, proving).await {
        Ok(Proved::Done(token)) => {
            let cookie = Cookie::Portal.set(token.expose(), visit.web.settings.https);
            return Ok(with_cookie(visit.go(then, News::Proven), cookie));
        }
        Ok(Proved::WrongPassword) => Wrong::Password(SignInError::WrongNameOrPassword),
        Ok(Proved::WrongCode { why, .. }) => Wrong::Code(code_problem(why)),
        // The page offers no password to a session that rests on a remembered device.
        Ok(Proved::NeedsCode) => Wrong::Code(CodeProblem::Empty),
        Err(error) => match sign_in_error(&error) {
            Some(problem) => {
                let view = view(visit, then, Wrong::Password(problem)).await?;
                return page_about(&error.into(), &view);
            }
            None => return Err(error.into()),
        },
    };
    again(visit, then, wrong).await
}

/// Hands the options of a passkey's ceremony to the page's script.
pub(super) async fn begin_passkey(Fetched(visit): Fetched<PortalVisit>) -> Result<Response, Away> {
    let site = known(visit.web.settings.site_of(&visit.caller.brand.brand))?;
    let began = passkeys::prove::begin(&visit.web.app, &site, &visit.caller, &visit.session.held).await?;
    Ok(begun(&began, visit.web.settings.https))
}

/// Takes a passkey as the proof. The session goes on under a new token (E47).
pub(super) async fn submit_passkey(
    headers: HeaderMap,
    Sent { visit, form }: Sent<PortalVisit>,
) -> Result<Response, Away> {
    let then = own_path(form.text("then")).unwrap_or("/");
    // Where the policy asks for user name and password, nothing else is taken in their place (B4).
    if always(&visit, then) {
        return again(&visit, then, Wrong::Password(SignInError::WrongNameOrPassword)).await;
    }
    let https = visit.web.settings.https;
    let site = known(visit.web.settings.site_of(&visit.caller.brand.brand))?;
    let token = ceremony(&headers, https);
    let brought = (token.as_str(), form.text("credential"));
    match passkeys::prove::finish(&visit.web.app, &site, &visit.caller, &visit.session.held, brought).await? {
        Proved::Done(token) => {
            let cookie = Cookie::Portal.set(token.expose(), https);
            Ok(with_cookie(visit.go(then, News::Proven), cookie))
        }
        Proved::WrongCode { why, .. } => again(&visit, then, Wrong::Code(code_problem(why))).await,
        Proved::WrongPassword | Proved::NeedsCode => again(&visit, then, Wrong::Nothing).await,
    }
}

/// Whether only a proof of this very minute opens the page (B4).
fn always(visit: &PortalVisit, then: &str) -> bool {
    visit.always_asks() && then.starts_with(SECURITY_INFORMATION)
}

fn proving(here: &Here, form: &Form, then: &str) -> Result<Proving, Wrong> {
    let by_device = here.visit.session.held.proof == Proof::Device;
    if form.text("by") == "code" {
        // Where the policy asks for user name and password, nothing else is taken in their place (B4). A remembered device has
        // to be followed by a code all the same, before the password counts.
        if always(&here.visit, then) && !by_device {
            return Err(Wrong::Password(SignInError::WrongNameOrPassword));
        }
        return answer_of(form.text("code"))
            .map(Proving::Code)
            .map_err(Wrong::Code);
    }
    let wrong = Wrong::Password(SignInError::WrongNameOrPassword);
    // The name is no secret to the session that asks, so that a wrong one tells nothing and costs no try.
    if here.visit.always_asks() {
        let typed = Username::parse(form.text("username")).ok();
        if typed.is_none() || typed != here.visit.session.person.username {
            return Err(wrong);
        }
    }
    match Password::typed(form.text("password").to_owned()) {
        Ok(password) => Ok(Proving::Password {
            password,
            address: here.address,
        }),
        Err(_) => Err(wrong),
    }
}

async fn again(visit: &PortalVisit, then: &str, wrong: Wrong) -> Result<Response, Away> {
    let status = match wrong {
        Wrong::Code(_) => wrong_code(),
        Wrong::Password(_) | Wrong::Nothing => Problem::from(AppError::SignInRefused),
    };
    page_about(&status, &view(visit, then, wrong).await?)
}

async fn view(visit: &PortalVisit, then: &str, wrong: Wrong) -> Result<Prove, Away> {
    let seen = overview(&visit.web.app, &visit.caller).await?;
    let (password_problem, problem, passkey_problem) = match wrong {
        Wrong::Nothing => (None, None, None),
        Wrong::Password(problem) => (Some(problem), None, None),
        Wrong::Code(CodeProblem::Passkey(problem)) => (None, None, Some(problem)),
        Wrong::Code(problem) => (None, Some(problem), None),
    };
    let site = visit.web.settings.site_of(&visit.caller.brand.brand);
    // A remembered device stood in for the second factor: such a session has proved none (deviation D5).
    let by_device = visit.session.held.proof == Proof::Device;
    let has_codes = seen.factors.totp || seen.factors.backup_codes > 0;
    let by_password = always(visit, then);
    let with_username = visit.always_asks();
    let passkey = site.filter(|_| seen.factors.passkeys > 0 && !by_password);
    Ok(Prove {
        layout: visit.layout().await?,
        then: then.to_owned(),
        passkey: passkey.map(|site| PasskeyForm {
            first: true,
            hidden: vec![("then", then.to_owned())],
            problem: passkey_problem,
            ..to_use(&site, "/prove/passkey", "/prove", "passkey-use")
        }),
        password: (!by_device).then(|| ByPassword {
            with_username,
            username: visit
                .session
                .person
                .username
                .as_ref()
                .map_or_else(String::new, ToString::to_string),
            problem: password_problem,
        }),
        // Where the policy asks for user name and password, nothing else is offered in their place (B4).
        code: (has_codes && (by_device || !by_password) || (by_device && seen.factors.passkeys == 0))
            .then_some(CodeField { problem, paper: true }),
        clock: server_clock(seen.now),
    })
}
