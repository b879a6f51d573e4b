//! The one thing that can compare a PIN or a code.

use countersign_domain::ids::{BrandId, HolderId};
use countersign_domain::pin::Digits;

use crate::vault::same;
use crate::{CodePurpose, Mac, Vault, VaultError};

/// The key of the judge. A vault gives out one ([`Vault::judge_key`]); whoever holds it must debit a try before each
/// question. It can be neither copied nor printed.
///
/// ```compile_fail
/// fn copy(key: &countersign_vault::JudgeKey) -> countersign_vault::JudgeKey { key.clone() }
/// ```
/// ```compile_fail
/// fn show(key: &countersign_vault::JudgeKey) { println!("{key:?}"); }
/// ```
pub struct JudgeKey {
    vault: Vault,
}

impl JudgeKey {
    pub(crate) const fn new(vault: Vault) -> Self {
        Self { vault }
    }

    /// Whether `digits` are the Support PIN that `stored` was made for. Digits of any number, right or wrong, and wherever
    /// they differ, take the same work (E14).
    ///
    /// # Errors
    /// [`VaultError::UnknownKey`] when the keyring lacks the key that `stored` was made with: the server can not judge, which
    /// is not a wrong PIN.
    pub fn matches_pin(
        &self,
        brand: BrandId,
        holder: HolderId,
        version: u64,
        stored: &Mac,
        digits: &Digits,
    ) -> Result<bool, VaultError> {
        let computed = self
            .vault
            .pin_mac_with(stored.key_id(), brand, holder, version, digits)?;
        Ok(same(&computed, stored))
    }

    /// Whether `code` is the one-time PIN or backup code that `stored` was made for. Codes of up to twelve bytes take the
    /// same work.
    ///
    /// # Errors
    /// [`VaultError::UnknownKey`] when the keyring lacks the key that `stored` was made with.
    pub fn matches_code(
        &self,
        brand: impl Into<Option<BrandId>>,
        purpose: CodePurpose,
        owner: &str,
        epoch: u64,
        stored: &Mac,
        code: &[u8],
    ) -> Result<bool, VaultError> {
        let computed =
            self.vault
                .code_mac_with(stored.key_id(), brand.into(), purpose, owner, epoch, code)?;
        Ok(same(&computed, stored))
    }

    /// The work of [`matches_pin`](Self::matches_pin) for somebody who does not exist or has no PIN, so that the answer
    /// takes as long (E13). `holder` may be any id.
    ///
    /// # Errors
    /// [`VaultError::Derivation`], which the lengths in use can not cause.
    pub fn go_through_the_motions(
        &self,
        brand: BrandId,
        holder: HolderId,
        digits: &Digits,
    ) -> Result<(), VaultError> {
        let nothing = Mac::from_parts(self.vault.active_key_id(), [0; 32]);
        std::hint::black_box(self.matches_pin(brand, holder, 0, std::hint::black_box(&nothing), digits)?);
        Ok(())
    }
}
