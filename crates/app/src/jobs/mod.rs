//! What goes on beside the requests.

pub mod outbox;
pub mod watch;
