//! Working for another brand from now on.

use axum::response::Response;
use countersign_domain::ids::BrandId;

use super::visit::DeskVisit;
use crate::error::Problem;
use crate::page::{Away, Cookie, Sent, with_cookie};
use crate::views::layout::News;

/// Switches. Which brands are granted is asked at every request anew; the cookie only says which of them is shown.
pub(super) async fn submit(Sent { visit, form }: Sent<DeskVisit>) -> Result<Response, Away> {
    let brand = form
        .text("brand")
        .parse::<BrandId>()
        .ok()
        .filter(|brand| visit.works_for(*brand))
        .ok_or_else(|| Problem::not_found("there is no such brand for you"))?;
    let response = visit.go("/desk", News::BrandSwitched);
    let cookie = Cookie::DeskBrand.set(&brand.to_string(), visit.web.settings.https);
    Ok(with_cookie(response, cookie))
}
