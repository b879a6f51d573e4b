//! A browser without script, at the public address.

use std::collections::BTreeMap;

use countersign_testkit::{Answer, Request, TestApp};

/// The name under which the desk is public.
pub(crate) const HOST: &str = "desk.test";

/// A browser.
pub(crate) struct Browser<'a> {
    test: &'a TestApp,
    pub(crate) cookies: BTreeMap<String, String>,
    csrf: String,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(test: &'a TestApp) -> Self {
        Self {
            test,
            cookies: BTreeMap::new(),
            csrf: String::new(),
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        let request = self.test.get(path);
        self.send(request).await
    }

    pub(crate) async fn post(&mut self, path: &str, fields: &str) -> Answer {
        let body = format!("csrf={}{fields}", self.csrf);
        let request = self.test.post(path).form(&body);
        self.send(request).await
    }

    async fn send(&mut self, request: Request) -> Answer {
        let pairs: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let answer = request
            .header("host", HOST)
            .header("cookie", &pairs.join("; "))
            .send()
            .await;
        for cookie in answer.headers.get_all("set-cookie") {
            let text = cookie.to_str().unwrap();
            let (pair, flags) = text.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            assert!(
                flags.contains("HttpOnly") && flags.contains("SameSite=Lax"),
                "{text}"
            );
            if flags.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let page = answer.text();
        if let Some((_, rest)) = page.split_once("<meta name=\"csrf\" content=\"") {
            rest.split('"').next().unwrap().clone_into(&mut self.csrf);
        }
        answer
    }

    /// Whether it is signed in at the desk, whatever is still to be set up.
    pub(crate) async fn is_signed_in(&mut self) -> bool {
        let answer = self.get("/desk").await;
        !answer.header("location").starts_with("/desk/sign-in")
    }
}
