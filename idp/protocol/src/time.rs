//! Points in time: whole microseconds since 1970-01-01T00:00:00Z, always passed in, never read from a clock here.

use crate::numeric_date;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A point in time, in microseconds since the epoch, UTC. Microseconds because that is what both databases keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "diesel", derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow))]
#[cfg_attr(feature = "diesel", diesel(sql_type = diesel::sql_types::BigInt))]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since the epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From whole seconds since the epoch, as JWTs carry them (RFC 7519 section 2, `NumericDate`).
    #[must_use]
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// RFC 3339 in UTC with microseconds, which sorts as text; the year 1970 for what no calendar has.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        let date = chrono::DateTime::from_timestamp_micros(self.0).unwrap_or_default();
        date.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
    }

    /// Reads the date of an HTTP answer (RFC 9110 section 5.6.7), such as `Sun, 06 Nov 1994 08:49:37 GMT`.
    #[must_use]
    pub fn from_http_date(text: &str) -> Option<Self> {
        let seconds = chrono::DateTime::parse_from_rfc2822(text).ok()?.timestamp();
        // The parser takes years of any length; that of an answer has four digits.
        (0..=numeric_date::LAST).contains(&seconds).then(|| Self::from_secs(seconds))
    }

    /// This point plus a span; saturates.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }

    /// This point less a span; saturates.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }

    /// How long ago `earlier` was; zero when it lies ahead.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

#[cfg(feature = "diesel")]
crate::columns::bigint_column!(Timestamp);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_round_down_and_spans_saturate() {
        assert_eq!(Timestamp::from_micros(1_500_000).to_rfc3339(), "1970-01-01T00:00:01.500000Z");
        assert_eq!(Timestamp::from_micros(-1).secs(), -1);
        assert_eq!(Timestamp::from_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Timestamp::from_secs(784_111_777)));
        for other in ["yesterday", "Sun, 06 Nov 19949 08:49:37 GMT", "Sun, 06 Nov 0004 08:49:37 GMT"] {
            assert_eq!(Timestamp::from_http_date(other), None, "{other}");
        }
        assert_eq!(Timestamp::from_micros(1_999_999).secs(), 1);
        assert_eq!(Timestamp::from_micros(i64::MAX).plus(Duration::from_secs(1)).micros(), i64::MAX);
        assert_eq!(Timestamp::from_micros(0).since(Timestamp::from_micros(5)), Duration::ZERO);
    }
}
