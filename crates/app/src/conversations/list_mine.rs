//! Use case: the conversations that an agent has open.

use countersign_domain::access::{Actor, Permission};
use countersign_domain::account::Account;
use countersign_domain::conversation::Conversation;
use countersign_store::{accounts, conversations};

use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;

/// The agent's open conversations at this brand, newest first, at most 20.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn list_mine(app: &App, caller: &Caller) -> Result<Vec<(Conversation, Account)>, AppError> {
    caller.must(Permission::ReadConversation)?;
    let Actor::Staff { id, .. } = caller.actor else {
        return Ok(Vec::new());
    };
    app.store()
        .read(async |tx| {
            let mut mine = Vec::new();
            for row in conversations::list_open_of_staff(tx, id, 20).await? {
                if row.conversation.brand == caller.brand.brand.id
                    && let Some(account) = accounts::find(tx, row.conversation.account).await?
                {
                    mine.push((row.conversation, account));
                }
            }
            Ok(mine)
        })
        .await
}
