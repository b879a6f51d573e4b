//! `countersign restore`: a copy takes the database's place, after it has proved itself.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;
use countersign_app::audit::verify::verify;
use countersign_store::Location;

use super::{audit, backup};
use crate::config::{self, Config, Database};
use crate::opening::{self, beside, explained};
use crate::terminal::say;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The copy that `countersign backup` made
    source: PathBuf,
    /// Put it in the place of a database that is there; the old one is kept beside it
    #[arg(long)]
    force: bool,
}

pub(crate) async fn run(arguments: Arguments, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let config = config::load(config)?;
    let Database::Sqlite(database) = &config.database else {
        bail!("a PostgreSQL database is restored with its own tools");
    };
    // For as long as the file is held, no server and no other command opens this database.
    let _alone = opening::take_alone(database)?;
    if database.exists() && !arguments.force {
        bail!(
            "{} exists: give --force to replace it (it is kept beside the new one)",
            database.display()
        );
    }
    let candidate = beside(database, ".restoring");
    remove_all(&candidate)?;
    let proved = match copy(&arguments.source, &candidate) {
        Ok(()) => prove(&config, &candidate).await,
        Err(error) => Err(error),
    };
    if let Err(error) = proved {
        remove_all(&candidate)?;
        return Err(error.context(format!(
            "{} was not restored, and nothing was changed",
            arguments.source.display()
        )));
    }
    // A fresh copy: the one that was proved was opened, and may still be in the hands of its threads.
    remove_all(&candidate)?;
    copy(&arguments.source, &candidate)?;
    if database.exists() {
        let old = unused(database);
        rename_all(database, &old)?;
        say(&format!("The database that was there is {} now.", old.display()));
    }
    fs::rename(&candidate, database).with_context(|| database.display().to_string())?;
    backup::sync_folder_of(database)?;
    say(&format!("{} is restored.", database.display()));
    say("Locks and tries are those of the backup: a PIN that was locked since then is open again.");
    Ok(ExitCode::SUCCESS)
}

/// A name beside the database that nothing has: what an earlier restore put aside may be the only copy there is.
fn unused(database: &Path) -> PathBuf {
    let first = beside(database, ".before-restore");
    let numbered = (2_u32..).map(|number| beside(database, &format!(".before-restore-{number}")));
    std::iter::once(first.clone())
        .chain(numbered)
        .find(|name| !name.exists())
        .unwrap_or(first)
}

fn copy(source: &Path, candidate: &Path) -> anyhow::Result<()> {
    let mut from = fs::File::open(source).with_context(|| source.display().to_string())?;
    let mut to = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(candidate)
        .with_context(|| candidate.display().to_string())?;
    let bytes = io::copy(&mut from, &mut to).with_context(|| candidate.display().to_string())?;
    if bytes == 0 {
        bail!("it is empty");
    }
    to.sync_all()?;
    Ok(())
}

/// The copy opens, belongs to this keyring, and its record is whole.
async fn prove(config: &Config, candidate: &Path) -> anyhow::Result<()> {
    let keyring = opening::keyring(&config.keys)?;
    let location = Location::Sqlite(candidate.to_owned());
    let opened = opening::open_with(&location, keyring, config.passwords).await?;
    let proof = verify(&opened.app).await.map_err(explained)?;
    audit::tell(&proof);
    if !proof.is_sound() {
        bail!("its record does not prove itself");
    }
    if opened.app.directory().current().brands().is_empty() {
        bail!("it holds no brand: it is no backup of this server");
    }
    Ok(())
}

/// What SQLite and this program keep beside a database's file.
const ENDINGS: [&str; 5] = ["", "-wal", "-shm", ".migrate", ".in-use"];

fn remove_all(database: &Path) -> anyhow::Result<()> {
    for ending in ENDINGS {
        let path = beside(database, ending);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).with_context(|| path.display().to_string());
            }
            _ => {}
        }
    }
    Ok(())
}

/// Moves a database and its log; both, because the log holds what is not yet in the file.
fn rename_all(from: &Path, to: &Path) -> anyhow::Result<()> {
    for ending in ["-wal", "-shm", ""] {
        let (from, to) = (beside(from, ending), beside(to, ending));
        match fs::rename(&from, &to) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).with_context(|| from.display().to_string());
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::unused;

    #[test]
    fn what_an_earlier_restore_put_aside_is_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("c.db");
        let mut names = Vec::new();
        for _ in 0..3 {
            let name = unused(&database);
            std::fs::write(&name, "an earlier database").unwrap();
            assert!(!names.contains(&name));
            names.push(name);
        }
    }
}
