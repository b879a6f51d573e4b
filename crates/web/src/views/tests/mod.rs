//! What every page promises, checked on every page in every state.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::layout::{Moment, groups};
use super::samples;

mod words;

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
fn d4_while_locked_every_page_says_so_and_offers_to_unlock() {
    for name in ["home-locked", "account-settings-locked", "profile-locked"] {
        let page = page(name);
        assert!(page.contains("Support PIN locked"), "{name}");
        assert!(page.contains("in a phone call"), "{name}: through which channel");
        assert!(
            page.contains(r#"href="/unlock""#),
            "{name}: the way without script"
        );
        assert!(
            page.contains(r#"<dialog class="dialog" id="unlock-dialog""#),
            "{name}: the confirmation"
        );
    }
    assert!(page("news-2").contains("Support PIN unlocked!"));
}

#[test]
fn d5_who_may_not_unlock_sees_who_may_and_no_way_to_unlock() {
    let page = page("home-locked-by-others");
    assert!(page.contains("may unlock it: Dana Okafor, Ines Brandt"));
    assert!(!page.contains("/unlock"));
}

#[test]
fn a4_the_menu_leads_everywhere_and_the_pen_opens_edit_pin() {
    let page = page("account-settings");
    for entry in [
        "Profile",
        "Account settings",
        "Security (2FA)",
        "2-Factor Auth",
        "Team",
        "Activity",
        "Sign out",
    ] {
        assert!(page.contains(entry), "{entry}");
    }
    assert!(
        page.contains(r#"href="/account-settings/edit-pin" data-dialog="edit-pin" aria-label="Edit PIN""#)
    );
    assert!(page.contains(r#"<button class="button primary">Edit PIN</button>"#));
}

#[test]
fn d2_each_rule_says_whether_it_holds_by_word_and_not_by_colour_alone() {
    let page = page("edit-pin-broken");
    assert!(page.contains(r#"data-rule="in_sequence" data-limit="3" data-mark="broken""#));
    let rule = page
        .split(r#"data-rule="in_sequence""#)
        .nth(1)
        .unwrap()
        .split("</li>")
        .next()
        .unwrap();
    assert!(rule.contains("At most 3 digits in sequence, up or down"));
    assert!(rule.contains("not met"));
}

fn page(name: &str) -> String {
    samples::all()
        .into_iter()
        .find(|page| page.name == name)
        .unwrap()
        .html
}

#[test]
fn text_from_customers_is_escaped() {
    let page = samples::all()
        .into_iter()
        .find(|page| page.name == "home.long")
        .unwrap();
    assert!(page.html.contains("Wolfeschlegelsteinhausenbergerdorff &#38; S"));
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
fn a_page_with_everything_that_it_loads_stays_under_70_kilobytes() {
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
            70_000
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
