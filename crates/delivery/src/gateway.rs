//! What every way out of the house has in common.

use std::future::Future;
use std::pin::Pin;

use countersign_domain::ids::MessageId;

/// A message as a gateway takes it.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// Its id, which is also its idempotency key: the same one at every try.
    pub id: MessageId,
    /// `sms`, `voice` or `email`.
    pub channel: &'a str,
    /// The number or address.
    pub recipient: &'a str,
    /// A mail's subject.
    pub subject: Option<&'a str>,
    /// The text.
    pub text: &'a str,
}

/// Why a gateway did not take a message.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SendError {
    /// It may work later.
    #[error("the gateway did not take it now: {0}")]
    TryAgain(String),
    /// It never will.
    #[error("the gateway refused it: {0}")]
    GiveUp(String),
}

/// The answer that a gateway owes.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), SendError>> + Send + 'a>>;

/// A way out of the house.
pub trait Gateway: Send + Sync {
    /// Hands a message over.
    fn send<'a>(&'a self, message: Outgoing<'a>) -> Sending<'a>;
}
