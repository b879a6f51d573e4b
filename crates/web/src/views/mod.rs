//! Every page as a plain struct with the template that draws it.
//!
//! A view holds finished, owned data and no rules of the product: an endpoint calls one function of `app`, fills the
//! view and renders it. Every sentence comes from [`words::Words`]; every template extends `templates/layout/base.html`,
//! which draws what all pages share from [`layout::Layout`].
//!
//! To add a page: write the struct here, its template in `templates/`, its words in `locales/en/`, and a sample of each
//! of its states in `samples.rs`. The tests then render it in both directions and check what every page promises.
//!
//! To look at all pages without a server: `COUNTERSIGN_GALLERY=/some/folder cargo test -p countersign-web --lib gallery`
//! writes them with their assets, to be served by any static file server.
//!
//! The pages name these addresses; the form fields stand in brackets, and each form also sends `csrf`:
//!
//! | page | addresses |
//! | --- | --- |
//! | portal sign-in | `GET /sign-in`, `POST /sign-in` (username, password, next), `POST /sign-out` |
//! | second step | `GET /sign-in/code?by=&then=`, `POST /sign-in/code` (by: app, sms or paper, code, remember, next), `POST /sign-in/sms` (next); the same under `/desk` |
//! | Support PIN | `POST /pin` (a page that shows it), `POST /pin/reveal` (JSON, for `reveal.js`) |
//! | change it | `GET` and `POST /account-settings/edit-pin` (pin), `POST /account-settings/generate-pin`; for a person's own PIN `POST /profile/support-pin` (pin), `POST /profile/generate-pin` |
//! | password | `GET` and `POST /profile/password` (password, new_password), `POST /profile/password/strength` (new_password; JSON, for `new-password.js`), `GET /password/made` (JSON) |
//! | forgotten | `GET` and `POST /forgot-password` (username), `GET` and `POST /reset-password` (new_password, pin), `POST /reset-password/strength` |
//! | unlock | `GET` and `POST /unlock` (then: keep or change) |
//! | others’ PINs | `GET` and `POST /team/unlock` (person, then: keep or new), `GET` and `POST /team/reset-pin` (person) |
//! | team | `GET /team/people/{person}`, `GET` and `POST /team/invite` (name, role, email, country, phone), `POST /team/invite-again` (person, email), `POST /team/role` (person, role), `POST /team/disable` and `/team/enable` (person), `GET` and `POST /team/phone` (country, phone), `POST /team/phone/confirm` (code), `POST /team/contact-phone` (person, country, phone) |
//! | invited | `GET` and `POST /invitation` (username, new_password, pin), `POST /invitation/strength` |
//! | more | `GET /`, `/account-settings`, `/profile`, `/activity?before=`, `/security`, `/team`; `GET` and `POST /security/sign-out-everywhere` |
//! | proof | `GET /prove?then=`, `POST /prove` (username, password or code, then) |
//! | second factor | `GET /security/two-factor`, `GET` and `POST …/set-up` (code), `POST …/start`, `GET` and `POST …/switch-off`, `GET` and `POST /security/backup-codes`, `POST …/file` (codes) |
//! | passkeys | `GET` and `POST /security/passkeys/add` (name, credential), `GET /security/passkeys/{passkey}`, `POST …/rename` (passkey, name), `POST …/remove` (passkey); used by `POST /sign-in/passkey` and `/sign-in/code/passkey` (credential, remember, next), `POST /prove/passkey` (credential, then); each has a `…/begin` (JSON, for `passkey.js`); the first two and `POST /desk/second-factor/passkey` (name, credential) under `/desk` |
//! | devices, sessions | `POST /security/devices/remove` (device), `GET` and `POST …/remove-all`, `POST /security/sessions/end` (session), `GET` and `POST …/end-others` |
//! | Security information | `GET /security-information`, `GET` and `POST …/change-pin` (pin), `POST …/generate-pin` |
//! | desk | `GET` and `POST /desk/sign-in` (username, password), `POST /desk/sign-out`, `GET /desk`, `POST /desk/search` (query, channel, direction), `POST /desk/conversations` (account, channel, direction), `GET /desk/conversations/{id}`, `POST …/verify` (person, pin), `GET` and `POST …/unlock` (person, then: keep or new), `GET` and `POST …/reset-pin` (person), `POST …/close`, `POST …/one-time-pins` (person, channel), `POST …/one-time-pins/check` (code), `GET …/one-time-pins/live` (events; for `deliveries.js`), `POST /desk/brand` (brand) |
//! | identity provider | `POST /desk/oidc/begin`, `GET /desk/oidc/callback?state=&code=&iss=&error=` |
//! | staff’s second factor | `GET /desk/second-factor`, `POST /desk/second-factor/begin`, `POST /desk/second-factor` (code), `POST /desk/second-factor/codes` (codes; the same ones as a file) |
//! | both | `POST /session/keep-alive` and `/desk/session/keep-alive` (204; for `session-idle.js`) |
//! | demo | `GET /demo`, `GET /demo/phone` |
pub mod activity;
pub mod api_reader;
pub mod demo;
pub mod desk;
pub mod desk_codes;
pub mod desk_panel;
pub mod desk_provider;
pub mod desk_second_factor;
pub mod error;
pub mod layout;
pub mod news;
pub mod passkey;
pub mod password;
pub mod pin;
pub mod portal;
#[cfg(test)]
mod samples;
pub mod second_factor;
pub mod second_step;
pub mod security;
pub mod team;
pub mod terms;
#[cfg(test)]
mod tests;
pub mod users;
pub mod words;
