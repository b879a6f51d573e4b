//! MACs as they are stored: which root key, and 32 bytes.

use countersign_domain::ids::BrandId;

use crate::VaultError;

/// An HMAC-SHA-256 value and the id of the root key behind it. Not secret, yet without `==`: comparing belongs to those
/// who hold the key, in constant time.
#[derive(Clone, Copy)]
pub struct Mac {
    key_id: u32,
    bytes: [u8; 32],
}

impl Mac {
    /// How long [`to_bytes`](Self::to_bytes) is.
    pub const STORED_BYTES: usize = 36;

    /// A MAC from its parts.
    #[must_use]
    pub const fn from_parts(key_id: u32, bytes: [u8; 32]) -> Self {
        Self { key_id, bytes }
    }

    /// The root key that it was made with.
    #[must_use]
    pub const fn key_id(&self) -> u32 {
        self.key_id
    }

    /// The value.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// The form to store: key id (four bytes, big-endian) and value.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::STORED_BYTES] {
        let mut stored = [0; Self::STORED_BYTES];
        let (key_id, value) = stored.split_at_mut(4);
        key_id.copy_from_slice(&self.key_id.to_be_bytes());
        value.copy_from_slice(&self.bytes);
        stored
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// [`VaultError::Malformed`] when it is not 36 bytes long.
    pub fn from_bytes(stored: &[u8]) -> Result<Self, VaultError> {
        let (key_id, value) = stored.split_first_chunk::<4>().ok_or(VaultError::Malformed)?;
        let bytes = value.try_into().map_err(|_| VaultError::Malformed)?;
        Ok(Self {
            key_id: u32::from_be_bytes(*key_id),
            bytes,
        })
    }
}

/// Which row a row MAC is about.
#[derive(Clone, Copy, Debug)]
pub struct RowName<'a> {
    /// The brand that the row belongs to.
    pub brand: BrandId,
    /// The table.
    pub table: &'a str,
    /// The row's key.
    pub row: &'a str,
}
