//! From when to when a certificate is valid (RFC 5280 section 4.1.2.5), read from its DER.

use poterne_idp::Timestamp;

const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xA0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const DAY: i64 = 24 * 60 * 60;

/// A certificate's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// Its first moment.
    pub from: Timestamp,
    /// The moment it ends.
    pub until: Timestamp,
}

impl Validity {
    /// Of a certificate; `None` where the bytes are none.
    pub fn of(der: &[u8]) -> Option<Self> {
        let (certificate, _) = value(der, SEQUENCE)?;
        let (body, _) = value(certificate, SEQUENCE)?;
        // The version stands there unless it is the first; then serial number, signature's algorithm, issuer.
        let mut rest = match body.first()? {
            &VERSION => value(body, VERSION)?.1,
            _ => body,
        };
        for _ in 0..3 {
            rest = value(rest, *rest.first()?)?.1;
        }
        let (times, _) = value(rest, SEQUENCE)?;
        let (from, rest) = moment(times)?;
        let (until, _) = moment(rest)?;
        Some(Self { from, until })
    }

    /// Whole days until its end.
    pub fn days_left(self, now: Timestamp) -> i64 {
        (self.until.micros() - now.micros()) / (DAY * 1_000_000)
    }
}

/// The value of an element with this tag, and what follows it (X.690 section 8.1).
fn value(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    let (&length, rest) = rest.split_first()?;
    if first != tag {
        return None;
    }
    let (length, rest) = if length < 0x80 {
        (usize::from(length), rest)
    } else {
        let count = usize::from(length & 0x7F);
        let digits = rest.get(..count).filter(|digits| digits.len() <= 4)?;
        (digits.iter().fold(0, |sum, digit| sum << 8 | usize::from(*digit)), rest.get(count..)?)
    };
    Some((rest.get(..length)?, rest.get(length..)?))
}

/// `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`, and what follows it.
fn moment(bytes: &[u8]) -> Option<(Timestamp, &[u8])> {
    let tag = *bytes.first()?;
    let (text, rest) = value(bytes, tag)?;
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (year, others) = match tag {
        UTC_TIME => {
            let (year, others) = (number(text.get(..2)?)?, text.get(2..)?);
            (if year < 50 { 2000 + year } else { 1900 + year }, others)
        }
        GENERALIZED_TIME => (number(text.get(..4)?)?, text.get(4..)?),
        _ => return None,
    };
    let part = |at: usize| number(others.get(at..at + 2)?);
    let (month, day, hour, minute, second) = (part(0)?, part(2)?, part(4)?, part(6)?, part(8)?);
    let fits =
        others.len() == 10 && (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 60;
    let seconds = days(year, month, day) * DAY + hour * 3600 + minute * 60 + second;
    fits.then_some((Timestamp::from_secs(seconds), rest))
}

fn number(text: &str) -> Option<i64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// Days from 1970-01-01 to a day of the Gregorian calendar, reckoned in years that begin in March.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_in_both_of_its_forms() {
        let read = |tag: u8, text: &str| {
            let mut der = vec![tag, u8::try_from(text.len()).unwrap()];
            der.extend(text.bytes());
            moment(&der).map(|(at, _)| at.micros() / 1_000_000)
        };
        assert_eq!(read(UTC_TIME, "700101000000Z"), Some(0));
        assert_eq!(read(UTC_TIME, "261122154301Z"), Some(1_795_362_181));
        assert_eq!(read(GENERALIZED_TIME, "20000229235959Z"), Some(951_868_799));
        assert_eq!(read(GENERALIZED_TIME, "99991231235959Z"), Some(253_402_300_799));
        assert_eq!(read(UTC_TIME, "500101000000Z"), Some(-631_152_000));
        for wrong in ["", "Z", "261322154301Z", "2611221543Z", "26112215430+Z", "261122154301", "261122254301Z"] {
            assert_eq!(read(UTC_TIME, wrong), None, "{wrong}");
        }
    }

    #[test]
    fn bytes_that_are_no_certificate_are_none() {
        for bytes in [
            &[][..],
            &[0x30],
            &[0x30, 0x80],
            &[0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF],
            &[0x30, 2, 0x30, 0],
            &[0x30, 0x85, 1, 1, 1, 1, 1],
        ] {
            assert_eq!(Validity::of(bytes), None);
        }
    }
}
