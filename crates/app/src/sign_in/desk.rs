//! Use case: a member of staff signs in to the desk with user name and password.

use std::sync::Arc;

use countersign_domain::audit::{Action, Channel, Outcome, Subject};
use countersign_domain::person::Username;
use countersign_domain::staff::Staff;
use countersign_domain::time::Timestamp;
use countersign_store::{Tx, staff};

use super::begin::{Tokens, after_password};
use super::known_browser::{self, Owner};
use super::throttle::{Admitted, Throttle};
use super::{After, SignIn, SignInStep, Stranger};
use crate::app::App;
use crate::error::AppError;
use crate::refusals::{self, Attempt};
use crate::second_factor::visitor::Visitor;

/// Takes the first step: a session, or a half-open sign-in where there is a second factor. An unknown name takes the same work and gets the same answer as a wrong password (T16).
///
/// # Errors
/// [`AppError::SignInRefused`], [`AppError::Throttled`].
pub async fn sign_in(app: &App, asked: SignIn) -> Result<SignInStep, AppError> {
    app.passwords().must_have_room()?;
    let username = Username::parse(&asked.username).ok();
    let throttle = match known_browser(app, username.as_ref(), asked.known_browser.as_deref()).await? {
        Some(browser) => Throttle::of_known_browser("desk", &browser),
        None => Throttle::new("desk", &asked.username, asked.address),
    };
    let admitted = throttle.admit(app, app.now()).await?;
    let known = match &username {
        Some(username) => {
            app.store()
                .read::<_, AppError, _>(async |tx| Ok(staff::find_credentials(tx, username).await?))
                .await?
        }
        None => None,
    };
    let (member, hash) = known.map_or((None, None), |known| {
        (Some(known.staff), Some(known.password_hash))
    });
    let stranger = Stranger {
        typed: asked.username,
        address: asked.address,
        request_id: asked.request_id.clone(),
    };
    let matches = app.passwords().matches(asked.password, hash.clone()).await?;
    let now = app.now();
    let member = member.filter(|member| matches && member.disabled_at.is_none() && !member.grants.is_empty());
    match member {
        Some(member) => {
            let seen = hash.unwrap_or_default();
            let kept = known_browser::remember(
                app,
                Owner {
                    brand: None,
                    id: &member.id.to_string(),
                    password_hash: &seen,
                },
            )?;
            let after = After::new(&asked.browser, asked.device, asked.request_id);
            let step = start(app, &admitted, (&member, seen), after, now).await;
            if matches!(step, Err(AppError::SignInRefused)) {
                refuse(app, stranger).await?;
            }
            Ok(step?.in_known_browser(kept))
        }
        None => {
            refuse(app, stranger).await?;
            Err(AppError::SignInRefused)
        }
    }
}

/// The name of the browser's own count, where whoever has this name signed in with it before.
async fn known_browser(
    app: &App,
    username: Option<&Username>,
    kept: Option<&str>,
) -> Result<Option<String>, AppError> {
    let (Some(kept), Some(username)) = (kept, username) else {
        return Ok(None);
    };
    let known = app
        .store()
        .read::<_, AppError, _>(async |tx| Ok(staff::find_credentials(tx, username).await?))
        .await?;
    let (id, hash) = known.map_or_else(Default::default, |known| {
        (known.staff.id.to_string(), known.password_hash)
    });
    let owner = Owner {
        brand: None,
        id: &id,
        password_hash: &hash,
    };
    known_browser::recognise(app, owner, kept)
}

async fn start(
    app: &App,
    admitted: &Arc<Admitted>,
    (member, seen): (&Staff, String),
    asked: After,
    now: Timestamp,
) -> Result<SignInStep, AppError> {
    let visitor =
        Visitor::of_staff(app, member, Channel::Desk, asked.request_id).ok_or(AppError::SignInRefused)?;
    let (app_in, admitted, tokens) = (app.clone(), admitted.clone(), Tokens::make(app)?);
    let (browser, device) = (asked.browser, asked.device);
    let id = member.id;
    let step = app
        .store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            // Hashing took a while, outside of any transaction: a password that was changed meanwhile opens nothing.
            if !staff::hold_with_password(tx, id, &seen).await? {
                return Err(AppError::SignInRefused);
            }
            admitted.was_right(tx).await?;
            after_password(&app_in, tx, &visitor, &browser, device.as_deref(), &tokens, now).await
        })
        .await?;
    app.wake_outbox();
    Ok(step)
}

/// The strictest word of the policies of all brands at which a member of staff works.
pub(super) fn shortest(
    app: &App,
    member: &Staff,
    field: impl Fn(&countersign_domain::policy::Policy) -> u16,
) -> u16 {
    let directory = app.directory().current();
    member
        .grants
        .iter()
        .filter_map(|(brand, _)| directory.brand(*brand))
        .map(|entry| field(&entry.policy))
        .min()
        .unwrap_or(1)
}

/// Records a refused sign-in in the chain of the first brand: staff belong to no single one.
async fn refuse(app: &App, stranger: Stranger) -> Result<(), AppError> {
    let directory = app.directory().current();
    let Some(brand) = directory.brands().first() else {
        return Ok(());
    };
    let attempt = Attempt {
        brand,
        action: Action::SignInRefused,
        outcome: Outcome::Refused,
        surface: Channel::Desk,
        named: &stranger.typed,
        whose: Subject::Nobody,
        address: stranger.address,
        request_id: stranger.request_id,
    };
    refusals::record_attempt(app, attempt).await
}
