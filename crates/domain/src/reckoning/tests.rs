use proptest::prelude::*;

use super::*;

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;
const DAY: i64 = 24 * HOUR;
/// 2026-11-25, in microseconds.
const TODAY: i64 = 1_795_600_000 * SECOND;

/// A look that took no time.
fn at(running: i64, shown: i64) -> Sighting {
    Sighting {
        before: running,
        after: running,
        shown: Timestamp::from_micros(shown),
    }
}

#[test]
fn the_round_trip_is_shared_between_both_ways() {
    let look = Sighting {
        before: 1_000,
        after: 3_000,
        shown: Timestamp::from_micros(TODAY),
    };
    let known = Reckoning::begin(&look, None).unwrap();
    assert_eq!(known.now(2_000).micros(), TODAY);
    assert_eq!(known.uncertain(), Duration::from_millis(1));
}

#[test]
fn e41_time_begins_no_earlier_than_the_database_has_seen() {
    let seen = Timestamp::from_micros(TODAY);
    let known = Reckoning::begin(&at(7, TODAY - HOUR), Some(seen)).unwrap();
    assert_eq!(known.now(7), seen);
    assert_eq!(known.not_followed(), -HOUR);
    let on = known.steer(&at(7 + 60 * SECOND, TODAY - HOUR + 60 * SECOND), Judge::Machine);
    let went = on.now(7 + 60 * SECOND).since(seen);
    assert!(
        went >= Duration::from_millis(59_970) && went <= Duration::from_secs(60),
        "{went:?}"
    );
}

#[test]
fn e41_a_clock_in_the_year_2100_is_refused_and_one_that_was_off_for_a_month_is_not() {
    let seen = Timestamp::from_micros(TODAY);
    let year_2100 = at(0, 4_102_444_800 * SECOND);
    assert_eq!(
        Reckoning::begin(&year_2100, Some(seen)),
        Err(TooFarAhead {
            shown: year_2100.shown,
            seen
        })
    );
    assert!(Reckoning::begin(&at(0, TODAY + 30 * DAY), Some(seen)).is_ok());
    assert!(
        Reckoning::begin(&year_2100, None).is_ok(),
        "nothing is known of a new database"
    );
}

#[test]
fn the_databases_clock_is_followed_forward_at_once_but_not_into_the_year_2100() {
    let known = Reckoning::begin(&at(0, TODAY), None).unwrap();
    let hour_on = known.steer(&at(SECOND, TODAY + HOUR), Judge::Database);
    assert_eq!(hour_on.now(SECOND).micros(), TODAY + HOUR);
    let leap = known.steer(&at(SECOND, 4_102_444_800 * SECOND), Judge::Database);
    assert_eq!(leap.now(SECOND).micros(), TODAY + SECOND);
    assert!(leap.not_followed() > 70 * 365 * DAY);
}

#[test]
fn a_slow_look_teaches_nothing_that_a_quick_one_knew_better() {
    let known = Reckoning::begin(&at(0, TODAY), None).unwrap();
    let slow = Sighting {
        before: SECOND,
        after: 3 * SECOND,
        // It was shown right after it was asked for, so the middle would be wrong by a second.
        shown: Timestamp::from_micros(TODAY + SECOND),
    };
    assert_eq!(known.steer(&slow, Judge::Database).ahead(), known.ahead());
}

#[test]
fn what_another_process_has_seen_is_not_undone() {
    let known = Reckoning::begin(&at(0, TODAY), None).unwrap();
    let seen = Timestamp::from_micros(TODAY + HOUR);
    assert_eq!(known.not_before(seen, SECOND).now(SECOND), seen);
    let earlier = Timestamp::from_micros(TODAY - HOUR);
    assert_eq!(known.not_before(earlier, SECOND), known);
    let poisoned = Timestamp::from_micros(4_102_444_800 * SECOND);
    assert_eq!(known.not_before(poisoned, SECOND), known);
}

proptest! {
    /// E41: −1 h, +1 h, 1970, 2038, 2100 and everything between: whatever the wall clock says, what lasts ten minutes by
    /// the running clock lasts ten minutes.
    #[test]
    fn e41_no_jump_of_the_machines_clock_changes_a_span(
        jumps in prop::collection::vec((1..30 * SECOND, -TODAY..3 * TODAY), 1..60),
    ) {
        let mut known = Reckoning::begin(&at(0, TODAY), None).unwrap();
        let mut running = 0;
        for (pause, wall) in jumps {
            let before = known.now(running);
            running += pause;
            let reckoned = known.steer(&at(running, wall), Judge::Machine).now(running);
            known = known.steer(&at(running, wall), Judge::Machine);
            let went = reckoned.micros() - before.micros();
            prop_assert!((went - pause).abs() <= pause / 2_000, "{went} in {pause}");
        }
    }

    /// E42: two nodes see one clock through networks of their own; whatever the round trips, each is right to within
    /// its own doubt and its crystal, so the two differ by no more than the sum.
    #[test]
    fn e42_two_nodes_that_see_one_clock_agree_within_their_doubts(
        looks in prop::collection::vec((0_i64..2, 0_i64..200_000, 0_i64..200_000), 2..80),
    ) {
        // Each node's running clock began at another time.
        let began = [5_i64, 77 * DAY];
        let mut nodes: [Option<Reckoning>; 2] = [None, None];
        let mut real = 0_i64;
        for (who, there, back) in looks {
            let which = usize::try_from(who).unwrap();
            real += 2 * SECOND;
            let look = Sighting {
                before: real + began[which],
                after: real + there + back + began[which],
                shown: Timestamp::from_micros(TODAY + real + there),
            };
            nodes[which] = Some(match nodes[which] {
                None => Reckoning::begin(&look, None).unwrap(),
                Some(known) => known.steer(&look, Judge::Database),
            });
            real += there + back;
            for (node, began) in nodes.iter().zip(began) {
                if let Some(node) = node {
                    let error = node.now(real + began).micros() - (TODAY + real);
                    let doubt = i64::try_from(node.uncertain().as_micros()).unwrap();
                    prop_assert!(error.abs() <= doubt + 1, "{error} of {doubt}");
                }
            }
        }
    }

    /// T34: the time that a node tells (`max(now, last)`) never goes back, and never stands longer than [`WAIT`] where
    /// the running clock goes on.
    #[test]
    fn t34_time_never_stands_longer_than_a_second(
        looks in prop::collection::vec((SECOND..5 * SECOND, -2 * HOUR..2 * HOUR), 1..60),
    ) {
        let mut known = Reckoning::begin(&at(0, TODAY), None).unwrap();
        let (mut running, mut last) = (0, known.now(0));
        for (pause, off) in looks {
            running += pause;
            known = known.steer(&at(running, TODAY + running + off), Judge::Database);
            let told = known.now(running).max(last);
            let stood = told.since(known.now(running));
            prop_assert!(stood <= WAIT, "{stood:?}");
            last = told;
        }
    }
}
