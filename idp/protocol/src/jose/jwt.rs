//! Checks of the claims every token has (RFC 7519 section 4.1, RFC 8725 section 3), one function each.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How far ahead another server's clock may be.
pub const LEEWAY: Duration = Duration::from_secs(10);

/// Why the claims of a well-signed token are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClaimRefusal {
    /// `exp` is past (RFC 7519 section 4.1.4).
    #[error("expired")]
    Expired,
    /// `nbf` or `iat` lies ahead (RFC 7519 section 4.1.5).
    #[error("not valid yet")]
    NotYet,
    /// `aud` does not name the reader (RFC 7519 section 4.1.3).
    #[error("for another audience")]
    Audience,
    /// `iss` is not this realm (RFC 7519 section 4.1.1).
    #[error("of another issuer")]
    Issuer,
}

/// Whom a token is for: in JSON one string or a list (RFC 7519 section 4.1.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// One reader.
    One(String),
    /// Several readers.
    Many(Vec<String>),
}

impl Audience {
    /// Whether the token is for this reader.
    #[must_use]
    pub fn names(&self, reader: &str) -> bool {
        match self {
            Self::One(one) => one == reader,
            Self::Many(many) => many.iter().any(|one| one == reader),
        }
    }

    /// The one reader, where there is exactly one.
    #[must_use]
    pub fn only(&self) -> Option<&str> {
        match self {
            Self::One(one) => Some(one),
            Self::Many(many) => match many.as_slice() {
                [one] => Some(one),
                _ => None,
            },
        }
    }
}

/// `exp`, in seconds since the epoch: the token is refused from that second on (RFC 7519 section 4.1.4).
pub fn check_exp(exp: i64, now: Timestamp) -> Result<(), ClaimRefusal> {
    if now < Timestamp::from_secs(exp) { Ok(()) } else { Err(ClaimRefusal::Expired) }
}

/// `nbf` or `iat`, in seconds since the epoch: not before it, less [`LEEWAY`] (RFC 7519 section 4.1.5).
pub fn check_nbf(nbf: i64, now: Timestamp) -> Result<(), ClaimRefusal> {
    if now.plus(LEEWAY) >= Timestamp::from_secs(nbf) { Ok(()) } else { Err(ClaimRefusal::NotYet) }
}

/// `aud` names the reader.
pub fn check_aud(aud: &Audience, reader: &str) -> Result<(), ClaimRefusal> {
    if aud.names(reader) { Ok(()) } else { Err(ClaimRefusal::Audience) }
}

/// `iss` is the issuer, compared byte for byte.
pub fn check_iss(iss: &str, issuer: &str) -> Result<(), ClaimRefusal> {
    if iss == issuer { Ok(()) } else { Err(ClaimRefusal::Issuer) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc7519_4_1_4_a_token_ends_with_its_second() {
        let at = Timestamp::from_micros;
        assert_eq!(check_exp(100, at(99_999_999)), Ok(()));
        assert_eq!(check_exp(100, at(100_000_000)), Err(ClaimRefusal::Expired));
        assert_eq!(check_exp(i64::MIN, at(0)), Err(ClaimRefusal::Expired));
    }

    #[test]
    fn rfc7519_4_1_5_a_clock_may_be_ten_seconds_ahead() {
        assert_eq!(check_nbf(110, Timestamp::from_secs(100)), Ok(()));
        assert_eq!(check_nbf(111, Timestamp::from_secs(100)), Err(ClaimRefusal::NotYet));
    }

    #[test]
    fn rfc7519_4_1_3_the_audience_is_one_or_several() {
        let read = |json: &str| serde_json::from_str::<Audience>(json).unwrap();
        for (json, names, only) in [
            (r#""a""#, true, Some("a")),
            (r#"["a"]"#, true, Some("a")),
            (r#"["b","a"]"#, true, None),
            (r#""A""#, false, Some("A")),
            ("[]", false, None),
        ] {
            assert_eq!((check_aud(&read(json), "a").is_ok(), read(json).only()), (names, only), "{json}");
        }
        assert_eq!(check_iss("https://i.example/", "https://i.example"), Err(ClaimRefusal::Issuer));
        assert_eq!(check_iss("https://i.example", "https://i.example"), Ok(()));
    }
}
