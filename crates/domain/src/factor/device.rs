//! A remembered device: for up to 30 days it stands in for the second factor, never for the password (C4, T19).
//!
//! A device is a family of tokens: each use replaces the token by a new one. A token that comes back after it was replaced is
//! a copy, whoever holds it, so the whole family ends. A family also ends with the generation of the factors that it was
//! born in: every change of password or factors raises the generation.

use std::time::Duration;

use crate::time::Timestamp;

/// The most days that any policy may let a device be remembered (C4).
pub const MOST_DAYS: u16 = 30;

/// What is known of a remembered device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Device {
    /// The generation of the factors at the moment when it was remembered.
    pub generation: u64,
    /// When it ends whatever happens. Using it does not move this.
    pub expires_at: Timestamp,
    /// Whether it was removed, or ended by a copy.
    pub ended: bool,
}

/// How the token that was shown stands in its family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// It is the newest.
    Newest,
    /// It was replaced before.
    Replaced,
}

/// What follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceDecision {
    /// The second factor need not be asked for. The token is to be replaced, under the guard that nobody did so meanwhile.
    Passes,
    /// A copy is about: the family ends, and the second factor is asked for.
    EndFamily,
    /// It no longer counts; the second factor is asked for.
    AskAgain,
}

impl Device {
    /// A device that is remembered now, for `days` days; none when the policy remembers none.
    #[must_use]
    pub fn remembered(generation: u64, days: u16, now: Timestamp) -> Option<Self> {
        let days = days.min(MOST_DAYS);
        (days > 0).then(|| Self {
            generation,
            expires_at: now.plus(Duration::from_secs(u64::from(days) * 86_400)),
            ended: false,
        })
    }

    /// Whether it stands in for the second factor now, where `generation` is the present one of the factors.
    #[must_use]
    pub fn decide(&self, shown: Shown, generation: u64, now: Timestamp) -> DeviceDecision {
        if shown == Shown::Replaced {
            return DeviceDecision::EndFamily;
        }
        if self.ended || self.generation != generation || now >= self.expires_at {
            return DeviceDecision::AskAgain;
        }
        DeviceDecision::Passes
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};
    use proptest::{prop_assert, prop_assert_eq};

    use super::*;

    const NOON: Timestamp = Timestamp::from_micros(1_772_357_400_000_000);

    #[test]
    fn c4_a_device_passes_for_thirty_days_and_not_a_moment_longer() {
        let device = Device::remembered(3, 30, NOON).unwrap();
        let end = NOON.plus(Duration::from_secs(30 * 86_400));
        assert_eq!(device.expires_at, end);
        let at = |now| device.decide(Shown::Newest, 3, now);
        assert_eq!(at(NOON), DeviceDecision::Passes);
        assert_eq!(at(end.minus(Duration::from_micros(1))), DeviceDecision::Passes);
        assert_eq!(at(end), DeviceDecision::AskAgain);
        assert_eq!(Device::remembered(3, 400, NOON).unwrap().expires_at, end);
        assert_eq!(Device::remembered(3, 0, NOON), None);
    }

    #[test]
    fn e46_a_token_that_was_replaced_ends_the_family_whatever_else_is_true() {
        for ended in [false, true] {
            let device = Device {
                ended,
                ..Device::remembered(3, 30, NOON).unwrap()
            };
            assert_eq!(device.decide(Shown::Replaced, 3, NOON), DeviceDecision::EndFamily);
            assert_eq!(device.decide(Shown::Replaced, 4, NOON), DeviceDecision::EndFamily);
        }
    }

    proptest! {
        #[test]
        fn t19_a_device_of_another_generation_never_passes(born in any::<u64>(), present in any::<u64>(), later in 0_u64..4_000_000) {
            let device = Device::remembered(born, 30, NOON).unwrap();
            let now = NOON.plus(Duration::from_secs(later));
            let passes = device.decide(Shown::Newest, present, now) == DeviceDecision::Passes;
            prop_assert!(!passes || born == present);
            prop_assert_eq!(passes, born == present && later < 30 * 86_400);
            let removed = Device { ended: true, ..device };
            prop_assert!(removed.decide(Shown::Newest, present, now) != DeviceDecision::Passes);
        }
    }
}
