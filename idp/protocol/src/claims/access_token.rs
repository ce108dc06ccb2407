//! Access tokens: signed tokens of RFC 9068.

use super::level::{Amr, Level};
use crate::error::BearerError;
use crate::id::GrantId;
use crate::jose::jws::{self, TokenType};
use crate::jose::jwt::{self, Audience, ClaimRefusal};
use crate::jose::keyset::KeySet;
use crate::scope::Scope;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long an access token lives.
pub const LIFETIME: Duration = Duration::from_secs(5 * 60);

/// The payload of an access token (RFC 9068 section 2.2). Times are seconds since the epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessTokenClaims {
    /// The issuer.
    pub iss: String,
    /// The person, as the client knows them; the client itself where no person is behind the token (RFC 9068 section 2.2).
    pub sub: String,
    /// The resource it is for: the issuer itself, unless the client asked for another.
    pub aud: Audience,
    /// When it ends.
    pub exp: i64,
    /// When it was issued.
    pub iat: i64,
    /// Its own name, unique.
    pub jti: String,
    /// The client.
    pub client_id: String,
    /// What was granted.
    pub scope: Scope,
    /// The person's part; absent in a token of a client that acts for itself.
    #[serde(flatten)]
    pub granted: Option<Granted>,
}

/// What an access token says of the person behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted {
    /// When the person last proved who they are.
    pub auth_time: i64,
    /// How surely they did.
    pub acr: Level,
    /// By what.
    pub amr: Vec<Amr>,
    /// The session at the client; absent once the token comes from a grant that outlives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// The grant it was issued from: what the provider itself serves asks whether that still lives.
    pub grant_id: GrantId,
}

impl AccessTokenClaims {
    /// The claims of a token of ours: one that these keys signed. Whether it is valid now is for [`AccessTokenClaims::check`] to say.
    pub fn verified(token: &str, keys: &KeySet) -> Result<Self, BearerError> {
        jws::verify(token, TokenType::AccessToken, keys).map_err(|_| BearerError::invalid_token("the token is not one of ours"))
    }

    /// Whether it is of this issuer and its time is now, whomever it is for.
    pub fn lives(&self, issuer: &str, now: Timestamp) -> Result<(), ClaimRefusal> {
        jwt::check_iss(&self.iss, issuer)?;
        jwt::check_nbf(self.iat, now)?;
        jwt::check_exp(self.exp, now)
    }

    /// What it says of the person who presents it to the provider itself, now. Whether the grant lives is still to be asked.
    pub fn check(&self, issuer: &str, now: Timestamp) -> Result<&Granted, BearerError> {
        let refused = |_| BearerError::invalid_token("the token is not valid here");
        jwt::check_aud(&self.aud, issuer).map_err(refused)?;
        self.lives(issuer, now).map_err(|why| match why {
            ClaimRefusal::Expired => BearerError::invalid_token("the token is expired"),
            other => refused(other),
        })?;
        self.granted.as_ref().ok_or_else(|| BearerError::invalid_token("no person is behind the token"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::jws::tests::{EC, keys};
    use serde_json::{Value, json};

    const ISSUER: &str = "https://i.example/lindenhof";

    fn payload() -> Value {
        json!({"iss": ISSUER, "sub": "marie", "aud": ISSUER, "exp": 1300, "iat": 1000, "jti": "j", "client_id": "flex",
            "scope": "openid email", "auth_time": 900, "acr": "urn:poterne:level:multi", "amr": ["pwd", "otp", "mfa"],
            "sid": "session", "grant_id": GrantId::from_bytes([1; 16])})
    }

    fn read(typ: TokenType, claims: &Value, now: i64) -> Result<AccessTokenClaims, BearerError> {
        let token = jws::mint(&*EC, typ, claims).unwrap();
        let claims = AccessTokenClaims::verified(&token, &keys())?;
        claims.check(ISSUER, Timestamp::from_secs(now))?;
        Ok(claims)
    }

    #[test]
    fn rfc9068_2_2_what_is_written_is_read() {
        let claims = read(TokenType::AccessToken, &payload(), 1299).unwrap();
        assert_eq!(serde_json::to_value(&claims).unwrap(), payload());
    }

    #[test]
    fn b2_21_nothing_else_passes_for_an_access_token() {
        let with = |key: &str, value: Value| {
            let mut claims = payload();
            claims[key] = value;
            claims
        };
        let without = |key: &str| {
            let mut claims = payload();
            claims.as_object_mut().unwrap().remove(key);
            claims
        };
        for (what, typ, claims, now) in [
            ("expired", TokenType::AccessToken, payload(), 1300),
            ("from the future", TokenType::AccessToken, payload(), 989),
            ("an ID token", TokenType::IdToken, payload(), 1000),
            ("another realm's", TokenType::AccessToken, with("iss", json!("https://i.example/other")), 1000),
            ("for another resource", TokenType::AccessToken, with("aud", json!("https://api.example")), 1000),
            ("without aud", TokenType::AccessToken, without("aud"), 1000),
            ("without exp", TokenType::AccessToken, without("exp"), 1000),
            ("without grant", TokenType::AccessToken, without("grant_id"), 1000),
            ("with a broken scope", TokenType::AccessToken, with("scope", json!("a\"b")), 1000),
        ] {
            assert_eq!(read(typ, &claims, now).unwrap_err().status(), 401, "{what}");
        }
        let junk = AccessTokenClaims::verified("junk", &keys());
        assert_eq!(junk.unwrap_err().status(), 401);
    }
}
