//! Use case: someone with the right has a new PIN made for another. Nobody but the holder is ever shown it (D1).

use countersign_domain::access::Permission;
use countersign_domain::audit::{Action, Detail, DetailKey, Outcome};
use countersign_domain::ids::ConversationId;
use countersign_domain::judge::PinState;
use countersign_domain::time::Timestamp;
use countersign_store::Tx;
use countersign_store::pins::PinRow;

use super::holder::{self, PinOf};
use super::{at_desk, new_pin, row};
use crate::app::App;
use crate::caller::{Caller, chain_of, subject_of};
use crate::error::AppError;
use crate::idempotency::{self, IdempotencyKey};

/// Makes a new PIN for a holder, or takes it away for the holder to choose another where the brand never shows one. With
/// `only_if_missing`, a holder who has one keeps it. Sent again under the same `key` it makes no second one.
///
/// # Errors
/// [`AppError::Conflict`] when `only_if_missing` is set and there is a PIN; [`AppError::Forbidden`],
/// [`AppError::PolicyRefuses`], [`AppError::NotFound`].
pub async fn reset(
    app: &App,
    caller: &Caller,
    pin_of: &PinOf,
    only_if_missing: bool,
    key: Option<IdempotencyKey>,
) -> Result<(), AppError> {
    carry_out(app, caller, pin_of, only_if_missing, None, key).await
}

/// Makes a new PIN for a holder in a conversation at the desk, which somebody else opened.
///
/// # Errors
/// As [`reset`]; [`AppError::ConversationClosed`], and [`AppError::PolicyRefuses`] in the caller's own conversation.
pub async fn reset_in(
    app: &App,
    caller: &Caller,
    conversation: ConversationId,
    pin_of: &PinOf,
) -> Result<(), AppError> {
    carry_out(app, caller, pin_of, false, Some(conversation), None).await
}

async fn carry_out(
    app: &App,
    caller: &Caller,
    pin_of: &PinOf,
    only_if_missing: bool,
    conversation: Option<ConversationId>,
    key: Option<IdempotencyKey>,
) -> Result<(), AppError> {
    caller.must(Permission::ResetPin)?;
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
            if !caller.brand.policy.may_reset(&caller.actor, found.relation) {
                return Err(AppError::PolicyRefuses(
                    "the policy does not let you have this PIN made anew",
                ));
            }
            let mut row = holder::hold(&app, tx, &found).await?;
            if only_if_missing && row.counters.state != PinState::None {
                return Err(AppError::Conflict("a Support PIN"));
            }
            renew(&app, tx, &caller, &mut row, conversation, now).await?;
            idempotency::keep(tx, &caller, key.as_ref(), &()).await
        })
        .await
}

/// Puts the new PIN into a row that was taken, with its evidence.
pub(super) async fn renew(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    row: &mut PinRow,
    conversation: Option<ConversationId>,
    now: Timestamp,
) -> Result<(), AppError> {
    new_pin::replace(app, &caller.brand, row, now)?;
    let mut draft = caller.event(
        app.new_event_id(now)?,
        now,
        chain_of(row.holder),
        Action::PinReset,
        subject_of(row.holder),
        Outcome::Done,
    );
    draft.conversation = conversation;
    draft.detail = Detail::none().with(DetailKey::PinVersion, row.pin_version.to_string());
    row::record(tx, row, draft).await?;
    row::save(app.vault(), tx, row).await
}
