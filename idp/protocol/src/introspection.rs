//! Introspection (RFC 7662): what a token that somebody presents is worth now, told to none but those whom it concerns. For everybody
//! else, as for every token that is not valid, the answer is the same: `{"active": false}`.

use crate::claims::access_token::AccessTokenClaims;
use crate::claims::level::{Amr, Level};
use crate::client::Client;
use crate::error::{TokenError, TokenErrorCode};
use crate::jose::jwt::Audience;
use crate::scope::Scope;
use crate::secret::Secret;
use crate::wire::Params;
use serde::{Serialize, Serializer};
use std::sync::Arc;

/// A token that a client presents to have it looked at (RFC 7662 section 2.1) or revoked (RFC 7009 section 2.1).
#[derive(Debug)]
pub struct Presented {
    /// The token.
    pub token: Secret,
    /// Where it is looked for first; it may be found elsewhere all the same.
    pub hint: Hint,
}

/// `token_type_hint` (RFC 7009 section 2.1). A kind that we do not know is no hint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// None that we know.
    None,
    /// An access token.
    AccessToken,
    /// A refresh token.
    RefreshToken,
}

/// Reads the request of a client that has proven who it is.
pub fn parse(params: &Params) -> Result<Presented, TokenError> {
    if let Some(name) = params.repeated() {
        return Err(TokenError::invalid_request(format!("{name} is repeated")));
    }
    let token = params.get("token").ok_or_else(|| TokenError::invalid_request("token is missing"))?;
    let hint = match params.get("token_type_hint") {
        Some("access_token") => Hint::AccessToken,
        Some("refresh_token") => Hint::RefreshToken,
        _ => Hint::None,
    };
    Ok(Presented { token: Secret::new(token.to_owned()), hint })
}

/// Section 2.1: whoever introspects must be known to the provider, so that nobody can scan for tokens. A client without any proof is not.
pub fn may_ask(client: &Client) -> Result<(), TokenError> {
    if client.is_public() {
        return Err(TokenError::new(TokenErrorCode::InvalidClient, "a client without authentication may not introspect"));
    }
    Ok(())
}

/// Whether the token concerns the client that asks: it was issued to it, or is for a resource that this client is.
#[must_use]
pub fn concerns(client: &Client, issued_to: &str, audience: &Audience) -> bool {
    client.client_id == issued_to || client.serves_resources.iter().any(|resource| audience.names(resource))
}

/// The answer (section 2.2).
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Introspected {
    /// Not valid, or nothing that concerns the client that asks: no word more.
    Inactive(Inactive),
    /// A valid access token: what a signed one says, however this one is written.
    Access(ActiveAccess),
    /// A valid refresh token.
    Refresh(Box<ActiveRefresh>),
}

/// `{"active": false}`.
#[derive(Debug, Serialize)]
pub struct Inactive {
    active: bool,
}

/// An access token that is valid now.
#[derive(Debug, Serialize)]
pub struct ActiveAccess {
    active: bool,
    token_type: &'static str,
    #[serde(flatten, serialize_with = "shared")]
    claims: Arc<AccessTokenClaims>,
}

fn shared<S: Serializer>(claims: &Arc<AccessTokenClaims>, serializer: S) -> Result<S::Ok, S::Error> {
    claims.as_ref().serialize(serializer)
}

/// A refresh token that is valid now. Times are seconds since the epoch.
#[derive(Debug, Serialize)]
pub struct ActiveRefresh {
    /// Always true.
    pub active: bool,
    /// The issuer.
    pub iss: String,
    /// The person, as the client knows them.
    pub sub: String,
    /// Who takes it: the issuer.
    pub aud: String,
    /// When it ends.
    pub exp: i64,
    /// When it was issued.
    pub iat: i64,
    /// Its own name.
    pub jti: String,
    /// The client.
    pub client_id: String,
    /// What it may still bring.
    pub scope: Scope,
    /// When the person last proved who they are.
    pub auth_time: i64,
    /// How surely they did.
    pub acr: Level,
    /// By what.
    pub amr: Vec<Amr>,
}

impl Introspected {
    /// The answer to everybody whom it does not concern.
    #[must_use]
    pub const fn inactive() -> Self {
        Self::Inactive(Inactive { active: false })
    }

    /// The answer about a valid access token.
    #[must_use]
    pub const fn access(claims: Arc<AccessTokenClaims>) -> Self {
        Self::Access(ActiveAccess { active: true, token_type: "Bearer", claims })
    }

    /// Whether the token is valid for the client that asks.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        !matches!(self, Self::Inactive(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::portal;
    use serde_json::json;

    fn read(body: &str) -> Result<(String, Hint), &'static str> {
        let read = parse(&Params::parse(body.as_bytes()).unwrap());
        read.map(|read| (read.token.expose().to_owned(), read.hint)).map_err(|error| error.code.as_str())
    }

    #[test]
    fn rfc7662_2_1_a_token_and_perhaps_a_hint() {
        assert_eq!(read("token=a.b.c"), Ok(("a.b.c".into(), Hint::None)));
        assert_eq!(read("token=a&token_type_hint=refresh_token"), Ok(("a".into(), Hint::RefreshToken)));
        assert_eq!(read("token=a&token_type_hint=access_token"), Ok(("a".into(), Hint::AccessToken)));
        assert_eq!(read("token=a&token_type_hint=pencil&other=1"), Ok(("a".into(), Hint::None)));
        for body in ["", "token=", "token=a&token=b", "token=a&token_type_hint=a&token_type_hint=b"] {
            assert_eq!(read(body), Err("invalid_request"), "{body}");
        }
    }

    #[test]
    fn rfc7662_2_1_nobody_asks_without_having_proven_who_they_are() {
        for (method, may) in
            [("none", false), ("client_secret_basic", true), ("client_secret_post", true), ("private_key_jwt", true)]
        {
            let told = may_ask(&portal(&json!({"token_endpoint_auth_method": method})));
            assert_eq!(told.map_err(|error| error.code.as_str()), if may { Ok(()) } else { Err("invalid_client") }, "{method}");
        }
    }

    #[test]
    fn rfc7662_4_a_token_concerns_its_client_and_the_resources_it_is_for() {
        let api = portal(&json!({"client_id": "api", "serves_resources": ["https://api.example", "urn:files"]}));
        let one = |resource: &str| Audience::One(resource.into());
        for (issued_to, audience, expected) in [
            ("api", one("https://i.example"), true),
            ("flex", one("https://i.example"), false),
            ("flex", one("https://api.example"), true),
            ("flex", one("https://api.example/"), false),
            ("flex", Audience::Many(vec!["https://i.example".into(), "urn:files".into()]), true),
            ("flex", Audience::Many(vec![]), false),
        ] {
            assert_eq!(concerns(&api, issued_to, &audience), expected, "{issued_to} {audience:?}");
        }
    }

    #[test]
    fn rfc7662_2_2_who_may_not_know_gets_one_word() {
        assert_eq!(serde_json::to_string(&Introspected::inactive()).unwrap(), r#"{"active":false}"#);
        let claims = json!({"iss": "https://i.example", "sub": "s", "aud": "https://i.example", "exp": 2, "iat": 1, "jti": "j",
            "client_id": "flex", "scope": "openid"});
        let claims: AccessTokenClaims = serde_json::from_value(claims).unwrap();
        assert_eq!(
            serde_json::to_value(Introspected::access(Arc::new(claims))).unwrap(),
            json!({"active": true, "token_type": "Bearer", "iss": "https://i.example", "sub": "s", "aud": "https://i.example",
                "exp": 2, "iat": 1, "jti": "j", "client_id": "flex", "scope": "openid"})
        );
    }
}
