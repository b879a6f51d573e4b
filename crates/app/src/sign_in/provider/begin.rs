//! Use case: a member of staff goes to the identity provider to sign in.

use std::net::IpAddr;

use countersign_domain::federation::PROVIDER_SIGN_IN_FOR;
use countersign_store::Tx;
use countersign_store::provider_sign_ins::{self, ProviderSignInRow};
use zeroize::Zeroizing;

use super::super::SessionToken;
use super::super::throttle::Throttle;
use super::{Federation, Handshake, place, row_name};
use crate::app::App;
use crate::error::AppError;
use crate::token;

/// What came of the wish.
pub enum Begun {
    /// The browser goes to the provider.
    Go {
        /// To this address.
        address: String,
        /// What the browser keeps until it comes back, so that the answer counts in no other one.
        browser: SessionToken,
    },
    /// The provider cannot be reached.
    Unreachable,
}

/// Begins a sign-in at the provider. The provider is asked before the row is written.
///
/// # Errors
/// [`AppError::Throttled`] when too many begin from one place.
pub async fn begin(app: &App, federation: &Federation, address: IpAddr) -> Result<Begun, AppError> {
    let now = app.now();
    Throttle::of_beginnings("provider", address)
        .admit(app, now)
        .await?;
    let handshake = Handshake {
        state: token::make(app.entropy(), "")?,
        nonce: token::make(app.entropy(), "")?,
        verifier: token::make(app.entropy(), "")?,
    };
    let browser = token::make(app.entropy(), "")?;
    let goes_to = match federation.provider.address(&handshake).await {
        Ok(goes_to) => goes_to,
        Err(error) => {
            tracing::warn!(%error, "nobody can sign in by the identity provider");
            return Ok(Begun::Unreachable);
        }
    };
    let state_hash = token::digest(&handshake.state);
    let secrets = Zeroizing::new(format!("{}.{}", *handshake.nonce, *handshake.verifier));
    let sealed = app.vault().seal(
        &place(&row_name(&state_hash)),
        app.entropy().bytes()?,
        secrets.as_bytes(),
    )?;
    let row = ProviderSignInRow {
        state_hash,
        browser_hash: token::digest(&browser),
        issuer: federation.issuer.clone(),
        sealed: sealed.to_bytes(),
        created_at: now,
        expires_at: now.plus(PROVIDER_SIGN_IN_FOR),
    };
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| Ok(provider_sign_ins::insert(tx, &row).await?))
        .await?;
    Ok(Begun::Go {
        address: goes_to,
        browser: SessionToken::new(browser),
    })
}
