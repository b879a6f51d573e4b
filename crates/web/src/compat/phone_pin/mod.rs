//! The cloud phone-pin API (D7), as programs of that provider's customers and its phone menus speak it. The wire is in
//! `docs/phone-pin-api.md`; what happens behind it is what happens behind our own API and pages.
//!
//! A user is a person, their domain is the account, by its number. `X-Auth-Token` carries a person's token
//! ([`tokens_create`]) or an API client's key. One endpoint, one file.

mod body;
mod caller;
mod fault;
mod phone_pin_reset;
mod phone_pin_unlock;
mod phone_pin_verify;
mod shapes;
mod tokens_create;
mod tokens_validate;
mod typed_pin;
mod user_id;
mod users_change;
mod users_read;

use axum::Router;
use axum::routing::{get, post, put};
use countersign_app::directory::BrandEntry;
use countersign_domain::policy::HeldBy;

use crate::Web;
pub(crate) use fault::Fault;

/// What every address of this API begins with.
pub(crate) const BEGINNING: &str = "/v2.0/";

/// The endpoints.
pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/v2.0/tokens", post(tokens_create::create))
        .route("/v2.0/tokens/{token}", get(tokens_validate::validate))
        .route(
            "/v2.0/users/{id}",
            get(users_read::read).post(users_change::change),
        )
        .route(
            "/v2.0/users/{id}/RAX-AUTH/phone-pin/verify",
            post(phone_pin_verify::verify),
        )
        .route(
            "/v2.0/users/{id}/RAX-AUTH/phone-pin/reset",
            post(phone_pin_reset::reset),
        )
        .route(
            "/v2.0/users/{id}/RAX-AUTH/phone-pin/unlock",
            put(phone_pin_unlock::unlock),
        )
}

/// Whether a brand is served: its people hold the PINs, and its policy does not ask them for the password each time before
/// a PIN is shown or changed, which this wire has no place for (B4).
fn serves(brand: &BrandEntry) -> bool {
    brand.policy.support_pin.held_by == HeldBy::Person
        && !brand.policy.sign_in.security_information_always_asks
}

fn not_served() -> Fault {
    Fault::not_found("No brand at this address serves the phone-pin API.")
}
