//! The rules for a chosen PIN, checked one by one and by enumerating every PIN there is; and generated PINs as
//! statistics see them.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

use countersign_domain::account::AccountNumber;
use countersign_domain::contact::Phone;
use countersign_domain::pin::{BrokenRandomness, Digits, PinRules, Rule, Surroundings, generate};
use countersign_domain::policy::{Policy, Preset};

fn digits(text: &str) -> Digits {
    Digits::parse(text).unwrap()
}

fn only_length(length: usize) -> PinRules {
    PinRules {
        length,
        max_equal_in_a_row: 0,
        max_in_sequence: 0,
        refuse_guessable: false,
        refuse_dates: false,
        refuse_personal_digits: false,
    }
}

fn cloud() -> PinRules {
    Policy::preset(Preset::CloudUserPin).pin_rules()
}

fn broken(rules: &PinRules, text: &str) -> Vec<Rule> {
    rules
        .check(&digits(text), &Surroundings::default())
        .broken()
        .collect()
}

/// How many six-digit PINs break at least one of the rules.
fn refused_of_a_million(rules: &PinRules) -> usize {
    (0..1_000_000)
        .filter(|number| !broken(rules, &format!("{number:06}")).is_empty())
        .count()
}

#[test]
fn d2_exactly_six_digits_are_asked_for() {
    assert_eq!(broken(&cloud(), "13579"), [Rule::Length]);
    assert_eq!(broken(&cloud(), "1357924"), [Rule::Length]);
    assert_eq!(broken(&cloud(), "135792"), []);
    assert_eq!(broken(&cloud(), "013579"), [], "a leading zero counts");
}

#[test]
fn d2_three_equal_digits_in_a_row_pass() {
    for text in ["111000", "111222", "121212", "911192", "000111", "112211"] {
        assert_eq!(broken(&cloud(), text), [], "{text}");
    }
}

#[test]
fn d2_four_equal_digits_in_a_row_are_refused() {
    for text in ["111100", "911119", "921111", "000000", "999991"] {
        assert_eq!(broken(&cloud(), text), [Rule::EqualInARow], "{text}");
    }
}

#[test]
fn d2_three_digits_in_sequence_pass() {
    for text in ["345901", "345543", "901345", "987012", "135790"] {
        assert_eq!(broken(&cloud(), text), [], "{text}");
    }
}

#[test]
fn d2_four_digits_in_sequence_up_or_down_are_refused() {
    for text in [
        "345690", "654390", "123456", "654321", "903456", "906543", "876501", "012399",
    ] {
        assert_eq!(broken(&cloud(), text), [Rule::InSequence], "{text}");
    }
}

#[test]
fn d2_a_sequence_does_not_go_on_from_nine_to_zero() {
    for text in ["789014", "890135", "210946"] {
        assert_eq!(broken(&cloud(), text), [], "{text}");
    }
}

#[test]
fn d2_no_other_rule_refuses_in_the_cloud_preset() {
    for text in ["121212", "010190", "135531", "112233", "147258"] {
        assert_eq!(broken(&cloud(), text), [], "{text}");
    }
}

#[test]
fn d2_the_report_lists_each_rule_that_applies_in_order_and_whether_it_is_held() {
    let report = cloud().check(&digits("11112"), &Surroundings::default());
    let json = serde_json::to_value(&report).unwrap();
    let expected = serde_json::json!({"lines": [
        {"rule": "length", "held": false},
        {"rule": "equal_in_a_row", "held": false},
        {"rule": "in_sequence", "held": true},
    ]});
    assert_eq!(json, expected);
    assert!(!report.all_held());
}

/// The count is checked against a second way of deciding, which looks for forbidden texts in the PIN's text.
///
/// A published figure for this pair of rules is 4,780. That is 2,800 PINs with four equal digits in a row and 1,980
/// with four in sequence **upwards**. D2 says up or down: the 1,980 downward ones are refused too, so 6,760.
#[test]
fn d2_exactly_6760_of_a_million_pins_are_refused() {
    let equal = PinRules {
        max_equal_in_a_row: 3,
        ..only_length(6)
    };
    let sequence = PinRules {
        max_in_sequence: 3,
        ..only_length(6)
    };
    assert_eq!(refused_of_a_million(&equal), 2_800);
    assert_eq!(refused_of_a_million(&sequence), 3_960);
    assert_eq!(refused_of_a_million(&cloud()), 6_760);

    let up = ["0123", "1234", "2345", "3456", "4567", "5678", "6789"];
    let holds_one_of = |text: &str, parts: &[String]| parts.iter().any(|part| text.contains(part.as_str()));
    let upward: Vec<String> = up.iter().map(ToString::to_string).collect();
    let downward: Vec<String> = up.iter().map(|part| part.chars().rev().collect()).collect();
    let equals: Vec<String> = (0..=9).map(|digit| digit.to_string().repeat(4)).collect();
    let (mut public, mut ours) = (0, 0);
    for number in 0..1_000_000 {
        let text = format!("{number:06}");
        let without_down = holds_one_of(&text, &equals) || holds_one_of(&text, &upward);
        public += usize::from(without_down);
        ours += usize::from(without_down || holds_one_of(&text, &downward));
    }
    assert_eq!((public, ours), (4_780, 6_760));
}

#[test]
fn dates_and_guessable_pins_are_the_published_tenth_of_all() {
    let dates = PinRules {
        refuse_dates: true,
        ..only_length(6)
    };
    assert_eq!(refused_of_a_million(&dates), 84_232);
    let both = PinRules {
        refuse_guessable: true,
        ..dates
    };
    let refused = refused_of_a_million(&both);
    // 93,631 by pattern (runs, palindromes, repeats, two digits only, dates), and the favourites beyond them.
    assert!((93_631..93_650).contains(&refused), "{refused}");
}

#[test]
fn guessable_pins_are_refused_by_each_pattern() {
    let rules = |length| PinRules {
        refuse_guessable: true,
        ..only_length(length)
    };
    for text in [
        "1111", "1234", "4321", "1221", "1212", "7778", "2580", "1004", "1122", "0852",
    ] {
        assert_eq!(broken(&rules(4), text), [Rule::Guessable], "{text}");
    }
    for text in [
        "123456", "111111", "123321", "121212", "123123", "122122", "147258", "159753", "990909", "314159",
    ] {
        assert_eq!(broken(&rules(6), text), [Rule::Guessable], "{text}");
    }
    for text in ["7394", "2860"] {
        assert_eq!(broken(&rules(4), text), [], "{text}");
    }
    for text in ["739405", "286017"] {
        assert_eq!(broken(&rules(6), text), [], "{text}");
    }
}

#[test]
fn dates_are_refused_in_each_form() {
    let rules = |length| PinRules {
        refuse_dates: true,
        ..only_length(length)
    };
    for text in ["3112", "1231", "2902", "1987", "2024"] {
        assert_eq!(broken(&rules(4), text), [Rule::Date], "{text}");
    }
    for text in ["311299", "123199", "991231", "290201", "010100"] {
        assert_eq!(broken(&rules(6), text), [Rule::Date], "{text}");
    }
    for text in ["31121987", "12311987", "19871231", "29022023"] {
        assert_eq!(broken(&rules(8), text), [Rule::Date], "{text}");
    }
    for (length, text) in [
        (4, "3102"),
        (4, "0013"),
        (4, "2100"),
        (4, "3199"),
        (6, "310299"),
        (6, "990001"),
        (6, "453378"),
        (8, "31121887"),
        (8, "31042020"),
        (8, "18871231"),
        (5, "31129"),
        (7, "3112998"),
    ] {
        assert_eq!(broken(&rules(length), text), [], "{text}");
    }
}

#[test]
fn digits_of_the_phone_and_of_the_account_number_are_refused() {
    let phones = [Phone::parse("+44 20 7946 0018", None).unwrap()];
    let number = AccountNumber::parse("48291375").unwrap();
    let around = Surroundings {
        phones: &phones,
        account_number: Some(&number),
    };
    let rules = PinRules {
        refuse_personal_digits: true,
        ..only_length(6)
    };
    let broken = |text: &str| rules.check(&digits(text), &around).broken().collect::<Vec<_>>();
    for text in ["460018", "207946", "442079", "020794"] {
        assert_eq!(broken(text), [Rule::FromPhone], "{text}");
    }
    for text in ["291375", "482913", "829137"] {
        assert_eq!(broken(text), [Rule::FromAccountNumber], "{text}");
    }
    assert_eq!(broken("739405"), []);
    assert_eq!(
        broken("079461"),
        [],
        "a zero in front of digits that do not begin the number at home"
    );

    for (number, at_home) in [("+1 202 555 0143", "020255"), ("+358 40 123 4567", "040123")] {
        let phones = [Phone::parse(number, None).unwrap()];
        let report = rules.check(
            &digits(at_home),
            &Surroundings {
                phones: &phones,
                account_number: None,
            },
        );
        assert_eq!(
            report.broken().collect::<Vec<_>>(),
            [Rule::FromPhone],
            "{number} as it is dialled at home"
        );
    }

    let short = AccountNumber::parse("7390").unwrap();
    let around = Surroundings {
        phones: &[],
        account_number: Some(&short),
    };
    let report = rules.check(&digits("173905"), &around);
    assert_eq!(
        report.broken().collect::<Vec<_>>(),
        [Rule::FromAccountNumber],
        "a short number inside the PIN"
    );
    let report = rules.check(&digits("739405"), &Surroundings::default());
    assert!(report.all_held(), "nothing is known about the holder");
    assert_eq!(report.lines.len(), 3);
}

#[test]
fn the_rule_against_the_same_pin_is_left_to_the_application() {
    let all = Policy::preset(Preset::Strict).pin_rules();
    assert!(all.applying().all(|rule| rule != Rule::SameAsBefore));
    assert_eq!("same_as_before".parse(), Ok(Rule::SameAsBefore));
}

/// SplitMix64: small, seeded, and good enough to stand in for the operating system in a test of what is made of it.
struct Seeded(u64);

impl Seeded {
    fn fill(&mut self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut word = self.0;
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            word ^= word >> 31;
            let bytes = word.to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    }
}

/// Counts of each digit at each place and of each pair of neighbours.
#[derive(Default)]
struct Counts {
    single: Vec<[f64; 10]>,
    pair: Vec<[f64; 100]>,
}

impl Counts {
    fn new(length: usize) -> Self {
        Self {
            single: vec![[0.0; 10]; length],
            pair: vec![[0.0; 100]; length - 1],
        }
    }

    fn add(&mut self, text: &str) {
        let values: Vec<usize> = text.bytes().map(|letter| usize::from(letter - b'0')).collect();
        for (place, value) in values.iter().enumerate() {
            self.single[place][*value] += 1.0;
        }
        for (place, pair) in values.windows(2).enumerate() {
            self.pair[place][pair[0] * 10 + pair[1]] += 1.0;
        }
    }
}

fn chi_square(observed: &[f64], expected: &[f64]) -> f64 {
    observed
        .iter()
        .zip(expected)
        .map(|(seen, due)| (seen - due).powi(2) / due)
        .sum()
}

/// What chi-square exceeds with a chance of 1 in 10,000: 9 and 99 degrees of freedom.
const LIMIT_SINGLE: f64 = 33.72;
const LIMIT_PAIR: f64 = 160.05;

/// Draws a million PINs and compares them with `among`, all PINs that may be drawn.
fn worst_chi_square(mut draw: impl FnMut() -> Digits, among: impl Iterator<Item = String>) -> (f64, f64) {
    let mut expected = Counts::new(6);
    let mut size = 0.0;
    for text in among {
        expected.add(&text);
        size += 1.0;
    }
    let drawn = 1_000_000;
    let mut observed = Counts::new(6);
    for _ in 0..drawn {
        observed.add(draw().expose());
    }
    let scale = f64::from(drawn) / size;
    let scaled = |counts: &[f64]| counts.iter().map(|count| count * scale).collect::<Vec<_>>();
    let single = observed
        .single
        .iter()
        .zip(&expected.single)
        .map(|(seen, due)| chi_square(seen, &scaled(due)));
    let pair = observed
        .pair
        .iter()
        .zip(&expected.pair)
        .map(|(seen, due)| chi_square(seen, &scaled(due)));
    (single.fold(0.0, f64::max), pair.fold(0.0, f64::max))
}

#[test]
fn e52_a_million_generated_pins_are_uniform_per_digit_and_pair() {
    let mut source = Seeded(1);
    let rules = only_length(6);
    let all = (0..1_000_000).map(|number| format!("{number:06}"));
    let (single, pair) = worst_chi_square(|| generate(&rules, &mut |bytes| source.fill(bytes)).unwrap(), all);
    assert!(single < LIMIT_SINGLE && pair < LIMIT_PAIR, "{single} {pair}");
}

#[test]
fn e52_a_million_generated_pins_are_uniform_over_those_that_keep_the_rules() {
    let mut source = Seeded(2);
    let rules = cloud();
    let allowed = (0..1_000_000)
        .map(|number| format!("{number:06}"))
        .filter(|text| broken(&rules, text).is_empty());
    let (single, pair) = worst_chi_square(
        || generate(&rules, &mut |bytes| source.fill(bytes)).unwrap(),
        allowed,
    );
    assert!(single < LIMIT_SINGLE && pair < LIMIT_PAIR, "{single} {pair}");
}

#[test]
fn e52_the_chi_square_test_finds_digits_made_by_a_plain_remainder() {
    let mut source = Seeded(3);
    let naive = || {
        let mut bytes = [0; 6];
        source.fill(&mut bytes);
        let text: String = bytes.iter().map(|byte| char::from(b'0' + byte % 10)).collect();
        digits(&text)
    };
    let all = (0..1_000_000).map(|number| format!("{number:06}"));
    let (single, pair) = worst_chi_square(naive, all);
    assert!(
        single > LIMIT_SINGLE && pair > LIMIT_PAIR,
        "the test would pass anything: {single} {pair}"
    );
}

#[test]
fn a_generated_pin_keeps_the_rules_of_shape_and_not_the_blocklist() {
    let mut source = Seeded(4);
    let strict = Policy::preset(Preset::Strict).pin_rules();
    let rules = PinRules { length: 4, ..strict };
    let mut guessable = 0;
    for _ in 0..2_000 {
        let pin = generate(&rules, &mut |bytes| source.fill(bytes)).unwrap();
        assert_eq!(pin.len(), 4);
        let found: Vec<_> = rules.check(&pin, &Surroundings::default()).broken().collect();
        assert!(!found.contains(&Rule::EqualInARow) && !found.contains(&Rule::InSequence));
        guessable += usize::from(!found.is_empty());
    }
    assert!(
        guessable > 100,
        "a uniform draw meets dates and favourites: {guessable}"
    );
}

#[test]
fn a_broken_source_of_randomness_gives_an_error_and_neither_a_pin_nor_an_endless_loop() {
    for byte in [0, 255] {
        let result = generate(&cloud(), &mut |bytes| bytes.fill(byte));
        assert_eq!(result.err(), Some(BrokenRandomness), "{byte}");
    }
}

#[test]
fn an_impossible_length_is_brought_into_bounds() {
    let mut source = Seeded(5);
    for (asked, made) in [(0, 1), (1, 1), (12, 12), (40, 12)] {
        let rules = only_length(asked);
        let result = generate(&rules, &mut |bytes| source.fill(bytes));
        match result {
            Ok(pin) => assert_eq!((pin.len(), asked), (made, made)),
            Err(error) => assert!(asked != made, "{error}"),
        }
    }
}
