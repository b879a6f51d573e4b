//! Use case: a customer changes their own password (C8). The old one is asked for; every other session ends.

use std::net::IpAddr;
use std::sync::Arc;

use countersign_domain::access::Actor;
use countersign_domain::audit::{Action, Channel, Detail, DetailKey, Outcome};
use countersign_domain::ids::{HolderId, SessionId};
use countersign_domain::password::{Rule, Rules, Surroundings};
use countersign_domain::person::Person;
use countersign_store::sessions::Subject;
use countersign_store::{Tx, people};

use super::Password;
use super::notice;
use crate::app::App;
use crate::caller::{Caller, chain_of, subject_of};
use crate::directory::BrandEntry;
use crate::error::AppError;
use crate::evidence;
use crate::second_factor::state::{self, end_what_rested_on_it};
use crate::second_factor::visitor::Visitor;
use crate::sign_in::SessionToken;
use crate::sign_in::known_browser::{self, Owner};
use crate::sign_in::throttle::Throttle;

/// What is asked for.
pub struct ChangePassword {
    /// The password of today.
    pub old: Password,
    /// The one that takes its place.
    pub new: Password,
    /// The session in which it is asked for, which goes on.
    pub session: SessionId,
    /// Where the request came from.
    pub address: IpAddr,
}

/// The rules for a person's password: a second factor beside it lets it be shorter.
///
/// # Errors
/// [`AppError::Unavailable`].
pub async fn rules_for(app: &App, brand: &Arc<BrandEntry>, person: &Person) -> Result<Rules, AppError> {
    let visitor = Visitor::of_person(brand, person, Channel::Portal, None);
    let now = app.now();
    let (_, factors) = app
        .store()
        .read::<_, AppError, _>(async |tx| state::read(tx, &visitor, now).await)
        .await?;
    Ok(if factors.any() {
        Rules::WITH_SECOND_FACTOR
    } else {
        Rules::SOLE_FACTOR
    })
}

/// The words that a person's password may not be made of.
#[must_use]
pub fn around(caller_brand: &str, person: &Person) -> Surroundings {
    Surroundings::of_brand(caller_brand).and_of(
        person.name.as_str(),
        person.username.as_ref(),
        person.email.as_ref(),
    )
}

/// Changes it, ends every other session, tells the person by mail, and gives what makes this browser known anew.
///
/// # Errors
/// [`AppError::SignInRefused`] for a wrong old password; [`AppError::Throttled`]; [`AppError::PasswordRules`];
/// [`AppError::Stale`] when it was changed meanwhile.
pub async fn change(app: &App, caller: &Caller, asked: ChangePassword) -> Result<SessionToken, AppError> {
    let Actor::Person { id, account, .. } = caller.actor else {
        return Err(AppError::NotFound("a person to change the password of"));
    };
    let brand = caller.brand.brand.id;
    app.passwords().must_have_room()?;
    // Its own realm: whoever took over a session can neither guess on here nor close the door for the owner.
    let realm = format!("password/{brand}");
    let admitted = Throttle::new(&realm, &id.to_string(), asked.address)
        .admit(app, app.now())
        .await?;
    let known = app
        .store()
        .read::<_, AppError, _>(async |tx| Ok(people::find_with_password(tx, account, id).await?))
        .await?
        .ok_or(AppError::NotFound("the person"))?;
    let (person, old_hash) = (known.person, known.password_hash);
    let same = asked.old.is(&asked.new);
    if !app.passwords().matches(asked.old, old_hash.clone()).await? {
        record_wrong(app, caller, &person).await?;
        return Err(AppError::SignInRefused);
    }
    // Given back at once: a new password that is refused is no guess at the old one.
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| admitted.was_right(tx).await)
        .await?;
    if same {
        return Err(AppError::PasswordRules(vec![Rule::SameAsBefore]));
    }
    let around = around(caller.brand.brand.name.as_str(), &person);
    let salt = app.entropy().bytes()?;
    let hash = app
        .passwords()
        .hash_new(
            asked.new,
            rules_for(app, &caller.brand, &person).await?,
            &around,
            salt,
        )
        .await?;
    let owner = Owner {
        brand: Some(brand),
        id: &id.to_string(),
        password_hash: &hash,
    };
    let known_browser = known_browser::remember(app, owner)?;
    let (app_in, caller, session, now) = (app.clone(), caller.clone(), asked.session, app.now());
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            if !people::change_password(tx, account, id, old_hash.as_deref(), &hash).await? {
                return Err(AppError::Stale);
            }
            let subject = Subject::Person {
                person: id,
                account,
                brand,
            };
            end_what_rested_on_it(tx, &subject, Some(session), now).await?;
            let holder = HolderId::Person(id);
            let draft = caller.event(
                app_in.new_event_id(now)?,
                now,
                chain_of(holder),
                Action::PasswordChanged,
                subject_of(holder),
                Outcome::Done,
            );
            evidence::append_for_holder(&app_in, tx, account, holder, draft).await?;
            notice::changed(&app_in, tx, &caller.brand, &person, false, now).await
        })
        .await?;
    app.wake_outbox();
    Ok(known_browser)
}

/// A wrong old password is evidence: whoever took over a session guesses here.
async fn record_wrong(app: &App, caller: &Caller, person: &Person) -> Result<(), AppError> {
    let visitor = Visitor::of_person(&caller.brand, person, caller.surface, caller.request_id.clone());
    let (app_in, now) = (app.clone(), app.now());
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let judged = (Action::ReauthenticationJudged, Outcome::Denied);
            let detail = Detail::none().with(DetailKey::Method, "password");
            visitor.record(&app_in, tx, judged, detail, now).await
        })
        .await
}
