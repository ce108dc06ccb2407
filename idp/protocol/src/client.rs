//! What is registered of a client, in the names of RFC 7591 section 2 and OpenID Connect Registration section 2.

mod check;
mod kinds;

pub use check::{Mistake, UriFault};
pub use kinds::{
    AccessTokenFormat, ApplicationType, ClientAuthMethod, GrantType, ResponseType, SubjectType, UnknownResponseType,
};

use crate::jose::{Algorithm, ContentEncryption, KeyManagement, SigningChoice};
use crate::scope::Scope;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// A client as an operator registers it. Its secret is kept apart, as a digest. Unknown keys are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "the specifications have so many members that are yes or no")]
pub struct Client {
    /// Public name of the client in requests: unreserved characters, unique in its realm.
    pub client_id: String,
    /// What people see.
    pub client_name: String,
    /// Where answers may go, compared byte for byte. A service has none.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// Where a logout may lead back to, compared byte for byte.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub post_logout_redirect_uris: Vec<String>,
    /// How it proves who it is.
    #[serde(default = "default_auth_method")]
    pub token_endpoint_auth_method: ClientAuthMethod,
    /// Which grants it may use.
    #[serde(default = "default_grant_types")]
    pub grant_types: Vec<GrantType>,
    /// Which response types it may ask for.
    #[serde(default = "default_response_types")]
    pub response_types: Vec<ResponseType>,
    /// Where it runs.
    #[serde(default)]
    pub application_type: ApplicationType,
    /// The scopes it may ask for.
    #[serde(default = "default_scope")]
    pub scope: Scope,
    /// What `sub` is to it.
    #[serde(default)]
    pub subject_type: SubjectType,
    /// The sector of its pairwise `sub`; without it the host of its redirect URIs. See [`Client::sector`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector: Option<String>,
    /// A document that lists all redirect URIs of the sector, whose host is then the sector (OpenID Connect Core section 8.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector_identifier_uri: Option<String>,
    /// Its own public keys (RFC 7517 section 5), where it signs or reads encrypted tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<serde_json::Value>,
    /// Where it publishes them instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// What signs its assertions, for the two methods that have some; without it any algorithm of the method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_signing_alg: Option<SigningChoice>,
    /// What signs its request objects; without it any asymmetric algorithm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_object_signing_alg: Option<SigningChoice>,
    /// Where its request objects may lie, each with or without the fragment that is their hash (OpenID Connect Core section 6.2).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub request_uris: Vec<String>,
    /// What signs its ID tokens.
    #[serde(default = "default_id_token_alg")]
    pub id_token_signed_response_alg: Algorithm,
    /// What encrypts the key of its ID tokens; without it they are not encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token_encrypted_response_alg: Option<KeyManagement>,
    /// What encrypts their content: A128CBC-HS256 where only the other is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token_encrypted_response_enc: Option<ContentEncryption>,
    /// What signs its userinfo answers; without it they are plain JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_signed_response_alg: Option<Algorithm>,
    /// What encrypts the key of its userinfo answers; without it they are not encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_encrypted_response_alg: Option<KeyManagement>,
    /// What encrypts their content: A128CBC-HS256 where only the other is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_encrypted_response_enc: Option<ContentEncryption>,
    /// Whether its access tokens say all or nothing.
    #[serde(default, skip_serializing_if = "is_default")]
    pub access_token_format: AccessTokenFormat,
    /// Seconds that its access tokens live, where the realm's policy is too long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token_seconds: Option<u32>,
    /// Seconds that its ID tokens live, where the realm's policy is too long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token_seconds: Option<u32>,
    /// Seconds that its refresh tokens live, where the realm's policy is too long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token_seconds: Option<u32>,
    /// The resources that it may ask tokens for (RFC 8707), as absolute URIs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// The resources that it is itself: it may introspect their tokens (RFC 7662 section 2.1).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub serves_resources: Vec<String>,
    /// What signs its access tokens: RS256 for services whose resource server reads nothing else (RFC 9068 section 2.1).
    #[serde(default = "default_access_token_alg")]
    pub access_token_signed_response_alg: Algorithm,
    /// Whether an authorization request without PKCE is refused.
    #[serde(default = "yes")]
    pub require_pkce: bool,
    /// Seconds after which a sign-in is too old, where the request names no `max_age`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_max_age: Option<u32>,
    /// Whether its ID tokens always say when the person signed in. Ours do.
    #[serde(default, skip_serializing_if = "is_default")]
    pub require_auth_time: bool,
    /// The levels it would like where the request names none, the favourite first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub default_acr_values: Vec<String>,
    /// Where a person's browser goes at logout to end the session there (Front-Channel Logout section 2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frontchannel_logout_uri: Option<String>,
    /// Whether that address is to get `iss` and `sid`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub frontchannel_logout_session_required: bool,
    /// Where we send a logout token (Back-Channel Logout section 2.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<String>,
    /// Whether that token must name the session. Ours always does.
    #[serde(default, skip_serializing_if = "is_default")]
    pub backchannel_logout_session_required: bool,
    /// Whom to write to about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    /// What it is, the same for all its instances (RFC 7591 section 2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub software_id: Option<String>,
    /// Which version of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub software_version: Option<String>,
    /// Where a sign-in that starts at the provider goes (OpenID Connect Core section 4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initiate_login_uri: Option<String>,
    /// Its home page; an expired flow leads back there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<String>,
    /// Its logo, as a path or URL the provider serves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<String>,
    /// Its privacy policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<String>,
    /// Its terms of service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<String>,
    /// Whether the operator has consented for everybody, because the client is the fund's own.
    #[serde(default)]
    pub first_party: bool,
    /// The populations it serves; empty means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub populations: Vec<String>,
}

fn default_auth_method() -> ClientAuthMethod {
    ClientAuthMethod::ClientSecretBasic
}

fn default_grant_types() -> Vec<GrantType> {
    vec![GrantType::AuthorizationCode]
}

fn default_response_types() -> Vec<ResponseType> {
    vec![ResponseType::Code]
}

fn default_scope() -> Scope {
    Scope::parse("openid profile email").unwrap_or_default()
}

fn default_access_token_alg() -> Algorithm {
    Algorithm::Es256
}

fn default_id_token_alg() -> Algorithm {
    Algorithm::Rs256
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn yes() -> bool {
    true
}

impl Client {
    /// Whether the client can keep no secret (RFC 6749 section 2.1).
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.token_endpoint_auth_method == ClientAuthMethod::None
    }

    /// Whether the client signs something with its secret, which is therefore kept sealed and not as a digest alone: its assertions, or its
    /// request objects (OpenID Connect Core sections 9 and 6.1).
    #[must_use]
    pub fn signs_with_secret(&self) -> bool {
        let method = self.token_endpoint_auth_method;
        let requests = matches!(self.request_object_signing_alg, Some(SigningChoice::Symmetric(_)));
        method == ClientAuthMethod::ClientSecretJwt || method.has_secret() && requests
    }

    /// Whether the client acts for itself alone: no person ever signs in to it (RFC 6749 section 4.4).
    #[must_use]
    pub fn is_service(&self) -> bool {
        self.grant_types == [GrantType::ClientCredentials]
    }

    /// Whether people of this population may use the client.
    #[must_use]
    pub fn serves(&self, population: &str) -> bool {
        self.populations.is_empty() || self.populations.iter().any(|served| served == population)
    }

    /// The sector whose clients see the same pairwise `sub` (OpenID Connect Core section 8.1): the one that is named, else the host of
    /// the document that lists its redirect URIs, else the one host of all of them. `None` when there is no such host: such a client
    /// must name its sector.
    #[must_use]
    pub fn sector(&self) -> Option<String> {
        if self.sector.is_some() {
            return self.sector.clone();
        }
        if let Some(uri) = &self.sector_identifier_uri {
            return Url::parse(uri).ok()?.host_str().map(str::to_owned);
        }
        let mut hosts = self.redirect_uris.iter().map(|uri| sector_host(uri));
        let first = hosts.next()??;
        hosts.all(|host| host.as_deref() == Some(first.as_str())).then_some(first)
    }

    /// What its tokens are signed with, each with the member that says so: a realm must have keys of all of them. A service gets no ID
    /// tokens, and an opaque access token is not signed.
    #[must_use]
    pub fn signed_with(&self) -> Vec<(&'static str, Algorithm)> {
        let id_token = (!self.is_service()).then_some(self.id_token_signed_response_alg);
        let access_token = (self.access_token_format == AccessTokenFormat::Jwt).then_some(self.access_token_signed_response_alg);
        let named = [
            ("id_token_signed_response_alg", id_token),
            ("userinfo_signed_response_alg", self.userinfo_signed_response_alg),
            ("access_token_signed_response_alg", access_token),
        ];
        named.into_iter().filter_map(|(member, algorithm)| Some((member, algorithm?))).collect()
    }

    /// Every mistake in the registration, in words for the operator; empty when there is none.
    #[must_use]
    pub fn check(&self) -> Vec<Mistake> {
        check::check(self)
    }
}

/// The host that can stand for a sector: that of an http(s) URI, unless it is the person's own device.
fn sector_host(uri: &str) -> Option<String> {
    let url = Url::parse(uri).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    if is_loopback(&url) { None } else { url.host_str().map(str::to_owned) }
}

/// Whether the URI's host is the device itself (RFC 8252 section 7.3, and `localhost` for development).
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A portal of the fund, with whatever a test changes.
    pub(crate) fn portal(changes: &serde_json::Value) -> Client {
        let mut json = serde_json::json!({
            "client_id": "flex",
            "client_name": "Lindenhof flex",
            "redirect_uris": ["https://flex.example/cb"],
            "post_logout_redirect_uris": ["https://flex.example/bye"],
            "first_party": true,
        });
        for (key, value) in changes.as_object().into_iter().flatten() {
            json[key] = value.clone();
        }
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn rfc7591_2_what_is_left_out_has_a_safe_default() {
        let client = portal(&serde_json::json!({}));
        assert_eq!(client.token_endpoint_auth_method, ClientAuthMethod::ClientSecretBasic);
        assert_eq!(client.subject_type, SubjectType::Pairwise);
        let algorithms = (client.id_token_signed_response_alg, client.access_token_signed_response_alg);
        assert_eq!(algorithms, (Algorithm::Rs256, Algorithm::Es256));
        assert_eq!(client.scope.to_string(), "openid email profile");
        assert!(client.require_pkce && client.serves("insured") && !client.is_public());
        let json = serde_json::to_string(&client).unwrap();
        assert_eq!(serde_json::from_str::<Client>(&json).unwrap(), client);
    }

    #[test]
    fn an_unknown_key_or_method_is_refused_by_name() {
        let base = r#""client_id":"a","client_name":"A","redirect_uris":[]"#;
        let refused = |more: &str| serde_json::from_str::<Client>(&format!("{{{base},{more}}}")).unwrap_err().to_string();
        assert!(refused(r#""redirect_uri":"x""#).contains("redirect_uri"));
        let words = refused(r#""token_endpoint_auth_method":"tls_client_auth""#);
        assert!(words.contains("tls_client_auth") && words.contains("client_secret_basic"), "{words}");
        assert!(refused(r#""id_token_signed_response_alg":"none""#).contains("RS256"));
    }

    #[test]
    fn core_8_1_the_sector_is_named_or_the_one_host() {
        for (changes, sector) in [
            (serde_json::json!({}), Some("flex.example")),
            (serde_json::json!({"sector": "lindenhof"}), Some("lindenhof")),
            (serde_json::json!({"redirect_uris": ["https://a.example/1", "https://a.example:8443/2"]}), Some("a.example")),
            (serde_json::json!({"redirect_uris": ["https://a.example/1", "https://b.example/2"]}), None),
            (serde_json::json!({"redirect_uris": ["http://localhost:8081/cb"]}), None),
            (serde_json::json!({"redirect_uris": ["http://127.0.0.1/cb"]}), None),
            (serde_json::json!({"redirect_uris": ["ch.example.app:/cb"]}), None),
            (serde_json::json!({"redirect_uris": []}), None),
            (
                serde_json::json!({"redirect_uris": ["https://a.example/1", "https://b.example/2"],
                    "sector_identifier_uri": "https://c.example/all.json"}),
                Some("c.example"),
            ),
        ] {
            assert_eq!(portal(&changes).sector().as_deref(), sector, "{changes}");
        }
    }

    #[test]
    fn registration_2_a_client_says_what_signs_for_it() {
        let members = |changes: serde_json::Value| {
            let signed = portal(&changes).signed_with();
            signed.into_iter().map(|(member, algorithm)| format!("{} {}", &member[..2], algorithm.as_str())).collect::<Vec<_>>()
        };
        assert_eq!(members(serde_json::json!({})), ["id RS256", "ac ES256"]);
        let all = serde_json::json!({"id_token_signed_response_alg": "EdDSA", "userinfo_signed_response_alg": "PS256",
            "access_token_signed_response_alg": "ES384"});
        assert_eq!(members(all), ["id EdDSA", "us PS256", "ac ES384"]);
        assert_eq!(members(serde_json::json!({"access_token_format": "opaque"})), ["id RS256"]);
        assert_eq!(members(serde_json::json!({"grant_types": ["client_credentials"]})), ["ac ES256"]);
    }

    #[test]
    fn a_client_serves_the_populations_it_names() {
        let client = portal(&serde_json::json!({"populations": ["insured"]}));
        assert!(client.serves("insured") && !client.serves("employer"));
    }
}
