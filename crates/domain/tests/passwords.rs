//! Rules for new passwords, and the maker (C8; NIST SP 800-63B-4, 3.1.1.2).

use std::collections::BTreeMap;

use countersign_domain::password::{
    BrokenRandomness, LONGEST_BYTES, Rule, Rules, Strength, Surroundings, generate, normalised,
};
use proptest::prelude::*;

fn broken(rules: Rules, password: &str) -> Vec<Rule> {
    rules.broken(
        &normalised(password),
        &Surroundings::of_brand("Harbor Hosting"),
        Strength::Strong,
    )
}

#[test]
fn c8_fifteen_characters_alone_and_eight_beside_a_second_factor() {
    assert_eq!(
        broken(Rules::SOLE_FACTOR, "tulip brick 9x"),
        [Rule::TooShort],
        "fourteen"
    );
    assert_eq!(broken(Rules::SOLE_FACTOR, "tulip brick 9xq"), []);
    assert_eq!(broken(Rules::WITH_SECOND_FACTOR, "tqv brk"), [Rule::TooShort]);
    assert_eq!(broken(Rules::WITH_SECOND_FACTOR, "tqv brkz"), []);
}

#[test]
fn c8_characters_are_counted_and_not_bytes() {
    assert_eq!(
        broken(Rules::WITH_SECOND_FACTOR, "äöüßéèê"),
        [Rule::TooShort],
        "seven characters, fourteen bytes"
    );
    assert_eq!(broken(Rules::WITH_SECOND_FACTOR, "雨の日は静かに歩く"), []);
}

#[test]
fn c8_there_is_no_rule_of_composition() {
    for text in [
        "kqvzrtbnwmhxjpl",
        "                ~",
        "🦀🌧🪨🫖🧵🛶🪁🥁🪵🧊🫧🪺🛷🪤🧲",
    ] {
        assert_eq!(broken(Rules::SOLE_FACTOR, text), [], "{text}");
    }
}

#[test]
fn t38_sixty_four_characters_and_many_more_are_taken_but_no_more_than_a_kibibyte() {
    let long: String = "kqv zrt bnw mhx jpl ".repeat(60);
    assert_eq!(broken(Rules::SOLE_FACTOR, &long[..64]), []);
    assert_eq!(broken(Rules::SOLE_FACTOR, &long[..LONGEST_BYTES]), []);
    assert_eq!(
        broken(Rules::SOLE_FACTOR, &long[..=LONGEST_BYTES]),
        [Rule::TooLong]
    );
}

#[test]
fn c8_common_passwords_are_refused_also_with_trivial_additions_and_repeated() {
    for text in [
        "1q2w3e4r5t6y7u8i",
        "Sunshine",
        "SUNSHINE2024!!",
        "!!sunshine99",
        "sunshinesunshine",
        "Sunshine1Sunshine1",
        "qwertyuiop",
        "12345678",
        "sun shine",
    ] {
        let found = broken(Rules::WITH_SECOND_FACTOR, text);
        assert!(found.contains(&Rule::Common), "{text}: {found:?}");
    }
}

#[test]
fn c8_context_words_are_refused() {
    for text in [
        "HarborHosting 2026!",
        "Password-Password-1",
        "harbor!harbor!harbor",
    ] {
        let found = broken(Rules::SOLE_FACTOR, text);
        assert!(found.contains(&Rule::Context), "{text}: {found:?}");
    }
}

#[test]
fn c8_what_an_estimator_calls_guessable_is_refused_but_said_only_where_nothing_says_it_better() {
    let around = Surroundings::default();
    let judged = |text| Rules::SOLE_FACTOR.broken(text, &around, Strength::Guessable);
    assert_eq!(judged("zaq12wsxzaq12wsxzaq"), [Rule::Guessable]);
    assert_eq!(judged("short"), [Rule::TooShort]);
}

#[test]
fn a_password_typed_on_two_systems_is_one_password() {
    assert_eq!(*normalised("Cafe\u{301}"), *normalised("Caf\u{e9}"));
    assert_eq!(*normalised(" as it is "), " as it is ", "nothing is trimmed");
}

#[test]
fn c8_a_made_password_is_readable_and_keeps_every_rule() {
    let mut state = 0_u64;
    let mut fill = |bytes: &mut [u8]| {
        for byte in bytes {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 56) as u8;
        }
    };
    let mut seen = BTreeMap::<char, u32>::new();
    for _ in 0..5_000 {
        let made = generate(&mut fill).unwrap();
        assert_eq!(made.len(), 19);
        assert_eq!(made.split('-').map(str::len).collect::<Vec<_>>(), [4, 4, 4, 4]);
        assert_eq!(broken(Rules::SOLE_FACTOR, &made), []);
        for letter in made.chars().filter(|letter| *letter != '-') {
            *seen.entry(letter).or_default() += 1;
        }
    }
    assert_eq!(seen.len(), 31, "31 letters, 16 of them: 79.2 bits");
    let expected = f64::from(5_000 * 16) / 31.0;
    let chi_square: f64 = seen
        .values()
        .map(|count| (f64::from(*count) - expected).powi(2) / expected)
        .sum();
    // 30 degrees of freedom: 67.6 is passed once in 10,000 times.
    assert!(chi_square < 67.6, "{chi_square}");
}

#[test]
fn a_broken_source_of_randomness_makes_no_password() {
    assert_eq!(
        generate(&mut |bytes| bytes.fill(31)).unwrap_err(),
        BrokenRandomness
    );
}

proptest! {
    #[test]
    fn judging_takes_any_text_and_says_too_short_exactly_when_it_is(text in "\\PC{0,80}") {
        let normal = normalised(&text);
        let found = broken(Rules::SOLE_FACTOR, &text);
        if normal.len() <= LONGEST_BYTES {
            prop_assert_eq!(found.contains(&Rule::TooShort), normal.chars().count() < 15);
        } else {
            prop_assert_eq!(found, vec![Rule::TooLong]);
        }
    }

    #[test]
    fn normalising_twice_is_normalising_once(text in "\\PC{0,80}") {
        let once = normalised(&text);
        prop_assert_eq!(&*normalised(&once), &*once);
    }

    #[test]
    fn digits_and_marks_around_a_common_password_do_not_save_it(before in "[0-9!.]{0,6}", after in "[0-9!.]{0,12}") {
        let found = broken(Rules::WITH_SECOND_FACTOR, &format!("{before}sunshine{after}"));
        prop_assert!(found.contains(&Rule::Common));
    }

    #[test]
    fn case_and_spaces_change_no_verdict_of_the_list(upper in any::<[bool; 8]>()) {
        let text: String = "sunshine".chars().zip(upper).map(|(letter, upper)| if upper { letter.to_ascii_uppercase() } else { letter }).collect();
        prop_assert!(broken(Rules::WITH_SECOND_FACTOR, &text).contains(&Rule::Common));
    }
}
