//! The pages of the portal. One page, one file; what they share is `visit` (who reads, the frame) and `support_pin`.
//!
//! To add a page: its view in `views/portal.rs`, a file here whose handler takes a [`visit::PortalVisit`], or, to change
//! something, `Sent<PortalVisit>`; a line below; a row in `tests/pages/forms.rs`, which fails until it is there.

mod account_settings;
mod activity;
mod backup_codes;
mod devices;
mod home;
mod join;
mod keep_alive;
mod passkeys;
mod password;
mod profile;
mod prove;
mod reset_password;
mod reveal;
mod second_step;
mod security;
mod security_information;
mod sessions;
mod sign_in;
mod sign_in_passkey;
mod sign_out;
mod support_pin;
mod team;
mod team_invite;
mod team_person;
mod team_phone;
mod team_pin;
mod two_factor;
mod unlock;
mod users;
pub(crate) mod visit;

use axum::Router;
use axum::routing::{get, post};

use crate::{Web, assets};

pub(crate) use crate::page::error_page;
pub(crate) use visit::person_role;

/// The addresses of these pages.
pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/", get(home::show))
        .route("/sign-in", get(sign_in::show).post(sign_in::submit))
        .route("/sign-in/code", get(second_step::show).post(second_step::submit))
        .route("/sign-in/code/passkey", post(second_step::submit_passkey))
        .route("/sign-in/code/passkey/begin", post(second_step::begin_passkey))
        .route("/sign-in/sms", post(second_step::send_sms))
        .route("/sign-in/passkey", post(sign_in_passkey::submit))
        .route("/sign-in/passkey/begin", post(sign_in_passkey::begin))
        .route(
            "/forgot-password",
            get(reset_password::forgot).post(reset_password::send),
        )
        .route(
            "/reset-password",
            get(reset_password::show).post(reset_password::submit),
        )
        .route("/reset-password/strength", post(reset_password::strength))
        .route("/sign-out", post(sign_out::submit))
        .route("/account-settings", get(account_settings::show))
        .route(
            "/account-settings/edit-pin",
            get(account_settings::edit).post(account_settings::submit),
        )
        .route("/account-settings/generate-pin", post(account_settings::generate))
        .route("/profile", get(profile::show))
        .route("/profile/password", get(password::show).post(password::submit))
        .route("/profile/password/strength", post(password::strength))
        .route("/password/made", get(password::make))
        .route("/profile/support-pin", post(profile::submit))
        .route("/profile/generate-pin", post(profile::generate))
        .route("/pin", post(reveal::page_with_pin))
        .route("/pin/reveal", post(reveal::fetch))
        .route("/unlock", get(unlock::show).post(unlock::submit))
        .route("/activity", get(activity::show))
        .route("/security", get(security::show))
        .route(
            "/security/sign-out-everywhere",
            get(sessions::ask_everywhere).post(sessions::everywhere),
        )
        .route("/security/sessions/end", post(sessions::end))
        .route(
            "/security/sessions/end-others",
            get(sessions::ask_others).post(sessions::others),
        )
        .route("/security/devices/remove", post(devices::remove_one))
        .route(
            "/security/devices/remove-all",
            get(devices::ask_all).post(devices::all),
        )
        .route("/security/two-factor", get(two_factor::show))
        .route(
            "/security/two-factor/set-up",
            get(two_factor::set_up).post(two_factor::confirm),
        )
        .route("/security/two-factor/start", post(two_factor::start))
        .route(
            "/security/two-factor/switch-off",
            get(two_factor::ask_off).post(two_factor::off),
        )
        .route(
            "/security/backup-codes",
            get(backup_codes::ask).post(backup_codes::make),
        )
        .route("/security/backup-codes/file", post(backup_codes::file))
        .route("/security/passkeys/add", get(passkeys::show).post(passkeys::add))
        .route("/security/passkeys/begin", post(passkeys::begin))
        .route("/security/passkeys/rename", post(passkeys::rename))
        .route("/security/passkeys/remove", post(passkeys::remove))
        .route("/security/passkeys/{passkey}", get(passkeys::one))
        .route("/security-information", get(security_information::show))
        .route(
            "/security-information/change-pin",
            get(security_information::form).post(security_information::submit),
        )
        .route(
            "/security-information/generate-pin",
            post(security_information::generate),
        )
        .route(
            "/security-information/administrators/{person}",
            get(users::pin).post(users::save),
        )
        .route("/users", get(users::show))
        .route("/users/administrators", get(users::administrators))
        .route("/users/administrators/{person}", get(users::administrator))
        .route("/prove", get(prove::show).post(prove::submit))
        .route("/prove/passkey", post(prove::submit_passkey))
        .route("/prove/passkey/begin", post(prove::begin_passkey))
        .route("/team", get(team::show))
        .route("/team/people/{person}", get(team_person::show))
        .route("/team/role", post(team_person::role))
        .route("/team/disable", post(team_person::off))
        .route("/team/enable", post(team_person::on))
        .route("/team/invite-again", post(team_person::invite_again))
        .route("/team/contact-phone", post(team_person::contact_phone))
        .route("/team/invite", get(team_invite::show).post(team_invite::submit))
        .route("/team/phone", get(team_phone::show).post(team_phone::submit))
        .route("/team/phone/confirm", post(team_phone::check))
        .route("/invitation", get(join::show).post(join::submit))
        .route("/invitation/strength", post(join::strength))
        .route("/team/unlock", get(team_pin::ask_unlock).post(team_pin::unlock))
        .route("/team/reset-pin", get(team_pin::ask_reset).post(team_pin::reset))
        .route("/session/keep-alive", post(keep_alive::submit))
        .merge(assets::routes())
}
