//! The second step of a sign-in, in the portal and at the desk: what its page shows and what comes of its forms (C4–C6).
//!
//! What differs between the two stands in [`Step`]; the endpoints `portal/second_step.rs` and `desk/second_step.rs` name it.

use axum::response::{IntoResponse, Redirect, Response};
use countersign_app::passkeys::second_step::PasskeyStep;
use countersign_app::passkeys::{self, Site};
use countersign_app::second_factor::Answer;
use countersign_app::sign_in::second_step::{SecondStep, SecondStepDone, Waiting, second_step, waiting};
use countersign_app::sign_in::sms_code::{self, SmsCodeAsked};
use countersign_app::sign_in::{Place, SignedIn};
use countersign_domain::factor::Method;
use serde::Deserialize;

use super::form::Form;
use super::passkey::{begun, known, to_use};
use super::{Away, Door, answer_of, code_problem, page, page_about, server_clock, wrong_code};
use crate::error::Problem;
use crate::views::layout::Face;
use crate::views::passkey::PasskeyForm;
use crate::views::second_factor::CodeProblem;
use crate::views::second_step::{SecondStepPage, Sms, Way};

/// Where the second step is taken, and where it leads.
#[derive(Clone, Copy)]
pub(crate) struct Step {
    /// At which face.
    pub(crate) face: Face,
    /// The same for the use cases.
    pub(crate) place: Place,
}

/// What the address of the page may say.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// Where to go afterwards.
    #[serde(default)]
    pub(crate) then: String,
    /// By which way: `passkey`, `app`, `sms` or `paper`.
    #[serde(default)]
    by: String,
}

/// What came of a code.
pub(crate) enum Came {
    /// A session began; the endpoint opens the door.
    In(Box<SignedIn>),
    /// The answer is this page, or another one.
    Shown(Response),
}

impl Step {
    const fn sign_in(self) -> &'static str {
        match self.face {
            Face::Desk => "/desk/sign-in",
            Face::Portal | Face::Paper => "/sign-in",
        }
    }

    /// The page's own address.
    pub(crate) fn address(self, by: &str, then: &str) -> String {
        let mut address = format!("{}/code", self.sign_in());
        for (name, value) in [("by", by), ("then", then)] {
            if !value.is_empty() {
                address.push(if address.contains('?') { '&' } else { '?' });
                address.push_str(name);
                address.push('=');
                address.push_str(value);
            }
        }
        address
    }

    /// Shows the page; `then` is a path of this site.
    pub(crate) async fn show(self, door: &Door, asked: &Asked, then: &str) -> Result<Response, Away> {
        let Some(waiting) = self.waiting(door).await? else {
            return Ok(self.over(door, "code-late"));
        };
        let way = Way::named(&asked.by).unwrap_or_else(|| first_way(&waiting));
        let view = self.view(door, &waiting, way, then, None);
        Ok(door.remember(page(&view)?))
    }

    /// Judges what was typed.
    pub(crate) async fn submit(self, door: &Door, form: &Form, then: &str) -> Result<Came, Away> {
        let way = Way::named(form.text("by")).unwrap_or(Way::App);
        let answer = match read(way, form.text("code")) {
            Ok(answer) => answer,
            Err(problem) => {
                return self.again(door, way, then, problem).await.map(Came::Shown);
            }
        };
        let asked = SecondStep {
            place: self.place,
            half_open: door.half_open(self.face).to_owned(),
            answer,
            remember: !form.text("remember").is_empty(),
            request_id: Some(door.request_id.clone()),
        };
        let problem = match second_step(&door.web.app, asked).await? {
            SecondStepDone::SignedIn(signed_in) => return Ok(Came::In(Box::new(signed_in))),
            SecondStepDone::Over => return Ok(Came::Shown(self.over(door, "code-late"))),
            SecondStepDone::Refused { why, .. } => code_problem(why),
        };
        self.again(door, way, then, problem).await.map(Came::Shown)
    }

    /// Sends a code by SMS, and goes to the page that asks for it.
    pub(crate) async fn send_sms(self, door: &Door, then: &str) -> Result<Response, Away> {
        let request_id = Some(door.request_id.clone());
        let token = door.half_open(self.face);
        Ok(
            match sms_code::send(&door.web.app, self.place, token, request_id).await? {
                SmsCodeAsked::Over => self.over(door, "code-late"),
                // The page itself tells what was sent, and why nothing is.
                SmsCodeAsked::Sent { .. } | SmsCodeAsked::NoMore | SmsCodeAsked::NoNumber => {
                    Redirect::to(&self.address("sms", then)).into_response()
                }
            },
        )
    }

    /// The site whose passkeys count here.
    fn site(self, door: &Door) -> Option<Site> {
        match self.face {
            Face::Desk => door.web.settings.site_of_desk(),
            Face::Portal | Face::Paper => door.web.settings.site_of(&door.brand.as_ref()?.brand),
        }
    }

    /// Hands the options of a passkey's ceremony to the page's script.
    pub(crate) async fn begin_passkey(self, door: &Door) -> Result<Response, Away> {
        let site = known(self.site(door))?;
        match passkeys::second_step::begin(&door.web.app, &site, self.place, door.half_open(self.face))
            .await?
        {
            Some(began) => Ok(begun(&began, door.web.settings.https)),
            None => Err(Problem::unauthorized("this sign-in is over").into()),
        }
    }

    /// Takes the browser's answer.
    pub(crate) async fn submit_passkey(
        self,
        door: &Door,
        ceremony: String,
        form: &Form,
        then: &str,
    ) -> Result<Came, Away> {
        let asked = PasskeyStep {
            site: known(self.site(door))?,
            place: self.place,
            half_open: door.half_open(self.face).to_owned(),
            ceremony,
            credential: form.text("credential").to_owned(),
            remember: !form.text("remember").is_empty(),
            request_id: Some(door.request_id.clone()),
        };
        let problem = match passkeys::second_step::finish(&door.web.app, asked).await? {
            SecondStepDone::SignedIn(signed_in) => return Ok(Came::In(Box::new(signed_in))),
            SecondStepDone::Over => return Ok(Came::Shown(self.over(door, "code-late"))),
            SecondStepDone::Refused { why, .. } => code_problem(why),
        };
        self.again(door, Way::Passkey, then, problem)
            .await
            .map(Came::Shown)
    }

    async fn waiting(self, door: &Door) -> Result<Option<Waiting>, Away> {
        Ok(waiting(&door.web.app, self.place, door.half_open(self.face)).await?)
    }

    /// The page once more, with what is wrong. Where the sign-in ended with this very code, it was the one too many.
    async fn again(self, door: &Door, way: Way, then: &str, problem: CodeProblem) -> Result<Response, Away> {
        let Some(waiting) = self.waiting(door).await? else {
            let counted = matches!(problem, CodeProblem::Wrong { .. } | CodeProblem::Closed);
            return Ok(self.over(door, if counted { "codes-closed" } else { "code-late" }));
        };
        page_about(
            &wrong_code(),
            &self.view(door, &waiting, way, then, Some(problem)),
        )
    }

    /// Back to the password.
    fn over(self, door: &Door, why: &str) -> Response {
        // Whoever comes here without any sign-in that waits is not told that it was too late.
        let path = if door.half_open(self.face).is_empty() {
            self.sign_in().to_owned()
        } else {
            format!("{}?why={why}", self.sign_in())
        };
        door.give_up(self.face, Redirect::to(&path).into_response())
    }

    fn view(
        self,
        door: &Door,
        waiting: &Waiting,
        way: Way,
        then: &str,
        problem: Option<CodeProblem>,
    ) -> SecondStepPage {
        let open = |method| waiting.methods.contains(&method);
        let site = self.site(door).filter(|_| open(Method::Passkey));
        let remember_days = if waiting.closed {
            0
        } else {
            waiting.remember_days.into()
        };
        let passkey = site.map(|site| PasskeyForm {
            first: true,
            hidden: vec![("next", then.to_owned())],
            remember_days,
            problem: match problem {
                Some(CodeProblem::Passkey(problem)) => Some(problem),
                _ => None,
            },
            ..to_use(
                &site,
                &format!("{}/code/passkey", self.sign_in()),
                self.sign_in(),
                "passkey-use",
            )
        });
        // From the second wrong code on it is more than a slip: then the clock is the first suspect (C6).
        let slips = waiting.wrong_codes >= 2;
        let problem = match problem {
            Some(CodeProblem::Wrong { .. }) if !slips || way != Way::App => {
                Some(CodeProblem::Wrong { drift_seconds: None })
            }
            other => other,
        };
        SecondStepPage {
            layout: door.layout(self.face),
            at: format!("{}/code", self.sign_in()),
            sms_at: format!("{}/sms", self.sign_in()),
            back: self.sign_in(),
            next: then.to_owned(),
            way,
            passkey,
            closed: waiting.closed,
            app: open(Method::Totp),
            backup: open(Method::BackupCode),
            recovery: open(Method::RecoveryCode),
            sms: match (&waiting.sms_to, waiting.sms_by_policy && !waiting.closed) {
                (_, false) => Sms::Never,
                (None, true) => Sms::NoNumber,
                (Some(to), true) => Sms::Number {
                    to: to.clone(),
                    sends_left: waiting.sms_sends_left,
                    sent: waiting.sms_until.is_some(),
                },
            },
            remember_days: waiting.remember_days.into(),
            problem,
            clock: (way == Way::App && slips && !waiting.closed).then(|| server_clock(waiting.now)),
        }
    }
}

fn first_way(waiting: &Waiting) -> Way {
    if waiting.methods.contains(&Method::Passkey) {
        Way::Passkey
    } else if waiting.methods.contains(&Method::Totp) {
        Way::App
    } else if waiting.methods.contains(&Method::Sms) {
        Way::Sms
    } else {
        Way::Paper
    }
}

/// What was typed, as an answer. A code from paper is understood in the field for the app's codes, too: nobody is to look for
/// the right field while they cannot get in.
fn read(way: Way, typed: &str) -> Result<Answer, CodeProblem> {
    match (way, answer_of(typed)?) {
        (Way::Sms, Answer::Totp(digits)) => Ok(Answer::Sms(digits)),
        (Way::App, answer) => Ok(answer),
        (Way::Paper, answer @ (Answer::Backup(_) | Answer::Recovery(_))) => Ok(answer),
        (Way::Sms | Way::Paper | Way::Passkey, _) => Err(CodeProblem::NotACode),
    }
}
