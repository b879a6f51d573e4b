//! Bytes that must not be seen.

use zeroize::Zeroizing;

/// Secret bytes: wiped when dropped, and without any way to be printed, compared, copied or serialised by accident.
///
/// ```compile_fail
/// fn show(secret: countersign_vault::SecretBytes) { println!("{secret:?}"); }
/// ```
/// ```compile_fail
/// fn show(secret: countersign_vault::SecretBytes) -> String { secret.to_string() }
/// ```
/// ```compile_fail
/// fn copy(secret: &countersign_vault::SecretBytes) -> countersign_vault::SecretBytes { secret.clone() }
/// ```
/// ```compile_fail
/// fn same(a: countersign_vault::SecretBytes, b: countersign_vault::SecretBytes) -> bool { a == b }
/// ```
/// ```
/// // What does compile: handing the bytes to whoever needs them.
/// fn use_it(secret: &countersign_vault::SecretBytes) -> usize { secret.expose().len() }
/// ```
pub struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    pub(crate) fn copied_from(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }

    /// The bytes themselves. Never log, format or store what this returns.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}
