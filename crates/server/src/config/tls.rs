//! `[tls]`: the certificate, where no proxy in front speaks TLS.

use std::path::PathBuf;

use serde::Deserialize;

use super::Checking;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    certificate: Option<String>,
    key: Option<String>,
}

/// The certificate and its key, read again whenever the files change.
#[derive(Clone)]
pub(crate) struct Tls {
    /// The certificate and those that lead to its issuer, as PEM.
    pub(crate) certificate: PathBuf,
    /// Its private key, as PEM.
    pub(crate) key: PathBuf,
}

impl Written {
    pub(super) fn check(self, checking: &mut Checking) -> Option<Tls> {
        let mut file = |field, written: Option<String>| {
            let Some(written) = written else {
                checking.wrong(field, "is missing: [tls] needs certificate and key, or has to go");
                return None;
            };
            let path = checking.path(&written);
            if !path.is_file() {
                checking.wrong(field, format!("there is no file {}", path.display()));
                return None;
            }
            Some(path)
        };
        let (certificate, key) = (
            file("tls.certificate", self.certificate),
            file("tls.key", self.key),
        );
        Some(Tls {
            certificate: certificate?,
            key: key?,
        })
    }
}
