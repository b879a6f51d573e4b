//! Use case: a browser comes back from the identity provider.

use std::net::IpAddr;

use countersign_domain::audit::Channel;
use countersign_domain::federation::Identity;
use countersign_store::{Tx, provider_sign_ins};
use countersign_vault::Sealed;
use zeroize::Zeroizing;

use super::super::second_step::digest_of;
use super::super::{After, SignInStep};
use super::{Federation, ProviderAnswer, ProviderError, member, place, row_name};
use crate::app::App;
use crate::error::{AppError, Cause};
use crate::refusals::{self, Refusal};

/// What the browser brought.
pub struct Callback {
    /// The state in the address.
    pub state: String,
    /// The code in the address.
    pub code: Option<Zeroizing<String>>,
    /// Who answered, as the address says.
    pub issuer: Option<String>,
    /// The provider's own refusal.
    pub error: Option<String>,
    /// What the browser kept since it left.
    pub kept: Option<String>,
    /// The browser, in words.
    pub browser: String,
    /// The token of a remembered device.
    pub device: Option<String>,
    /// From where.
    pub address: IpAddr,
    /// The request's id.
    pub request_id: String,
}

/// What came of it.
pub enum Finished {
    /// A session, or our own second factor is still to come.
    SignedIn(SignInStep),
    /// Nobody is signed in.
    Refused(Refused),
}

/// Why nobody is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// No sign-in waits for this answer: it was used, is too old, or began in another browser.
    Stale,
    /// The provider let them not in, or they turned back.
    Cancelled,
    /// The provider does not answer.
    Unreachable,
    /// What came in the provider's name is not believed.
    NotTrusted,
    /// Their claims give no role here.
    NoRole,
    /// They are switched off here.
    Disabled,
}

impl Refused {
    /// The stable name, for the record.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Stale => "provider_stale",
            Self::Cancelled => "provider_cancelled",
            Self::Unreachable => "provider_unreachable",
            Self::NotTrusted => "provider_not_trusted",
            Self::NoRole => "no_role",
            Self::Disabled => "disabled",
        }
    }
}

/// Takes the answer. What waits for it is used up before anything of it is believed, so that no answer counts twice.
///
/// # Errors
/// [`AppError::Unavailable`]. A refusal is none: it is a committed decision.
pub async fn finish(app: &App, federation: &Federation, asked: Callback) -> Result<Finished, AppError> {
    let (address, request_id) = (asked.address, asked.request_id.clone());
    match settle(app, federation, asked).await? {
        Settled::SignedIn(step) => Ok(Finished::SignedIn(step)),
        Settled::Recorded(refused) => Ok(Finished::Refused(refused)),
        Settled::Stranger(refused) => {
            let refusal = Refusal {
                caller: None,
                brand: None,
                address,
                surface: Channel::Desk,
                reason: refused.reason(),
                permission: None,
                request_id,
            };
            refusals::record(app, refusal).await?;
            Ok(Finished::Refused(refused))
        }
    }
}

/// What came of it, and whether the record knows already.
pub(super) enum Settled {
    SignedIn(SignInStep),
    /// A member of staff whom we know: the event stands in their own chain.
    Recorded(Refused),
    /// Nobody whom we know: counted with other refusals.
    Stranger(Refused),
}

async fn settle(app: &App, federation: &Federation, asked: Callback) -> Result<Settled, AppError> {
    let Some(secrets) = take(app, federation, &asked).await? else {
        return Ok(Settled::Stranger(Refused::Stale));
    };
    // A refusal in another provider's name is as little ours as a code of its (mix-up, RFC 9207).
    if asked
        .issuer
        .as_ref()
        .is_some_and(|issuer| *issuer != federation.issuer)
    {
        return Ok(Settled::Stranger(Refused::NotTrusted));
    }
    let code = match (asked.code, asked.error) {
        (Some(code), None) => code,
        (_, Some(_)) | (None, None) => return Ok(Settled::Stranger(Refused::Cancelled)),
    };
    let (nonce, verifier) = secrets;
    let answer = ProviderAnswer {
        code,
        issuer: asked.issuer,
        nonce,
        verifier,
    };
    let claims = match federation.provider.redeem(&answer, app.now()).await {
        Ok(claims) => claims,
        Err(error) => {
            tracing::warn!(%error, request_id = asked.request_id, "a sign-in by the identity provider failed");
            return Ok(Settled::Stranger(match error {
                ProviderError::Unreachable(_) => Refused::Unreachable,
                ProviderError::CodeRefused(_) | ProviderError::NotTrusted(_) => Refused::NotTrusted,
            }));
        }
    };
    let Ok(identity) = Identity::new(&federation.issuer, &claims.subject) else {
        return Ok(Settled::Stranger(Refused::NotTrusted));
    };
    let after = After::new(&asked.browser, asked.device, Some(asked.request_id));
    member::admit(app, federation, identity, claims, after).await
}

type Secrets = (Zeroizing<String>, Zeroizing<String>);

/// Uses up what waits for this answer, and opens its secrets: nonce and verifier.
async fn take(app: &App, federation: &Federation, asked: &Callback) -> Result<Option<Secrets>, AppError> {
    let kept = asked.kept.as_deref().and_then(digest_of);
    let (Some(state_hash), Some(browser_hash)) = (digest_of(&asked.state), kept) else {
        return Ok(None);
    };
    let (issuer, now) = (federation.issuer.clone(), app.now());
    let sealed = app
        .store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            Ok(provider_sign_ins::consume(tx, &state_hash, &browser_hash, &issuer, now).await?)
        })
        .await?;
    let Some(sealed) = sealed else { return Ok(None) };
    let opened = app
        .vault()
        .open(&place(&row_name(&state_hash)), &Sealed::from_bytes(&sealed)?)?;
    let text = std::str::from_utf8(opened.expose()).ok();
    let (nonce, verifier) = text.and_then(|text| text.split_once('.')).ok_or_else(|| {
        AppError::Unavailable(Cause::Corrupt(
            "a row of provider_sign_ins holds no nonce and verifier".to_owned(),
        ))
    })?;
    Ok(Some((
        Zeroizing::new(nonce.to_owned()),
        Zeroizing::new(verifier.to_owned()),
    )))
}
