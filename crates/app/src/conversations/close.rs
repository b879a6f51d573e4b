//! Use case: a conversation ends, and with it everything that it proved.

use countersign_domain::access::Permission;
use countersign_domain::audit::Action;
use countersign_domain::conversation::Command;
use countersign_domain::ids::ConversationId;
use countersign_store::{Tx, conversations, one_time_pins};

use super::open::record;
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;
use crate::idempotency::{self, IdempotencyKey};

/// Closes a conversation. Closing it again changes nothing and is no error.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Forbidden`].
pub async fn close(
    app: &App,
    caller: &Caller,
    id: ConversationId,
    key: Option<IdempotencyKey>,
) -> Result<(), AppError> {
    caller.must(Permission::CloseConversation)?;
    let (app, caller, now) = (app.clone(), caller.clone(), app.now());
    let store = app.store().clone();
    store
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            if let Some(answer) = idempotency::replay(&app, tx, &caller, key.as_ref(), now).await? {
                return Ok(answer);
            }
            let row = conversations::hold(tx, caller.brand.brand.id, id)
                .await?
                .ok_or(AppError::NotFound("the conversation"))?;
            if let Ok(decision) = row.conversation.decide(Command::Close, now) {
                conversations::save_stage(tx, &row, decision.next).await?;
                one_time_pins::end_of_conversation(tx, id, now).await?;
                record(&app, tx, &caller, &row, Action::ConversationClosed, now).await?;
            }
            idempotency::keep(tx, &caller, key.as_ref(), &()).await
        })
        .await
}
