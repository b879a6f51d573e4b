//! Requests that were turned away become evidence, and nobody can fill the database with them (E30, ASVS 16.3).
//!
//! The first refusal of a kind and source is recorded at once. Those that follow within [`WINDOW`] are counted in memory
//! and become one event when it is over, so that a source costs at most two events in that time, whatever it sends. Of
//! strangers at most [`MOST_SOURCES`] have events of their own; all others are counted together. What is counted and
//! not yet written is lost when the process is killed: at most one window, and never the first of a kind.

use std::collections::HashMap;
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
    /// Who, by the text of the evidence; strangers are `anonymous`.
    actor: String,
    /// The network of a stranger; none for those whom we know, and for strangers past the limit.
    source: Option<String>,
    surface: &'static str,
    reason: &'static str,
    permission: Option<Permission>,
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
    fn count(&self, mut kind: Kind, draft: EventDraft, now: Timestamp) -> Option<EventDraft> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if kind.source.is_some() && !open.contains_key(&kind) {
            let known = open.keys().filter(|other| other.source.is_some()).count();
            if known >= MOST_SOURCES {
                kind.source = None;
            }
        }
        if let Some(counted) = open.get_mut(&kind) {
            counted.waiting = counted.waiting.saturating_add(1);
            return None;
        }
        let mut draft = draft;
        if kind.source.is_none() {
            draft.detail = without_source(&draft.detail);
        }
        let counted = Counted {
            since: now,
            waiting: 0,
            draft: draft.clone(),
        };
        open.insert(kind, counted);
        Some(draft)
    }

    /// Takes what is over, or everything.
    fn take(&self, over_before: Option<Timestamp>) -> Vec<Counted> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let over = |counted: &Counted| over_before.is_none_or(|moment| counted.since <= moment);
        let taken = open
            .extract_if(|_, counted| over(counted))
            .map(|(_, counted)| counted)
            .filter(|counted| counted.waiting > 0)
            .collect();
        taken
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
        let mac = app
            .vault()
            .token_mac(None, TokenPurpose::Source, "refusal", 0, source.as_bytes())?;
        let short: String = mac
            .bytes()
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        detail = detail.with(DetailKey::Source, short);
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
        actor: actor.to_string(),
        source,
        surface: refusal.surface.as_str(),
        reason: refusal.reason,
        permission: refusal.permission,
    };
    write_due(app).await?;
    match app.refusals().count(kind, draft, now) {
        Some(first) => write(app, vec![counted(first, 1)]).await,
        None => Ok(()),
    }
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

async fn finish(app: &App, over: Vec<Counted>) -> Result<(), AppError> {
    if over.is_empty() {
        return Ok(());
    }
    let now = app.now();
    let mut drafts = Vec::with_capacity(over.len());
    for it in over {
        let mut draft = counted(it.draft, it.waiting);
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
