//! Points in time as tokens of others have them: seconds since the epoch, perhaps with a fraction (RFC 7519 section 2, `NumericDate`).

use serde::{Deserialize, Deserializer, de};
use serde_json::Number;

/// The last second that is read, in the year 9999: what lies beyond is no time that anybody means.
pub(crate) const LAST: i64 = 253_402_300_799;

/// Whole seconds; a fraction is left out.
pub fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    seconds(&Number::deserialize(deserializer)?).ok_or_else(|| de::Error::custom("a number that is no time"))
}

/// Whole seconds, where the claim is there.
pub fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    required(deserializer).map(Some)
}

fn seconds(number: &Number) -> Option<i64> {
    let whole = match number.as_i64() {
        Some(whole) => whole,
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            reason = "both are far within what an f64 holds whole"
        )]
        None => number.as_f64().filter(|seconds| seconds.abs() <= LAST as f64)?.trunc() as i64,
    };
    (-LAST..=LAST).contains(&whole).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc7519_2_a_numeric_date_is_a_number_that_means_a_time() {
        let read = |json: &str| serde_json::from_str::<Number>(json).ok().as_ref().and_then(seconds);
        for (json, whole) in
            [("0", 0), ("1700000000", 1_700_000_000), ("1700000000.9", 1_700_000_000), ("-1.5", -1), ("1e9", 1_000_000_000)]
        {
            assert_eq!(read(json), Some(whole), "{json}");
        }
        for json in ["9223372036854775807", "18446744073709551615", "1e300", "-1e15", "253402300800"] {
            assert_eq!(read(json), None, "{json}");
        }
    }
}
