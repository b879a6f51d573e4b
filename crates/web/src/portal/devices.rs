//! Removing remembered devices, one or all (C4). The list stands on *Security*.

use axum::response::Response;
use countersign_app::AppError;
use countersign_app::second_factor::devices::{remove, remove_all};
use countersign_domain::ids::DeviceId;
use http::StatusCode;

use super::visit::PortalVisit;
use crate::error::Problem;
use crate::page::{Away, Cookie, Sent, with_cookie};
use crate::views::layout::News;
use crate::views::security::{SecurityDeed, SecurityQuestion};

const LIST: &str = "/security";

/// Removes one.
pub(super) async fn remove_one(Sent { visit, form }: Sent<PortalVisit>) -> Result<Response, Away> {
    let id: DeviceId = form
        .text("device")
        .parse()
        .map_err(|_| Problem::of_status(StatusCode::BAD_REQUEST))?;
    match remove(&visit.web.app, &visit.caller, id).await {
        // One that is gone already is what they asked for.
        Ok(()) | Err(AppError::NotFound(_)) => Ok(visit.go(LIST, News::DeviceRemoved)),
        Err(error) => Err(error.into()),
    }
}

/// Asks before all are removed.
pub(super) async fn ask_all(visit: PortalVisit) -> Result<Response, Away> {
    visit.show(&SecurityQuestion {
        layout: visit.layout().await?,
        deed: SecurityDeed::RemoveDevices,
    })
}

/// Removes them all, this one too.
pub(super) async fn all(Sent { visit, .. }: Sent<PortalVisit>) -> Result<Response, Away> {
    remove_all(&visit.web.app, &visit.caller).await?;
    let response = visit.go(LIST, News::DevicesRemoved);
    Ok(with_cookie(
        response,
        Cookie::Device.clear(visit.web.settings.https),
    ))
}
