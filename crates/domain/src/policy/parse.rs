//! Reading a policy document and telling everything that is wrong with it at once.

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::{ActionRule, Policy, PolicyProblem, Preset};

/// Longer documents are refused unread; the longest preset has about 8,000 characters.
const LONGEST_DOCUMENT: usize = 256 * 1024;

impl Policy {
    /// Reads a document. What it leaves out is the named preset's.
    ///
    /// # Errors
    /// Every problem with the field that it is about: text that is no TOML, a missing or unknown preset, an unknown
    /// key, a value of the wrong kind, and whatever [`Policy::validate`] finds.
    pub fn parse_toml(text: &str) -> Result<Self, Vec<PolicyProblem>> {
        if text.len() > LONGEST_DOCUMENT {
            return Err(vec![PolicyProblem::new(
                "document",
                "too long: a policy has at most 262144 bytes",
            )]);
        }
        let given: Table = toml::from_str(text).map_err(|error| vec![not_toml(text, &error)])?;
        let preset = named_preset(&given).map_err(|problem| vec![problem])?;
        let complete: Table =
            toml::from_str(preset.toml()).map_err(|error| vec![not_toml(preset.toml(), &error)])?;

        let mut problems = Vec::new();
        let mut merged = complete.clone();
        overlay(&given, &mut merged, &complete, "", &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        let policy: Self = read(merged).map_err(|message| vec![PolicyProblem::new("document", message)])?;
        let problems = policy.validate();
        if problems.is_empty() {
            Ok(policy)
        } else {
            Err(problems)
        }
    }

    /// The whole policy as TOML, without explanations; [`Policy::parse_toml`] gives the same policy back.
    #[must_use]
    pub fn to_toml(&self) -> String {
        // Nothing in a policy is of a kind that TOML cannot hold.
        toml::to_string(self).unwrap_or_default()
    }
}

fn not_toml(text: &str, error: &toml::de::Error) -> PolicyProblem {
    let start = error.span().map_or(0, |span| span.start);
    let line = text.bytes().take(start).filter(|byte| *byte == b'\n').count() + 1;
    PolicyProblem::new(format!("line {line}"), error.message().trim())
}

fn named_preset(given: &Table) -> Result<Preset, PolicyProblem> {
    let named = given.get("preset").and_then(Value::as_str);
    named.and_then(|name| name.parse().ok()).ok_or_else(|| {
        let names: Vec<_> = Preset::ALL.iter().map(|preset| preset.name()).collect();
        PolicyProblem::new("preset", format!("must name one of {}", names.join(", ")))
    })
}

fn read<T: DeserializeOwned>(table: Table) -> Result<T, String> {
    Value::Table(table)
        .try_into()
        .map_err(|error: toml::de::Error| error.message().trim().to_owned())
}

/// Lays `given` over `merged`, field by field. Each value is tried alone in the otherwise sound document, so that
/// every bad one is told, and by its own name.
fn overlay(given: &Table, merged: &mut Table, sound: &Table, path: &str, problems: &mut Vec<PolicyProblem>) {
    for (key, value) in given {
        let here = if path.is_empty() {
            key.clone()
        } else {
            format!("{path}.{key}")
        };
        let Some(known) = merged.get_mut(key) else {
            let known: Vec<_> = sound_section(sound, path)
                .into_iter()
                .flat_map(Table::keys)
                .cloned()
                .collect();
            problems.push(PolicyProblem::new(
                here,
                format!("is not known here; known are {}", known.join(", ")),
            ));
            continue;
        };
        match (value, known) {
            (Value::Table(inner), Value::Table(known)) => overlay(inner, known, sound, &here, problems),
            (_, Value::Table(_)) => {
                problems.push(PolicyProblem::new(&here, format!("is a section: write [{here}]")));
            }
            (value, known) => {
                let before = problems.len();
                if here == "actions" {
                    check_actions(value, problems);
                } else if let Err(message) = alone(sound, &here, value) {
                    problems.push(PolicyProblem::new(here, message));
                }
                if problems.len() == before {
                    *known = value.clone();
                }
            }
        }
    }
}

fn sound_section<'a>(sound: &'a Table, path: &str) -> Option<&'a Table> {
    path.split('.')
        .filter(|step| !step.is_empty())
        .try_fold(sound, |table, step| table.get(step)?.as_table())
}

/// Puts one value into the sound document and reads the whole.
fn alone(sound: &Table, path: &str, value: &Value) -> Result<(), String> {
    let mut trial = sound.clone();
    let mut steps: Vec<_> = path.split('.').collect();
    let last = steps.pop().unwrap_or_default();
    let section = steps
        .into_iter()
        .try_fold(&mut trial, |table, step| table.get_mut(step)?.as_table_mut());
    if let Some(section) = section {
        section.insert(last.to_owned(), value.clone());
    }
    read::<Policy>(trial).map(|_| ())
}

fn check_actions(value: &Value, problems: &mut Vec<PolicyProblem>) {
    let Some(list) = value.as_array() else {
        problems.push(PolicyProblem::new(
            "actions",
            "is a list: write each as [[actions]]",
        ));
        return;
    };
    for (index, action) in list.iter().enumerate() {
        let field = format!("actions[{index}]");
        match action.as_table() {
            None => problems.push(PolicyProblem::new(field, "is a section: write [[actions]]")),
            Some(table) => {
                if let Err(message) = read::<ActionRule>(table.clone()) {
                    problems.push(PolicyProblem::new(field, message));
                }
            }
        }
    }
}
