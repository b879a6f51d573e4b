//! Finds the program that a key belongs to, in the directory's copy: no question to the database.

use std::sync::Arc;

use countersign_domain::api_client::ApiClient;

use crate::app::App;
use crate::directory::BrandEntry;
use crate::token;

/// The longest text that is looked at as a key.
const LONGEST_KEY: usize = 128;

/// The client whose key this is, and its brand. A disabled one is gone within [`crate::directory::WATCH_EVERY`].
#[must_use]
pub fn authenticate(app: &App, key: &str) -> Option<(Arc<ApiClient>, Arc<BrandEntry>)> {
    if key.len() > LONGEST_KEY {
        return None;
    }
    app.directory().current().client(&token::digest(key))
}
