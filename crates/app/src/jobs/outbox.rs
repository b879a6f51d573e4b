//! Sends what waits in the outbox. Messages leave after the commit that put them there, never inside it.
//!
//! One look leases, for each gateway, as many messages as it has free places; each is carried by a task of its own, which waits
//! for the gateway as long as that one may take, and notes what came of it. So a gateway that hangs holds its own places only.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use countersign_delivery::gateway::Outgoing;
use countersign_delivery::routes::{Gateways, Installed};
use countersign_domain::delivery::{Channel, MOST_TRIES, Outcome};
use countersign_store::Tx;
use countersign_store::messages::{self, Lease, Leased};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

use crate::app::App;
use crate::deliveries;
use crate::error::AppError;
use crate::jobs::settle;

/// How long a message stays ours beyond what its gateway may take: for the note of what came of it.
const NOTING: Duration = Duration::from_secs(30);
/// How often the outbox is looked at when nobody called.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// What no gateway carries is given up when it is so old: a younger message may be on its way to a gateway.
const UNROUTED_FOR: Duration = Duration::from_secs(60);
/// How often a note is written anew when the database does not take it, before the message is left to its lease.
const NOTES: u32 = 5;
/// How many notes are written at once: however many messages go out, the database is there for those who wait for a page.
const NOTES_AT_ONCE: usize = 2;

/// What becomes of a sealed text, one that holds a code, once it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SentCodes {
    /// It is erased.
    Erased,
    /// It stays, sealed: only for the demo, whose phone shows it, and for tests.
    KeptForTheDemo,
}

/// Who sends, by what.
#[derive(Clone)]
pub struct Sender {
    pub(super) app: App,
    pub(super) gateways: Arc<Gateways>,
    pub(super) codes: SentCodes,
    notes: Arc<Semaphore>,
}

/// A message that was leased, with the place that it holds at its gateway.
struct Taken {
    leased: Leased,
    gateway: String,
    place: OwnedSemaphorePermit,
}

impl Sender {
    /// A sender of this application's messages.
    #[must_use]
    pub fn new(app: App, gateways: Arc<Gateways>, codes: SentCodes) -> Self {
        Self {
            app,
            gateways,
            codes,
            notes: Arc::new(Semaphore::new(NOTES_AT_ONCE)),
        }
    }

    /// Sends what is due, waits until all of it was tried, and tells how many messages were taken.
    ///
    /// # Errors
    /// [`AppError::Unavailable`] when the outbox cannot be read.
    pub async fn send_due(&self) -> Result<usize, AppError> {
        let mut under_way = JoinSet::new();
        let taken = self.look(&mut under_way).await?;
        while under_way.join_next().await.is_some() {}
        Ok(taken)
    }

    /// Sends for as long as the server runs. What is under way at its end may still be noted.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let mut shutdown = std::pin::pin!(shutdown);
        if let Err(error) = self.forget_lost_gateways().await {
            tracing::error!(%error, "messages of gateways that are gone could not be given to others; they are with the next start");
        }
        let mut listening = JoinSet::new();
        for installed in self.gateways.installed() {
            listening.spawn(self.clone().listen(installed.name.clone()));
        }
        let mut under_way = JoinSet::new();
        loop {
            if let Err(error) = self.look(&mut under_way).await {
                tracing::error!(%error, "the outbox could not be sent");
            }
            tokio::select! {
                () = &mut shutdown => break,
                () = self.app.outbox_woken() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
                // A place is free.
                Some(_) = under_way.join_next() => {}
            }
            while under_way.try_join_next().is_some() {}
        }
        while under_way.join_next().await.is_some() {}
    }

    /// Takes what a gateway reports over its own connection.
    async fn listen(self, name: String) {
        let Some(gateway) = self.gateways.find(&name).map(|it| it.gateway.clone()) else {
            return;
        };
        loop {
            let report = gateway.next_report().await;
            if let Err(error) = deliveries::take_report(&self.app, &name, report).await {
                tracing::error!(%error, gateway = name, "a report of a gateway could not be saved");
            }
        }
    }

    /// Begins to carry what is due and finds a free place. Tells how many.
    async fn look(&self, under_way: &mut JoinSet<()>) -> Result<usize, AppError> {
        let taken = self.take_due().await?;
        let count = taken.len();
        for one in taken {
            under_way.spawn(self.clone().carry(one));
        }
        Ok(count)
    }

    async fn take_due(&self) -> Result<Vec<Taken>, AppError> {
        let now = self.app.now();
        let mut free: Vec<(&Installed, Vec<OwnedSemaphorePermit>)> = self
            .gateways
            .installed()
            .map(|installed| (installed, free_places(installed)))
            .collect();
        let leases: Vec<Lease> = free
            .iter()
            .filter(|(_, places)| !places.is_empty())
            .map(|(installed, places)| Lease {
                gateway: installed.name.clone(),
                now,
                until: now.plus(installed.timeout + NOTING),
                limit: u32::try_from(places.len()).unwrap_or(u32::MAX),
                most_attempts: MOST_TRIES,
            })
            .collect();
        let gateways = self.gateways.clone();
        let (due, lost, reported) = self
            .app
            .store()
            .write::<_, AppError, _>(async move |tx: &mut Tx| {
                let reported = deliveries::take_early(tx).await?;
                messages::expire(tx, now).await?;
                let mut lost = messages::give_up_lost(tx, now, MOST_TRIES).await?;
                for route in gateways.routes() {
                    messages::route(tx, &route.gateway, route.channel, route.brand).await?;
                }
                lost += messages::give_up_unrouted(tx, now, now.minus(UNROUTED_FOR)).await?;
                let mut due = Vec::new();
                for lease in &leases {
                    let of_one = messages::lease(tx, lease).await?;
                    due.extend(of_one.into_iter().map(|leased| (lease.gateway.clone(), leased)));
                }
                Ok((due, lost, reported))
            })
            .await?;
        deliveries::count(&self.app, &reported);
        if lost > 0 {
            tracing::warn!(
                messages = lost,
                "messages were given up: no gateway carries their channel, or nobody ever came to the end of sending them"
            );
        }
        Ok(due
            .into_iter()
            .filter_map(|(gateway, leased)| {
                let (_, places) = free.iter_mut().find(|(it, _)| it.name == gateway)?;
                Some(Taken {
                    leased,
                    gateway,
                    place: places.pop()?,
                })
            })
            .collect())
    }

    /// Carries one message to its gateway and notes what came of it.
    async fn carry(self, taken: Taken) {
        let Taken {
            leased,
            gateway,
            place,
        } = taken;
        let message = &leased.message;
        let outcome = match self.try_once(&leased, &gateway).await {
            Ok(outcome) => outcome,
            Err(error) => {
                // One text that does not open must not hold up those behind it.
                tracing::error!(message = %message.id, %error, "the text of a message cannot be opened");
                Outcome::Refused {
                    reason: "its text cannot be opened".to_owned(),
                }
            }
        };
        drop(place);
        // It is never closed; were it, the note would still have to be written.
        let _turn = self.notes.acquire().await;
        for note in 1..=NOTES {
            match settle::settle(&self, &leased, &gateway, &outcome).await {
                Ok(()) => return,
                Err(error) => {
                    tracing::error!(message = %message.id, note, %error, "what became of a message could not be noted");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }

    async fn try_once(&self, leased: &Leased, gateway: &str) -> Result<Outcome, AppError> {
        let message = &leased.message;
        let Some(installed) = self.gateways.find(gateway) else {
            return Ok(later("the gateway is gone"));
        };
        let Some(channel) = channel_of(leased) else {
            return Ok(Outcome::Refused {
                reason: "its channel is unknown".to_owned(),
            });
        };
        let text = crate::messages::text_of(&self.app, message)?;
        let report_to = deliveries::address_of(&self.app, &self.gateways, gateway, message.id)?;
        let now = self.app.now();
        let outgoing = Outgoing {
            id: message.id,
            channel,
            recipient: &message.recipient,
            subject: message.subject.as_deref(),
            text: &text,
            useful_for: message.useful_until.map(|end| end.since(now)),
            report_to: report_to.as_deref(),
        };
        Ok(
            tokio::time::timeout(installed.timeout, installed.gateway.send(outgoing))
                .await
                .unwrap_or_else(|_| later("the gateway took too long")),
        )
    }

    /// Takes messages away from gateways that the configuration does not know any more.
    async fn forget_lost_gateways(&self) -> Result<(), AppError> {
        let (gateways, now) = (self.gateways.clone(), self.app.now());
        self.app
            .store()
            .write::<_, AppError, _>(async move |tx: &mut Tx| {
                for name in messages::gateways_in_use(tx).await? {
                    if gateways.find(&name).is_none() {
                        messages::unroute(tx, &name, now).await?;
                    }
                }
                Ok(())
            })
            .await
    }
}

/// By which channel a message goes.
pub(super) fn channel_of(leased: &Leased) -> Option<Channel> {
    leased.via.or_else(|| leased.message.channel.parse().ok())
}

fn later(reason: &str) -> Outcome {
    Outcome::TryLater {
        reason: reason.to_owned(),
    }
}

/// The free places of a gateway, held until its messages are leased.
fn free_places(installed: &Installed) -> Vec<OwnedSemaphorePermit> {
    std::iter::from_fn(|| installed.places.clone().try_acquire_owned().ok()).collect()
}
