//! Where passkeys are made and used.

use countersign_domain::factor::passkey::CEREMONY_FOR;
use countersign_domain::ids::SubjectId;
use sha2::{Digest, Sha256};
use webauthn_rs::prelude::{Url, Uuid, Webauthn, WebauthnBuilder, WebauthnError};

use crate::error::{AppError, Cause};

/// A site that makes passkeys and takes its own: one address, as the operator configured it. A browser offers a passkey at the
/// host name at which it was made and at no other, and the server takes none that was signed elsewhere.
#[derive(Clone, Debug)]
pub struct Site {
    address: String,
    origin: Url,
    host: String,
    name: String,
}

impl Site {
    /// The site at this address (`https://pins.example.com`), under the name that browsers show. None at a bare IP address:
    /// browsers know passkeys for host names only.
    #[must_use]
    pub fn new(address: &str, name: &str) -> Option<Self> {
        let origin = Url::parse(address).ok()?;
        let host = origin.domain()?.to_owned();
        Some(Self {
            address: address.to_owned(),
            origin,
            host,
            name: name.to_owned(),
        })
    }

    /// Its address.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The library's end of the ceremonies.
    pub(crate) fn party(&self) -> Result<Webauthn, AppError> {
        WebauthnBuilder::new(&self.host, &self.origin)
            .and_then(|builder| builder.rp_name(&self.name).timeout(CEREMONY_FOR).build())
            .map_err(unexpected)
    }
}

/// What authenticators keep of whose a passkey is: tells nothing to anybody else, and is the same for one subject always.
pub(crate) fn handle_of(subject: SubjectId) -> Uuid {
    let digest = Sha256::new()
        .chain_update(b"countersign: owner of a passkey\0")
        .chain_update(subject.to_string())
        .finalize();
    let digest: [u8; 32] = digest.into();
    Uuid::from_bytes(*digest.first_chunk::<16>().unwrap_or(&[0; 16]))
}

/// A failure of the library that no answer of a browser leads to.
#[expect(clippy::needless_pass_by_value, reason = "to be handed to map_err")]
pub(crate) fn unexpected(error: WebauthnError) -> AppError {
    AppError::Unavailable(Cause::Corrupt(format!("a passkey's ceremony: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_domain::ids::{PersonId, StaffId};
    use countersign_domain::time::Timestamp;

    #[test]
    fn a_site_is_a_host_name_and_no_ip_address() {
        for address in [
            "https://pins.example.com",
            "http://harbor.localhost:8080",
            "http://localhost",
        ] {
            let site = Site::new(address, "Harbor").unwrap();
            assert_eq!(site.address(), address);
            assert!(site.party().is_ok(), "{address}");
        }
        for address in ["http://127.0.0.1:8080", "http://[::1]", "pins.example.com", ""] {
            assert!(Site::new(address, "Harbor").is_none(), "{address}");
        }
    }

    #[test]
    fn a_handle_is_of_one_subject_and_does_not_show_its_id() {
        let person = PersonId::new(Timestamp::from_micros(7), [1; 10]);
        let staff = StaffId::new(Timestamp::from_micros(7), [1; 10]);
        let (mine, theirs) = (
            handle_of(SubjectId::Person(person)),
            handle_of(SubjectId::Staff(staff)),
        );
        assert_eq!(mine, handle_of(SubjectId::Person(person)));
        assert_ne!(mine, theirs);
    }
}
