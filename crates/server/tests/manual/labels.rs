//! What the pages for customers and staff call the things on the screen is what stands on the screen.

use std::collections::BTreeSet;

use countersign_domain::policy::{HeldBy, Policy, Preset};

use crate::{read, rows};

/// The texts of a file of words, without their placeholders' names.
fn texts(file: &str) -> BTreeSet<String> {
    read(&format!("crates/web/locales/en/{file}"))
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(" = "))
        .map(|(_, text)| text.trim().to_owned())
        .collect()
}

/// What stands in single asterisks: names of buttons, menus and sections.
fn emphasised(page: &str) -> Vec<String> {
    let page = page.replace("**", "");
    page.lines()
        .flat_map(|line| {
            line.split('*')
                .skip(1)
                .step_by(2)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect()
}

fn assert_labels(page: &str, files: &[&str]) {
    let known: BTreeSet<String> = files.iter().flat_map(|file| texts(file)).collect();
    let used = emphasised(&read(page));
    assert!(used.len() >= 8, "{page}: the labels were not found: {used:?}");
    let unknown: Vec<&String> = used.iter().filter(|label| !known.contains(*label)).collect();
    assert!(
        unknown.is_empty(),
        "{page} names {unknown:?}, which stand on no page"
    );
}

#[test]
fn what_customers_are_told_to_press_is_there() {
    assert_labels(
        "docs/customers.md",
        &[
            "portal.ftl",
            "common.ftl",
            "second_factor.ftl",
            "second_step.ftl",
            "security.ftl",
            "team.ftl",
        ],
    );
}

#[test]
fn what_agents_are_told_to_press_is_there() {
    assert_labels(
        "docs/desk.md",
        &["desk.ftl", "common.ftl", "second_factor.ftl", "second_step.ftl"],
    );
}

#[test]
fn every_panel_of_the_desk_is_explained() {
    let page = read("docs/desk.md");
    let words = read("crates/web/locales/en/desk.ftl");
    let titles: Vec<&str> = words
        .lines()
        .filter(|line| line.starts_with("panel-") || line.starts_with("stopped-"))
        .filter_map(|line| line.split_once("-title = "))
        .map(|(_, title)| title)
        .collect();
    assert!(titles.len() >= 9, "the panels were not found: {titles:?}");
    for title in titles {
        assert!(
            page.contains(&format!("| **{title}** |")),
            "docs/desk.md does not explain {title}"
        );
    }
}

#[test]
fn agents_are_told_to_say_what_the_desk_says() {
    let words = read("crates/web/locales/en/desk.ftl");
    let mut sentences = 0;
    for row in rows(&read("docs/desk.md")) {
        let Some(said) = row
            .last()
            .and_then(|cell| cell.strip_prefix('"')?.strip_suffix('"'))
        else {
            continue;
        };
        for sentence in said.split_inclusive(['.', '?']).map(str::trim) {
            assert!(words.contains(sentence), "the desk does not say {sentence:?}");
            sentences += 1;
        }
    }
    assert!(sentences >= 12, "only {sentences} sentences were found");
}

#[test]
fn customers_are_told_the_digits_and_tries_of_each_preset() {
    let page = rows(&read("docs/customers.md"));
    let columns = page
        .iter()
        .find(|row| row.iter().any(|cell| cell == Preset::Strict.name()))
        .unwrap();
    let cell =
        |row: &str, column: usize| -> &str { &page.iter().find(|cells| cells[0] == row).unwrap()[column] };
    for preset in Preset::ALL {
        let column = columns.iter().position(|name| name == preset.name()).unwrap();
        let policy = Policy::preset(*preset);
        if policy.support_pin.held_by == HeldBy::Nobody {
            assert_eq!(
                (cell("digits", column), cell("wrong tries that lock", column)),
                ("", "")
            );
            continue;
        }
        assert_eq!(cell("digits", column), policy.support_pin.length.to_string());
        let tries = if policy.tries.machine_limit < policy.tries.limit {
            format!("{}, programs {}", policy.tries.limit, policy.tries.machine_limit)
        } else {
            policy.tries.limit.to_string()
        };
        assert_eq!(cell("wrong tries that lock", column), tries);
    }
}
