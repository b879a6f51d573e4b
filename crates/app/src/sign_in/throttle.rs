//! How often a name may be tried. Counted by what was submitted, before the password is looked at, in the database.
//!
//! Three counts: the name from one address, the address, and the name from anywhere. The first two stop a guesser; the
//! last slows a crowd of them down, and is high, so that a stranger cannot keep a customer out (T14, T15).

use std::net::IpAddr;
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
pub(super) struct Throttle {
    realm: String,
    counts: [Count; 3],
}

impl Throttle {
    /// The counts of a name that was submitted from an address.
    pub(super) fn new(realm: &str, username: &str, address: IpAddr) -> Self {
        let (name, place) = (username.trim().to_lowercase(), network(address));
        let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
        Self {
            realm: realm.to_owned(),
            counts: [
                Count {
                    key: digest(&["pair", &name, &place]),
                    free: 5,
                    first_pause: minutes(1),
                    longest_pause: minutes(15),
                },
                Count {
                    key: digest(&["place", &place]),
                    free: 60,
                    first_pause: minutes(1),
                    longest_pause: minutes(15),
                },
                Count {
                    key: digest(&["name", &name]),
                    free: 100,
                    first_pause: Duration::from_secs(5),
                    longest_pause: minutes(1),
                },
            ],
        }
    }

    /// Counts one try, before its password is looked at.
    ///
    /// # Errors
    /// [`AppError::Throttled`] when none is looked at now.
    pub(super) async fn admit(
        self: &std::sync::Arc<Self>,
        app: &App,
        now: Timestamp,
    ) -> Result<(), AppError> {
        let this = self.clone();
        let closed_until = app
            .store()
            .write::<_, AppError, _>(async move |tx: &mut Tx| {
                let mut closed_until = None;
                for count in &this.counts {
                    let known = sign_in::find(tx, &this.realm, &count.key).await?;
                    closed_until =
                        closed_until.max(known.map(|known| known.closed_until).filter(|until| *until > now));
                }
                if closed_until.is_none() {
                    for count in &this.counts {
                        let failures =
                            sign_in::count(tx, &this.realm, &count.key, now, now.minus(WINDOW)).await?;
                        if let Some(pause) = count.pause(failures.count) {
                            sign_in::close(tx, &this.realm, &count.key, now.plus(pause)).await?;
                        }
                    }
                }
                Ok(closed_until)
            })
            .await?;
        match closed_until {
            Some(until) => Err(AppError::Throttled {
                retry_after_seconds: until.since(now).as_secs().max(1),
            }),
            None => Ok(()),
        }
    }

    /// Forgets the failures of this name from this address, after a success.
    pub(super) async fn forget(&self, tx: &mut Tx) -> Result<(), AppError> {
        let [pair, ..] = &self.counts;
        sign_in::forget(tx, &self.realm, &pair.key).await?;
        Ok(())
    }
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

/// Neighbours in one IPv6 network are one place: whoever has an address there has them all.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
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
        let [pair, ..] = &throttle.counts;
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
