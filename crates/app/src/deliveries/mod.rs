//! What became of messages: counts of it, and the reports of gateways.

mod callback;
mod counts;
mod reports;

pub use countersign_delivery::routes::Gateways;

pub(crate) use callback::address_of;
pub use callback::{CallbackRefused, Called, take_callback};
pub use counts::{Counts, Happened};
pub use reports::take_report;
pub(crate) use reports::{count, take_early};
