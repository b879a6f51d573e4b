//! Judging as arithmetic: may this try be judged, and what follows from it.
//!
//! Nothing here compares a secret. The application debits a try (one guarded UPDATE), asks its vault whether the digits
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

    /// Debits one try, or says why none is judged. The store's guarded UPDATE carries the same condition; the two are
    /// compared on every try.
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
mod tests {
    use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
    use proptest::{collection, prop_assert, prop_assert_eq};

    use super::{
        AgentBudget, AgentTries, Counters, Entrance, Limits, NotJudged, PinState, UnlockRefused, Verdict,
        YEAR,
    };
    use crate::time::Timestamp;
    use std::time::Duration;

    const CLOUD: Limits = Limits {
        tries: 6,
        machine_tries: 6,
        window_tries: 0,
        window: Duration::from_secs(90 * 86_400),
        unlocks_per_year: 0,
    };
    const STRICT: Limits = Limits {
        tries: 5,
        machine_tries: 2,
        window_tries: 10,
        window: Duration::from_secs(90 * 86_400),
        unlocks_per_year: 4,
    };

    fn noon() -> Timestamp {
        Timestamp::from_micros(1_790_000_000_000_000)
    }

    fn wrong(counters: Counters, entrance: Entrance, limits: &Limits) -> Counters {
        counters
            .debit(entrance, limits)
            .unwrap()
            .settle(false, limits, noon())
            .next
    }

    #[test]
    fn d4_six_wrong_tries_lock_the_pin_and_the_sixth_says_so_once() {
        let mut counters = Counters::fresh(noon());
        for try_number in 1..=6 {
            let settlement = counters
                .debit(Entrance::Machine, &CLOUD)
                .unwrap()
                .settle(false, &CLOUD, noon());
            assert_eq!(settlement.verdict, Verdict::Denied);
            assert_eq!(settlement.locked_now, try_number == 6);
            counters = settlement.next;
        }
        assert_eq!(counters.state, PinState::Locked);
        assert_eq!(counters.debit(Entrance::Human, &CLOUD), Err(NotJudged::Locked));
    }

    #[test]
    fn e01_the_right_pin_on_the_last_try_is_accepted_and_one_later_is_refused() {
        let mut counters = Counters::fresh(noon());
        for _ in 0..5 {
            counters = wrong(counters, Entrance::Human, &CLOUD);
        }
        let last = counters
            .debit(Entrance::Human, &CLOUD)
            .unwrap()
            .settle(true, &CLOUD, noon());
        assert_eq!((last.verdict, last.next.tries), (Verdict::Verified, 0));
        assert!(
            wrong(counters, Entrance::Human, &CLOUD)
                .debit(Entrance::Human, &CLOUD)
                .is_err()
        );
    }

    #[test]
    fn e12_machines_spend_two_tries_and_a_human_still_has_the_others() {
        let mut counters = Counters::fresh(noon());
        counters = wrong(counters, Entrance::Machine, &STRICT);
        counters = wrong(counters, Entrance::Machine, &STRICT);
        assert_eq!(
            counters.debit(Entrance::Machine, &STRICT),
            Err(NotJudged::MachineShareSpent)
        );
        let seen = counters
            .debit(Entrance::Human, &STRICT)
            .unwrap()
            .settle(true, &STRICT, noon());
        assert_eq!(seen.verdict, Verdict::Verified);
        assert!(
            seen.next.debit(Entrance::Machine, &STRICT).is_ok(),
            "a success gives machines their share back"
        );
    }

    #[test]
    fn wrong_tries_in_the_window_lock_even_with_successes_between_and_then_need_a_new_pin() {
        let mut counters = Counters::fresh(noon());
        for _ in 0..9 {
            counters = wrong(counters, Entrance::Human, &STRICT);
            counters = counters
                .debit(Entrance::Human, &STRICT)
                .unwrap()
                .settle(true, &STRICT, noon())
                .next;
        }
        counters = wrong(counters, Entrance::Human, &STRICT);
        assert_eq!(counters.state, PinState::Locked);
        assert_eq!(counters.unlock(&STRICT, noon()), Err(UnlockRefused::NeedsNewPin));
        let next_season = noon().plus(STRICT.window);
        assert!(counters.unlock(&STRICT, next_season).is_ok());
    }

    #[test]
    fn the_fifth_unlock_in_a_year_needs_a_new_pin() {
        let mut counters = Counters::fresh(noon());
        let limits = Limits {
            window_tries: 0,
            ..STRICT
        };
        for _ in 0..4 {
            for _ in 0..5 {
                counters = wrong(counters, Entrance::Human, &limits);
            }
            counters = counters.unlock(&limits, noon()).unwrap();
        }
        for _ in 0..5 {
            counters = wrong(counters, Entrance::Human, &limits);
        }
        assert_eq!(counters.unlock(&limits, noon()), Err(UnlockRefused::NeedsNewPin));
        assert_eq!(counters.unlock(&limits, noon().plus(YEAR)).unwrap().unlocks, 1);
        assert_eq!(Counters::renewed(noon()).unlocks, 0);
    }

    #[test]
    fn a_pin_that_is_not_locked_cannot_be_unlocked_and_no_pin_is_never_judged() {
        assert_eq!(
            Counters::fresh(noon()).unlock(&CLOUD, noon()),
            Err(UnlockRefused::NotLocked)
        );
        assert_eq!(
            Counters::none(noon()).debit(Entrance::Human, &CLOUD),
            Err(NotJudged::NoPin)
        );
        assert_eq!(NotJudged::NoPin.verdict(), Verdict::Denied);
        assert_eq!(NotJudged::Locked.verdict(), Verdict::Locked);
        assert_eq!(
            NotJudged::MachineShareSpent.verdict(),
            Verdict::Denied,
            "T16: else the third try would tell a real account from none"
        );
    }

    #[test]
    fn d4_tries_spent_under_a_higher_limit_lock_at_the_next_try_under_a_lower_one() {
        let mut counters = Counters::fresh(noon());
        for _ in 0..5 {
            counters = wrong(counters, Entrance::Human, &CLOUD);
        }
        let lowered = Limits { tries: 3, ..CLOUD };
        let refused = counters.debit(Entrance::Human, &lowered).unwrap_err();
        let settlement = counters.refuse(refused, noon());
        assert_eq!(
            (settlement.verdict, settlement.locked_now),
            (Verdict::Locked, true)
        );
        assert_eq!(
            (settlement.next.state, settlement.next.locked_at),
            (PinState::Locked, Some(noon()))
        );
        let again = settlement.next.refuse(NotJudged::Locked, noon());
        assert!(!again.locked_now, "it locks once");
        assert!(
            settlement.next.unlock(&lowered, noon()).is_ok(),
            "and can be unlocked"
        );
        let spent = counters.refuse(NotJudged::MachineShareSpent, noon());
        assert_eq!((spent.next, spent.locked_now), (counters, false));
    }

    #[test]
    fn an_agent_is_stopped_at_the_budget_and_zero_means_no_limit() {
        let budget = AgentBudget {
            per_day: 20,
            per_week: 60,
            per_month: 0,
        };
        assert!(budget.allows(AgentTries {
            day: 19,
            week: 59,
            month: 10_000
        }));
        assert!(!budget.allows(AgentTries {
            day: 20,
            week: 20,
            month: 20
        }));
        assert!(!budget.allows(AgentTries {
            day: 1,
            week: 60,
            month: 60
        }));
    }

    #[test]
    fn every_word_reads_back() {
        for state in [PinState::None, PinState::Active, PinState::Locked] {
            assert_eq!(state.name().parse(), Ok(state));
        }
        assert!("open".parse::<PinState>().is_err());
        let words: Vec<_> = Verdict::ALL.iter().map(|verdict| verdict.name()).collect();
        assert_eq!(words, ["verified", "denied", "locked", "expired", "unavailable"]);
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Try(bool, Entrance),
        Unlock,
        Renew,
        Wait(u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            8 => (any::<bool>(), prop_oneof![Just(Entrance::Human), Just(Entrance::Machine)])
                .prop_map(|(right, entrance)| Step::Try(right, entrance)),
            2 => Just(Step::Unlock),
            1 => Just(Step::Renew),
            1 => (1..40_u64).prop_map(Step::Wait),
        ]
    }

    proptest! {
        #[test]
        fn no_path_judges_more_than_the_limit_between_two_resets(steps in collection::vec(step(), 0..200)) {
            for limits in [CLOUD, STRICT] {
                let mut counters = Counters::fresh(noon());
                let (mut now, mut in_a_row, mut by_machines) = (noon(), 0, 0);
                for step in &steps {
                    match *step {
                        Step::Try(right, entrance) => match counters.debit(entrance, &limits) {
                            Ok(debited) => {
                                prop_assert_eq!(counters.state, PinState::Active);
                                let settlement = debited.settle(right, &limits, now);
                                if right {
                                    (in_a_row, by_machines) = (0, 0);
                                } else {
                                    in_a_row += 1;
                                    by_machines += u32::from(entrance == Entrance::Machine);
                                }
                                prop_assert_eq!(settlement.verdict == Verdict::Verified, right);
                                counters = settlement.next;
                            }
                            Err(refused) => prop_assert!(refused.verdict() != Verdict::Verified),
                        },
                        Step::Unlock => if let Ok(next) = counters.unlock(&limits, now) {
                            prop_assert_eq!(counters.state, PinState::Locked);
                            counters = next;
                            (in_a_row, by_machines) = (0, 0);
                        },
                        Step::Renew => {
                            counters = Counters::renewed(now);
                            (in_a_row, by_machines) = (0, 0);
                        }
                        Step::Wait(days) => now = now.plus(Duration::from_secs(days * 86_400)),
                    }
                    prop_assert!(in_a_row <= limits.tries);
                    prop_assert!(by_machines <= limits.machine_tries);
                    prop_assert_eq!(counters.locked_at.is_some(), counters.state == PinState::Locked);
                    prop_assert_eq!((counters.tries, counters.machine_tries), (in_a_row, by_machines));
                    if in_a_row == limits.tries {
                        prop_assert_eq!(counters.state, PinState::Locked);
                    }
                }
            }
        }
    }
}
