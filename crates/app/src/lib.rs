//! The use cases of Countersign.
//!
//! One use case, one file: it asks whether the caller may, loads what it needs, asks `domain` for a decision, and saves
//! the change, its audit event and what is to be sent in one transaction. It knows no HTTP and no SQL driver.
//!
//! To add a use case: a file in the folder of its subject, one public function that takes `&App` and `&Caller`, and a
//! test through the real entrance in `web`.

pub mod accept_clock;
pub mod accounts;
pub mod activity;
pub mod api_clients;
pub mod app;
pub mod audit;
pub mod brands;
pub mod budgets;
pub mod caller;
pub mod clock;
pub mod conversations;
pub mod deliveries;
pub mod directory;
pub mod error;
mod evidence;
pub mod idempotency;
pub mod jobs;
pub mod messages;
pub mod node_clock;
pub mod one_time_pins;
pub mod passkeys;
pub mod passwords;
pub mod people;
pub mod pins;
pub mod refusals;
pub mod second_factor;
pub mod sign_in;
pub mod staff;
pub mod team;
mod token;
pub mod verification;

pub use app::{App, Parts, StaffSecondFactor};
pub use caller::Caller;
pub use error::AppError;
