//! `countersign policy`: what a brand decides.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use countersign_app::AppError;
use countersign_app::brands::set_policy::set_policy;
use countersign_domain::policy::{Policy, Preset};
use countersign_store::directory;

use crate::opening::explained;
use crate::terminal::{complain, say};

#[derive(Subcommand)]
pub(crate) enum Arguments {
    /// Check a policy's file; ends with 1 and names every wrong field
    Lint {
        /// The TOML file
        file: PathBuf,
    },
    /// Print a brand's policy in force
    Show {
        /// The brand [default: the only one]
        brand: Option<String>,
    },
    /// Put a policy in force at a brand
    Set {
        /// The TOML file
        file: PathBuf,
        /// The brand [default: the only one]
        #[arg(long, value_name = "SLUG")]
        brand: Option<String>,
    },
    /// List the presets, or print one with every field explained
    Presets {
        /// The preset to print
        name: Option<String>,
    },
}

pub(crate) async fn run(arguments: Arguments, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    match arguments {
        Arguments::Lint { file } => lint(&file),
        Arguments::Show { brand } => show(brand.as_deref(), config).await,
        Arguments::Set { file, brand } => set(&file, brand.as_deref(), config).await,
        Arguments::Presets { name } => presets(name.as_deref()),
    }
}

fn read(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| file.display().to_string())
}

/// Whether the text is a policy; what is wrong with it is said.
fn holds(file: &Path, text: &str) -> bool {
    match Policy::parse_toml(text) {
        Ok(_) => true,
        Err(problems) => {
            for problem in &problems {
                complain(&format!("{}: {problem}", file.display()));
            }
            false
        }
    }
}

fn lint(file: &Path) -> anyhow::Result<ExitCode> {
    let text = read(file)?;
    if !holds(file, &text) {
        return Ok(ExitCode::FAILURE);
    }
    say(&format!("{}: nothing is wrong", file.display()));
    for field in unread(&text) {
        say(&format!(
            "note: {field} is checked and kept, but this version does not act on it yet"
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// The fields that this document sets and nothing reads yet: whoever sets one must not believe that it is in force.
fn unread(document: &str) -> Vec<String> {
    const UNREAD: [(&str, Option<&str>); 6] = [
        ("unlock", Some("offer_new_pin")),
        ("conversation", Some("pin_required_channels")),
        ("sign_in", Some("phone_change_wait_hours")),
        ("sign_in", Some("security_information_always_asks")),
        ("sign_in", Some("new_pin_at_password_reset")),
        ("one_time_pin", None),
    ];
    let Ok(table) = document.parse::<toml::Table>() else {
        return Vec::new();
    };
    let mut fields = Vec::new();
    for (section, key) in UNREAD {
        let Some(written) = table.get(section).and_then(toml::Value::as_table) else {
            continue;
        };
        let set = written.keys().filter(|name| key.is_none_or(|key| key == *name));
        fields.extend(set.map(|name| format!("{section}.{name}")));
    }
    fields
}

async fn show(brand: Option<&str>, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let (_, opened) = super::open(config).await?;
    let brand = super::brand(&opened.app, brand)?;
    let rows = opened
        .app
        .store()
        .read::<_, AppError, _>(async |tx| Ok(directory::list_policies(tx).await?))
        .await
        .map_err(explained)?;
    let row = rows
        .into_iter()
        .find(|row| row.brand == brand.brand.id)
        .with_context(|| format!("the brand {} has no policy", brand.brand.slug))?;
    complain(&format!("# {}, version {}", brand.brand.slug, row.version));
    say(row.document.trim_end());
    Ok(ExitCode::SUCCESS)
}

async fn set(file: &Path, brand: Option<&str>, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let text = read(file)?;
    if !holds(file, &text) {
        return Ok(ExitCode::FAILURE);
    }
    let (_, opened) = super::open(config).await?;
    let brand = super::brand(&opened.app, brand)?;
    let slug = brand.brand.slug.clone();
    let version = set_policy(&opened.app, &super::operator(brand), &text)
        .await
        .map_err(explained)?;
    say(&format!(
        "Version {version} of the policy of {slug} is in force; running servers see it within a second."
    ));
    Ok(ExitCode::SUCCESS)
}

fn presets(name: Option<&str>) -> anyhow::Result<ExitCode> {
    match name {
        Some(name) => {
            let preset: Preset = name.parse().context("countersign policy presets lists them")?;
            say(preset.toml().trim_end());
        }
        None => {
            for preset in Preset::ALL {
                say(&format!(
                    "{:<22} {}",
                    preset.name(),
                    Policy::preset(*preset).title
                ));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nothing_reads_yet_is_named_only_where_it_is_set() {
        let document = "preset = \"strict\"\n[unlock]\nper_year = 2\noffer_new_pin = false\n[one_time_pin]\nlength = 8\n";
        assert_eq!(unread(document), ["unlock.offer_new_pin", "one_time_pin.length"]);
        assert!(unread("preset = \"strict\"\n[unlock]\nper_year = 2\n").is_empty());
    }
}
