//! Use case: somebody who is signed in makes a passkey. As the first factor of theirs it comes with codes on paper.

use countersign_domain::audit::{Action, Detail, DetailKey, Outcome};
use countersign_domain::contact::PasskeyName;
use countersign_domain::factor::Method;
use countersign_domain::factor::passkey::MOST_PASSKEYS;
use countersign_domain::factor::sign_in::{Proof, SetUp};
use countersign_store::passkeys::{self, PasskeyRow};
use countersign_store::{Tx, second_factors, sessions};
use serde_json::{Value, json};
use webauthn_rs::prelude::{PasskeyRegistration, RegisterPublicKeyCredential};

use super::ceremony::{self, Begun, Bound, Purpose, not_json};
use super::site::{Site, handle_of, unexpected};
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;
use crate::second_factor::codes::{self, PaperCodes};
use crate::second_factor::notice::{self, Notice};
use crate::second_factor::state::{self, end_what_rested_on_it};
use crate::second_factor::visitor::Visitor;
use crate::sign_in::session::{Held, Proven};
use crate::sign_in::{Place, SessionToken};
use crate::token;

/// What the browser brought for a new passkey.
pub struct NewPasskey {
    /// What its owner calls it.
    pub name: PasskeyName,
    /// The token of the ceremony.
    pub ceremony: String,
    /// The browser's answer, as JSON.
    pub credential: String,
}

/// What came of it.
pub enum Registered {
    /// The passkey is in force. Everything else that was signed in is not any more, and this session has a new token.
    Done {
        /// The codes on paper, shown once; none where there was a second factor before.
        codes: Option<Box<PaperCodes>>,
        /// The session's new token (E47).
        token: SessionToken,
    },
    /// It was not made.
    Refused(NotRegistered),
}

/// Why a passkey was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRegistered {
    /// The ceremony was used, took too long, or began in another session: begin again.
    Late,
    /// What the browser brought is no passkey for this site.
    Wrong,
    /// There is this passkey already.
    Known,
    /// There are as many as one may have.
    TooMany,
}

/// Begins to make a passkey: one that the browser finds by itself, and whose device verifies the person.
///
/// # Errors
/// [`AppError::Unavailable`]; [`AppError::NotFound`] for a program.
pub async fn begin(
    app: &App,
    site: &Site,
    caller: &Caller,
    session: &Held,
    _proven: &Proven,
) -> Result<Result<Begun, NotRegistered>, AppError> {
    let (visitor, known) = app
        .store()
        .read::<_, AppError, _>(async |tx| {
            let visitor = Visitor::of_caller(app, tx, caller).await?;
            let known = passkeys::list(tx, visitor.id()).await?;
            Ok((visitor, known))
        })
        .await?;
    if known.len() >= MOST_PASSKEYS as usize {
        return Ok(Err(NotRegistered::TooMany));
    }
    let known = known.into_iter().map(|row| row.credential_id).collect();
    let (asked, state) = site
        .party()?
        .start_passkey_registration(
            handle_of(visitor.id()),
            &visitor.username,
            &visitor.username,
            Some(known),
        )
        .map_err(unexpected)?;
    let mut options = serde_json::to_value(asked.public_key).map_err(not_json)?;
    must_be_found_by_itself(&mut options);
    ceremony::begin(app, bound(&visitor, session), &options, state)
        .await
        .map(Ok)
}

/// The library leaves it to the authenticator whether the browser can find the passkey without being told its id. Signing in with
/// it alone needs that.
fn must_be_found_by_itself(options: &mut Value) {
    if let Some(Value::Object(wishes)) = options.get_mut("authenticatorSelection") {
        wishes.insert("residentKey".to_owned(), json!("required"));
        wishes.insert("requireResidentKey".to_owned(), json!(true));
    }
}

/// Takes what the browser made. Whoever could begin within the last five minutes needs no fresher proof.
///
/// # Errors
/// [`AppError::Stale`] when the session ended meanwhile; [`AppError::Unavailable`].
pub async fn finish(
    app: &App,
    site: &Site,
    caller: &Caller,
    session: &Held,
    new: NewPasskey,
) -> Result<Registered, AppError> {
    let visitor = app
        .store()
        .read::<_, AppError, _>(async |tx| Visitor::of_caller(app, tx, caller).await)
        .await?;
    let taken = ceremony::take::<PasskeyRegistration>(app, &bound(&visitor, session), &new.ceremony).await?;
    let Some(state) = taken else {
        return Ok(Registered::Refused(NotRegistered::Late));
    };
    let Ok(brought) = serde_json::from_str::<RegisterPublicKeyCredential>(&new.credential) else {
        return Ok(Registered::Refused(NotRegistered::Wrong));
    };
    let Ok(passkey) = site.party()?.finish_passkey_registration(&brought, &state) else {
        return Ok(Registered::Refused(NotRegistered::Wrong));
    };
    let now = app.now();
    let row = PasskeyRow {
        credential_id: passkey.cred_id().clone(),
        subject: visitor.subject,
        passkey: serde_json::to_string(&passkey).map_err(not_json)?,
        name: new.name.as_str().to_owned(),
        created_at: now,
        last_used_at: None,
    };
    let new_token = token::make(app.entropy(), "")?;
    let new_hash = token::digest(&new_token);
    let (app_in, caller, session) = (app.clone(), caller.clone(), session.clone());
    let written = app
        .store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let visitor = Visitor::of_caller(&app_in, tx, &caller).await?;
            let (held, factors) = state::hold(tx, &visitor, now).await?;
            if factors.passkeys >= MOST_PASSKEYS {
                return Ok(Err(NotRegistered::TooMany));
            }
            passkeys::insert(tx, &row, &new.credential)
                .await
                .map_err(AppError::conflict(KNOWN))?;
            let codes = if factors.any() {
                None
            } else {
                Some(codes::put_new(&app_in, tx, &visitor, &held, now).await?)
            };
            end_what_rested_on_it(tx, &visitor.subject, Some(session.id), now).await?;
            second_factors::note_set_up(tx, visitor.id()).await?;
            sessions::note_set_up(tx, &visitor.subject, SetUp::NotDue).await?;
            let (id, old) = (session.id, session.token_hash);
            if !sessions::prove(tx, id, &old, &new_hash, Proof::Passkey, now).await? {
                return Err(AppError::Stale);
            }
            let detail = Detail::none().with(DetailKey::Method, Method::Passkey.name());
            let what = (Action::SecondFactorEnabled, Outcome::Done);
            visitor.record(&app_in, tx, what, detail, now).await?;
            notice::enqueue(&app_in, tx, &visitor, Notice::PasskeyAdded, now).await?;
            Ok(Ok(codes.map(Box::new)))
        })
        .await;
    Ok(match written {
        Ok(Ok(codes)) => {
            app.wake_outbox();
            Registered::Done {
                codes,
                token: SessionToken::new(new_token),
            }
        }
        Ok(Err(why)) => Registered::Refused(why),
        Err(AppError::Conflict(KNOWN)) => Registered::Refused(NotRegistered::Known),
        Err(error) => return Err(error),
    })
}

const KNOWN: &str = "this passkey";

fn bound(visitor: &Visitor, session: &Held) -> Bound {
    Bound {
        purpose: Purpose::Register,
        place: Place::of(&visitor.subject),
        subject: Some(visitor.id()),
        to: session.id.to_string(),
    }
}
