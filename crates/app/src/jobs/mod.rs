//! What goes on beside the requests.

pub mod budgets;
pub mod clock;
pub mod outbox;
mod settle;
pub mod watch;
