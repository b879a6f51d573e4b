//! SMS by a Kannel's `sendsms` over HTTP, and its delivery reports.

use std::path::Path;
use std::time::Duration;

use countersign_domain::delivery::{Channel, DeliveryState, Outcome};
use countersign_domain::ids::MessageId;
use zeroize::Zeroizing;

use crate::gateway::{
    Callback, Gateway, NoReport, Outgoing, Reaching, Report, Reported, Sending, is_number, later, refused,
};
pub use crate::http::Address;
use crate::http::Client;
use crate::segments::{Alphabet, alphabet};
use crate::tls;

/// Reports that are asked for: delivered (1), failed (2), rejected (16).
const REPORTS: &str = "19";
/// The longest word of an answer that is passed on to the operator, in characters.
const LONGEST_WORD: usize = 60;

/// How a Kannel is reached.
pub struct Kannel {
    client: Client,
    username: String,
    password: Zeroizing<String>,
    from: String,
}

impl Kannel {
    /// A gateway over the `sendsms` at this address.
    ///
    /// # Errors
    /// A sentence about the authorities for TLS.
    pub fn new(
        address: Address,
        ca_file: Option<&Path>,
        username: String,
        password: Zeroizing<String>,
        from: String,
    ) -> Result<Self, String> {
        let encrypted = address.to_string().starts_with("https://");
        let tls = encrypted.then(|| tls::client_config(ca_file)).transpose()?;
        Ok(Self {
            client: Client::new(address, tls),
            username,
            password,
            from,
        })
    }

    async fn submit(&self, message: Outgoing<'_>) -> Outcome {
        if message.channel != Channel::Sms {
            return refused("Kannel carries text messages only");
        }
        if !is_number(message.recipient) {
            return refused("its number is none");
        }
        let coding = match alphabet(message.text) {
            Alphabet::Gsm7 => "0",
            Alphabet::Ucs2 => "2",
        };
        let id = message.id.to_string();
        let report = message.report_to.map(|address| format!("{address}&state=%d"));
        let validity = message.useful_for.map(minutes);
        // Kannel takes a posted text with everything about it in headers.
        let mut headers = vec![
            ("x-kannel-username", self.username.as_str()),
            ("x-kannel-password", self.password.as_str()),
            ("x-kannel-from", self.from.as_str()),
            ("x-kannel-to", message.recipient),
            ("x-kannel-coding", coding),
            ("idempotency-key", id.as_str()),
        ];
        if let Some(report) = &report {
            headers.extend([
                ("x-kannel-dlr-mask", REPORTS),
                ("x-kannel-dlr-url", report.as_str()),
            ]);
        }
        if let Some(validity) = &validity {
            headers.push(("x-kannel-validity", validity.as_str()));
        }
        let posted = self
            .client
            .post("", &headers, "text/plain; charset=UTF-8", message.text.to_owned())
            .await;
        let answer = match posted {
            Ok(answer) => answer,
            Err(error) => return later(error),
        };
        let word = first_word(&answer.body);
        match answer.status {
            // "0: Accepted for delivery", "3: Queued for later delivery".
            200 | 202 if word.starts_with("0:") || word.starts_with("3:") => Outcome::Accepted {
                // It names no message, so the name is the one in the address of its report.
                reference: Some(id),
            },
            200 | 202 => later(format!("an answer that is not Kannel's: {word}")),
            // Who may send, where and how fast is the operator's matter: the message is not to blame.
            401 | 403 | 404 | 408 | 425 | 429 => later(format!("{} {word}", answer.status)),
            400..=499 => refused(format!("{} {word}", answer.status)),
            status => later(format!("{status} {word}")),
        }
    }
}

impl Gateway for Kannel {
    fn send<'a>(&'a self, message: Outgoing<'a>) -> Sending<'a> {
        Box::pin(self.submit(message))
    }

    fn reach(&self) -> Reaching<'_> {
        Box::pin(async {
            self.client.connect().await?;
            Ok(format!("{} answers", self.client.address()))
        })
    }

    fn read_report<'a>(&'a self, callback: Callback<'a>) -> Reported<'a> {
        Box::pin(std::future::ready(read(&callback)))
    }
}

fn read(callback: &Callback<'_>) -> Result<Report, NoReport> {
    let field = |name| callback.in_query(name).ok_or(NoReport::Unreadable);
    let message: MessageId = field("message")?.parse().map_err(|_| NoReport::Unreadable)?;
    let (state, reason) = match field("state")? {
        "1" => (DeliveryState::Delivered, None),
        "2" => (DeliveryState::Failed, Some("not delivered".to_owned())),
        "16" => (DeliveryState::Failed, Some("rejected by the SMSC".to_owned())),
        "4" | "8" => return Err(NoReport::NothingNew),
        _ => return Err(NoReport::Unreadable),
    };
    Ok(Report {
        reference: message.to_string(),
        state,
        reason,
    })
}

/// Whole minutes, never longer than the span, and one at least, because Kannel knows none shorter.
fn minutes(span: Duration) -> String {
    (span.as_secs() / 60).max(1).to_string()
}

/// The beginning of an answer, as far as it can be shown.
fn first_word(body: &[u8]) -> String {
    String::from_utf8_lossy(body)
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|letter| !letter.is_control())
        .take(LONGEST_WORD)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_never_kept_longer_than_it_lives() {
        assert_eq!(minutes(Duration::from_secs(599)), "9");
        assert_eq!(minutes(Duration::from_secs(600)), "10");
        assert_eq!(minutes(Duration::from_secs(20)), "1");
    }

    #[test]
    fn a_report_is_read_from_the_address() {
        let message = MessageId::new(countersign_domain::time::Timestamp::default(), [3; 10]);
        let of = |state: &str| {
            let query = [
                ("message".to_owned(), message.to_string()),
                ("state".to_owned(), state.to_owned()),
            ];
            read(&Callback {
                url: "",
                query: &query,
                form: &[],
                signature: None,
            })
            .map(|report| (report.reference, report.state))
        };
        let named = message.to_string();
        assert_eq!(of("1"), Ok((named.clone(), DeliveryState::Delivered)));
        assert_eq!(of("2"), Ok((named.clone(), DeliveryState::Failed)));
        assert_eq!(of("16"), Ok((named, DeliveryState::Failed)));
        assert_eq!(of("8"), Err(NoReport::NothingNew));
        assert_eq!(of("%d"), Err(NoReport::Unreadable));
    }
}
