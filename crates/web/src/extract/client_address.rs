//! From where a request comes: the peer of the connection, or what a listed proxy says (T15).

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use http::request::Parts;
use http::{Extensions, HeaderMap, HeaderName};

use crate::error::Problem;
use crate::{Network, Web};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of the client.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ClientAddress(pub IpAddr);

impl FromRequestParts<Web> for ClientAddress {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Problem> {
        let peer = peer(&parts.extensions);
        Ok(Self(address(peer, &parts.headers, &web.settings.trusted_proxies)))
    }
}

/// The address of the client of a request.
pub(crate) fn client_address_of(extensions: &Extensions, headers: &HeaderMap, proxies: &[Network]) -> IpAddr {
    address(peer(extensions), headers, proxies)
}

/// Whether the connection comes from a listed proxy, whose headers count.
pub(crate) fn is_from_a_proxy(extensions: &Extensions, proxies: &[Network]) -> bool {
    let peer = peer(extensions);
    proxies.iter().any(|network| network.contains(peer))
}

fn peer(extensions: &Extensions) -> IpAddr {
    extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip())
}

/// Walks the chain from its right end, which the nearest proxy wrote, and stops at the first address that is not a
/// listed proxy. What stands further left anybody may have written.
fn address(peer: IpAddr, headers: &HeaderMap, proxies: &[Network]) -> IpAddr {
    let is_proxy = |address: IpAddr| proxies.iter().any(|network| network.contains(address));
    let mut nearest = peer.to_canonical();
    if !is_proxy(nearest) {
        return nearest;
    }
    let chain: Vec<&str> = headers
        .get_all(&FORWARDED_FOR)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .collect();
    for text in chain.into_iter().rev() {
        let Some(address) = read(text) else {
            return nearest;
        };
        nearest = address;
        if !is_proxy(nearest) {
            return nearest;
        }
    }
    nearest
}

fn read(text: &str) -> Option<IpAddr> {
    text.parse::<IpAddr>()
        .ok()
        .or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(peer: &str, forwarded: &[&str], proxies: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED_FOR, line.parse().unwrap());
        }
        let proxies: Vec<Network> = proxies.iter().map(|text| text.parse().unwrap()).collect();
        address(peer.parse().unwrap(), &headers, &proxies).to_string()
    }

    #[test]
    fn e04_a_forged_header_is_nobodys_word_when_no_proxy_is_listed() {
        assert_eq!(of("198.51.100.7", &["203.0.113.1"], &[]), "198.51.100.7");
        assert_eq!(of("127.0.0.1", &["203.0.113.1"], &[]), "127.0.0.1");
    }

    #[test]
    fn e04_behind_a_listed_proxy_only_what_the_proxy_wrote_counts() {
        let proxies = ["10.0.0.0/8"];
        assert_eq!(of("10.0.0.1", &["203.0.113.1"], &proxies), "203.0.113.1");
        assert_eq!(of("10.0.0.1", &["1.1.1.1, 203.0.113.1"], &proxies), "203.0.113.1");
        assert_eq!(
            of("10.0.0.1", &["1.1.1.1", "203.0.113.1, 10.0.0.2"], &proxies),
            "203.0.113.1"
        );
        assert_eq!(of("10.0.0.1", &["1.1.1.1, nonsense"], &proxies), "10.0.0.1");
        assert_eq!(of("10.0.0.1", &[], &proxies), "10.0.0.1");
        assert_eq!(of("198.51.100.7", &["10.0.0.1"], &proxies), "198.51.100.7");
        assert_eq!(
            of("::ffff:10.0.0.1", &["[2001:db8::1]:443"], &proxies),
            "2001:db8::1"
        );
    }
}
