//! The Fluent files and the places that use them agree.

use std::collections::BTreeSet;
use std::path::Path;

use countersign_domain::contact::countries;

use super::texts;
use crate::views::words::Words;

/// True for the sources of tests, whose texts are not on any page.
fn is_test(path: &Path) -> bool {
    path.components()
        .any(|part| part.as_os_str() == "samples" || part.as_os_str() == "tests")
}

/// The ids of the messages in the Fluent files.
fn known_keys() -> BTreeSet<String> {
    texts("locales/en", "ftl")
        .iter()
        .flat_map(|(_, text)| text.lines())
        .filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()))
        .filter_map(|line| line.split_once(" = ").map(|(key, _)| key.to_owned()))
        .collect()
}

/// Everything between double quotes in templates and sources.
fn quoted() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let sources = texts("src", "rs");
    let templates = texts("templates", "html");
    for (path, text) in sources.iter().chain(&templates) {
        if is_test(path) {
            continue;
        }
        found.extend(text.split('"').map(str::to_owned));
    }
    found
}

#[test]
fn every_english_sentence_is_used() {
    let quoted = quoted();
    let unused: Vec<_> = known_keys()
        .into_iter()
        .filter(|key| !quoted.contains(key) && !key.starts_with("country-"))
        .collect();
    assert_eq!(unused, Vec::<String>::new());
}

#[test]
fn c5_every_country_with_phone_numbers_has_a_name_and_no_other() {
    let named: BTreeSet<String> = known_keys()
        .into_iter()
        .filter(|key| key.starts_with("country-"))
        .collect();
    let there = countries()
        .into_iter()
        .map(|country| crate::views::team::country_key(&country.region))
        .collect();
    assert_eq!(named, there);
}

#[test]
fn every_key_that_a_template_or_view_says_is_known() {
    let known = known_keys();
    let sources = texts("src", "rs");
    let templates = texts("templates", "html");
    let mut said = 0;
    for (path, text) in sources.iter().chain(&templates) {
        for call in ["say(\"", "with(\"", "count(\""] {
            for rest in text.split(call).skip(1) {
                let key = rest.split('"').next().unwrap();
                if is_test(path) || key.contains(char::is_whitespace) {
                    continue;
                }
                said += 1;
                assert!(
                    known.contains(key) || !key.contains('-') && path.extension().is_some_and(|e| e == "rs"),
                    "{}: {key}",
                    path.display()
                );
            }
        }
    }
    assert!(said > 200, "the search finds the calls");
}

#[test]
fn a_key_that_nobody_wrote_is_shown_as_missing_and_not_as_nothing() {
    assert_eq!(Words::new("en").say("no-such-key"), "⟦no-such-key⟧");
    assert_eq!(Words::new("not a language").language(), "en");
}

#[test]
fn a_reader_gets_a_language_that_there_are_words_for() {
    for header in [
        None,
        Some(""),
        Some("en-GB,en;q=0.9"),
        Some("ar"),
        Some("ar, en;q=0.5"),
        Some("en;q=0, ar"),
        Some("*;q=x,;,\u{202e}"),
    ] {
        let words = Words::negotiate(header);
        assert_eq!(
            (words.language().as_str(), words.direction()),
            ("en", "ltr"),
            "{header:?}"
        );
    }
}

#[test]
fn a_number_picks_the_form_of_its_sentence() {
    let words = Words::new("en");
    assert_eq!(words.count("desk-hits", 0), "No account found");
    assert_eq!(words.count("desk-hits", 1), "One account found");
    assert_eq!(words.count("desk-hits", 7), "7 accounts found");
}

#[test]
fn a_length_of_time_is_said_in_words_and_never_shorter_than_it_is() {
    let words = Words::new("en");
    let said = [
        0, 1, 5, 59, 60, 61, 120, 840, 841, 900, 3_600, 7_200, 7_201, 10_800,
    ]
    .map(|it| words.time(it));
    let meant = [
        "one second",
        "one second",
        "5 seconds",
        "59 seconds",
        "one minute",
        "2 minutes",
        "2 minutes",
        "14 minutes",
        "15 minutes",
        "15 minutes",
        "60 minutes",
        "120 minutes",
        "3 hours",
        "3 hours",
    ];
    assert_eq!(said, meant);
}
