//! `[server]`: addresses.

use std::net::SocketAddr;

use countersign_domain::brand::HostName;
use serde::Deserialize;

use super::Checking;

const LISTEN: &str = "127.0.0.1:8080";
const OPERATIONS: &str = "127.0.0.1:9090";

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    listen: Option<String>,
    operations_listen: Option<String>,
    public_url: Option<String>,
}

/// Addresses.
pub(crate) struct Server {
    /// Where customers, staff and programs reach the server.
    pub(crate) listen: SocketAddr,
    /// Where the operator's tools read metrics and health.
    pub(crate) operations_listen: SocketAddr,
    /// What people type, without a slash at the end.
    pub(crate) public_url: String,
}

impl Server {
    /// Whether people reach the server by TLS, here or at a proxy.
    pub(crate) fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

impl Written {
    pub(super) fn check(self, checking: &mut Checking) -> Option<Server> {
        let listen = address(
            "server.listen",
            self.listen.as_deref().unwrap_or(LISTEN),
            checking,
        );
        let operations_listen = address(
            "server.operations_listen",
            self.operations_listen.as_deref().unwrap_or(OPERATIONS),
            checking,
        );
        let public_url = match self.public_url {
            None => {
                checking.wrong(
                    "server.public_url",
                    "is missing: write the address that people type, such as \"https://pins.example.com\"",
                );
                None
            }
            Some(written) => match public_url(&written) {
                Ok(url) => Some(url),
                Err(message) => {
                    checking.wrong("server.public_url", message);
                    None
                }
            },
        };
        let server = Server {
            listen: listen?,
            operations_listen: operations_listen?,
            public_url: public_url?,
        };
        if server.listen == server.operations_listen && server.listen.port() != 0 {
            checking.wrong(
                "server.operations_listen",
                "is the public address: metrics need one of their own",
            );
        }
        Some(server)
    }
}

fn address(field: &str, written: &str, checking: &mut Checking) -> Option<SocketAddr> {
    let parsed = written.parse().ok();
    if parsed.is_none() {
        checking.wrong(
            field,
            format!("{written:?} is not an address with a port, such as \"127.0.0.1:8080\" or \"[::]:8080\""),
        );
    }
    parsed
}

/// Reads a public address: a scheme, a host name and at most a port.
///
/// # Errors
/// A sentence about what is wrong.
pub(crate) fn public_url(written: &str) -> Result<String, String> {
    let url = written.trim_end_matches('/');
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))
        .ok_or_else(|| format!("{written:?} has to begin with https:// (or http:// for a trial)"))?;
    let (host, port) = rest.rsplit_once(':').unwrap_or((rest, "443"));
    if HostName::parse(host).is_err() || port.parse::<u16>().is_err() {
        return Err(format!(
            "{written:?} is not a public address: write scheme and host name only, such as \"https://pins.example.com\""
        ));
    }
    Ok(url.to_owned())
}
