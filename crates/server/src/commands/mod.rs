//! The commands, one file each.

mod api_client;
mod audit;
mod backup;
mod brand;
mod clock;
mod doctor;
mod import;
mod init;
mod key;
mod openapi;
mod person;
mod policy;
mod restore;
mod serve;
mod staff;

use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::{Parser, Subcommand};
use countersign_app::directory::BrandEntry;
use countersign_app::{App, Caller};
use countersign_domain::audit::Channel;
use countersign_domain::brand::Slug;

use crate::config::{self, Config, Format, Log};
use crate::{logging, opening};

/// Customers and support prove to each other who they are.
#[derive(Parser)]
#[command(name = "countersign", version, max_term_width = 100)]
pub(crate) struct CommandLine {
    /// The configuration [default: countersign.toml here, then /etc/countersign/countersign.toml]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Answer customers, staff and programs
    Serve(serve::Arguments),
    /// Set up a server: configuration, key, database, first brand, first admin
    Init(init::Arguments),
    /// Check configuration, key, database, clock, disk and backups, and say what to do
    Doctor,
    /// Copy a SQLite database while it is in use
    Backup(backup::Arguments),
    /// Put a copy back in place of the database
    Restore(restore::Arguments),
    /// Take over accounts and people from a CSV file
    Import(import::Arguments),
    /// Look at policies and check them
    #[command(subcommand)]
    Policy(policy::Arguments),
    /// Create brands
    #[command(subcommand)]
    Brand(brand::Arguments),
    /// Invite customers who were imported, and help those who cannot sign in
    #[command(subcommand)]
    Person(person::Arguments),
    /// Create and disable staff, reset a password or a second factor
    #[command(subcommand)]
    Staff(staff::Arguments),
    /// Create and disable keys for programs
    #[command(subcommand)]
    ApiClient(api_client::Arguments),
    /// Prove that nobody changed the record
    #[command(subcommand)]
    Audit(audit::Arguments),
    /// Work on the root keys
    #[command(subcommand)]
    Key(key::Arguments),
    /// Settle a quarrel between the clock and what the database has seen
    #[command(subcommand)]
    Clock(clock::Arguments),
    /// Print the API's OpenAPI document
    Openapi,
}

/// Runs what the command line says.
///
/// # Errors
/// A sentence that says what went wrong and what to do.
pub(crate) fn run(line: CommandLine) -> anyhow::Result<ExitCode> {
    let file = line.config.as_deref();
    match line.command {
        Command::Serve(arguments) => serve::run(arguments, file),
        Command::Init(arguments) => quietly(init::run(arguments, file)),
        Command::Doctor => quietly(doctor::run(file)),
        Command::Backup(arguments) => quietly(backup::run(arguments, file)),
        Command::Restore(arguments) => quietly(restore::run(arguments, file)),
        Command::Import(arguments) => quietly(import::run(arguments, file)),
        Command::Policy(arguments) => quietly(policy::run(arguments, file)),
        Command::Brand(arguments) => quietly(brand::run(arguments, file)),
        Command::Person(arguments) => quietly(person::run(arguments, file)),
        Command::Staff(arguments) => quietly(staff::run(arguments, file)),
        Command::ApiClient(arguments) => quietly(api_client::run(arguments, file)),
        Command::Audit(arguments) => quietly(audit::run(arguments, file)),
        Command::Key(arguments) => key::run(&arguments, file),
        Command::Clock(arguments) => quietly(clock::run(arguments, file)),
        Command::Openapi => openapi::run(),
    }
}

/// Runs a command that is over soon: one thread, and only what is worth a warning in the log.
fn quietly(work: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    logging::start(&Log {
        level: "warn".to_owned(),
        format: Format::Text,
    })?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(work)
}

/// The configuration and the application that it describes.
async fn open(file: Option<&Path>) -> anyhow::Result<(Config, opening::Opened)> {
    let config = config::load(file)?;
    let opened = opening::open(&config).await?;
    Ok((config, opened))
}

/// The brand of this slug; without one, the only brand.
fn brand(app: &App, slug: Option<&str>) -> anyhow::Result<Arc<BrandEntry>> {
    let directory = app.directory().current();
    let known = || {
        let slugs: Vec<&str> = directory
            .brands()
            .iter()
            .map(|entry| entry.brand.slug.as_str())
            .collect();
        slugs.join(", ")
    };
    match slug {
        Some(slug) => {
            let parsed = Slug::parse(slug).with_context(|| format!("--brand {slug}"))?;
            directory
                .brand_by_slug(&parsed)
                .with_context(|| format!("there is no brand {slug}; the brands are: {}", known()))
        }
        None => match directory.only_brand() {
            Some(only) => Ok(only),
            None => bail!("name one with --brand; the brands are: {}", known()),
        },
    }
}

/// The operator at a brand: whoever can run this command can read the database anyway.
fn operator(brand: Arc<BrandEntry>) -> Caller {
    Caller::system(brand, Channel::CommandLine)
}
