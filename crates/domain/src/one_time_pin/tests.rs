use std::time::Duration;

use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
use proptest::{collection, prop_assert, prop_assert_eq};

use super::{
    CodeLimits, NotJudged, NumberOnRecord, NumberStanding, OneTimePin, RESEND_AFTER, TRIES_COUNT_FOR,
    wait_before_next,
};
use crate::contact::Phone;
use crate::judge::Verdict;
use crate::policy::{Policy, Preset};
use crate::time::Timestamp;

fn noon() -> Timestamp {
    Timestamp::from_micros(1_790_000_000_000_000)
}

fn later(seconds: u64) -> Timestamp {
    noon().plus(Duration::from_secs(seconds))
}

const REUSABLE: CodeLimits = CodeLimits {
    per_code: 3,
    per_person: 10,
    single_use: false,
};
const SINGLE: CodeLimits = CodeLimits {
    single_use: true,
    ..REUSABLE
};
const DAY: u64 = 24 * 60 * 60;

#[test]
fn e3_a_brokers_code_is_good_for_24_hours_and_again_within_them() {
    let policy = Policy::preset(Preset::BrokerOneTimePin).one_time_pin;
    let code = OneTimePin::sent(noon(), policy.life());
    let limits = policy.limits();
    let last = noon().plus(Duration::from_micros(DAY * 1_000_000 - 1));
    for at in [noon(), later(3_600), last] {
        let (next, verdict) = code.debit(0, &limits, at).unwrap().settle(true, &limits, at);
        assert_eq!((verdict, next), (Verdict::Verified, code), "it serves again");
    }
    for at in [later(DAY), later(DAY + 60), later(40 * DAY)] {
        assert_eq!(code.debit(0, &limits, at), Err(NotJudged::Expired));
        assert_eq!(NotJudged::Expired.verdict(), Verdict::Expired);
    }
}

#[test]
fn where_the_policy_says_so_the_first_match_spends_a_code_within_ten_minutes() {
    let policy = Policy::preset(Preset::Strict).one_time_pin;
    let (limits, code) = (policy.limits(), OneTimePin::sent(noon(), policy.life()));
    let (next, verdict) = code
        .debit(0, &limits, later(599))
        .unwrap()
        .settle(true, &limits, later(599));
    assert_eq!(verdict, Verdict::Verified);
    assert_eq!(next.debit(0, &limits, later(599)), Err(NotJudged::Spent));
    assert_eq!(code.debit(0, &limits, later(600)), Err(NotJudged::Expired));
}

#[test]
fn e05_the_third_wrong_try_ends_a_code_and_the_tenth_a_persons_day() {
    let mut code = OneTimePin::sent(noon(), Duration::from_secs(600));
    for wrong in 0..3 {
        let (next, verdict) = code
            .debit(wrong, &SINGLE, noon())
            .unwrap()
            .settle(false, &SINGLE, noon());
        assert_eq!(verdict, Verdict::Denied);
        code = next;
    }
    assert_eq!(code.debit(3, &SINGLE, noon()), Err(NotJudged::TooManyOfCode));
    let fresh = OneTimePin::sent(noon(), Duration::from_secs(600));
    assert!(fresh.is_good(9, &SINGLE, noon()));
    assert_eq!(fresh.debit(10, &SINGLE, noon()), Err(NotJudged::TooManyOfPerson));
    assert_eq!(NotJudged::TooManyOfPerson.verdict(), Verdict::Locked);
}

#[test]
fn e2_another_code_is_sent_after_thirty_seconds_and_a_clock_that_went_back_does_not_open_it() {
    assert_eq!(wait_before_next(None, noon()), None);
    assert_eq!(wait_before_next(Some(noon()), noon()), Some(RESEND_AFTER));
    assert_eq!(
        wait_before_next(Some(noon()), later(29)),
        Some(Duration::from_secs(1))
    );
    assert_eq!(wait_before_next(Some(noon()), later(30)), None);
    assert_eq!(wait_before_next(Some(later(500)), noon()), Some(RESEND_AFTER));
}

#[test]
fn e5_t20_t22_only_a_confirmed_number_that_waits_for_nothing_and_costs_nothing_extra_is_used() {
    let mut policy = Policy::preset(Preset::BrokerOneTimePin).one_time_pin;
    let standing = |policy: &crate::policy::OneTimePinPolicy, number: &str, usable_from| {
        let phone = Phone::parse(number, None).unwrap();
        let on_record = NumberOnRecord {
            phone: &phone,
            usable_from,
        };
        policy.number_standing(Some(on_record), noon())
    };
    let american = "+1 312 555 0121";
    assert_eq!(policy.number_standing(None, noon()), NumberStanding::Missing);
    assert_eq!(standing(&policy, american, None), NumberStanding::Unconfirmed);
    assert_eq!(
        standing(&policy, american, Some(later(1))),
        NumberStanding::Waits { from: later(1) }
    );
    assert_eq!(standing(&policy, american, Some(noon())), NumberStanding::Usable);
    for premium in ["+1 900 555 0123", "+44 909 879 0000", "+49 900 1 123456"] {
        assert_eq!(
            standing(&policy, premium, Some(noon())),
            NumberStanding::NotAllowed,
            "{premium}"
        );
    }
    policy.countries = vec!["DE".to_owned(), "FR".to_owned()];
    assert_eq!(
        standing(&policy, american, Some(noon())),
        NumberStanding::NotAllowed
    );
    assert_eq!(
        standing(&policy, "+33 6 39 98 00 01", Some(noon())),
        NumberStanding::Usable
    );
}

/// What happens between an agent, a caller and the clock.
#[derive(Clone, Copy, Debug)]
enum Step {
    Try { right: bool },
    SendAgain,
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => any::<bool>().prop_map(|right| Step::Try { right }),
        2 => Just(Step::SendAgain),
        1 => (1_u64..40_000).prop_map(Step::Wait),
    ]
}

proptest! {
    #[test]
    fn e05_however_often_codes_are_sent_again_no_day_has_more_wrong_tries_than_the_limit(
        steps in collection::vec(step(), 0..120),
        single_use in any::<bool>(),
        life in 60_u64..=DAY,
    ) {
        let limits = CodeLimits { single_use, ..REUSABLE };
        let mut now = noon();
        let mut code = OneTimePin::sent(now, Duration::from_secs(life));
        let mut wrong: Vec<Timestamp> = Vec::new();
        let counting = |wrong: &[Timestamp], now: Timestamp| {
            u32::try_from(wrong.iter().filter(|at| now.since(**at) < TRIES_COUNT_FOR).count()).unwrap()
        };
        for step in steps {
            match step {
                Step::SendAgain => code = OneTimePin::sent(now, Duration::from_secs(life)),
                Step::Wait(seconds) => now = now.plus(Duration::from_secs(seconds)),
                Step::Try { right } => {
                    let before = code;
                    let Ok(debited) = code.debit(counting(&wrong, now), &limits, now) else { continue };
                    prop_assert!(now < before.expires_at, "nothing is judged after its life");
                    prop_assert!(before.spent_at.is_none(), "nothing is judged once it is spent");
                    let (next, verdict) = debited.settle(right, &limits, now);
                    prop_assert_eq!(verdict == Verdict::Verified, right);
                    prop_assert!(next.tries >= before.tries, "a right one gives no other try back");
                    prop_assert_eq!(next.spent_at.is_some(), right && single_use);
                    if !right {
                        wrong.push(now);
                    }
                    prop_assert!(next.tries <= limits.per_code);
                    prop_assert!(counting(&wrong, now) <= limits.per_person);
                    code = next;
                }
            }
        }
    }

    #[test]
    fn what_ended_is_never_judged_again(wrong in 0_u32..20, at in 0_u64..2 * DAY) {
        let ended = OneTimePin { ended_at: Some(noon()), ..OneTimePin::sent(noon(), Duration::from_secs(DAY)) };
        prop_assert_eq!(ended.debit(wrong, &SINGLE, later(at)), Err(NotJudged::Ended));
    }
}
