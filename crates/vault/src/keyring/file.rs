//! The keyring as a file: made once, readable by its owner only, replaced as a whole.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use countersign_domain::time::Timestamp;
use zeroize::Zeroizing;

use super::{Keyring, KeyringError};

/// Readable by its owner, writable by nobody.
const MODE: u32 = 0o400;
/// What group and others could do.
const OTHERS: u32 = 0o077;
/// No keyring is larger, in bytes.
const MAX_BYTES: u64 = 65_536;

impl Keyring {
    /// Makes a keyring with one new key, and its file with mode 0400. `random` is 32 fresh random bytes.
    ///
    /// # Errors
    /// [`KeyringError::Exists`] when there is a file already; [`KeyringError::File`] when it can not be written, in which
    /// case nothing is left behind.
    pub fn create(path: &Path, random: &[u8; 32], at: Timestamp) -> Result<Self, KeyringError> {
        let keyring = Self::generate(random, at);
        let file = create_new(path, || KeyringError::Exists {
            path: path.to_owned(),
        })?;
        let written = write(file, path, &keyring.to_text()).and_then(|()| sync_directory_of(path));
        if let Err(error) = written {
            // Half a keyring is worse than none. What went wrong first is what is told.
            let _ = fs::remove_file(path);
            return Err(error);
        }
        Ok(keyring)
    }

    /// Reads a keyring from its file.
    ///
    /// # Errors
    /// [`KeyringError::OpenToOthers`] when group or others have any right to it; or it is missing, unreadable or no keyring.
    pub fn load(path: &Path) -> Result<Self, KeyringError> {
        let file = File::open(path).map_err(|source| match source.kind() {
            ErrorKind::NotFound => KeyringError::NotFound {
                path: path.to_owned(),
            },
            _ => failed(path, "open", source),
        })?;
        // Of the open file, not of the name, which may mean another file by now.
        let about = file
            .metadata()
            .map_err(|source| failed(path, "look at", source))?;
        if !about.is_file() {
            return Err(KeyringError::NotAFile {
                path: path.to_owned(),
            });
        }
        let mode = about.permissions().mode() & 0o7777;
        if mode & OTHERS != 0 {
            return Err(KeyringError::OpenToOthers {
                path: path.to_owned(),
                mode,
            });
        }
        let length = usize::try_from(about.len().min(MAX_BYTES)).unwrap_or_default();
        let mut text = Zeroizing::new(String::with_capacity(length.saturating_add(64)));
        file.take(MAX_BYTES)
            .read_to_string(&mut text)
            .map_err(|source| failed(path, "read", source))?;
        Self::from_text(&text)
    }

    /// Adds a key to the file and makes it the active one. The file is replaced as a whole, or not at all. `random` is 32
    /// fresh random bytes.
    ///
    /// # Errors
    /// As [`load`](Self::load); [`KeyringError::RotationUnderWay`] when two run at once; [`KeyringError::RepeatedKey`].
    pub fn rotate(path: &Path, random: &[u8; 32], at: Timestamp) -> Result<Self, KeyringError> {
        // Through a symbolic link to the file itself, so that the link stays.
        let path = fs::canonicalize(path).map_err(|source| match source.kind() {
            ErrorKind::NotFound => KeyringError::NotFound {
                path: path.to_owned(),
            },
            _ => failed(path, "find", source),
        })?;
        let mut next = path.clone().into_os_string();
        next.push(".new");
        let next = PathBuf::from(next);
        // Made before the keyring is read: of two rotations one stops here, and none loses the other's key.
        let file = create_new(&next, || KeyringError::RotationUnderWay { path: next.clone() })?;
        let rotated = Self::load(&path).and_then(|mut keyring| {
            keyring.add(random, at)?;
            write(file, &next, &keyring.to_text())?;
            fs::rename(&next, &path).map_err(|source| failed(&path, "replace", source))?;
            Ok(keyring)
        });
        match rotated {
            Ok(keyring) => {
                sync_directory_of(&path)?;
                Ok(keyring)
            }
            Err(error) => {
                let _ = fs::remove_file(&next);
                Err(error)
            }
        }
    }
}

fn failed(path: &Path, doing: &'static str, source: std::io::Error) -> KeyringError {
    KeyringError::File {
        path: path.to_owned(),
        doing,
        source,
    }
}

/// Makes a file that did not exist, with its final mode from the first moment on.
fn create_new(path: &Path, exists: impl FnOnce() -> KeyringError) -> Result<File, KeyringError> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(MODE)
        .open(path)
        .map_err(|source| match source.kind() {
            ErrorKind::AlreadyExists => exists(),
            _ => failed(path, "make", source),
        })
}

fn write(mut file: File, path: &Path, text: &str) -> Result<(), KeyringError> {
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(|source| failed(path, "write", source))
}

/// Makes the name of a file outlive a power cut.
fn sync_directory_of(path: &Path) -> Result<(), KeyringError> {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."));
    File::open(parent)
        .and_then(|directory| directory.sync_all())
        .map_err(|source| failed(parent, "sync", source))
}
