//! Staff who unlock or renew a customer's PIN do it in a conversation that somebody else opened (security.md 1.5): whoever
//! talks with the caller is the one whom a false caller talks into it.

use countersign_domain::ids::ConversationId;
use countersign_store::{Tx, conversations};

use super::holder::Found;
use crate::caller::Caller;
use crate::error::AppError;

/// Refuses unless the conversation is about the holder's account, goes on, and was opened by somebody else.
pub(super) async fn must_be_anothers(
    tx: &mut Tx,
    caller: &Caller,
    found: &Found,
    conversation: ConversationId,
) -> Result<(), AppError> {
    let row = conversations::find(tx, caller.brand.brand.id, conversation)
        .await?
        .filter(|row| row.conversation.account == found.account.id)
        .ok_or(AppError::NotFound("the conversation"))?;
    if !row.conversation.is_open() {
        return Err(AppError::ConversationClosed);
    }
    if row.opened_by == caller.actor_ref() {
        return Err(AppError::PolicyRefuses(
            "you opened this conversation yourself: somebody else has to unlock or renew its PIN",
        ));
    }
    Ok(())
}
