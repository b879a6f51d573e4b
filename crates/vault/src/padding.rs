//! Padding that hides a length: four digits and twelve look alike, and take the same work (E14, E16).

use zeroize::Zeroizing;

use crate::VaultError;

/// Secrets are padded to a multiple of this many bytes. Up to twelve bytes fit in one block beside their length.
const BLOCK: usize = 16;
/// Bytes of the length in front.
const PREFIX: usize = 4;

/// The length (four bytes, big-endian), the bytes, and zeros up to a multiple of [`BLOCK`]. `spare` bytes are kept free
/// behind it, so that nothing that is appended later moves the secret and leaves a copy.
pub(crate) fn pad(bytes: &[u8], spare: usize) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let prefix = u32::try_from(bytes.len())
        .map_err(|_| VaultError::TooLong)?
        .to_be_bytes();
    let length = (PREFIX + bytes.len()).next_multiple_of(BLOCK);
    let mut padded = Zeroizing::new(Vec::with_capacity(length + spare));
    padded.extend_from_slice(&prefix);
    padded.extend_from_slice(bytes);
    padded.resize(length, 0);
    Ok(padded)
}

/// The bytes that [`pad`] was given; `None` when `padded` is not its work.
pub(crate) fn unpad(padded: &[u8]) -> Option<&[u8]> {
    let (prefix, rest) = padded.split_first_chunk::<PREFIX>()?;
    let (bytes, zeros) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*prefix)).ok()?)?;
    let right_length = padded.len() == (PREFIX + bytes.len()).next_multiple_of(BLOCK);
    (right_length && zeros.iter().all(|zero| *zero == 0)).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_padded_comes_back() {
        for length in 0..100 {
            let bytes = vec![7; length];
            let padded = pad(&bytes, 16).unwrap();
            assert_eq!(padded.len() % BLOCK, 0);
            assert_eq!(unpad(&padded), Some(bytes.as_slice()));
            assert!(padded.capacity() >= padded.len() + 16);
        }
    }

    #[test]
    fn up_to_twelve_bytes_have_one_length() {
        for length in 0..=12 {
            assert_eq!(pad(&vec![1; length], 0).unwrap().len(), 16);
        }
    }

    #[test]
    fn other_bytes_are_refused() {
        assert_eq!(unpad(&[]), None);
        assert_eq!(unpad(&[0, 0, 0]), None);
        assert_eq!(unpad(&[0, 0, 0, 13, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]), None);
        assert_eq!(unpad(&[0, 0, 0, 1, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]), None);
        assert_eq!(unpad(&[0; 32]), None);
    }
}
