//! Use cases: a passkey is used as the second step of a sign-in.

use countersign_domain::audit::Action;
use countersign_domain::factor::Method;
use countersign_domain::factor::passkey::MOST_WRONG_PASSKEYS;
use countersign_store::half_open::HalfOpenRow;
use countersign_store::passkeys::{self, PasskeyRow};
use countersign_store::{Tx, half_open};
use webauthn_rs::prelude::DiscoverableAuthentication;

use super::ceremony::{self, Begun, Bound, Purpose};
use super::judge::{self, WrongPasskey};
use super::site::Site;
use crate::app::App;
use crate::error::AppError;
use crate::second_factor::WrongCode;
use crate::sign_in::begin::Tokens;
use crate::sign_in::second_step::{SecondStepDone, finish as begin_session, go_on};
use crate::sign_in::{Place, digest_of};

/// What is handed in.
pub struct PasskeyStep {
    /// At which site.
    pub site: Site,
    /// At which face.
    pub place: Place,
    /// The half-open sign-in's token.
    pub half_open: String,
    /// The ceremony's token.
    pub ceremony: String,
    /// The browser's answer, as JSON.
    pub credential: String,
    /// Whether this device is to be remembered (C4).
    pub remember: bool,
    /// The request's id.
    pub request_id: Option<String>,
}

/// Begins: the browser is to use one of the passkeys of whoever signs in. None when the half-open sign-in is over, or there is
/// none.
///
/// # Errors
/// [`AppError::Unavailable`].
pub async fn begin(
    app: &App,
    site: &Site,
    place: Place,
    half_open_token: &str,
) -> Result<Option<Begun>, AppError> {
    let Some((half, known)) = waiting(app, place, half_open_token).await? else {
        return Ok(None);
    };
    if known.is_empty() || half.state.ended || app.now() >= half.state.expires_at {
        return Ok(None);
    }
    let (options, state) = judge::ask(site, &known)?;
    ceremony::begin(app, bound(place, &half), &options, state)
        .await
        .map(Some)
}

/// Takes the second step with a passkey. One that does not count is recorded and committed, and no error.
///
/// # Errors
/// [`AppError::Unavailable`].
pub async fn finish(app: &App, asked: PasskeyStep) -> Result<SecondStepDone, AppError> {
    let Some(digest) = digest_of(&asked.half_open) else {
        return Ok(SecondStepDone::Over);
    };
    let Some((half, _)) = waiting(app, asked.place, &asked.half_open).await? else {
        return Ok(SecondStepDone::Over);
    };
    let taken =
        ceremony::take::<DiscoverableAuthentication>(app, &bound(asked.place, &half), &asked.ceremony)
            .await?;
    let (now, tokens) = (app.now(), Tokens::make(app)?);
    let refused = move |why| SecondStepDone::Refused {
        why: WrongCode::Passkey(why),
        now,
    };
    let Some(state) = taken else {
        return Ok(refused(WrongPasskey::Late));
    };
    let checked = judge::check(app, &asked.site, &asked.credential, state)
        .await?
        .map_err(|unfit| unfit.why);
    // Somebody else's passkey proves somebody else.
    let checked = checked.and_then(|checked| match checked.row.subject == half.subject {
        true => Ok(checked),
        false => Err(WrongPasskey::Wrong),
    });
    let app_in = app.clone();
    let done = app
        .store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let request_id = asked.request_id.clone();
            let Some(open) = go_on(&app_in, tx, asked.place, &digest, request_id, now).await? else {
                return Ok(SecondStepDone::Over);
            };
            let verdict = match &checked {
                Ok(checked) => judge::save(tx, checked, now)
                    .await?
                    .then_some(())
                    .ok_or(WrongPasskey::Late),
                Err(why) => Err(*why),
            };
            let action = Action::SecondFactorJudged;
            judge::record(&app_in, tx, &open.visitor, action, verdict, now).await?;
            if let Err(why) = verdict {
                if half_open::note_wrong_recovery(tx, &digest).await? >= MOST_WRONG_PASSKEYS {
                    half_open::end(tx, &digest, now).await?;
                }
                return Ok(refused(why));
            }
            judge::reopen(tx, &open.visitor, open.factors.closed_at.is_some()).await?;
            let how = (Method::Passkey, asked.remember);
            begin_session(&app_in, tx, &open, &digest, how, &tokens, now).await
        })
        .await?;
    app.wake_outbox();
    Ok(done)
}

/// The half-open sign-in of a token at this face, and the passkeys of whoever signs in.
async fn waiting(
    app: &App,
    place: Place,
    token: &str,
) -> Result<Option<(HalfOpenRow, Vec<PasskeyRow>)>, AppError> {
    let Some(digest) = digest_of(token) else {
        return Ok(None);
    };
    app.store()
        .read::<_, AppError, _>(async |tx| {
            let half = half_open::find(tx, &digest).await?;
            let Some(half) = half.filter(|half| place.holds(&half.subject)) else {
                return Ok(None);
            };
            let known = passkeys::list(tx, half.subject.subject_id()).await?;
            Ok(Some((half, known)))
        })
        .await
}

fn bound(place: Place, half: &HalfOpenRow) -> Bound {
    Bound {
        purpose: Purpose::SecondStep,
        place,
        subject: Some(half.subject.subject_id()),
        to: half.id.clone(),
    }
}
