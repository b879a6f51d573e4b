//! Finds the program that a key belongs to, in the directory's copy: for a key that it knows, no question to the database.

use std::sync::Arc;

use countersign_domain::api_client::ApiClient;

use crate::app::App;
use crate::directory::BrandEntry;
use crate::error::AppError;
use crate::token;

/// The longest text that is looked at as a key.
const LONGEST_KEY: usize = 128;

/// The client whose key this is, and its brand. A disabled one is gone within [`crate::directory::WATCH_EVERY`]; a new one is
/// known at once: before a key is called unknown, the directory is looked at again.
///
/// # Errors
/// [`AppError::Unavailable`] when that is not possible.
pub async fn authenticate(
    app: &App,
    key: &str,
) -> Result<Option<(Arc<ApiClient>, Arc<BrandEntry>)>, AppError> {
    if key.len() > LONGEST_KEY {
        return Ok(None);
    }
    let digest = token::digest(key);
    if let Some(known) = app.directory().current().client(&digest) {
        return Ok(Some(known));
    }
    app.reload_directory().await?;
    Ok(app.directory().current().client(&digest))
}
