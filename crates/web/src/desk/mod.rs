//! The pages of the desk. One page, one file; what they share is `visit` (who works, at which brand) and `shapes`.
//!
//! To add a page: its view in `views/desk.rs`, a file here whose handler takes a [`visit::DeskVisit`], or, to change
//! something, `Sent<DeskVisit>`; a line below; a row in `tests/pages/forms.rs`, which fails until it is there.

mod brand;
mod care;
mod close;
mod codes;
mod conversation;
mod keep_alive;
mod one_time_pins;
mod open;
mod panel;
mod provider;
mod reset_pin;
mod search;
mod second_factor;
mod second_step;
mod shapes;
mod sign_in;
mod sign_in_passkey;
mod sign_out;
mod unlock;
mod verify;
mod visit;

use axum::Router;
use axum::routing::{get, post};

use crate::Web;

/// The addresses of these pages.
pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/desk", get(search::show))
        .route("/desk/sign-in", get(sign_in::show).post(sign_in::submit))
        .route(
            "/desk/sign-in/code",
            get(second_step::show).post(second_step::submit),
        )
        .route("/desk/oidc/begin", post(provider::leave))
        .route("/desk/oidc/callback", get(provider::come_back))
        .route("/desk/sign-in/code/passkey", post(second_step::submit_passkey))
        .route(
            "/desk/sign-in/code/passkey/begin",
            post(second_step::begin_passkey),
        )
        .route("/desk/sign-in/sms", post(second_step::send_sms))
        .route("/desk/sign-in/passkey", post(sign_in_passkey::submit))
        .route("/desk/sign-in/passkey/begin", post(sign_in_passkey::begin))
        .route(
            "/desk/second-factor",
            get(second_factor::show).post(second_factor::confirm),
        )
        .route("/desk/second-factor/begin", post(second_factor::begin))
        .route("/desk/second-factor/passkey", post(second_factor::add_passkey))
        .route(
            "/desk/second-factor/passkey/begin",
            post(second_factor::begin_passkey),
        )
        .route("/desk/second-factor/codes", post(second_factor::file))
        .route("/desk/sign-out", post(sign_out::submit))
        .route("/desk/search", get(search::again).post(search::submit))
        .route("/desk/brand", post(brand::submit))
        .route("/desk/conversations", post(open::submit))
        .route("/desk/conversations/{id}", get(conversation::show))
        .route("/desk/conversations/{id}/verify", post(verify::submit))
        .route(
            "/desk/conversations/{id}/one-time-pins",
            post(one_time_pins::send),
        )
        .route(
            "/desk/conversations/{id}/one-time-pins/check",
            post(one_time_pins::check),
        )
        .route(
            "/desk/conversations/{id}/one-time-pins/live",
            get(one_time_pins::live),
        )
        .route("/desk/conversations/{id}/close", post(close::submit))
        .route(
            "/desk/conversations/{id}/unlock",
            get(unlock::show).post(unlock::submit),
        )
        .route(
            "/desk/conversations/{id}/reset-pin",
            get(reset_pin::show).post(reset_pin::submit),
        )
        .route("/desk/session/keep-alive", post(keep_alive::submit))
}
