//! Use case: a customer signs in to a brand's portal with user name and password.

use std::sync::Arc;
use std::time::Duration;

use countersign_domain::access::Actor;
use countersign_domain::audit::{Action, ActorRef, Chain, Channel, Detail, EventDraft, Outcome, Subject};
use countersign_domain::ids::HolderId;
use countersign_domain::person::{Person, Username};
use countersign_domain::time::Timestamp;
use countersign_store::sessions::{self, SessionRow};
use countersign_store::{Tx, audit, people};

use super::known_browser::{self, Owner};
use super::throttle::{Admitted, Throttle};
use super::{SessionToken, SignIn, SignedIn, short};
use crate::app::App;
use crate::caller::{Caller, chain_of};
use crate::directory::BrandEntry;
use crate::error::AppError;
use crate::{evidence, token};

/// Signs a customer in. An unknown name takes the same work and gets the same answer as a wrong password (T16).
///
/// # Errors
/// [`AppError::SignInRefused`], [`AppError::Throttled`].
pub async fn sign_in(app: &App, brand: &Arc<BrandEntry>, asked: SignIn) -> Result<SignedIn, AppError> {
    let realm = format!("portal/{}", brand.brand.id);
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
    let matches = app.passwords().matches(asked.password, hash.clone()).await?;
    let now = app.now();
    match person {
        Some(person) if matches && person.may_sign_in() => {
            start(
                app,
                brand,
                &admitted,
                person,
                &hash.unwrap_or_default(),
                short(&asked.browser),
                asked.request_id,
                now,
            )
            .await
        }
        other => {
            let subject = other.map_or(Subject::Nobody, |person| Subject::Person(person.id));
            refuse(app, brand, subject, asked.request_id, now).await?;
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
    admitted: &Arc<Admitted>,
    person: Person,
    password_hash: &str,
    browser: String,
    request_id: Option<String>,
    now: Timestamp,
) -> Result<SignedIn, AppError> {
    let caller = Caller {
        actor: Actor::Person {
            id: person.id,
            account: person.account,
            role: person.role,
        },
        brand: brand.clone(),
        surface: Channel::Portal,
        request_id,
    };
    let token = token::make(app.entropy(), "")?;
    let lasts = Duration::from_secs(u64::from(brand.policy.portal.absolute_hours) * 3600);
    let row = SessionRow {
        id: app.new_session_id(now)?,
        subject: sessions::Subject::Person {
            person: person.id,
            account: person.account,
            brand: brand.brand.id,
        },
        csrf: token::make(app.entropy(), "")?.to_string(),
        browser,
        created_at: now,
        last_seen_at: now,
        expires_at: now.plus(lasts),
    };
    let known_browser = known_browser::remember(
        app,
        Owner {
            brand: Some(brand.brand.id),
            id: &person.id.to_string(),
            password_hash,
        },
    )?;
    let signed_in = SignedIn {
        known_browser,
        session: row.id,
        expires_at: row.expires_at,
        token: SessionToken(token.clone()),
    };
    let (app_in, admitted, digest) = (app.clone(), admitted.clone(), token::digest(&token));
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            admitted.was_right(tx).await?;
            sessions::insert(tx, &row, &digest).await?;
            let holder = HolderId::Person(person.id);
            let draft = caller.event(
                app_in.new_event_id(now)?,
                now,
                chain_of(holder),
                Action::SessionStarted,
                Subject::Session(row.id),
                Outcome::Done,
            );
            evidence::append_for_holder(&app_in, tx, person.account, holder, draft).await
        })
        .await?;
    Ok(signed_in)
}

/// Records a refused sign-in in the brand's chain: the same work for a name that exists and one that does not.
async fn refuse(
    app: &App,
    brand: &Arc<BrandEntry>,
    subject: Subject,
    request_id: Option<String>,
    now: Timestamp,
) -> Result<(), AppError> {
    let draft = EventDraft {
        id: app.new_event_id(now)?,
        brand: brand.brand.id,
        chain: Chain::Brand(brand.brand.id),
        at: now,
        actor: ActorRef::Anonymous,
        action: Action::SignInRefused,
        subject,
        conversation: None,
        channel: Some(Channel::Portal),
        outcome: Outcome::Refused,
        detail: Detail::none(),
        request_id,
        policy_version: brand.policy_version,
    };
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            Ok(audit::append(tx, draft.clone()).await.map(|_| ())?)
        })
        .await
}
