//! The application: what every use case is given.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use countersign_domain::ids::{ConversationId, EventId, MessageId, OneTimePinId, SessionId};
use countersign_domain::judge::Verdict;
use countersign_domain::time::Timestamp;
use countersign_store::{Store, key_checks};
use countersign_vault::{JudgeKey, KeyCheck, Vault};
use tokio::sync::Notify;

use crate::budgets::{self, Budgets};
use crate::clock::{Clock, Entropy, Standing};
use crate::deliveries;
use crate::directory::{self, Directory};
use crate::error::{AppError, Cause};
use crate::passwords::Passwords;
use crate::refusals::Refusals;

/// What an application is made of.
pub struct Parts {
    /// The open database.
    pub store: Store,
    /// The keys.
    pub vault: Vault,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where randomness comes from.
    pub entropy: Arc<dyn Entropy>,
    /// How passwords are hashed.
    pub passwords: Passwords,
    /// Whether the desk asks staff for a second factor.
    pub staff_second_factor: StaffSecondFactor,
}

/// Whether the desk asks staff for a second factor. The one switch of it: [`StaffSecondFactor::IN_FORCE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaffSecondFactor {
    /// Staff are asked for theirs at each sign-in, and the first sign-in sets one up.
    Required,
    /// Staff sign in by password alone, also those who have one: for tests of what stands behind the sign-in.
    NotYet,
}

impl StaffSecondFactor {
    /// What the product does.
    pub const IN_FORCE: Self = Self::Required;
}

/// The application. Cheap to clone; every clone is the same one.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    vault: Vault,
    judge_key: JudgeKey,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    passwords: Passwords,
    staff_second_factor: StaffSecondFactor,
    directory: Directory,
    outbox: Notify,
    refusals: Refusals,
    locks: AtomicU64,
    /// How many tries ended with each word, in the order of [`Verdict::ALL`].
    verdicts: [AtomicU64; Verdict::ALL.len()],
    /// What this node counted of wrong tries since it last asked the database.
    budgets: Budgets,
    /// What became of the messages that this process sent.
    deliveries: deliveries::Counts,
    /// The moment in the id of the last event, in microseconds.
    last_event: AtomicI64,
}

impl App {
    /// Puts the application together: compares the keys with those that the database was written with, and loads the
    /// brands.
    ///
    /// # Errors
    /// [`AppError::Unavailable`] when the keyring is not this database's, or the database cannot be read.
    pub async fn start(parts: Parts) -> Result<Self, AppError> {
        let judge_key = parts.vault.judge_key()?;
        check_keys(&parts).await?;
        let app = Self {
            inner: Arc::new(Inner {
                store: parts.store,
                vault: parts.vault,
                judge_key,
                clock: parts.clock,
                entropy: parts.entropy,
                passwords: parts.passwords,
                staff_second_factor: parts.staff_second_factor,
                directory: Directory::default(),
                outbox: Notify::new(),
                refusals: Refusals::default(),
                last_event: AtomicI64::new(0),
                locks: AtomicU64::new(0),
                verdicts: Default::default(),
                budgets: Budgets::default(),
                deliveries: deliveries::Counts::default(),
            }),
        };
        app.reload_directory().await?;
        Ok(app)
    }

    /// The open database.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// The keys.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.inner.vault
    }

    /// Whether the desk asks staff for a second factor.
    #[must_use]
    pub fn staff_second_factor(&self) -> StaffSecondFactor {
        self.inner.staff_second_factor
    }

    /// The one key that compares secrets. Only the judges in `verification` and `second_factor` ask for it; a test looks.
    pub(crate) fn judge_key(&self) -> &JudgeKey {
        &self.inner.judge_key
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// How the time that counts stands to what clocks show; none where the clock is set by hand.
    #[must_use]
    pub fn clock_standing(&self) -> Option<Standing> {
        self.inner.clock.standing()
    }

    /// What this node counts of wrong tries.
    #[must_use]
    pub fn budgets(&self) -> &Budgets {
        &self.inner.budgets
    }

    /// What became of the messages that this process sent, or was told of: for whoever watches it.
    #[must_use]
    pub fn deliveries(&self) -> &deliveries::Counts {
        &self.inner.deliveries
    }

    /// Where randomness comes from.
    #[must_use]
    pub fn entropy(&self) -> &dyn Entropy {
        self.inner.entropy.as_ref()
    }

    /// How passwords are hashed.
    #[must_use]
    pub fn passwords(&self) -> &Passwords {
        &self.inner.passwords
    }

    /// The brands, policies and API clients.
    #[must_use]
    pub fn directory(&self) -> &Directory {
        &self.inner.directory
    }

    /// The refusals that are counted and not written yet.
    pub(crate) fn refusals(&self) -> &Refusals {
        &self.inner.refusals
    }

    /// Wakes whoever sends the outbox: called after a commit that put something there.
    pub fn wake_outbox(&self) {
        self.inner.outbox.notify_one();
    }

    /// How many PINs this process locked since it began: for whoever watches it.
    #[must_use]
    pub fn locks(&self) -> u64 {
        self.inner.locks.load(Ordering::Relaxed)
    }

    /// Counts a lock. Called after the commit, because a write may run more than once.
    pub(crate) fn count_lock(&self) {
        self.inner.locks.fetch_add(1, Ordering::Relaxed);
    }

    /// How many tries of a PIN ended with each word since this process began, whatever the way in.
    pub fn verdicts(&self) -> impl Iterator<Item = (Verdict, u64)> + '_ {
        let counted = self.inner.verdicts.iter();
        let counted = counted.map(|count| count.load(Ordering::Relaxed));
        Verdict::ALL.iter().copied().zip(counted)
    }

    /// Counts a try. Called after the commit, because a write may run more than once, and an answer that is given again
    /// under an idempotency key was no try.
    pub(crate) fn count_verdict(&self, verdict: Verdict) {
        for (known, count) in Verdict::ALL.iter().zip(&self.inner.verdicts) {
            if *known == verdict {
                count.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Waits until something was put into the outbox.
    pub async fn outbox_woken(&self) {
        self.inner.outbox.notified().await;
    }

    /// Loads the directory again if it changed. Called after each local change, and by a watcher every
    /// [`directory::WATCH_EVERY`].
    ///
    /// # Errors
    /// [`AppError::Unavailable`] when it cannot be read; the old one stays in force.
    pub async fn reload_directory(&self) -> Result<(), AppError> {
        let version = self.inner.directory.current().version();
        let known = (version > 0).then_some(version);
        let today = budgets::day(self.now());
        let loaded = self
            .inner
            .store
            .read(async |tx| directory::load(tx, known, today).await)
            .await?;
        if let Some(snapshot) = loaded {
            self.inner.directory.replace(snapshot);
        }
        Ok(())
    }

    /// A new event's id. Ids made here only rise, so that lists of events stand in the order in which they were made,
    /// however many are made in one microsecond.
    ///
    /// # Errors
    /// [`AppError::Unavailable`] without randomness.
    pub fn new_event_id(&self, at: Timestamp) -> Result<EventId, AppError> {
        let wanted = at.micros();
        let last = self
            .inner
            .last_event
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| {
                Some(wanted.max(last.saturating_add(1)))
            })
            .unwrap_or_default();
        let moment = Timestamp::from_micros(wanted.max(last.saturating_add(1)));
        Ok(EventId::new(moment, self.entropy().bytes()?))
    }

    /// A new conversation's id.
    ///
    /// # Errors
    /// [`AppError::Unavailable`] without randomness.
    pub fn new_conversation_id(&self, at: Timestamp) -> Result<ConversationId, AppError> {
        Ok(ConversationId::new(at, self.entropy().bytes()?))
    }

    /// A new session's id.
    ///
    /// # Errors
    /// [`AppError::Unavailable`] without randomness.
    pub fn new_session_id(&self, at: Timestamp) -> Result<SessionId, AppError> {
        Ok(SessionId::new(at, self.entropy().bytes()?))
    }

    /// A new one-time PIN's id.
    ///
    /// # Errors
    /// [`AppError::Unavailable`] without randomness.
    pub fn new_one_time_pin_id(&self, at: Timestamp) -> Result<OneTimePinId, AppError> {
        Ok(OneTimePinId::new(at, self.entropy().bytes()?))
    }

    /// A new message's id.
    ///
    /// # Errors
    /// [`AppError::Unavailable`] without randomness.
    pub fn new_message_id(&self, at: Timestamp) -> Result<MessageId, AppError> {
        Ok(MessageId::new(at, self.entropy().bytes()?))
    }
}

async fn check_keys(parts: &Parts) -> Result<(), AppError> {
    let kept = parts
        .store
        .read::<_, AppError, _>(async |tx| Ok(key_checks::list(tx).await?))
        .await?;
    let kept: Vec<KeyCheck> = kept
        .into_iter()
        .map(|(key_id, value)| KeyCheck { key_id, value })
        .collect();
    parts
        .vault
        .keyring()
        .belongs_to(&kept)
        .map_err(|error| AppError::Unavailable(Cause::Corrupt(format!("the keyring: {error}"))))?;
    let ours = parts.vault.keyring().checks()?;
    if ours
        .iter()
        .all(|check| kept.iter().any(|known| known.key_id == check.key_id))
    {
        return Ok(());
    }
    parts
        .store
        .write(async move |tx| {
            for check in &ours {
                key_checks::note(tx, check.key_id, &check.value).await?;
            }
            Ok(())
        })
        .await
}
