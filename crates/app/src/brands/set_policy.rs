//! Use case: a brand gets another policy; it is in force at once here, and within half a second on every node.

use countersign_domain::access::Permission;
use countersign_domain::audit::{Action, Chain, Outcome, Subject};
use countersign_store::directory::{self, PolicyRow};
use countersign_store::{Tx, audit};

use super::create::check_policy;
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;

/// Puts a policy in force and tells its version.
///
/// # Errors
/// [`AppError::Invalid`] naming every wrong field; [`AppError::Conflict`] when someone else changed it first;
/// [`AppError::Forbidden`].
pub async fn set_policy(app: &App, caller: &Caller, document: &str) -> Result<u64, AppError> {
    caller.must(Permission::ManagePolicy)?;
    check_policy(document)?;
    let (app_in, caller, now) = (app.clone(), caller.clone(), app.now());
    let brand = caller.brand.brand.id;
    let row = PolicyRow {
        brand,
        version: caller.brand.policy_version + 1,
        document: document.to_owned(),
    };
    let version = row.version;
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            directory::insert_policy(tx, &row, now, &caller.actor_ref().to_string())
                .await
                .map_err(AppError::conflict("this version of the policy"))?;
            let draft = caller.event(
                app_in.new_event_id(now)?,
                now,
                Chain::Brand(brand),
                Action::PolicyChanged,
                Subject::Brand(brand),
                Outcome::Done,
            );
            audit::append(tx, draft).await?;
            Ok(())
        })
        .await?;
    app.reload_directory().await?;
    Ok(version)
}
