//! Opens what a configuration names: the keyring, the database, and the application over both.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use countersign_app::clock::{SystemClock, SystemEntropy};
use countersign_app::{App, Parts, StaffSecondFactor, passwords};
use countersign_store::{Location, Store};
use countersign_vault::{Keyring, Vault};

use crate::config::{Config, Keys, Passwords};

/// An application and the mark that its database is in use.
pub(crate) struct Opened {
    /// The application.
    pub(crate) app: App,
    _in_use: Option<File>,
}

/// Opens the application that `config` describes.
///
/// # Errors
/// A sentence that says what to do: about the keyring, the database, or that they do not belong together.
pub(crate) async fn open(config: &Config) -> anyhow::Result<Opened> {
    let keyring = keyring(&config.keys)?;
    open_with(&config.database.location(), keyring, config.passwords).await
}

/// Opens the application over this database and these keys.
pub(crate) async fn open_with(
    location: &Location,
    keyring: Keyring,
    passwords: Passwords,
) -> anyhow::Result<Opened> {
    let in_use = match location {
        Location::Sqlite(file) => Some(mark_in_use(file)?),
        Location::Postgres { .. } => None,
    };
    let store = Store::open(location)
        .await
        .context("the database cannot be opened")?;
    let entropy = Arc::new(SystemEntropy);
    let salt = (entropy.as_ref() as &dyn countersign_app::clock::Entropy).bytes()?;
    let app = App::start(Parts {
        store,
        vault: Vault::new(keyring),
        clock: Arc::new(SystemClock::default()),
        entropy,
        passwords: passwords::Passwords::new(passwords.cost, passwords.at_once, &salt)?,
        staff_second_factor: StaffSecondFactor::IN_FORCE,
    })
    .await
    .map_err(explained)?;
    Ok(Opened { app, _in_use: in_use })
}

/// Reads the root keys.
///
/// # Errors
/// When they are missing, open to others, or no keys.
pub(crate) fn keyring(keys: &Keys) -> anyhow::Result<Keyring> {
    Ok(match keys {
        Keys::File(file) => Keyring::load(file)?,
        Keys::Environment(name) => {
            let text = std::env::var_os(name)
                .and_then(|text| text.into_string().ok())
                .map(zeroize::Zeroizing::new)
                .with_context(|| format!("keys.environment names {name}, which holds no text"))?;
            Keyring::from_text(&text).with_context(|| format!("the variable {name}"))?
        }
    })
}

/// An error of the application with what stands behind it: a command's user is the operator, who has to know.
pub(crate) fn explained(error: countersign_app::AppError) -> anyhow::Error {
    match error {
        countersign_app::AppError::Unavailable(cause) => anyhow::anyhow!("{cause}"),
        other => anyhow::anyhow!("{other}"),
    }
}

/// Marks a SQLite database as in use for as long as the file stays open. Several may use it at once.
fn mark_in_use(database: &Path) -> anyhow::Result<File> {
    let (path, mark) = mark(database)?;
    match mark.try_lock_shared() {
        Ok(()) => Ok(mark),
        Err(TryLockError::WouldBlock) => bail!(
            "{} is being restored; wait until `countersign restore` has ended",
            database.display()
        ),
        Err(TryLockError::Error(error)) => Err(error).with_context(|| path.display().to_string()),
    }
}

/// Takes a SQLite database for oneself alone.
///
/// # Errors
/// When a server or a command uses it.
pub(crate) fn take_alone(database: &Path) -> anyhow::Result<File> {
    let (path, mark) = mark(database)?;
    match mark.try_lock() {
        Ok(()) => Ok(mark),
        Err(TryLockError::WouldBlock) => bail!(
            "{} is in use: stop the server (and other commands) first",
            database.display()
        ),
        Err(TryLockError::Error(error)) => Err(error).with_context(|| path.display().to_string()),
    }
}

fn mark(database: &Path) -> anyhow::Result<(PathBuf, File)> {
    let path = beside(database, ".in-use");
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(|| {
            format!(
                "{}: does the folder exist, and may this user write there?",
                path.display()
            )
        })?;
    Ok((path, file))
}

/// A file's name with something after it.
pub(crate) fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
