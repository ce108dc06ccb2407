//! What the provider says of itself (OpenID Connect Discovery section 3, RFC 8414 section 2): exactly what is on.
//!
//! The document is the `openidconnect` crate's type, the same that a relying party built on that crate reads it into; what
//! the crate has no field for stands in [`MoreMetadata`].

use crate::authorize::prompt::Prompt;
use crate::authorize::reply::ResponseMode;
use crate::claims;
use crate::claims::level::Level;
use crate::client::{ClientAuthMethod, GrantType, ResponseType, SubjectType};
use crate::jose::{Algorithm, ContentEncryption, KeyManagement};
use crate::{pkce, scope};
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm, CoreResponseMode,
    CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{
    AdditionalProviderMetadata, AuthUrl, AuthenticationContextClass, IssuerUrl, JsonWebKeySetUrl, LanguageTag, ProviderMetadata,
    RegistrationUrl, ResponseTypes, Scope, TokenUrl, UserInfoUrl,
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
#[expect(clippy::struct_excessive_bools, reason = "the specifications have so many members that are yes or no")]
pub struct MoreMetadata {
    /// RP-Initiated Logout section 2.1.
    pub end_session_endpoint: String,
    /// RFC 8414 section 2.
    pub code_challenge_methods_supported: Vec<String>,
    /// RFC 9207 section 3.
    pub authorization_response_iss_parameter_supported: bool,
    /// Initiating User Registration 1.0 section 4.2.
    pub prompt_values_supported: Vec<String>,
    /// RFC 8414 section 2.
    pub introspection_endpoint: String,
    /// RFC 8414 section 2.
    pub introspection_endpoint_auth_methods_supported: Vec<String>,
    /// RFC 8414 section 2.
    pub revocation_endpoint: String,
    /// RFC 8414 section 2.
    pub revocation_endpoint_auth_methods_supported: Vec<String>,
    /// Session Management section 3.3: only where the realm has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_session_iframe: Option<String>,
    /// Front-Channel Logout section 3.
    pub frontchannel_logout_supported: bool,
    /// Front-Channel Logout section 3.
    pub frontchannel_logout_session_supported: bool,
    /// Back-Channel Logout section 2.1.
    pub backchannel_logout_supported: bool,
    /// Back-Channel Logout section 2.1.
    pub backchannel_logout_session_supported: bool,
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
    /// Introspection endpoint.
    pub introspection: &'a str,
    /// Revocation endpoint.
    pub revocation: &'a str,
    /// Registration endpoint, where clients may register themselves.
    pub registration: Option<&'a str>,
    /// The page that watches the session, where the realm has it.
    pub check_session: Option<&'a str>,
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
    /// The algorithms that the realm has keys for.
    pub algorithms: &'a [Algorithm],
}

/// Makes the document. An error means that an endpoint is no URL.
pub fn metadata(endpoints: &Endpoints<'_>, ways: &Ways<'_>) -> Result<Metadata, url::ParseError> {
    let claims = claims::SUPPORTED.into_iter().chain(ways.extra_claims.iter().map(String::as_str));
    let signing: Vec<_> = ways.algorithms.iter().copied().map(algorithm).collect();
    let key_management: Vec<_> = KeyManagement::ALL.into_iter().map(key_management).collect();
    let content: Vec<_> = ContentEncryption::ALL.into_iter().map(content_encryption).collect();
    let metadata = Metadata::new(
        IssuerUrl::new(endpoints.issuer.to_owned())?,
        AuthUrl::new(endpoints.authorization.to_owned())?,
        JsonWebKeySetUrl::new(endpoints.jwks.to_owned())?,
        ResponseType::ALL.into_iter().map(response_type).collect(),
        SubjectType::ALL.into_iter().map(subject_type).collect(),
        signing.clone(),
        more(endpoints),
    )
    .set_token_endpoint(Some(TokenUrl::new(endpoints.token.to_owned())?))
    .set_userinfo_endpoint(Some(UserInfoUrl::new(endpoints.userinfo.to_owned())?))
    .set_registration_endpoint(endpoints.registration.map(|url| RegistrationUrl::new(url.to_owned())).transpose()?)
    .set_scopes_supported(Some(scope::SUPPORTED.iter().map(|word| Scope::new((*word).to_owned())).collect()))
    .set_response_modes_supported(Some(ResponseMode::ALL.into_iter().map(response_mode).collect()))
    .set_grant_types_supported(Some(GrantType::ALL.into_iter().map(grant_type).collect()))
    .set_acr_values_supported(Some(
        ways.levels.iter().map(|level| AuthenticationContextClass::new(level.as_str().to_owned())).collect(),
    ))
    .set_token_endpoint_auth_methods_supported(Some(ClientAuthMethod::ALL.into_iter().map(auth_method).collect()))
    .set_token_endpoint_auth_signing_alg_values_supported(Some(assertion_algorithms()))
    .set_id_token_encryption_alg_values_supported(Some(key_management.clone()))
    .set_id_token_encryption_enc_values_supported(Some(content.clone()))
    .set_userinfo_signing_alg_values_supported(Some(signing))
    .set_userinfo_encryption_alg_values_supported(Some(key_management))
    .set_userinfo_encryption_enc_values_supported(Some(content))
    .set_request_object_signing_alg_values_supported(Some(assertion_algorithms()))
    .set_display_values_supported(Some(vec![
        CoreAuthDisplay::Page,
        CoreAuthDisplay::Popup,
        CoreAuthDisplay::Touch,
        CoreAuthDisplay::Wap,
    ]))
    .set_claim_types_supported(Some(vec![CoreClaimType::Normal]))
    .set_claims_supported(Some(claims.map(|name| CoreClaimName::new(name.to_owned())).collect()))
    .set_ui_locales_supported(Some(ways.ui_locales.iter().cloned().map(LanguageTag::new).collect()))
    .set_claims_parameter_supported(Some(true))
    .set_request_parameter_supported(Some(true))
    .set_request_uri_parameter_supported(Some(true))
    .set_require_request_uri_registration(Some(true));
    Ok(metadata)
}

fn more(endpoints: &Endpoints<'_>) -> MoreMetadata {
    let proving: Vec<_> = ClientAuthMethod::ALL.into_iter().filter(|method| *method != ClientAuthMethod::None).collect();
    let proving: Vec<String> = proving.into_iter().map(|method| method.as_str().to_owned()).collect();
    MoreMetadata {
        end_session_endpoint: endpoints.end_session.to_owned(),
        code_challenge_methods_supported: vec![pkce::METHOD.to_owned()],
        authorization_response_iss_parameter_supported: true,
        prompt_values_supported: Prompt::ALL.iter().map(|prompt| prompt.as_str().to_owned()).collect(),
        introspection_endpoint: endpoints.introspection.to_owned(),
        introspection_endpoint_auth_methods_supported: proving,
        revocation_endpoint: endpoints.revocation.to_owned(),
        revocation_endpoint_auth_methods_supported: ClientAuthMethod::ALL.map(|method| method.as_str().to_owned()).to_vec(),
        check_session_iframe: endpoints.check_session.map(str::to_owned),
        frontchannel_logout_supported: true,
        frontchannel_logout_session_supported: true,
        backchannel_logout_supported: true,
        backchannel_logout_session_supported: true,
    }
}

/// What a client signs its assertions and request objects with: any key pair, or the secret.
fn assertion_algorithms() -> Vec<CoreJwsSigningAlgorithm> {
    Algorithm::ALL.into_iter().map(algorithm).chain([CoreJwsSigningAlgorithm::HmacSha256]).collect()
}

fn response_type(response_type: ResponseType) -> ResponseTypes<CoreResponseType> {
    let parts = [
        (response_type.has_code(), CoreResponseType::Code),
        (response_type.has_id_token(), CoreResponseType::IdToken),
        (response_type.has_token(), CoreResponseType::Token),
    ];
    ResponseTypes::new(parts.into_iter().filter(|(has, _)| *has).map(|(_, part)| part).collect())
}

fn response_mode(mode: ResponseMode) -> CoreResponseMode {
    match mode {
        ResponseMode::Query => CoreResponseMode::Query,
        ResponseMode::Fragment => CoreResponseMode::Fragment,
        ResponseMode::FormPost => CoreResponseMode::FormPost,
    }
}

fn grant_type(grant_type: GrantType) -> CoreGrantType {
    match grant_type {
        GrantType::AuthorizationCode => CoreGrantType::AuthorizationCode,
        GrantType::RefreshToken => CoreGrantType::RefreshToken,
        GrantType::ClientCredentials => CoreGrantType::ClientCredentials,
        GrantType::Implicit => CoreGrantType::Implicit,
    }
}

fn auth_method(method: ClientAuthMethod) -> CoreClientAuthMethod {
    match method {
        ClientAuthMethod::None => CoreClientAuthMethod::None,
        ClientAuthMethod::ClientSecretBasic => CoreClientAuthMethod::ClientSecretBasic,
        ClientAuthMethod::ClientSecretPost => CoreClientAuthMethod::ClientSecretPost,
        ClientAuthMethod::ClientSecretJwt => CoreClientAuthMethod::ClientSecretJwt,
        ClientAuthMethod::PrivateKeyJwt => CoreClientAuthMethod::PrivateKeyJwt,
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
        Algorithm::Ps256 => CoreJwsSigningAlgorithm::RsaSsaPssSha256,
        Algorithm::Es256 => CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        Algorithm::Es384 => CoreJwsSigningAlgorithm::EcdsaP384Sha384,
        Algorithm::EdDsa => CoreJwsSigningAlgorithm::EdDsa,
    }
}

fn key_management(way: KeyManagement) -> CoreJweKeyManagementAlgorithm {
    match way {
        KeyManagement::RsaOaep256 => CoreJweKeyManagementAlgorithm::RsaOaepSha256,
        KeyManagement::EcdhEs => CoreJweKeyManagementAlgorithm::EcdhEs,
        KeyManagement::EcdhEsA128Kw => CoreJweKeyManagementAlgorithm::EcdhEsAesKeyWrap128,
    }
}

fn content_encryption(encryption: ContentEncryption) -> CoreJweContentEncryptionAlgorithm {
    match encryption {
        ContentEncryption::A128CbcHs256 => CoreJweContentEncryptionAlgorithm::Aes128CbcHmacSha256,
        ContentEncryption::A256Gcm => CoreJweContentEncryptionAlgorithm::Aes256Gcm,
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
            introspection: "https://i.example/lindenhof/introspect",
            revocation: "https://i.example/lindenhof/revoke",
            registration: Some("https://i.example/lindenhof/register"),
            check_session: None,
        }
    }

    #[test]
    fn discovery_3_the_document_lists_exactly_what_is_on() {
        let (locales, extra) = (["fr", "de", "it", "en"].map(str::to_owned), ["plan".to_owned()]);
        let levels = &[Level::Single, Level::Multi];
        let ways = Ways { ui_locales: &locales, levels, extra_claims: &extra, algorithms: &[Algorithm::Rs256, Algorithm::Es256] };
        let mut document = serde_json::to_value(metadata(&endpoints(), &ways).unwrap()).unwrap();
        let claims = document.as_object_mut().unwrap().remove("claims_supported").unwrap();
        for name in ["email_verified", "urn:poterne:population", "urn:poterne:org", "plan"] {
            assert!(claims.as_array().unwrap().contains(&json!(name)), "{name}");
        }
        assert_eq!(document, serde_json::from_str::<serde_json::Value>(include_str!("discovery_document.json")).unwrap());
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
