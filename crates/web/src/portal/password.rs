//! Changing the own password, with its meter and maker (C8).

use std::net::IpAddr;

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::response::Response;
use countersign_app::AppError;
use countersign_app::passwords::change::{ChangePassword as Asked, around, change, rules_for};
use countersign_app::passwords::meter::{meter, suggest};
use countersign_app::passwords::{Password, Verdict};
use http::request::Parts;
use serde::{Deserialize, Serialize};

use super::visit::PortalVisit;
use crate::Web;
use crate::error::Problem;
use crate::extract::{AtBrand, ClientAddress, Query};
use crate::page::{Away, Cookie, KNOWN_SECONDS, Sent, Visit, page_about, with_cookie};
use crate::views::layout::News;
use crate::views::password::{ChangePassword, NewPassword, OldProblem, PasswordProblem, strength_key};
use crate::views::words::Words;

/// A signed-in customer, and where they are.
pub(super) struct Here {
    /// Who.
    pub(super) visit: PortalVisit,
    /// Where the request came from.
    pub(super) address: IpAddr,
}

impl FromRequestParts<Web> for Here {
    type Rejection = Away;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Away> {
        let ClientAddress(address) = ClientAddress::from_request_parts(parts, web).await?;
        let visit = PortalVisit::from_request_parts(parts, web).await?;
        Ok(Self { visit, address })
    }
}

impl Visit for Here {
    fn token(&self) -> &str {
        self.visit.token()
    }
}

/// What the address of a page with a new password may say.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wish {
    /// Anything: have a password made.
    #[serde(default)]
    pub(super) make: String,
}

/// Shows the form.
pub(super) async fn show(visit: PortalVisit, Query(wish): Query<Wish>) -> Result<Response, Away> {
    let mut new = field(&visit, Vec::new()).await?;
    new.made = made(&visit.web, &wish)?;
    let view = view(&visit, new, None).await?;
    visit.show(&view)
}

/// Changes it, or shows the form again with what is wrong.
pub(super) async fn submit(Sent { visit: here, form }: Sent<Here>) -> Result<Response, Away> {
    let Here { visit, address } = here;
    if form.text("new_password").is_empty() {
        let status = AppError::invalid("new_password", "type the new password").into();
        return again(&visit, vec![PasswordProblem::Empty], None, &status).await;
    }
    let new = match Password::typed(form.text("new_password").to_owned()) {
        Ok(new) => new,
        Err(error) => {
            let problems = vec![PasswordProblem::Breaks(
                countersign_domain::password::Rule::TooLong,
            )];
            return again(&visit, problems, None, &error.into()).await;
        }
    };
    let asked = match Password::typed(form.text("password").to_owned()) {
        Ok(old) => Ok(Asked {
            old,
            new,
            session: visit.session.id,
            address,
        }),
        Err(_) => Err(AppError::SignInRefused),
    };
    let done = match asked {
        Ok(asked) => change(&visit.web.app, &visit.caller, asked).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(known) => {
            let https = visit.web.settings.https;
            let kept = Cookie::KnownBrowser.set_for(known.expose(), KNOWN_SECONDS, https);
            Ok(with_cookie(visit.go("/profile", News::PasswordChanged), kept))
        }
        Err(AppError::PasswordRules(broken)) => {
            let problems = broken.iter().copied().map(PasswordProblem::Breaks).collect();
            again(&visit, problems, None, &AppError::PasswordRules(broken).into()).await
        }
        Err(error @ AppError::SignInRefused) => {
            again(&visit, Vec::new(), Some(OldProblem::Wrong), &error.into()).await
        }
        Err(error @ AppError::Throttled { retry_after_seconds }) => {
            let minutes = u32::try_from(retry_after_seconds.div_ceil(60)).unwrap_or(u32::MAX);
            let problem = Some(OldProblem::Throttled { minutes });
            again(&visit, Vec::new(), problem, &error.into()).await
        }
        Err(error) => Err(error.into()),
    }
}

/// How strong what is being typed is, for the page's script.
pub(super) async fn strength(Sent { visit: here, form }: Sent<Here>) -> Result<Json<Told>, Away> {
    let Here { visit, address } = here;
    let person = &visit.session.person;
    let around = around(visit.caller.brand.brand.name.as_str(), person);
    let rules = rules_for(&visit.web.app, &visit.caller.brand, person).await?;
    let verdict = match Password::typed(form.text("new_password").to_owned()) {
        Ok(password) => meter(&visit.web.app, &password, rules, &around, address).await?,
        Err(error) => return Err(error.into()),
    };
    Ok(Json(told(
        &visit.reader.words,
        &verdict,
        shortest(rules.shortest),
    )))
}

/// A made password, for the page's script.
pub(super) async fn make(State(web): State<Web>, _: AtBrand) -> Result<Json<Made>, Away> {
    Ok(Json(Made {
        password: suggest(&web.app)?.to_string(),
    }))
}

/// A made password.
#[derive(Serialize)]
pub(super) struct Made {
    password: String,
}

/// What the meter says.
#[derive(Serialize)]
pub(super) struct Told {
    /// `refused`, or the strength.
    level: &'static str,
    words: String,
}

/// The verdict in the reader's words: what to change where something is wrong.
pub(super) fn told(words: &Words, verdict: &Verdict, shortest: u32) -> Told {
    if verdict.broken.is_empty() {
        return Told {
            level: verdict.strength.name(),
            words: words.say(strength_key(verdict.strength)),
        };
    }
    let sentences: Vec<_> = verdict
        .broken
        .iter()
        .map(|rule| PasswordProblem::Breaks(*rule).sentence(words, shortest))
        .collect();
    Told {
        level: "refused",
        words: sentences.join(" "),
    }
}

/// A password for whoever wished for one.
pub(super) fn made(web: &Web, wish: &Wish) -> Result<Option<String>, AppError> {
    if wish.make.is_empty() {
        return Ok(None);
    }
    Ok(Some(suggest(&web.app)?.to_string()))
}

/// A count as a page says it.
pub(super) fn shortest(characters: usize) -> u32 {
    u32::try_from(characters).unwrap_or(u32::MAX)
}

async fn again(
    visit: &PortalVisit,
    problems: Vec<PasswordProblem>,
    old_problem: Option<OldProblem>,
    status: &Problem,
) -> Result<Response, Away> {
    let view = view(visit, field(visit, problems).await?, old_problem).await?;
    page_about(status, &view)
}

async fn field(visit: &PortalVisit, problems: Vec<PasswordProblem>) -> Result<NewPassword, Away> {
    let rules = rules_for(&visit.web.app, &visit.caller.brand, &visit.session.person).await?;
    Ok(NewPassword {
        shortest: shortest(rules.shortest),
        problems,
        made: None,
        strength_at: "/profile/password/strength",
        make_at: "/profile/password?make=1",
    })
}

async fn view(
    visit: &PortalVisit,
    new: NewPassword,
    old_problem: Option<OldProblem>,
) -> Result<ChangePassword, Away> {
    Ok(ChangePassword {
        layout: visit.layout().await?,
        username: visit
            .session
            .person
            .username
            .as_ref()
            .map_or_else(String::new, ToString::to_string),
        new,
        old_problem,
    })
}
