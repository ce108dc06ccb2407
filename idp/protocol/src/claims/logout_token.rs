//! Logout tokens (OpenID Connect Back-Channel Logout 1.0 section 2.4): what tells a client's server that a session has ended.

use crate::time::Timestamp;
use serde::Serialize;
use std::time::Duration;

/// How long a logout token is good for: as short as section 2.4 advises, because it is made when it is sent.
pub const LIFETIME: Duration = Duration::from_secs(2 * 60);

/// The payload of a logout token. It has no `nonce`, so that it is never taken for an ID token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogoutTokenClaims {
    /// The issuer.
    pub iss: String,
    /// The person, as the client knows them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// The client.
    pub aud: String,
    /// When it was made, in seconds since the epoch.
    pub iat: i64,
    /// When it ends.
    pub exp: i64,
    /// Names the token; another one at each try.
    pub jti: String,
    /// What happened: the one event there is, with an empty object.
    pub events: Events,
    /// The session at this client, as its ID tokens name it.
    pub sid: String,
}

/// The member `events` of RFC 8417.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Events {
    #[serde(rename = "http://schemas.openid.net/event/backchannel-logout")]
    logout: Empty,
}

/// `{}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
struct Empty {}

/// A session's end, as one client is told it.
#[derive(Debug, Clone, Copy)]
pub struct Ended<'a> {
    /// The issuer.
    pub issuer: &'a str,
    /// The client.
    pub client_id: &'a str,
    /// The person, as the client knows them.
    pub subject: Option<&'a str>,
    /// The session at this client.
    pub sid: &'a str,
}

impl LogoutTokenClaims {
    /// Says that a session has ended, now.
    #[must_use]
    pub fn new(ended: Ended<'_>, jti: String, now: Timestamp) -> Self {
        Self {
            iss: ended.issuer.to_owned(),
            sub: ended.subject.map(str::to_owned),
            aud: ended.client_id.to_owned(),
            iat: now.secs(),
            exp: now.plus(LIFETIME).secs(),
            jti,
            events: Events::default(),
            sid: ended.sid.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::jws::tests::{EC, keys};
    use crate::jose::jws::{self, TokenRefusal, TokenType};
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::{Value, json};

    fn claims() -> LogoutTokenClaims {
        let ended =
            Ended { issuer: "https://i.example/lindenhof", client_id: "flex", subject: Some("marie"), sid: "session at flex" };
        LogoutTokenClaims::new(ended, "one".into(), Timestamp::from_secs(1_000))
    }

    #[test]
    fn back_channel_2_4_the_payload_has_exactly_these_claims() {
        assert_eq!(
            serde_json::to_value(claims()).unwrap(),
            json!({"iss": "https://i.example/lindenhof", "sub": "marie", "aud": "flex", "iat": 1_000, "exp": 1_120, "jti": "one",
                "events": {"http://schemas.openid.net/event/backchannel-logout": {}}, "sid": "session at flex"})
        );
        let unknown = LogoutTokenClaims { sub: None, ..claims() };
        assert!(serde_json::to_value(unknown).unwrap().get("sub").is_none(), "absent, not null");
    }

    #[test]
    fn back_channel_2_4_it_says_what_it_is_and_is_taken_for_nothing_else() {
        let token = jws::mint(&*EC, TokenType::LogoutToken, &claims()).unwrap();
        let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&header).unwrap()["typ"], "logout+jwt");
        for typ in [TokenType::IdToken, TokenType::AccessToken] {
            assert_eq!(jws::verify::<Value>(&token, typ, &keys()).unwrap_err(), TokenRefusal::Type, "{typ:?}");
        }
        assert!(jws::verify::<Value>(&token, TokenType::LogoutToken, &keys()).is_ok());
    }
}
