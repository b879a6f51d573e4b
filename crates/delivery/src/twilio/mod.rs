//! SMS and calls by an API that speaks as Twilio's of 2010 does, and its status callbacks.

mod signature;
mod twiml;

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_domain::delivery::{Channel, DeliveryState, Outcome};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::gateway::{
    Callback, Gateway, NoReport, Outgoing, Reaching, Report, Reported, Sending, is_number, later, refused,
};
pub use crate::http::Address;
use crate::http::{Answer, Client};
use crate::tls;

/// The longest `ValidityPeriod`, in seconds.
const LONGEST_VALIDITY: u64 = 36_000;
/// The longest text of a message, in characters.
const LONGEST_TEXT: usize = 1_600;
/// How long a phone rings, in seconds.
const RINGS: &str = "30";

/// Who a message comes from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum From {
    /// A number or name.
    Number(String),
    /// A messaging service, for SMS, and a number for calls.
    Service {
        /// The service's SID.
        service: String,
        /// The number of calls, where there are any.
        number: Option<String>,
    },
}

/// What proves us to the API, and the API to us.
pub struct Credentials {
    /// The account's SID.
    pub account: String,
    /// Whose secret `secret` is: the account's SID, or that of an API key.
    pub user: String,
    /// The secret.
    pub secret: Zeroizing<String>,
    /// The account's auth token, with which callbacks are signed.
    pub signing_token: Zeroizing<String>,
}

/// How the API is reached.
pub struct Twilio {
    client: Client,
    authorization: Zeroizing<String>,
    account: String,
    signing_token: Zeroizing<String>,
    from: From,
}

impl Twilio {
    /// A gateway over the API at this address.
    ///
    /// # Errors
    /// A sentence about the authorities for TLS.
    pub fn new(
        address: Address,
        ca_file: Option<&Path>,
        credentials: Credentials,
        from: From,
    ) -> Result<Self, String> {
        let encrypted = address.to_string().starts_with("https://");
        let tls = encrypted.then(|| tls::client_config(ca_file)).transpose()?;
        let pair = Zeroizing::new(format!("{}:{}", credentials.user, credentials.secret.as_str()));
        Ok(Self {
            client: Client::new(address, tls),
            authorization: Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes()))),
            account: credentials.account,
            signing_token: credentials.signing_token,
            from,
        })
    }

    async fn post(&self, what: &str, id: &str, fields: &[(&str, &str)]) -> Result<Answer, String> {
        let headers = [
            ("authorization", self.authorization.as_str()),
            ("accept", "application/json"),
            ("idempotency-key", id),
        ];
        let path = format!("/2010-04-01/Accounts/{}/{what}.json", self.account);
        self.client.post_form(&path, &headers, fields).await
    }

    async fn text(&self, message: Outgoing<'_>) -> Outcome {
        if message.text.chars().count() > LONGEST_TEXT {
            return refused("the text is too long");
        }
        let validity = message.useful_for.map(validity);
        let mut fields = vec![("To", message.recipient), ("Body", message.text)];
        fields.push(match &self.from {
            From::Number(number) => ("From", number.as_str()),
            From::Service { service, .. } => ("MessagingServiceSid", service.as_str()),
        });
        if let Some(validity) = &validity {
            fields.push(("ValidityPeriod", validity.as_str()));
        }
        if let Some(address) = message.report_to {
            fields.push(("StatusCallback", address));
        }
        self.hand_over("Messages", &message, &fields).await
    }

    async fn call(&self, message: Outgoing<'_>) -> Outcome {
        let (From::Number(number)
        | From::Service {
            number: Some(number), ..
        }) = &self.from
        else {
            return refused("no number to call from is set up");
        };
        let Some(spoken) = twiml::spoken(message.text) else {
            return refused("the text is too long for a call");
        };
        let mut fields = vec![
            ("To", message.recipient),
            ("From", number.as_str()),
            ("Twiml", spoken.as_str()),
            ("Timeout", RINGS),
        ];
        if let Some(address) = message.report_to {
            fields.extend([
                ("StatusCallback", address),
                ("StatusCallbackEvent", "completed"),
                // Who answered is told while the call is silent, so that it can be ended before anything is said.
                ("MachineDetection", "Enable"),
                ("MachineDetectionTimeout", "4"),
                ("AsyncAmd", "true"),
                ("AsyncAmdStatusCallback", address),
            ]);
        }
        self.hand_over("Calls", &message, &fields).await
    }

    async fn hand_over(&self, what: &str, message: &Outgoing<'_>, fields: &[(&str, &str)]) -> Outcome {
        match self.post(what, &message.id.to_string(), fields).await {
            Ok(answer) => read_answer(&answer),
            Err(error) => later(error),
        }
    }

    /// Reads a report; a call that a machine answered is ended before its text is spoken.
    async fn read(&self, callback: Callback<'_>) -> Result<Report, NoReport> {
        let signed = callback.signature.is_some_and(|signature| {
            signature::is_signed(
                self.signing_token.as_bytes(),
                callback.url,
                callback.form,
                signature,
            )
        });
        if !signed {
            return Err(NoReport::NotSigned);
        }
        if callback.in_form("AccountSid") != Some(self.account.as_str()) {
            return Err(NoReport::Unreadable);
        }
        let report = read_status(&callback)?;
        if callback
            .in_form("CallStatus")
            .is_none_or(|status| status == "in-progress")
            && callback.in_form("AnsweredBy").is_some_and(is_machine)
        {
            let call = format!("Calls/{}", report.reference);
            let end = [("Status", "completed")];
            if let Err(error) = self.post(&call, &report.reference, &end).await {
                tracing::error!(%error, "a call that a machine answered could not be ended");
            }
        }
        Ok(report)
    }
}

impl Gateway for Twilio {
    fn send<'a>(&'a self, message: Outgoing<'a>) -> Sending<'a> {
        match message.channel {
            Channel::Sms | Channel::Voice if !is_number(message.recipient) => {
                Box::pin(std::future::ready(refused("its number is none")))
            }
            Channel::Sms => Box::pin(self.text(message)),
            Channel::Voice => Box::pin(self.call(message)),
            Channel::Email => Box::pin(std::future::ready(refused("this gateway carries no mail"))),
        }
    }

    fn reach(&self) -> Reaching<'_> {
        Box::pin(async {
            self.client.connect().await?;
            Ok(format!("{} answers", self.client.address()))
        })
    }

    fn read_report<'a>(&'a self, callback: Callback<'a>) -> Reported<'a> {
        Box::pin(self.read(callback))
    }
}

/// What the API said to a message or call.
fn read_answer(answer: &Answer) -> Outcome {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    let code = body.get("code").and_then(Value::as_i64).unwrap_or_default();
    match answer.status {
        201 => match body.get("sid").and_then(Value::as_str).filter(|sid| is_sid(sid)) {
            Some(sid) => Outcome::Accepted {
                reference: Some(sid.to_owned()),
            },
            None => later("an answer without the message's SID"),
        },
        // Credentials, account, rates: not the message's fault.
        401 | 403 | 404 | 408 | 409 | 425 | 429 => later(format!("status {}, code {code}", answer.status)),
        400..=499 => refused(format!("status {}, code {code}", answer.status)),
        status => later(format!("status {status}, code {code}")),
    }
}

/// What a status callback says.
fn read_status(callback: &Callback<'_>) -> Result<Report, NoReport> {
    let field = |name| callback.in_form(name);
    let sid = |name| field(name).filter(|sid| is_sid(sid)).ok_or(NoReport::Unreadable);
    let failed = |reference: &str, why: &str| Report {
        reference: reference.to_owned(),
        state: DeliveryState::Failed,
        reason: Some(
            match field("ErrorCode").and_then(|code| code.parse::<u32>().ok()) {
                Some(code) => format!("{why}, code {code}"),
                None => why.to_owned(),
            },
        ),
    };
    let delivered = |reference: &str| Report {
        reference: reference.to_owned(),
        state: DeliveryState::Delivered,
        reason: None,
    };
    if let Some(status) = field("MessageStatus") {
        let sid = sid("MessageSid")?;
        return match status {
            "delivered" | "read" => Ok(delivered(sid)),
            "undelivered" => Ok(failed(sid, "undelivered")),
            "failed" => Ok(failed(sid, "failed")),
            "canceled" => Ok(failed(sid, "canceled")),
            _ => Err(NoReport::NothingNew),
        };
    }
    let sid = sid("CallSid")?;
    if field("AnsweredBy").is_some_and(is_machine) {
        return Ok(failed(sid, "a machine answered"));
    }
    match field("CallStatus") {
        Some("completed") => Ok(delivered(sid)),
        Some("busy") => Ok(failed(sid, "busy")),
        Some("no-answer") => Ok(failed(sid, "no answer")),
        Some("failed") => Ok(failed(sid, "failed")),
        Some("canceled") => Ok(failed(sid, "canceled")),
        _ => Err(NoReport::NothingNew),
    }
}

fn is_machine(answered_by: &str) -> bool {
    answered_by.starts_with("machine") || answered_by == "fax"
}

/// Letters and digits only: it becomes part of an address and of our rows.
fn is_sid(text: &str) -> bool {
    (3..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Seconds, never longer than the span.
fn validity(span: Duration) -> String {
    span.as_secs().clamp(1, LONGEST_VALIDITY).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(fields: &[(&str, &str)]) -> Result<(DeliveryState, Option<String>), NoReport> {
        let form: Vec<_> = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        read_status(&Callback {
            url: "",
            query: &[],
            form: &form,
            signature: None,
        })
        .map(|report| (report.state, report.reason))
    }

    #[test]
    fn each_status_means_what_the_api_says() {
        let sms = |state| status(&[("MessageSid", "SM1"), ("MessageStatus", state)]);
        for on_its_way in ["queued", "sending", "sent", "accepted", "scheduled"] {
            assert_eq!(sms(on_its_way), Err(NoReport::NothingNew));
        }
        assert_eq!(sms("delivered"), Ok((DeliveryState::Delivered, None)));
        assert_eq!(
            status(&[
                ("MessageSid", "SM1"),
                ("MessageStatus", "undelivered"),
                ("ErrorCode", "30003")
            ]),
            Ok((DeliveryState::Failed, Some("undelivered, code 30003".to_owned())))
        );
        assert_eq!(
            status(&[("MessageSid", "../x"), ("MessageStatus", "sent")]),
            Err(NoReport::Unreadable)
        );
        let call = |state, who| status(&[("CallSid", "CA1"), ("CallStatus", state), ("AnsweredBy", who)]);
        assert_eq!(call("completed", "human"), Ok((DeliveryState::Delivered, None)));
        assert_eq!(call("busy", "").unwrap().0, DeliveryState::Failed);
        assert_eq!(
            call("completed", "machine_start").unwrap().0,
            DeliveryState::Failed
        );
        assert_eq!(call("in-progress", "human"), Err(NoReport::NothingNew));
    }

    #[test]
    fn e53_an_answer_that_is_none_is_no_acceptance() {
        let said = |status, body: &'static str| {
            read_answer(&Answer {
                status,
                body: body.into(),
            })
        };
        let is_later = |outcome| matches!(outcome, Outcome::TryLater { .. });
        assert!(is_later(said(201, "<html>")) && is_later(said(201, "{\"sid\": \"../x\"}")));
        assert!(
            is_later(said(200, "{\"sid\": \"SM1\"}")) && is_later(said(500, "")) && is_later(said(302, ""))
        );
        assert!(is_later(said(401, "{\"code\": 20003}")) && is_later(said(429, "{}")));
        assert_eq!(
            said(400, "{\"code\": 21211, \"message\": \"+1 is no number\"}"),
            refused("status 400, code 21211")
        );
        assert_eq!(
            said(201, "{\"sid\": \"SM1\"}"),
            Outcome::Accepted {
                reference: Some("SM1".to_owned())
            }
        );
    }
}
