//! Looks at the judge's clock every few seconds, so that nodes agree and a jump of a clock is noticed.

use std::future::Future;
use std::sync::Arc;

use countersign_store::Store;

use crate::node_clock::{LOOK_EVERY, NodeClock};

/// Looks for as long as the server runs, and leaves a mark of when it ended.
pub async fn run(store: Store, clock: Arc<NodeClock>, shutdown: impl Future<Output = ()>) {
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        if let Err(error) = clock.look_again(&store).await {
            tracing::error!(%error, "the clock of the database could not be read; time goes on by the last look");
        }
        tokio::select! {
            () = &mut shutdown => break,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
    if let Err(error) = clock.mark(&store).await {
        tracing::warn!(%error, "when the server ended could not be noted");
    }
}
