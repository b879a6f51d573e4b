//! A request sent twice under the caller's own key acts once: the answer is kept in the same transaction as its effect.

use countersign_domain::time::Timestamp;
use countersign_store::Tx;
use countersign_store::idempotency::{self, Claim};
use countersign_vault::TokenPurpose;
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, Cause};

/// How long an answer is kept.
pub const KEPT_HOURS: u64 = 24;
/// The longest key, in bytes.
pub const LONGEST_KEY: usize = 255;

/// The caller's key and what the request was.
#[derive(Clone)]
pub struct IdempotencyKey {
    key: String,
    /// May hold a PIN: wiped when dropped.
    request: Zeroizing<Vec<u8>>,
}

impl IdempotencyKey {
    /// Takes the key as the header carries it, quoted or not, and the request that it is for (method, path and body).
    ///
    /// # Errors
    /// [`AppError::Invalid`] when it is empty, too long or not printable ASCII.
    pub fn new(header: &str, request: impl Into<Zeroizing<Vec<u8>>>) -> Result<Self, AppError> {
        let key = header.trim().trim_matches('"');
        if key.is_empty() || key.len() > LONGEST_KEY || !key.bytes().all(|byte| (0x20..0x7f).contains(&byte))
        {
            return Err(AppError::invalid(
                "Idempotency-Key",
                "send 1 to 255 printable ASCII characters, such as a UUID",
            ));
        }
        Ok(Self {
            key: key.to_owned(),
            request: request.into(),
        })
    }
}

/// The kept answer of an earlier request under this key; none for a key that is new, which is now this request's.
pub(crate) async fn replay<T: DeserializeOwned>(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    key: Option<&IdempotencyKey>,
    now: Timestamp,
) -> Result<Option<T>, AppError> {
    let Some(key) = key else { return Ok(None) };
    let actor = caller.actor_ref().to_string();
    // Keyed, because the request may hold a PIN: a plain digest of it could be tried through.
    let mac = app.vault().token_mac(
        Some(caller.brand.brand.id),
        TokenPurpose::Idempotency,
        &actor,
        0,
        &key.request,
    )?;
    match idempotency::claim(tx, &actor, &key.key, mac.bytes(), now).await? {
        Claim::New => Ok(None),
        Claim::OtherRequest => Err(AppError::IdempotencyKeyReused),
        Claim::Answered(answer) => serde_json::from_str(&answer).map(Some).map_err(corrupt),
    }
}

/// Keeps the answer for the next time.
pub(crate) async fn keep<T: Serialize>(
    tx: &mut Tx,
    caller: &Caller,
    key: Option<&IdempotencyKey>,
    answer: &T,
) -> Result<(), AppError> {
    let Some(key) = key else { return Ok(()) };
    let text = serde_json::to_string(answer).map_err(corrupt)?;
    idempotency::answer(tx, &caller.actor_ref().to_string(), &key.key, &text).await?;
    Ok(())
}

/// Gives the key free again, for a request that ends without an answer to keep: a claim is never committed alone.
pub(crate) async fn release(
    tx: &mut Tx,
    caller: &Caller,
    key: Option<&IdempotencyKey>,
) -> Result<(), AppError> {
    let Some(key) = key else { return Ok(()) };
    idempotency::release(tx, &caller.actor_ref().to_string(), &key.key).await?;
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "this is what map_err hands over")]
fn corrupt(error: serde_json::Error) -> AppError {
    AppError::Unavailable(Cause::Corrupt(format!("a kept answer: {error}")))
}
