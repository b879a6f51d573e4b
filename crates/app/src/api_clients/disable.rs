//! Use case: a program's key is refused from now on.

use std::sync::Arc;

use countersign_domain::audit::{Action, Chain, Channel, Outcome, Subject};
use countersign_domain::contact::AccountName;
use countersign_domain::ids::ApiClientId;
use countersign_store::{Tx, audit, directory};

use crate::app::App;
use crate::caller::Caller;
use crate::directory::BrandEntry;
use crate::error::AppError;

/// Disables the brand's API client of this name. Only the command line does.
///
/// # Errors
/// [`AppError::NotFound`] when the brand has no such client, or it is disabled already.
pub async fn disable(
    app: &App,
    brand: &Arc<BrandEntry>,
    name: &AccountName,
) -> Result<ApiClientId, AppError> {
    const NOT_THERE: AppError = AppError::NotFound("a program of this name whose key is in force");
    let (app_in, now, name) = (app.clone(), app.now(), name.clone());
    let caller = Caller::system(brand.clone(), Channel::CommandLine);
    let id = app
        .store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            let home = caller.brand.brand.id;
            let id = directory::list_api_clients(tx)
                .await?
                .into_iter()
                .map(|row| row.client)
                .find(|client| client.brand == home && client.name.as_str() == name.as_str())
                .ok_or(NOT_THERE)?
                .id;
            if !directory::disable_api_client(tx, id, now).await? {
                return Err(NOT_THERE);
            }
            let draft = caller.event(
                app_in.new_event_id(now)?,
                now,
                Chain::Brand(home),
                Action::ApiClientDisabled,
                Subject::ApiClient(id),
                Outcome::Done,
            );
            audit::append(tx, draft).await?;
            Ok(id)
        })
        .await?;
    app.reload_directory().await?;
    Ok(id)
}
