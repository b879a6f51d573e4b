//! A browser without script.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use countersign_testkit::{Answer, PASSWORD, Request, TestApp};

use crate::authenticator::{SET_UP, switch_on};

/// A browser at one host name.
pub(crate) struct Browser<'a> {
    test: &'a TestApp,
    host: String,
    pub(crate) cookies: BTreeMap<String, String>,
    /// The form token of the page that was last seen.
    pub(crate) csrf: String,
}

impl<'a> Browser<'a> {
    pub(crate) fn at(test: &'a TestApp, host: &str) -> Self {
        Self {
            test,
            host: host.to_owned(),
            cookies: BTreeMap::new(),
            csrf: String::new(),
        }
    }

    /// A browser that has signed in to the portal, and has set up a second factor where the policy demands one.
    pub(crate) async fn customer(test: &'a TestApp, host: &str, username: &str) -> Self {
        let mut browser = Self::at(test, host);
        let answer = browser.sign_in(username, PASSWORD).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        if browser.get("/").await.header("location") == SET_UP {
            switch_on(test, &mut browser).await;
            browser.get("/").await;
        }
        browser
    }

    /// A browser that has signed in to the desk.
    pub(crate) async fn staff(test: &'a TestApp, host: &str, username: &str) -> Self {
        let mut browser = Self::at(test, host);
        browser.get("/desk/sign-in").await;
        let fields = [("username", username), ("password", PASSWORD)];
        let page = browser.submit("/desk/sign-in", &fields).await;
        assert!(page.text().contains("Enter your code"), "{}", page.text());
        let code = test.staff_code(username);
        let answer = browser
            .post("/desk/sign-in/code", &[("by", "app"), ("code", &code)])
            .await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        browser.get("/desk").await;
        browser
    }

    pub(crate) async fn sign_in(&mut self, username: &str, password: &str) -> Answer {
        self.get("/sign-in").await;
        let fields = [("username", username), ("password", password)];
        self.post("/sign-in", &fields).await
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        let request = self.test.get(path);
        self.send(request).await
    }

    /// Sends a form, with the token of the page that was last seen.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.csrf.clone();
        let mut all = vec![("csrf", token.as_str())];
        all.extend_from_slice(fields);
        self.post_bare(path, &all).await
    }

    /// Sends a form with these fields and no others.
    pub(crate) async fn post_bare(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self.test.post(path).form(&encoded(fields));
        self.send(request).await
    }

    /// Does what a script of the page does.
    pub(crate) async fn fetch(&mut self, path: &str) -> Answer {
        let request = self.test.post(path).header("x-csrf-token", &self.csrf);
        self.send(request).await
    }

    /// Goes where the answer sends.
    pub(crate) async fn follow(&mut self, answer: &Answer) -> Answer {
        assert_eq!(answer.status, 303, "{}", answer.text());
        let path = answer.header("location").to_owned();
        self.get(&path).await
    }

    /// Sends a form and goes where its answer sends.
    pub(crate) async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.post(path, fields).await;
        self.follow(&answer).await
    }

    /// Sends any request as this browser.
    pub(crate) async fn send(&mut self, request: Request) -> Answer {
        let mut request = request.header("host", &self.host).header(
            "user-agent",
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        );
        if !self.cookies.is_empty() {
            let pairs: Vec<_> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            request = request.header("cookie", &pairs.join("; "));
        }
        let answer = request.send().await;
        for cookie in answer.headers.get_all("set-cookie") {
            let text = cookie.to_str().unwrap();
            let (pair, flags) = text.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if flags.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        if let Some(token) = token_of(&answer.text()) {
            self.csrf = token;
        }
        answer
    }
}

fn token_of(html: &str) -> Option<String> {
    let (_, rest) = html.split_once("<meta name=\"csrf\" content=\"")?;
    let (token, _) = rest.split_once('"')?;
    (!token.is_empty()).then(|| token.to_owned())
}

pub(crate) fn encoded(fields: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in fields {
        if !text.is_empty() {
            text.push('&');
        }
        for (part, end) in [(name, "="), (value, "")] {
            for byte in part.bytes() {
                if byte.is_ascii_alphanumeric() {
                    text.push(char::from(byte));
                } else {
                    write!(text, "%{byte:02X}").unwrap();
                }
            }
            text.push_str(end);
        }
    }
    text
}
