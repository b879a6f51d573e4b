//! Judging as arithmetic: may this try be judged, and what follows from it.
//!
//! Nothing here compares a secret. The application takes the holder's row, debits a try, asks its vault whether the digits
//! match, and hands the answer to [`Counters::settle`]; what comes back is saved with the audit event in the same
//! transaction. A wrong PIN is a decision that is committed, never an error (design.md, *Judging*; security.md 1.5).

use std::time::Duration;

use crate::time::Timestamp;
use crate::words::words;

words! {
    /// The word that an entrance answers with (product.md, *verification*).
    Verdict, VerdictError, "a verdict" {
        /// The secret matched.
        Verified = "verified",
        /// It did not, or there is no such account: the two look alike.
        Denied = "denied",
        /// The PIN is locked; nothing was compared.
        Locked = "locked",
        /// The code's life is over; nothing was compared.
        Expired = "expired",
        /// Nothing was judged (the brand has no standing PIN, a stored row does not prove itself).
        Unavailable = "unavailable",
    }
}

/// Who spends a try. Machines are stopped earlier, so that nobody can lock a customer out by dialling (T14).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Entrance {
    /// An agent at the desk.
    Human,
    /// An IVR or a program with an API key.
    Machine,
}

words! {
    /// The states of a Support PIN (product.md, *Support PIN*).
    PinState, PinStateError, "a state of a Support PIN" {
        /// The holder has no PIN.
        None = "none",
        /// It can be checked.
        Active = "active",
        /// Too many wrong tries; nothing is compared until it is unlocked.
        Locked = "locked",
    }
}

/// How many tries a policy gives (policy `[tries]` and `[unlock]`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Wrong tries in a row that lock the PIN (D4: six in `cloud-user-pin`).
    pub tries: u32,
    /// How many of them machines may spend.
    pub machine_tries: u32,
    /// Wrong tries within [`Limits::window`], even with successes between, that lock it; 0 is no such limit.
    pub window_tries: u32,
    /// How long the count of [`Limits::window_tries`] runs.
    pub window: Duration,
    /// Unlocks in a year without a new PIN; 0 is no such limit.
    pub unlocks_per_year: u32,
}

/// What a PIN row counts. Every number belongs to the holder's internal id, whatever name the caller used (T11).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Counters {
    /// The state that the counts stand in.
    pub state: PinState,
    /// Wrong tries in a row.
    pub tries: u32,
    /// How many of them machines spent.
    pub machine_tries: u32,
    /// Wrong tries since [`Counters::window_since`], successes between them or not.
    pub window_tries: u32,
    /// When the running window began.
    pub window_since: Timestamp,
    /// Unlocks since [`Counters::unlocks_since`] that kept the PIN.
    pub unlocks: u32,
    /// When the running year of unlocks began.
    pub unlocks_since: Timestamp,
    /// When it was locked; some exactly in the state [`PinState::Locked`].
    pub locked_at: Option<Timestamp>,
}

/// The period over which unlocks without a new PIN are counted.
pub const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Why a try is not judged. Nothing is compared and nothing is debited.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NotJudged {
    /// The holder has no PIN.
    NoPin,
    /// The PIN is locked.
    Locked,
    /// Machines have spent their share; a human may still try.
    MachineShareSpent,
}

impl NotJudged {
    /// What the entrance answers. A holder without a PIN looks like a wrong one; so does one at whom machines have spent
    /// their share, because an account that does not exist has no share to spend (T16).
    #[must_use]
    pub const fn verdict(self) -> Verdict {
        match self {
            Self::NoPin | Self::MachineShareSpent => Verdict::Denied,
            Self::Locked => Verdict::Locked,
        }
    }
}

/// What follows from a judged try.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Settlement {
    /// The counts to save.
    pub next: Counters,
    /// The word to answer.
    pub verdict: Verdict,
    /// Whether this very try locked the PIN (D4: one e-mail at that moment).
    pub locked_now: bool,
}

/// Why an unlock is refused. Nothing changes.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum UnlockRefused {
    /// The PIN is not locked.
    #[error("the PIN is not locked")]
    NotLocked,
    /// The year's unlocks are spent, or the window of wrong tries is full: only a new PIN helps.
    #[error("unlocking needs a new PIN")]
    NeedsNewPin,
}

impl Counters {
    /// The counts of a PIN that was just made or changed.
    #[must_use]
    pub const fn fresh(now: Timestamp) -> Self {
        Self {
            state: PinState::Active,
            tries: 0,
            machine_tries: 0,
            window_tries: 0,
            window_since: now,
            unlocks: 0,
            unlocks_since: now,
            locked_at: None,
        }
    }

    /// The counts of a holder without a PIN.
    #[must_use]
    pub const fn none(now: Timestamp) -> Self {
        Self {
            state: PinState::None,
            ..Self::fresh(now)
        }
    }

    /// Debits one try, or says why none is judged. The row is taken before and saved by a guarded UPDATE after, so that no
    /// two tries begin from the same counts.
    ///
    /// # Errors
    /// [`NotJudged`] when nothing may be compared.
    pub const fn debit(self, entrance: Entrance, limits: &Limits) -> Result<Self, NotJudged> {
        match self.state {
            PinState::None => return Err(NotJudged::NoPin),
            PinState::Locked => return Err(NotJudged::Locked),
            PinState::Active => {}
        }
        if self.tries >= limits.tries {
            return Err(NotJudged::Locked);
        }
        match entrance {
            Entrance::Human => Ok(Self {
                tries: self.tries + 1,
                ..self
            }),
            Entrance::Machine if self.machine_tries >= limits.machine_tries => {
                Err(NotJudged::MachineShareSpent)
            }
            Entrance::Machine => Ok(Self {
                tries: self.tries + 1,
                machine_tries: self.machine_tries + 1,
                ..self
            }),
        }
    }

    /// What follows once the digits were compared. `self` is the row after its debit.
    #[must_use]
    pub fn settle(self, matched: bool, limits: &Limits, now: Timestamp) -> Settlement {
        if matched {
            // Success gives the tries in a row back, never the window's.
            let next = Self {
                tries: 0,
                machine_tries: 0,
                ..self
            };
            return Settlement {
                next,
                verdict: Verdict::Verified,
                locked_now: false,
            };
        }
        let mut next = self.with_window(limits, now);
        next.window_tries = next.window_tries.saturating_add(1);
        let locks = next.tries >= limits.tries || next.window_is_full(limits);
        if locks {
            next.state = PinState::Locked;
            next.locked_at = Some(now);
        }
        // The try that locks still answers "denied": it was judged. The next one hears "locked".
        Settlement {
            next,
            verdict: Verdict::Denied,
            locked_now: locks,
        }
    }

    /// What follows from a try that was not judged. `self` is the row as it was. Where the policy gave more tries when
    /// they were spent than it gives now, the lock that is due is made up for: so the holder is told and can unlock.
    #[must_use]
    pub fn refuse(self, refused: NotJudged, now: Timestamp) -> Settlement {
        let locks = refused == NotJudged::Locked && self.state == PinState::Active;
        let next = if locks {
            Self {
                state: PinState::Locked,
                locked_at: Some(now),
                ..self
            }
        } else {
            self
        };
        Settlement {
            next,
            verdict: refused.verdict(),
            locked_now: locks,
        }
    }

    /// Unlocks and keeps the PIN.
    ///
    /// # Errors
    /// [`UnlockRefused`] when it is not locked, or when only a new PIN helps.
    pub fn unlock(self, limits: &Limits, now: Timestamp) -> Result<Self, UnlockRefused> {
        if self.state != PinState::Locked {
            return Err(UnlockRefused::NotLocked);
        }
        if self.needs_new_pin(limits, now) {
            return Err(UnlockRefused::NeedsNewPin);
        }
        let mut next = self.with_window(limits, now);
        if now.since(next.unlocks_since) >= YEAR {
            next.unlocks = 0;
            next.unlocks_since = now;
        }
        next.unlocks = next.unlocks.saturating_add(1);
        Ok(Self {
            state: PinState::Active,
            tries: 0,
            machine_tries: 0,
            locked_at: None,
            ..next
        })
    }

    /// Whether a locked PIN can only be opened by replacing it.
    #[must_use]
    pub fn needs_new_pin(self, limits: &Limits, now: Timestamp) -> bool {
        let running = self.with_window(limits, now);
        let year_runs = now.since(self.unlocks_since) < YEAR;
        running.window_is_full(limits)
            || (limits.unlocks_per_year > 0 && year_runs && self.unlocks >= limits.unlocks_per_year)
    }

    /// The counts after the holder chose or was given a new PIN. The year's unlocks stay counted only where the PIN stays.
    #[must_use]
    pub const fn renewed(now: Timestamp) -> Self {
        Self::fresh(now)
    }

    fn with_window(self, limits: &Limits, now: Timestamp) -> Self {
        if now.since(self.window_since) >= limits.window {
            Self {
                window_tries: 0,
                window_since: now,
                ..self
            }
        } else {
            self
        }
    }

    const fn window_is_full(&self, limits: &Limits) -> bool {
        limits.window_tries > 0 && self.window_tries >= limits.window_tries
    }
}

/// Distinct holders with a wrong try by one agent, over three spans (security.md 1.3: against spraying).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct AgentTries {
    /// In the last day.
    pub day: u32,
    /// In the last seven days.
    pub week: u32,
    /// In the last thirty days.
    pub month: u32,
}

/// The agent's budget (policy `[agent_budget]`); 0 is no such limit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AgentBudget {
    /// Distinct holders a day.
    pub per_day: u32,
    /// Distinct holders in seven days.
    pub per_week: u32,
    /// Distinct holders in thirty days.
    pub per_month: u32,
}

impl AgentBudget {
    /// Whether the agent may go on judging. When it is spent the agent is stopped, never the customer.
    #[must_use]
    pub const fn allows(&self, spent: AgentTries) -> bool {
        within(spent.day, self.per_day)
            && within(spent.week, self.per_week)
            && within(spent.month, self.per_month)
    }
}

const fn within(spent: u32, limit: u32) -> bool {
    limit == 0 || spent < limit
}

#[cfg(test)]
mod tests;
