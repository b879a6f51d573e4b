//! What every way out of the house has in common.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use countersign_domain::delivery::{Channel, DeliveryState, Outcome};
use countersign_domain::ids::MessageId;

/// A message as a gateway takes it. It may hold a code, so it has no `Debug`.
#[derive(Clone, Copy)]
pub struct Outgoing<'a> {
    /// Its id, which is also its idempotency key: the same one at every try.
    pub id: MessageId,
    /// By which way it goes.
    pub channel: Channel,
    /// The number or address.
    pub recipient: &'a str,
    /// A mail's subject.
    pub subject: Option<&'a str>,
    /// The text.
    pub text: &'a str,
    /// How long it is of use, where it holds a code: nobody may hand it on later than that.
    pub useful_for: Option<Duration>,
    /// Where the gateway may report what became of it. The address proves itself, and is the same at
    /// every try.
    pub report_to: Option<&'a str>,
}

/// The answer that a gateway owes.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;
/// What a look at a gateway came to: a sentence for the operator, either way.
pub type Reaching<'a> = Pin<Box<dyn Future<Output = Result<String, String>> + Send + 'a>>;
/// What a callback came to.
pub type Reported<'a> = Pin<Box<dyn Future<Output = Result<Report, NoReport>> + Send + 'a>>;
/// A report that comes in over the gateway's own connection.
pub type Reporting<'a> = Pin<Box<dyn Future<Output = Report> + Send + 'a>>;

/// What a gateway says of a message that it took before.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Report {
    /// What it called the message when it took it.
    pub reference: String,
    /// How far the message came.
    pub state: DeliveryState,
    /// Why it failed; without any part of the message or its address.
    pub reason: Option<String>,
}

/// A request of a gateway to the address at which it reports. That the address proved itself is known already.
#[derive(Clone, Copy)]
pub struct Callback<'a> {
    /// The whole address that was called, as the gateway knows it.
    pub url: &'a str,
    /// What stands in the address behind the question mark, in its order.
    pub query: &'a [(String, String)],
    /// The fields of the body, in their order.
    pub form: &'a [(String, String)],
    /// The header with the gateway's signature.
    pub signature: Option<&'a str>,
}

impl<'a> Callback<'a> {
    /// A field of the address.
    #[must_use]
    pub fn in_query(&self, name: &str) -> Option<&'a str> {
        find(self.query, name)
    }

    /// A field of the body.
    #[must_use]
    pub fn in_form(&self, name: &str) -> Option<&'a str> {
        find(self.form, name)
    }
}

fn find<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields
        .iter()
        .find_map(|(known, value)| (known == name).then_some(value.as_str()))
}

/// Why a report was not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NoReport {
    /// This gateway reports nothing in this way.
    #[error("this gateway sends no reports here")]
    NotExpected,
    /// It is not signed by whom it should be.
    #[error("the report is not signed by the gateway")]
    NotSigned,
    /// It cannot be read.
    #[error("the report cannot be read")]
    Unreadable,
    /// It says nothing that counts, such as that a message is on its way.
    #[error("the report says nothing new")]
    NothingNew,
}

/// A way out of the house.
///
/// How long a try may take and how many go on at once is not its matter: whoever calls it sees to that and drops what takes
/// too long, so no method may leave anything half done behind when its future is dropped.
pub trait Gateway: Send + Sync {
    /// Hands a message over. What is refused for good is refused for the message's sake; a gateway that is itself set up
    /// wrongly says [`Outcome::TryLater`], so that an operator's mistake loses nothing.
    fn send<'a>(&'a self, message: Outgoing<'a>) -> Sending<'a>;

    /// Looks whether it can be reached, without sending anything.
    fn reach(&self) -> Reaching<'_>;

    /// Reads what it reports, and does what has to follow at the gateway.
    fn read_report<'a>(&'a self, _: Callback<'a>) -> Reported<'a> {
        Box::pin(std::future::ready(Err(NoReport::NotExpected)))
    }

    /// Waits for the next report over its own connection; for ever, where there is none.
    fn next_report(&self) -> Reporting<'_> {
        Box::pin(std::future::pending())
    }
}

/// A try that may work another time. `reason` holds no part of the message.
pub(crate) fn later(reason: impl Into<String>) -> Outcome {
    Outcome::TryLater {
        reason: reason.into(),
    }
}

/// A message that this gateway will never take. `reason` holds no part of the message.
pub(crate) fn refused(reason: impl Into<String>) -> Outcome {
    Outcome::Refused {
        reason: reason.into(),
    }
}

/// Whether this is a number as phones are called: a plus and digits, nothing else (E55).
pub(crate) fn is_number(recipient: &str) -> bool {
    recipient.strip_prefix('+').is_some_and(|digits| {
        (5..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}
