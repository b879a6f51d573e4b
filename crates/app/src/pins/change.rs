//! Use case: a holder gets a new PIN, chosen or made (A4, D3, B3).

use countersign_domain::access::{Actor, Permission};
use countersign_domain::audit::{Action, Detail, DetailKey, Outcome};
use countersign_domain::contact::Phone;
use countersign_domain::pin::{Digits, RuleReport, Surroundings};
use countersign_domain::policy::{HeldBy, Relation};
use countersign_domain::time::Timestamp;
use countersign_store::Tx;

use super::holder::{self, Found, PinOf};
use super::{new_pin, row};
use crate::app::App;
use crate::caller::{Caller, chain_of, subject_of};
use crate::error::AppError;
use crate::idempotency::{self, IdempotencyKey};

/// What the new PIN shall be.
pub enum NewPin {
    /// These digits, which must keep the brand's rules.
    Chosen(Digits),
    /// Any that the server makes.
    Made,
}

/// Changes a holder's PIN. It counts from the next contact on; a lock ends with the old PIN. Sent again under the same
/// `key` it changes nothing more.
///
/// # Errors
/// [`AppError::PinRules`] names the rules that a chosen PIN breaks; [`AppError::Forbidden`],
/// [`AppError::PolicyRefuses`], [`AppError::NotFound`].
pub async fn change(
    app: &App,
    caller: &Caller,
    pin_of: &PinOf,
    new: NewPin,
    key: Option<IdempotencyKey>,
) -> Result<(), AppError> {
    if matches!(new, NewPin::Chosen(_)) && !caller.brand.policy.support_pin.chosen_by_holder {
        return Err(AppError::PolicyRefuses(
            "this brand makes the PINs itself: ask for a new one instead",
        ));
    }
    if matches!(new, NewPin::Made) && !caller.brand.policy.support_pin.visible {
        return Err(AppError::PolicyRefuses(
            "this brand never shows a PIN: choose a new one instead of having one made",
        ));
    }
    let (app, caller, pin_of, now) = (app.clone(), caller.clone(), pin_of.clone(), app.now());
    let store = app.store().clone();
    store
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let found = holder::find(tx, &caller, &pin_of).await?;
            caller.must(permission(&caller, &found))?;
            if let Some(answer) = idempotency::replay(&app, tx, &caller, key.as_ref(), now).await? {
                return Ok(answer);
            }
            put_new(&app, tx, &caller, &found, &new, now).await?;
            idempotency::keep(tx, &caller, key.as_ref(), &()).await
        })
        .await
}

/// The same, within a transaction that does more.
pub(crate) async fn change_in(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    pin_of: &PinOf,
    new: &NewPin,
    now: Timestamp,
) -> Result<(), AppError> {
    let found = holder::find(tx, caller, pin_of).await?;
    caller.must(permission(caller, &found))?;
    put_new(app, tx, caller, &found, new, now).await
}

/// Gives a holder who was found, to a caller who may, the new PIN.
async fn put_new(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    found: &Found,
    new: &NewPin,
    now: Timestamp,
) -> Result<(), AppError> {
    let made;
    let (digits, chosen) = match new {
        NewPin::Chosen(digits) => {
            must_keep_rules(tx, caller, found, digits).await?;
            (digits, true)
        }
        NewPin::Made => {
            made = new_pin::generate(app, &caller.brand)?;
            (&made, false)
        }
    };
    let mut row = holder::hold(app, tx, found).await?;
    new_pin::put(app, &caller.brand, &mut row, digits, chosen, now)?;
    let mut draft = caller.event(
        app.new_event_id(now)?,
        now,
        chain_of(found.holder),
        Action::PinChanged,
        subject_of(found.holder),
        Outcome::Done,
    );
    draft.detail = Detail::none().with(DetailKey::PinVersion, row.pin_version.to_string());
    row::record(tx, &mut row, draft).await?;
    row::save(app.vault(), tx, &mut row).await
}

/// How a PIN that someone wants to choose keeps each rule, in the order of the page (D2).
///
/// # Errors
/// [`AppError::NotFound`] when there is no such holder for this caller.
pub async fn check_rules(
    app: &App,
    caller: &Caller,
    pin_of: &PinOf,
    digits: &Digits,
) -> Result<RuleReport, AppError> {
    app.store()
        .read(async |tx| {
            let found = holder::find(tx, caller, pin_of).await?;
            caller.must(permission(caller, &found))?;
            check(tx, caller, &found, digits).await
        })
        .await
}

/// # Errors
/// [`AppError::PinRules`] names the brand's rules that a chosen PIN breaks.
pub(super) async fn must_keep_rules(
    tx: &mut Tx,
    caller: &Caller,
    found: &Found,
    digits: &Digits,
) -> Result<(), AppError> {
    let report = check(tx, caller, found, digits).await?;
    if report.all_held() {
        Ok(())
    } else {
        Err(AppError::PinRules(report.broken().collect()))
    }
}

async fn check(tx: &mut Tx, caller: &Caller, found: &Found, digits: &Digits) -> Result<RuleReport, AppError> {
    let phones: Vec<Phone> = match &found.person {
        Some(person) => person.phone.iter().cloned().collect(),
        None => countersign_store::people::list_of_account(tx, found.account.id)
            .await?
            .into_iter()
            .filter_map(|person| person.phone)
            .collect(),
    };
    let surroundings = Surroundings {
        phones: &phones,
        account_number: Some(&found.account.number),
    };
    Ok(caller.brand.policy.pin_rules().check(digits, &surroundings))
}

fn permission(caller: &Caller, found: &Found) -> Permission {
    match (&caller.actor, found.relation) {
        (Actor::Person { .. }, Relation::Own) => Permission::SetOwnPin,
        (Actor::Person { .. }, _) if caller.brand.policy.support_pin.held_by == HeldBy::Account => {
            Permission::SetAccountPin
        }
        _ => Permission::SetHolderPin,
    }
}
