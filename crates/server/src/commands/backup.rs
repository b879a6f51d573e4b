//! `countersign backup`: a copy of a SQLite database, one consistent moment, taken while it is in use.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;

use crate::config::{Database, Keys};
use crate::opening::beside;
use crate::terminal::say;

/// What stands after the database's name in the file that tells when it was last copied.
pub(super) const MARK: &str = ".last-backup";

#[derive(Args)]
pub(crate) struct Arguments {
    /// The file to write; it must not exist
    target: PathBuf,
}

pub(crate) async fn run(arguments: Arguments, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let target = arguments.target;
    let (config, opened) = super::open(config).await?;
    let Database::Sqlite(database) = &config.database else {
        bail!("a PostgreSQL database is backed up with its own tools: pg_dump or pg_basebackup");
    };
    if target.exists() {
        bail!("{} exists; a backup is never overwritten", target.display());
    }
    // Made first, and for its owner only: the copy holds what the database holds.
    let partial = beside(&target, ".partial");
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&partial)
        .with_context(|| format!("{}: it cannot be made", partial.display()))?;
    let copied = copy(&opened.app, &partial, &target).await;
    if copied.is_err() {
        // What went wrong first is what is told.
        let _ = fs::remove_file(&partial);
    }
    copied?;
    fs::write(beside(database, MARK), target.display().to_string())
        .context("the backup is whole, but when it was made could not be noted for `doctor`")?;
    say(&format!("{} is a whole copy.", target.display()));
    if let Keys::File(keyring) = &config.keys {
        say(&format!(
            "Without {} no PIN in it can be verified: keep a copy of that file too, in another place.",
            keyring.display()
        ));
    }
    Ok(ExitCode::SUCCESS)
}

async fn copy(app: &countersign_app::App, partial: &Path, target: &Path) -> anyhow::Result<()> {
    app.store()
        .backup_to(partial.to_owned())
        .await
        .context("the copy could not be written")?;
    sync(partial)?;
    fs::rename(partial, target).with_context(|| target.display().to_string())?;
    sync_folder_of(target)
}

/// Makes a file's content outlive a power cut.
pub(super) fn sync(file: &Path) -> anyhow::Result<()> {
    File::open(file)
        .and_then(|file| file.sync_all())
        .with_context(|| file.display().to_string())
}

/// Makes a file's name outlive a power cut.
pub(super) fn sync_folder_of(file: &Path) -> anyhow::Result<()> {
    let folder = file
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."));
    sync(folder)
}
