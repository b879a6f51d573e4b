//! Keys by purpose and brand, from a root key: HKDF-SHA-256 (RFC 5869).

use countersign_domain::ids::BrandId;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::VaultError;

/// Separates our keys from whatever else may ever be derived from the same root.
const SALT: &[u8] = b"countersign/root/v1";

/// What a derived key is for. A key of one purpose is never used for another.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    /// To judge Support PINs.
    PinMac,
    /// To judge one-time PINs and other codes that can be guessed.
    CodeMac,
    /// To seal what its holder may see again.
    Seal,
    /// To prove that a row was written by the server.
    RowMac,
    /// To recognise tokens and keys that can not be guessed.
    TokenMac,
    /// To tell whether a keyring is the one that a database was written with.
    KeyCheck,
}

impl Purpose {
    const fn label(self) -> &'static str {
        match self {
            Self::PinMac => "pin-mac",
            Self::CodeMac => "code-mac",
            Self::Seal => "seal",
            Self::RowMac => "row-mac",
            Self::TokenMac => "token-mac",
            Self::KeyCheck => "key-check",
        }
    }
}

/// Derives the 32 bytes for a purpose and a brand; no brand for what belongs to the server as a whole.
pub(crate) fn derive(
    root: &[u8; 32],
    purpose: Purpose,
    brand: Option<BrandId>,
) -> Result<Zeroizing<[u8; 32]>, VaultError> {
    let brand = brand.map(|brand| brand.to_string()).unwrap_or_default();
    let label = purpose.label();
    let info = [
        &prefix(label.len()),
        label.as_bytes(),
        &prefix(brand.len()),
        brand.as_bytes(),
    ];
    let mut key = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(Some(SALT), root)
        .expand_multi_info(&info, key.as_mut())
        .map_err(|_| VaultError::Derivation)?;
    Ok(key)
}

/// A MAC state that has taken up its key, ready to be cloned for each message.
pub(crate) fn keyed_mac(key: &[u8; 32]) -> Result<Hmac<Sha256>, VaultError> {
    Hmac::new_from_slice(key).map_err(|_| VaultError::Derivation)
}

/// Feeds one field with its length, so that no two lists of fields are the same bytes.
pub(crate) fn feed(mac: &mut Hmac<Sha256>, field: &[u8]) {
    mac.update(&prefix(field.len()));
    mac.update(field);
}

/// The length of a field in front of it: eight bytes, big-endian.
pub(crate) fn prefix(length: usize) -> [u8; 8] {
    // No address space is larger than 64 bits; were it so, the MAC would still only be refused.
    u64::try_from(length).unwrap_or(u64::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use countersign_domain::time::Timestamp;

    use super::*;

    const ALL: [Purpose; 6] = [
        Purpose::PinMac,
        Purpose::CodeMac,
        Purpose::Seal,
        Purpose::RowMac,
        Purpose::TokenMac,
        Purpose::KeyCheck,
    ];

    #[test]
    fn every_root_purpose_and_brand_has_a_key_of_its_own() {
        let brands = [None, Some(1), Some(2)]
            .map(|number| number.map(|number| BrandId::new(Timestamp::from_micros(0), [number; 10])));
        let mut keys = std::collections::HashSet::new();
        for root in [[1; 32], [2; 32]] {
            for purpose in ALL {
                for brand in brands {
                    assert!(keys.insert(*derive(&root, purpose, brand).unwrap()));
                }
            }
        }
        assert_eq!(keys.len(), 36);
    }

    #[test]
    fn moving_a_byte_between_two_fields_changes_the_mac() {
        let of = |fields: [&[u8]; 2]| {
            let mut mac = keyed_mac(&[3; 32]).unwrap();
            fields.iter().for_each(|field| feed(&mut mac, field));
            mac.finalize().into_bytes()
        };
        assert_ne!(of([b"ab", b"c"]), of([b"a", b"bc"]));
        assert_ne!(of([b"abc", b""]), of([b"", b"abc"]));
    }
}
