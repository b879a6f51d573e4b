//! Mail by SMTP: one recipient, a plain text with its HTML alternative, TLS unless the server is on this machine.

use std::path::{Path, PathBuf};

use countersign_domain::contact::EmailAddress;
use countersign_domain::delivery::{Channel, Outcome};
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::{AsyncSmtpTransport, Error};
use lettre::{AsyncTransport as _, Message, Tokio1Executor};
use zeroize::Zeroizing;

use crate::gateway::{Gateway, Outgoing, Reaching, Sending, later, refused};
use crate::http::is_loopback;

/// The most of a server's answer that is kept as the message's reference, in characters.
const LONGEST_REFERENCE: usize = 120;

/// How the way to the server is protected.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Protection {
    /// The connection begins in the clear and turns to TLS before anything is said; a server without it gets nothing.
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// Nothing: only to a server on this machine.
    None,
}

/// A server, and in whose name mail goes through it.
pub struct Settings {
    /// Its name, which its certificate has to be for.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way there is protected.
    pub protection: Protection,
    /// The authorities that may have signed its certificate, as PEM; none for those that the system trusts.
    pub ca_file: Option<PathBuf>,
    /// User name and password, where it asks for them.
    pub login: Option<(String, Zeroizing<String>)>,
    /// The sender, such as `Acme <support@acme.example>`.
    pub from: String,
}

/// A mail server.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    domain: String,
    shown: String,
}

impl Smtp {
    /// A gateway over this server.
    ///
    /// # Errors
    /// A sentence about the setting that cannot be used.
    pub fn new(settings: Settings) -> Result<Self, String> {
        if settings.protection == Protection::None && !is_loopback(&settings.host) {
            return Err(format!(
                "{} is not this machine: mail that holds codes does not go there unencrypted",
                settings.host
            ));
        }
        let from: Mailbox = settings.from.parse().map_err(|_| {
            format!(
                "{:?} is no sender such as \"Acme <support@acme.example>\"",
                settings.from
            )
        })?;
        let parameters = || tls_parameters(&settings.host, settings.ca_file.as_deref());
        let tls = match settings.protection {
            Protection::StartTls => Tls::Required(parameters()?),
            Protection::Tls => Tls::Wrapper(parameters()?),
            Protection::None => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
            .port(settings.port)
            .tls(tls)
            // How long a try may take is the matter of whoever makes it.
            .timeout(None);
        if let Some((user, password)) = settings.login {
            builder = builder.credentials(Credentials::new(user, password.to_string()));
        }
        Ok(Self {
            transport: builder.build(),
            domain: from.email.domain().to_owned(),
            from,
            shown: format!("{}:{}", settings.host, settings.port),
        })
    }

    fn compose(&self, message: &Outgoing<'_>) -> Result<Message, String> {
        let subject = message.subject.unwrap_or_default();
        // An encoder would hide a line break in a header; one that stands there at all is somebody's attempt.
        if subject.chars().any(char::is_control) {
            return Err("its subject holds a control character".to_owned());
        }
        // The same strict reading as at the entrance: one address, nothing around it.
        let to = EmailAddress::parse(message.recipient).map_err(|_| "its address is none".to_owned())?;
        if to.as_str() != message.recipient {
            return Err("its address is none".to_owned());
        }
        let to: Mailbox = to
            .as_str()
            .parse()
            .map_err(|_| "its address cannot be written to".to_owned())?;
        let automatic = HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        );
        Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(subject)
            .message_id(Some(format!("<{}@{}>", message.id, self.domain)))
            .raw_header(automatic)
            .multipart(
                MultiPart::alternative()
                    .singlepart(
                        SinglePart::builder()
                            .header(ContentType::TEXT_PLAIN)
                            .body(message.text.to_owned()),
                    )
                    .singlepart(
                        SinglePart::builder()
                            .header(ContentType::TEXT_HTML)
                            .body(html(message.text)),
                    ),
            )
            .map_err(|error| error.to_string())
    }

    async fn hand_over(&self, message: Outgoing<'_>) -> Outcome {
        if message.channel != Channel::Email {
            return refused("this gateway carries mail only");
        }
        let mail = match self.compose(&message) {
            Ok(mail) => mail,
            Err(reason) => return refused(reason),
        };
        match self.transport.send(mail).await {
            Ok(answer) => Outcome::Accepted {
                reference: answer
                    .message()
                    .next()
                    .map(reference)
                    .filter(|text| !text.is_empty()),
            },
            Err(error) => outcome_of(&error),
        }
    }
}

impl Gateway for Smtp {
    fn send<'a>(&'a self, message: Outgoing<'a>) -> Sending<'a> {
        Box::pin(self.hand_over(message))
    }

    fn reach(&self) -> Reaching<'_> {
        Box::pin(async {
            match self.transport.test_connection().await {
                Ok(true) => Ok(format!("{} answers", self.shown)),
                Ok(false) => Err(format!("{} does not answer as a mail server does", self.shown)),
                Err(error) => Err(format!("{}: {}", self.shown, why(&error))),
            }
        })
    }
}

fn tls_parameters(host: &str, ca_file: Option<&Path>) -> Result<TlsParameters, String> {
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(file) = ca_file {
        let named = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
        let text = std::fs::read(file).map_err(|error| named(&error))?;
        builder = builder
            .add_root_certificate(Certificate::from_pem(&text).map_err(|error| named(&error))?)
            .certificate_store(lettre::transport::smtp::client::CertificateStore::None);
    }
    builder.build_rustls().map_err(|error| error.to_string())
}

/// The refusals of a login: the operator's matter, not the message's.
const LOGIN_REFUSED: [&str; 4] = ["530", "534", "535", "538"];

fn outcome_of(error: &Error) -> Outcome {
    let status = error.status().map(|code| code.to_string());
    let about_login = status
        .as_deref()
        .is_some_and(|code| LOGIN_REFUSED.contains(&code));
    if error.is_permanent() && !about_login {
        refused(why(error))
    } else {
        later(why(error))
    }
}

/// Why, without the server's own words: they may hold the address.
fn why(error: &Error) -> String {
    match error.status() {
        Some(code) => format!("the server said {code}"),
        None if error.is_tls() => "no TLS".to_owned(),
        None if error.is_timeout() => "the server took too long".to_owned(),
        None if error.is_client() => "the server offers no way to sign in that this program has".to_owned(),
        None if error.is_response() => "the server's answer cannot be read".to_owned(),
        // What stands behind it comes from this machine: a refused connection, a certificate that is not believed.
        None => match std::error::Error::source(error) {
            Some(cause) => format!("no connection: {cause}"),
            None => "no connection".to_owned(),
        },
    }
}

/// What the server said when it took a mail: most name it there. Cut, and without what steers a terminal.
fn reference(line: &str) -> String {
    line.chars()
        .filter(|letter| !letter.is_control())
        .take(LONGEST_REFERENCE)
        .collect()
}

/// The text as a plain page: a paragraph for each block of lines, a link for each line that is an address.
fn html(text: &str) -> String {
    let mut page = String::from(
        "<!DOCTYPE html><html><body style=\"font-family:sans-serif;line-height:1.5;max-width:40em\">",
    );
    for paragraph in text.split("\n\n").filter(|block| !block.trim().is_empty()) {
        let lines: Vec<String> = paragraph.trim().lines().map(line).collect();
        page.push_str("<p>");
        page.push_str(&lines.join("<br>"));
        page.push_str("</p>");
    }
    page.push_str("</body></html>");
    page
}

fn line(text: &str) -> String {
    let safe = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;");
    let is_address = (text.starts_with("https://") || text.starts_with("http://"))
        && text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_address {
        format!("<a href=\"{safe}\">{safe}</a>")
    } else {
        safe
    }
}

#[cfg(test)]
mod tests {
    use countersign_domain::ids::MessageId;
    use countersign_domain::time::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn server() -> Smtp {
        Smtp::new(Settings {
            host: "127.0.0.1".to_owned(),
            port: 25,
            protection: Protection::None,
            ca_file: None,
            login: None,
            from: "Acme Höster <support@acme.example>".to_owned(),
        })
        .unwrap()
    }

    fn composed(to: &str, subject: &str, text: &str) -> Result<String, String> {
        let message = Outgoing {
            id: MessageId::new(Timestamp::default(), [1; 10]),
            channel: Channel::Email,
            recipient: to,
            subject: Some(subject),
            text,
            useful_for: None,
            report_to: None,
        };
        server()
            .compose(&message)
            .map(|mail| String::from_utf8(mail.formatted()).unwrap())
    }

    #[test]
    fn a_mail_has_both_forms_a_name_of_its_own_and_one_recipient() {
        let mail = composed(
            "dana@example.com",
            "Größe",
            "Hello <you>\n\nhttps://a.example/x?a=1&b=2\n",
        )
        .unwrap();
        for part in [
            "To: dana@example.com\r\n",
            "Message-ID: <msg_",
            "@acme.example>\r\n",
            "Content-Type: multipart/alternative",
            "text/plain",
            "text/html",
            "Auto-Submitted: auto-generated",
            "Date: ",
            "Hello &lt;you&gt;",
        ] {
            assert!(mail.contains(part), "{part} is missing in {mail}");
        }
        assert!(!mail.contains("Größe"), "headers are ASCII");
        assert_eq!(
            html("a\nb\n\nhttps://a.example/?x=1&y=2"),
            "<!DOCTYPE html><html><body style=\"font-family:sans-serif;line-height:1.5;max-width:40em\">\
             <p>a<br>b</p><p><a href=\"https://a.example/?x=1&amp;y=2\">https://a.example/?x=1&amp;y=2</a></p></body></html>"
        );
    }

    #[test]
    fn only_this_machine_is_spoken_to_without_tls() {
        let to = |host: &str| {
            Smtp::new(Settings {
                host: host.to_owned(),
                port: 25,
                protection: Protection::None,
                ca_file: None,
                login: None,
                from: "a@b.example".to_owned(),
            })
            .is_ok()
        };
        assert!(to("127.0.0.1") && to("localhost") && to("::1"));
        assert!(!to("mail.example.com") && !to("10.0.0.1") && !to("localhost.example.com"));
    }

    proptest! {
        #[test]
        fn e55_nothing_in_a_subject_or_an_address_adds_a_header_or_a_recipient(
            subject in "(?s).{0,60}",
            local in "(?s)[a-z,;<>\" \r\n:@.]{1,20}",
            text in "(?s).{0,80}",
        ) {
            for to in [format!("{local}@example.com"), "dana@example.com".to_owned()] {
                let Ok(mail) = composed(&to, &subject, &text) else { continue };
                let (head, _) = mail.split_once("\r\n\r\n").unwrap();
                let names: Vec<&str> = head
                    .split("\r\n")
                    .filter(|line| !line.starts_with([' ', '\t']))
                    .filter_map(|line| line.split_once(':').map(|(name, _)| name))
                    .collect();
                let mut sorted = names.clone();
                sorted.sort_unstable();
                prop_assert_eq!(
                    sorted,
                    ["Auto-Submitted", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To"],
                    "{}", head
                );
                let to_line = head.split("\r\n").find(|line| line.starts_with("To:")).unwrap();
                prop_assert_eq!(to_line.matches('@').count(), 1);
                prop_assert!(!head.contains('\n') || head.split('\n').all(|line| line.ends_with('\r') || line == head.split('\n').next_back().unwrap()));
            }
        }
    }
}
