//! The gateway that only writes a line in the log: for the demo and for a server that has no other yet.

use countersign_domain::delivery::Outcome;

use crate::gateway::{Gateway, Outgoing, Reaching, Sending};

/// Takes every message and sends none. The log says that there was one, never to whom or what.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogGateway;

impl Gateway for LogGateway {
    fn send<'a>(&'a self, message: Outgoing<'a>) -> Sending<'a> {
        tracing::info!(message = %message.id, channel = %message.channel, "a message was taken by the log gateway");
        Box::pin(std::future::ready(Outcome::Accepted { reference: None }))
    }

    fn reach(&self) -> Reaching<'_> {
        Box::pin(std::future::ready(Ok("it only writes into the log".to_owned())))
    }
}
