//! Setting up the second factor, without which the desk opens for nobody: at the first sign-in, and after a reset.

use axum::response::{IntoResponse, Redirect, Response};
use countersign_app::passkeys::register::{self, NewPasskey, Registered};
use countersign_app::second_factor::enrol::{self, Confirmation};
use countersign_app::second_factor::{PaperCodes, Proven};
use countersign_domain::contact::PasskeyName;
use countersign_domain::factor::sign_in::SetUp;
use http::{HeaderMap, StatusCode};

use super::visit::{Arriving, DeskVisit};
use crate::error::Problem;
use crate::page::passkey::{begun, ceremony, known, not_registered, to_use};
use crate::page::{
    Away, Cookie, Fetched, Sent, backup_codes_file, code_of, page, page_about, server_clock, with_cookie,
    wrong_code,
};
use crate::views::desk_second_factor::{DeskBackupCodes, DeskSetUp};
use crate::views::passkey::{PasskeyDeed, PasskeyForm, PasskeyProblem};
use crate::views::second_factor::{BackupCodes, CodeField, CodeProblem, Enrolment};

const HERE: &str = "/desk/second-factor";

/// Shows the advice about the clock, or, once a secret waits, its QR code. Reading changes nothing: [`begin`] makes the secret.
pub(super) async fn show(Arriving(visit): Arriving) -> Result<Response, Away> {
    let proven = due(&visit)?;
    let view = view(&visit, &proven, false, None).await?;
    visit.show(&view)
}

/// Makes a secret and lets it wait for its first code.
pub(super) async fn begin(
    Sent {
        visit: Arriving(visit),
        ..
    }: Sent<Arriving>,
) -> Result<Response, Away> {
    let proven = due(&visit)?;
    enrol::start(&visit.web.app, &visit.caller, &proven).await?;
    Ok(Redirect::to(HERE).into_response())
}

/// Takes the first code. A good one puts the authenticator in force, and the codes on paper are shown, once.
pub(super) async fn confirm(
    Sent {
        visit: Arriving(visit),
        form,
    }: Sent<Arriving>,
) -> Result<Response, Away> {
    let proven = due(&visit)?;
    let code = match code_of(form.text("code")) {
        Ok(code) => code,
        Err(problem) => return again(&visit, &proven, problem).await,
    };
    match enrol::confirm(&visit.web.app, &visit.caller, &visit.session.held, code).await? {
        Confirmation::Confirmed { codes, token } => {
            let cookie = Cookie::Desk.set(token.expose(), visit.web.settings.https);
            Ok(with_cookie(shown(&visit, &codes)?, cookie))
        }
        Confirmation::Wrong { drift_seconds, .. } => {
            again(&visit, &proven, CodeProblem::Wrong { drift_seconds }).await
        }
        Confirmation::Over => page_about(&wrong_code(), &view(&visit, &proven, true, None).await?),
    }
}

/// Hands the options of a passkey's ceremony to the page's script.
pub(super) async fn begin_passkey(Fetched(Arriving(visit)): Fetched<Arriving>) -> Result<Response, Away> {
    // The script loads the page again, which says what to do.
    let proven = due(&visit).map_err(|_| Problem::unauthorized("sign in again"))?;
    let site = known(visit.web.settings.site_of_desk())?;
    match register::begin(&visit.web.app, &site, &visit.caller, &visit.session.held, &proven).await? {
        Ok(began) => Ok(begun(&began, visit.web.settings.https)),
        Err(_) => Err(Problem::of_status(StatusCode::CONFLICT).into()),
    }
}

/// Takes the passkey that the browser made. The codes on paper are shown, once, and the desk opens.
pub(super) async fn add_passkey(
    headers: HeaderMap,
    Sent {
        visit: Arriving(visit),
        form,
    }: Sent<Arriving>,
) -> Result<Response, Away> {
    let proven = due(&visit)?;
    let https = visit.web.settings.https;
    let Ok(name) = PasskeyName::parse(form.text("name")) else {
        return refused(&visit, &proven, PasskeyProblem::Name).await;
    };
    let site = known(visit.web.settings.site_of_desk())?;
    let new = NewPasskey {
        name,
        ceremony: ceremony(&headers, https),
        credential: form.text("credential").to_owned(),
    };
    match register::finish(&visit.web.app, &site, &visit.caller, &visit.session.held, new).await? {
        Registered::Done { codes, token } => {
            let cookie = Cookie::Desk.set(token.expose(), https);
            let response = match codes {
                Some(codes) => shown(&visit, &codes)?,
                None => Redirect::to("/desk").into_response(),
            };
            Ok(with_cookie(response, cookie))
        }
        Registered::Refused(why) => refused(&visit, &proven, not_registered(why)).await,
    }
}

async fn refused(visit: &DeskVisit, proven: &Proven, problem: PasskeyProblem) -> Result<Response, Away> {
    let mut view = view(visit, proven, false, None).await?;
    if let Some(passkey) = &mut view.passkey {
        passkey.problem = Some(problem);
    }
    page_about(&wrong_code(), &view)
}

/// The codes that the page shows, as a file. Open to whoever has just set up their factor, so the desk is open too.
pub(super) async fn file(Sent { visit, form }: Sent<DeskVisit>) -> Result<Response, Away> {
    let who = (
        visit.session.staff.username.as_str(),
        visit.caller.brand.brand.name.as_str(),
    );
    backup_codes_file(&visit.reader.words, who, form.text("codes"), visit.web.app.now())
}

/// That a second factor is to be set up in this session, and that its password is fresh; otherwise the way to where the reader
/// should be.
fn due(visit: &DeskVisit) -> Result<Proven, Away> {
    if visit.session.held.set_up != SetUp::Required {
        return Err(Away::to("/desk"));
    }
    visit
        .session
        .proven(&visit.web.app)
        .ok_or_else(|| Away::to("/desk/sign-in?why=afresh"))
}

/// The page with the codes: the answer to the form that made them, and to nothing else.
fn shown(visit: &DeskVisit, codes: &PaperCodes) -> Result<Response, Away> {
    page(&DeskBackupCodes {
        layout: visit.layout(),
        codes: BackupCodes {
            backup: codes.backup.iter().map(|code| code.printed()).collect(),
            recovery: codes.recovery.printed(),
            file_at: "/desk/second-factor/codes",
            saved_at: "/desk",
        },
    })
}

async fn again(visit: &DeskVisit, proven: &Proven, problem: CodeProblem) -> Result<Response, Away> {
    page_about(&wrong_code(), &view(visit, proven, false, Some(problem)).await?)
}

async fn view(
    visit: &DeskVisit,
    proven: &Proven,
    over: bool,
    problem: Option<CodeProblem>,
) -> Result<DeskSetUp, Away> {
    let waiting = match over {
        true => None,
        false => enrol::waiting(&visit.web.app, &visit.caller, proven).await?,
    };
    let mut layout = visit.layout();
    // Nothing of the desk is open yet, not even the choice of the brand.
    if let Some(bar) = &mut layout.desk_bar {
        bar.brands.clear();
    }
    let site = visit.web.settings.site_of_desk();
    Ok(DeskSetUp {
        layout,
        passkey: site.filter(|_| waiting.is_none()).map(|site| PasskeyForm {
            deed: PasskeyDeed::Make {
                name: visit.reader.browser.clone(),
            },
            first: true,
            begin_at: format!("{HERE}/passkey/begin"),
            ..to_use(&site, "/desk/second-factor/passkey", HERE, "passkey-make")
        }),
        clock: server_clock(visit.web.app.now()),
        enrolment: waiting.map(|waiting| Enrolment::new(waiting.url, waiting.key_text)),
        code: CodeField {
            problem,
            paper: false,
        },
        over,
    })
}
