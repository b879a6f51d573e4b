//! `countersign api-client`: keys for programs.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use countersign_app::api_clients::{create, disable};
use countersign_domain::api_client::Scope;
use countersign_domain::contact::AccountName;

use crate::opening::explained;
use crate::terminal::{complain, say};

#[derive(Subcommand)]
pub(crate) enum Arguments {
    /// Create a program's key; it is shown this once
    Create {
        /// The brand [default: the only one]
        #[arg(long, value_name = "SLUG")]
        brand: Option<String>,
        /// What people call the program
        #[arg(long)]
        name: String,
        /// What the key may do; repeat it: verify, conversations, accounts:read, accounts:write, pins:set, pins:reset,
        /// pins:unlock, audit:read
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
    },
    /// Refuse a program's key from now on
    Disable {
        /// What people call the program
        name: String,
        /// The brand [default: the only one]
        #[arg(long, value_name = "SLUG")]
        brand: Option<String>,
    },
}

pub(crate) async fn run(arguments: Arguments, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    match arguments {
        Arguments::Create { brand, name, scopes } => {
            let name = AccountName::parse(&name).context("--name")?;
            let scopes = scopes
                .iter()
                .map(|scope| scope.parse::<Scope>().with_context(|| format!("--scope {scope}")))
                .collect::<anyhow::Result<Vec<Scope>>>()?;
            let (_, opened) = super::open(config).await?;
            let brand = super::brand(&opened.app, brand.as_deref())?;
            let (id, key) = create::create(&opened.app, &brand, name, scopes)
                .await
                .map_err(explained)?;
            complain(&format!(
                "Created {id} at {}. This is its key; it cannot be shown again:",
                brand.brand.slug
            ));
            say(key.expose());
        }
        Arguments::Disable { name, brand } => {
            let name = AccountName::parse(&name).context("the program's name")?;
            let (_, opened) = super::open(config).await?;
            let brand = super::brand(&opened.app, brand.as_deref())?;
            let id = disable::disable(&opened.app, &brand, &name)
                .await
                .map_err(explained)?;
            say(&format!(
                "Disabled {id}: the key of {} at {} is refused; a running server knows within a second.",
                name.as_str(),
                brand.brand.slug
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}
