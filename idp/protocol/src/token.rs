//! The token endpoint's request and answer (RFC 6749 sections 4.1.3, 4.1.4, 5.1 and 6, OpenID Connect Core section 3.1.3).

use crate::client::{Client, GrantType};
use crate::error::{TokenError, TokenErrorCode};
use crate::id::{AuthorizationCodeId, RefreshTokenId};
use crate::resource;
use crate::scope::{SUPPORTED, Scope};
use crate::secret::{Handle, Secret};
use crate::wire::Params;
use serde::Serialize;
use std::time::Duration;

/// What a client wants tokens for.
#[derive(Debug)]
pub enum TokenRequest {
    /// An authorization code (RFC 6749 section 4.1.3).
    AuthorizationCode(CodeRequest),
    /// A refresh token (RFC 6749 section 6).
    RefreshToken(RefreshRequest),
    /// Nothing but itself (RFC 6749 section 4.4.2).
    ClientCredentials(OwnRequest),
}

impl TokenRequest {
    /// Its `grant_type`.
    #[must_use]
    pub const fn grant_type(&self) -> GrantType {
        match self {
            Self::AuthorizationCode(_) => GrantType::AuthorizationCode,
            Self::RefreshToken(_) => GrantType::RefreshToken,
            Self::ClientCredentials(_) => GrantType::ClientCredentials,
        }
    }
}

/// The parameters beside an authorization code.
#[derive(Debug)]
pub struct CodeRequest {
    /// The code.
    pub code: Handle<AuthorizationCodeId>,
    /// Must be that of the authorization request, if it named one.
    pub redirect_uri: Option<String>,
    /// Must hash to the challenge (RFC 7636 section 4.5).
    pub code_verifier: Option<Secret>,
    /// The resources that it names (RFC 8707 section 2.2); not compared yet with what was granted.
    pub resources: Vec<String>,
}

/// The parameters beside a refresh token.
#[derive(Debug)]
pub struct RefreshRequest {
    /// The token.
    pub refresh_token: Handle<RefreshTokenId>,
    /// A narrower scope, if the client wants one.
    pub scope: Option<Scope>,
    /// The resources that it names (RFC 8707 section 2.2); not compared yet with what was granted.
    pub resources: Vec<String>,
}

/// What a client asks for itself.
#[derive(Debug)]
pub struct OwnRequest {
    /// The client's own scope, or the part of it that it asks for.
    pub scope: Scope,
    /// The resources that it names (RFC 8707 section 2.2); not compared yet with what it may have.
    pub resources: Vec<String>,
}

/// Reads the request of a client that has proven who it is.
pub fn parse(params: &Params, client: &Client) -> Result<TokenRequest, TokenError> {
    if let Some(name) = params.repeated() {
        return Err(TokenError::invalid_request(format!("{name} is repeated")));
    }
    let granted = grant_type(params, client)?;
    let resources = resource::named(params).map_err(TokenError::invalid_target)?;
    match granted {
        GrantType::AuthorizationCode => Ok(TokenRequest::AuthorizationCode(CodeRequest {
            code: handle(params, "code")?,
            redirect_uri: params.get("redirect_uri").map(str::to_owned),
            code_verifier: params.get("code_verifier").map(|text| Secret::new(text.to_owned())),
            resources,
        })),
        GrantType::RefreshToken => {
            let scope = scope(params)?;
            Ok(TokenRequest::RefreshToken(RefreshRequest { refresh_token: handle(params, "refresh_token")?, scope, resources }))
        }
        GrantType::ClientCredentials => {
            let scope = own_scope(scope(params)?, client)?;
            Ok(TokenRequest::ClientCredentials(OwnRequest { scope, resources }))
        }
        GrantType::Implicit => {
            Err(TokenError::new(TokenErrorCode::UnsupportedGrantType, "implicit is no grant_type of a token request"))
        }
    }
}

fn scope(params: &Params) -> Result<Option<Scope>, TokenError> {
    let malformed = |_| TokenError::new(TokenErrorCode::InvalidScope, "scope is malformed");
    params.get("scope").map(|text| Scope::parse(text).map_err(malformed)).transpose()
}

/// What a client may have for itself: nothing that concerns a person.
fn own_scope(asked: Option<Scope>, client: &Client) -> Result<Scope, TokenError> {
    let is_own = |word: &str| client.scope.contains(word) && !SUPPORTED.contains(&word);
    match asked {
        None => Ok(SUPPORTED.iter().fold(client.scope.clone(), |own, word| own.without(word))),
        Some(asked) if asked.words().all(is_own) => Ok(asked),
        Some(_) => Err(TokenError::new(TokenErrorCode::InvalidScope, "scope is not registered for the client itself")),
    }
}

fn grant_type(params: &Params, client: &Client) -> Result<GrantType, TokenError> {
    let text = params.get("grant_type").ok_or_else(|| TokenError::invalid_request("grant_type is missing"))?;
    let Some(known) = GrantType::ALL.into_iter().find(|known| known.as_str() == text) else {
        return Err(TokenError::new(TokenErrorCode::UnsupportedGrantType, "grant_type is not supported"));
    };
    if client.grant_types.contains(&known) {
        return Ok(known);
    }
    Err(TokenError::new(TokenErrorCode::UnauthorizedClient, "grant_type is not registered for this client"))
}

/// A missing parameter is the request's fault, a malformed one cannot be a grant of ours.
fn handle<I: std::str::FromStr>(params: &Params, name: &'static str) -> Result<Handle<I>, TokenError> {
    let text = params.get(name).ok_or_else(|| TokenError::invalid_request(format!("{name} is missing")))?;
    Handle::parse(text).ok_or_else(|| TokenError::invalid_grant(format!("{name} is not valid")))
}

/// What the client gets. Send it with `Cache-Control: no-store` (RFC 6749 section 5.1).
#[derive(Debug)]
pub struct TokenResponse {
    /// The access token.
    pub access_token: Secret,
    /// How long it lives.
    pub expires_in: Duration,
    /// A refresh token, where one is issued.
    pub refresh_token: Option<Secret>,
    /// An ID token.
    pub id_token: Option<Secret>,
    /// The scope that was granted.
    pub scope: Scope,
}

/// The JSON body of a [`TokenResponse`]. It holds clear tokens, so it goes nowhere but into the answer.
#[derive(Serialize)]
pub struct TokenBody<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<&'a str>,
    scope: String,
}

impl TokenResponse {
    /// The JSON body.
    #[must_use]
    pub fn body(&self) -> TokenBody<'_> {
        TokenBody {
            access_token: self.access_token.expose(),
            token_type: "Bearer",
            expires_in: self.expires_in.as_secs(),
            refresh_token: self.refresh_token.as_ref().map(Secret::expose),
            id_token: self.id_token.as_ref().map(Secret::expose),
            scope: self.scope.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::portal;
    use serde_json::json;

    fn ask(body: &str) -> Result<TokenRequest, TokenError> {
        parse(&Params::parse(body.as_bytes()).unwrap(), &portal(&json!({"grant_types": ["authorization_code"]})))
    }

    #[test]
    fn rfc6749_4_1_3_a_code_with_what_proves_it() {
        let handle = Handle { id: AuthorizationCodeId::from_bytes([1; 16]), secret: Secret::from_random(&[2; 32]) };
        let body = format!("grant_type=authorization_code&code={}&redirect_uri=https%3A%2F%2Fa&code_verifier=v", handle.expose());
        let Ok(TokenRequest::AuthorizationCode(request)) = ask(&body) else { panic!("a code request") };
        assert_eq!((request.code.id, request.code.secret.digest()), (handle.id, handle.secret.digest()));
        assert_eq!(request.redirect_uri.as_deref(), Some("https://a"));
        assert_eq!(request.code_verifier.map(|verifier| verifier.expose().to_owned()).as_deref(), Some("v"));
    }

    #[test]
    fn rfc6749_6_a_refresh_token_with_a_scope() {
        let handle = Handle { id: RefreshTokenId::from_bytes([1; 16]), secret: Secret::from_random(&[2; 32]) };
        let client = portal(&json!({"grant_types": ["authorization_code", "refresh_token"]}));
        let body = format!("grant_type=refresh_token&refresh_token={}&scope=openid", handle.expose());
        let Ok(TokenRequest::RefreshToken(request)) = parse(&Params::parse(body.as_bytes()).unwrap(), &client) else {
            panic!("a refresh request")
        };
        assert_eq!((request.refresh_token.id, request.scope.unwrap().to_string().as_str()), (handle.id, "openid"));
    }

    #[test]
    fn rfc6749_5_2_what_is_wrong_has_its_code() {
        for (body, code) in [
            ("", "invalid_request"),
            ("grant_type=", "invalid_request"),
            ("grant_type=password&username=a&password=b", "unsupported_grant_type"),
            ("grant_type=AUTHORIZATION_CODE", "unsupported_grant_type"),
            ("grant_type=refresh_token&refresh_token=x", "unauthorized_client"),
            ("grant_type=authorization_code", "invalid_request"),
            ("grant_type=authorization_code&code=nonsense", "invalid_grant"),
            ("grant_type=authorization_code&code=a&code=b", "invalid_request"),
            ("grant_type=authorization_code&grant_type=authorization_code&code=a", "invalid_request"),
            ("grant_type=authorization_code&code=a&other=1&other=2", "invalid_request"),
            ("grant_type=authorization_code&code=a&resource=api", "invalid_target"),
            ("grant_type=authorization_code&code=a&resource=https%3A%2F%2Fa.example%2F%23b", "invalid_target"),
        ] {
            let error = ask(body).unwrap_err();
            assert_eq!((error.code.as_str(), error.status()), (code, 400), "{body}");
        }
    }

    #[test]
    fn rfc6749_4_4_a_service_gets_its_own_scope_and_nothing_of_people() {
        let registered = json!({"grant_types": ["client_credentials"], "redirect_uris": [], "scope": "wages.read wages.write"});
        let ask = |body: &str| match parse(&Params::parse(body.as_bytes()).unwrap(), &portal(&registered)) {
            Ok(TokenRequest::ClientCredentials(own)) => Ok(own.scope.to_string()),
            Ok(other) => panic!("{other:?}"),
            Err(error) => Err(error.code.as_str()),
        };
        assert_eq!(ask("grant_type=client_credentials"), Ok("wages.read wages.write".into()));
        assert_eq!(ask("grant_type=client_credentials&scope=wages.read"), Ok("wages.read".into()));
        assert_eq!(ask("grant_type=client_credentials&scope=openid"), Err("invalid_scope"));
        assert_eq!(ask("grant_type=client_credentials&scope=wages.read%20other"), Err("invalid_scope"));
        assert_eq!(ask("grant_type=authorization_code&code=a"), Err("unauthorized_client"));
    }

    #[test]
    fn rfc6749_5_1_the_answer_says_nothing_about_what_is_not_there() {
        let secret = |text: &str| Secret::new(text.into());
        let mut response = TokenResponse {
            access_token: secret("a"),
            expires_in: Duration::from_secs(300),
            refresh_token: None,
            id_token: Some(secret("i")),
            scope: Scope::parse("email openid").unwrap(),
        };
        let json = |response: &TokenResponse| serde_json::to_value(response.body()).unwrap();
        let expected =
            json!({"access_token": "a", "token_type": "Bearer", "expires_in": 300, "id_token": "i", "scope": "openid email"});
        assert_eq!(json(&response), expected);
        response.refresh_token = Some(secret("r"));
        assert_eq!(json(&response)["refresh_token"], "r");
    }
}
