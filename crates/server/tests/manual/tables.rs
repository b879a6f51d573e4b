//! What the pages list is what there is: nothing is missing, and nothing stands there that is gone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use countersign_domain::api_client::Scope;
use countersign_domain::audit::Action;
use countersign_domain::pin::Rule;
use countersign_domain::policy::Preset;

use crate::program::{commands, said};
use crate::{names, read, root, rows};

/// Every Rust file under a folder.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn looks_like_a_code(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|letter| letter.is_ascii_lowercase() || letter == b'_')
}

/// The text after each `mark`, up to the next quote, where it looks like a problem's code.
fn codes_after<'a>(text: &'a str, mark: &str) -> impl Iterator<Item = &'a str> {
    text.split(mark)
        .skip(1)
        .filter_map(|rest| rest.split_once('"'))
        .map(|(code, _)| code)
        .filter(|code| looks_like_a_code(code))
}

/// Every code that a problem of the web can have: what stands behind a status, and in the table of bare statuses.
fn problem_codes() -> BTreeSet<String> {
    let mut files = Vec::new();
    sources(&root().join("crates/web/src"), &mut files);
    let mut codes = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let text: String = text
            .split("#[cfg(test)]")
            .next()
            .unwrap()
            .split_whitespace()
            .collect();
        // `new(status, "code"`, and the pairs `(status, "code")` of errors.
        for mark in ["Problem::new(", "Self::new(", "=>(StatusCode::"] {
            for rest in text.split(mark).skip(1) {
                let literal = rest
                    .split_once(',')
                    .and_then(|(_, rest)| rest.strip_prefix('"')?.split_once('"'));
                codes.extend(
                    literal
                        .map(|(code, _)| code.to_owned())
                        .filter(|code| looks_like_a_code(code)),
                );
            }
        }
        if file.ends_with("web/src/error.rs") {
            for mark in ["=>(\"", "=>{(\""] {
                codes.extend(codes_after(&text, mark).map(str::to_owned));
            }
        }
    }
    assert!(codes.len() >= 20, "the codes were not found: {codes:?}");
    codes
}

#[test]
fn every_problem_code_stands_in_the_table_and_no_other() {
    let page = read("docs/integrate.md");
    let (_, problems) = page.split_once("## When a request fails").unwrap();
    let (problems, _) = problems.split_once("\n## ").unwrap();
    let listed: BTreeSet<String> = rows(problems)
        .into_iter()
        .filter(|row| row[0].parse::<u16>().is_ok())
        .map(|row| row[1].clone())
        .collect();
    assert_eq!(listed, problem_codes());
}

#[test]
fn every_endpoint_stands_in_the_table_with_its_scope() {
    let page = read("docs/integrate.md");
    let document: serde_json::Value = serde_json::from_str(&said(&["openapi"])).unwrap();
    let mut there = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let scope = operation["security"][0]["api_key"][0].as_str().unwrap();
            there.insert(format!("{} {path} {scope}", method.to_uppercase()));
        }
    }
    assert!(there.len() > 10, "the endpoints were not found");
    let listed: BTreeSet<String> = rows(&page)
        .into_iter()
        .filter(|row| row[0].contains("/api/v1/"))
        .map(|row| format!("{} {}", row[0], row[1]))
        .collect();
    assert_eq!(listed, there);
}

#[test]
fn every_scope_action_and_rule_is_named_for_programs() {
    let page = read("docs/integrate.md");
    for scope in Scope::ALL {
        assert!(names(&page, scope.name()), "the scope {scope}");
    }
    for action in Action::ALL {
        assert!(names(&page, action.as_str()), "the action {action}");
    }
    for rule in Rule::ALL {
        assert!(names(&page, rule.name()), "the rule {rule}");
    }
}

#[test]
fn every_command_stands_in_the_page_for_operators() {
    let page = read("docs/operate.md");
    let top = commands(&said(&["help"]));
    assert!(top.len() > 8, "the commands were not found: {top:?}");
    let mut listed: BTreeSet<String> = rows(&page)
        .into_iter()
        .filter_map(|row| row[0].strip_prefix("countersign ").map(str::to_owned))
        .collect();
    let mut missing = Vec::new();
    for command in top {
        let below = commands(&said(&[&command, "--help"]));
        let all = if below.is_empty() {
            vec![command]
        } else {
            below.iter().map(|one| format!("{command} {one}")).collect()
        };
        missing.extend(all.into_iter().filter(|one| !listed.remove(one)));
    }
    assert!(missing.is_empty(), "docs/operate.md lacks {missing:?}");
    assert!(
        listed.is_empty(),
        "docs/operate.md has commands that are gone: {listed:?}"
    );
}

#[test]
fn every_field_of_the_configuration_stands_in_the_page_for_operators() {
    let mut there = BTreeSet::new();
    let mut section = String::new();
    for line in read("config.example.toml").lines() {
        let line = line.trim_start_matches("# ");
        if line.starts_with('[') && line.ends_with(']') {
            line.trim_matches(['[', ']']).clone_into(&mut section);
        } else if section.starts_with("gateways.") || section == "routes" {
            // They stand in pages of their own.
        } else if let Some((key, _)) = line.split_once(" = ")
            && key
                .bytes()
                .all(|letter| letter.is_ascii_lowercase() || letter == b'_')
        {
            there.insert(format!("{section}.{key}"));
        }
    }
    assert!(there.len() > 12, "the fields were not found: {there:?}");
    let page = read("docs/operate.md");
    let (_, fields) = page.split_once("## Configuration").unwrap();
    let (fields, _) = fields.split_once("\n## ").unwrap();
    let listed: BTreeSet<String> = rows(fields)
        .into_iter()
        .map(|row| row[0].clone())
        .filter(|field| field.contains('.'))
        .collect();
    assert_eq!(listed, there);
}

/// The fields of each table of the example whose name begins with `gateways.`, by its kind, and those of `[[routes]]`.
fn fields_of_gateways() -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut kind = None;
    for line in read("config.example.toml").lines() {
        let line = line.trim_start_matches("# ");
        if line.starts_with('[') && line.ends_with(']') {
            kind = (line == "[[routes]]").then(|| "routes".to_owned());
        } else if let Some((key, value)) = line.split_once(" = ") {
            if key == "kind" {
                kind = Some(value.trim_matches('"').to_owned());
            }
            if let Some(kind) = &kind
                && looks_like_a_code(key)
            {
                found.entry(kind.clone()).or_default().insert(key.to_owned());
            }
        }
    }
    found
}

#[test]
fn every_field_of_gateways_and_routes_stands_on_its_page() {
    let rows_of = |text: &str| -> BTreeSet<String> {
        rows(text).into_iter().skip(2).map(|row| row[0].clone()).collect()
    };
    let overview = read("docs/gateways.md");
    let part = |heading: &str| {
        let (_, rest) = overview.split_once(heading).unwrap();
        rows_of(rest.split("\n## ").next().unwrap())
    };
    let of_all = part("## Every gateway");
    let mut there = fields_of_gateways();
    assert_eq!(part("## Routes"), there.remove("routes").unwrap());
    assert_eq!(there.len(), 3, "the kinds were not found: {there:?}");
    for (kind, fields) in there {
        let listed = rows_of(&read(&format!("docs/gateway-{kind}.md")));
        let own: BTreeSet<String> = fields.difference(&of_all).cloned().collect();
        assert_eq!(listed, own, "{kind}");
    }
}

/// The fields of a policy as the table of the manual writes them.
fn flat(section: &str, table: &toml::Table, fields: &mut BTreeMap<String, String>) {
    for (key, value) in table {
        let name = if section.is_empty() {
            key.clone()
        } else {
            format!("{section}.{key}")
        };
        match value {
            toml::Value::Table(table) => flat(&name, table, fields),
            toml::Value::Array(list) if key != "actions" => {
                let words: Vec<&str> = list.iter().map(|word| word.as_str().unwrap()).collect();
                let words = if words.is_empty() && key == "countries" {
                    "all".to_owned()
                } else if words.is_empty() {
                    "nobody".to_owned()
                } else {
                    words.join(", ")
                };
                fields.insert(name, words);
            }
            toml::Value::Boolean(true) => {
                fields.insert(name, "yes".to_owned());
            }
            toml::Value::Boolean(false) => {
                fields.insert(name, "no".to_owned());
            }
            toml::Value::Integer(number) => {
                fields.insert(name, number.to_string());
            }
            toml::Value::String(text) if key != "title" && key != "preset" => {
                fields.insert(name, text.clone());
            }
            _ => {}
        }
    }
}

#[test]
fn the_table_of_presets_says_what_the_presets_say() {
    let page = read("docs/policy.md");
    let mut listed: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows(&page) {
        if row.len() == 6 && row[0].contains('.') {
            let before = listed.insert(row[0].clone(), row[1..].to_vec());
            assert!(before.is_none(), "{} stands there twice", row[0]);
        }
    }
    let mut there: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for preset in ORDER {
        let mut fields = BTreeMap::new();
        flat("", &preset.toml().parse().unwrap(), &mut fields);
        for (name, value) in fields {
            there.entry(name).or_default().push(value);
        }
    }
    assert_eq!(ORDER.len(), Preset::ALL.len());
    assert!(there.len() > 30, "the fields were not found");
    assert_eq!(listed, there);
    let explained: BTreeSet<String> = rows(&page)
        .into_iter()
        .filter(|row| row.len() == 3 && row[0].contains('.'))
        .map(|row| row[0].clone())
        .collect();
    assert_eq!(explained, there.into_keys().collect(), "each field is explained");
}

/// The presets in the order of the table.
const ORDER: [Preset; 5] = [
    Preset::HostingAccountPin,
    Preset::TelecomAdminPin,
    Preset::CloudUserPin,
    Preset::BrokerOneTimePin,
    Preset::Strict,
];

#[test]
fn the_actions_of_each_preset_are_listed_with_what_they_require() {
    let page = read("docs/policy.md");
    for preset in ORDER {
        let heading = format!("### `{}`", preset.name());
        let (_, part) = page
            .split_once(&heading)
            .unwrap_or_else(|| panic!("{heading} is missing"));
        let part = part.split("\n#").next().unwrap();
        let listed: Vec<Vec<String>> = rows(part).into_iter().skip(2).collect();
        let table: toml::Table = preset.toml().parse().unwrap();
        let there: Vec<Vec<String>> = table["actions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|action| {
                let text = |key: &str| action[key].as_str().unwrap().to_owned();
                vec![text("id"), text("title"), text("requires")]
            })
            .collect();
        assert_eq!(listed, there, "{}", preset.name());
    }
}

#[test]
fn all_five_deviations_from_the_standards_are_printed() {
    for page in ["docs/policy.md", "SECURITY.md"] {
        let text = read(page);
        for deviation in ["D1", "D2", "D3", "D4", "D5"] {
            assert!(
                rows(&text).iter().any(|row| row[0] == deviation),
                "{page}: {deviation}"
            );
        }
    }
}
