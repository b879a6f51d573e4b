//! Use case: staff look at a conversation that somebody else opened. That they did is recorded before it is shown (ASVS
//! 16.3.4), in the account's chain, where its people see it too.

use countersign_domain::access::Sight;
use countersign_domain::audit::Action;
use countersign_store::{Tx, conversations};

use super::open::record;
use super::read::ConversationView;
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;

/// Records that the caller is about to see this; nothing for a conversation of their own.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn record_look(app: &App, caller: &Caller, seen: &ConversationView) -> Result<(), AppError> {
    if seen.sight == Sight::Own {
        return Ok(());
    }
    let (app, caller, id, now) = (app.clone(), caller.clone(), seen.conversation.id, app.now());
    let store = app.store().clone();
    store
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let row = conversations::find(tx, caller.brand.brand.id, id)
                .await?
                .ok_or(AppError::NotFound("the conversation"))?;
            record(&app, tx, &caller, &row, Action::ConversationRead, now).await
        })
        .await
}
