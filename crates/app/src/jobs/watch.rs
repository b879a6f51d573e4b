//! Keeps the directory's copy fresh, and forgets what is kept for a time only.

use std::future::Future;
use std::time::Duration;

use countersign_store::{Tx, idempotency};

use crate::app::App;
use crate::directory::WATCH_EVERY;
use crate::error::AppError;
use crate::idempotency::KEPT_HOURS;

/// How many looks at the directory lie between two clean-ups.
const LOOKS_BETWEEN_CLEANING: u32 = 1_200;

/// Watches for as long as the server runs.
pub async fn run(app: App, shutdown: impl Future<Output = ()>) {
    let mut shutdown = std::pin::pin!(shutdown);
    let mut looks = 0_u32;
    loop {
        tokio::select! {
            () = &mut shutdown => return,
            () = tokio::time::sleep(WATCH_EVERY) => {}
        }
        if let Err(error) = app.reload_directory().await {
            tracing::error!(%error, "brands, policies and API clients could not be read again; the old ones stay in force");
        }
        looks = looks.wrapping_add(1);
        if looks.is_multiple_of(LOOKS_BETWEEN_CLEANING)
            && let Err(error) = forget(&app).await
        {
            tracing::error!(%error, "old idempotency keys could not be forgotten");
        }
    }
}

/// Forgets idempotency keys that are older than the time for which they are kept.
///
/// # Errors
/// [`AppError::Unavailable`].
pub async fn forget(app: &App) -> Result<(), AppError> {
    let before = app.now().minus(Duration::from_secs(KEPT_HOURS * 3600));
    app.store()
        .write::<_, AppError, _>(async move |tx: &mut Tx| {
            idempotency::forget_before(tx, before).await?;
            Ok(())
        })
        .await
}
