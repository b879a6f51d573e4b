//! How the way to PostgreSQL is protected: decided from the connection string and what the operator says beside it.
//!
//! What travels there are keyed digests, sealed PINs and names. Nothing is needed on a way that never leaves the machine;
//! on any other the server has to prove its name, unless the operator says otherwise.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres::config::{Config, Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::StoreError;

/// What PostgreSQL 17 wants to be asked for by name when a connection begins with TLS.
const PROTOCOL: &[u8] = b"postgresql";

/// How much protection is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TlsMode {
    /// None.
    Disable,
    /// Encryption where the server offers it. Whoever sits between can talk both sides out of it.
    Prefer,
    /// Encryption, with whoever answers.
    Require,
    /// Encryption, and the server's certificate must be for the host's name and signed by a known authority: what other
    /// programs call `verify-full`.
    Verify,
}

impl TlsMode {
    /// All of them, the weakest first.
    pub const ALL: [Self; 4] = [Self::Disable, Self::Prefer, Self::Require, Self::Verify];

    /// The word for it in a configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::Verify => "verify",
        }
    }
}

impl FromStr for TlsMode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|mode| mode.name() == text)
            .ok_or_else(|| format!("{text:?} is none of disable, prefer, require, verify"))
    }
}

/// What the operator says about TLS beside the connection string.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    /// How much; nothing leaves it to the string's `sslmode`, or else to where the server is.
    pub mode: Option<TlsMode>,
    /// PEM file of the authorities that may sign for the server; nothing means those that the system trusts.
    pub ca_file: Option<PathBuf>,
}

/// What was decided about the way to a server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Protection {
    /// How much.
    pub mode: TlsMode,
    /// Whether the way stays on this machine: sockets and loopback addresses only.
    pub on_this_machine: bool,
    ca_file: Option<PathBuf>,
}

impl Protection {
    /// What protects the way that `connection` and `tls` describe.
    ///
    /// # Errors
    /// A sentence for the operator: the string cannot be read, or the two do not go together.
    pub fn of(connection: &str, tls: &Tls) -> Result<Self, String> {
        Self::decide(connection, &parse(connection)?, tls)
    }

    fn decide(connection: &str, settings: &Config, tls: &Tls) -> Result<Self, String> {
        let on_this_machine = is_on_this_machine(settings);
        let mode = match (tls.mode, said_in(connection, settings)) {
            (Some(mode), None) => mode,
            (None, Some(mode)) => mode,
            (Some(_), Some(_)) => {
                return Err("the connection string has an sslmode too: keep one of the two".to_owned());
            }
            (None, None) if tls.ca_file.is_some() => TlsMode::Verify,
            (None, None) if on_this_machine => TlsMode::Disable,
            (None, None) => TlsMode::Verify,
        };
        if tls.ca_file.is_some() && mode != TlsMode::Verify {
            return Err(format!(
                "a file of authorities is looked at with \"verify\" only, and this is {:?}",
                mode.name()
            ));
        }
        let encrypts = matches!(mode, TlsMode::Require | TlsMode::Verify);
        if encrypts && settings.get_hosts().iter().any(is_socket) {
            return Err(format!(
                "{:?} cannot be had on a socket, which carries no TLS and needs none",
                mode.name()
            ));
        }
        Ok(Self {
            mode,
            on_this_machine,
            ca_file: tls.ca_file.clone(),
        })
    }
}

impl fmt::Display for Protection {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.mode, &self.ca_file) {
            (TlsMode::Disable, _) if self.on_this_machine => {
                out.write_str("not encrypted, and it stays on this machine")
            }
            (TlsMode::Disable, _) => out.write_str("not encrypted"),
            (TlsMode::Prefer, _) => {
                out.write_str("encrypted only if the server offers it, without looking who answers")
            }
            (TlsMode::Require, _) => out.write_str("encrypted, without looking who answers"),
            (TlsMode::Verify, Some(file)) => {
                write!(out, "encrypted, and {} must vouch for the server", file.display())
            }
            (TlsMode::Verify, None) => {
                out.write_str("encrypted, and an authority that this system trusts must vouch for the server")
            }
        }
    }
}

/// A way to a server, ready to be taken.
pub(super) struct Way {
    /// What the driver is given.
    pub(super) settings: Config,
    /// How it speaks TLS, where the settings ask for any.
    pub(super) tls: MakeRustlsConnect,
    protection: Protection,
}

impl Way {
    pub(super) fn new(connection: &str, tls: &Tls) -> Result<Self, StoreError> {
        let mut settings = parse(connection).map_err(StoreError::Unavailable)?;
        let protection = Protection::decide(connection, &settings, tls).map_err(StoreError::Unavailable)?;
        settings.ssl_mode(match protection.mode {
            TlsMode::Disable => SslMode::Disable,
            TlsMode::Prefer => SslMode::Prefer,
            TlsMode::Require | TlsMode::Verify => SslMode::Require,
        });
        if settings.get_hosts().is_empty() {
            // A certificate is compared with the host's name; where there is none, with the address.
            let addresses = settings.get_hostaddrs().to_vec();
            for address in addresses {
                settings.host(address.to_string());
            }
        }
        let tls = MakeRustlsConnect::new(client(&protection)?);
        Ok(Self {
            settings,
            tls,
            protection,
        })
    }

    /// Why there is no connection, and, where it is about trust, what the operator can do.
    pub(super) fn explain(&self, error: &tokio_postgres::Error) -> StoreError {
        let mut text = causes(error);
        // The driver's error has no kind; this is what it says of every failure of TLS.
        if text.contains("TLS handshake") && self.protection.mode == TlsMode::Verify {
            text.push_str(
                ". Name the authority that signed the server's certificate in database.ca_file, or say how much \
                 protection is enough in database.tls (\"require\" encrypts without looking who answers, \"disable\" is for \
                 private ways)",
            );
        } else if text.contains("TLS handshake") && self.protection.mode == TlsMode::Require {
            text.push_str(
                ". database.tls and sslmode ask for TLS; switch it on in the server, or ask for less",
            );
        }
        StoreError::Unavailable(text)
    }
}

/// An error with what stands behind it, each once.
pub(super) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let said = inner.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = inner.source();
    }
    text
}

fn parse(connection: &str) -> Result<Config, String> {
    connection.parse::<Config>().map_err(|error| {
        let hint = if connection.contains("sslmode") && connection.contains("verify-") {
            "; instead of sslmode=verify-full say database.tls = \"verify\""
        } else if connection.contains("sslrootcert") {
            "; instead of sslrootcert set database.ca_file"
        } else {
            ""
        };
        format!("the connection string: {error}{hint}")
    })
}

/// The `sslmode` that stands in the string. The driver does not tell its own "prefer" from one that was written.
fn said_in(connection: &str, settings: &Config) -> Option<TlsMode> {
    match settings.get_ssl_mode() {
        SslMode::Disable => Some(TlsMode::Disable),
        SslMode::Require => Some(TlsMode::Require),
        _ => {
            let plain: String = connection
                .chars()
                .filter(|letter| !letter.is_whitespace() && *letter != '\'')
                .collect();
            plain.contains("sslmode=prefer").then_some(TlsMode::Prefer)
        }
    }
}

fn is_socket(host: &Host) -> bool {
    !matches!(host, Host::Tcp(_))
}

/// Name and address both count: a name from elsewhere behind a loopback address is the near end of a tunnel, and says who
/// has to answer at the far one.
fn is_on_this_machine(settings: &Config) -> bool {
    let hosts = settings.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse::<std::net::IpAddr>()
                    .is_ok_and(|address| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    });
    hosts && settings.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback)
}

fn client(protection: &Protection) -> Result<ClientConfig, StoreError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| StoreError::Unavailable(format!("TLS: {error}")))?;
    let mut client = if protection.mode == TlsMode::Verify {
        let roots = match &protection.ca_file {
            Some(file) => authorities_in(file)?,
            None => authorities_of_the_system()?,
        };
        builder.with_root_certificates(roots).with_no_client_auth()
    } else {
        builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anybody(provider)))
            .with_no_client_auth()
    };
    client.alpn_protocols = vec![PROTOCOL.to_vec()];
    Ok(client)
}

fn authorities_in(file: &Path) -> Result<RootCertStore, StoreError> {
    let wrong = |what: &dyn fmt::Display| {
        StoreError::Unavailable(format!("database.ca_file {}: {what}", file.display()))
    };
    let text = std::fs::read(file).map_err(|error| wrong(&error))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let certificate = certificate.map_err(|error| wrong(&error))?;
        roots.add(certificate).map_err(|error| wrong(&error))?;
    }
    if roots.is_empty() {
        return Err(wrong(&"there is no certificate in it"));
    }
    Ok(roots)
}

fn authorities_of_the_system() -> Result<RootCertStore, StoreError> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        return Err(StoreError::Unavailable(
            "this system trusts no authority (is the package ca-certificates installed?), so nobody can vouch for the \
             database's server: name its authority in database.ca_file"
                .to_owned(),
        ));
    }
    Ok(roots)
}

/// Takes any certificate, for those who asked for encryption only. Signatures still count, so that what is encrypted goes
/// to whoever showed the certificate.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _certificate: &CertificateDer<'_>,
        _between: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(connection: &str, mode: Option<TlsMode>) -> Result<TlsMode, String> {
        let tls = Tls { mode, ca_file: None };
        Protection::of(connection, &tls).map(|protection| protection.mode)
    }

    #[test]
    fn what_stays_on_the_machine_needs_no_tls() {
        for connection in [
            "host=127.0.0.1 user=x",
            "host=::1 user=x",
            "host=localhost user=x",
            "host=/run/postgresql user=x",
            "hostaddr=127.0.0.2 user=x",
            "host=localhost,/run/postgresql user=x",
            "postgres://x@localhost/x",
            "postgresql://x@%2Frun%2Fpostgresql/x",
        ] {
            assert_eq!(decided(connection, None), Ok(TlsMode::Disable), "{connection}");
        }
    }

    #[test]
    fn any_other_host_has_to_prove_its_name() {
        for connection in [
            "host=db user=x",
            "host=10.0.0.5 user=x",
            "host=localhost,db.example.com user=x",
            "host=db.example.com hostaddr=127.0.0.1 user=x",
            "host=localhost hostaddr=10.0.0.5 user=x",
            "host=localhost.example.com user=x",
            "postgres://x@db.example.com/x",
        ] {
            assert_eq!(decided(connection, None), Ok(TlsMode::Verify), "{connection}");
        }
    }

    #[test]
    fn the_operators_word_wins_and_stands_in_one_place() {
        for mode in TlsMode::ALL {
            assert_eq!(decided("host=db user=x", Some(mode)), Ok(mode));
            assert_eq!(mode.name().parse(), Ok(mode));
        }
        for mode in [TlsMode::Disable, TlsMode::Prefer, TlsMode::Require] {
            for connection in [
                format!("host=db user=x sslmode={}", mode.name()),
                format!("host=db user=x sslmode = '{}'", mode.name()),
                format!("postgres://x@db/x?sslmode={}", mode.name()),
            ] {
                assert_eq!(decided(&connection, None), Ok(mode), "{connection}");
                let twice = decided(&connection, Some(mode)).unwrap_err();
                assert!(twice.contains("keep one"), "{twice}");
            }
        }
        assert_eq!(
            decided("host=localhost user=x", Some(TlsMode::Verify)),
            Ok(TlsMode::Verify)
        );
    }

    #[test]
    fn words_of_other_programs_are_answered_with_ours() {
        let refused = decided("host=db sslmode=verify-full", None).unwrap_err();
        assert!(refused.contains("database.tls = \"verify\""), "{refused}");
        let refused = decided("host=db sslrootcert=/ca.pem", None).unwrap_err();
        assert!(refused.contains("database.ca_file"), "{refused}");
        let refused = "verify-full".parse::<TlsMode>().unwrap_err();
        assert!(refused.contains("verify"), "{refused}");
    }

    #[test]
    fn what_cannot_be_had_is_refused() {
        let refused = decided("host=/run/postgresql user=x", Some(TlsMode::Require)).unwrap_err();
        assert!(refused.contains("socket"), "{refused}");
        let tls = Tls {
            mode: Some(TlsMode::Require),
            ca_file: Some("ca.pem".into()),
        };
        let refused = Protection::of("host=db user=x", &tls).unwrap_err();
        assert!(refused.contains("\"verify\" only"), "{refused}");
    }

    #[test]
    fn a_file_of_authorities_asks_for_verify_by_itself() {
        let tls = Tls {
            mode: None,
            ca_file: Some("ca.pem".into()),
        };
        let protection = Protection::of("host=localhost user=x", &tls).unwrap();
        assert_eq!(protection.mode, TlsMode::Verify);
        assert!(protection.to_string().contains("ca.pem"));
    }
}
