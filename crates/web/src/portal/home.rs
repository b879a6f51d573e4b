//! The first page: account number, PIN, latest activity (A3).

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::activity::rows;
use super::visit::PortalVisit;
use crate::page::Away;
use crate::views::portal::Home;
use crate::{Web, demo};

/// The lines of activity on it.
const LINES: usize = 5;

/// Shows it; at a host name of no brand, a demo shows where everything is.
pub(super) async fn show(State(web): State<Web>, visit: Result<PortalVisit, Away>) -> Result<Response, Away> {
    match visit {
        Ok(visit) => show_to(&visit).await,
        Err(Away::Problem(problem)) if web.settings.demo && problem.status == StatusCode::NOT_FOUND => {
            demo::home::draw(&web)
        }
        Err(away) => Ok(away.into_response()),
    }
}

async fn show_to(visit: &PortalVisit) -> Result<Response, Away> {
    let view = Home {
        layout: visit.layout().await?,
        activity: rows(visit, None, LINES).await?.0,
    };
    visit.show(&view)
}
