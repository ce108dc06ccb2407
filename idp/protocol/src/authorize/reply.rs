//! How the authorization endpoint answers: with what was asked for or `error`, with `state` intact and with `iss`
//! (RFC 6749 sections 4.1.2 and 4.2.2, OpenID Connect Core sections 3.2.2.5 and 3.3.2.5, RFC 9207 section 2).

use crate::error::AuthorizationError;
use crate::redirect::RedirectUri;
use crate::scope::Scope;
use crate::secret::Secret;
use crate::wire::{with_fragment, with_query};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How parameters travel back (Multiple Response Types section 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query of the redirect URI.
    Query,
    /// In its fragment.
    Fragment,
    /// In the body of a form that the browser posts (Form Post Response Mode section 2).
    FormPost,
}

impl ResponseMode {
    /// Every response mode that is on.
    pub const ALL: [Self; 3] = [Self::Query, Self::Fragment, Self::FormPost];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
        }
    }
}

/// Where and how an answer goes. It exists only once the redirect URI is trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyTo {
    /// The registered URI.
    pub redirect_uri: RedirectUri,
    /// How parameters travel.
    pub mode: ResponseMode,
    /// What the client gave to get back, untouched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

/// What the client gets: the parts that its response type has.
#[derive(Debug, Default)]
pub struct Handed {
    /// The authorization code.
    pub code: Option<Secret>,
    /// The access token.
    pub access_token: Option<AccessToken>,
    /// The ID token.
    pub id_token: Option<Secret>,
    /// What watches the session, where the realm has it (Session Management section 2).
    pub session_state: Option<String>,
}

/// An access token that comes from the authorization endpoint. There is never a refresh token beside it (RFC 6749 section 4.2.2).
#[derive(Debug)]
pub struct AccessToken {
    /// The token.
    pub token: Secret,
    /// How long it lives.
    pub expires_in: Duration,
    /// What was granted.
    pub scope: Scope,
}

/// An answer as the browser is to carry it. It may hold secrets, so it goes nowhere but to that browser.
#[derive(Debug)]
pub enum Delivery {
    /// By a redirect to this address.
    Redirect(Secret),
    /// By a form that is posted to the redirect URI.
    Form(Vec<Field>),
}

/// A field of such a form.
#[derive(Debug)]
pub struct Field {
    /// The parameter.
    pub name: &'static str,
    /// Its value.
    pub value: Secret,
}

impl ReplyTo {
    /// The answer that hands over what was asked for.
    #[must_use]
    pub fn handed(&self, issuer: &str, handed: &Handed) -> Delivery {
        let mut params = Vec::new();
        params.extend(handed.code.as_ref().map(|code| ("code", code.expose())));
        let (seconds, scope) = handed
            .access_token
            .as_ref()
            .map_or_else(Default::default, |access| (access.expires_in.as_secs().to_string(), access.scope.to_string()));
        if let Some(access) = &handed.access_token {
            params.push(("access_token", access.token.expose()));
            params.push(("token_type", "Bearer"));
            params.push(("expires_in", &seconds));
            params.push(("scope", &scope));
        }
        params.extend(handed.id_token.as_ref().map(|token| ("id_token", token.expose())));
        params.extend(handed.session_state.as_deref().map(|state| ("session_state", state)));
        self.deliver(issuer, params)
    }

    /// The answer that says what is wrong.
    #[must_use]
    pub fn error(&self, issuer: &str, error: &AuthorizationError) -> Delivery {
        self.deliver(issuer, vec![("error", error.code.as_str()), ("error_description", error.description.as_str())])
    }

    fn deliver<'a>(&'a self, issuer: &'a str, mut params: Vec<(&'static str, &'a str)>) -> Delivery {
        params.extend(self.state.as_deref().map(|state| ("state", state)));
        params.push(("iss", issuer));
        let uri = self.redirect_uri.as_str();
        match self.mode {
            ResponseMode::Query => Delivery::Redirect(Secret::new(with_query(uri, &params))),
            ResponseMode::Fragment => Delivery::Redirect(Secret::new(with_fragment(uri, &params))),
            ResponseMode::FormPost => {
                let field = |(name, value): (&'static str, &str)| Field { name, value: Secret::new(value.to_owned()) };
                Delivery::Form(params.into_iter().map(field).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::portal;
    use crate::error::AuthorizationErrorCode;
    use crate::redirect::resolve;
    use serde_json::json;

    const ISSUER: &str = "https://i.example/lindenhof";

    fn reply_to(uri: &str, mode: ResponseMode, state: Option<&str>) -> ReplyTo {
        let client = portal(&json!({"redirect_uris": [uri]}));
        ReplyTo { redirect_uri: resolve(&client, Some(uri)).unwrap(), mode, state: state.map(str::to_owned) }
    }

    fn secret(text: &str) -> Secret {
        Secret::new(text.into())
    }

    fn location(delivery: Delivery) -> String {
        match delivery {
            Delivery::Redirect(location) => location.expose().to_owned(),
            Delivery::Form(_) => panic!("a form"),
        }
    }

    #[test]
    fn rfc9207_2_a_code_comes_with_state_and_iss() {
        for (uri, mode, state, expected) in [
            (
                "https://p.example/cb",
                ResponseMode::Query,
                Some("a b&c"),
                "https://p.example/cb?code=id.secret&state=a+b%26c&iss=https%3A%2F%2Fi.example%2Flindenhof",
            ),
            (
                "https://p.example/cb?tab=%20",
                ResponseMode::Query,
                None,
                "https://p.example/cb?tab=%20&code=id.secret&iss=https%3A%2F%2Fi.example%2Flindenhof",
            ),
            (
                "https://p.example/cb?tab=1",
                ResponseMode::Fragment,
                None,
                "https://p.example/cb?tab=1#code=id.secret&iss=https%3A%2F%2Fi.example%2Flindenhof",
            ),
        ] {
            let handed = Handed { code: Some(secret("id.secret")), ..Handed::default() };
            assert_eq!(location(reply_to(uri, mode, state).handed(ISSUER, &handed)), expected);
        }
    }

    #[test]
    fn core_3_3_2_5_tokens_come_with_their_type_life_and_scope_and_never_a_refresh_token() {
        let access = AccessToken {
            token: secret("at"),
            expires_in: Duration::from_secs(300),
            scope: Scope::parse("openid email").unwrap(),
        };
        let handed =
            Handed { code: Some(secret("c")), access_token: Some(access), id_token: Some(secret("id")), session_state: None };
        let location = location(reply_to("https://p.example/cb", ResponseMode::Fragment, Some("s")).handed(ISSUER, &handed));
        assert_eq!(
            location,
            "https://p.example/cb#code=c&access_token=at&token_type=Bearer&expires_in=300&scope=openid+email&id_token=id\
             &state=s&iss=https%3A%2F%2Fi.example%2Flindenhof"
        );
    }

    #[test]
    fn form_post_2_every_parameter_is_a_field_and_the_uri_keeps_its_query() {
        let state = "é\"<>&' ".repeat(30);
        let reply = reply_to("https://p.example/cb?tab=1", ResponseMode::FormPost, Some(&state));
        let handed = Handed { code: Some(secret("c")), ..Handed::default() };
        let Delivery::Form(fields) = reply.handed(ISSUER, &handed) else { panic!("a redirect") };
        let read: Vec<_> = fields.iter().map(|field| (field.name, field.value.expose())).collect();
        assert_eq!(read, [("code", "c"), ("state", state.as_str()), ("iss", ISSUER)]);
    }

    #[test]
    fn rfc6749_4_1_2_1_an_error_has_no_code_and_cannot_break_the_header() {
        let state = "x".repeat(120) + "\r\nLocation: https://evil.example";
        let error = AuthorizationError::new(AuthorizationErrorCode::LoginRequired, "sign in first");
        let reply = reply_to("https://p.example/cb", ResponseMode::Query, Some(&state));
        let location = location(reply.error("https://i.example", &error));
        assert!(location.starts_with("https://p.example/cb?error=login_required&error_description=sign+in+first&state=xxx"));
        assert!(location.ends_with("&iss=https%3A%2F%2Fi.example"));
        assert!(!location.contains("code=") && !location.contains(['\r', '\n']));
    }
    #[test]
    fn session_management_2_session_state_comes_with_the_answer_and_never_with_an_error() {
        let handed = Handed { code: Some(secret("c")), session_state: Some("h.s".into()), ..Handed::default() };
        let to = reply_to("https://p.example/cb", ResponseMode::Query, None);
        let Delivery::Redirect(location) = to.handed(ISSUER, &handed) else { panic!("a redirect") };
        assert!(location.expose().contains("?code=c&session_state=h.s&iss="), "{}", location.expose());
    }
}
