//! What waits between the two halves of a ceremony: a row, used once, soon over, and bound to where it began.

use countersign_domain::factor::passkey::CEREMONY_FOR;
use countersign_domain::ids::SubjectId;
use countersign_store::Tx;
use countersign_store::passkeys::{self, Ceremony};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::app::App;
use crate::error::{AppError, Cause};
use crate::sign_in::{Place, SessionToken, digest_of};
use crate::token;

/// A ceremony that has begun.
pub struct Begun {
    /// What the browser keeps until it is over.
    pub token: SessionToken,
    /// The options for the browser, as JSON.
    pub options: String,
}

/// What a ceremony is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Register,
    SecondStep,
    SignIn,
    Prove,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::SecondStep => "second_step",
            Self::SignIn => "sign_in",
            Self::Prove => "prove",
        }
    }
}

/// To what a ceremony is bound.
#[derive(Clone, Debug)]
pub(crate) struct Bound {
    pub(crate) purpose: Purpose,
    pub(crate) place: Place,
    /// For whom; none where the passkey is to tell.
    pub(crate) subject: Option<SubjectId>,
    /// The id of the session or of the half-open sign-in; empty where there is neither.
    pub(crate) to: String,
}

/// The library's state, and to what it is bound.
#[derive(Serialize, Deserialize)]
struct Kept<S> {
    bound_to: String,
    ceremony: S,
}

/// Keeps the state of a ceremony and gives out what the browser needs.
pub(crate) async fn begin<S: Serialize>(
    app: &App,
    bound: Bound,
    options: &Value,
    state: S,
) -> Result<Begun, AppError> {
    let (now, text) = (app.now(), token::make(app.entropy(), "")?);
    let kept = Kept {
        bound_to: bound.to,
        ceremony: state,
    };
    let row = Ceremony {
        purpose: bound.purpose.name().to_owned(),
        subject: bound.subject,
        brand: bound.place.brand(),
        state: serde_json::to_string(&kept).map_err(not_json)?,
        created_at: now,
        expires_at: now.plus(CEREMONY_FOR),
    };
    let digest = token::digest(&text);
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            Ok(passkeys::begin_ceremony(tx, &row, &digest).await?)
        })
        .await?;
    Ok(Begun {
        token: SessionToken::new(text),
        options: options.to_string(),
    })
}

/// Takes the state of a ceremony. It is used up whatever comes of it; none for one that was used, is over, or is bound to
/// something else.
pub(crate) async fn take<S: DeserializeOwned>(
    app: &App,
    bound: &Bound,
    token: &str,
) -> Result<Option<S>, AppError> {
    let Some(digest) = digest_of(token) else {
        return Ok(None);
    };
    let (now, purpose) = (app.now(), bound.purpose);
    let taken = app
        .store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            Ok(passkeys::end_ceremony(tx, purpose.name(), &digest, now).await?)
        })
        .await?;
    let Some(row) = taken else { return Ok(None) };
    let kept: Kept<S> = serde_json::from_str(&row.state).map_err(not_json)?;
    let ours = row.brand == bound.place.brand() && row.subject == bound.subject && kept.bound_to == bound.to;
    Ok(ours.then_some(kept.ceremony))
}

/// What the library wrote cannot be read again, or not be written.
#[expect(clippy::needless_pass_by_value, reason = "to be handed to map_err")]
pub(crate) fn not_json(error: serde_json::Error) -> AppError {
    AppError::Unavailable(Cause::Corrupt(format!("a passkey or its ceremony: {error}")))
}
