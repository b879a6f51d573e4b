//! `[[routes]]`: by which gateway the messages of a brand and channel go.

use countersign_domain::brand::Slug;
use countersign_domain::delivery::{Channel, other_channel_of_a_number};
use serde::Deserialize;

use super::{Checking, Gateway};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    brand: Option<String>,
    channel: String,
    gateway: String,
    fallback: Option<String>,
    fallback_channel: Option<String>,
}

/// By which gateway messages go. The brand is named by its slug: which brands there are is known to the database.
pub(crate) struct Route {
    /// Whose messages; none for those of every brand without a route of its own.
    pub(crate) brand: Option<Slug>,
    /// On which channel.
    pub(crate) channel: Channel,
    /// By this gateway.
    pub(crate) gateway: String,
    /// And by that one where this one does not take a message, perhaps by the other channel of a number.
    pub(crate) fallback: Option<(String, Option<Channel>)>,
}

pub(super) fn check(written: Vec<Written>, gateways: &[Gateway], checking: &mut Checking) -> Vec<Route> {
    let mut routes: Vec<Route> = Vec::new();
    for (index, one) in written.into_iter().enumerate() {
        let field = |key: &str| format!("routes[{index}].{key}");
        let Some(route) = of(one, gateways, &field, checking) else {
            continue;
        };
        if routes
            .iter()
            .any(|known| known.channel == route.channel && known.brand == route.brand)
        {
            checking.wrong(
                &field("channel"),
                "another route is for the same brand and channel: keep one",
            );
        }
        routes.push(route);
    }
    routes
}

fn of(
    written: Written,
    gateways: &[Gateway],
    field: &dyn Fn(&str) -> String,
    checking: &mut Checking,
) -> Option<Route> {
    let brand = written
        .brand
        .map(|slug| Slug::parse(&slug).map_err(|error| checking.wrong(&field("brand"), error)));
    let channel: Channel = written
        .channel
        .parse()
        .map_err(|error| checking.wrong(&field("channel"), error))
        .ok()?;
    carries(gateways, &field("gateway"), &written.gateway, channel, checking);
    let other = match written.fallback_channel.as_deref().map(str::parse::<Channel>) {
        None => None,
        Some(Ok(other)) => Some(other).filter(|other| *other != channel),
        Some(Err(error)) => {
            checking.wrong(&field("fallback_channel"), error);
            return None;
        }
    };
    if let Some(fallback) = &written.fallback {
        carries(
            gateways,
            &field("fallback"),
            fallback,
            other.unwrap_or(channel),
            checking,
        );
        if *fallback == written.gateway && other.is_none() {
            checking.wrong(
                &field("fallback"),
                "is the gateway itself: name another, or leave it out",
            );
        }
    }
    if other.is_some() && other_channel_of_a_number(channel) != other {
        checking.wrong(
            &field("fallback_channel"),
            format!("{channel} has no other channel to the same address: only sms and voice stand in for each other"),
        );
    }
    if other.is_some() && written.fallback.is_none() {
        checking.wrong(&field("fallback_channel"), "stands without a fallback");
    }
    Some(Route {
        brand: brand.transpose().ok()?,
        channel,
        gateway: written.gateway,
        fallback: written.fallback.map(|name| (name, other)),
    })
}

/// Notes a problem where there is no such gateway, or one that does not carry this channel.
fn carries(gateways: &[Gateway], field: &str, name: &str, channel: Channel, checking: &mut Checking) {
    match gateways.iter().find(|gateway| gateway.name == name) {
        None => checking.wrong(field, format!("there is no [gateways.{name}]")),
        Some(gateway) if !gateway.kind.carries(channel) => checking.wrong(
            field,
            format!(
                "{name} is of kind {}, which carries no {channel}",
                gateway.kind.name()
            ),
        ),
        Some(_) => {}
    }
}
