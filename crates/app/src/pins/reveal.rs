//! Use case: the holder looks at their PIN (A3, D3). The evidence is committed first, then the digits are handed out.

use countersign_domain::access::{Actor, Permission};
use countersign_domain::audit::{Action, Outcome};
use countersign_domain::judge::PinState;
use countersign_domain::pin::Digits;
use countersign_domain::policy::Relation;
use countersign_store::Tx;
use countersign_vault::Sealed;

use super::holder::{self, PinOf};
use super::{new_pin, row};
use crate::app::App;
use crate::caller::{Caller, chain_of, subject_of};
use crate::error::AppError;

/// Shows a PIN to its holder: the person who holds it, or anybody who signs in on the account that does.
///
/// # Errors
/// [`AppError::NotFound`] when there is none; [`AppError::PolicyRefuses`] when this brand shows none;
/// [`AppError::Forbidden`] for everyone else.
pub async fn reveal(app: &App, caller: &Caller, pin_of: &PinOf) -> Result<Digits, AppError> {
    caller.must(Permission::ReadOwnPin)?;
    if !caller.brand.policy.support_pin.visible {
        return Err(AppError::PolicyRefuses(
            "this brand never shows a PIN again: have a new one made instead",
        ));
    }
    let (app, caller, pin_of, now) = (app.clone(), caller.clone(), pin_of.clone(), app.now());
    let store = app.store().clone();
    store
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let found = holder::find(tx, &caller, &pin_of).await?;
            let holds = match found.relation {
                Relation::Own => true,
                Relation::SameAccount => {
                    found.person.is_none() && matches!(caller.actor, Actor::Person { .. })
                }
                Relation::Outside => false,
            };
            if !holds {
                return Err(AppError::Forbidden(Permission::ReadOwnPin));
            }
            let mut row = holder::hold(&app, tx, &found).await?;
            if row.counters.state == PinState::None {
                return Err(AppError::NotFound("the Support PIN"));
            }
            let holder = row.holder.to_string();
            let bytes = row.sealed.as_deref().ok_or(AppError::PolicyRefuses(
                "this PIN was made while it was not to be shown: have a new one made instead",
            ))?;
            let digits = app
                .vault()
                .open_digits(&new_pin::place(&row, &holder), &Sealed::from_bytes(bytes)?)?;
            let draft = caller.event(
                app.new_event_id(now)?,
                now,
                chain_of(found.holder),
                Action::PinRevealed,
                subject_of(found.holder),
                Outcome::Done,
            );
            row::record(tx, &mut row, draft).await?;
            row::save(app.vault(), tx, &mut row).await?;
            Ok(digits)
        })
        .await
}
