//! Version 1: one endpoint, one file, its description beside it.

mod accounts_create;
mod accounts_read;
mod accounts_search;
mod actions_list;
mod audit_events;
mod conversations_close;
mod conversations_create;
mod conversations_read;
mod one_time_pins;
mod people_create;
mod people_list;
mod people_read;
mod support_pin_reset;
mod support_pin_set;
mod support_pin_state;
mod support_pin_unlock;
mod verifications;
mod verify;

mod shapes;

use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::document::{Document, add_common_failures};
use crate::Web;

/// All endpoints with their descriptions.
pub(crate) fn endpoints() -> OpenApiRouter<Web> {
    let mut endpoints = OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(verify::verify))
        .routes(routes!(conversations_create::create))
        .routes(routes!(conversations_read::read))
        .routes(routes!(verifications::submit))
        .routes(routes!(one_time_pins::send))
        .routes(routes!(conversations_close::close))
        .routes(routes!(actions_list::list))
        .routes(routes!(accounts_search::search, accounts_create::create))
        .routes(routes!(accounts_read::read))
        .routes(routes!(people_list::list, people_create::create))
        .routes(routes!(people_read::read))
        .routes(routes!(
            support_pin_state::of_account,
            support_pin_set::of_account
        ))
        .routes(routes!(support_pin_reset::of_account))
        .routes(routes!(support_pin_unlock::of_account))
        .routes(routes!(support_pin_state::of_person, support_pin_set::of_person))
        .routes(routes!(support_pin_reset::of_person))
        .routes(routes!(support_pin_unlock::of_person))
        .routes(routes!(audit_events::list));
    add_common_failures(endpoints.get_openapi_mut());
    endpoints
}
