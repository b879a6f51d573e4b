//! Which gateway carries what: for each brand and channel one, and a second for when the first does not take a message.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use countersign_domain::delivery::Channel;
use countersign_domain::ids::BrandId;
use tokio::sync::Semaphore;

use crate::gateway::Gateway;
use crate::log::LogGateway;

/// The name of the gateway that a server has without any configured.
pub const LOG: &str = "log";

/// How much a gateway may take of the server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// How long one try may take.
    pub timeout: Duration,
    /// How many go on at once.
    pub at_once: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            at_once: 8,
        }
    }
}

/// A gateway that is set up.
pub struct Installed {
    /// What the operator calls it.
    pub name: String,
    /// What it is.
    pub gateway: Arc<dyn Gateway>,
    /// How long a try may take.
    pub timeout: Duration,
    /// How many more tries may begin now. A gateway that hangs holds its own places and nobody else's.
    pub places: Arc<Semaphore>,
}

/// What takes a message that the first gateway did not take.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fallback {
    /// The second gateway.
    pub gateway: String,
    /// By which channel it goes then; none for the same.
    pub channel: Option<Channel>,
}

/// By which gateway messages go.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Route {
    /// Whose; none for every brand that has no route of its own.
    pub brand: Option<BrandId>,
    /// On which channel.
    pub channel: Channel,
    /// By this gateway.
    pub gateway: String,
    /// And by that one, where this one does not take it.
    pub fallback: Option<Fallback>,
}

/// All gateways and routes of a server.
pub struct Gateways {
    installed: BTreeMap<String, Installed>,
    routes: Vec<Route>,
    public_url: Option<String>,
}

impl fmt::Debug for Gateways {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Gateways")
            .field("installed", &self.installed.keys())
            .field("routes", &self.routes)
            .finish_non_exhaustive()
    }
}

impl Default for Gateways {
    /// Everything goes into the log.
    fn default() -> Self {
        Self::single(Arc::new(LogGateway))
    }
}

impl Gateways {
    /// No gateways.
    #[must_use]
    pub fn none() -> Self {
        Self {
            installed: BTreeMap::new(),
            routes: Vec::new(),
            public_url: None,
        }
    }

    /// One gateway, by the name `log`, that carries everything.
    #[must_use]
    pub fn single(gateway: Arc<dyn Gateway>) -> Self {
        let mut gateways = Self::none();
        gateways.install(LOG, gateway, Limits::default());
        for channel in Channel::ALL {
            gateways.add_route(Route {
                brand: None,
                channel: *channel,
                gateway: LOG.to_owned(),
                fallback: None,
            });
        }
        gateways
    }

    /// The same, reporting to this address.
    #[must_use]
    pub fn reached_at(mut self, public_url: &str) -> Self {
        self.public_url = Some(public_url.trim_end_matches('/').to_owned());
        self
    }

    /// Adds a gateway.
    pub fn install(&mut self, name: &str, gateway: Arc<dyn Gateway>, limits: Limits) {
        self.installed.insert(
            name.to_owned(),
            Installed {
                name: name.to_owned(),
                gateway,
                timeout: limits.timeout,
                places: Arc::new(Semaphore::new(limits.at_once)),
            },
        );
    }

    /// Adds a route.
    pub fn add_route(&mut self, route: Route) {
        self.routes.push(route);
        // A brand's own route comes before the one of everybody.
        self.routes.sort_by_key(|route| route.brand.is_none());
    }

    /// The gateways.
    pub fn installed(&self) -> impl Iterator<Item = &Installed> {
        self.installed.values()
    }

    /// A gateway by its name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Installed> {
        self.installed.get(name)
    }

    /// The routes; those of a brand before those of all.
    #[must_use]
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// The second gateway for a brand's messages of a channel, where `tried` is the route's first.
    #[must_use]
    pub fn fallback(&self, brand: BrandId, channel: Channel, tried: &str) -> Option<&Fallback> {
        self.routes
            .iter()
            .find(|route| route.channel == channel && route.brand.is_none_or(|own| own == brand))
            .filter(|route| route.gateway == tried)
            .and_then(|route| route.fallback.as_ref())
    }

    /// The channels that not every brand has a gateway for.
    #[must_use]
    pub fn unserved(&self) -> Vec<Channel> {
        Channel::ALL
            .iter()
            .copied()
            .filter(|channel| {
                !self
                    .routes
                    .iter()
                    .any(|route| route.channel == *channel && route.brand.is_none())
            })
            .collect()
    }

    /// The address at which the server is reached, where gateways may report.
    #[must_use]
    pub fn public_url(&self) -> Option<&str> {
        self.public_url.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use countersign_domain::time::Timestamp;

    use super::*;

    fn route(brand: Option<BrandId>, gateway: &str, fallback: Option<&str>) -> Route {
        Route {
            brand,
            channel: Channel::Sms,
            gateway: gateway.to_owned(),
            fallback: fallback.map(|gateway| Fallback {
                gateway: gateway.to_owned(),
                channel: None,
            }),
        }
    }

    #[test]
    fn a_brands_own_route_counts_before_the_one_of_all() {
        let brand = |byte| BrandId::new(Timestamp::default(), [byte; 10]);
        let mut gateways = Gateways::none();
        gateways.add_route(route(None, "all", Some("second")));
        gateways.add_route(route(Some(brand(1)), "own", Some("third")));
        assert_eq!(gateways.routes()[0].gateway, "own");
        let second = |brand, tried: &str| {
            gateways
                .fallback(brand, Channel::Sms, tried)
                .map(|fallback| fallback.gateway.as_str())
        };
        assert_eq!(second(brand(1), "own"), Some("third"));
        assert_eq!(second(brand(2), "all"), Some("second"));
        assert_eq!(second(brand(2), "second"), None, "there is no third");
        assert_eq!(
            second(brand(1), "all"),
            None,
            "that is not the first of its route"
        );
        assert_eq!(gateways.unserved(), [Channel::Voice, Channel::Email]);
        assert!(Gateways::default().unserved().is_empty());
    }
}
