//! Use cases: a customer's program signs in with their user name and password and gets a token for a header (D7), and later
//! on the token is taken up again. The token is a session of its own kind: it opens no page, and no page's cookie opens
//! what it opens. It is listed among the customer's sessions, and ends with them.

use std::net::IpAddr;
use std::sync::Arc;

use countersign_domain::access::Actor;
use countersign_domain::account::Account;
use countersign_domain::audit::Channel;
use countersign_domain::factor::sign_in::{AfterPassword, Proof, SecondFactorRule, SetUp};
use countersign_domain::person::Person;
use countersign_domain::time::Timestamp;
use countersign_store::sessions::{Carrier, Subject};
use countersign_store::{Tx, accounts, people};

use super::begin::{Began, Tokens, begin_session};
use super::portal::{RightPassword, Typed, right_password};
use super::session::{find, in_time, note_use, who_signs_in};
use super::{SessionToken, short};
use crate::app::App;
use crate::caller::Caller;
use crate::directory::BrandEntry;
use crate::error::AppError;
use crate::passwords::Password;
use crate::second_factor::state;
use crate::second_factor::visitor::Visitor;

/// What every such token begins with, so that scanners of leaked secrets know one when they see it.
pub const TOKEN_PREFIX: &str = "cst_";

/// What is submitted.
pub struct ProgramSignIn {
    /// The name, as it was sent.
    pub username: String,
    /// The password.
    pub password: Password,
    /// Where the request came from.
    pub address: IpAddr,
    /// The program, in words.
    pub program: String,
    /// The request's id.
    pub request_id: Option<String>,
}

/// What comes after the right password.
pub enum TokenStep {
    /// A token is given.
    Issued(Box<Issued>),
    /// The password was right and opens nothing here: a second factor is set up, or is to be.
    NeedsSecondFactor,
}

/// A token that was just given.
pub struct Issued {
    /// What the program keeps.
    pub token: SessionToken,
    /// Whose it is, and until when.
    pub session: TokenSession,
}

/// A customer's program.
#[derive(Clone, Debug)]
pub struct TokenSession {
    /// Who.
    pub person: Person,
    /// On which account.
    pub account: Account,
    /// The same as the asker of use cases; the request's id is the request's to add.
    pub caller: Caller,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
}

/// Signs a customer's program in. An unknown name takes the same work and gets the same answer as a wrong password (T16),
/// and the tries are counted with those at the sign-in page.
///
/// # Errors
/// [`AppError::SignInRefused`], [`AppError::Throttled`].
pub async fn sign_in(
    app: &App,
    brand: &Arc<BrandEntry>,
    asked: ProgramSignIn,
) -> Result<TokenStep, AppError> {
    let (program, request_id) = (short(&asked.program), asked.request_id.clone());
    let typed = Typed {
        username: asked.username,
        password: asked.password,
        known_browser: None,
        address: asked.address,
        surface: Channel::Api,
        request_id: asked.request_id,
    };
    let right = right_password(app, brand, typed).await?;
    let step = start(app, brand, &right, program, request_id).await;
    if matches!(
        step,
        Ok(TokenStep::NeedsSecondFactor) | Err(AppError::SignInRefused)
    ) {
        right.refuse(app, brand).await?;
    }
    step
}

async fn start(
    app: &App,
    brand: &Arc<BrandEntry>,
    right: &RightPassword,
    program: String,
    request_id: Option<String>,
) -> Result<TokenStep, AppError> {
    let person = right.person.clone();
    let visitor = Visitor::of_person(brand, &person, Channel::Api, request_id);
    let (app_in, admitted) = (app.clone(), right.admitted.clone());
    let (tokens, seen, now) = (
        Tokens::with_prefix(app, TOKEN_PREFIX)?,
        right.hash.clone(),
        app.now(),
    );
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            // Hashing took a while, outside of any transaction: a password that was changed meanwhile opens nothing.
            if !people::hold_with_password(tx, person.account, person.id, &seen).await? {
                return Err(AppError::SignInRefused);
            }
            let (_, factors) = state::take(tx, &visitor, now).await?;
            let (proof, set_up) = match factors.after_password(visitor.rules.second_factor, false) {
                AfterPassword::Done { proof, set_up } if set_up != SetUp::Required => (proof, set_up),
                // Counted like a wrong one: a program that goes on asking is slowed down.
                AfterPassword::Done { .. } | AfterPassword::SecondFactor => {
                    return Ok(TokenStep::NeedsSecondFactor);
                }
            };
            admitted.was_right(tx).await?;
            let account = accounts::find(tx, person.account)
                .await?
                .ok_or(AppError::NotFound("the account"))?;
            let began = Began {
                carrier: Carrier::Header,
                proof,
                set_up,
                method: None,
                device: None,
            };
            let signed_in = begin_session(&app_in, tx, &visitor, &program, began, &tokens, now).await?;
            Ok(TokenStep::Issued(Box::new(Issued {
                token: signed_in.token,
                session: TokenSession {
                    person: person.clone(),
                    account,
                    caller: visitor.caller.clone(),
                    expires_at: signed_in.expires_at,
                },
            })))
        })
        .await
}

/// The customer's program of this token, if the token is still in time. Asking counts as use.
///
/// # Errors
/// [`AppError::Unavailable`].
pub async fn resume(app: &App, token: &str) -> Result<Option<TokenSession>, AppError> {
    let session = look(app, token).await?;
    if let Some((row, _)) = &session {
        note_use(app, row).await?;
    }
    Ok(session.map(|(_, session)| session))
}

/// The same without counting as use: for whoever asks about somebody's token.
///
/// # Errors
/// [`AppError::Unavailable`].
pub async fn validate(app: &App, token: &str) -> Result<Option<TokenSession>, AppError> {
    Ok(look(app, token).await?.map(|(_, session)| session))
}

async fn look(
    app: &App,
    token: &str,
) -> Result<Option<(countersign_store::sessions::SessionRow, TokenSession)>, AppError> {
    let Some((row, _)) = find(app, token).await? else {
        return Ok(None);
    };
    let (
        Carrier::Header,
        Subject::Person {
            person,
            account,
            brand,
        },
    ) = (row.carrier, row.subject)
    else {
        return Ok(None);
    };
    let Some(brand) = app.directory().current().brand(brand) else {
        return Ok(None);
    };
    // A policy that has come to require a second factor since takes the word of a bare password no more.
    let outdated = row.set_up == SetUp::Required
        || (row.proof == Proof::Password && brand.policy.sign_in.second_factor == SecondFactorRule::Required);
    if outdated || !in_time(&row, brand.policy.portal.idle_minutes, app.now()) {
        return Ok(None);
    }
    let Some((person, account)) = who_signs_in(app, account, person).await? else {
        return Ok(None);
    };
    let caller = Caller {
        actor: Actor::Person {
            id: person.id,
            account: account.id,
            role: person.role,
        },
        brand,
        surface: Channel::Api,
        request_id: None,
    };
    let expires_at = row.expires_at;
    Ok(Some((
        row,
        TokenSession {
            person,
            account,
            caller,
            expires_at,
        },
    )))
}
