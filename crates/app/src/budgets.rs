//! Budgets against spraying (T03): wrong PINs for very many holders by one program, or by everybody at a brand.
//!
//! A wrong try adds one row to the database and is noted here. `jobs/budgets.rs` counts the rows of those who were noted,
//! every half second and at once where a budget may be spent; what is spent is a flag that every node's copy of the
//! directory carries. So a right try pays nothing, a wrong one never waits for another, and a program is stopped within a
//! second of spending its budget (`docs/decisions/007-budgets.md`).

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use countersign_domain::access::Actor;
use countersign_domain::ids::{ApiClientId, BrandId, HolderId};
use countersign_domain::judge::DayBudget;
use countersign_domain::time::Timestamp;
use countersign_store::{Tx, budgets};
use tokio::sync::Notify;

use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;

/// A day in microseconds.
const DAY: i64 = 86_400_000_000;

/// Days since 1970, UTC.
#[must_use]
pub(crate) const fn day(now: Timestamp) -> i64 {
    now.micros().div_euclid(DAY)
}

/// Which budget was spent, so that nothing is judged.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Stopped {
    /// The agent's.
    Agent,
    /// The program's; it begins anew after so many seconds.
    Client(u64),
    /// The brand's, whose policy stops programs; it begins anew after so many seconds.
    Programs(u64),
}

impl From<Stopped> for AppError {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Agent => Self::AgentStopped,
            Stopped::Client(retry_after_seconds) => Self::ClientBudgetSpent { retry_after_seconds },
            Stopped::Programs(retry_after_seconds) => Self::ProgramsStopped { retry_after_seconds },
        }
    }
}

/// A wrong try that is committed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wrong {
    brand: BrandId,
    client: Option<ApiClientId>,
    day: i64,
    budget: DayBudget,
}

/// Whether this caller's budget is spent, by this node's copy of the flags. Agents have a stricter one, which is counted
/// at each try.
pub(crate) fn stops(app: &App, caller: &Caller, now: Timestamp) -> Option<Stopped> {
    let Actor::ApiClient { id, .. } = caller.actor else {
        return None;
    };
    let (today, brand) = (day(now), &caller.brand);
    let flags = app.directory().current();
    let left = u64::try_from((DAY - now.micros().rem_euclid(DAY)) / 1_000_000 + 1).unwrap_or_default();
    // A flag holds only as far as the policy of now: one that was raised since frees.
    if flags
        .spent_by_client(id, today)
        .is_some_and(|holders| brand.client_budget.is_spent(holders))
    {
        return Some(Stopped::Client(left));
    }
    let alarm = brand.policy.brand_alarm.stops_programs
        && flags
            .spent_at_brand(brand.brand.id, today)
            .is_some_and(|holders| brand.brand_alarm.is_spent(holders));
    alarm.then_some(Stopped::Programs(left))
}

/// Adds a wrong try inside an open write. What it returns is to be noted once it is committed.
pub(crate) async fn add_wrong(
    tx: &mut Tx,
    caller: &Caller,
    holder: HolderId,
    now: Timestamp,
) -> Result<Wrong, AppError> {
    let (brand, today) = (caller.brand.brand.id, day(now));
    budgets::add(tx, brand, today, &caller.actor_ref().to_string(), holder).await?;
    Ok(Wrong {
        brand,
        client: if let Actor::ApiClient { id, .. } = caller.actor {
            Some(id)
        } else {
            None
        },
        day: today,
        budget: caller.brand.client_budget,
    })
}

/// What this node noted of wrong tries since it last asked the database. Losing it costs nothing: the rows are there, and
/// the next wrong try notes its caller again.
#[derive(Debug, Default)]
pub struct Budgets {
    clients: Mutex<HashMap<ApiClientId, Tally>>,
    brands: Mutex<HashSet<BrandId>>,
    due: Notify,
    client_alarms: AtomicU64,
    brand_alarms: AtomicU64,
}

/// A program's wrong tries, as far as this node knows.
#[derive(Clone, Copy, Debug)]
struct Tally {
    brand: BrandId,
    day: i64,
    /// Holders at the last count.
    counted: u32,
    /// Wrong tries through this node since then.
    since: u32,
}

/// A program that had wrong tries since it was last counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Noted {
    pub(crate) client: ApiClientId,
    pub(crate) brand: BrandId,
    pub(crate) day: i64,
}

impl Budgets {
    /// Notes a wrong try that was committed, and wakes whoever counts where it may have spent a budget.
    pub(crate) fn note(&self, wrong: Wrong) {
        self.brands().insert(wrong.brand);
        let Some(client) = wrong.client else { return };
        let fresh = Tally {
            brand: wrong.brand,
            day: wrong.day,
            counted: 0,
            since: 0,
        };
        let mut clients = self.clients();
        let tally = clients.entry(client).or_insert(fresh);
        if tally.day != wrong.day {
            *tally = fresh;
        }
        tally.since = tally.since.saturating_add(1);
        if wrong.budget.is_spent(tally.counted.saturating_add(tally.since)) {
            self.due.notify_one();
        }
    }

    /// The programs that had wrong tries since they were last taken.
    pub(crate) fn take_clients(&self) -> Vec<Noted> {
        let mut noted = Vec::new();
        for (client, tally) in self.clients().iter_mut().filter(|(_, tally)| tally.since > 0) {
            tally.since = 0;
            noted.push(Noted {
                client: *client,
                brand: tally.brand,
                day: tally.day,
            });
        }
        noted
    }

    /// Keeps what a count came to.
    pub(crate) fn counted(&self, noted: Noted, holders: u32) {
        if let Some(tally) = self.clients().get_mut(&noted.client)
            && tally.day == noted.day
        {
            tally.counted = holders;
        }
    }

    /// A count failed: it is due again.
    pub(crate) fn put_back(&self, noted: Noted) {
        if let Some(tally) = self.clients().get_mut(&noted.client) {
            tally.since = tally.since.saturating_add(1);
        }
    }

    /// The brands that had wrong tries since they were last taken.
    pub(crate) fn take_brands(&self) -> Vec<BrandId> {
        self.brands().drain().collect()
    }

    /// A brand is due again.
    pub(crate) fn put_brand_back(&self, brand: BrandId) {
        self.brands().insert(brand);
    }

    /// Waits until a budget may be spent.
    pub(crate) async fn due(&self) {
        self.due.notified().await;
    }

    pub(crate) fn count_alarm(&self, of_a_client: bool) {
        let counter = if of_a_client {
            &self.client_alarms
        } else {
            &self.brand_alarms
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// How often this process found a program's budget spent, and a brand's alarm due: for whoever watches it.
    #[must_use]
    pub fn alarms(&self) -> (u64, u64) {
        (
            self.client_alarms.load(Ordering::Relaxed),
            self.brand_alarms.load(Ordering::Relaxed),
        )
    }

    fn clients(&self) -> MutexGuard<'_, HashMap<ApiClientId, Tally>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn brands(&self) -> MutexGuard<'_, HashSet<BrandId>> {
        self.brands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
