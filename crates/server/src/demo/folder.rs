//! The demo's folder: what is in it, who made it, and that only one demo runs from it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context as _, bail};

use super::document::Document;

/// Says who made the folder. Written last, so that a folder without it is not whole.
const MADE_BY: &str = "made-by";
/// Says that the folder is a demo's, and held while one runs from it.
const LOCK: &str = "countersign-demo.lock";
/// Everything else that may be in it.
const FILES: [&str; 9] = [
    MADE_BY,
    "demo.json",
    "keyring",
    "countersign.db",
    "countersign.db-wal",
    "countersign.db-shm",
    "countersign.db.migrate",
    "countersign.db.in-use",
    "countersign.db.last-backup",
];

pub(super) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Takes the folder for this process, made where there is none.
    ///
    /// # Errors
    /// When another demo runs from it, or it holds something that is no demo: nothing of it is touched then.
    pub(super) fn take(path: &Path) -> anyhow::Result<Self> {
        // For its owner only: keys and PINs of a demo are still nobody else's business.
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        let lock = path.join(LOCK);
        if !lock.exists() && fs::read_dir(path)?.next().is_some() {
            bail!("the folder holds something else; name an empty or a new one with --data");
        }
        let held = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock)?;
        if held.try_lock().is_err() {
            bail!("another demo runs from it; stop that one, or name another folder with --data");
        }
        Ok(Self {
            path: path.to_owned(),
            _lock: held,
        })
    }

    pub(super) fn keyring(&self) -> PathBuf {
        self.path.join("keyring")
    }

    pub(super) fn database(&self) -> PathBuf {
        self.path.join("countersign.db")
    }

    fn document(&self) -> PathBuf {
        self.path.join("demo.json")
    }

    /// The document of a demo that this build made whole.
    pub(super) fn kept_document(&self) -> Option<Document> {
        let made_by = fs::read_to_string(self.path.join(MADE_BY)).ok()?;
        let text = fs::read_to_string(self.document()).ok()?;
        (made_by == this_build()?)
            .then(|| serde_json::from_str(&text).ok())
            .flatten()
    }

    /// Removes what a demo keeps here, and nothing else.
    pub(super) fn empty(&self) -> anyhow::Result<()> {
        for name in FILES {
            match fs::remove_file(self.path.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(error).with_context(|| name.to_owned());
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Writes the document, as a whole or not at all.
    pub(super) fn write_document(&self, document: &Document) -> anyhow::Result<()> {
        let next = self.path.join("demo.json.new");
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(&next)?;
        serde_json::to_writer_pretty(&mut file, document)?;
        file.write_all(b"\n")?;
        fs::rename(next, self.document())?;
        Ok(())
    }

    /// Notes that this build made the folder, and that it is whole.
    pub(super) fn sign(&self) -> anyhow::Result<()> {
        if let Some(build) = this_build() {
            fs::write(self.path.join(MADE_BY), build)?;
        }
        Ok(())
    }
}

/// What tells this build from another: version, and the program file's size and age. None where the program cannot
/// find itself; the demo is then remade each time.
fn this_build() -> Option<String> {
    let about = fs::metadata(std::env::current_exe().ok()?).ok()?;
    let age = about.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!(
        "{} {} {}\n",
        env!("CARGO_PKG_VERSION"),
        about.len(),
        age.as_nanos()
    ))
}
