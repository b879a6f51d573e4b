//! Use case: a program checks the PIN of a person whom it knows by their id, and is told why it does not count (D7).
//!
//! It opens no conversation: whoever asks this way keeps none with us.

use countersign_domain::access::Permission;
use countersign_domain::audit::Channel;
use countersign_domain::ids::{HolderId, PersonId};
use countersign_domain::judge::{PinState, Verdict};
use countersign_domain::pin::Digits;
use countersign_store::Tx;
use countersign_store::pins::Target;

use super::judge::{self, Ask, Ending};
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;
use crate::people::locate::locate_in;

/// How a check came out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PersonVerdict {
    /// It is the person's PIN.
    Verified,
    /// It is not.
    Denied,
    /// The person has none.
    NoPin,
    /// It is locked; nothing was compared.
    Locked,
    /// Nothing was judged.
    Unavailable,
}

/// Checks a PIN. What came out is committed before it is told.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such person; [`AppError::Forbidden`]; [`AppError::ClientBudgetSpent`],
/// [`AppError::ProgramsStopped`].
pub async fn verify_person(
    app: &App,
    caller: &Caller,
    person: PersonId,
    code: Digits,
) -> Result<PersonVerdict, AppError> {
    caller.must(Permission::VerifyCaller)?;
    let (app, caller, now) = (app.clone(), caller.clone(), app.now());
    let store = app.store().clone();
    let watched = app.clone();
    let ended = store
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let who = locate_in(tx, &caller, person).await?;
            let ask = Ask {
                caller: &caller,
                target: Target::Holder(who.account.id, HolderId::Person(person)),
                digits: &code,
                channel: Channel::Api,
                conversation: None,
                now,
            };
            Ok(match judge::judge(&app, tx, &ask).await? {
                Ending::Judged(judged) => {
                    // The stand-in of somebody who is switched off has no say in why.
                    let is_theirs = judged.row.holder == HolderId::Person(person);
                    let none = is_theirs && judged.row.counters.state == PinState::None;
                    Ok((worded(judged.verdict, none), judged.after))
                }
                Ending::Stopped(stopped) => Err(stopped),
            })
        })
        .await?;
    let (verdict, after) = ended?;
    after.carry_out(&watched);
    Ok(verdict)
}

const fn worded(verdict: Verdict, none: bool) -> PersonVerdict {
    match verdict {
        Verdict::Verified => PersonVerdict::Verified,
        Verdict::Denied if none => PersonVerdict::NoPin,
        Verdict::Denied | Verdict::Expired => PersonVerdict::Denied,
        Verdict::Locked => PersonVerdict::Locked,
        Verdict::Unavailable => PersonVerdict::Unavailable,
    }
}
