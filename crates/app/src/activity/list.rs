//! Use case: the activity of an account. Customers see it whole but for what is another person's own: their sign-ins.

use countersign_domain::access::{Actor, Permission};
use countersign_domain::account::AccountNumber;
use countersign_domain::audit::{Action, ActorRef, Event};
use countersign_domain::ids::EventId;
use countersign_domain::person::Role;
use countersign_store::accounts;
use countersign_store::audit::{self, Filter};

use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;

/// The most events on a page.
pub const LARGEST_PAGE: u32 = 200;

/// A page of an account's events, newest first, older than `before`.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Forbidden`].
pub async fn list(
    app: &App,
    caller: &Caller,
    number: &AccountNumber,
    before: Option<EventId>,
    limit: u32,
) -> Result<Vec<Event>, AppError> {
    caller.must(Permission::ReadActivity)?;
    let brand = caller.brand.brand.id;
    app.store()
        .read(async |tx| {
            let account = accounts::find_by_number(tx, brand, number)
                .await?
                .filter(|account| !matches!(caller.actor, Actor::Person { account: own, .. } if own != account.id))
                .ok_or(AppError::NotFound("the account"))?;
            let filter = Filter { account: Some(account.id), ..Filter::default() };
            let entries = audit::list(tx, brand, &filter, before, limit.clamp(1, LARGEST_PAGE)).await?;
            Ok(entries.into_iter().map(|entry| entry.event).filter(|event| is_for(caller, event)).collect())
        })
        .await
}

/// A member sees their own sign-ins; those who answer for the account see everybody's.
fn is_for(caller: &Caller, event: &Event) -> bool {
    let private = matches!(
        event.action,
        Action::SessionStarted
            | Action::SessionEnded
            | Action::SessionsEndedEverywhere
            | Action::SignInRefused
    );
    match caller.actor {
        Actor::Person {
            id,
            role: Role::Member,
            ..
        } if private => event.actor == ActorRef::Person(id),
        _ => true,
    }
}
