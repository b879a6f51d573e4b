//! `/healthz`: the process lives. `/readyz`: it can serve, because its database answers.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use http::StatusCode;

use crate::Web;
use crate::error::Problem;

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The two addresses.
pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
}

/// The schema is brought up to date before the server listens, so a database that answers is a ready one.
async fn ready(State(web): State<Web>) -> Result<&'static str, Problem> {
    match tokio::time::timeout(PATIENCE, web.app.reload_directory()).await {
        Ok(Ok(())) => Ok("ready\n"),
        Ok(Err(error)) => Err(error.into()),
        Err(_) => Err(Problem::of_status(StatusCode::SERVICE_UNAVAILABLE)),
    }
}
