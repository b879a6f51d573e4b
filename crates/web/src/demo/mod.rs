//! The pages of the demo: everything that a real server would never show.

pub(crate) mod home;
mod info;
mod outbox;
mod phone;

use axum::Router;
use axum::routing::get;

use crate::Web;

pub use info::{DemoAuthenticator, DemoInfo, DemoPortal, DemoStaff};

/// The addresses of these pages. They exist only on a demo.
pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/demo", get(home::show))
        .route("/demo/phone", get(phone::show))
        .route("/demo/outbox.json", get(outbox::show))
}
