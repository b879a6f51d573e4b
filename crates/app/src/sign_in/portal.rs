//! Use case: a customer signs in to a brand's portal with user name and password.

use std::net::IpAddr;
use std::sync::Arc;

use countersign_domain::audit::{Action, Channel, Outcome, Subject};
use countersign_domain::person::{Person, Username};
use countersign_store::{Tx, people};

use super::begin::{Tokens, after_password};
use super::known_browser::{self, Owner};
use super::throttle::{Admitted, Throttle};
use super::{After, SignIn, SignInStep, Stranger};
use crate::app::App;
use crate::directory::BrandEntry;
use crate::error::AppError;
use crate::passwords::Password;
use crate::refusals::{self, Attempt};
use crate::second_factor::visitor::Visitor;

/// Takes the first step: a session, or a half-open sign-in where there is a second factor. An unknown name takes the same work and gets the same answer as a wrong password (T16).
///
/// # Errors
/// [`AppError::SignInRefused`], [`AppError::Throttled`].
pub async fn sign_in(app: &App, brand: &Arc<BrandEntry>, asked: SignIn) -> Result<SignInStep, AppError> {
    let after = After::new(&asked.browser, asked.device, asked.request_id.clone());
    let typed = Typed {
        username: asked.username,
        password: asked.password,
        known_browser: asked.known_browser,
        address: asked.address,
        surface: Channel::Portal,
        request_id: asked.request_id,
    };
    let right = right_password(app, brand, typed).await?;
    let kept = known_browser::remember(
        app,
        Owner {
            brand: Some(brand.brand.id),
            id: &right.person.id.to_string(),
            password_hash: &right.hash,
        },
    )?;
    let step = start(app, brand, &right, after).await;
    if matches!(step, Err(AppError::SignInRefused)) {
        right.refuse(app, brand).await?;
    }
    Ok(step?.in_known_browser(kept))
}

/// A name and a password, as they were typed.
pub(super) struct Typed {
    pub(super) username: String,
    pub(super) password: Password,
    pub(super) known_browser: Option<String>,
    pub(super) address: IpAddr,
    pub(super) surface: Channel,
    pub(super) request_id: Option<String>,
}

/// Whose password was right. Nothing has begun yet.
pub(super) struct RightPassword {
    pub(super) person: Person,
    /// The digest that the password was compared with.
    pub(super) hash: String,
    /// The try, which is to be taken back where a session begins.
    pub(super) admitted: Arc<Admitted>,
    surface: Channel,
    stranger: Stranger,
}

impl RightPassword {
    /// Records that it opened nothing after all.
    pub(super) async fn refuse(self, app: &App, brand: &BrandEntry) -> Result<(), AppError> {
        let whose = Subject::Person(self.person.id);
        refuse(app, brand, whose, self.surface, self.stranger).await
    }
}

/// Counts the try and compares the password: the same work for a name that exists and one that does not (T16).
pub(super) async fn right_password(
    app: &App,
    brand: &Arc<BrandEntry>,
    asked: Typed,
) -> Result<RightPassword, AppError> {
    // One count for pages and programs: who is stopped at one does not go on at the other.
    let realm = format!("portal/{}", brand.brand.id);
    app.passwords().must_have_room()?;
    let username = Username::parse(&asked.username).ok();
    let throttle = match known_browser(app, brand, username.as_ref(), asked.known_browser.as_deref()).await? {
        Some(browser) => Throttle::of_known_browser(&realm, &browser),
        None => Throttle::new(&realm, &asked.username, asked.address),
    };
    let admitted = throttle.admit(app, app.now()).await?;
    let known = match &username {
        Some(username) => {
            app.store()
                .read::<_, AppError, _>(async |tx| {
                    Ok(people::find_credentials(tx, brand.brand.id, username).await?)
                })
                .await?
        }
        None => None,
    };
    let (person, hash) = known.map_or((None, None), |known| (Some(known.person), known.password_hash));
    let stranger = Stranger {
        typed: asked.username,
        address: asked.address,
        request_id: asked.request_id,
    };
    let matches = app.passwords().matches(asked.password, hash.clone()).await?;
    match person {
        Some(person) if matches && person.may_sign_in() => Ok(RightPassword {
            person,
            hash: hash.unwrap_or_default(),
            admitted,
            surface: asked.surface,
            stranger,
        }),
        other => {
            let subject = other.map_or(Subject::Nobody, |person| Subject::Person(person.id));
            refuse(app, brand, subject, asked.surface, stranger).await?;
            Err(AppError::SignInRefused)
        }
    }
}

/// The name of the browser's own count, where whoever has this name signed in with it before.
async fn known_browser(
    app: &App,
    brand: &Arc<BrandEntry>,
    username: Option<&Username>,
    kept: Option<&str>,
) -> Result<Option<String>, AppError> {
    let (Some(kept), Some(username)) = (kept, username) else {
        return Ok(None);
    };
    let known = app
        .store()
        .read::<_, AppError, _>(async |tx| Ok(people::find_credentials(tx, brand.brand.id, username).await?))
        .await?;
    let (id, hash) = known.map_or_else(Default::default, |known| {
        (
            known.person.id.to_string(),
            known.password_hash.unwrap_or_default(),
        )
    });
    let owner = Owner {
        brand: Some(brand.brand.id),
        id: &id,
        password_hash: &hash,
    };
    known_browser::recognise(app, owner, kept)
}

async fn start(
    app: &App,
    brand: &Arc<BrandEntry>,
    right: &RightPassword,
    asked: After,
) -> Result<SignInStep, AppError> {
    let visitor = Visitor::of_person(brand, &right.person, Channel::Portal, asked.request_id);
    let (app_in, admitted, tokens) = (app.clone(), right.admitted.clone(), Tokens::make(app)?);
    let (browser, device) = (asked.browser, asked.device);
    let (account, id, seen) = (right.person.account, right.person.id, right.hash.clone());
    let now = app.now();
    let step = app
        .store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            // Hashing took a while, outside of any transaction: a password that was changed meanwhile opens nothing.
            if !people::hold_with_password(tx, account, id, &seen).await? {
                return Err(AppError::SignInRefused);
            }
            admitted.was_right(tx).await?;
            after_password(&app_in, tx, &visitor, &browser, device.as_deref(), &tokens, now).await
        })
        .await?;
    app.wake_outbox();
    Ok(step)
}

/// Records a refused sign-in in the brand's chain: the same work for a name that exists and one that does not.
async fn refuse(
    app: &App,
    brand: &BrandEntry,
    whose: Subject,
    surface: Channel,
    stranger: Stranger,
) -> Result<(), AppError> {
    let attempt = Attempt {
        brand,
        action: Action::SignInRefused,
        outcome: Outcome::Refused,
        surface,
        named: &stranger.typed,
        whose,
        address: stranger.address,
        request_id: stranger.request_id,
    };
    refusals::record_attempt(app, attempt).await
}
