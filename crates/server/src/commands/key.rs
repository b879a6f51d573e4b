//! `countersign key`: the root keys.

use std::path::Path;
use std::process::ExitCode;

use anyhow::bail;
use clap::Subcommand;
use countersign_app::clock::{Clock as _, Entropy, SystemClock, SystemEntropy};
use countersign_vault::Keyring;
use zeroize::Zeroizing;

use crate::config::{self, Database, Keys};
use crate::opening::{explained, take_alone};
use crate::terminal::say;

#[derive(Subcommand)]
pub(crate) enum Arguments {
    /// Add a root key for all that is written from now on; the old ones still read what they wrote
    Rotate,
}

pub(crate) fn run(arguments: &Arguments, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let Arguments::Rotate = arguments;
    let config = config::load(config)?;
    let Keys::File(file) = &config.keys else {
        bail!("the keyring stands in the environment: rotate the file that it comes from, then start anew");
    };
    // A server reads its keyring at start only: what other commands wrote under the new key, it could not read.
    let _alone = match &config.database {
        Database::Sqlite(database) => Some(take_alone(database)?),
        Database::Postgres { .. } => None,
    };
    let entropy: &dyn Entropy = &SystemEntropy;
    let random = Zeroizing::new(entropy.bytes::<32>().map_err(explained)?);
    let keyring = Keyring::rotate(file, &random, SystemClock.now())?;
    say(&format!(
        "Key {} is the active one now, in {}.",
        keyring.active(),
        file.display()
    ));
    say("Copy the file to every node, then restart each; a server reads its keyring at start only.");
    say(
        "Keep the old keys in the file: they read what was written with them. Renew your copy of the keyring.",
    );
    Ok(ExitCode::SUCCESS)
}
