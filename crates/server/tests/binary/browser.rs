//! A browser without script: a cookie, and forms with their hidden token.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::running::{Answer, request};

pub(crate) struct Browser {
    address: SocketAddr,
    cookies: BTreeMap<String, String>,
    csrf: String,
    /// Everything that was shown.
    pub(crate) seen: String,
}

impl Browser {
    /// A browser that has seen nothing yet.
    pub(crate) fn at(address: SocketAddr) -> Self {
        Self {
            address,
            cookies: BTreeMap::new(),
            csrf: String::new(),
            seen: String::new(),
        }
    }

    /// Opens a mailed link, which leads on.
    pub(crate) fn open(&mut self, path: &str) {
        let answer = self.send("GET", path, "");
        assert_eq!(answer.status, 303, "{path}: {answer:?}");
    }

    /// Looks at a page, whatever comes of it.
    pub(crate) fn look(&mut self, path: &str) -> Answer {
        self.send("GET", path, "")
    }

    /// Signs in at `page`.
    pub(crate) fn sign_in(address: SocketAddr, page: &str, username: &str, password: &str) -> Self {
        let mut browser = Self::at(address);
        browser.get(page);
        let answer = browser.post(page, &[("username", username), ("password", password)]);
        assert_eq!(answer.status, 303, "{answer:?}");
        browser
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        let answer = self.send("GET", path, "");
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        self.seen.push_str(&answer.body);
        answer
    }

    /// A page that may show what is secret.
    pub(crate) fn get_unseen(&mut self, path: &str) -> Answer {
        self.send("GET", path, "")
    }

    /// Sends a form with the token of the page before.
    pub(crate) fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.post_unseen(path, fields);
        self.seen.push_str(&answer.head);
        self.seen.push_str(&answer.body);
        answer
    }

    /// Sends a form whose answer may show what is secret.
    pub(crate) fn post_unseen(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut body = format!("csrf={}", self.csrf);
        for (name, value) in fields {
            let value = value.replace('%', "%25").replace('&', "%26").replace(' ', "+");
            body.push_str(&format!("&{name}={value}"));
        }
        self.send("POST", path, &body)
    }

    fn send(&mut self, method: &str, path: &str, body: &str) -> Answer {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let cookie = cookies.join("; ");
        let headers = [
            ("Cookie", cookie.as_str()),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Sec-Fetch-Site", "same-origin"),
        ];
        let answer = request(self.address, method, path, &headers, body).expect("an answer");
        for line in answer.head.lines() {
            if let Some((name, value)) = line.split_once(": ")
                && name.eq_ignore_ascii_case("set-cookie")
                && let Some((name, content)) = value.split(';').next().unwrap_or_default().split_once('=')
            {
                if value.contains("Max-Age=0") {
                    self.cookies.remove(name);
                } else {
                    self.cookies.insert(name.to_owned(), content.to_owned());
                }
            }
        }
        if let Some(token) = answer.body.split("name=\"csrf\" value=\"").nth(1) {
            token
                .split('"')
                .next()
                .unwrap_or_default()
                .clone_into(&mut self.csrf);
        }
        answer
    }
}

/// The code that an authenticator shows now for a key of text, in groups of letters and digits (RFC 4648, section 6).
#[expect(
    clippy::disallowed_methods,
    reason = "the phone of a test has a clock of its own, as phones do"
)]
pub(crate) fn code_of(key: &str) -> String {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut bytes, mut kept, mut bits) = (Vec::new(), 0_u32, 0);
    for letter in key.chars().filter(|letter| !letter.is_whitespace()) {
        let value = alphabet.find(letter).expect("a letter of base 32");
        kept = (kept << 5 | u32::try_from(value).expect("five bits")) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(kept >> bits & 0xff).expect("eight bits"));
        }
    }
    let secret = countersign_domain::factor::TotpSecret::from_slice(&bytes).expect("twenty bytes");
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("a time after 1970");
    let now = i64::try_from(now.as_micros()).expect("this century");
    let code = secret.code_at(countersign_domain::time::Timestamp::from_micros(now));
    code.expect("six digits").expose().to_owned()
}
