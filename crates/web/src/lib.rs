//! HTTP: the API, the portal, the desk.
//!
//! A handler reads its request into domain types (`extract`), calls one function of `app`, and shapes the answer. Rights
//! stand in its signature ([`extract::May`]); statuses are chosen in [`error`] and nowhere else; what every request goes
//! through (ids, time limits, headers, metrics) is in `around`.
//!
//! To add an endpoint of the API: a file in `api/v1` with the handler and its description beside it, a line in
//! `api/v1/mod.rs`, and a row in `tests/rights.rs`, which fails until it is there. Other systems' wires are in `compat`.

mod api;
mod around;
mod assets;
mod compat;
mod demo;
mod desk;
pub mod error;
pub mod extract;
mod gateways;
mod network;
mod ops;
mod page;
mod portal;
mod state;
pub mod views;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;

pub use api::openapi;
pub use demo::{DemoAuthenticator, DemoInfo, DemoPortal, DemoStaff};
pub use network::{Network, NetworkError};
pub use ops::metrics::Metrics;
pub use state::{Settings, Web};

/// The largest body that is read, in bytes: nothing that people or programs send here is longer.
pub const LARGEST_BODY: usize = 16 * 1024;

/// Everything that the public listener answers: the API, the pages, and whether the server lives and is ready.
///
/// The server hands it connections with [`axum::extract::ConnectInfo`], from which the client's address is read.
pub fn router(web: Web) -> Router {
    // The API's routes stay bare of what only pages need: verifying is the hot path.
    let programs = api::routes()
        .merge(compat::phone_pin::routes())
        .merge(ops::health::routes())
        .merge(gateways::routes());
    let mut pages = portal::routes()
        .merge(desk::routes())
        .merge(api::reader::routes());
    if web.settings.demo {
        pages = pages.merge(demo::routes());
    }
    let pages = pages
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(CsrfLayer::new())
        .layer(CompressionLayer::new());
    carried(programs.merge(pages), web)
}

/// Puts around routes what every request goes through: its id, its own task, time limit, headers, metrics, and problems
/// for what failed.
pub fn carried(routes: Router<Web>, web: Web) -> Router {
    routes
        .fallback(error::no_such_address)
        .method_not_allowed_fallback(error::no_such_method)
        .layer(from_fn_with_state(web.clone(), around::carry))
        .with_state(web)
}

/// Everything that the operators' listener answers: `/metrics`, `/healthz`, `/readyz`.
pub fn operations(web: Web) -> Router {
    carried(ops::metrics::routes().merge(ops::health::routes()), web)
}
