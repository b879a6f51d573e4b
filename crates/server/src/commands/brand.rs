//! `countersign brand`: the brands of this server.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use countersign_app::brands::create::{self, NewBrand};
use countersign_domain::brand::{HostName, Slug};
use countersign_domain::contact::AccountName;
use countersign_domain::policy::Preset;

use super::init;
use crate::opening::explained;
use crate::terminal::say;

#[derive(Subcommand)]
pub(crate) enum Arguments {
    /// Create a further brand, with accounts, policy and staff of its own
    Create {
        /// Its short name, such as acme
        slug: String,
        /// What customers call it
        #[arg(long)]
        name: String,
        /// The host name of its pages, such as pins.acme.example; every brand but an only one needs it
        #[arg(long, value_name = "NAME")]
        host: Option<String>,
        /// The country for phone numbers that name none, such as DE
        #[arg(long, value_name = "COUNTRY")]
        region: Option<String>,
        /// The policy to start from; `countersign policy presets` lists them
        #[arg(long, value_name = "PRESET", default_value = Preset::CloudUserPin.name())]
        preset: String,
    },
}

pub(crate) async fn run(arguments: Arguments, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let Arguments::Create {
        slug,
        name,
        host,
        region,
        preset,
    } = arguments;
    let preset: Preset = preset.parse().context("--preset")?;
    let new = NewBrand {
        slug: Slug::parse(&slug).context("the short name")?,
        name: AccountName::parse(&name).context("--name")?,
        host: host
            .map(|host| HostName::parse(&host).context("--host"))
            .transpose()?,
        default_region: region.map(|region| init::region(&region)).transpose()?,
        policy_document: preset.toml().to_owned(),
    };
    let (_, opened) = super::open(config).await?;
    let id = create::create(&opened.app, new).await.map_err(explained)?;
    say(&format!(
        "Created {id}: {slug}, with the policy {}.\n\
         Grant staff a role there: countersign staff create --brand {slug} …",
        preset.name()
    ));
    let directory = opened.app.directory().current();
    for entry in directory.brands() {
        if directory.brands().len() > 1 && entry.brand.host.is_none() {
            say(&format!(
                "{} has no host name, and there are several brands now: its portal cannot be reached.",
                entry.brand.slug
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}
