//! Browsers in which somebody signed in before ("device cookies", OWASP): what a stranger burns elsewhere does not close
//! the door to the owner at home (T14).
//!
//! The cookie is random bytes and a MAC over them, the brand, whoever signed in and the digest of their password. It is
//! no proof of anybody: whoever has it must still give the password, with a budget of tries of their own. Nothing is
//! stored; with a new password the old cookies mean nothing.

use countersign_domain::ids::BrandId;
use countersign_vault::{Mac, TokenPurpose, VaultError};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::SessionToken;
use crate::app::App;
use crate::error::AppError;

/// The random part, as hexadecimal digits.
const NONCE: usize = 32;

/// Whoever signs in, by their id and what their password is stored as.
#[derive(Clone, Copy)]
pub(crate) struct Owner<'a> {
    /// In which brand's portal; none at the desk.
    pub(crate) brand: Option<BrandId>,
    /// `per_…` or `stf_…`.
    pub(crate) id: &'a str,
    /// The Argon2id digest of the password.
    pub(crate) password_hash: &'a str,
}

impl Owner<'_> {
    fn name(&self) -> String {
        let digest = Sha256::digest(self.password_hash.as_bytes());
        format!("{}/{}", self.id, hex(&digest))
    }
}

/// What a browser keeps in which this person has just signed in.
pub(crate) fn remember(app: &App, owner: Owner<'_>) -> Result<SessionToken, AppError> {
    let nonce = hex(&app.entropy().bytes::<16>()?);
    let mac = app.vault().token_mac(
        owner.brand,
        TokenPurpose::KnownBrowser,
        &owner.name(),
        0,
        nonce.as_bytes(),
    )?;
    Ok(SessionToken::new(Zeroizing::new(format!(
        "{nonce}{}",
        hex(&mac.to_bytes())
    ))))
}

/// The name under which the tries of this browser are counted, if it is one in which this person signed in with the
/// password of today. A name that nobody has takes the same work.
pub(super) fn recognise(app: &App, owner: Owner<'_>, kept: &str) -> Result<Option<String>, AppError> {
    let Some((nonce, mac)) = kept.split_at_checked(NONCE) else {
        return Ok(None);
    };
    let Some(mac) = bytes(mac).and_then(|stored| Mac::from_bytes(&stored).ok()) else {
        return Ok(None);
    };
    let purpose = TokenPurpose::KnownBrowser;
    match app
        .vault()
        .token_matches(owner.brand, purpose, &owner.name(), 0, &mac, nonce.as_bytes())
    {
        Ok(true) => Ok(Some(nonce.to_owned())),
        // Of a key that is gone: a stranger, like any other.
        Ok(false) | Err(VaultError::UnknownKey { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            use std::fmt::Write as _;
            // Writing into a string does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    if hex.len() != 2 * Mac::STORED_BYTES || !hex.is_ascii() {
        return None;
    }
    (0..hex.len())
        .step_by(2)
        .map(|place| u8::from_str_radix(hex.get(place..place + 2)?, 16).ok())
        .collect()
}
