//! One's own phone number: typed, confirmed by a code that is sent there, and waiting where it takes another's place (C5).

use axum::response::Response;
use countersign_app::AppError;
use countersign_app::team::phone::{CodeAsked, CodeJudged, ask, confirm, own};
use countersign_domain::pin::Digits;
use serde::Deserialize;

use super::team::{phone_cell, phone_field, read_phone};
use super::visit::PortalVisit;
use crate::error::Problem;
use crate::extract::Query;
use crate::page::{Away, Sent, moment, page_about};
use crate::views::layout::News;
use crate::views::team::{OwnPhone, PhoneCode, PhoneCodeProblem, PhoneProblem};

const HERE: &str = "/team/phone";
/// How many digits a code has.
const DIGITS: usize = 6;

/// What the address may say.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    /// Anything: type a number, although one waits for its code.
    #[serde(default)]
    other: String,
}

/// What was typed and not taken.
#[derive(Default)]
struct Again<'a> {
    country: &'a str,
    phone: &'a str,
    problem: Option<PhoneProblem>,
    code_problem: Option<PhoneCodeProblem>,
    type_another: bool,
}

/// Shows the field for a number, or for the code of the one that waits.
pub(super) async fn show(visit: PortalVisit, Query(asked): Query<Asked>) -> Result<Response, Away> {
    visit.proven(HERE)?;
    let again = Again {
        type_another: !asked.other.is_empty(),
        ..Again::default()
    };
    let view = view(&visit, &again).await?;
    visit.show(&view)
}

/// Sends a code to the number.
pub(super) async fn submit(Sent { visit, form }: Sent<PortalVisit>) -> Result<Response, Away> {
    let proven = visit.proven(HERE)?;
    let (country, phone) = (form.text("country"), form.text("phone"));
    let problem = match read_phone(country, phone) {
        Ok(number) => match ask(&visit.web.app, &visit.caller, &proven, number).await? {
            CodeAsked::Sent => return Err(Away::to(HERE)),
            CodeAsked::Confirmed => return Ok(visit.go("/team", News::PhoneKnown)),
            CodeAsked::NoMore => PhoneProblem::NoMore,
            CodeAsked::NotAllowed => PhoneProblem::NotAllowed,
        },
        Err(problem) => problem,
    };
    let again = Again {
        country,
        phone,
        problem: Some(problem),
        type_another: true,
        ..Again::default()
    };
    let status = AppError::invalid("phone", "no code was sent").into();
    page_about(&status, &view(&visit, &again).await?)
}

/// Judges the code.
pub(super) async fn check(Sent { visit, form }: Sent<PortalVisit>) -> Result<Response, Away> {
    let typed = Digits::parse(form.text("code")).ok();
    let Some(code) = typed.filter(|code| code.len() == DIGITS) else {
        return code_again(&visit, PhoneCodeProblem::Empty).await;
    };
    match confirm(&visit.web.app, &visit.caller, code).await? {
        CodeJudged::Confirmed { usable_from } => {
            let news = if usable_from > visit.web.app.now() {
                News::PhoneWaits
            } else {
                News::PhoneConfirmed
            };
            Ok(visit.go("/team", news))
        }
        CodeJudged::Wrong { checks_left } => {
            code_again(&visit, PhoneCodeProblem::Wrong { left: checks_left }).await
        }
        CodeJudged::Over => code_again(&visit, PhoneCodeProblem::Over).await,
    }
}

async fn code_again(visit: &PortalVisit, problem: PhoneCodeProblem) -> Result<Response, Away> {
    let again = Again {
        code_problem: Some(problem),
        ..Again::default()
    };
    let status: Problem = AppError::invalid("code", "it is not the code that was sent").into();
    page_about(&status, &view(visit, &again).await?)
}

async fn view(visit: &PortalVisit, again: &Again<'_>) -> Result<OwnPhone, Away> {
    let own = own(&visit.web.app, &visit.caller).await?;
    let known = own.on_record.as_ref().map(|known| &known.phone);
    // A number on record that nobody confirmed stands in the field already: whoever knows it to be right only sends.
    let unconfirmed = own
        .on_record
        .as_ref()
        .filter(|known| known.confirmed_at.is_none())
        .map_or("", |known| known.phone.e164());
    let typed = if again.problem.is_some() {
        again.phone
    } else {
        unconfirmed
    };
    Ok(OwnPhone {
        layout: visit.layout().await?,
        now: own.on_record.as_ref().map(|known| phone_cell(visit, known)),
        wait_hours: own.wait_hours.into(),
        phone: phone_field(visit, again.country, known, typed, again.problem),
        code: own
            .waiting
            .filter(|_| !again.type_another)
            .map(|waiting| PhoneCode {
                number: waiting.phone.e164().to_owned(),
                until: moment(waiting.good_until),
                sends_left: waiting.sends_left,
                problem: again.code_problem,
            }),
    })
}
