//! Use case: a program gets a key, which is shown this once.

use std::sync::Arc;

use countersign_domain::api_client::{ApiClient, Scope};
use countersign_domain::audit::{Action, Chain, Channel, Outcome, Subject};
use countersign_domain::contact::AccountName;
use countersign_domain::ids::ApiClientId;
use countersign_store::directory::{self, ApiClientRow};
use countersign_store::{Tx, audit};

use super::{ApiKey, KEY_PREFIX};
use crate::app::App;
use crate::caller::Caller;
use crate::directory::BrandEntry;
use crate::error::AppError;
use crate::token;

/// Creates an API client. Only the command line does.
///
/// # Errors
/// [`AppError::Conflict`] when the brand has a client of that name.
pub async fn create(
    app: &App,
    brand: &Arc<BrandEntry>,
    name: AccountName,
    scopes: Vec<Scope>,
) -> Result<(ApiClientId, ApiKey), AppError> {
    let (app_in, now) = (app.clone(), app.now());
    let key = token::make(app.entropy(), KEY_PREFIX)?;
    let client = ApiClient {
        id: ApiClientId::new(now, app.entropy().bytes()?),
        brand: brand.brand.id,
        name,
        scopes,
        disabled_at: None,
        created_at: now,
    };
    let id = client.id;
    let key_prefix = key.chars().take(KEY_PREFIX.len() + 6).collect();
    let row = ApiClientRow {
        client,
        key_hash: token::digest(&key),
        key_prefix,
    };
    let caller = Caller::system(brand.clone(), Channel::CommandLine);
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            directory::insert_api_client(tx, &row)
                .await
                .map_err(AppError::conflict("the client's name"))?;
            let draft = caller.event(
                app_in.new_event_id(now)?,
                now,
                Chain::Brand(row.client.brand),
                Action::ApiClientCreated,
                Subject::ApiClient(row.client.id),
                Outcome::Done,
            );
            audit::append(tx, draft).await?;
            Ok(())
        })
        .await?;
    app.reload_directory().await?;
    Ok((id, ApiKey(key)))
}
