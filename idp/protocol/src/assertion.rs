//! What a client's assertion must claim to prove who it is (RFC 7523 section 3, OpenID Connect Core section 9). Whether its signature holds
//! is for the caller to find out, and that it was never used before.

use crate::jose::foreign::ForeignToken;
use crate::jose::jwt::{Audience, ClaimRefusal, LEEWAY, check_exp, check_nbf};
use crate::numeric_date;
use crate::secret::Digest;
use crate::time::Timestamp;
use serde::Deserialize;
use std::time::Duration;

/// The one value of `client_assertion_type` (RFC 7523 section 2.2).
pub const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How far ahead `exp` may lie: so long its `jti` is remembered. Libraries write between ten seconds and an hour.
pub const LONGEST: Duration = Duration::from_secs(60 * 60);
/// The media types that an assertion may say it is of, in lower case (RFC 8725 section 3.11): another token is no assertion.
const TYPES: [&str; 2] = ["jwt", "client-authentication+jwt"];

/// The claims of an assertion.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AssertionClaims {
    iss: String,
    sub: String,
    aud: Audience,
    #[serde(deserialize_with = "numeric_date::required")]
    exp: i64,
    #[serde(default, deserialize_with = "numeric_date::optional")]
    nbf: Option<i64>,
    #[serde(default, deserialize_with = "numeric_date::optional")]
    iat: Option<i64>,
    jti: String,
}

/// Why an assertion proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AssertionRefusal {
    /// It says it is something else.
    #[error("typ is that of another token")]
    Type,
    /// RFC 7523 section 3, 1 and 2.
    #[error("iss and sub must be the client_id")]
    Client,
    /// RFC 7523 section 3, 3.
    #[error("aud must be the issuer or the token endpoint")]
    Audience,
    /// RFC 7523 section 3, 4 and 5.
    #[error("{0}")]
    Time(ClaimRefusal),
    /// It would have to be remembered for too long.
    #[error("exp lies more than an hour ahead")]
    TooLong,
    /// OpenID Connect Core section 9: REQUIRED there.
    #[error("jti is empty")]
    NoId,
}

/// What is spent by using an assertion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpentAssertion {
    /// Names it among all of all clients.
    pub digest: Digest,
    /// When it counts no more by its time alone.
    pub expires_at: Timestamp,
}

impl AssertionClaims {
    /// Whom the assertion says it is of, before anything is known to be true.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.sub
    }

    /// Checks the claims for a client, shown at an endpoint that goes by these names: the issuer, the token endpoint, its own URL. Exactly,
    /// byte for byte.
    pub fn check(&self, client_id: &str, readers: &[&str], now: Timestamp) -> Result<SpentAssertion, AssertionRefusal> {
        if self.iss != client_id || self.sub != client_id {
            return Err(AssertionRefusal::Client);
        }
        if !readers.iter().any(|reader| self.aud.names(reader)) {
            return Err(AssertionRefusal::Audience);
        }
        check_exp(self.exp, now).map_err(AssertionRefusal::Time)?;
        for from in [self.nbf, self.iat].into_iter().flatten() {
            check_nbf(from, now).map_err(AssertionRefusal::Time)?;
        }
        let expires_at = Timestamp::from_secs(self.exp);
        if expires_at > now.plus(LONGEST).plus(LEEWAY) {
            return Err(AssertionRefusal::TooLong);
        }
        if self.jti.is_empty() {
            return Err(AssertionRefusal::NoId);
        }
        // Neither holds a line feed without it being read as part of the other: the first has none.
        let digest = Digest::of(format!("{client_id}\n{}", self.jti).as_bytes());
        Ok(SpentAssertion { digest, expires_at })
    }
}

/// Whether a token may be an assertion by what its header says it is.
pub fn check_type(token: &ForeignToken<'_>) -> Result<(), AssertionRefusal> {
    let Some(typ) = token.typ() else { return Ok(()) };
    let typ = typ.to_ascii_lowercase();
    let typ = typ.strip_prefix("application/").unwrap_or(&typ);
    if TYPES.contains(&typ) { Ok(()) } else { Err(AssertionRefusal::Type) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const NOW: Timestamp = Timestamp::from_secs(1_000_000);
    const READERS: [&str; 2] = ["https://i.example", "https://i.example/token"];

    fn check(changes: &Value) -> Result<SpentAssertion, String> {
        let mut claims = json!({"iss": "rp", "sub": "rp", "aud": "https://i.example", "exp": 1_000_060, "jti": "a"});
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
            if value.is_null() {
                claims.as_object_mut().unwrap().remove(name);
            }
        }
        let claims: AssertionClaims = serde_json::from_value(claims).map_err(|error| error.to_string())?;
        claims.check("rp", &READERS, NOW).map_err(|refusal| refusal.to_string())
    }

    #[test]
    fn rfc7523_3_what_proves_a_client() {
        for changes in [
            json!({}),
            json!({"aud": "https://i.example/token"}),
            json!({"aud": ["https://i.example"]}),
            json!({"aud": ["https://other.example", "https://i.example/token"]}),
            json!({"exp": 1_003_610}),
            json!({"exp": 1_000_060.75}),
            json!({"nbf": 1_000_010, "iat": 1_000_010}),
            json!({"iat": 999_000, "more": {"is": "ignored"}}),
        ] {
            assert!(check(&changes).is_ok(), "{changes}: {:?}", check(&changes));
        }
    }

    #[test]
    fn rfc7523_3_what_proves_nothing() {
        for (changes, words) in [
            (json!({"iss": "other"}), "iss and sub"),
            (json!({"sub": "other"}), "iss and sub"),
            (json!({"iss": null}), "iss"),
            (json!({"sub": null}), "sub"),
            (json!({"aud": null}), "aud"),
            (json!({"aud": "https://i.example/"}), "aud must be"),
            (json!({"aud": "https://I.example"}), "aud must be"),
            (json!({"aud": "https://i.example/token/"}), "aud must be"),
            (json!({"aud": []}), "aud must be"),
            (json!({"aud": {"x": 1}}), "match"),
            (json!({"exp": null}), "exp"),
            (json!({"exp": "1000060"}), "number"),
            (json!({"exp": 1_000_000}), "expired"),
            (json!({"exp": 1_003_611}), "an hour"),
            (json!({"exp": i64::MAX}), "no time"),
            (json!({"exp": 1e300}), "no time"),
            (json!({"nbf": 1_000_011}), "not valid yet"),
            (json!({"iat": 1_000_011}), "not valid yet"),
            (json!({"jti": null}), "jti"),
            (json!({"jti": ""}), "jti is empty"),
        ] {
            let refusal = check(&changes).unwrap_err();
            assert!(refusal.contains(words), "{changes}: {refusal}");
        }
    }

    #[test]
    fn core_9_a_jti_is_of_one_client_and_remembered_until_it_expires() {
        let one = check(&json!({})).unwrap();
        assert_eq!(one.expires_at, Timestamp::from_secs(1_000_060));
        assert_eq!(one.digest, check(&json!({"exp": 1_000_090})).unwrap().digest);
        assert_ne!(one.digest, check(&json!({"jti": "b"})).unwrap().digest);
    }
}
