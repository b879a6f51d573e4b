//! Use case: the activity of an account. Customers see it whole but for what is another person's own: their sign-ins.

use std::collections::HashMap;

use countersign_domain::access::{Actor, Permission};
use countersign_domain::account::AccountNumber;
use countersign_domain::audit::{ActorRef, Entry, Event};
use countersign_domain::ids::{EventId, StaffId};
use countersign_domain::person::Role;
use countersign_store::accounts;
use countersign_store::audit::{self, Filter};

use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;

/// The most events on a page.
pub const LARGEST_PAGE: u32 = 200;

/// An event as the account's people are told of it.
#[derive(Clone, Debug)]
pub struct Line {
    /// What happened.
    pub event: Event,
    /// The name of the member of staff who did it: customers may know who opened their account.
    pub staff_name: Option<String>,
}

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
) -> Result<Vec<Line>, AppError> {
    caller.must(Permission::ReadActivity)?;
    let brand = caller.brand.brand.id;
    app.store()
        .read(async |tx| {
            let account = accounts::find_by_number(tx, brand, number)
                .await?
                .filter(|account| !matches!(caller.actor, Actor::Person { account: own, .. } if own != account.id))
                .ok_or(AppError::NotFound("the account"))?;
            // A member sees their own sign-ins; those who answer for the account see everybody's.
            let sign_ins_only_of = match caller.actor {
                Actor::Person { role: Role::Member, .. } => Some(caller.actor_ref().to_string()),
                _ => None,
            };
            let filter = Filter { account: Some(account.id), sign_ins_only_of, ..Filter::default() };
            let entries = audit::list(tx, brand, &filter, before, limit.clamp(1, LARGEST_PAGE)).await?;
            let mut lines = Vec::with_capacity(entries.len());
            let mut known: HashMap<StaffId, String> = HashMap::new();
            for Entry { event, .. } in entries {
                let staff_name = match event.actor {
                    ActorRef::Staff(id) => Some(match known.get(&id) {
                        Some(name) => name.clone(),
                        None => {
                            let name = staff::find(tx, id).await?.map(|member| member.name.as_str().to_owned());
                            known.entry(id).or_insert(name.unwrap_or_default()).clone()
                        }
                    }),
                    _ => None,
                };
                lines.push(Line { event, staff_name });
            }
            Ok(lines)
        })
        .await
}
