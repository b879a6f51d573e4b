//! Use cases: a session is taken up again by its token, listed, ended.

use std::sync::Arc;
use std::time::Duration;

use countersign_domain::access::Actor;
use countersign_domain::account::Account;
use countersign_domain::audit::{Action, Chain, Channel, Detail, DetailKey, Outcome, Subject as Target};
use countersign_domain::factor::sign_in::{Proof, SetUp, is_proven};
use countersign_domain::ids::{AccountId, HolderId, PersonId, SessionId};
use countersign_domain::person::Person;
use countersign_domain::staff::Staff;
use countersign_domain::time::Timestamp;
use countersign_store::sessions::{self, Carrier, SessionRow, Subject};
use countersign_store::{Tx, accounts, audit, people, staff};

use super::LONGEST_TOKEN;
use super::desk::shortest;
use crate::app::App;
use crate::caller::{Caller, chain_of};
use crate::directory::BrandEntry;
use crate::error::AppError;
use crate::{evidence, token};

/// How often the moment of last use is noted: often enough for an idle limit in minutes.
const NOTE_USE_EVERY: Duration = Duration::from_secs(60);

/// What a session rests on, and what is needed to give it a new token.
#[derive(Clone, Debug)]
pub struct Held {
    /// The session's id.
    pub id: SessionId,
    /// What it rests on.
    pub proof: Proof,
    /// When that was last proved.
    pub proven_at: Timestamp,
    password_proven_at: Option<Timestamp>,
    /// Whether a second factor is still to be set up: where it is [`SetUp::Required`], nothing else is shown.
    pub set_up: SetUp,
    pub(crate) token_hash: [u8; 32],
}

/// The last proof of a session is fresh: whoever changes a factor has to show this (B4).
#[derive(Clone, Debug)]
pub struct Proven(SessionId);

impl Proven {
    /// Of which session.
    #[must_use]
    pub const fn session(&self) -> SessionId {
        self.0
    }
}

impl Held {
    fn of(row: &SessionRow, token_hash: [u8; 32]) -> Self {
        Self {
            id: row.id,
            proof: row.proof,
            proven_at: row.proven_at,
            password_proven_at: row.password_proven_at,
            set_up: row.set_up,
            token_hash,
        }
    }

    /// Whether the password was given since the sign-in, whenever that was.
    #[must_use]
    pub fn has_password_again(&self) -> bool {
        self.password_proven_at.is_some()
    }

    fn proven(&self, minutes: u16, now: Timestamp) -> Option<Proven> {
        is_proven(self.proof, self.proven_at, minutes, now).then_some(Proven(self.id))
    }

    /// The password was given since the sign-in, and within a minute. No code and no passkey takes its place (B4).
    fn proven_by_password(&self, now: Timestamp) -> Option<Proven> {
        let at = self.password_proven_at?;
        is_proven(self.proof, at, 1, now).then_some(Proven(self.id))
    }
}

/// A customer and their account, while they may sign in.
pub(super) async fn who_signs_in(
    app: &App,
    account: AccountId,
    person: PersonId,
) -> Result<Option<(Person, Account)>, AppError> {
    let found = app
        .store()
        .read::<_, AppError, _>(async |tx| {
            Ok((
                people::find(tx, account, person).await?,
                accounts::find(tx, account).await?,
            ))
        })
        .await?;
    Ok(match found {
        (Some(person), Some(account)) if person.may_sign_in() => Some((person, account)),
        _ => None,
    })
}

/// A customer's session.
#[derive(Clone, Debug)]
pub struct PortalSession {
    /// Its id.
    pub id: SessionId,
    /// The value that each form of it carries.
    pub csrf: String,
    /// Who.
    pub person: Person,
    /// On which account.
    pub account: Account,
    /// The same as the asker of use cases; the request's id is the request's to add.
    pub caller: Caller,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
    /// What it rests on.
    pub held: Held,
}

impl PortalSession {
    /// That the last proof is fresh enough for the brand's policy; none when the caller has to prove themselves again
    /// ([`prove`](super::prove::prove)). `always` asks for the password however fresh the sign-in is: then only one that was
    /// given since counts, and within a minute.
    #[must_use]
    pub fn proven(&self, app: &App, always: bool) -> Option<Proven> {
        if always {
            return self.held.proven_by_password(app.now());
        }
        let minutes = self.caller.brand.policy.sign_in.reauthentication_minutes;
        self.held.proven(minutes, app.now())
    }
}

/// A member of staff's session.
#[derive(Clone, Debug)]
pub struct DeskSession {
    /// Its id.
    pub id: SessionId,
    /// The value that each form of it carries.
    pub csrf: String,
    /// Who.
    pub staff: Staff,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
    /// What it rests on.
    pub held: Held,
}

impl DeskSession {
    /// That the last proof is fresh enough for the strictest policy of all brands at which they work; none when they have to
    /// prove themselves again ([`prove`](super::prove::prove)).
    #[must_use]
    pub fn proven(&self, app: &App) -> Option<Proven> {
        let minutes = shortest(app, &self.staff, |policy| policy.sign_in.reauthentication_minutes);
        self.held.proven(minutes, app.now())
    }

    /// The member of staff as the asker of use cases at a brand; none where nothing is granted to them.
    #[must_use]
    pub fn caller_at(&self, brand: &Arc<BrandEntry>, request_id: Option<String>) -> Option<Caller> {
        let role = self.staff.role_at(brand.brand.id)?;
        let actor = Actor::Staff {
            id: self.staff.id,
            role,
        };
        Some(Caller {
            actor,
            brand: brand.clone(),
            surface: Channel::Desk,
            request_id,
        })
    }
}

/// A session as its owner sees it in a list.
#[derive(Clone, Debug)]
pub struct ListedSession {
    /// Its id.
    pub id: SessionId,
    /// The browser, in words.
    pub browser: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
}

/// The customer's session of this token in this brand's portal, if it is still in time.
///
/// # Errors
/// [`AppError::Unavailable`].
pub async fn resume_portal(
    app: &App,
    brand: &Arc<BrandEntry>,
    token: &str,
) -> Result<Option<PortalSession>, AppError> {
    let Some((row, token_hash)) = find(app, token).await? else {
        return Ok(None);
    };
    let Subject::Person {
        person,
        account,
        brand: home,
    } = row.subject
    else {
        return Ok(None);
    };
    let idle = brand.policy.portal.idle_minutes;
    let opens_pages = row.carrier == Carrier::Cookie;
    if !opens_pages || home != brand.brand.id || !in_time(&row, idle, app.now()) {
        return Ok(None);
    }
    let Some((person, account)) = who_signs_in(app, account, person).await? else {
        return Ok(None);
    };
    note_use(app, &row).await?;
    let actor = Actor::Person {
        id: person.id,
        account: account.id,
        role: person.role,
    };
    let caller = Caller {
        actor,
        brand: brand.clone(),
        surface: Channel::Portal,
        request_id: None,
    };
    Ok(Some(PortalSession {
        held: Held::of(&row, token_hash),
        id: row.id,
        csrf: row.csrf,
        person,
        account,
        caller,
        expires_at: row.expires_at,
    }))
}

/// The desk session of this token, if it is still in time.
///
/// # Errors
/// [`AppError::Unavailable`].
pub async fn resume_desk(app: &App, token: &str) -> Result<Option<DeskSession>, AppError> {
    let Some((row, token_hash)) = find(app, token).await? else {
        return Ok(None);
    };
    let Subject::Staff(id) = row.subject else {
        return Ok(None);
    };
    let member = app
        .store()
        .read::<_, AppError, _>(async |tx| Ok(staff::find(tx, id).await?))
        .await?;
    let Some(member) = member.filter(|member| member.disabled_at.is_none()) else {
        return Ok(None);
    };
    if !in_time(
        &row,
        shortest(app, &member, |policy| policy.desk.idle_minutes),
        app.now(),
    ) {
        return Ok(None);
    }
    note_use(app, &row).await?;
    Ok(Some(DeskSession {
        held: Held::of(&row, token_hash),
        id: row.id,
        csrf: row.csrf,
        staff: member,
        expires_at: row.expires_at,
    }))
}

/// Ends one of the caller's own sessions.
///
/// # Errors
/// [`AppError::NotFound`] when it is not theirs.
pub async fn sign_out(app: &App, caller: &Caller, id: SessionId) -> Result<(), AppError> {
    let subject = subject_of(caller)?;
    let (app_in, caller, now) = (app.clone(), caller.clone(), app.now());
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            if !sessions::end(tx, &subject, id, now).await? {
                return Err(AppError::NotFound("the session"));
            }
            record(
                &app_in,
                tx,
                &caller,
                Action::SessionEnded,
                Target::Session(id),
                None,
                now,
            )
            .await
        })
        .await
}

/// The caller's own sessions that are still in time, newest first.
///
/// # Errors
/// [`AppError::Unavailable`].
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<ListedSession>, AppError> {
    let subject = subject_of(caller)?;
    let now = app.now();
    let idle = match caller.actor {
        Actor::Staff { .. } => caller.brand.policy.desk.idle_minutes,
        _ => caller.brand.policy.portal.idle_minutes,
    };
    let rows = app
        .store()
        .read::<_, AppError, _>(async |tx| Ok(sessions::list(tx, &subject).await?))
        .await?;
    Ok(rows
        .into_iter()
        .filter(|row| in_time(row, idle, now))
        .map(|row| ListedSession {
            id: row.id,
            browser: row.browser,
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
        })
        .collect())
}

/// Ends all of the caller's sessions but `keep`, and tells how many.
///
/// # Errors
/// [`AppError::Unavailable`].
pub async fn end_others(app: &App, caller: &Caller, keep: SessionId) -> Result<u64, AppError> {
    let subject = subject_of(caller)?;
    let (app_in, caller, now) = (app.clone(), caller.clone(), app.now());
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let ended = sessions::end_others(tx, &subject, keep, now).await?;
            // The event is about the one that stays: that is how it is told from the end of them all.
            let (action, target) = (Action::SessionsEndedEverywhere, Target::Session(keep));
            record(&app_in, tx, &caller, action, target, Some(ended), now).await?;
            Ok(ended)
        })
        .await
}

/// Ends all of the caller's sessions, this one too, and tells how many.
///
/// # Errors
/// [`AppError::Unavailable`].
pub async fn end_everywhere(app: &App, caller: &Caller) -> Result<u64, AppError> {
    let subject = subject_of(caller)?;
    let (app_in, caller, now) = (app.clone(), caller.clone(), app.now());
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let ended = sessions::end_all(tx, &subject, now).await?;
            let target = match subject {
                Subject::Person { person, .. } => Target::Person(person),
                Subject::Staff(id) => Target::Staff(id),
            };
            record(
                &app_in,
                tx,
                &caller,
                Action::SessionsEndedEverywhere,
                target,
                Some(ended),
                now,
            )
            .await?;
            Ok(ended)
        })
        .await
}

pub(super) async fn find(app: &App, token: &str) -> Result<Option<(SessionRow, [u8; 32])>, AppError> {
    if token.len() > LONGEST_TOKEN {
        return Ok(None);
    }
    let digest = token::digest(token);
    app.store()
        .read::<_, AppError, _>(async |tx| Ok(sessions::find(tx, &digest).await?.map(|row| (row, digest))))
        .await
}

pub(super) fn in_time(row: &SessionRow, idle_minutes: u16, now: Timestamp) -> bool {
    let idle = Duration::from_secs(u64::from(idle_minutes) * 60);
    now < row.expires_at && now.since(row.last_seen_at) < idle
}

pub(super) async fn note_use(app: &App, row: &SessionRow) -> Result<(), AppError> {
    let (id, now) = (row.id, app.now());
    if now.since(row.last_seen_at) < NOTE_USE_EVERY {
        return Ok(());
    }
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| Ok(sessions::touch(tx, id, now).await?))
        .await
}

fn subject_of(caller: &Caller) -> Result<Subject, AppError> {
    match caller.actor {
        Actor::Person { id, account, .. } => Ok(Subject::Person {
            person: id,
            account,
            brand: caller.brand.brand.id,
        }),
        Actor::Staff { id, .. } => Ok(Subject::Staff(id)),
        Actor::ApiClient { .. } | Actor::System => Err(AppError::NotFound("the session")),
    }
}

async fn record(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    action: Action,
    target: Target,
    count: Option<u64>,
    now: Timestamp,
) -> Result<(), AppError> {
    let chain = match caller.actor {
        Actor::Person { id, .. } => chain_of(HolderId::Person(id)),
        Actor::Staff { id, .. } => Chain::Staff(id),
        Actor::ApiClient { .. } | Actor::System => Chain::Brand(caller.brand.brand.id),
    };
    let mut draft = caller.event(app.new_event_id(now)?, now, chain, action, target, Outcome::Done);
    if let Some(count) = count {
        draft.detail = Detail::none().with(DetailKey::Count, count.to_string());
    }
    match caller.actor {
        Actor::Person { id, account, .. } => {
            evidence::append_for_holder(app, tx, account, HolderId::Person(id), draft).await
        }
        _ => {
            audit::append(tx, draft).await?;
            Ok(())
        }
    }
}
