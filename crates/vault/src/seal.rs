//! Sealing: what its holder may see again (a Support PIN, a TOTP seed, the body of a message that waits to be sent).
//!
//! XChaCha20-Poly1305 with a random 192-bit nonce; the plaintext is padded, so that its length does not show; and the place
//! where the value stands is part of what is authenticated, so that a value moved to another row, field, brand or version
//! does not open (E18).

use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use countersign_domain::ids::BrandId;

use crate::derive::prefix;
use crate::padding::{pad, unpad};
use crate::{SecretBytes, VaultError};

/// Bytes of a nonce. Random ones of this length do not repeat.
pub const NONCE_BYTES: usize = 24;

/// The number of XChaCha20-Poly1305 with our padding, in the stored form.
const ALGORITHM: u8 = 1;
/// Bytes of the Poly1305 tag.
const TAG_BYTES: usize = 16;

/// Where a sealed value stands. It opens nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The brand; none for what belongs to no single one (a member of staff).
    pub brand: Option<BrandId>,
    /// The row's key.
    pub row: &'a str,
    /// The field of the row.
    pub field: &'a str,
    /// The version of the value in that field, so that an old one can not be put back.
    pub version: u64,
}

/// A sealed value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    key_id: u32,
    nonce: [u8; NONCE_BYTES],
    ciphertext: Vec<u8>,
}

impl Sealed {
    /// The root key that it was sealed with.
    #[must_use]
    pub const fn key_id(&self) -> u32 {
        self.key_id
    }

    /// The form to store: algorithm (one byte, 1), key id (four bytes, big-endian), nonce (24 bytes), ciphertext with tag.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut stored = Vec::with_capacity(1 + 4 + NONCE_BYTES + self.ciphertext.len());
        stored.push(ALGORITHM);
        stored.extend_from_slice(&self.key_id.to_be_bytes());
        stored.extend_from_slice(&self.nonce);
        stored.extend_from_slice(&self.ciphertext);
        stored
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// [`VaultError::Malformed`] when it is too short, of a wrong length or of an unknown algorithm.
    pub fn from_bytes(stored: &[u8]) -> Result<Self, VaultError> {
        let rest = stored.strip_prefix(&[ALGORITHM]).ok_or(VaultError::Malformed)?;
        let (key_id, rest) = rest.split_first_chunk::<4>().ok_or(VaultError::Malformed)?;
        let (nonce, ciphertext) = rest
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or(VaultError::Malformed)?;
        if ciphertext.len() < 2 * TAG_BYTES || ciphertext.len() % TAG_BYTES != 0 {
            return Err(VaultError::Malformed);
        }
        Ok(Self {
            key_id: u32::from_be_bytes(*key_id),
            nonce: *nonce,
            ciphertext: ciphertext.to_vec(),
        })
    }
}

/// What is authenticated beside the plaintext: every field with its length.
fn associated_data(place: &Place<'_>, key_id: u32) -> Vec<u8> {
    let brand = place.brand.map(|brand| brand.to_string()).unwrap_or_default();
    let fields: [&[u8]; 7] = [
        b"countersign/seal/v1",
        brand.as_bytes(),
        place.row.as_bytes(),
        place.field.as_bytes(),
        &place.version.to_be_bytes(),
        &key_id.to_be_bytes(),
        &[ALGORITHM],
    ];
    let mut data = Vec::with_capacity(192);
    for field in fields {
        data.extend_from_slice(&prefix(field.len()));
        data.extend_from_slice(field);
    }
    data
}

/// Seals `plaintext` for `place`.
pub(crate) fn seal(
    cipher: &XChaCha20Poly1305,
    key_id: u32,
    place: &Place<'_>,
    nonce: [u8; NONCE_BYTES],
    plaintext: &[u8],
) -> Result<Sealed, VaultError> {
    // Encrypted where it stands: room for the tag is there, so the plaintext is never moved and left behind.
    let mut buffer = pad(plaintext, TAG_BYTES)?;
    cipher
        .encrypt_in_place(
            &XNonce::from(nonce),
            &associated_data(place, key_id),
            &mut *buffer,
        )
        .map_err(|_| VaultError::TooLong)?;
    Ok(Sealed {
        key_id,
        nonce,
        ciphertext: std::mem::take(&mut *buffer),
    })
}

/// Opens what was sealed for `place`.
pub(crate) fn open(
    cipher: &XChaCha20Poly1305,
    place: &Place<'_>,
    sealed: &Sealed,
) -> Result<SecretBytes, VaultError> {
    let mut buffer = zeroize::Zeroizing::new(sealed.ciphertext.clone());
    cipher
        .decrypt_in_place(
            &XNonce::from(sealed.nonce),
            &associated_data(place, sealed.key_id),
            &mut *buffer,
        )
        .map_err(|_| VaultError::NotAuthentic)?;
    unpad(&buffer)
        .map(SecretBytes::copied_from)
        .ok_or(VaultError::Malformed)
}
