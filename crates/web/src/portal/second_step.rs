//! The second step of signing in (C4–C6).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use countersign_app::directory::BrandEntry;
use countersign_app::sign_in::Place;
use http::HeaderMap;

use super::sign_in::{end_old, own_path};
use crate::Web;
use crate::extract::{AtBrand, Query};
use crate::page::passkey::ceremony;
use crate::page::second_step::{Asked, Came, Step};
use crate::page::{Away, Door, Fetched, Sent};
use crate::views::layout::Face;

/// The step in this brand's portal.
pub(super) fn step(brand: &Arc<BrandEntry>) -> Step {
    Step {
        face: Face::Portal,
        place: Place::Portal(brand.brand.id),
    }
}

/// Shows the page.
pub(super) async fn show(
    AtBrand(brand): AtBrand,
    door: Door,
    Query(asked): Query<Asked>,
) -> Result<Response, Away> {
    let then = own_path(&asked.then).unwrap_or_default();
    step(&brand).show(&door, &asked, then).await
}

/// Takes a code, and opens the portal when it is right.
pub(super) async fn submit(
    State(web): State<Web>,
    AtBrand(brand): AtBrand,
    headers: HeaderMap,
    Sent { visit: door, form }: Sent<Door>,
) -> Result<Response, Away> {
    let then = own_path(form.text("next")).unwrap_or_default();
    match step(&brand).submit(&door, &form, then).await? {
        Came::Shown(response) => Ok(response),
        Came::In(signed_in) => {
            end_old(&web, &brand, &headers).await?;
            let path = if then.is_empty() { "/" } else { then };
            Ok(door.enter(Face::Portal, &signed_in, path))
        }
    }
}

/// Hands the options of a passkey's ceremony to the page's script.
pub(super) async fn begin_passkey(
    AtBrand(brand): AtBrand,
    Fetched(door): Fetched<Door>,
) -> Result<Response, Away> {
    step(&brand).begin_passkey(&door).await
}

/// Takes a passkey, and opens the portal when it counts.
pub(super) async fn submit_passkey(
    State(web): State<Web>,
    AtBrand(brand): AtBrand,
    headers: HeaderMap,
    Sent { visit: door, form }: Sent<Door>,
) -> Result<Response, Away> {
    let then = own_path(form.text("next")).unwrap_or_default();
    match step(&brand)
        .submit_passkey(&door, ceremony(&headers, web.settings.https), &form, then)
        .await?
    {
        Came::Shown(response) => Ok(response),
        Came::In(signed_in) => {
            end_old(&web, &brand, &headers).await?;
            let path = if then.is_empty() { "/" } else { then };
            Ok(door.enter(Face::Portal, &signed_in, path))
        }
    }
}

/// Sends a code by SMS (C5).
pub(super) async fn send_sms(
    AtBrand(brand): AtBrand,
    Sent { visit: door, form }: Sent<Door>,
) -> Result<Response, Away> {
    let then = own_path(form.text("next")).unwrap_or_default();
    step(&brand).send_sms(&door, then).await
}
