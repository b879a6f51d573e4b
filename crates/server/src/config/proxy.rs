//! `[proxy]`: whose word about a caller's address is believed. Nobody's, unless listed.

use std::net::IpAddr;

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
    /// An address and the number of leading bits that count.
    pub(crate) trusted: Vec<(IpAddr, u8)>,
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
            match network(text) {
                Some(network) => trusted.push(network),
                None => checking.wrong(
                    &format!("proxy.trusted[{index}]"),
                    format!("{text:?} is neither an address nor a network such as \"10.0.0.0/8\""),
                ),
            }
        }
        Proxy { trusted }
    }
}

fn network(text: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits.parse::<u8>().ok()?)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.unwrap_or(most);
    // All of the internet is not a proxy: anybody could then claim any address.
    (1..=most).contains(&bits).then_some((address, bits))
}
