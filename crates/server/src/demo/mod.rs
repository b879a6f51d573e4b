//! `serve --demo`: five companies with customers and staff, made from nothing, and written down in `demo.json`.
//!
//! Names and numbers are the same each time; PINs and keys are drawn anew. The folder is remade when another build of
//! the program made it, and kept otherwise, so that a demo can be stopped and gone on with. What it then says of the PINs
//! is what is true by then.

mod document;
mod folder;
mod landing;
mod people;
mod pins;
mod seed;
#[cfg(test)]
mod tests;
mod welcome;

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Context as _;
use countersign_app::clock::{Clock as _, Entropy, SystemClock, SystemEntropy};
use countersign_app::passwords::Cost;
use countersign_store::Location;
use countersign_vault::Keyring;
use zeroize::Zeroizing;

use crate::config::Passwords;
use crate::opening::{self, Opened};
use document::Document;
use folder::Folder;
pub(crate) use landing::landing;
pub(crate) use welcome::welcome;

/// What hashing a password costs in the demo: next to nothing, because its passwords stand on its pages, and forty of
/// them are hashed before it can start. The real cost is in `[passwords]` and is [`Cost::STANDARD`].
const COST: Passwords = Passwords {
    cost: Cost {
        memory_kib: 256,
        passes: 1,
    },
    at_once: 4,
};

/// A demo that can be served.
pub(crate) struct Demo {
    /// Its application.
    pub(crate) opened: Opened,
    /// What is in it.
    pub(crate) document: Document,
    /// Held for as long as the demo runs, so that no other one runs from the same folder.
    _folder: Folder,
}

/// Opens the demo in `folder`, which is made or remade where needed. `address` is where it will be reached.
///
/// # Errors
/// When the folder holds something else than a demo, or another demo runs from it.
pub(crate) async fn prepare(folder: &Path, address: SocketAddr) -> anyhow::Result<Demo> {
    let folder = Folder::take(folder)?;
    if let Some(mut document) = folder.kept_document() {
        let keyring = Keyring::load(&folder.keyring())?;
        let opened = open(&folder, keyring)
            .await
            .context("it cannot be opened; remove the folder, and it is made anew")?;
        document.move_to(address);
        pins::bring_up_to_date(&opened.app, &mut document).await?;
        folder.write_document(&document)?;
        return Ok(Demo {
            opened,
            document,
            _folder: folder,
        });
    }
    folder.empty()?;
    let entropy: &dyn Entropy = &SystemEntropy;
    let random = Zeroizing::new(entropy.bytes::<32>().map_err(opening::explained)?);
    let keyring = Keyring::create(&folder.keyring(), &random, SystemClock.now())?;
    let opened = open(&folder, keyring).await?;
    let mut document = seed::fill(&opened.app, address).await?;
    document.pins_as_of = opened.app.now().micros();
    folder.write_document(&document)?;
    folder.sign()?;
    Ok(Demo {
        opened,
        document,
        _folder: folder,
    })
}

async fn open(folder: &Folder, keyring: Keyring) -> anyhow::Result<Opened> {
    opening::open_with(&Location::Sqlite(folder.database()), keyring, COST).await
}
