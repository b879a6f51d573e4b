//! Requests that were turned away become evidence, and nobody can fill the database with them (E30, ASVS 16.3).
//!
//! The first refusal of a kind and source is recorded at once. Those that follow within [`WINDOW`] are counted in memory
//! and become one event when it is over, so that a source costs at most two events in that time, whatever it sends. Of
//! strangers at most [`MOST_SOURCES`] have events of their own; all others are counted together. What is counted and
//! not yet written is lost when the process is killed: at most one window, and never the first of a kind. What the
//! database does not take is counted on.
//!
//! Failed sign-ins and wishes for a link are counted the same way, each name that was typed for itself (`Attempt`).

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use countersign_domain::access::Permission;
use countersign_domain::audit::{
    Action, ActorRef, Chain, Channel, Detail, DetailKey, EventDraft, Outcome, Subject,
};
use countersign_domain::ids::BrandId;
use countersign_domain::time::Timestamp;
use countersign_store::{Tx, audit};
use countersign_vault::TokenPurpose;

use crate::app::App;
use crate::caller::Caller;
use crate::directory::BrandEntry;
use crate::error::AppError;
use crate::sign_in::throttle::network;

/// For how long refusals of one kind and source are counted into one event.
pub const WINDOW: Duration = Duration::from_secs(60);
/// So many unknown sources have events of their own at a time.
pub const MOST_SOURCES: usize = 16;

/// A request that was turned away.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// Who asked, where that is known.
    pub caller: Option<Caller>,
    /// At which brand a stranger asked; without one it is recorded with the first.
    pub brand: Option<Arc<BrandEntry>>,
    /// From where.
    pub address: IpAddr,
    /// By which way.
    pub surface: Channel,
    /// Why, as a stable code.
    pub reason: &'static str,
    /// The right that was missing.
    pub permission: Option<Permission>,
    /// The id of the request.
    pub request_id: String,
}

/// What is counted together.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Kind {
    brand: BrandId,
    action: Action,
    /// Who, by the text of the evidence; strangers are `anonymous`.
    actor: String,
    /// The network of a stranger; none for those whom we know, and for strangers past the limit.
    source: Option<String>,
    surface: &'static str,
    reason: &'static str,
    permission: Option<Permission>,
    /// What a stranger typed as their name, as a keyed digest; none past the limit.
    named: Option<[u8; 32]>,
}

/// Refusals of one kind in the window that is open.
#[derive(Clone, Debug)]
struct Counted {
    since: Timestamp,
    /// How many are not recorded yet.
    waiting: u64,
    /// How an event of them looks.
    draft: EventDraft,
}

/// What is counted and not written yet.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    open: Mutex<HashMap<Kind, Counted>>,
}

impl Refusals {
    /// Counts one; the event that is to be written at once, if it is the first of its kind.
    fn count(&self, mut kind: Kind, draft: EventDraft, now: Timestamp) -> Option<(Kind, EventDraft)> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if kind.source.is_some() && !open.contains_key(&kind) {
            let known = open
                .keys()
                .filter(|other| other.source.is_some() && other.action == kind.action)
                .count();
            if known >= MOST_SOURCES {
                (kind.source, kind.named) = (None, None);
            }
        }
        if let Some(counted) = open.get_mut(&kind) {
            counted.waiting = counted.waiting.saturating_add(1);
            return None;
        }
        let mut draft = draft;
        if kind.source.is_none() {
            draft.detail = without_source(&draft.detail);
            if matches!(draft.actor, ActorRef::Anonymous) {
                // It tells of many.
                draft.subject = Subject::Nobody;
            }
        }
        let counted = Counted {
            since: now,
            waiting: 0,
            draft: draft.clone(),
        };
        open.insert(kind.clone(), counted);
        Some((kind, draft))
    }

    /// Counts on what could not be written.
    fn put_back(&self, unwritten: Vec<(Kind, Counted)>) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        for (kind, counted) in unwritten {
            match open.entry(kind) {
                Entry::Occupied(mut other) => {
                    let other = other.get_mut();
                    other.waiting = other.waiting.saturating_add(counted.waiting);
                }
                Entry::Vacant(place) => {
                    place.insert(counted);
                }
            }
        }
    }

    /// Takes what is over, or everything.
    fn take(&self, over_before: Option<Timestamp>) -> Vec<(Kind, Counted)> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let over = |counted: &Counted| over_before.is_none_or(|moment| counted.since <= moment);
        open.extract_if(|_, counted| over(counted))
            .filter(|(_, counted)| counted.waiting > 0)
            .collect()
    }
}

fn without_source(detail: &Detail) -> Detail {
    detail
        .iter()
        .filter(|(key, _)| *key != DetailKey::Source)
        .fold(Detail::none(), |kept, (key, text)| kept.with(key, text))
}

/// Records a refusal, or counts it into an event to come.
///
/// # Errors
/// [`AppError::Unavailable`]; the refusal stands all the same.
pub async fn record(app: &App, refusal: Refusal) -> Result<(), AppError> {
    let caller = refusal.caller.as_ref();
    let entry = caller
        .map(|caller| caller.brand.clone())
        .or(refusal.brand)
        .or_else(|| app.directory().current().brands().first().cloned());
    let Some(entry) = entry else { return Ok(()) };
    let (brand, now) = (entry.brand.id, app.now());
    let actor = caller.map_or(ActorRef::Anonymous, Caller::actor_ref);
    let source = caller.is_none().then(|| network(refusal.address));
    let mut detail = Detail::none().with(DetailKey::Reason, refusal.reason);
    if let Some(permission) = refusal.permission {
        detail = detail.with(DetailKey::Permission, permission.name());
    }
    if let Some(source) = &source {
        detail = detail.with(DetailKey::Source, short_mac(app, source)?);
    }
    let draft = EventDraft {
        id: app.new_event_id(now)?,
        brand,
        chain: Chain::Brand(brand),
        at: now,
        actor,
        action: Action::AccessRefused,
        subject: Subject::Nobody,
        conversation: None,
        channel: Some(refusal.surface),
        outcome: Outcome::Refused,
        detail,
        request_id: Some(refusal.request_id),
        policy_version: entry.policy_version,
    };
    let kind = Kind {
        brand,
        action: Action::AccessRefused,
        actor: actor.to_string(),
        source,
        surface: refusal.surface.as_str(),
        reason: refusal.reason,
        permission: refusal.permission,
        named: None,
    };
    write_due(app).await?;
    note(app, kind, draft, now).await
}

/// Somebody who is not signed in typed a name: a sign-in that failed, or a wish for a link.
pub(crate) struct Attempt<'a> {
    /// With which brand it is recorded.
    pub(crate) brand: &'a BrandEntry,
    /// What was tried.
    pub(crate) action: Action,
    /// How it came out.
    pub(crate) outcome: Outcome,
    /// By which way.
    pub(crate) surface: Channel,
    /// What was typed. Known and unknown names are counted alike, so that the work tells nothing (T16).
    pub(crate) named: &'a str,
    /// Whose name it is.
    pub(crate) whose: Subject,
    /// From where.
    pub(crate) address: IpAddr,
    /// The id of the request.
    pub(crate) request_id: Option<String>,
}

/// Records an attempt, or counts it into an event to come.
///
/// # Errors
/// [`AppError::Unavailable`].
pub(crate) async fn record_attempt(app: &App, attempt: Attempt<'_>) -> Result<(), AppError> {
    let (brand, now) = (attempt.brand.brand.id, app.now());
    let source = network(attempt.address);
    let name = attempt.named.trim().to_lowercase();
    let named = app
        .vault()
        .token_mac(None, TokenPurpose::Source, "name", 0, name.as_bytes())?;
    let draft = EventDraft {
        id: app.new_event_id(now)?,
        brand,
        chain: Chain::Brand(brand),
        at: now,
        actor: ActorRef::Anonymous,
        action: attempt.action,
        subject: attempt.whose,
        conversation: None,
        channel: Some(attempt.surface),
        outcome: attempt.outcome,
        detail: Detail::none().with(DetailKey::Source, short_mac(app, &source)?),
        request_id: attempt.request_id,
        policy_version: attempt.brand.policy_version,
    };
    let kind = Kind {
        brand,
        action: attempt.action,
        actor: ActorRef::Anonymous.to_string(),
        source: Some(source),
        surface: attempt.surface.as_str(),
        reason: attempt.action.as_str(),
        permission: None,
        named: Some(*named.bytes()),
    };
    write_due(app).await?;
    note(app, kind, draft, now).await
}

/// Writes the first of its kind, or counts it.
async fn note(app: &App, kind: Kind, draft: EventDraft, now: Timestamp) -> Result<(), AppError> {
    let Some((kind, first)) = app.refusals().count(kind, draft, now) else {
        return Ok(());
    };
    let written = write(app, vec![counted(first.clone(), 1)]).await;
    if written.is_err() {
        let unwritten = Counted {
            since: now,
            waiting: 1,
            draft: first,
        };
        app.refusals().put_back(vec![(kind, unwritten)]);
    }
    written
}

/// A keyed digest of a network, as it stands in the evidence.
fn short_mac(app: &App, source: &str) -> Result<String, AppError> {
    let mac = app
        .vault()
        .token_mac(None, TokenPurpose::Source, "refusal", 0, source.as_bytes())?;
    Ok(mac
        .bytes()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

/// Writes the events of the windows that are over. Called by a watcher, and before a refusal is counted.
///
/// # Errors
/// [`AppError::Unavailable`].
pub async fn write_due(app: &App) -> Result<(), AppError> {
    finish(app, app.refusals().take(Some(app.now().minus(WINDOW)))).await
}

/// Writes everything that is counted: called when the server stops.
///
/// # Errors
/// [`AppError::Unavailable`].
pub async fn write_all(app: &App) -> Result<(), AppError> {
    finish(app, app.refusals().take(None)).await
}

async fn finish(app: &App, over: Vec<(Kind, Counted)>) -> Result<(), AppError> {
    if over.is_empty() {
        return Ok(());
    }
    let written = write_counts(app, &over).await;
    if written.is_err() {
        app.refusals().put_back(over);
    }
    written
}

async fn write_counts(app: &App, over: &[(Kind, Counted)]) -> Result<(), AppError> {
    let now = app.now();
    let mut drafts = Vec::with_capacity(over.len());
    for (_, it) in over {
        let mut draft = counted(it.draft.clone(), it.waiting);
        // The event tells of many requests: no one of them has its id.
        (draft.id, draft.at, draft.request_id) = (app.new_event_id(now)?, now, None);
        drafts.push(draft);
    }
    write(app, drafts).await
}

fn counted(mut draft: EventDraft, count: u64) -> EventDraft {
    draft.detail = draft.detail.with(DetailKey::Count, count.to_string());
    draft
}

async fn write(app: &App, drafts: Vec<EventDraft>) -> Result<(), AppError> {
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            for draft in &drafts {
                audit::append(tx, draft.clone()).await?;
            }
            Ok(())
        })
        .await
}
