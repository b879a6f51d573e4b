//! What must hold for any input, not only for the examples that somebody thought of.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::time::Duration;

use countersign_domain::account::AccountNumber;
use countersign_domain::contact::{EmailAddress, PersonName, Phone};
use countersign_domain::ids::{AccountId, HolderId, PersonId};
use countersign_domain::pin::{Digits, PinRules, Rule, Surroundings, generate};
use countersign_domain::policy::{Policy, Preset};
use countersign_domain::time::Timestamp;
use proptest::prelude::{Strategy, any, prop, proptest};
use proptest::{prop_assert, prop_assert_eq};

/// One digit in one of the four scripts that are read.
fn spelled() -> impl Strategy<Value = (u32, char)> {
    (
        0..10_u32,
        prop::sample::select(vec![0x30_u32, 0x660, 0x6f0, 0xff10]),
    )
        .prop_map(|(value, zero)| (value, char::from_u32(zero + value).unwrap()))
}

proptest! {
    #[test]
    fn digits_are_never_anything_but_1_to_12_ascii_digits(text in ".{0,80}") {
        if let Ok(digits) = Digits::parse(&text) {
            prop_assert!((1..=12).contains(&digits.len()));
            prop_assert!(digits.expose().bytes().all(|letter| letter.is_ascii_digit()));
            let again = Digits::parse(digits.expose()).unwrap();
            prop_assert_eq!(again.expose(), digits.expose());
        }
    }

    #[test]
    fn e52_the_script_and_the_separators_of_a_pin_do_not_matter(
        spelling in prop::collection::vec((spelled(), prop::sample::select(vec!["", " ", "-", "\u{a0}"])), 1..=12),
    ) {
        let text: String = spelling.iter().map(|((_, letter), separator)| format!("{letter}{separator}")).collect();
        let plain: String = spelling.iter().map(|((value, _), _)| value.to_string()).collect();
        let digits = Digits::parse(&text).unwrap();
        prop_assert_eq!(digits.expose(), plain.as_str());
    }

    #[test]
    fn e52_one_stray_character_anywhere_spoils_a_pin(
        pin in "[0-9]{1,11}", place in 0..12_usize, stray in any::<char>(),
    ) {
        let table = "0123456789٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹０１２３４５６７８９ -\u{a0}";
        let mut text = pin.clone();
        text.insert(place.min(pin.len()), stray);
        prop_assert_eq!(Digits::parse(&text).is_ok(), table.contains(stray));
    }

    #[test]
    fn reading_never_fails_in_another_way_than_with_an_error(text in "\\PC{0,200}") {
        let _ = Phone::parse(&text, Some("DE"));
        let _ = EmailAddress::parse(&text);
        let _ = PersonName::parse(&text);
        let _ = AccountNumber::parse(&text);
        let _ = Policy::parse_toml(&text);
        let _ = text.parse::<HolderId>();
        let _ = Timestamp::parse_rfc3339(&text);
    }

    #[test]
    fn what_was_normalised_once_stays_as_it_is(text in "[ 0-9٠-٩+()/.-]{1,24}") {
        if let Ok(number) = AccountNumber::parse(&text) {
            prop_assert_eq!(AccountNumber::parse(number.as_str()), Ok(number));
        }
        if let Ok(phone) = Phone::parse(&text, Some("GB")) {
            prop_assert!(phone.e164().len() <= 16);
            prop_assert_eq!(Phone::parse(phone.e164(), None), Ok(phone));
        }
    }

    #[test]
    fn a_mask_shows_at_most_two_digits_of_a_phone_number(number in "[2-9][0-9]{6}") {
        let phone = Phone::parse(&format!("+1202{number}"), None).unwrap();
        prop_assert_eq!(phone.masked().chars().filter(char::is_ascii_digit).count(), 2);
    }

    #[test]
    fn ids_read_back_and_sort_as_their_numbers(one in any::<u128>(), other in any::<u128>()) {
        let (first, second) = (AccountId::from_u128(one), AccountId::from_u128(other));
        prop_assert_eq!(first.to_string().parse::<AccountId>(), Ok(first));
        prop_assert_eq!(first.to_string().cmp(&second.to_string()), one.cmp(&other));
        prop_assert!(first.to_string().parse::<PersonId>().is_err());
    }

    #[test]
    fn ids_made_later_sort_later(at in 0..4_000_000_000_000_000_i64, later in 1_000..1_000_000_000_i64,
                                 one in any::<[u8; 10]>(), other in any::<[u8; 10]>()) {
        let early = PersonId::new(Timestamp::from_micros(at), one);
        let late = PersonId::new(Timestamp::from_micros(at + later), other);
        prop_assert!(early < late);
    }

    #[test]
    fn instants_read_back_from_their_text(micros in -62_135_596_800_000_000..253_402_200_000_000_000_i64) {
        let at = Timestamp::from_micros(micros);
        prop_assert_eq!(Timestamp::parse_rfc3339(&at.to_rfc3339()), Ok(at));
    }

    #[test]
    fn adding_and_taking_away_a_span_gives_the_same_instant(micros in any::<i32>(), span in any::<u32>()) {
        let at = Timestamp::from_micros(i64::from(micros));
        let span = Duration::from_micros(u64::from(span));
        prop_assert_eq!(at.plus(span).minus(span), at);
        prop_assert_eq!(at.plus(span).since(at), span);
    }

    #[test]
    fn a_longer_allowance_never_refuses_more(pin in "[0-9]{6}", most in 2..6_usize) {
        let rules = |most| PinRules {
            length: 6, max_equal_in_a_row: most, max_in_sequence: most,
            refuse_guessable: false, refuse_dates: false, refuse_personal_digits: false,
        };
        let digits = Digits::parse(&pin).unwrap();
        let held = |most| rules(most).check(&digits, &Surroundings::default()).all_held();
        prop_assert!(!held(most) || held(most + 1));
    }

    #[test]
    fn a_pin_read_backwards_keeps_the_same_rules_of_shape(pin in "[0-9]{1,12}") {
        let rules = Policy::preset(Preset::CloudUserPin).pin_rules();
        let report = |text: &str| rules.check(&Digits::parse(text).unwrap(), &Surroundings::default());
        let backwards: String = pin.chars().rev().collect();
        prop_assert_eq!(report(&pin), report(&backwards));
    }

    #[test]
    fn every_generated_pin_keeps_the_rules_of_shape(length in 4..=12_usize, most in 2..=3_usize, seed in any::<[u8; 32]>()) {
        let rules = PinRules {
            length, max_equal_in_a_row: most, max_in_sequence: most,
            ..Policy::preset(Preset::CloudUserPin).pin_rules()
        };
        let mut state = u64::from_le_bytes(seed[..8].try_into().unwrap()) | 1;
        let pin = generate(&rules, &mut |bytes| for byte in bytes {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = state.to_be_bytes()[0];
        }).unwrap();
        let report = rules.check(&pin, &Surroundings::default());
        prop_assert!(report.all_held() && report.lines.iter().any(|line| line.rule == Rule::Length));
    }
}
