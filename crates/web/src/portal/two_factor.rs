//! *2-Factor Auth*: the switch, and setting an authenticator up (C1, C2).

use axum::response::{IntoResponse, Redirect, Response};
use countersign_app::AppError;
use countersign_app::passkeys::keep;
use countersign_app::second_factor::disable::disable;
use countersign_app::second_factor::enrol::{self, Confirmation};
use countersign_app::second_factor::overview::overview;
use countersign_domain::factor::sign_in::{SecondFactorRule, SetUp};

use super::visit::{PortalVisit, SET_UP};
use super::{backup_codes, passkeys};
use crate::page::{Away, Cookie, Sent, code_of, moment, page_about, server_clock, with_cookie, wrong_code};
use crate::views::layout::News;
use crate::views::second_factor::{CodeField, CodeProblem, Enrolment};
use crate::views::security::{SecurityDeed, SecurityQuestion, SetUpReason, SetUpTwoFactor, TwoFactor};

/// The page with the switch.
pub(super) const HERE: &str = "/security/two-factor";
const OFF: &str = "/security/two-factor/switch-off";

/// Shows how the second factor stands.
pub(super) async fn show(visit: PortalVisit) -> Result<Response, Away> {
    let seen = overview(&visit.web.app, &visit.caller).await?;
    let view = TwoFactor {
        layout: visit.layout().await?,
        since: seen.totp_since.map(moment),
        required: seen.rule == SecondFactorRule::Required && seen.factors.passkeys == 0,
        codes_left: seen.factors.backup_codes,
        recovery_left: seen.factors.recovery_code,
        closed: seen.factors.closed_at.is_some(),
        passkeys: passkeys::rows(keep::list(&visit.web.app, &visit.caller).await?),
        knows_passkeys: visit.web.settings.site_of(&visit.caller.brand.brand).is_some(),
    };
    visit.show(&view)
}

/// Shows the advice about the clock, or, once a secret waits, its QR code (C2). Reading changes nothing: the secret is made by
/// [`start`].
pub(super) async fn set_up(visit: PortalVisit) -> Result<Response, Away> {
    let view = view(&visit, None).await?;
    visit.show(&view)
}

/// Makes a secret and lets it wait for its first code.
pub(super) async fn start(Sent { visit, .. }: Sent<PortalVisit>) -> Result<Response, Away> {
    let proven = visit.proven(SET_UP)?;
    enrol::start(&visit.web.app, &visit.caller, &proven).await?;
    Ok(Redirect::to(SET_UP).into_response())
}

/// Takes the first code. A good one puts the authenticator in force, and the codes on paper are shown, once (C3).
pub(super) async fn confirm(Sent { visit, form }: Sent<PortalVisit>) -> Result<Response, Away> {
    let code = match code_of(form.text("code")) {
        Ok(code) => code,
        Err(problem) => return again(&visit, problem).await,
    };
    match enrol::confirm(&visit.web.app, &visit.caller, &visit.session.held, code).await? {
        Confirmation::Confirmed { codes, token } => {
            let cookie = Cookie::Portal.set(token.expose(), visit.web.settings.https);
            let response = backup_codes::shown(&visit, &codes, true).await?;
            Ok(with_cookie(response, cookie))
        }
        Confirmation::Wrong { drift_seconds, .. } => {
            again(&visit, CodeProblem::Wrong { drift_seconds }).await
        }
        Confirmation::Over => Ok(visit.go(SET_UP, News::SetUpOver)),
    }
}

/// Asks before it is switched off.
pub(super) async fn ask_off(visit: PortalVisit) -> Result<Response, Away> {
    visit.proven(OFF)?;
    visit.show(&SecurityQuestion {
        layout: visit.layout().await?,
        deed: SecurityDeed::SwitchOff,
    })
}

/// Switches it off.
pub(super) async fn off(Sent { visit, .. }: Sent<PortalVisit>) -> Result<Response, Away> {
    let proven = visit.proven(OFF)?;
    match disable(&visit.web.app, &visit.caller, &proven).await {
        // Off is what they asked for.
        Ok(()) | Err(AppError::NotFound(_)) => Ok(visit.go(HERE, News::SecondFactorOff)),
        Err(error) => Err(error.into()),
    }
}

async fn again(visit: &PortalVisit, problem: CodeProblem) -> Result<Response, Away> {
    page_about(&wrong_code(), &view(visit, Some(problem)).await?)
}

async fn view(visit: &PortalVisit, problem: Option<CodeProblem>) -> Result<SetUpTwoFactor, Away> {
    let proven = visit.proven(SET_UP)?;
    let waiting = enrol::waiting(&visit.web.app, &visit.caller, &proven).await?;
    let seen = overview(&visit.web.app, &visit.caller).await?;
    Ok(SetUpTwoFactor {
        layout: visit.layout().await?,
        clock: server_clock(seen.now),
        enrolment: waiting.map(|waiting| Enrolment::new(waiting.url, waiting.key_text)),
        code: CodeField {
            problem,
            paper: false,
        },
        reason: if seen.factors.totp {
            SetUpReason::Replacing
        } else {
            match visit.session.held.set_up {
                SetUp::Required => SetUpReason::Required,
                SetUp::Asked => SetUpReason::SwitchedOff,
                SetUp::NotDue => SetUpReason::Wished,
            }
        },
    })
}
