//! The own passkeys: adding, naming, removing one. The list stands on *2-Factor Auth*.

use axum::Json;
use axum::response::{IntoResponse, Response};
use countersign_app::AppError;
use countersign_app::passkeys::keep::{self, ListedPasskey};
use countersign_app::passkeys::register::{self, NewPasskey, Registered};
use countersign_app::second_factor::overview::overview;
use countersign_domain::contact::PasskeyName;
use countersign_domain::factor::sign_in::SecondFactorRule;
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use super::visit::PortalVisit;
use super::{backup_codes, two_factor};
use crate::error::Problem;
use crate::page::passkey::{begun, ceremony, known, not_registered};
use crate::page::{Away, Cookie, Fetched, Sent, moment, page_about, with_cookie, wrong_code};
use crate::views::layout::News;
use crate::views::passkey::{
    AddPasskey, OnePasskey, PasskeyDeed, PasskeyForm, PasskeyProblem, PasskeyRow, Removing,
};

const ADD: &str = "/security/passkeys/add";

/// What the page's script is told when the last proof is too old: it goes where a new one is asked for.
#[derive(Serialize)]
struct ProofNeeded {
    code: &'static str,
}

/// Shows the form.
pub(super) async fn show(visit: PortalVisit) -> Result<Response, Away> {
    visit.proven(ADD)?;
    let view = adding(&visit, None, None).await?;
    visit.show(&view)
}

/// Hands the options to the page's script.
pub(super) async fn begin(Fetched(visit): Fetched<PortalVisit>) -> Result<Response, Away> {
    let Some(proven) = visit.session.proven(&visit.web.app, false) else {
        let code = "proof_needed";
        return Ok((StatusCode::FORBIDDEN, Json(ProofNeeded { code })).into_response());
    };
    let site = known(visit.web.settings.site_of(&visit.caller.brand.brand))?;
    let held = &visit.session.held;
    match register::begin(&visit.web.app, &site, &visit.caller, held, &proven).await? {
        Ok(began) => Ok(begun(&began, visit.web.settings.https)),
        Err(_) => Err(Problem::of_status(StatusCode::CONFLICT).into()),
    }
}

/// Takes what the browser made. As the first factor it comes with codes on paper, which are shown once (C3).
pub(super) async fn add(
    headers: HeaderMap,
    Sent { visit, form }: Sent<PortalVisit>,
) -> Result<Response, Away> {
    let https = visit.web.settings.https;
    let typed = form.text("name");
    let Ok(name) = PasskeyName::parse(typed) else {
        return again(&visit, typed, PasskeyProblem::Name).await;
    };
    let site = known(visit.web.settings.site_of(&visit.caller.brand.brand))?;
    let new = NewPasskey {
        name,
        ceremony: ceremony(&headers, https),
        credential: form.text("credential").to_owned(),
    };
    match register::finish(&visit.web.app, &site, &visit.caller, &visit.session.held, new).await? {
        Registered::Done { codes, token } => {
            let response = match codes {
                Some(codes) => backup_codes::shown(&visit, &codes, true).await?,
                None => visit.go(two_factor::HERE, News::PasskeyAdded),
            };
            Ok(with_cookie(response, Cookie::Portal.set(token.expose(), https)))
        }
        Registered::Refused(why) => again(&visit, typed, not_registered(why)).await,
    }
}

/// Shows one of them.
pub(super) async fn one(
    visit: PortalVisit,
    axum::extract::Path(id): axum::extract::Path<String>,
) -> Result<Response, Away> {
    let view = of_one(&visit, &id, None).await?;
    visit.show(&view)
}

/// Gives one another name.
pub(super) async fn rename(Sent { visit, form }: Sent<PortalVisit>) -> Result<Response, Away> {
    let id = form.text("passkey");
    let proven = visit.proven(&address(id))?;
    let typed = form.text("name");
    let Ok(name) = PasskeyName::parse(typed) else {
        let view = of_one(&visit, id, Some(typed)).await?;
        return page_about(
            &AppError::invalid("name", "this name cannot be used").into(),
            &view,
        );
    };
    keep::rename(&visit.web.app, &visit.caller, &proven, id, name).await?;
    Ok(visit.go(two_factor::HERE, News::PasskeyRenamed))
}

/// Removes one.
pub(super) async fn remove(Sent { visit, form }: Sent<PortalVisit>) -> Result<Response, Away> {
    let id = form.text("passkey");
    let proven = visit.proven(&address(id))?;
    match keep::remove(&visit.web.app, &visit.caller, &proven, id).await {
        // One that is gone already is what they asked for.
        Ok(()) | Err(AppError::NotFound(_)) => Ok(visit.go(two_factor::HERE, News::PasskeyRemoved)),
        Err(error) => Err(error.into()),
    }
}

/// The rows of the list.
pub(super) fn rows(listed: Vec<ListedPasskey>) -> Vec<PasskeyRow> {
    listed
        .into_iter()
        .map(|one| PasskeyRow {
            id: one.id,
            name: one.name,
            made: moment(one.created_at),
            last_used: one.last_used_at.map(moment),
        })
        .collect()
}

/// The page of one of them. Whatever was sent as its id becomes a path of this site or leads to the list.
fn address(id: &str) -> String {
    let plain = !id.is_empty() && id.len() <= 64 && id.bytes().all(|letter| letter.is_ascii_alphanumeric());
    if plain {
        format!("/security/passkeys/{id}")
    } else {
        two_factor::HERE.to_owned()
    }
}

async fn of_one(visit: &PortalVisit, id: &str, typed: Option<&str>) -> Result<OnePasskey, Away> {
    let listed = keep::list(&visit.web.app, &visit.caller).await?;
    let seen = overview(&visit.web.app, &visit.caller).await?;
    let mut passkey = rows(listed)
        .into_iter()
        .find(|row| row.id == id)
        .ok_or_else(|| Problem::not_found("there is no such passkey of yours"))?;
    if let Some(typed) = typed {
        passkey.name = typed.chars().take(120).collect();
    }
    let last = seen.factors.passkeys <= 1 && !seen.factors.totp;
    let removing = match (last, seen.rule) {
        (false, _) => Removing::AnotherStays,
        (true, SecondFactorRule::Optional) => Removing::LastFactor,
        (true, SecondFactorRule::Required) => Removing::Required,
    };
    Ok(OnePasskey {
        layout: visit.layout().await?,
        passkey,
        bad_name: typed.is_some(),
        removing,
    })
}

async fn again(visit: &PortalVisit, typed: &str, problem: PasskeyProblem) -> Result<Response, Away> {
    let typed: String = typed.chars().take(120).collect();
    page_about(&wrong_code(), &adding(visit, Some(typed), Some(problem)).await?)
}

async fn adding(
    visit: &PortalVisit,
    typed: Option<String>,
    problem: Option<PasskeyProblem>,
) -> Result<AddPasskey, Away> {
    let site = visit.web.settings.site_of(&visit.caller.brand.brand);
    Ok(AddPasskey {
        layout: visit.layout().await?,
        passkey: site.map(|site| PasskeyForm {
            deed: PasskeyDeed::Make {
                name: typed.unwrap_or_else(|| visit.reader.browser.clone()),
            },
            button: "passkey-make",
            first: true,
            begin_at: "/security/passkeys/begin".to_owned(),
            at: ADD.to_owned(),
            address: site.address().to_owned(),
            page: ADD,
            hidden: Vec::new(),
            remember_days: 0,
            problem,
        }),
    })
}
