//! Use case: somebody who is signed in proves themselves again before something that matters (B4, ASVS 7.5.1). The session gets
//! a new token (E47).

use std::net::IpAddr;
use std::sync::Arc;

use countersign_domain::audit::{Action, Detail, DetailKey, Outcome};
use countersign_domain::factor::sign_in::Proof;
use countersign_domain::time::Timestamp;
use countersign_store::sessions::Subject;
use countersign_store::{Tx, people, second_factors, sessions, staff};

use super::SessionToken;
use super::session::Held;
use super::throttle::Throttle;
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;
use crate::passwords::Password;
use crate::second_factor::judge::{self, Answer, Ask, WrongCode};
use crate::second_factor::state;
use crate::second_factor::visitor::Visitor;
use crate::token;

/// What is given as a proof.
pub enum Proving {
    /// The password. Not enough where a remembered device stood in for the second factor: that session has proved none
    /// (deviation D5).
    Password {
        /// The password.
        password: Password,
        /// Where the request came from.
        address: IpAddr,
    },
    /// A code of the authenticator, or a backup code.
    Code(Answer),
}

/// What came of it.
pub enum Proved {
    /// The session has a new token; [`Held::proven_at`] begins anew.
    Done(SessionToken),
    /// The password is wrong.
    WrongPassword,
    /// The code does not count.
    WrongCode {
        /// Why.
        why: WrongCode,
        /// The server's time (C6).
        now: Timestamp,
    },
    /// The password is not enough in this session: ask for a code.
    NeedsCode,
}

/// Proves the caller again.
///
/// # Errors
/// [`AppError::Throttled`] after too many wrong passwords; [`AppError::Stale`] when the session ended meanwhile.
pub async fn prove(app: &App, caller: &Caller, session: &Held, proving: Proving) -> Result<Proved, AppError> {
    match proving {
        Proving::Password { password, address } => by_password(app, caller, session, password, address).await,
        Proving::Code(answer) => by_code(app, caller, session, answer).await,
    }
}

async fn by_password(
    app: &App,
    caller: &Caller,
    session: &Held,
    password: Password,
    address: IpAddr,
) -> Result<Proved, AppError> {
    let visitor = app
        .store()
        .read::<_, AppError, _>(async |tx| Visitor::of_caller(app, tx, caller).await)
        .await?;
    if session.proof == Proof::Device {
        return Ok(Proved::NeedsCode);
    }
    app.passwords().must_have_room()?;
    // By id, so that these counts and those of signing in are two: nobody who is signed out can use these up.
    let id = visitor.id().to_string();
    let admitted = Throttle::new("prove", &id, address).admit(app, app.now()).await?;
    let stored = app
        .store()
        .read::<_, AppError, _>(async |tx| stored_password(tx, &visitor).await)
        .await?;
    let right = app.passwords().matches(password, stored).await?;
    let (app_in, now, session) = (app.clone(), app.now(), session.clone());
    let (new_token, new_hash) = fresh(app)?;
    let done = app
        .store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let outcome = if right { Outcome::Verified } else { Outcome::Denied };
            let detail = Detail::none().with(DetailKey::Method, "password");
            visitor
                .record(
                    &app_in,
                    tx,
                    (Action::ReauthenticationJudged, outcome),
                    detail,
                    now,
                )
                .await?;
            if right {
                admitted.was_right(tx).await?;
                // What the session rests on stays as it was: the password adds nothing to a second factor.
                note(tx, &session, &new_hash, session.proof, now).await?;
                sessions::note_password(tx, session.id, now).await?;
            }
            Ok(right)
        })
        .await?;
    Ok(if done {
        Proved::Done(SessionToken::new(new_token))
    } else {
        Proved::WrongPassword
    })
}

async fn by_code(app: &App, caller: &Caller, session: &Held, answer: Answer) -> Result<Proved, AppError> {
    let (app_in, caller, session, answer, now) = (
        app.clone(),
        caller.clone(),
        session.clone(),
        Arc::new(answer),
        app.now(),
    );
    let (new_token, new_hash) = fresh(app)?;
    let refused = app
        .store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let visitor = Visitor::of_caller(&app_in, tx, &caller).await?;
            let (row, factors) = state::hold(tx, &visitor, now).await?;
            let verdict = match &*answer {
                // The recovery code opens a sign-in that is closed, and a code by SMS belongs to one that is half open.
                Answer::Recovery(_) | Answer::Sms(_) => Err(WrongCode::NotOpen),
                Answer::Totp(_) | Answer::Backup(_) => {
                    let ask = Ask {
                        visitor: &visitor,
                        row: &row,
                        factors: &factors,
                        answer: &answer,
                        half_open: None,
                        now,
                    };
                    judge::judge(&app_in, tx, &ask).await?
                }
            };
            let outcome = if verdict.is_ok() {
                Outcome::Verified
            } else {
                Outcome::Denied
            };
            let detail = Detail::none().with(DetailKey::Method, answer.method().name());
            visitor
                .record(
                    &app_in,
                    tx,
                    (Action::ReauthenticationJudged, outcome),
                    detail,
                    now,
                )
                .await?;
            match verdict {
                Ok(()) => {
                    let mistyped = sessions::forget_wrong_codes(tx, session.id).await?;
                    second_factors::give_back(tx, visitor.id(), mistyped).await?;
                    note(tx, &session, &new_hash, Proof::SecondFactor, now).await?;
                }
                Err(WrongCode::Wrong { .. }) => sessions::note_wrong_code(tx, session.id).await?,
                Err(_) => {}
            }
            Ok(verdict.err())
        })
        .await?;
    app.wake_outbox();
    Ok(match refused {
        None => Proved::Done(SessionToken::new(new_token)),
        Some(why) => Proved::WrongCode { why, now },
    })
}

fn fresh(app: &App) -> Result<(zeroize::Zeroizing<String>, [u8; 32]), AppError> {
    let token = token::make(app.entropy(), "")?;
    let digest = token::digest(&token);
    Ok((token, digest))
}

/// Notes a proof in the session, under a new token. For passkeys too.
pub(crate) async fn note(
    tx: &mut Tx,
    session: &Held,
    new_hash: &[u8; 32],
    proof: Proof,
    now: Timestamp,
) -> Result<(), AppError> {
    if sessions::prove(tx, session.id, &session.token_hash, new_hash, proof, now).await? {
        Ok(())
    } else {
        Err(AppError::Stale)
    }
}

async fn stored_password(tx: &mut Tx, visitor: &Visitor) -> Result<Option<String>, AppError> {
    let username = countersign_domain::person::Username::parse(&visitor.username).ok();
    let Some(username) = username else { return Ok(None) };
    Ok(match visitor.subject {
        Subject::Person { brand, person, .. } => people::find_credentials(tx, brand, &username)
            .await?
            .filter(|known| known.person.id == person)
            .and_then(|known| known.password_hash),
        Subject::Staff(id) => staff::find_credentials(tx, &username)
            .await?
            .filter(|known| known.staff.id == id)
            .map(|known| known.password_hash),
    })
}
