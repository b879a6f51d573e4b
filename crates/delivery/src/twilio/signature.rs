//! `X-Twilio-Signature`: HMAC-SHA1 over the address that was called and the fields of the form, sorted by name.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

/// Whether `signature` is the one of this call. The port may stand in the address that was signed although it is the usual
/// one, or be missing.
pub(super) fn is_signed(token: &[u8], url: &str, form: &[(String, String)], signature: &str) -> bool {
    let Ok(signature) = STANDARD.decode(signature) else {
        return false;
    };
    spellings(url)
        .iter()
        .filter_map(|url| mac_of(token, url, form))
        .any(|mac| mac.verify_slice(&signature).is_ok())
}

fn mac_of(token: &[u8], url: &str, form: &[(String, String)]) -> Option<Hmac<Sha1>> {
    let mut mac = Hmac::<Sha1>::new_from_slice(token).ok()?;
    mac.update(url.as_bytes());
    // A set: pairs that come twice count once.
    for (name, value) in form.iter().collect::<BTreeSet<_>>() {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    Some(mac)
}

/// The address as it is, with its usual port, and without it.
fn spellings(url: &str) -> Vec<String> {
    let mut spellings = vec![url.to_owned()];
    let Some((scheme, rest)) = url.split_once("://") else {
        return spellings;
    };
    let usual = if scheme == "https" { ":443" } else { ":80" };
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    if let Some(host) = authority.strip_suffix(usual) {
        spellings.push(format!("{scheme}://{host}{path}"));
    } else if authority
        .rsplit_once(':')
        .is_none_or(|(_, port)| port.ends_with(']'))
    {
        spellings.push(format!("{scheme}://{authority}{usual}{path}"));
    }
    spellings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_port_may_be_named_or_not() {
        assert_eq!(
            spellings("https://a.example/x").last().unwrap(),
            "https://a.example:443/x"
        );
        assert_eq!(
            spellings("https://a.example:443/x").last().unwrap(),
            "https://a.example/x"
        );
        assert_eq!(spellings("https://a.example:8443/x").len(), 1);
        assert_eq!(spellings("http://[::1]/x").last().unwrap(), "http://[::1]:80/x");
    }

    #[test]
    fn another_field_value_address_or_token_is_another_signature() {
        let form = vec![("b".to_owned(), "2".to_owned()), ("a".to_owned(), "1".to_owned())];
        let url = "https://a.example/x?y=1";
        let signature = STANDARD.encode(mac_of(b"token", url, &form).unwrap().finalize().into_bytes());
        assert!(is_signed(b"token", url, &form, &signature));
        let turned: Vec<_> = form.iter().rev().cloned().collect();
        assert!(
            is_signed(b"token", url, &turned, &signature),
            "the order does not count"
        );
        assert!(!is_signed(b"other", url, &form, &signature));
        assert!(!is_signed(b"token", "https://a.example/x?y=2", &form, &signature));
        assert!(!is_signed(b"token", url, &form[..1], &signature));
        assert!(!is_signed(b"token", url, &form, "no base64!"));
        assert!(!is_signed(b"token", url, &form, ""));
    }
}
