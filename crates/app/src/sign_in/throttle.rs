//! How often a name may be tried. Counted by what was submitted, before the password is looked at, in the database.
//!
//! Counts: the name from one address, the address, its wider network, and the name from anywhere. The first ones stop a
//! guesser; the last slows a crowd of them down, and is high, so that a stranger cannot keep a customer out (T14, T15). A
//! try that turns out to be right is taken back: however many people sign in from one office, nothing closes.
//!
//! A browser in which this person signed in before ([`super::known_browser`]) is counted by itself and by nothing else:
//! no stranger, not even one behind the same address, spends the owner's tries there.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use countersign_domain::time::Timestamp;
use countersign_store::{Tx, sign_in};
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::error::AppError;

/// How long failures count.
const WINDOW: Duration = Duration::from_secs(15 * 60);

/// One count and when it closes.
struct Count {
    key: [u8; 32],
    /// Failures that are free.
    free: u32,
    /// For how long it closes at the first failure past those; doubled with each further one.
    first_pause: Duration,
    /// The longest that it closes.
    longest_pause: Duration,
}

/// The counts that a try belongs to.
pub(crate) struct Throttle {
    realm: String,
    counts: Vec<Count>,
}

/// A try that was counted and may be looked at.
pub(crate) struct Admitted {
    throttle: Arc<Throttle>,
    /// Until when it closed each of the counts, if it did.
    closed: Vec<Option<Timestamp>>,
}

impl Throttle {
    /// The counts of a name that was submitted from an address.
    pub(crate) fn new(realm: &str, username: &str, address: IpAddr) -> Self {
        let (name, place) = (username.trim().to_lowercase(), network(address));
        let mut counts = vec![Count {
            key: digest(&["pair", &name, &place]),
            free: 5,
            first_pause: Duration::from_secs(60),
            longest_pause: Duration::from_secs(15 * 60),
        }];
        counts.extend(of_places(address));
        counts.push(Count {
            key: digest(&["name", &name]),
            free: 100,
            first_pause: Duration::from_secs(5),
            longest_pause: Duration::from_secs(60),
        });
        Self {
            realm: realm.to_owned(),
            counts,
        }
    }

    /// The count of a browser in which whoever owns the name signed in before.
    pub(super) fn of_known_browser(realm: &str, browser: &str) -> Self {
        Self {
            realm: realm.to_owned(),
            counts: vec![Count {
                key: digest(&["browser", browser]),
                free: 5,
                first_pause: Duration::from_secs(60),
                longest_pause: Duration::from_secs(15 * 60),
            }],
        }
    }

    /// The counts of sign-ins that begin from an address and go on elsewhere: nothing is guessed in them, but each costs a
    /// row. An office that begins its day at one moment stays below them.
    pub(super) fn of_beginnings(realm: &str, address: IpAddr) -> Self {
        let of_place = |place: &str, free| Count {
            key: digest(&["place", place]),
            free,
            first_pause: Duration::from_secs(60),
            longest_pause: Duration::from_secs(15 * 60),
        };
        let mut counts = vec![of_place(&network(address), 300)];
        counts.extend(wider_network(address).map(|wide| of_place(&wide, 1_500)));
        Self {
            realm: realm.to_owned(),
            counts,
        }
    }

    /// The counts of a place alone, where no name is typed.
    pub(crate) fn of_place(realm: &str, address: IpAddr) -> Self {
        Self {
            realm: realm.to_owned(),
            counts: of_places(address),
        }
    }

    /// Takes one try back that was counted in an earlier request and turned out to be right.
    pub(crate) async fn take_back(&self, tx: &mut Tx) -> Result<(), AppError> {
        for count in &self.counts {
            sign_in::give_back(tx, &self.realm, &count.key, count.free, None).await?;
        }
        Ok(())
    }

    /// Counts one try, before its password is looked at.
    ///
    /// # Errors
    /// [`AppError::Throttled`] when none is looked at now.
    pub(crate) async fn admit(self, app: &App, now: Timestamp) -> Result<Arc<Admitted>, AppError> {
        let throttle = Arc::new(self);
        let counting = throttle.clone();
        let closed = app
            .store()
            .write::<_, AppError, _>(async move |tx: &mut Tx| counting.count(tx, now).await)
            .await?;
        Ok(Arc::new(Admitted { throttle, closed }))
    }

    async fn count(&self, tx: &mut Tx, now: Timestamp) -> Result<Vec<Option<Timestamp>>, AppError> {
        let mut open_again = now;
        for count in &self.counts {
            if let Some(known) = sign_in::find(tx, &self.realm, &count.key).await? {
                open_again = open_again.max(known.closed_until);
            }
        }
        // Of several that are closed the last one to open is told: before it, no try would be looked at.
        refuse_while_closed(open_again, now)?;
        let mut closed = Vec::with_capacity(self.counts.len());
        for count in &self.counts {
            let failures = sign_in::count(tx, &self.realm, &count.key, now, now.minus(WINDOW)).await?;
            // Asked of what counting gave: of many tries at once another may have closed it since the look above.
            refuse_while_closed(failures.closed_until, now)?;
            let until = count.pause(failures.count).map(|pause| now.plus(pause));
            if let Some(until) = until {
                sign_in::close(tx, &self.realm, &count.key, until).await?;
            }
            closed.push(until);
        }
        Ok(closed)
    }
}

impl Admitted {
    /// Takes the try back, because its password was right: the failures of this name from this address are forgotten, the
    /// other counts stand as if it had not been.
    pub(crate) async fn was_right(&self, tx: &mut Tx) -> Result<(), AppError> {
        let realm = &self.throttle.realm;
        for (index, (count, closed)) in self.throttle.counts.iter().zip(&self.closed).enumerate() {
            if index == 0 {
                sign_in::forget(tx, realm, &count.key).await?;
            } else {
                sign_in::give_back(tx, realm, &count.key, count.free, *closed).await?;
            }
        }
        Ok(())
    }
}

fn refuse_while_closed(until: Timestamp, now: Timestamp) -> Result<(), AppError> {
    if until <= now {
        return Ok(());
    }
    Err(AppError::Throttled {
        // Rounded up: whoever waits exactly so long is not refused again.
        retry_after_seconds: u64::try_from(until.since(now).as_millis().div_ceil(1000)).unwrap_or(u64::MAX),
    })
}

impl Count {
    /// For how long the count closes after its `failures`-th try.
    fn pause(&self, failures: u32) -> Option<Duration> {
        let past = failures.checked_sub(self.free)?;
        let doubled = self
            .first_pause
            .saturating_mul(1_u32.checked_shl(past.min(16)).unwrap_or(u32::MAX));
        Some(doubled.min(self.longest_pause))
    }
}

/// The counts of an address and of its wider network.
fn of_places(address: IpAddr) -> Vec<Count> {
    let of_place = |place: &str, free| Count {
        key: digest(&["place", place]),
        free,
        first_pause: Duration::from_secs(60),
        longest_pause: Duration::from_secs(15 * 60),
    };
    let mut counts = vec![of_place(&network(address), 60)];
    counts.extend(wider_network(address).map(|wide| of_place(&wide, 300)));
    counts
}

/// Neighbours in one IPv6 network are one place: whoever has an address there has them all.
pub(crate) fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// The network that a provider may give to one customer, in which every address is another /64.
fn wider_network(address: IpAddr) -> Option<String> {
    match address.to_canonical() {
        IpAddr::V4(_) => None,
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            Some(format!("{a:x}:{b:x}:{c:x}::/48"))
        }
    }
}

fn digest(parts: &[&str]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::{Throttle, network};
    use std::time::Duration;

    #[test]
    fn the_sixth_try_of_a_name_from_one_address_waits_and_the_wait_doubles_up_to_a_quarter_of_an_hour() {
        let throttle = Throttle::new("portal", "dana", "192.0.2.1".parse().unwrap());
        let pair = &throttle.counts[0];
        let waits: Vec<_> = (1..=10)
            .map(|tries| pair.pause(tries).map(|pause| pause.as_secs() / 60))
            .collect();
        assert_eq!(
            waits,
            [
                None,
                None,
                None,
                None,
                Some(1),
                Some(2),
                Some(4),
                Some(8),
                Some(15),
                Some(15)
            ],
            "the fifth failure closes, so that the sixth try is the first one to wait"
        );
        assert_eq!(pair.pause(u32::MAX), Some(Duration::from_secs(15 * 60)));
    }

    #[test]
    fn t14_a_stranger_elsewhere_does_not_spend_the_customers_tries() {
        let here = Throttle::new("portal", "dana", "192.0.2.1".parse().unwrap());
        let there = Throttle::new("portal", " DANA ", "198.51.100.7".parse().unwrap());
        assert_ne!(here.counts[0].key, there.counts[0].key);
        assert_eq!(here.counts[2].key, there.counts[2].key, "but a crowd is seen");
    }

    #[test]
    fn t15_a_whole_ipv6_site_is_a_place_too_with_a_higher_limit() {
        let one = Throttle::new("portal", "dana", "2001:db8:1:2::1".parse().unwrap());
        let other = Throttle::new("portal", "eve", "2001:db8:1:3::1".parse().unwrap());
        assert_ne!(one.counts[1].key, other.counts[1].key);
        assert_eq!(one.counts[2].key, other.counts[2].key);
        assert_eq!((one.counts[1].free, one.counts[2].free), (60, 300));
        assert_eq!(one.counts.len(), 4);
    }

    #[test]
    fn t15_neighbours_in_one_ipv6_network_are_one_place() {
        assert_eq!(
            network("2001:db8:1:2::1".parse().unwrap()),
            network("2001:db8:1:2:ffff::9".parse().unwrap())
        );
        assert_ne!(
            network("2001:db8:1:2::1".parse().unwrap()),
            network("2001:db8:1:3::1".parse().unwrap())
        );
        assert_eq!(network("::ffff:192.0.2.1".parse().unwrap()), "192.0.2.1");
    }
}
