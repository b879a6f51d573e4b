//! Use case: a locked PIN is opened again, by those whom the policy names (D4, D5).

use countersign_domain::access::Permission;
use countersign_domain::audit::{Action, Outcome};
use countersign_domain::ids::ConversationId;
use countersign_domain::judge::UnlockRefused;
use countersign_store::Tx;

use super::holder::{self, PinOf};
use super::{at_desk, new_pin, row};
use crate::app::App;
use crate::caller::{Caller, chain_of, subject_of};
use crate::error::AppError;
use crate::idempotency::{self, IdempotencyKey};

/// What becomes of the PIN.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Keep {
    /// It stays as it is.
    SamePin,
    /// A new one is made in its place, which only the holder is shown; where the brand shows none, the holder chooses it.
    NewPin,
}

/// Unlocks a holder's PIN. Sent again under the same `key` it says again that it is unlocked.
///
/// # Errors
/// [`AppError::NotLocked`]; [`AppError::NeedsNewPin`] when only [`Keep::NewPin`] helps; [`AppError::Forbidden`],
/// [`AppError::PolicyRefuses`], [`AppError::NotFound`].
pub async fn unlock(
    app: &App,
    caller: &Caller,
    pin_of: &PinOf,
    keep: Keep,
    key: Option<IdempotencyKey>,
) -> Result<(), AppError> {
    carry_out(app, caller, pin_of, keep, None, key).await
}

/// Unlocks a holder's PIN in a conversation at the desk, which somebody else opened.
///
/// # Errors
/// As [`unlock`]; [`AppError::ConversationClosed`], and [`AppError::PolicyRefuses`] in the caller's own conversation.
pub async fn unlock_in(
    app: &App,
    caller: &Caller,
    conversation: ConversationId,
    pin_of: &PinOf,
    keep: Keep,
) -> Result<(), AppError> {
    carry_out(app, caller, pin_of, keep, Some(conversation), None).await
}

async fn carry_out(
    app: &App,
    caller: &Caller,
    pin_of: &PinOf,
    keep: Keep,
    conversation: Option<ConversationId>,
    key: Option<IdempotencyKey>,
) -> Result<(), AppError> {
    caller.must(Permission::UnlockPin)?;
    let (app, caller, pin_of, now) = (app.clone(), caller.clone(), pin_of.clone(), app.now());
    let store = app.store().clone();
    store
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            if let Some(answer) = idempotency::replay(&app, tx, &caller, key.as_ref(), now).await? {
                return Ok(answer);
            }
            let found = holder::find(tx, &caller, &pin_of).await?;
            if let Some(conversation) = conversation {
                at_desk::must_be_anothers(tx, &caller, &found, conversation).await?;
            }
            if !caller.brand.policy.may_unlock(&caller.actor, found.relation) {
                return Err(AppError::PolicyRefuses(
                    "the policy does not let you unlock this PIN",
                ));
            }
            let mut row = holder::hold(&app, tx, &found).await?;
            match (row.counters.unlock(&caller.brand.limits, now), keep) {
                (Err(UnlockRefused::NotLocked), _) => return Err(AppError::NotLocked),
                (Err(UnlockRefused::NeedsNewPin), Keep::SamePin) => return Err(AppError::NeedsNewPin),
                (Ok(next), Keep::SamePin) => {
                    row.counters = next;
                    row.locked_by = None;
                }
                (Ok(_) | Err(UnlockRefused::NeedsNewPin), Keep::NewPin) => {
                    new_pin::replace(&app, &caller.brand, &mut row, now)?;
                }
            }
            let mut draft = caller.event(
                app.new_event_id(now)?,
                now,
                chain_of(found.holder),
                Action::PinUnlocked,
                subject_of(found.holder),
                Outcome::Done,
            );
            draft.conversation = conversation;
            row::record(tx, &mut row, draft).await?;
            row::save(app.vault(), tx, &mut row).await?;
            idempotency::keep(tx, &caller, key.as_ref(), &()).await
        })
        .await
}
