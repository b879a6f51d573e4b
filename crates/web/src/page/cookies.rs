//! The cookies: their names, their flags (ASVS 5, 3.3), reading and writing them.

use axum::response::Response;
use http::{HeaderMap, HeaderValue, header};

/// The cookies that this server sets. Each holds one plain word; what it stands for is in the database.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Cookie {
    /// The token of a customer's session.
    Portal,
    /// The token of a session at the desk.
    Desk,
    /// The token of a sign-in form, before there is a session.
    Door,
    /// What tells a browser in which a customer signed in before from a stranger's.
    KnownBrowser,
    /// The same at the desk.
    KnownDeskBrowser,
    /// The token of a customer's sign-in that waits for its second factor. Not a session (E47).
    HalfOpen,
    /// The same at the desk.
    DeskHalfOpen,
    /// The token of a customer's remembered device, which stands in for the second factor (C4).
    Device,
    /// The same at the desk.
    DeskDevice,
    /// The token of a link that was mailed to reset a password, once it has left the address bar.
    Reset,
    /// The token of a link that invited somebody, once it has left the address bar.
    Invitation,
    /// A sign-in at the identity provider that began in this browser: its answer counts in no other one.
    DeskProvider,
    /// The token of a passkey's ceremony, between its two halves.
    Passkey,
    /// News for the next page.
    News,
    /// The brand for which a member of staff works now.
    DeskBrand,
}

impl Cookie {
    /// With HTTPS the name binds the cookie to this very host (RFC 6265bis, 4.1.3.2: `__Host-`). Browsers refuse such
    /// names without HTTPS.
    const fn name(self, https: bool) -> &'static str {
        match (self, https) {
            (Self::Portal, true) => "__Host-countersign",
            (Self::Portal, false) => "countersign",
            (Self::Desk, true) => "__Host-countersign-desk",
            (Self::Desk, false) => "countersign-desk",
            (Self::Door, true) => "__Host-countersign-door",
            (Self::Door, false) => "countersign-door",
            (Self::KnownBrowser, true) => "__Host-countersign-known",
            (Self::KnownBrowser, false) => "countersign-known",
            (Self::KnownDeskBrowser, true) => "__Host-countersign-known-desk",
            (Self::KnownDeskBrowser, false) => "countersign-known-desk",
            (Self::HalfOpen, true) => "__Host-countersign-half-open",
            (Self::HalfOpen, false) => "countersign-half-open",
            (Self::DeskHalfOpen, true) => "__Host-countersign-half-open-desk",
            (Self::DeskHalfOpen, false) => "countersign-half-open-desk",
            (Self::DeskProvider, true) => "__Host-countersign-provider-desk",
            (Self::DeskProvider, false) => "countersign-provider-desk",
            (Self::Device, true) => "__Host-countersign-device",
            (Self::Device, false) => "countersign-device",
            (Self::DeskDevice, true) => "__Host-countersign-device-desk",
            (Self::DeskDevice, false) => "countersign-device-desk",
            (Self::Reset, true) => "__Host-countersign-reset",
            (Self::Reset, false) => "countersign-reset",
            (Self::Invitation, true) => "__Host-countersign-invitation",
            (Self::Invitation, false) => "countersign-invitation",
            (Self::Passkey, true) => "__Host-countersign-passkey",
            (Self::Passkey, false) => "countersign-passkey",
            (Self::News, true) => "__Host-countersign-news",
            (Self::News, false) => "countersign-news",
            (Self::DeskBrand, true) => "__Host-countersign-brand",
            (Self::DeskBrand, false) => "countersign-brand",
        }
    }

    /// What the browser sent. Only plain words are ever set, so only those are read.
    pub(crate) fn read(self, headers: &HeaderMap, https: bool) -> Option<&str> {
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, value)| *name == self.name(https) && is_plain(value))
            .map(|(_, value)| value)
    }

    /// Keeps `value` until the browser is closed. Scripts never see it, other sites' forms never send it.
    pub(crate) fn set(self, value: &str, https: bool) -> Option<HeaderValue> {
        self.write(value, "", https)
    }

    /// Keeps `value` for a minute at most.
    pub(crate) fn set_briefly(self, value: &str, https: bool) -> Option<HeaderValue> {
        self.write(value, "; Max-Age=60", https)
    }

    /// Keeps `value` for so many seconds, also when the browser is closed meanwhile.
    pub(crate) fn set_for(self, value: &str, seconds: u64, https: bool) -> Option<HeaderValue> {
        self.write(value, &format!("; Max-Age={seconds}"), https)
    }

    /// Forgets it.
    pub(crate) fn clear(self, https: bool) -> Option<HeaderValue> {
        self.write("", "; Max-Age=0", https)
    }

    fn write(self, value: &str, age: &str, https: bool) -> Option<HeaderValue> {
        if !value.is_empty() && !is_plain(value) {
            return None;
        }
        let secure = if https { "; Secure" } else { "" };
        let name = self.name(https);
        HeaderValue::from_str(&format!(
            "{name}={value}; Path=/; HttpOnly; SameSite=Lax{age}{secure}"
        ))
        .ok()
    }
}

/// Adds a cookie to an answer.
pub(crate) fn with_cookie(mut response: Response, cookie: Option<HeaderValue>) -> Response {
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

fn is_plain(value: &str) -> bool {
    (1..=128).contains(&value.len())
        && value
            .bytes()
            .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::Cookie;
    use http::HeaderMap;

    #[test]
    fn with_https_the_session_cookie_is_bound_to_its_host_and_hidden_from_scripts() {
        let cookie = Cookie::Portal.set("token", true).unwrap();
        assert_eq!(
            cookie,
            "__Host-countersign=token; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
    }

    #[test]
    fn without_https_the_name_is_plain_because_browsers_refuse_the_other() {
        let cookie = Cookie::Desk.set("token", false).unwrap();
        assert_eq!(cookie, "countersign-desk=token; Path=/; HttpOnly; SameSite=Lax");
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name_and_only_when_it_is_a_plain_word() {
        let mut headers = HeaderMap::new();
        headers.insert(
            "cookie",
            "xcountersign=a; countersign=b;countersign-desk=<c>"
                .parse()
                .unwrap(),
        );
        assert_eq!(Cookie::Portal.read(&headers, false), Some("b"));
        assert_eq!(Cookie::Portal.read(&headers, true), None);
        assert_eq!(Cookie::Desk.read(&headers, false), None);
    }

    #[test]
    fn a_value_that_could_end_the_cookie_is_not_written() {
        assert!(Cookie::Portal.set("a; Domain=example", true).is_none());
        assert!(Cookie::Portal.set("a\r\nSet-Cookie: b", true).is_none());
    }
}
