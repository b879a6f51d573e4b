//! `countersign staff`: who works at the desk.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use countersign_app::passwords::Password;
use countersign_app::second_factor::reset;
use countersign_app::staff::{create, disable, reset_password};
use countersign_domain::contact::{EmailAddress, PersonName};
use countersign_domain::person::Username;
use countersign_domain::staff::StaffRole;

use crate::opening::explained;
use crate::terminal::{ask_password, confirmed, say};

#[derive(Subcommand)]
pub(crate) enum Arguments {
    /// Create a member of staff; the password is asked for, or read from standard input
    Create {
        /// What they sign in with
        #[arg(long)]
        username: String,
        /// Their name, as customers see it
        #[arg(long)]
        name: String,
        /// Where notices to them go
        #[arg(long)]
        email: Option<String>,
        /// agent, supervisor, admin or auditor
        #[arg(long)]
        role: String,
        /// At which brands; repeat it [default: all]
        #[arg(long = "brand", value_name = "SLUG")]
        brands: Vec<String>,
    },
    /// Let a member of staff sign in no more, and end their sessions
    Disable {
        /// What they sign in with
        username: String,
    },
    /// Give a member of staff a new password, asked for or read from standard input, and end their sessions
    ResetPassword {
        /// What they sign in with
        username: String,
    },
    /// Switch the second factor of a member of staff off, when phone and codes are lost; the next sign-in sets one up anew
    #[command(name = "reset-2fa")]
    ResetSecondFactor {
        /// What they sign in with
        username: String,
        /// Do not ask first
        #[arg(long)]
        yes: bool,
    },
}

pub(crate) async fn run(arguments: Arguments, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    match arguments {
        Arguments::Create {
            username,
            name,
            email,
            role,
            brands,
        } => {
            let username = Username::parse(&username).context("--username")?;
            let name = PersonName::parse(&name).context("--name")?;
            let email = email
                .map(|email| EmailAddress::parse(&email).context("--email"))
                .transpose()?;
            let role: StaffRole = role.parse().context("--role")?;
            let (_, opened) = super::open(config).await?;
            let app = &opened.app;
            let grants = if brands.is_empty() {
                let directory = app.directory().current();
                directory
                    .brands()
                    .iter()
                    .map(|entry| (entry.brand.id, role))
                    .collect()
            } else {
                brands
                    .iter()
                    .map(|slug| Ok((super::brand(app, Some(slug))?.brand.id, role)))
                    .collect::<anyhow::Result<Vec<_>>>()?
            };
            let password =
                Password::typed(ask_password("Password, 15 characters or more")?).map_err(explained)?;
            let new = create::NewStaff {
                name,
                username: username.clone(),
                email,
                password,
                grants,
            };
            let id = create::create(app, new).await.map_err(explained)?;
            say(&format!(
                "Created {id}: {username} signs in at the desk as {}.",
                role.name()
            ));
        }
        Arguments::Disable { username } => {
            let username = Username::parse(&username).context("the user name")?;
            let (_, opened) = super::open(config).await?;
            disable::disable(&opened.app, &username)
                .await
                .map_err(explained)?;
            say(&format!(
                "{username} signs in no more; every session of theirs has ended."
            ));
        }
        Arguments::ResetPassword { username } => {
            let username = Username::parse(&username).context("the user name")?;
            let (_, opened) = super::open(config).await?;
            let password =
                Password::typed(ask_password("New password, 15 characters or more")?).map_err(explained)?;
            reset_password::reset_password(&opened.app, &username, password)
                .await
                .map_err(explained)?;
            say(&format!(
                "{username} has a new password; every session of theirs has ended."
            ));
        }
        Arguments::ResetSecondFactor { username, yes } => {
            let username = Username::parse(&username).context("the user name")?;
            let question = format!(
                "{username} signs in by password alone then, until they set a second factor up. Be sure who asks for it."
            );
            if !yes && !confirmed(&question)? {
                say("Nothing was changed.");
                return Ok(ExitCode::FAILURE);
            }
            let (_, opened) = super::open(config).await?;
            reset::reset_staff(&opened.app, &username)
                .await
                .map_err(explained)?;
            say(&format!(
                "The second factor of {username} is off, and every session of theirs has ended. Their next sign-in sets one \
                 up anew. It is recorded, and they are told by mail where an address of theirs is on record."
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}
