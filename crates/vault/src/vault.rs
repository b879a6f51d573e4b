//! What the rest of the server may do with the keys.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305};
use countersign_domain::ids::{BrandId, HolderId};
use countersign_domain::pin::Digits;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::derive::{Purpose, derive, feed, keyed_mac};
use crate::padding::pad;
use crate::seal::{self, NONCE_BYTES, Place, Sealed};
use crate::{JudgeKey, Keyring, Mac, RowName, SecretBytes, VaultError};

/// Secrets that nobody can guess (128 random bits or more), recognised by their MAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenPurpose {
    /// The session of a person or a staff member.
    Session,
    /// A remembered device.
    Device,
    /// A browser in which somebody signed in before: tries from it are counted apart from a stranger's.
    KnownBrowser,
    /// The key of an API client.
    ApiKey,
    /// A link that is mailed to reset a password.
    ResetLink,
    /// The value that ties a form to its session.
    FormGuard,
    /// The body of a request that may be repeated.
    Idempotency,
    /// From where a request that was turned away came.
    Source,
    /// The address at which a gateway reports what became of a message.
    DeliveryReport,
}

impl TokenPurpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Session => b"session",
            Self::Device => b"device",
            Self::KnownBrowser => b"known-browser",
            Self::ApiKey => b"api-key",
            Self::ResetLink => b"reset-link",
            Self::FormGuard => b"form-guard",
            Self::Idempotency => b"idempotency",
            Self::Source => b"source",
            Self::DeliveryReport => b"delivery-report",
        }
    }
}

/// Secrets that can be guessed by trying, so that only the judge may compare them: [`JudgeKey::matches_code`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CodePurpose {
    /// A one-time PIN; its owner is the conversation.
    OneTimePin,
    /// A backup code of the second factor; its owner is the person or member of staff, its epoch counts their sets.
    BackupCode,
    /// The saved recovery code of the second factor; owner and epoch as for a backup code.
    RecoveryCode,
    /// A code by SMS for one half-open sign-in, which is its owner.
    SignInCode,
    /// A code by SMS that confirms a phone number; its owner is the person.
    PhoneCode,
}

impl CodePurpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::OneTimePin => b"one-time-pin",
            Self::BackupCode => b"backup-code",
            Self::RecoveryCode => b"recovery-code",
            Self::SignInCode => b"sign-in-code",
            Self::PhoneCode => b"phone-code",
        }
    }
}

/// The keys, and what may be done with them. Cheap to clone; all clones are one vault.
#[derive(Clone)]
pub struct Vault {
    inner: Arc<Inner>,
}

struct Inner {
    keyring: Keyring,
    /// Derived once for each root key and brand: the way of a verification does no HKDF.
    derived: RwLock<HashMap<KeyName, Arc<DerivedKeys>>>,
    judge_key_taken: AtomicBool,
}

/// A root key and a brand; no brand for what belongs to the server as a whole.
type KeyName = (u32, Option<BrandId>);

/// The keys of one brand under one root key.
struct DerivedKeys {
    pin: Hmac<Sha256>,
    code: Hmac<Sha256>,
    seal: XChaCha20Poly1305,
    row: Hmac<Sha256>,
    token: Hmac<Sha256>,
}

impl DerivedKeys {
    fn new(root: &[u8; 32], brand: Option<BrandId>) -> Result<Self, VaultError> {
        let mac = |purpose| keyed_mac(&*derive(root, purpose, brand)?);
        let seal_key = derive(root, Purpose::Seal, brand)?;
        Ok(Self {
            pin: mac(Purpose::PinMac)?,
            code: mac(Purpose::CodeMac)?,
            seal: XChaCha20Poly1305::new_from_slice(&*seal_key).map_err(|_| VaultError::Derivation)?,
            row: mac(Purpose::RowMac)?,
            token: mac(Purpose::TokenMac)?,
        })
    }
}

impl Vault {
    /// A vault over the keys of a keyring.
    #[must_use]
    pub fn new(keyring: Keyring) -> Self {
        Self {
            inner: Arc::new(Inner {
                keyring,
                derived: RwLock::new(HashMap::new()),
                judge_key_taken: AtomicBool::new(false),
            }),
        }
    }

    /// The keyring behind it, for its key ids and check values.
    #[must_use]
    pub fn keyring(&self) -> &Keyring {
        &self.inner.keyring
    }

    /// The id of the root key that new values are made with. A stored value with another one is due to be made anew.
    #[must_use]
    pub fn active_key_id(&self) -> u32 {
        self.inner.keyring.active()
    }

    /// Gives out the one key that can compare PINs and codes.
    ///
    /// # Errors
    /// [`VaultError::JudgeKeyTaken`] from the second time on: there is one judge, and nothing else compares (design.md,
    /// "Judging").
    pub fn judge_key(&self) -> Result<JudgeKey, VaultError> {
        if self.inner.judge_key_taken.swap(true, Ordering::SeqCst) {
            return Err(VaultError::JudgeKeyTaken);
        }
        Ok(JudgeKey::new(self.clone()))
    }

    /// The MAC to store for a new Support PIN: over brand, holder, version of the PIN and digits, each with its length.
    ///
    /// # Errors
    /// [`VaultError::Derivation`], which the lengths in use can not cause.
    pub fn pin_mac(
        &self,
        brand: BrandId,
        holder: HolderId,
        version: u64,
        digits: &Digits,
    ) -> Result<Mac, VaultError> {
        self.pin_mac_with(self.active_key_id(), brand, holder, version, digits)
    }

    /// The MAC to store for a new one-time PIN or backup code. `owner` is the id of what it belongs to, `epoch` counts
    /// the codes that it was given. A member of staff's code belongs to no brand.
    ///
    /// # Errors
    /// [`VaultError::TooLong`] for a code of 4 GiB and more.
    pub fn code_mac(
        &self,
        brand: impl Into<Option<BrandId>>,
        purpose: CodePurpose,
        owner: &str,
        epoch: u64,
        code: &[u8],
    ) -> Result<Mac, VaultError> {
        self.code_mac_with(self.active_key_id(), brand.into(), purpose, owner, epoch, code)
    }

    /// The MAC to store for a token that nobody can guess. `brand` is `None` where it belongs to no single brand (a staff
    /// session); `owner` is the id of what it belongs to; raising `epoch` ends all tokens of an earlier one.
    ///
    /// # Errors
    /// [`VaultError::Derivation`], which the lengths in use can not cause.
    pub fn token_mac(
        &self,
        brand: Option<BrandId>,
        purpose: TokenPurpose,
        owner: &str,
        epoch: u64,
        token: &[u8],
    ) -> Result<Mac, VaultError> {
        self.token_mac_with(self.active_key_id(), brand, purpose, owner, epoch, token)
    }

    /// Whether `token` is the one that `stored` was made for, in constant time.
    ///
    /// # Errors
    /// [`VaultError::UnknownKey`] when the keyring lacks the key that `stored` was made with.
    pub fn token_matches(
        &self,
        brand: Option<BrandId>,
        purpose: TokenPurpose,
        owner: &str,
        epoch: u64,
        stored: &Mac,
        token: &[u8],
    ) -> Result<bool, VaultError> {
        let computed = self.token_mac_with(stored.key_id(), brand, purpose, owner, epoch, token)?;
        Ok(same(&computed, stored))
    }

    /// The MAC that proves that the server wrote these fields of a row, in this order.
    ///
    /// # Errors
    /// [`VaultError::Derivation`], which the lengths in use can not cause.
    pub fn row_mac(&self, row: RowName<'_>, fields: &[&[u8]]) -> Result<Mac, VaultError> {
        self.row_mac_with(self.active_key_id(), row, fields)
    }

    /// Whether the server wrote these fields of that row, as far as `stored` tells. An older state of the same row passes
    /// too; the audit chain tells it from the present one.
    ///
    /// # Errors
    /// [`VaultError::UnknownKey`] when the keyring lacks the key that `stored` was made with.
    pub fn row_is_ours(&self, row: RowName<'_>, fields: &[&[u8]], stored: &Mac) -> Result<bool, VaultError> {
        let computed = self.row_mac_with(stored.key_id(), row, fields)?;
        Ok(same(&computed, stored))
    }

    /// Seals a secret for one place. `nonce` is 24 fresh random bytes; never the same twice.
    ///
    /// # Errors
    /// [`VaultError::TooLong`] for a secret of 4 GiB and more.
    pub fn seal(
        &self,
        place: &Place<'_>,
        nonce: [u8; NONCE_BYTES],
        secret: &[u8],
    ) -> Result<Sealed, VaultError> {
        let key_id = self.active_key_id();
        let keys = self.keys(key_id, place.brand)?;
        seal::seal(&keys.seal, key_id, place, nonce, secret)
    }

    /// Seals digits for one place; the result has the same length for 1 to 12 of them. `nonce` as in [`seal`](Self::seal).
    ///
    /// # Errors
    /// [`VaultError::Derivation`], which the lengths in use can not cause.
    pub fn seal_digits(
        &self,
        place: &Place<'_>,
        nonce: [u8; NONCE_BYTES],
        digits: &Digits,
    ) -> Result<Sealed, VaultError> {
        self.seal(place, nonce, digits.expose().as_bytes())
    }

    /// Opens what was sealed for `place`.
    ///
    /// # Errors
    /// [`VaultError::NotAuthentic`] when it was changed or belongs elsewhere; [`VaultError::UnknownKey`] when the keyring
    /// lacks its key.
    pub fn open(&self, place: &Place<'_>, sealed: &Sealed) -> Result<SecretBytes, VaultError> {
        let keys = self.keys(sealed.key_id(), place.brand)?;
        seal::open(&keys.seal, place, sealed)
    }

    /// Opens digits that were sealed for `place`.
    ///
    /// # Errors
    /// As [`open`](Self::open), and [`VaultError::Malformed`] when something else than digits was sealed there.
    pub fn open_digits(&self, place: &Place<'_>, sealed: &Sealed) -> Result<Digits, VaultError> {
        let opened = self.open(place, sealed)?;
        let text = std::str::from_utf8(opened.expose()).map_err(|_| VaultError::Malformed)?;
        Digits::parse(text).map_err(|_| VaultError::Malformed)
    }

    pub(crate) fn pin_mac_with(
        &self,
        key_id: u32,
        brand: BrandId,
        holder: HolderId,
        version: u64,
        digits: &Digits,
    ) -> Result<Mac, VaultError> {
        let (brand_text, holder_text) = (brand.to_string(), holder.to_string());
        let fields: [&[u8]; 4] = [
            b"supportpin/v1",
            brand_text.as_bytes(),
            holder_text.as_bytes(),
            &version.to_be_bytes(),
        ];
        let mac = self.keys(key_id, Some(brand))?.pin.clone();
        // Padded: four digits and twelve are the same number of bytes and of rounds (E14).
        let padded = pad(digits.expose().as_bytes(), 0)?;
        Ok(finish(key_id, mac, &fields, &padded))
    }

    pub(crate) fn code_mac_with(
        &self,
        key_id: u32,
        brand: Option<BrandId>,
        purpose: CodePurpose,
        owner: &str,
        epoch: u64,
        code: &[u8],
    ) -> Result<Mac, VaultError> {
        let fields: [&[u8]; 4] = [
            b"code/v1",
            purpose.label(),
            owner.as_bytes(),
            &epoch.to_be_bytes(),
        ];
        let mac = self.keys(key_id, brand)?.code.clone();
        let padded = pad(code, 0)?;
        Ok(finish(key_id, mac, &fields, &padded))
    }

    fn token_mac_with(
        &self,
        key_id: u32,
        brand: Option<BrandId>,
        purpose: TokenPurpose,
        owner: &str,
        epoch: u64,
        token: &[u8],
    ) -> Result<Mac, VaultError> {
        let fields: [&[u8]; 4] = [
            b"token/v1",
            purpose.label(),
            owner.as_bytes(),
            &epoch.to_be_bytes(),
        ];
        let mac = self.keys(key_id, brand)?.token.clone();
        Ok(finish(key_id, mac, &fields, token))
    }

    fn row_mac_with(&self, key_id: u32, row: RowName<'_>, fields: &[&[u8]]) -> Result<Mac, VaultError> {
        let mut mac = self.keys(key_id, Some(row.brand))?.row.clone();
        feed(&mut mac, b"row/v1");
        feed(&mut mac, row.table.as_bytes());
        Ok(finish(key_id, mac, fields, row.row.as_bytes()))
    }

    /// The keys of a brand under a root key, derived at the first call.
    fn keys(&self, key_id: u32, brand: Option<BrandId>) -> Result<Arc<DerivedKeys>, VaultError> {
        let name = (key_id, brand);
        // A thread that panicked while it held the lock can not have left a key half-made: it is inserted whole.
        let known = self
            .inner
            .derived
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&name)
            .cloned();
        if let Some(keys) = known {
            return Ok(keys);
        }
        let root = self
            .inner
            .keyring
            .root(key_id)
            .ok_or(VaultError::UnknownKey { key_id })?;
        let keys = Arc::new(DerivedKeys::new(root, brand)?);
        let mut derived = self.inner.derived.write().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(derived.entry(name).or_insert(keys)))
    }
}

/// Feeds the fields and then the secret, each with its length, and takes the value.
fn finish(key_id: u32, mut mac: Hmac<Sha256>, fields: &[&[u8]], last: &[u8]) -> Mac {
    for field in fields {
        feed(&mut mac, field);
    }
    feed(&mut mac, last);
    Mac::from_parts(key_id, mac.finalize().into_bytes().into())
}

/// Compares two MACs in constant time.
pub(crate) fn same(computed: &Mac, stored: &Mac) -> bool {
    bool::from(computed.bytes().ct_eq(stored.bytes()))
}
