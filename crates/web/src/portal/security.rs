//! *Security*: how the second factor stands, which devices are remembered, where the person is signed in (C1, C4).

use axum::response::Response;
use countersign_app::second_factor::devices;
use countersign_app::second_factor::overview::overview;
use countersign_app::sign_in::session::list;

use super::visit::PortalVisit;
use crate::page::{Away, moment};
use crate::views::security::{DeviceRow, Security, SessionRow};

/// Shows it: this device and this session first.
pub(super) async fn show(visit: PortalVisit) -> Result<Response, Away> {
    let layout = visit.layout().await?;
    let (app, caller) = (&visit.web.app, &visit.caller);
    let seen = overview(app, caller).await?;
    let mut sessions = list(app, caller).await?;
    sessions.sort_by_key(|session| session.id != visit.session.id);
    let mut devices = devices::list(app, caller, visit.device.as_deref()).await?;
    devices.sort_by_key(|device| !device.this_one);
    visit.show(&Security {
        layout,
        second_factor: seen.factors.totp || seen.factors.passkeys > 0,
        remember_days: seen.remember_days.into(),
        devices: devices
            .into_iter()
            .map(|device| DeviceRow {
                id: device.id.to_string(),
                browser: device.browser,
                first_used: moment(device.created_at),
                last_used: moment(device.last_used_at),
                ends: moment(device.expires_at),
                this_device: device.this_one,
            })
            .collect(),
        sessions: sessions
            .into_iter()
            .map(|session| SessionRow {
                this_session: session.id == visit.session.id,
                id: session.id.to_string(),
                browser: session.browser,
                started: moment(session.created_at),
                last_used: moment(session.last_seen_at),
            })
            .collect(),
    })
}
