//! Setting up the second factor, without which the desk opens for nobody: at the first sign-in, and after a reset.

use axum::response::{IntoResponse, Redirect, Response};
use countersign_app::second_factor::enrol::{self, Confirmation};
use countersign_app::second_factor::{PaperCodes, Proven};
use countersign_domain::factor::sign_in::SetUp;

use super::visit::{Arriving, DeskVisit};
use crate::page::{
    Away, Cookie, Sent, backup_codes_file, code_of, page, page_about, server_clock, with_cookie, wrong_code,
};
use crate::views::desk_second_factor::{DeskBackupCodes, DeskSetUp};
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
    Ok(DeskSetUp {
        layout,
        clock: server_clock(visit.web.app.now()),
        enrolment: waiting.map(|waiting| Enrolment::new(waiting.url, waiting.key_text)),
        code: CodeField {
            problem,
            paper: false,
        },
        over,
    })
}
