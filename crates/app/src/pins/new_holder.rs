//! The row of a new holder: with a PIN where the policy makes one at creation, and with the first event of its chain.

use countersign_domain::audit::{Action, Detail, DetailKey, EventDraft};
use countersign_domain::ids::{AccountId, HolderId};
use countersign_domain::time::Timestamp;
use countersign_store::{Tx, pins};

use super::{new_pin, row};
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;

/// Adds the row. `holds` says whether holders of this kind have PINs under the policy.
#[expect(
    clippy::too_many_arguments,
    reason = "each is a different fact of the one row, and there is one caller a kind"
)]
pub(crate) async fn insert(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    account: AccountId,
    holder: HolderId,
    holds: bool,
    created: EventDraft,
    now: Timestamp,
) -> Result<(), AppError> {
    let mut held = row::empty(app.vault(), caller.brand.brand.id, account, holder, now)?;
    let mut pin_created = created.clone();
    row::record(tx, &mut held, created).await?;
    if holds && caller.brand.policy.support_pin.made_at_creation {
        let digits = new_pin::generate(app, &caller.brand)?;
        new_pin::put(app, &caller.brand, &mut held, &digits, false, now)?;
        pin_created.id = app.new_event_id(now)?;
        pin_created.action = Action::PinCreated;
        pin_created.detail = Detail::none().with(DetailKey::PinVersion, held.pin_version.to_string());
        row::record(tx, &mut held, pin_created).await?;
    }
    row::prove(app.vault(), &mut held)?;
    pins::insert(tx, &held).await?;
    Ok(())
}
