//! `[proxy]`: whose word about a caller's address is believed. Nobody's, unless listed.

use countersign_web::Network;
use serde::Deserialize;

use super::Checking;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    trusted: Option<Listed>,
}

/// A list in the file; in the environment, addresses with commas between them.
#[derive(Deserialize)]
#[serde(untagged)]
enum Listed {
    Several(Vec<String>),
    Commas(String),
}

/// The proxies whose `X-Forwarded-For` is believed.
#[derive(Default)]
pub(crate) struct Proxy {
    /// Addresses and ranges.
    pub(crate) trusted: Vec<Network>,
}

impl Written {
    pub(super) fn check(self, checking: &mut Checking) -> Proxy {
        let written = match self.trusted {
            None => Vec::new(),
            Some(Listed::Several(list)) => list,
            Some(Listed::Commas(text)) => text
                .split(',')
                .map(|part| part.trim().to_owned())
                .filter(|part| !part.is_empty())
                .collect(),
        };
        let mut trusted = Vec::new();
        for (index, text) in written.iter().enumerate() {
            match text.parse() {
                // All of the internet is no proxy: anybody could then claim any address.
                Ok(_) if text.ends_with("/0") => checking.wrong(
                    &format!("proxy.trusted[{index}]"),
                    "names every address there is: list the proxies alone",
                ),
                Ok(network) => trusted.push(network),
                Err(error) => {
                    checking.wrong(&format!("proxy.trusted[{index}]"), format!("{text:?}: {error}"));
                }
            }
        }
        Proxy { trusted }
    }
}
