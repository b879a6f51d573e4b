//! `countersign person`: customers who sign in to a portal.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use countersign_app::second_factor::reset;
use countersign_domain::person::Username;

use crate::opening::explained;
use crate::terminal::{confirmed, say};

#[derive(Subcommand)]
pub(crate) enum Arguments {
    /// Switch a customer's second factor off, when phone and codes are lost; they are asked to set one up anew
    #[command(name = "reset-2fa")]
    ResetSecondFactor {
        /// What they sign in with
        username: String,
        /// At which brand [default: the only one]
        #[arg(long, value_name = "SLUG")]
        brand: Option<String>,
        /// Do not ask first
        #[arg(long)]
        yes: bool,
    },
}

pub(crate) async fn run(arguments: Arguments, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let Arguments::ResetSecondFactor { username, brand, yes } = arguments;
    let username = Username::parse(&username).context("the user name")?;
    let question =
        format!("{username} signs in by password alone then. Be sure that it is they who ask for it.");
    if !yes && !confirmed(&question)? {
        say("Nothing was changed.");
        return Ok(ExitCode::FAILURE);
    }
    let (_, opened) = super::open(config).await?;
    let entry = super::brand(&opened.app, brand.as_deref())?;
    let slug = entry.brand.slug.clone();
    reset::reset_person(&opened.app, &super::operator(entry), &username)
        .await
        .map_err(explained)?;
    say(&format!(
        "The second factor of {username} at {slug} is off, and every session and remembered device of theirs has ended. They \
         are asked to set one up anew. It is recorded, and they are told by mail where an address of theirs is on record."
    ));
    Ok(ExitCode::SUCCESS)
}
