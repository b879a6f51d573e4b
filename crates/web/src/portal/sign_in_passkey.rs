//! Signing in with a passkey alone: no name, no password, no code.

use axum::extract::State;
use axum::response::Response;
use countersign_app::AppError;
use countersign_app::sign_in::Place;
use http::HeaderMap;

use super::sign_in::{again, end_old, own_path};
use crate::Web;
use crate::error::Problem;
use crate::extract::AtBrand;
use crate::page::passkey::{begin_alone, ceremony, passkey_problem, sign_in_alone};
use crate::page::{Away, Door, Fetched, Sent, page_about};
use crate::views::layout::Face;
use crate::views::portal::SignInError;

/// Hands the options to the page's script.
pub(super) async fn begin(AtBrand(brand): AtBrand, Fetched(door): Fetched<Door>) -> Result<Response, Away> {
    let site = door.web.settings.site_of(&brand.brand);
    begin_alone(&door, site, Place::Portal(brand.brand.id)).await
}

/// Takes the browser's answer. A session that the browser already had ends, so that none is taken over.
pub(super) async fn submit(
    State(web): State<Web>,
    AtBrand(brand): AtBrand,
    headers: HeaderMap,
    Sent { visit: door, form }: Sent<Door>,
) -> Result<Response, Away> {
    let next = own_path(form.text("next")).unwrap_or("/");
    let at = (web.settings.site_of(&brand.brand), Place::Portal(brand.brand.id));
    match sign_in_alone(&door, at, ceremony(&headers, web.settings.https), &form).await? {
        Ok(signed_in) => {
            end_old(&web, &brand, &headers).await?;
            Ok(door.enter(Face::Portal, &signed_in, next))
        }
        Err(why) => {
            let error = SignInError::Passkey(passkey_problem(why));
            page_about(
                &Problem::from(AppError::SignInRefused),
                &again(&door, "", next, error),
            )
        }
    }
}
