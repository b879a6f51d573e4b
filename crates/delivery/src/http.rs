//! A small HTTP client: one request on one connection, no redirects, no more of the answer than is of use.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST, USER_AGENT};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// The most of an answer that is read, in bytes.
const LARGEST_ANSWER: usize = 64 * 1024;

/// Where a gateway is reached: scheme, host, port and path.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Address {
    https: bool,
    host: String,
    port: u16,
    path: String,
}

impl Address {
    /// Reads an address without user name, query or fragment.
    ///
    /// # Errors
    /// A sentence about what is wrong.
    pub fn parse(written: &str) -> Result<Self, String> {
        let wrong = || format!("{written:?} is no address such as \"https://sms.example.com/send\"");
        let (https, rest) = match written.split_once("://") {
            Some(("https", rest)) => (true, rest),
            Some(("http", rest)) => (false, rest),
            _ => return Err(wrong()),
        };
        let (authority, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
        let plain = |text: &str| {
            text.bytes()
                .all(|byte| byte.is_ascii_graphic() && !b"@?#\"<>\\^`{|}".contains(&byte))
        };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().map_err(|_| wrong())?),
            _ => (authority, if https { 443 } else { 80 }),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() || !plain(host) || !plain(path) {
            return Err(wrong());
        }
        Ok(Self {
            https,
            host: host.to_owned(),
            port,
            path: path.trim_end_matches('/').to_owned(),
        })
    }

    /// Whether what is sent can be read by nobody on the way: it is encrypted, or stays on this machine.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.https || is_loopback(&self.host)
    }

    fn authority(&self) -> String {
        let host = if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        };
        match (self.https, self.port) {
            (true, 443) | (false, 80) => host,
            (_, port) => format!("{host}:{port}"),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.https { "https" } else { "http" };
        write!(out, "{scheme}://{}{}", self.authority(), self.path)
    }
}

/// Whether a host is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// What came back.
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: Bytes,
}

/// A client of one gateway.
#[derive(Clone)]
pub(crate) struct Client {
    address: Address,
    tls: Option<Arc<ClientConfig>>,
}

impl Client {
    /// A client of this address. `tls` is needed for `https`.
    pub(crate) fn new(address: Address, tls: Option<Arc<ClientConfig>>) -> Self {
        Self { address, tls }
    }

    /// The address.
    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    /// Posts a form to a path below the address. Every failure is one that may pass; its sentence holds nothing of the form.
    pub(crate) async fn post_form(
        &self,
        below: &str,
        headers: &[(&str, &str)],
        fields: &[(&str, &str)],
    ) -> Result<Answer, String> {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.post(
            below,
            headers,
            "application/x-www-form-urlencoded; charset=UTF-8",
            body,
        )
        .await
    }

    /// Posts a body to a path below the address. Every failure is one that may pass; its sentence holds nothing of the body.
    pub(crate) async fn post(
        &self,
        below: &str,
        headers: &[(&str, &str)],
        kind: &str,
        body: String,
    ) -> Result<Answer, String> {
        let mut request = hyper::Request::post(format!("{}{below}", self.address.path))
            .header(HOST, self.address.authority())
            .header(USER_AGENT, concat!("countersign/", env!("CARGO_PKG_VERSION")))
            .header(CONTENT_TYPE, kind);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request
            .body(Full::new(Bytes::from(body)))
            .map_err(|_| "the request cannot be written".to_owned())?;
        let stream = self.connect().await?;
        match &self.tls {
            Some(tls) if self.address.https => {
                let name = ServerName::try_from(self.address.host.clone())
                    .map_err(|_| "its host name cannot be checked".to_owned())?;
                let stream = TlsConnector::from(tls.clone())
                    .connect(name, stream)
                    .await
                    .map_err(|error| format!("no TLS: {error}"))?;
                exchange(stream, request).await
            }
            None if self.address.https => Err("TLS is not set up".to_owned()),
            _ => exchange(stream, request).await,
        }
    }

    /// Opens a connection.
    pub(crate) async fn connect(&self) -> Result<TcpStream, String> {
        TcpStream::connect((self.address.host.as_str(), self.address.port))
            .await
            .map_err(|error| format!("no connection: {error}"))
    }
}

async fn exchange<S>(stream: S, request: hyper::Request<Full<Bytes>>) -> Result<Answer, String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let broken = |error: &dyn fmt::Display| format!("the exchange broke off: {error}");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| broken(&error))?;
    let exchange = async {
        let answer = sender
            .send_request(request)
            .await
            .map_err(|error| broken(&error))?;
        let status = answer.status().as_u16();
        let body = Limited::new(answer.into_body(), LARGEST_ANSWER)
            .collect()
            .await
            .map_err(|error| broken(&error))?
            .to_bytes();
        Ok(Answer { status, body })
    };
    // Both in one future, so that dropping it drops the connection.
    let mut exchange = pin!(exchange);
    let mut connection = pin!(connection);
    tokio::select! {
        biased;
        done = &mut exchange => done,
        _ = &mut connection => exchange.await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_written_back() {
        for (written, shown) in [
            ("https://api.example.com", "https://api.example.com"),
            ("https://api.example.com/", "https://api.example.com"),
            ("https://api.example.com:443/a/b", "https://api.example.com/a/b"),
            (
                "http://127.0.0.1:13013/cgi-bin/sendsms",
                "http://127.0.0.1:13013/cgi-bin/sendsms",
            ),
            ("http://[::1]:80/x", "http://[::1]/x"),
        ] {
            let address = Address::parse(written).unwrap();
            assert_eq!(address.to_string(), shown);
        }
        for wrong in [
            "api.example.com",
            "ftp://a",
            "https://",
            "https://user@a",
            "https://a/b?c",
            "https://a/b#c",
            "https://a:b/",
            "https://a b/",
            "https://a/\r\nX: y",
        ] {
            assert!(Address::parse(wrong).is_err(), "{wrong}");
        }
        let private = |written: &str| Address::parse(written).unwrap().is_private();
        assert!(private("https://a.example") && private("http://127.0.0.9:1") && private("http://[::1]:1"));
        assert!(!private("http://10.0.0.1:13013") && !private("http://localhost.example.com"));
    }
}
