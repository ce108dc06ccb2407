//! How the authorization endpoint answers: a redirect with `code` or `error`, with `state` intact and with `iss`
//! (RFC 6749 section 4.1.2, RFC 9207 section 2).

use crate::error::AuthorizationError;
use crate::redirect::RedirectUri;
use crate::secret::Secret;
use crate::wire::{with_fragment, with_query};
use serde::{Deserialize, Serialize};

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

impl ReplyTo {
    /// The `Location` that hands the code over. It holds the code, so it goes nowhere but into the answer's header.
    #[must_use]
    pub fn code(&self, issuer: &str, code: &Secret) -> String {
        self.location(issuer, &[("code", code.expose())])
    }

    /// The `Location` that says what is wrong.
    #[must_use]
    pub fn error(&self, issuer: &str, error: &AuthorizationError) -> String {
        self.location(issuer, &[("error", error.code.as_str()), ("error_description", error.description.as_str())])
    }

    fn location(&self, issuer: &str, first: &[(&str, &str)]) -> String {
        let mut params = first.to_vec();
        params.extend(self.state.as_deref().map(|state| ("state", state)));
        params.push(("iss", issuer));
        match self.mode {
            ResponseMode::Query | ResponseMode::FormPost => with_query(self.redirect_uri.as_str(), &params),
            ResponseMode::Fragment => with_fragment(self.redirect_uri.as_str(), &params),
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

    fn reply_to(uri: &str, mode: ResponseMode, state: Option<&str>) -> ReplyTo {
        let client = portal(&json!({"redirect_uris": [uri]}));
        ReplyTo { redirect_uri: resolve(&client, Some(uri)).unwrap(), mode, state: state.map(str::to_owned) }
    }

    #[test]
    fn rfc9207_2_a_code_comes_with_state_and_iss() {
        let code = Secret::new("id.secret".into());
        let issuer = "https://i.example/lindenhof";
        for (uri, mode, state, location) in [
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
            assert_eq!(reply_to(uri, mode, state).code(issuer, &code), location);
        }
    }

    #[test]
    fn rfc6749_4_1_2_1_an_error_has_no_code_and_cannot_break_the_header() {
        let state = "x".repeat(120) + "\r\nLocation: https://evil.example";
        let error = AuthorizationError::new(AuthorizationErrorCode::LoginRequired, "sign in first");
        let location = reply_to("https://p.example/cb", ResponseMode::Query, Some(&state)).error("https://i.example", &error);
        assert!(location.starts_with("https://p.example/cb?error=login_required&error_description=sign+in+first&state=xxx"));
        assert!(location.ends_with("&iss=https%3A%2F%2Fi.example"));
        assert!(!location.contains("code=") && !location.contains(['\r', '\n']));
    }
}
