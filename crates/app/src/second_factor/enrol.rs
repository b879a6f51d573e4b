//! Use cases: an authenticator is set up (C1, C2). First a secret that waits, then, with the first good code, in force.

use std::time::Duration;

use countersign_domain::audit::{Action, Detail, DetailKey, Outcome};
use countersign_domain::factor::sign_in::{Proof, SetUp, WRONG_CODES_TO_CLOSE};
use countersign_domain::factor::{Method, TotpAnswer, TotpSecret};
use countersign_domain::pin::Digits;
use countersign_domain::time::Timestamp;
use countersign_store::sessions::Subject;
use countersign_store::{Tx, second_factors, sessions};
use zeroize::Zeroizing;

use super::codes::{self, PaperCodes};
use super::judge;
use super::notice::{self, Notice};
use super::state::{self, end_what_rested_on_it, place};
use super::visitor::Visitor;
use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, Cause};
use crate::sign_in::SessionToken;
use crate::sign_in::session::{Held, Proven};
use crate::token;

/// How long a secret waits for its first code.
const WAITS_FOR: Duration = Duration::from_secs(3600);

/// An authenticator that is being set up: what its page shows.
pub struct Enrolment {
    /// The key as text, in groups of four.
    pub key_text: Zeroizing<String>,
    /// The address behind the QR code, which also opens an app on a phone.
    pub url: Zeroizing<String>,
    /// The server's time, to compare the phone's with (C2, C6).
    pub now: Timestamp,
}

/// What came of the first code.
pub enum Confirmation {
    /// The authenticator is in force. Everything else that was signed in is not any more, and this session has a new token.
    Confirmed {
        /// The codes on paper, shown once.
        codes: Box<PaperCodes>,
        /// The session's new token (E47).
        token: SessionToken,
    },
    /// The code is wrong; the authenticator still waits.
    Wrong {
        /// By how many seconds the phone's clock is ahead, where that explains it; behind when negative (C6).
        drift_seconds: Option<i64>,
        /// The server's time.
        now: Timestamp,
    },
    /// Nothing waits for a code: nothing was begun, it is too long ago, or too many codes were wrong. Begin again.
    Over,
}

/// Makes a secret and lets it wait for its first code. One in force stays in force until then.
///
/// # Errors
/// [`AppError::Unavailable`]; [`AppError::NotFound`] for a program.
pub async fn start(app: &App, caller: &Caller, _proven: &Proven) -> Result<Enrolment, AppError> {
    let (app_in, caller, now) = (app.clone(), caller.clone(), app.now());
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let visitor = Visitor::of_caller(&app_in, tx, &caller).await?;
            let (row, _) = state::hold(tx, &visitor, now).await?;
            let secret = TotpSecret::from_bytes(app_in.entropy().bytes()?);
            let id = visitor.id().to_string();
            let sealed = app_in.vault().seal(
                &place(&visitor, &id, row.totp_version + 1),
                app_in.entropy().bytes()?,
                secret.expose(),
            )?;
            second_factors::put_pending(tx, visitor.id(), &sealed.to_bytes(), now).await?;
            shown(&visitor, &secret, now)
        })
        .await
}

/// The authenticator that waits for the caller's first code, to show it once more; none when nothing waits.
///
/// # Errors
/// [`AppError::Unavailable`]; [`AppError::NotFound`] for a program.
pub async fn waiting(app: &App, caller: &Caller, _proven: &Proven) -> Result<Option<Enrolment>, AppError> {
    let now = app.now();
    app.store()
        .read::<_, AppError, _>(async |tx| {
            let visitor = Visitor::of_caller(app, tx, caller).await?;
            let Some(row) = second_factors::find(tx, visitor.id()).await? else {
                return Ok(None);
            };
            let Some(pending) = row.pending.filter(|pending| now.since(pending.since) < WAITS_FOR) else {
                return Ok(None);
            };
            let secret = judge::open(app, &visitor, &pending.sealed, row.totp_version + 1)?;
            shown(&visitor, &secret, now).map(Some)
        })
        .await
}

/// Puts the authenticator that waits in force, with its first good code. Whoever could begin ([`start`]) within the last hour
/// needs no fresh proof: the code is one.
///
/// # Errors
/// [`AppError::Stale`] when the session ended meanwhile; [`AppError::Unavailable`].
pub async fn confirm(
    app: &App,
    caller: &Caller,
    session: &Held,
    code: Digits,
) -> Result<Confirmation, AppError> {
    let (app_in, caller, now, session) = (app.clone(), caller.clone(), app.now(), session.clone());
    let new_token = token::make(app.entropy(), "")?;
    let new_hash = token::digest(&new_token);
    let codes = app
        .store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let visitor = Visitor::of_caller(&app_in, tx, &caller).await?;
            let (row, _) = state::hold(tx, &visitor, now).await?;
            let Some(pending) = row
                .pending
                .as_ref()
                .filter(|pending| now.since(pending.since) < WAITS_FOR)
            else {
                return Ok(Err(None));
            };
            if !second_factors::debit_pending(tx, visitor.id(), WRONG_CODES_TO_CLOSE).await? {
                return Ok(Err(None));
            }
            let step = match judge::check_waiting(&app_in, &visitor, &row, &code, now)? {
                TotpAnswer::Accepted { step } => step,
                TotpAnswer::AlreadyUsed => return Ok(Err(Some(None))),
                TotpAnswer::Wrong { drift_seconds } => return Ok(Err(Some(drift_seconds))),
            };
            if !second_factors::confirm_pending(tx, visitor.id(), pending.since, step, now).await? {
                return Ok(Err(None));
            }
            let codes = codes::put_new(&app_in, tx, &visitor, &row, now).await?;
            end_what_rested_on_it(tx, &visitor.subject, Some(session.id), now).await?;
            sessions::note_set_up(tx, &visitor.subject, SetUp::NotDue).await?;
            let (id, old) = (session.id, session.token_hash);
            if !sessions::prove(tx, id, &old, &new_hash, Proof::SecondFactor, now).await? {
                return Err(AppError::Stale);
            }
            let detail = Detail::none().with(DetailKey::Method, Method::Totp.name());
            visitor
                .record(
                    &app_in,
                    tx,
                    (Action::SecondFactorEnabled, Outcome::Done),
                    detail,
                    now,
                )
                .await?;
            notice::enqueue(&app_in, tx, &visitor, Notice::Enabled, now).await?;
            Ok(Ok(Box::new(codes)))
        })
        .await?;
    Ok(match codes {
        Ok(codes) => {
            app.wake_outbox();
            Confirmation::Confirmed {
                codes,
                token: SessionToken::new(new_token),
            }
        }
        Err(Some(drift_seconds)) => Confirmation::Wrong { drift_seconds, now },
        Err(None) => Confirmation::Over,
    })
}

/// Puts an authenticator with a secret that is known elsewhere in force at once: for the demo, whose secrets stand in a file,
/// and for tests. Not for anybody who asks through a page.
///
/// # Errors
/// [`AppError::Forbidden`] unless the server itself asks; [`AppError::NotFound`].
pub async fn put_in_force(
    app: &App,
    caller: &Caller,
    subject: Subject,
    secret: TotpSecret,
) -> Result<PaperCodes, AppError> {
    super::reset::must_be_the_server(caller)?;
    let (app_in, caller, now) = (app.clone(), caller.clone(), app.now());
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let visitor =
                Visitor::load(&app_in, tx, &subject, caller.surface, caller.request_id.clone()).await?;
            let (row, _) = state::hold(tx, &visitor, now).await?;
            let id = visitor.id().to_string();
            let sealed = app_in.vault().seal(
                &place(&visitor, &id, row.totp_version + 1),
                app_in.entropy().bytes()?,
                secret.expose(),
            )?;
            second_factors::put_pending(tx, visitor.id(), &sealed.to_bytes(), now).await?;
            if !second_factors::confirm_pending(tx, visitor.id(), now, 0, now).await? {
                return Err(AppError::Stale);
            }
            let detail = Detail::none().with(DetailKey::Method, Method::Totp.name());
            visitor
                .record(
                    &app_in,
                    tx,
                    (Action::SecondFactorEnabled, Outcome::Done),
                    detail,
                    now,
                )
                .await?;
            codes::put_new(&app_in, tx, &visitor, &row, now).await
        })
        .await
}

fn shown(visitor: &Visitor, secret: &TotpSecret, now: Timestamp) -> Result<Enrolment, AppError> {
    let issuer = visitor.caller.brand.brand.name.as_str();
    Ok(Enrolment {
        key_text: secret.key_text(),
        url: secret
            .url(issuer, &visitor.username)
            .map_err(|error| AppError::Unavailable(Cause::Corrupt(error.to_string())))?,
        now,
    })
}
