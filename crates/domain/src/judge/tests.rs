//! Every rule of judging by example, and all paths through it by random steps.

use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
use proptest::{collection, prop_assert, prop_assert_eq};

use super::{
    AgentBudget, AgentTries, Counters, DayBudget, Entrance, Limits, NotJudged, PinState, UnlockRefused,
    Verdict, YEAR,
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

#[test]
fn a_days_budget_is_spent_at_its_number_and_zero_is_never_spent() {
    assert!(!DayBudget(150).is_spent(149));
    assert!(DayBudget(150).is_spent(150) && DayBudget(150).is_spent(151));
    assert!(!DayBudget(0).is_spent(u32::MAX));
}
