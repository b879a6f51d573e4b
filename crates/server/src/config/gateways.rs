//! `[gateways.NAME]`: the ways out of the house. Secrets stand in files of their own, never here.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::time::Duration;

use countersign_delivery::kannel::Address;
use countersign_delivery::routes::Limits;
use countersign_delivery::smtp::Protection;
use countersign_delivery::twilio;
use countersign_domain::delivery::Channel;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::Checking;

/// How the word for each kind is written.
const KINDS: &str = "smtp, kannel, twilio, log";
const TWILIO: &str = "https://api.twilio.com";
const LONGEST_NAME: usize = 40;

/// A gateway that the operator set up.
pub(crate) struct Gateway {
    /// Its name, which metrics and addresses of reports have.
    pub(crate) name: String,
    /// How much of the server it may take.
    pub(crate) limits: Limits,
    /// What it is.
    pub(crate) kind: Kind,
}

/// What a gateway is.
pub(crate) enum Kind {
    /// A mail server.
    Smtp(Smtp),
    /// A Kannel.
    Kannel(Kannel),
    /// An API that speaks as Twilio's does.
    Twilio(Twilio),
    /// The log: a channel that is to send nothing.
    Log,
}

/// A mail server.
pub(crate) struct Smtp {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) protection: Protection,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) login: Option<(String, PathBuf)>,
    pub(crate) from: String,
}

/// A Kannel.
pub(crate) struct Kannel {
    pub(crate) url: Address,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) username: String,
    pub(crate) password_file: PathBuf,
    pub(crate) from: String,
}

/// An API that speaks as Twilio's does.
pub(crate) struct Twilio {
    pub(crate) url: Address,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) account: String,
    /// An API key and the file of its secret, where it is not the auth token that opens the API.
    pub(crate) key: Option<(String, PathBuf)>,
    pub(crate) auth_token_file: PathBuf,
    pub(crate) from: twilio::From,
}

impl Kind {
    /// The word for it.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Smtp(_) => "smtp",
            Self::Kannel(_) => "kannel",
            Self::Twilio(_) => "twilio",
            Self::Log => "log",
        }
    }

    /// Whether it carries a channel.
    pub(crate) const fn carries(&self, channel: Channel) -> bool {
        match self {
            Self::Smtp(_) => matches!(channel, Channel::Email),
            Self::Kannel(_) => matches!(channel, Channel::Sms),
            Self::Twilio(_) => matches!(channel, Channel::Sms | Channel::Voice),
            Self::Log => true,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SmtpWritten {
    host: String,
    port: Option<u16>,
    tls: Option<String>,
    ca_file: Option<String>,
    username: Option<String>,
    password_file: Option<String>,
    from: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KannelWritten {
    url: String,
    ca_file: Option<String>,
    username: String,
    password_file: String,
    from: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TwilioWritten {
    url: Option<String>,
    ca_file: Option<String>,
    account: String,
    api_key: Option<String>,
    api_key_secret_file: Option<String>,
    auth_token_file: String,
    from: Option<String>,
    messaging_service: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LogWritten {}

/// Reads the section. What a kind does not know is refused.
pub(super) fn read(sections: &mut HashMap<String, config::Value>, checking: &mut Checking) -> Vec<Gateway> {
    let written: BTreeMap<String, HashMap<String, config::Value>> =
        super::take(sections, "gateways", checking);
    written
        .into_iter()
        .filter_map(|(name, fields)| gateway(name, fields, checking))
        .collect()
}

fn gateway(
    name: String,
    mut fields: HashMap<String, config::Value>,
    checking: &mut Checking,
) -> Option<Gateway> {
    let field = format!("gateways.{name}");
    if !is_name(&name) {
        checking.wrong(
            &field,
            format!("name it with small letters, digits and dashes, {LONGEST_NAME} at most"),
        );
        return None;
    }
    let limits = limits(&field, &mut fields, checking);
    let kind = fields
        .remove("kind")
        .and_then(|kind| kind.into_string().ok())
        .unwrap_or_default();
    let kind = match kind.as_str() {
        "smtp" => Kind::Smtp(smtp(&field, rest(&field, fields, checking)?, checking)?),
        "kannel" => Kind::Kannel(kannel(&field, rest(&field, fields, checking)?, checking)?),
        "twilio" => Kind::Twilio(twilio(&field, rest(&field, fields, checking)?, checking)?),
        "log" => {
            rest::<LogWritten>(&field, fields, checking)?;
            Kind::Log
        }
        _ => {
            checking.wrong(&format!("{field}.kind"), format!("is none of {KINDS}"));
            return None;
        }
    };
    Some(Gateway { name, limits, kind })
}

fn is_name(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// What every kind has.
fn limits(field: &str, fields: &mut HashMap<String, config::Value>, checking: &mut Checking) -> Limits {
    let usual = Limits::default();
    let mut number = |key: &str, usual: u64, most: u64| {
        let Some(value) = fields.remove(key) else {
            return usual;
        };
        match value.into_uint() {
            Ok(number) if (1..=most).contains(&number) => number,
            _ => {
                checking.wrong(&format!("{field}.{key}"), format!("is not from 1 to {most}"));
                usual
            }
        }
    };
    Limits {
        timeout: Duration::from_secs(number("timeout_seconds", usual.timeout.as_secs(), 60)),
        at_once: usize::try_from(number("at_once", usual.at_once as u64, 256)).unwrap_or(usual.at_once),
    }
}

/// The fields of a kind.
fn rest<T: DeserializeOwned>(
    field: &str,
    fields: HashMap<String, config::Value>,
    checking: &mut Checking,
) -> Option<T> {
    let table = config::Value::new(None, config::ValueKind::Table(fields.into_iter().collect()));
    table
        .try_deserialize()
        .map_err(|error| checking.wrong(field, error))
        .ok()
}

fn smtp(field: &str, written: SmtpWritten, checking: &mut Checking) -> Option<Smtp> {
    let (protection, usual_port) = match written.tls.as_deref().unwrap_or("starttls") {
        "starttls" => (Protection::StartTls, 587),
        "tls" => (Protection::Tls, 465),
        "none" => (Protection::None, 25),
        _ => {
            checking.wrong(
                &format!("{field}.tls"),
                "is none of starttls, tls, none (and none is for a server on this machine only)",
            );
            return None;
        }
    };
    let login = both(
        field,
        ("username", written.username),
        ("password_file", written.password_file),
        checking,
    )?;
    Some(Smtp {
        host: written.host,
        port: written.port.unwrap_or(usual_port),
        protection,
        ca_file: written.ca_file.map(|file| checking.path(&file)),
        login: login.map(|(user, file)| (user, checking.path(&file))),
        from: written.from,
    })
}

fn kannel(field: &str, written: KannelWritten, checking: &mut Checking) -> Option<Kannel> {
    // They stand in headers.
    for (key, text) in [("username", &written.username), ("from", &written.from)] {
        if text.is_empty() || !text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
            checking.wrong(
                &format!("{field}.{key}"),
                "write letters, digits and signs of ASCII only",
            );
            return None;
        }
    }
    Some(Kannel {
        url: address(field, &written.url, checking)?,
        ca_file: written.ca_file.map(|file| checking.path(&file)),
        username: written.username,
        password_file: checking.path(&written.password_file),
        from: written.from,
    })
}

fn twilio(field: &str, written: TwilioWritten, checking: &mut Checking) -> Option<Twilio> {
    let url = address(field, written.url.as_deref().unwrap_or(TWILIO), checking)?;
    if !url.is_private() {
        checking.wrong(
            &format!("{field}.url"),
            "has to begin with https://: codes and the account's secret go there",
        );
        return None;
    }
    if written.account.is_empty() || !written.account.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        checking.wrong(
            &format!("{field}.account"),
            "is no account SID: it begins with AC",
        );
        return None;
    }
    let key = both(
        field,
        ("api_key", written.api_key),
        ("api_key_secret_file", written.api_key_secret_file),
        checking,
    )?;
    let from = match (written.messaging_service, written.from) {
        (Some(service), number) => twilio::From::Service { service, number },
        (None, Some(number)) => twilio::From::Number(number),
        (None, None) => {
            checking.wrong(
                &format!("{field}.from"),
                "is missing: the number that messages come from, or messaging_service",
            );
            return None;
        }
    };
    Some(Twilio {
        url,
        ca_file: written.ca_file.map(|file| checking.path(&file)),
        account: written.account,
        key: key.map(|(key, file)| (key, checking.path(&file))),
        auth_token_file: checking.path(&written.auth_token_file),
        from,
    })
}

fn address(field: &str, written: &str, checking: &mut Checking) -> Option<Address> {
    Address::parse(written)
        .map_err(|error| checking.wrong(&format!("{field}.url"), error))
        .ok()
}

/// Two fields that stand together or not at all. The outer `None` is a problem that was noted.
fn both(
    field: &str,
    (one_name, one): (&str, Option<String>),
    (other_name, other): (&str, Option<String>),
    checking: &mut Checking,
) -> Option<Option<(String, String)>> {
    match (one, other) {
        (Some(one), Some(other)) => Some(Some((one, other))),
        (None, None) => Some(None),
        (Some(_), None) => {
            checking.wrong(
                &format!("{field}.{other_name}"),
                format!("is missing: {one_name} stands there"),
            );
            None
        }
        (None, Some(_)) => {
            checking.wrong(
                &format!("{field}.{one_name}"),
                format!("is missing: {other_name} stands there"),
            );
            None
        }
    }
}

/// The secret in a file, without the line break that editors leave at its end.
///
/// # Errors
/// A sentence about the file.
pub(crate) fn secret(file: &Path) -> Result<Zeroizing<String>, String> {
    let text = std::fs::read_to_string(file)
        .map(Zeroizing::new)
        .map_err(|error| format!("{}: {error}", file.display()))?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() || secret.contains(['\r', '\n']) {
        return Err(format!("{}: a secret of one line belongs there", file.display()));
    }
    Ok(Zeroizing::new(secret.to_owned()))
}
