//! Instants.
//!
//! The clock is held by the application; here an instant is only a number that is compared and added to.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An instant: microseconds since 1970-01-01T00:00:00Z, as the databases keep it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

/// The text is not an instant in the form of RFC 3339.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a time: write it as 2026-03-01T09:30:00Z (RFC 3339, with a zone)")]
pub struct TimestampError;

impl Timestamp {
    /// The instant that lies `micros` microseconds after 1970 began (before it, when negative).
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970 began, UTC.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The instant `span` later; the last one that can be told when that would be past it.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(micros_of(span)))
    }

    /// The instant `span` earlier; the first one that can be told when that would be before it.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(micros_of(span)))
    }

    /// How long after `earlier` this is; zero when it is not after it, because a clock that was set back must
    /// lengthen nothing.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        if self.0 <= earlier.0 {
            Duration::ZERO
        } else {
            Duration::from_micros(self.0.abs_diff(earlier.0))
        }
    }

    /// `2026-03-01T09:30:00.000000Z`: UTC, always six decimals, so that texts sort as instants do.
    ///
    /// An instant outside the years that a calendar text can name is shown as the nearest that it can.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        let instant = jiff::Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        });
        format!("{instant:.6}")
    }

    /// Reads RFC 3339; any zone is accepted and turned to UTC, decimals past the sixth are cut.
    ///
    /// # Errors
    /// [`TimestampError`] when the text is anything else, also when it names no zone.
    pub fn parse_rfc3339(text: &str) -> Result<Self, TimestampError> {
        let instant: jiff::Timestamp = text.parse().map_err(|_| TimestampError)?;
        Ok(Self(instant.as_microsecond()))
    }
}

/// A span in whole microseconds, the longest one when it would not fit.
fn micros_of(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

impl fmt::Display for Timestamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.to_rfc3339())
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.to_rfc3339())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_rfc3339())
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse_rfc3339(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_reads_back_from_its_text() {
        let at = Timestamp::from_micros(1_772_357_400_123_456);
        assert_eq!(at.to_rfc3339(), "2026-03-01T09:30:00.123456Z");
        assert_eq!(Timestamp::parse_rfc3339(&at.to_rfc3339()), Ok(at));
    }

    #[test]
    fn texts_of_instants_always_have_six_decimals() {
        assert_eq!(
            Timestamp::from_micros(0).to_rfc3339(),
            "1970-01-01T00:00:00.000000Z"
        );
    }

    #[test]
    fn another_zone_is_turned_to_utc() {
        let berlin = Timestamp::parse_rfc3339("2026-03-01T10:30:00+01:00").unwrap();
        assert_eq!(berlin.to_rfc3339(), "2026-03-01T09:30:00.000000Z");
    }

    #[test]
    fn a_time_without_a_zone_is_refused() {
        for text in ["2026-03-01T09:30:00", "2026-03-01", "yesterday", "", "1772357400"] {
            assert_eq!(Timestamp::parse_rfc3339(text), Err(TimestampError), "{text}");
        }
    }

    #[test]
    fn a_clock_set_back_gives_no_negative_span() {
        let noon = Timestamp::from_micros(1_000_000);
        assert_eq!(noon.since(noon.plus(Duration::from_secs(5))), Duration::ZERO);
        assert_eq!(
            noon.plus(Duration::from_secs(5)).since(noon),
            Duration::from_secs(5)
        );
    }

    #[test]
    fn arithmetic_stops_at_the_ends_instead_of_wrapping() {
        let last = Timestamp::from_micros(i64::MAX);
        assert_eq!(last.plus(Duration::from_secs(1)), last);
        let first = Timestamp::from_micros(i64::MIN);
        assert_eq!(first.minus(Duration::MAX), first);
        assert_eq!(last.since(first), Duration::from_micros(u64::MAX));
        assert!(last.to_rfc3339().starts_with("9999-12-30T"));
        assert!(first.to_rfc3339().starts_with("-009999"));
    }

    #[test]
    fn json_holds_the_text() {
        let at = Timestamp::from_micros(1_772_357_400_000_001);
        let json = serde_json::to_string(&at).unwrap();
        assert_eq!(json, "\"2026-03-01T09:30:00.000001Z\"");
        assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), at);
        assert!(serde_json::from_str::<Timestamp>("\"noon\"").is_err());
        assert_eq!(
            format!("{at} {at:?}"),
            "2026-03-01T09:30:00.000001Z 2026-03-01T09:30:00.000001Z"
        );
    }
}
