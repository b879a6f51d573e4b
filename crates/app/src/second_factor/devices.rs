//! Use cases: remembered devices are listed and removed by their owner (C4). How one is remembered and shown is part of
//! signing in.

use countersign_domain::audit::{Action, Detail, DetailKey, Outcome};
use countersign_domain::factor::device::{Device, DeviceDecision, Shown};
use countersign_domain::ids::DeviceId;
use countersign_domain::time::Timestamp;
use countersign_store::devices::{self, DeviceRow};
use countersign_store::{Tx, second_factors};

use super::notice::{self, Notice};
use super::visitor::Visitor;
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;
use crate::token;

/// A remembered device as its owner sees it in a list.
#[derive(Clone, Debug)]
pub struct ListedDevice {
    /// Its id.
    pub id: DeviceId,
    /// Browser and system, in words.
    pub browser: String,
    /// When it was remembered.
    pub created_at: Timestamp,
    /// When it last stood in for the second factor.
    pub last_used_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Whether it is the one that shows this list.
    pub this_one: bool,
}

/// The caller's remembered devices that still count, newest first. `shown` is the device's token that the browser sent, if it
/// sent one.
///
/// # Errors
/// [`AppError::Unavailable`]; [`AppError::NotFound`] for a program.
pub async fn list(app: &App, caller: &Caller, shown: Option<&str>) -> Result<Vec<ListedDevice>, AppError> {
    let (now, digest) = (app.now(), shown.map(token::digest));
    app.store()
        .read::<_, AppError, _>(async |tx| {
            let visitor = Visitor::of_caller(app, tx, caller).await?;
            let row = second_factors::find(tx, visitor.id()).await?;
            let generation = row.map_or(0, |row| row.generation);
            let this = match digest {
                Some(digest) => devices::find_by_token(tx, &digest).await?.map(|(row, _)| row.id),
                None => None,
            };
            let rows = devices::list(tx, visitor.id()).await?;
            let counts =
                |row: &DeviceRow| row.device.decide(Shown::Newest, generation, now) == DeviceDecision::Passes;
            Ok(rows
                .into_iter()
                .filter(counts)
                .map(|row| ListedDevice {
                    this_one: this == Some(row.id),
                    id: row.id,
                    browser: row.browser,
                    created_at: row.created_at,
                    last_used_at: row.last_used_at,
                    expires_at: row.device.expires_at,
                })
                .collect())
        })
        .await
}

/// Removes one of the caller's remembered devices.
///
/// # Errors
/// [`AppError::NotFound`] when it is not theirs, or was removed already.
pub async fn remove(app: &App, caller: &Caller, id: DeviceId) -> Result<(), AppError> {
    let (app_in, caller, now) = (app.clone(), caller.clone(), app.now());
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let visitor = Visitor::of_caller(&app_in, tx, &caller).await?;
            if !devices::end(tx, visitor.id(), id, now).await? {
                return Err(AppError::NotFound("the device"));
            }
            record_removed(&app_in, tx, &visitor, 1, "removed", now).await
        })
        .await
}

/// Removes all of the caller's remembered devices and tells how many.
///
/// # Errors
/// [`AppError::Unavailable`]; [`AppError::NotFound`] for a program.
pub async fn remove_all(app: &App, caller: &Caller) -> Result<u64, AppError> {
    let (app_in, caller, now) = (app.clone(), caller.clone(), app.now());
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let visitor = Visitor::of_caller(&app_in, tx, &caller).await?;
            let ended = devices::end_all(tx, visitor.id(), now).await?;
            record_removed(&app_in, tx, &visitor, ended, "removed", now).await?;
            Ok(ended)
        })
        .await
}

async fn record_removed(
    app: &App,
    tx: &mut Tx,
    visitor: &Visitor,
    count: u64,
    reason: &str,
    now: Timestamp,
) -> Result<(), AppError> {
    let detail = Detail::none()
        .with(DetailKey::Count, count.to_string())
        .with(DetailKey::Reason, reason);
    visitor
        .record(app, tx, (Action::DeviceRemoved, Outcome::Done), detail, now)
        .await
}

/// Remembers the device that has just proved the second factor. False where the policy remembers none.
pub(crate) async fn remember(
    app: &App,
    tx: &mut Tx,
    visitor: &Visitor,
    (generation, browser): (u64, &str),
    token_hash: &[u8; 32],
    now: Timestamp,
) -> Result<bool, AppError> {
    let Some(device) = Device::remembered(generation, visitor.rules.remember_days, now) else {
        return Ok(false);
    };
    let row = DeviceRow {
        id: DeviceId::new(now, app.entropy().bytes()?),
        subject: visitor.id(),
        browser: browser.to_owned(),
        created_at: now,
        last_used_at: now,
        device,
    };
    devices::insert(tx, &row, token_hash).await?;
    visitor
        .record(
            app,
            tx,
            (Action::DeviceRemembered, Outcome::Done),
            Detail::none(),
            now,
        )
        .await?;
    Ok(true)
}

/// Whether the token that a browser showed stands in for the second factor now. If so, `new_hash` has taken its place. A copy
/// ends the family and its owner is told (E46).
pub(crate) async fn stands_in(
    app: &App,
    tx: &mut Tx,
    visitor: &Visitor,
    generation: u64,
    (shown_hash, new_hash): (&[u8; 32], &[u8; 32]),
    now: Timestamp,
) -> Result<bool, AppError> {
    let Some((row, shown)) = devices::find_by_token(tx, shown_hash).await? else {
        return Ok(false);
    };
    // Another's device says nothing about this subject, and this sign-in says nothing about theirs.
    if row.subject != visitor.id() || visitor.rules.remember_days == 0 {
        return Ok(false);
    }
    let replaced = match row.device.decide(shown, generation, now) {
        DeviceDecision::Passes => {
            devices::replace_token(tx, (row.id, generation), shown_hash, new_hash, now).await?
        }
        DeviceDecision::AskAgain => return Ok(false),
        DeviceDecision::EndFamily => false,
    };
    if replaced {
        return Ok(true);
    }
    // Replaced before, or by another sign-in at this very moment: two hold the token.
    if devices::end(tx, visitor.id(), row.id, now).await? {
        record_removed(app, tx, visitor, 1, "copied", now).await?;
        notice::enqueue(app, tx, visitor, Notice::DeviceCopied, now).await?;
    }
    Ok(false)
}
