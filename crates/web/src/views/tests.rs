//! What every page promises, checked on every page in every state.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::layout::{Moment, groups};
use super::samples;
use super::words::Words;

fn here(part: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(part)
}

fn files_under(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_under(&path, ending));
        } else if path.extension().is_some_and(|own| own == ending) {
            found.push(path);
        }
    }
    found
}

fn texts(folder: &str, ending: &str) -> Vec<(PathBuf, String)> {
    files_under(&here(folder), ending)
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            (path, text)
        })
        .collect()
}

/// The inside of every tag of a page: `input class="code" name="pin"`.
fn tags(html: &str) -> impl Iterator<Item = &str> {
    html.split('<')
        .skip(1)
        .filter_map(|piece| piece.split_once('>').map(|(tag, _)| tag))
}

/// The names of a tag's attributes; what stands between quotes is left out.
fn attribute_names(tag: &str) -> Vec<String> {
    let outside: String = tag.split('"').step_by(2).collect();
    outside
        .split_whitespace()
        .skip(1)
        .map(|word| word.trim_end_matches('=').to_lowercase())
        .collect()
}

#[test]
fn every_page_has_one_h1_a_language_a_direction_and_a_title() {
    for page in samples::all() {
        let rtl = page.name.ends_with(".rtl");
        let opening = if rtl {
            r#"lang="ar" dir="rtl""#
        } else {
            r#"lang="en" dir="ltr""#
        };
        assert_eq!(page.html.matches("<h1").count(), 1, "{}: one h1", page.name);
        assert!(page.html.contains(opening), "{}: lang and dir", page.name);
        assert!(!page.html.contains("<title> ·"), "{}: a title", page.name);
        assert!(page.html.contains(r#"<main id="content""#), "{}: main", page.name);
    }
}

#[test]
fn no_page_holds_inline_style_script_or_handlers() {
    for page in samples::all() {
        for tag in tags(&page.html) {
            for name in attribute_names(tag) {
                assert!(name != "style", "{}: style attribute in <{tag}>", page.name);
                assert!(!name.starts_with("on"), "{}: handler in <{tag}>", page.name);
            }
            assert!(!tag.starts_with("style"), "{}: style element", page.name);
            assert!(
                !tag.starts_with("script") || tag.contains(r#"src="/assets/"#),
                "{}: inline script",
                page.name
            );
        }
    }
}

#[test]
fn every_sentence_on_every_page_is_found() {
    for page in samples::all() {
        let missing = page
            .html
            .split('⟦')
            .nth(1)
            .and_then(|rest| rest.split('⟧').next());
        assert_eq!(missing, None, "{}: a key without words", page.name);
        assert!(!page.html.contains("{$"), "{}: a place was left open", page.name);
    }
}

#[test]
fn no_id_stands_twice_on_a_page_and_every_reference_finds_its_id() {
    for page in samples::all() {
        let mut ids = BTreeSet::new();
        for tag in tags(&page.html) {
            if let Some(id) = attribute(tag, "id") {
                assert!(ids.insert(id), "{}: id {id} stands twice", page.name);
            }
        }
        for tag in tags(&page.html) {
            for name in [
                "for",
                "aria-labelledby",
                "aria-describedby",
                "popovertarget",
                "data-dialog",
                "form",
            ] {
                for id in attribute(tag, name).unwrap_or_default().split_whitespace() {
                    assert!(
                        ids.contains(id),
                        "{}: {name} names the missing id {id}",
                        page.name
                    );
                }
            }
        }
    }
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag.get(start..)?.split('"').next()
}

#[test]
fn every_form_that_changes_something_carries_the_form_token() {
    for page in samples::all() {
        for form in page.html.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap();
            if form.starts_with(r#" method="post""#) || form.contains(r#"method="post""#) {
                assert!(
                    form.contains(r#"name="csrf" value="form-token""#),
                    "{}: {form}",
                    page.name
                );
            }
        }
    }
}

#[test]
fn a3_every_signed_in_portal_page_has_the_bar_with_number_and_masked_pin() {
    let signed_in: Vec<_> = samples::all()
        .into_iter()
        .filter(|page| page.html.contains("face-portal") && page.html.contains(r#"action="/sign-out""#))
        .collect();
    assert!(signed_in.len() > 60, "the samples cover the portal");
    for page in signed_in {
        let bar = page.html.split("<header class=\"bar\">").nth(1).unwrap();
        let bar = bar.split("</header>").next().unwrap();
        assert!(
            bar.contains("<span>410</span><span>233</span>"),
            "{}: number",
            page.name
        );
        assert!(
            bar.contains(r#"data-copy="4102337518""#),
            "{}: copied without spaces",
            page.name
        );
        if page.name.starts_with("home-one-time")
            || page.name.contains("account-held")
            || page.name.contains("-one-time")
            || page.name.contains("-people")
        {
            assert!(!bar.contains("••••••"), "{}: no PIN is held here", page.name);
        } else if !page.name.contains("no-pin") {
            assert!(bar.contains("••••••"), "{}: masked PIN", page.name);
        }
    }
}

#[test]
fn only_the_page_that_was_asked_to_show_the_pin_holds_its_digits() {
    for page in samples::all() {
        let holds = page.html.contains("012345");
        assert_eq!(holds, page.name.starts_with("show-pin"), "{}", page.name);
    }
}

#[test]
fn a5_before_a_match_the_desk_shows_no_full_name_and_no_contact() {
    for page in samples::all() {
        if page.name.starts_with("conversation")
            && !page.name.contains("verified")
            && !page.name.ends_with(".long")
        {
            for secret in ["Bluefin Bakery", "dana@bluefin.example", "7946", "Mira Sato"] {
                assert!(!page.html.contains(secret), "{}: {secret}", page.name);
            }
        }
    }
}

#[test]
fn d6_an_outbound_conversation_has_no_field_for_a_pin() {
    for page in samples::all() {
        if page.name.starts_with("conversation-outbound") {
            assert!(!page.html.contains(r#"name="pin""#));
            assert!(
                page.html
                    .contains("We contacted them, so we never ask for the PIN")
            );
        }
    }
}

#[test]
fn d6_the_warning_stands_beside_the_pin() {
    for name in ["home", "account-settings", "profile", "show-pin"] {
        let page = samples::all().into_iter().find(|page| page.name == name).unwrap();
        assert!(
            page.html.contains("We never call you and ask for this PIN."),
            "{name}"
        );
    }
}

#[test]
fn text_from_customers_is_escaped() {
    let page = samples::all()
        .into_iter()
        .find(|page| page.name == "home.long")
        .unwrap();
    assert!(page.html.contains("Wolfeschlegelsteinhausenbergerdorff &#38; S"));
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
        if path.ends_with("tests.rs") || path.components().any(|part| part.as_os_str() == "samples") {
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
        .filter(|key| !quoted.contains(key))
        .collect();
    assert_eq!(unused, Vec::<String>::new());
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
                if path.ends_with("tests.rs") || key.contains(char::is_whitespace) {
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
fn every_icon_that_is_drawn_is_in_the_sprite() {
    let sprite = fs::read_to_string(here("assets/icons.svg")).unwrap();
    for page in samples::all() {
        for rest in page.html.split("/assets/icons.svg#").skip(1) {
            let icon = rest.split('"').next().unwrap();
            assert!(
                sprite.contains(&format!("id=\"{icon}\"")),
                "{}: {icon}",
                page.name
            );
        }
    }
}

#[test]
fn a_page_with_everything_that_it_loads_stays_under_60_kilobytes() {
    for page in samples::all() {
        let mut loaded = BTreeSet::new();
        let mut open: Vec<String> = page
            .html
            .split("\"/assets/")
            .skip(1)
            .map(|rest| rest.split(['"', '#']).next().unwrap().to_owned())
            .collect();
        let mut bytes = page.html.len();
        while let Some(name) = open.pop() {
            if !loaded.insert(name.clone()) {
                continue;
            }
            let text = fs::read_to_string(here("assets").join(&name)).unwrap();
            bytes += text.len();
            open.extend(
                text.split("\"./")
                    .skip(1)
                    .map(|rest| rest.split('"').next().unwrap().to_owned()),
            );
        }
        let limit = if page.name.starts_with("demo.") || page.name == "demo" {
            80_000
        } else {
            60_000
        };
        assert!(bytes < limit, "{}: {bytes} bytes", page.name);
    }
}

#[test]
fn the_style_sheets_know_no_left_and_right() {
    for (path, text) in texts("assets", "css") {
        for side in [
            "margin-left",
            "margin-right",
            "padding-left",
            "padding-right",
            "border-left",
            "border-right",
            "text-align: left",
            "text-align: right",
            " left:",
            " right:",
            "float:",
        ] {
            assert!(!text.contains(side), "{}: {side}", path.display());
        }
    }
}

#[test]
fn a_moment_is_shown_in_utc_and_kept_for_machines() {
    let moment = Moment::from_micros(1_795_296_000_000_000);
    assert_eq!(moment.machine, "2026-11-21T21:20:00Z");
    assert_eq!(moment.shown, "2026-11-21 21:20 UTC");
    assert_eq!(Moment::from_micros(i64::MAX).shown, "—");
}

#[test]
fn account_numbers_are_grouped_without_changing_them() {
    assert_eq!(groups("4102337518").concat(), "4102337518");
    assert_eq!(groups("4102337518"), ["410", "233", "7518"]);
    assert_eq!(groups("12345678"), ["1234", "5678"]);
    assert_eq!(groups("123456"), ["123", "456"]);
    assert_eq!(groups("1"), ["1"]);
    assert_eq!(groups(""), Vec::<String>::new());
}

/// Writes every page to the directory named by `COUNTERSIGN_GALLERY`, to be looked at in a browser.
#[test]
fn the_gallery_is_written_where_it_is_asked_for() {
    #[expect(
        clippy::disallowed_methods,
        reason = "a switch of this test alone, read nowhere else"
    )]
    let Ok(folder) = std::env::var("COUNTERSIGN_GALLERY") else {
        return;
    };
    let folder = PathBuf::from(folder);
    fs::create_dir_all(folder.join("assets")).unwrap();
    for page in samples::all() {
        fs::write(folder.join(format!("{}.html", page.name)), page.html).unwrap();
    }
    for entry in fs::read_dir(here("assets")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, folder.join("assets").join(path.file_name().unwrap())).unwrap();
    }
}
