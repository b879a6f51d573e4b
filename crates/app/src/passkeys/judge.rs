//! The one place that checks what a passkey signed.
//!
//! Outside of any write: a signature costs time. [`save`] then moves the passkey on in the caller's write, guarded by what it
//! was held against, so that of two holders of one key only one counts (clone detection, WebAuthn 6.1.1).

use countersign_domain::audit::{Action, Detail, DetailKey, Outcome};
use countersign_domain::factor::Method;
use countersign_domain::time::Timestamp;
use countersign_store::passkeys::{self, PasskeyRow};
use countersign_store::{Tx, second_factors};
use serde_json::Value;
use webauthn_rs::prelude::{DiscoverableAuthentication, Passkey, PublicKeyCredential, WebauthnError};

use super::ceremony::not_json;
use super::site::{Site, handle_of, unexpected};
use crate::app::App;
use crate::error::AppError;
use crate::second_factor::notice::{self, Notice};
use crate::second_factor::visitor::Visitor;

/// Why a passkey does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrongPasskey {
    /// The ceremony was used, took too long, or began elsewhere: begin again.
    Late,
    /// It is nobody's here, somebody else's, of another site, or its signature is wrong.
    Wrong,
    /// Its counter did not go on: there may be a copy of it.
    Copied,
}

/// A passkey whose signature is right, not saved yet.
pub(crate) struct Checked {
    pub(crate) row: PasskeyRow,
    next: String,
}

/// One that does not count.
pub(crate) struct Unfit {
    pub(crate) why: WrongPasskey,
    /// Whose it is, where it is known.
    pub(crate) row: Option<PasskeyRow>,
}

/// The options and the state of a ceremony in which one of `known` is to be used, or, where that is empty, any that the browser
/// finds for this site. The person has to be verified by their device in each case.
pub(crate) fn ask(
    site: &Site,
    known: &[PasskeyRow],
) -> Result<(Value, DiscoverableAuthentication), AppError> {
    let party = site.party()?;
    let (mut asked, state) = party.start_discoverable_authentication().map_err(unexpected)?;
    if !known.is_empty() {
        let known = known.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        // For their ids alone: the state would hold the counters of this moment, and the judge asks for those of the next.
        let (listed, _) = party.start_passkey_authentication(&known).map_err(unexpected)?;
        asked.public_key.allow_credentials = listed.public_key.allow_credentials;
    }
    Ok((serde_json::to_value(asked.public_key).map_err(not_json)?, state))
}

/// Checks what the browser brought.
pub(crate) async fn check(
    app: &App,
    site: &Site,
    credential: &str,
    state: DiscoverableAuthentication,
) -> Result<Result<Checked, Unfit>, AppError> {
    let wrong = |row| {
        Ok(Err(Unfit {
            why: WrongPasskey::Wrong,
            row,
        }))
    };
    let Ok(brought) = serde_json::from_str::<PublicKeyCredential>(credential) else {
        return wrong(None);
    };
    let id = brought.get_credential_id().to_vec();
    let found = app
        .store()
        .read::<_, AppError, _>(async |tx| Ok(passkeys::find(tx, &id).await?))
        .await?;
    let Some(row) = found else { return wrong(None) };
    let handle = handle_of(row.subject.subject_id());
    if brought
        .get_user_unique_id()
        .is_some_and(|named| named != handle.as_bytes().as_slice())
    {
        return wrong(None);
    }
    let mut passkey = read(&row)?;
    let result = match site
        .party()?
        .finish_discoverable_authentication_v2(&brought, state, &passkey)
    {
        Ok(result) => result,
        Err(WebauthnError::CredentialPossibleCompromise) => {
            return Ok(Err(Unfit {
                why: WrongPasskey::Copied,
                row: Some(row),
            }));
        }
        Err(_) => return wrong(Some(row)),
    };
    let next = match passkey.update_credential(&result) {
        Some(true) => serde_json::to_string(&passkey).map_err(not_json)?,
        Some(false) | None => row.passkey.clone(),
    };
    Ok(Ok(Checked { row, next }))
}

/// Saves the use of a passkey. False when it was removed, or used elsewhere, since it was checked.
pub(crate) async fn save(tx: &mut Tx, checked: &Checked, now: Timestamp) -> Result<bool, AppError> {
    let (id, seen) = (&checked.row.credential_id, checked.row.passkey.as_str());
    Ok(passkeys::note_use(tx, id, (seen, checked.next.as_str()), now).await?)
}

/// Opens a factor that too many wrong codes closed: a passkey cannot be guessed.
pub(crate) async fn reopen(tx: &mut Tx, visitor: &Visitor, closed: bool) -> Result<(), AppError> {
    if closed {
        second_factors::reopen(tx, visitor.id()).await?;
    }
    Ok(())
}

/// Records what came of a passkey, and tells its owner of a copy.
pub(crate) async fn record(
    app: &App,
    tx: &mut Tx,
    visitor: &Visitor,
    action: Action,
    verdict: Result<(), WrongPasskey>,
    now: Timestamp,
) -> Result<(), AppError> {
    let mut detail = Detail::none().with(DetailKey::Method, Method::Passkey.name());
    let outcome = match verdict {
        Ok(()) => Outcome::Verified,
        Err(WrongPasskey::Late) => Outcome::Expired,
        Err(WrongPasskey::Wrong) => Outcome::Denied,
        Err(WrongPasskey::Copied) => {
            detail = detail.with(DetailKey::Reason, "copied");
            Outcome::Denied
        }
    };
    visitor.record(app, tx, (action, outcome), detail, now).await?;
    if verdict == Err(WrongPasskey::Copied) {
        notice::enqueue(app, tx, visitor, Notice::PasskeyCopied, now).await?;
    }
    Ok(())
}

fn read(row: &PasskeyRow) -> Result<Passkey, AppError> {
    serde_json::from_str(&row.passkey).map_err(not_json)
}
