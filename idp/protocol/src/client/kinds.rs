//! The words that a registration chooses from, as the specifications have them.

use serde::{Deserialize, Serialize};

/// How a client proves who it is at the token endpoint (OpenID Connect Core section 9): exactly this one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthMethod {
    /// A public client: it names itself and proves nothing.
    None,
    /// Identifier and secret in the `Authorization` header (RFC 6749 section 2.3.1).
    ClientSecretBasic,
    /// Identifier and secret in the body (RFC 6749 section 2.3.1).
    ClientSecretPost,
    /// A JWT keyed with the secret (OpenID Connect Core section 9, RFC 7523 section 2.2).
    ClientSecretJwt,
    /// A JWT signed with a key of its own (OpenID Connect Core section 9, RFC 7523 section 2.2).
    PrivateKeyJwt,
}

impl ClientAuthMethod {
    /// Every method that is on, in the order of the metadata.
    pub const ALL: [Self; 5] =
        [Self::ClientSecretBasic, Self::ClientSecretPost, Self::ClientSecretJwt, Self::PrivateKeyJwt, Self::None];

    /// The registered name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }

    /// Whether the client has a secret of ours.
    #[must_use]
    pub const fn has_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost | Self::ClientSecretJwt)
    }
}

/// By which ways a client gets tokens (RFC 7591 section 2): what it may send to the token endpoint as `grant_type`, and `implicit`, which it
/// may not send there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// RFC 6749 section 4.1.
    AuthorizationCode,
    /// RFC 6749 section 6.
    RefreshToken,
    /// RFC 6749 section 4.4.
    ClientCredentials,
    /// Tokens from the authorization endpoint (RFC 6749 section 4.2); never a `grant_type` of a token request.
    Implicit,
}

impl GrantType {
    /// Every grant that is on.
    pub const ALL: [Self; 4] = [Self::AuthorizationCode, Self::RefreshToken, Self::ClientCredentials, Self::Implicit];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
            Self::Implicit => "implicit",
        }
    }
}

/// What the authorization endpoint answers with (Multiple Response Types sections 3 and 5). The order of the words means nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub enum ResponseType {
    /// An authorization code.
    Code,
    /// An ID token.
    IdToken,
    /// An ID token and an access token.
    IdTokenToken,
    /// A code and an ID token.
    CodeIdToken,
    /// A code and an access token.
    CodeToken,
    /// All three.
    CodeIdTokenToken,
}

/// A response type that is not on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "response_types holds something else than code, id_token, id_token token, code id_token, code token, code id_token token"
)]
pub struct UnknownResponseType;

impl ResponseType {
    /// Every response type that is on.
    pub const ALL: [Self; 6] =
        [Self::Code, Self::IdToken, Self::IdTokenToken, Self::CodeIdToken, Self::CodeToken, Self::CodeIdTokenToken];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::IdToken => "id_token",
            Self::IdTokenToken => "id_token token",
            Self::CodeIdToken => "code id_token",
            Self::CodeToken => "code token",
            Self::CodeIdTokenToken => "code id_token token",
        }
    }

    /// Reads words in any order, each once.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let sorted = |text: &'_ str| {
            let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            words.sort_unstable();
            words
        };
        let words = sorted(text);
        Self::ALL.into_iter().find(|known| sorted(known.as_str()) == words)
    }

    /// Whether an authorization code comes back.
    #[must_use]
    pub const fn has_code(self) -> bool {
        matches!(self, Self::Code | Self::CodeIdToken | Self::CodeToken | Self::CodeIdTokenToken)
    }

    /// Whether an ID token comes back from the authorization endpoint.
    #[must_use]
    pub const fn has_id_token(self) -> bool {
        matches!(self, Self::IdToken | Self::IdTokenToken | Self::CodeIdToken | Self::CodeIdTokenToken)
    }

    /// Whether an access token comes back from the authorization endpoint.
    #[must_use]
    pub const fn has_token(self) -> bool {
        matches!(self, Self::IdTokenToken | Self::CodeToken | Self::CodeIdTokenToken)
    }
}

impl From<ResponseType> for &'static str {
    fn from(response_type: ResponseType) -> Self {
        response_type.as_str()
    }
}

impl TryFrom<String> for ResponseType {
    type Error = UnknownResponseType;

    fn try_from(text: String) -> Result<Self, UnknownResponseType> {
        Self::parse(&text).ok_or(UnknownResponseType)
    }
}

/// Where the client runs (OpenID Connect Registration section 2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationType {
    /// On a web server, or in a page that one serves.
    #[default]
    Web,
    /// On the person's device (RFC 8252).
    Native,
}

/// What `sub` is to the client (OpenID Connect Core section 8).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectType {
    /// Another value for every sector, so that portals of different purposes cannot compare people.
    #[default]
    Pairwise,
    /// One value for all clients of this type.
    Public,
}

impl SubjectType {
    /// Every subject type that is on.
    pub const ALL: [Self; 2] = [Self::Pairwise, Self::Public];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pairwise => "pairwise",
            Self::Public => "public",
        }
    }
}

/// What an access token is to its reader.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessTokenFormat {
    /// A signed token that says all (RFC 9068).
    #[default]
    Jwt,
    /// A name for what only introspection tells (RFC 7662).
    Opaque,
}
