//! Whose pages are asked for: the brand at the host name.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use countersign_app::directory::BrandEntry;
use countersign_domain::brand::HostName;
use http::request::Parts;
use http::{HeaderMap, Uri, header};

use crate::Web;
use crate::error::Problem;

/// The brand at the host name of the request.
#[derive(Clone, Debug)]
pub struct AtBrand(pub Arc<BrandEntry>);

impl FromRequestParts<Web> for AtBrand {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Problem> {
        brand_named(web, Some(&parts.uri), &parts.headers)
            .map(Self)
            .ok_or_else(|| Problem::not_found("no brand has its pages at this host name"))
    }
}

impl OptionalFromRequestParts<Web> for AtBrand {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Option<Self>, Infallible> {
        let found = <Self as FromRequestParts<Web>>::from_request_parts(parts, web).await;
        Ok(found.ok())
    }
}

/// The brand at the host name that was asked for: the target's (HTTP/2), or the header's.
pub(crate) fn brand_named(web: &Web, uri: Option<&Uri>, headers: &HeaderMap) -> Option<Arc<BrandEntry>> {
    let host = host_named(uri, headers)?;
    web.app.directory().current().brand_at(&host)
}

/// The host name that was asked for.
pub(crate) fn host_named(uri: Option<&Uri>, headers: &HeaderMap) -> Option<HostName> {
    let named = match uri.and_then(Uri::host) {
        Some(host) => host,
        None => {
            let mut sent = headers.get_all(header::HOST).iter();
            let (Some(value), None) = (sent.next(), sent.next()) else {
                return None;
            };
            without_port(value.to_str().ok()?)
        }
    };
    HostName::parse(named).ok()
}

fn without_port(text: &str) -> &str {
    match text.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => host,
        _ => text,
    }
}
