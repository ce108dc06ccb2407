//! What the provider says of itself (OpenID Connect Discovery section 3, RFC 8414 section 2): exactly what is on.
//!
//! The document is the `openidconnect` crate's type, the same that a relying party built on that crate reads it into; what
//! the crate has no field for stands in [`MoreMetadata`].

use crate::authorize::prompt::Prompt;
use crate::authorize::reply::ResponseMode;
use crate::claims;
use crate::claims::level::Level;
use crate::client::{ClientAuthMethod, GrantType, ResponseType, SubjectType};
use crate::jose::Algorithm;
use crate::{pkce, scope};
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm, CoreResponseMode,
    CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{
    AdditionalProviderMetadata, AuthUrl, AuthenticationContextClass, IssuerUrl, JsonWebKeySetUrl, LanguageTag, ProviderMetadata,
    ResponseTypes, Scope, TokenUrl, UserInfoUrl,
};
use serde::{Deserialize, Serialize};

/// The provider's metadata. In JSON the document behind `/.well-known/openid-configuration`.
pub type Metadata = ProviderMetadata<
    MoreMetadata,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// Metadata of later specifications.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoreMetadata {
    /// RP-Initiated Logout section 2.1.
    pub end_session_endpoint: String,
    /// RFC 8414 section 2.
    pub code_challenge_methods_supported: Vec<String>,
    /// RFC 9207 section 3.
    pub authorization_response_iss_parameter_supported: bool,
    /// Initiating User Registration 1.0 section 4.2.
    pub prompt_values_supported: Vec<String>,
}

impl AdditionalProviderMetadata for MoreMetadata {}

/// Absolute URLs of the endpoints, made from the issuer.
#[derive(Debug, Clone, Copy)]
pub struct Endpoints<'a> {
    /// The issuer, byte for byte as tokens carry it.
    pub issuer: &'a str,
    /// Authorization endpoint.
    pub authorization: &'a str,
    /// Token endpoint.
    pub token: &'a str,
    /// Userinfo endpoint.
    pub userinfo: &'a str,
    /// Key set.
    pub jwks: &'a str,
    /// Logout endpoint.
    pub end_session: &'a str,
}

/// What differs from realm to realm, beside its endpoints.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ways<'a> {
    /// The realm's languages.
    pub ui_locales: &'a [String],
    /// The levels that its people can reach.
    pub levels: &'a [Level],
    /// The claims that the host adds.
    pub extra_claims: &'a [String],
}

/// Makes the document. An error means that an endpoint is no URL.
pub fn metadata(endpoints: &Endpoints<'_>, ways: &Ways<'_>) -> Result<Metadata, url::ParseError> {
    let more = MoreMetadata {
        end_session_endpoint: endpoints.end_session.to_owned(),
        code_challenge_methods_supported: vec![pkce::METHOD.to_owned()],
        authorization_response_iss_parameter_supported: true,
        prompt_values_supported: Prompt::ALL.iter().map(|prompt| prompt.as_str().to_owned()).collect(),
    };
    let claims = claims::SUPPORTED.into_iter().chain(ways.extra_claims.iter().map(String::as_str));
    let methods: Vec<_> = ClientAuthMethod::ALL.into_iter().map(auth_method).collect();
    let metadata = Metadata::new(
        IssuerUrl::new(endpoints.issuer.to_owned())?,
        AuthUrl::new(endpoints.authorization.to_owned())?,
        JsonWebKeySetUrl::new(endpoints.jwks.to_owned())?,
        ResponseType::ALL.into_iter().map(response_type).collect(),
        SubjectType::ALL.into_iter().map(subject_type).collect(),
        Algorithm::ALL.into_iter().map(algorithm).collect(),
        more,
    )
    .set_token_endpoint(Some(TokenUrl::new(endpoints.token.to_owned())?))
    .set_userinfo_endpoint(Some(UserInfoUrl::new(endpoints.userinfo.to_owned())?))
    .set_scopes_supported(Some(scope::SUPPORTED.iter().map(|word| Scope::new((*word).to_owned())).collect()))
    .set_response_modes_supported(Some(ResponseMode::ALL.into_iter().map(response_mode).collect()))
    .set_grant_types_supported(Some(GrantType::ALL.into_iter().map(grant_type).collect()))
    .set_acr_values_supported(Some(
        ways.levels.iter().map(|level| AuthenticationContextClass::new(level.as_str().to_owned())).collect(),
    ))
    .set_token_endpoint_auth_methods_supported(Some(methods))
    .set_claim_types_supported(Some(vec![CoreClaimType::Normal]))
    .set_claims_supported(Some(claims.map(|name| CoreClaimName::new(name.to_owned())).collect()))
    .set_ui_locales_supported(Some(ways.ui_locales.iter().cloned().map(LanguageTag::new).collect()))
    // Left out, request_uri_parameter_supported would mean true.
    .set_claims_parameter_supported(Some(true))
    .set_request_parameter_supported(Some(false))
    .set_request_uri_parameter_supported(Some(false));
    Ok(metadata)
}

fn response_type(response_type: ResponseType) -> ResponseTypes<CoreResponseType> {
    match response_type {
        ResponseType::Code => ResponseTypes::new(vec![CoreResponseType::Code]),
    }
}

fn response_mode(mode: ResponseMode) -> CoreResponseMode {
    match mode {
        ResponseMode::Query => CoreResponseMode::Query,
        ResponseMode::Fragment => CoreResponseMode::Fragment,
    }
}

fn grant_type(grant_type: GrantType) -> CoreGrantType {
    match grant_type {
        GrantType::AuthorizationCode => CoreGrantType::AuthorizationCode,
        GrantType::RefreshToken => CoreGrantType::RefreshToken,
        GrantType::ClientCredentials => CoreGrantType::ClientCredentials,
    }
}

fn auth_method(method: ClientAuthMethod) -> CoreClientAuthMethod {
    match method {
        ClientAuthMethod::None => CoreClientAuthMethod::None,
        ClientAuthMethod::ClientSecretBasic => CoreClientAuthMethod::ClientSecretBasic,
        ClientAuthMethod::ClientSecretPost => CoreClientAuthMethod::ClientSecretPost,
    }
}

fn subject_type(subject_type: SubjectType) -> CoreSubjectIdentifierType {
    match subject_type {
        SubjectType::Pairwise => CoreSubjectIdentifierType::Pairwise,
        SubjectType::Public => CoreSubjectIdentifierType::Public,
    }
}

fn algorithm(algorithm: Algorithm) -> CoreJwsSigningAlgorithm {
    match algorithm {
        Algorithm::Rs256 => CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
        Algorithm::Es256 => CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use openidconnect::ProviderMetadataWithLogout;
    use serde_json::json;

    fn endpoints() -> Endpoints<'static> {
        Endpoints {
            issuer: "https://i.example/lindenhof",
            authorization: "https://i.example/lindenhof/authorize",
            token: "https://i.example/lindenhof/token",
            userinfo: "https://i.example/lindenhof/userinfo",
            jwks: "https://i.example/lindenhof/jwks.json",
            end_session: "https://i.example/lindenhof/logout",
        }
    }

    #[test]
    fn discovery_3_the_document_lists_exactly_what_is_on() {
        let (locales, extra) = (["fr", "de", "it", "en"].map(str::to_owned), ["plan".to_owned()]);
        let ways = Ways { ui_locales: &locales, levels: &[Level::Single, Level::Multi], extra_claims: &extra };
        let mut document = serde_json::to_value(metadata(&endpoints(), &ways).unwrap()).unwrap();
        let claims = document.as_object_mut().unwrap().remove("claims_supported").unwrap();
        for name in ["email_verified", "urn:poterne:population", "urn:poterne:org", "plan"] {
            assert!(claims.as_array().unwrap().contains(&json!(name)), "{name}");
        }
        assert_eq!(
            document,
            json!({
                "issuer": "https://i.example/lindenhof",
                "authorization_endpoint": "https://i.example/lindenhof/authorize",
                "token_endpoint": "https://i.example/lindenhof/token",
                "userinfo_endpoint": "https://i.example/lindenhof/userinfo",
                "jwks_uri": "https://i.example/lindenhof/jwks.json",
                "end_session_endpoint": "https://i.example/lindenhof/logout",
                "scopes_supported": ["openid", "profile", "email", "phone", "poterne", "offline_access"],
                "response_types_supported": ["code"],
                "response_modes_supported": ["query", "fragment"],
                "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
                "acr_values_supported": ["urn:poterne:level:single", "urn:poterne:level:multi"],
                "subject_types_supported": ["pairwise", "public"],
                "id_token_signing_alg_values_supported": ["RS256", "ES256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
                "claim_types_supported": ["normal"],
                "ui_locales_supported": ["fr", "de", "it", "en"],
                "claims_parameter_supported": true,
                "request_parameter_supported": false,
                "request_uri_parameter_supported": false,
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": true,
                "prompt_values_supported": ["none", "login", "consent", "select_account", "create"],
            })
        );
    }

    #[test]
    fn discovery_4_3_a_foreign_relying_party_reads_it() {
        let json = serde_json::to_string(&metadata(&endpoints(), &Ways::default()).unwrap()).unwrap();
        let read: ProviderMetadataWithLogout = serde_json::from_str(&json).unwrap();
        assert_eq!(read.issuer().as_str(), endpoints().issuer);
        assert_eq!(read.additional_metadata().end_session_endpoint.as_ref().unwrap().as_str(), endpoints().end_session);
    }

    #[test]
    fn an_endpoint_that_is_no_url_is_an_error() {
        assert!(metadata(&Endpoints { token: "/token", ..endpoints() }, &Ways::default()).is_err());
    }
}
