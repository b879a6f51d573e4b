//! Use case: the evidence of a brand is read, page by page.

use countersign_domain::access::Permission;
use countersign_domain::account::AccountNumber;
use countersign_domain::audit::{Action, ActorRef, Entry, Outcome};
use countersign_domain::ids::EventId;
use countersign_store::{accounts, audit};

use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;

/// The most events on a page.
pub const LARGEST_PAGE: u32 = 200;

/// What a page is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Events of one account and its people.
    pub account: Option<AccountNumber>,
    /// Events by one actor.
    pub actor: Option<ActorRef>,
    /// Events of one kind.
    pub action: Option<Action>,
    /// Events that came out one way.
    pub outcome: Option<Outcome>,
}

/// A page of the brand's events, newest first, older than `before`.
///
/// # Errors
/// [`AppError::Forbidden`]; [`AppError::NotFound`] for an account that is not there.
pub async fn list(
    app: &App,
    caller: &Caller,
    filter: &Filter,
    before: Option<EventId>,
    limit: u32,
) -> Result<Vec<Entry>, AppError> {
    caller.must(Permission::ReadAudit)?;
    let brand = caller.brand.brand.id;
    app.store()
        .read(async |tx| {
            let account = match &filter.account {
                Some(number) => Some(
                    accounts::find_by_number(tx, brand, number)
                        .await?
                        .ok_or(AppError::NotFound("the account"))?
                        .id,
                ),
                None => None,
            };
            let filter = audit::Filter {
                account,
                actor: filter.actor.map(|actor| actor.to_string()),
                action: filter.action.map(|action| action.as_str().to_owned()),
                outcome: filter.outcome.map(|outcome| outcome.as_str().to_owned()),
                sign_ins_only_of: None,
            };
            Ok(audit::list(tx, brand, &filter, before, limit.clamp(1, LARGEST_PAGE)).await?)
        })
        .await
}
