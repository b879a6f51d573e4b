//! E-mail addresses.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::steers_text;

/// One e-mail address. The domain is in lower case; the part before `@` is kept as it was written, because some
/// systems tell its letters apart. [`EmailAddress::key`] is for look-ups.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(String);

/// Why a text is not one e-mail address, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Nothing was typed.
    #[error("no e-mail address: type one, for example dana@example.com")]
    Empty,
    /// Longer than SMTP carries (RFC 5321, section 4.5.3.1: 64 before the `@`, 254 in all).
    #[error("too long: an e-mail address has at most 64 characters before the @ and 254 in all")]
    TooLong,
    /// More than one address, or a name around it.
    #[error("type one address only, without a name, a comma or brackets")]
    NotOneAddress,
    /// No `@`, or nothing on one side of it.
    #[error("the address needs a name, an @ and a domain, as in dana@example.com")]
    Incomplete,
    /// A space, a control character or one that steers the direction of text.
    #[error("the address holds a space or an invisible character: type it anew")]
    ForbiddenCharacter,
    /// The part after the `@` is not a host name.
    #[error("the part after the @ is not a domain: check it for missing or doubled dots")]
    BadDomain,
}

impl EmailAddress {
    /// Reads one address; spaces around it are dropped.
    ///
    /// Quoted names (`"a b"@…`), comments, and address literals (`@[192.0.2.1]`) are refused: they are lawful and
    /// not in use, and every one of them has smuggled a second recipient past some parser.
    ///
    /// # Errors
    /// [`EmailError`] says what to change.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let text = text.trim_matches(' ');
        if text.is_empty() {
            return Err(EmailError::Empty);
        }
        if text.len() > 254 {
            return Err(EmailError::TooLong);
        }
        if text.chars().any(|character| ",;<>()[]\"\\:".contains(character)) {
            return Err(EmailError::NotOneAddress);
        }
        if text
            .chars()
            .any(|character| character.is_control() || character.is_whitespace() || steers_text(character))
        {
            return Err(EmailError::ForbiddenCharacter);
        }
        let (local, domain) = text.split_once('@').ok_or(EmailError::Incomplete)?;
        if domain.contains('@') {
            return Err(EmailError::NotOneAddress);
        }
        if local.is_empty() || domain.is_empty() {
            return Err(EmailError::Incomplete);
        }
        if local.len() > 64 {
            return Err(EmailError::TooLong);
        }
        if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
            return Err(EmailError::Incomplete);
        }
        let domain = domain.to_lowercase();
        if !is_domain(&domain) {
            return Err(EmailError::BadDomain);
        }
        Ok(Self(format!("{local}@{domain}")))
    }

    /// The address as messages are sent to it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address in lower case throughout: for look-ups, and so that two spellings are one person.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }

    /// `d•••@e•••.com`: enough to say which address, not enough to write to it.
    #[must_use]
    pub fn masked(&self) -> String {
        let (local, domain) = self.0.split_once('@').unwrap_or((&self.0, ""));
        let (host, ending) = domain.rsplit_once('.').unwrap_or((domain, ""));
        let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
        let dot = if ending.is_empty() { "" } else { "." };
        format!("{}•••@{}•••{dot}{ending}", first(local), first(host))
    }
}

/// True for labels of letters, digits and inner dashes with dots between; letters of every script are let through,
/// because internationalised domains are written so.
fn is_domain(domain: &str) -> bool {
    domain.split('.').all(|label| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|character| {
                character == '-'
                    || character.is_ascii_alphanumeric()
                    || (!character.is_ascii() && character.is_alphanumeric())
            })
    })
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.masked())
    }
}

impl Serialize for EmailAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for EmailAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_with_its_domain_in_lower_case() {
        let address = EmailAddress::parse("  Dana.Orlov+pin@Example.COM ").unwrap();
        assert_eq!(address.as_str(), "Dana.Orlov+pin@example.com");
        assert_eq!(address.key(), "dana.orlov+pin@example.com");
        assert_eq!(
            EmailAddress::parse("größe@müller.example").unwrap().as_str(),
            "größe@müller.example"
        );
        assert!(
            EmailAddress::parse("root@localhost").is_ok(),
            "a name without a dot is a domain inside a network"
        );
    }

    #[test]
    fn what_is_not_one_address_is_refused_with_what_to_do() {
        let refused = [
            ("", EmailError::Empty),
            ("  ", EmailError::Empty),
            ("dana", EmailError::Incomplete),
            ("@example.com", EmailError::Incomplete),
            ("dana@", EmailError::Incomplete),
            (".dana@example.com", EmailError::Incomplete),
            ("dana.@example.com", EmailError::Incomplete),
            ("da..na@example.com", EmailError::Incomplete),
            ("a@example.com,b@example.com", EmailError::NotOneAddress),
            ("a@example.com b@example.com", EmailError::ForbiddenCharacter),
            ("a@b@example.com", EmailError::NotOneAddress),
            ("Dana <dana@example.com>", EmailError::NotOneAddress),
            ("\"a b\"@example.com", EmailError::NotOneAddress),
            ("dana@[192.0.2.1]", EmailError::NotOneAddress),
            ("dana(home)@example.com", EmailError::NotOneAddress),
            ("dana@example.com\r\nBcc: x", EmailError::NotOneAddress),
            ("dana@example.com\r\nBcc", EmailError::ForbiddenCharacter),
            ("dana@example.com\n", EmailError::ForbiddenCharacter),
            ("da\0na@example.com", EmailError::ForbiddenCharacter),
            ("da\u{202e}na@example.com", EmailError::ForbiddenCharacter),
            ("da\u{a0}na@example.com", EmailError::ForbiddenCharacter),
            ("dana@example..com", EmailError::BadDomain),
            ("dana@-example.com", EmailError::BadDomain),
            ("dana@example-.com", EmailError::BadDomain),
            ("dana@exa_mple.com", EmailError::BadDomain),
            ("dana@example.com.", EmailError::BadDomain),
        ];
        for (text, error) in refused {
            assert_eq!(EmailAddress::parse(text), Err(error), "{text:?}");
        }
        assert_eq!(
            EmailAddress::parse(&format!("{}@example.com", "a".repeat(65))),
            Err(EmailError::TooLong)
        );
        assert_eq!(
            EmailAddress::parse(&format!("a@{}.com", "a.".repeat(200))),
            Err(EmailError::TooLong)
        );
        assert_eq!(
            EmailAddress::parse(&format!("a@{}.com", "a".repeat(64))),
            Err(EmailError::BadDomain)
        );
    }

    #[test]
    fn the_mask_shows_two_first_letters_and_the_ending() {
        let masked = |text| EmailAddress::parse(text).unwrap().masked();
        assert_eq!(masked("dana@example.com"), "d•••@e•••.com");
        assert_eq!(masked("dana@mail.example.org"), "d•••@m•••.org");
        assert_eq!(masked("root@localhost"), "r•••@l•••");
        assert_eq!(
            format!("{:?}", EmailAddress::parse("dana@example.com").unwrap()),
            "d•••@e•••.com"
        );
    }

    #[test]
    fn json_holds_the_address() {
        let address = EmailAddress::parse("dana@example.com").unwrap();
        let json = serde_json::to_string(&address).unwrap();
        assert_eq!(serde_json::from_str::<EmailAddress>(&json).unwrap(), address);
        assert!(serde_json::from_str::<EmailAddress>("\"dana\"").is_err());
    }
}
