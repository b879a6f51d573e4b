//! Use cases: somebody who is signed in proves themselves again by a passkey (B4, ASVS 7.5.1).

use countersign_domain::audit::Action;
use countersign_domain::factor::sign_in::Proof;
use countersign_store::passkeys;
use countersign_store::{Tx, second_factors, sessions};
use webauthn_rs::prelude::DiscoverableAuthentication;

use super::ceremony::{self, Begun, Bound, Purpose};
use super::judge::{self, WrongPasskey};
use super::site::Site;
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;
use crate::second_factor::WrongCode;
use crate::second_factor::state;
use crate::second_factor::visitor::Visitor;
use crate::sign_in::prove::{Proved, note};
use crate::sign_in::session::Held;
use crate::sign_in::{Place, SessionToken};
use crate::token;

/// Begins: the browser is to use one of the caller's passkeys.
///
/// # Errors
/// [`AppError::NotFound`] when there is none.
pub async fn begin(app: &App, site: &Site, caller: &Caller, session: &Held) -> Result<Begun, AppError> {
    let (visitor, known) = app
        .store()
        .read::<_, AppError, _>(async |tx| {
            let visitor = Visitor::of_caller(app, tx, caller).await?;
            let known = passkeys::list(tx, visitor.id()).await?;
            Ok((visitor, known))
        })
        .await?;
    if known.is_empty() {
        return Err(AppError::NotFound("a passkey of yours"));
    }
    let (options, state) = judge::ask(site, &known)?;
    ceremony::begin(app, bound(&visitor, session), &options, state).await
}

/// Takes the proof. The session goes on under a new token (E47).
///
/// # Errors
/// [`AppError::Stale`] when the session ended meanwhile.
pub async fn finish(
    app: &App,
    site: &Site,
    caller: &Caller,
    session: &Held,
    (token, credential): (&str, &str),
) -> Result<Proved, AppError> {
    let visitor = app
        .store()
        .read::<_, AppError, _>(async |tx| Visitor::of_caller(app, tx, caller).await)
        .await?;
    let taken = ceremony::take::<DiscoverableAuthentication>(app, &bound(&visitor, session), token).await?;
    let now = app.now();
    let refused = |why| Proved::WrongCode {
        why: WrongCode::Passkey(why),
        now,
    };
    let Some(state) = taken else {
        return Ok(refused(WrongPasskey::Late));
    };
    let checked = judge::check(app, site, credential, state)
        .await?
        .map_err(|unfit| unfit.why);
    let checked = checked.and_then(|checked| match checked.row.subject == visitor.subject {
        true => Ok(checked),
        false => Err(WrongPasskey::Wrong),
    });
    let new_token = token::make(app.entropy(), "")?;
    let new_hash = token::digest(&new_token);
    let (app_in, session) = (app.clone(), session.clone());
    let verdict = app
        .store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            state::hold(tx, &visitor, now).await?;
            let verdict = match &checked {
                Ok(checked) => judge::save(tx, checked, now)
                    .await?
                    .then_some(())
                    .ok_or(WrongPasskey::Late),
                Err(why) => Err(*why),
            };
            let action = Action::ReauthenticationJudged;
            judge::record(&app_in, tx, &visitor, action, verdict, now).await?;
            if verdict.is_ok() {
                let mistyped = sessions::forget_wrong_codes(tx, session.id).await?;
                second_factors::give_back(tx, visitor.id(), mistyped).await?;
                note(tx, &session, &new_hash, Proof::Passkey, now).await?;
            }
            Ok(verdict)
        })
        .await?;
    app.wake_outbox();
    Ok(match verdict {
        Ok(()) => Proved::Done(SessionToken::new(new_token)),
        Err(why) => refused(why),
    })
}

fn bound(visitor: &Visitor, session: &Held) -> Bound {
    Bound {
        purpose: Purpose::Prove,
        place: Place::of(&visitor.subject),
        subject: Some(visitor.id()),
        to: session.id.to_string(),
    }
}
