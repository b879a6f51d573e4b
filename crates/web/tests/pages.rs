//! The pages, through the router, as a browser without script uses them: it keeps cookies, sends the forms that it was
//! given, and goes where it is sent.

#![expect(
    clippy::unwrap_used,
    reason = "the browser and its helpers stop a test with the line that failed"
)]

#[path = "pages/activity.rs"]
mod activity;
#[path = "pages/assets.rs"]
mod assets;
#[path = "pages/authenticator.rs"]
mod authenticator;
#[path = "pages/browser.rs"]
mod browser;
#[path = "pages/colleagues.rs"]
mod colleagues;
#[path = "pages/demo.rs"]
mod demo;
#[path = "pages/desk.rs"]
mod desk;
#[path = "pages/desk_second_factor.rs"]
mod desk_second_factor;
#[path = "pages/forms.rs"]
mod forms;
#[path = "pages/inviting.rs"]
mod inviting;
#[path = "pages/locked.rs"]
mod locked;
#[path = "pages/one_time_pins.rs"]
mod one_time_pins;
#[path = "pages/passkeys.rs"]
mod passkeys;
#[path = "pages/passwords.rs"]
mod passwords;
#[path = "pages/phones.rs"]
mod phones;
#[path = "pages/portal.rs"]
mod portal;
#[path = "pages/promises.rs"]
mod promises;
#[path = "pages/second_step.rs"]
mod second_step;
#[path = "pages/security.rs"]
mod security;
#[path = "pages/set_up_first.rs"]
mod set_up_first;
#[path = "pages/sign_in.rs"]
mod sign_in;
#[path = "pages/standing.rs"]
mod standing;
#[path = "pages/supervising.rs"]
mod supervising;
#[path = "pages/team.rs"]
mod team;
#[path = "pages/users.rs"]
mod users;
