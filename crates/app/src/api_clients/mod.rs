//! API clients: programs with a key.

pub mod authenticate;
pub mod create;
pub mod disable;

use zeroize::Zeroizing;

/// What every key begins with, so that scanners of leaked secrets know one when they see it.
pub const KEY_PREFIX: &str = "csk_";

/// A key as its owner is given it, once. It cannot be printed by accident.
pub struct ApiKey(Zeroizing<String>);

impl ApiKey {
    /// The key's text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}
