//! What goes wrong, in the words of the specifications: one enum of codes per audience, each with its HTTP form.
//!
//! Descriptions are for the relying party's developer: printable ASCII, never with anything secret, never shown to a person.

use crate::resource::BadTarget;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Words for the developer of the relying party: printable ASCII without `"` and `\` (RFC 6749 section 4.1.2.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Description(Cow<'static, str>);

impl Description {
    /// Takes the words; a character that may not stand in a description becomes `?`.
    #[must_use]
    pub fn new(words: impl Into<Cow<'static, str>>) -> Self {
        let words = words.into();
        let allowed = |c: char| matches!(c, '\x20'..='\x21' | '\x23'..='\x5b' | '\x5d'..='\x7e');
        if words.chars().all(allowed) {
            return Self(words);
        }
        Self(words.chars().map(|c| if allowed(c) { c } else { '?' }).collect::<String>().into())
    }

    /// The words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $text)] $variant,)*
        }

        impl $name {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The code as it goes over the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

codes! {
    /// Errors of the authorization endpoint: RFC 6749 section 4.1.2.1 and OpenID Connect Core section 3.1.2.6.
    AuthorizationErrorCode {
        /// A parameter is missing, repeated or malformed.
        InvalidRequest = "invalid_request",
        /// The client may not use this response type.
        UnauthorizedClient = "unauthorized_client",
        /// The person or the provider said no.
        AccessDenied = "access_denied",
        /// No such response type here.
        UnsupportedResponseType = "unsupported_response_type",
        /// A scope is malformed, or `openid` is missing.
        InvalidScope = "invalid_scope",
        /// Something broke on our side.
        ServerError = "server_error",
        /// Too busy just now.
        TemporarilyUnavailable = "temporarily_unavailable",
        /// A page would be needed, and `prompt=none` forbids it.
        InteractionRequired = "interaction_required",
        /// The person would have to sign in.
        LoginRequired = "login_required",
        /// The person would have to choose an account.
        AccountSelectionRequired = "account_selection_required",
        /// The person would have to consent.
        ConsentRequired = "consent_required",
        /// The level asked for as essential was not reached (OpenID Connect Core Error Code `unmet_authentication_requirements` 1.0).
        UnmetAuthenticationRequirements = "unmet_authentication_requirements",
        /// A resource is malformed, or not for this client (RFC 8707 section 2).
        InvalidTarget = "invalid_target",
        /// `request_uri` cannot be used.
        InvalidRequestUri = "invalid_request_uri",
        /// `request` cannot be used.
        InvalidRequestObject = "invalid_request_object",
        /// `request` is not supported.
        RequestNotSupported = "request_not_supported",
        /// `request_uri` is not supported.
        RequestUriNotSupported = "request_uri_not_supported",
        /// `registration` is not supported.
        RegistrationNotSupported = "registration_not_supported",
    }
}

codes! {
    /// Errors of the token endpoint: RFC 6749 section 5.2.
    TokenErrorCode {
        /// A parameter is missing, repeated or malformed.
        InvalidRequest = "invalid_request",
        /// The client is unknown, or did not prove who it is.
        InvalidClient = "invalid_client",
        /// The code or refresh token is not valid here (any more).
        InvalidGrant = "invalid_grant",
        /// The client may not use this grant.
        UnauthorizedClient = "unauthorized_client",
        /// No such grant here.
        UnsupportedGrantType = "unsupported_grant_type",
        /// The scope is malformed or exceeds what was granted.
        InvalidScope = "invalid_scope",
        /// A resource is malformed, or not for this client or this grant (RFC 8707 section 2).
        InvalidTarget = "invalid_target",
        /// What the answer needs cannot be had just now. Section 5.2 knows no code for it; this is the one of section 4.1.2.1.
        TemporarilyUnavailable = "temporarily_unavailable",
    }
}

codes! {
    /// Errors of a resource that takes bearer tokens: RFC 6750 section 3.1.
    BearerErrorCode {
        /// The token is presented twice or in a malformed way.
        InvalidRequest = "invalid_request",
        /// The token is malformed, expired or revoked.
        InvalidToken = "invalid_token",
        /// The token lacks a scope.
        InsufficientScope = "insufficient_scope",
    }
}

codes! {
    /// Errors of the registration endpoint: RFC 7591 section 3.2.2.
    RegistrationErrorCode {
        /// A redirect URI is missing or cannot be used.
        InvalidRedirectUri = "invalid_redirect_uri",
        /// Another member cannot be used.
        InvalidClientMetadata = "invalid_client_metadata",
        /// The software statement cannot be read.
        InvalidSoftwareStatement = "invalid_software_statement",
        /// The software statement comes from nobody we believe.
        UnapprovedSoftwareStatement = "unapproved_software_statement",
    }
}

/// An error of the registration endpoint, always with status 400.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationError {
    /// The code.
    pub code: RegistrationErrorCode,
    /// What exactly is wrong, with the member.
    pub description: Description,
}

impl RegistrationError {
    /// An error with its words; very long ones are cut.
    #[must_use]
    pub fn new(code: RegistrationErrorCode, description: impl Into<Cow<'static, str>>) -> Self {
        const LONGEST: usize = 500;
        let words = description.into();
        let cut = if words.chars().count() > LONGEST { words.chars().take(LONGEST).collect::<String>().into() } else { words };
        Self { code, description: Description::new(cut) }
    }

    /// The JSON body.
    #[must_use]
    pub fn body(&self) -> ErrorBody {
        ErrorBody { error: self.code.as_str(), error_description: self.description.as_str().to_owned() }
    }
}

/// An error for the relying party's redirect URI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationError {
    /// The code.
    pub code: AuthorizationErrorCode,
    /// What exactly is wrong.
    pub description: Description,
}

impl AuthorizationError {
    /// An error with its words.
    #[must_use]
    pub fn new(code: AuthorizationErrorCode, description: impl Into<Cow<'static, str>>) -> Self {
        Self { code, description: Description::new(description) }
    }

    /// `invalid_request` with its words.
    #[must_use]
    pub fn invalid_request(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(AuthorizationErrorCode::InvalidRequest, description)
    }
}

/// The JSON body of an error answer (RFC 6749 section 5.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorBody {
    /// The code.
    pub error: &'static str,
    /// What exactly is wrong.
    pub error_description: String,
}

/// An error of the token endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenError {
    /// The code.
    pub code: TokenErrorCode,
    /// What exactly is wrong.
    pub description: Description,
    /// Whether the client used the `Authorization` header, and so is answered with 401 and a challenge.
    pub used_header: bool,
}

impl TokenError {
    /// An error with its words.
    #[must_use]
    pub fn new(code: TokenErrorCode, description: impl Into<Cow<'static, str>>) -> Self {
        Self { code, description: Description::new(description), used_header: false }
    }

    /// `invalid_request` with its words.
    #[must_use]
    pub fn invalid_request(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(TokenErrorCode::InvalidRequest, description)
    }

    /// `invalid_grant` with its words.
    #[must_use]
    pub fn invalid_grant(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(TokenErrorCode::InvalidGrant, description)
    }

    /// `invalid_target` (RFC 8707 section 2).
    #[must_use]
    pub fn invalid_target(why: BadTarget) -> Self {
        Self::new(TokenErrorCode::InvalidTarget, why.to_string())
    }

    /// The HTTP status: 401 for a client that failed by header, 503 where it may ask again, else 400 (RFC 6749 section 5.2). A public
    /// client in a browser gets no 401, whose challenge would open the browser's own password box.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self.code {
            TokenErrorCode::TemporarilyUnavailable => 503,
            _ if self.challenges() => 401,
            _ => 400,
        }
    }

    /// The value of `WWW-Authenticate`, where the answer needs one (RFC 6749 section 5.2, RFC 7617 section 2).
    #[must_use]
    pub fn www_authenticate(&self, issuer: &str) -> Option<String> {
        self.challenges().then(|| format!("Basic realm=\"{}\", charset=\"UTF-8\"", Description::new(issuer.to_owned()).as_str()))
    }

    const fn challenges(&self) -> bool {
        matches!(self.code, TokenErrorCode::InvalidClient) && self.used_header
    }

    /// The JSON body.
    #[must_use]
    pub fn body(&self) -> ErrorBody {
        ErrorBody { error: self.code.as_str(), error_description: self.description.as_str().to_owned() }
    }
}

/// An error of a resource that takes bearer tokens, such as userinfo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BearerError {
    /// No token at all: a challenge without any code (RFC 6750 section 3.1).
    Missing,
    /// A token that cannot be accepted.
    Refused {
        /// The code.
        code: BearerErrorCode,
        /// What exactly is wrong.
        description: Description,
        /// The scope that is needed, for `insufficient_scope`.
        scope: Option<&'static str>,
    },
}

impl BearerError {
    /// A presentation that is malformed.
    #[must_use]
    pub fn invalid_request(description: &'static str) -> Self {
        Self::Refused { code: BearerErrorCode::InvalidRequest, description: Description::new(description), scope: None }
    }

    /// A token that is malformed, expired or revoked.
    #[must_use]
    pub fn invalid_token(description: &'static str) -> Self {
        Self::Refused { code: BearerErrorCode::InvalidToken, description: Description::new(description), scope: None }
    }

    /// A token without the scope that is needed.
    #[must_use]
    pub fn insufficient_scope(scope: &'static str) -> Self {
        let description = Description::new("the token lacks a scope");
        Self::Refused { code: BearerErrorCode::InsufficientScope, description, scope: Some(scope) }
    }

    /// The HTTP status (RFC 6750 section 3.1).
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Missing | Self::Refused { code: BearerErrorCode::InvalidToken, .. } => 401,
            Self::Refused { code: BearerErrorCode::InvalidRequest, .. } => 400,
            Self::Refused { code: BearerErrorCode::InsufficientScope, .. } => 403,
        }
    }

    /// The value of `WWW-Authenticate` (RFC 6750 section 3).
    #[must_use]
    pub fn www_authenticate(&self, issuer: &str) -> String {
        let realm = format!("Bearer realm=\"{}\"", Description::new(issuer.to_owned()).as_str());
        if let Self::Refused { code, description, scope } = self {
            let scope = scope.map(|scope| format!(", scope=\"{scope}\"")).unwrap_or_default();
            return format!("{realm}, error=\"{}\", error_description=\"{}\"{scope}", code.as_str(), description.as_str());
        }
        realm
    }

    /// The JSON body; `None` without a code, since then there is nothing to say.
    #[must_use]
    pub fn body(&self) -> Option<ErrorBody> {
        match self {
            Self::Missing => None,
            Self::Refused { code, description, .. } => {
                Some(ErrorBody { error: code.as_str(), error_description: description.as_str().to_owned() })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc6749_4_1_2_1_a_description_is_printable_ascii() {
        assert_eq!(Description::new("a \"b\" \\ é\r\n<c>").as_str(), "a ?b? ? ???<c>");
    }

    #[test]
    fn rfc6749_5_2_a_client_that_failed_by_header_is_challenged() {
        let mut error = TokenError::new(TokenErrorCode::InvalidClient, "unknown client");
        assert_eq!((error.status(), error.www_authenticate("https://i.example")), (400, None));
        error.used_header = true;
        assert_eq!(error.status(), 401);
        assert_eq!(error.www_authenticate("https://i.example").unwrap(), "Basic realm=\"https://i.example\", charset=\"UTF-8\"");
        let mut grant = TokenError::invalid_grant("expired");
        grant.used_header = true;
        assert_eq!((grant.status(), grant.www_authenticate("x")), (400, None));
        let body = serde_json::to_string(&grant.body()).unwrap();
        assert_eq!(body, r#"{"error":"invalid_grant","error_description":"expired"}"#);
    }

    #[test]
    fn rfc6750_3_the_challenge_says_what_is_wrong_only_if_a_token_was_shown() {
        let issuer = "https://i.example";
        assert_eq!(BearerError::Missing.www_authenticate(issuer), "Bearer realm=\"https://i.example\"");
        assert_eq!((BearerError::Missing.status(), BearerError::Missing.body()), (401, None));
        for (error, status, value) in [
            (BearerError::invalid_token("expired"), 401, "error=\"invalid_token\", error_description=\"expired\""),
            (BearerError::invalid_request("twice"), 400, "error=\"invalid_request\", error_description=\"twice\""),
            (
                BearerError::insufficient_scope("openid"),
                403,
                "error=\"insufficient_scope\", error_description=\"the token lacks a scope\", scope=\"openid\"",
            ),
        ] {
            assert_eq!(error.status(), status);
            assert_eq!(error.www_authenticate(issuer), format!("Bearer realm=\"https://i.example\", {value}"));
        }
    }
}
