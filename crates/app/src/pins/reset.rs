//! Use case: someone with the right has a new PIN made for another, whom alone it is shown (D1); or, where the policy says so,
//! an administrator types one for another (B3).

use countersign_domain::access::{Actor, Permission};
use countersign_domain::audit::{Action, Detail, DetailKey, Outcome};
use countersign_domain::ids::ConversationId;
use countersign_domain::judge::PinState;
use countersign_domain::person::PersonStatus;
use countersign_domain::pin::Digits;
use countersign_domain::policy::Relation;
use countersign_domain::team::may_type_pin_for;
use countersign_domain::time::Timestamp;
use countersign_store::Tx;
use countersign_store::pins::PinRow;

use super::change::must_keep_rules;
use super::holder::{self, Found, PinOf};
use super::{at_desk, new_pin, row};
use crate::app::App;
use crate::caller::{Caller, chain_of, subject_of};
use crate::error::AppError;
use crate::idempotency::{self, IdempotencyKey};
use crate::team::Team;
use crate::team::notice::{self, TeamChange};

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
    let how = How {
        only_if_missing,
        ..How::default()
    };
    carry_out(app, caller, pin_of, how, key).await
}

/// Gives another administrator of the account the PIN that the caller typed (B3), and tells them and the owners so. A lock ends
/// with the old one.
///
/// # Errors
/// [`AppError::PolicyRefuses`] where the policy lets nobody type a PIN for another, or not the caller; [`AppError::PinRules`]
/// names the rules that it breaks; [`AppError::Forbidden`], [`AppError::NotFound`].
pub async fn enter(app: &App, caller: &Caller, pin_of: &PinOf, digits: Digits) -> Result<(), AppError> {
    if !caller.brand.policy.reset.typed_by_administrators || !matches!(caller.actor, Actor::Person { .. }) {
        return Err(AppError::PolicyRefuses(
            "nobody types a Support PIN for another here: have one made",
        ));
    }
    let how = How {
        typed: Some(digits),
        ..How::default()
    };
    carry_out(app, caller, pin_of, how, None).await?;
    app.wake_outbox();
    Ok(())
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
    let how = How {
        conversation: Some(conversation),
        ..How::default()
    };
    carry_out(app, caller, pin_of, how, None).await
}

/// What is particular about a new PIN for another.
#[derive(Default)]
struct How {
    /// Whoever has one keeps it.
    only_if_missing: bool,
    /// The conversation at the desk in which it is asked for.
    conversation: Option<ConversationId>,
    /// The digits, where the caller typed them.
    typed: Option<Digits>,
}

async fn carry_out(
    app: &App,
    caller: &Caller,
    pin_of: &PinOf,
    how: How,
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
            if let Some(conversation) = how.conversation {
                at_desk::must_be_anothers(tx, &caller, &found, conversation).await?;
            }
            if !caller.brand.policy.may_reset(&caller.actor, found.relation) {
                return Err(AppError::PolicyRefuses(
                    "the policy does not let you have this PIN made anew",
                ));
            }
            // The account first, as everything takes it that tells its people something.
            let team = match how.typed {
                Some(_) => Some(Team::hold(tx, found.account.id).await?),
                None => None,
            };
            let mut row = holder::hold(&app, tx, &found).await?;
            if how.only_if_missing && row.counters.state != PinState::None {
                return Err(AppError::Conflict("a Support PIN"));
            }
            match &how.typed {
                Some(digits) => {
                    must_be_below(&caller, &found)?;
                    must_keep_rules(tx, &caller, &found, digits).await?;
                    new_pin::put(&app, &caller.brand, &mut row, digits, true, now)?;
                    save(&app, tx, &caller, &mut row, None, now).await?;
                }
                None => renew(&app, tx, &caller, &mut row, how.conversation, now).await?,
            }
            if let (Some(team), Some(person)) = (&team, &found.person) {
                notice::changed(&app, tx, &caller, team, person, TeamChange::NewPin, true, now).await?;
            }
            idempotency::keep(tx, &caller, key.as_ref(), &()).await
        })
        .await
}

/// One's own PIN has a page of its own, which asks for its own proof; and nobody speaks in the name of somebody above them.
fn must_be_below(caller: &Caller, found: &Found) -> Result<(), AppError> {
    let may = match (&caller.actor, &found.person) {
        (Actor::Person { role, .. }, Some(person)) => {
            found.relation == Relation::SameAccount
                && person.status == PersonStatus::Active
                && may_type_pin_for(*role, person.role)
        }
        _ => false,
    };
    if may {
        Ok(())
    } else {
        Err(AppError::PolicyRefuses("you type no Support PIN for this person"))
    }
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
    save(app, tx, caller, row, conversation, now).await
}

/// Saves a row that holds a new PIN, with its evidence.
async fn save(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    row: &mut PinRow,
    conversation: Option<ConversationId>,
    now: Timestamp,
) -> Result<(), AppError> {
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
