//! Events that belong to a holder but change nothing else in the holder's row.

use countersign_domain::audit::{Chain, EventDraft};
use countersign_domain::ids::{AccountId, HolderId};
use countersign_store::{Tx, audit, pins};

use crate::app::App;
use crate::error::AppError;
use crate::pins::row;

/// Adds an event to a holder's chain. A row that does not prove itself is not proved anew, so that nobody's change is
/// covered by our proof; the event then stands in the brand's chain.
pub(crate) async fn append_for_holder(
    app: &App,
    tx: &mut Tx,
    account: AccountId,
    holder: HolderId,
    mut draft: EventDraft,
) -> Result<(), AppError> {
    if let Some(mut held) = pins::hold(tx, account, holder).await? {
        if row::is_proven(app.vault(), &held)? {
            row::record(tx, &mut held, draft).await?;
            return row::save(app.vault(), tx, &mut held).await;
        }
        tracing::error!(%holder, "a row of the table pins does not prove itself");
    }
    draft.chain = Chain::Brand(draft.brand);
    audit::append(tx, draft).await?;
    Ok(())
}
