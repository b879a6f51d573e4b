//! `countersign person`: customers' sign-ins, where nobody on the account can help them.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use countersign_app::second_factor::reset;
use countersign_app::team::invite::{LINK_DAYS, OperatorsInvitation, invite_by_operator};
use countersign_domain::account::AccountNumber;
use countersign_domain::contact::EmailAddress;
use countersign_domain::ids::PersonId;
use countersign_domain::person::Username;
use countersign_web::Settings;

use crate::opening::explained;
use crate::terminal::{confirmed, say};

#[derive(Subcommand)]
pub(crate) enum Arguments {
    /// Invite somebody who was imported: they choose user name and password by a link that works once
    Invite(Invite),
    /// Switch a customer's second factor off, when phone and codes are lost; they are asked to set one up anew
    #[command(name = "reset-2fa")]
    ResetSecondFactor(ResetSecondFactor),
}

#[derive(Args)]
pub(crate) struct Invite {
    /// The number of their account
    account: String,
    /// The brand [default: the only one]
    #[arg(long, value_name = "SLUG")]
    brand: Option<String>,
    /// Who, as per_… [default: the only owner who has no password yet]
    #[arg(long, value_name = "ID")]
    person: Option<String>,
    /// Their address, where none is on record
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Print the link instead of mailing it; whoever has it becomes this person
    #[arg(long)]
    show_link: bool,
}

#[derive(Args)]
pub(crate) struct ResetSecondFactor {
    /// What they sign in with
    username: String,
    /// At which brand [default: the only one]
    #[arg(long, value_name = "SLUG")]
    brand: Option<String>,
    /// Do not ask first
    #[arg(long)]
    yes: bool,
}

pub(crate) async fn run(arguments: Arguments, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    match arguments {
        Arguments::Invite(asked) => invite(asked, config).await,
        Arguments::ResetSecondFactor(asked) => reset_second_factor(asked, config).await,
    }
}

async fn invite(asked: Invite, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let Invite {
        account,
        brand,
        person,
        email,
        show_link,
    } = asked;
    let account = AccountNumber::parse(&account).context("the account number")?;
    let person = person
        .map(|id| id.parse::<PersonId>().context("--person"))
        .transpose()?;
    let email = email
        .map(|email| EmailAddress::parse(&email).context("--email"))
        .transpose()?;
    let (config, opened) = super::open(config).await?;
    let brand = super::brand(&opened.app, brand.as_deref())?;
    let settings = Settings {
        https: config.server.is_https(),
        public_url: config.server.public_url.clone(),
        ..Settings::default()
    };
    let asked = OperatorsInvitation {
        account,
        person,
        email,
        base_url: settings.address_of(&brand.brand),
        by_mail: !show_link,
    };
    let invited = invite_by_operator(&opened.app, &super::operator(brand), asked)
        .await
        .map_err(explained)?;
    let name = invited.person.name.as_str();
    match (&invited.link, &invited.person.email) {
        (Some(link), _) => say(&format!(
            "{name} chooses user name and password here, once, within {LINK_DAYS} days:\n{}",
            **link
        )),
        (None, Some(address)) => say(&format!(
            "A link for {name} is on its way to {}; it works once, for {LINK_DAYS} days.",
            address.masked()
        )),
        (None, None) => say(&format!("A link for {name} is on its way.")),
    }
    Ok(ExitCode::SUCCESS)
}

async fn reset_second_factor(asked: ResetSecondFactor, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let ResetSecondFactor { username, brand, yes } = asked;
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
