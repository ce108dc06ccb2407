//! The provider as this portal's client sees it: discovery, the authorization request, the code, the claims, the sign-out.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use openidconnect::{
    AccessToken, AccessTokenHash, AdditionalClaims, AdditionalProviderMetadata, AuthorizationCode, ClaimsVerificationError,
    Client, ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields, EndSessionUrl, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, IdToken, IdTokenClaims, IdTokenFields, JsonWebKeySet, LanguageTag, LogoutRequest, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, ProviderMetadata, RequestTokenError, Scope, SignatureVerificationError, StandardErrorResponse,
    StandardTokenResponse, TokenResponse, UserInfoClaims, UserInfoError,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClaimName, CoreClaimType, CoreClientAuthMethod,
        CoreErrorResponseType, CoreGenderClaim, CoreGrantType, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm,
        CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm, CoreResponseMode, CoreResponseType, CoreRevocableToken,
        CoreRevocationErrorResponse, CoreSubjectIdentifierType, CoreTokenIntrospectionResponse, CoreTokenType,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::{sync::RwLock, time::sleep};
use url::Url;

use crate::{
    config::{Addresses, PortalConfig},
    http::Fetch,
    language::Language,
    login::{Login, Sent},
    refusal::Refusal,
};

/// How long metadata is taken as fresh, in seconds.
const METADATA_LIFE: i64 = 3600;
/// The pauses between tries to reach a provider that may still be starting.
const PAUSES: [Duration; 3] = [Duration::from_millis(150), Duration::from_millis(400), Duration::from_millis(900)];
/// The same when somebody waits to be signed out.
const SHORT_PAUSES: [Duration; 1] = [Duration::from_millis(400)];

/// The claims of an ID token or of userinfo that the crate has no field for, such as `sid`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct FurtherClaims {
    #[serde(flatten)]
    all: BTreeMap<String, Value>,
}
impl AdditionalClaims for FurtherClaims {}

/// The metadata this portal reads beside the crate's (RP-Initiated Logout 1.0, section 2.1; RFC 9207, section 3).
#[derive(Clone, Debug, Deserialize, Serialize)]
struct FurtherMetadata {
    end_session_endpoint: Option<EndSessionUrl>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}
impl AdditionalProviderMetadata for FurtherMetadata {}

type Metadata = ProviderMetadata<
    FurtherMetadata,
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
type PortalIdToken = IdToken<FurtherClaims, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
type PortalIdTokenClaims = IdTokenClaims<FurtherClaims, CoreGenderClaim>;
type PortalIdTokenFields = IdTokenFields<
    FurtherClaims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type Tokens = StandardTokenResponse<PortalIdTokenFields, CoreTokenType>;
type PortalClient = Client<
    FurtherClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// A person who is signed in.
pub(crate) struct SignedIn {
    id_token: PortalIdToken,
    /// The verified claims of the ID token.
    pub(crate) id_token_claims: Map<String, Value>,
    /// The claims of userinfo and ID token together; where both speak, the signed one counts.
    pub(crate) claims: Map<String, Value>,
}

/// The provider, and this portal as its client.
pub(crate) struct Provider {
    addresses: Addresses,
    client_id: ClientId,
    client_secret: Option<ClientSecret>,
    scopes: Vec<Scope>,
    fetch: Fetch,
    known: RwLock<Option<(i64, Arc<Metadata>)>>,
}

impl Provider {
    /// A provider that has not been asked yet.
    pub(crate) fn new(config: &PortalConfig, addresses: Addresses) -> Result<Self, reqwest::Error> {
        Ok(Self {
            client_id: ClientId::new(config.client_id.clone()),
            client_secret: config.client_secret.clone().map(ClientSecret::new),
            scopes: config.scopes.iter().cloned().map(Scope::new).collect(),
            fetch: Fetch::new(addresses.issuer.url())?,
            known: RwLock::new(None),
            addresses,
        })
    }

    /// The address that asks for a sign-in, and the login it belongs to.
    pub(crate) async fn authorization(&self, return_to: String, lang: Language, now: i64) -> Result<(Url, Login, Sent), Refusal> {
        let client = self.client(&*self.metadata(now).await?);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (login, sent) = Login::start(Nonce::new_random_len(32), verifier, return_to);
        let (state, nonce) = (sent.state.clone(), login.nonce.clone());
        let (url, _, _) = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || state, move || nonce)
            .add_scopes(self.scopes.iter().cloned())
            .set_pkce_challenge(challenge)
            .add_ui_locale(LanguageTag::new(lang.code().to_owned()))
            .url();
        Ok((url, login, sent))
    }

    /// Checks that the answer comes from the provider that was asked (RFC 9207, section 2.4).
    pub(crate) async fn check_issuer(&self, iss: Option<&str>, now: i64) -> Result<(), Refusal> {
        match iss {
            Some(iss) if iss == self.addresses.issuer.as_str() => Ok(()),
            Some(iss) => Err(Refusal::Untrusted(format!("the answer is of another issuer: {iss:?}"))),
            None if self.metadata(now).await?.additional_metadata().authorization_response_iss_parameter_supported => {
                Err(Refusal::Untrusted("the answer does not name its issuer".to_owned()))
            }
            None => Ok(()),
        }
    }

    /// Redeems an authorization code and says who signed in (OpenID Connect Core 1.0, sections 3.1.3 and 5.3).
    pub(crate) async fn redeem(&self, code: String, login: Login, now: i64) -> Result<SignedIn, Refusal> {
        let client = self.client(&*self.metadata(now).await?);
        let request = client.exchange_code(AuthorizationCode::new(code)).map_err(|error| Refusal::Refused(error.to_string()))?;
        let tokens = request.set_pkce_verifier(login.verifier).request_async(&self.fetch).await.map_err(|error| match error {
            RequestTokenError::Request(error) => Refusal::Unreachable(error.to_string()),
            RequestTokenError::ServerResponse(answer) => Refusal::Refused(answer.to_string()),
            other => Refusal::Untrusted(other.to_string()),
        })?;
        let id_token = tokens.id_token().ok_or_else(|| Refusal::Untrusted("there is no ID token".to_owned()))?;
        let claims = self.verify(client, &tokens, id_token, &login.nonce, now).await?;
        let id_token_claims = as_map(&claims)?;
        let mut claims_of_both = self.userinfo(tokens.access_token(), &claims, now).await?;
        claims_of_both.extend(id_token_claims.clone());
        Ok(SignedIn { id_token: id_token.clone(), id_token_claims, claims: claims_of_both })
    }

    /// The address that ends the session at the provider too (RP-Initiated Logout 1.0, section 2); none if the provider has none.
    /// The metadata is fetched anew: a browser sent to a provider that is away would end on an error page of its own.
    pub(crate) async fn end_session(
        &self,
        who: &SignedIn,
        state: &str,
        lang: Language,
        now: i64,
    ) -> Result<Option<Url>, Refusal> {
        let metadata = self.discover(&SHORT_PAUSES, now).await?;
        Ok(metadata.additional_metadata().end_session_endpoint.clone().map(|endpoint| {
            LogoutRequest::from(endpoint)
                .set_id_token_hint(&who.id_token)
                .set_client_id(self.client_id.clone())
                .set_post_logout_redirect_uri(self.addresses.signed_out.clone())
                .set_state(CsrfToken::new(state.to_owned()))
                .add_ui_locale(LanguageTag::new(lang.code().to_owned()))
                .http_get_url()
        }))
    }

    /// Verifies the ID token (OpenID Connect Core 1.0, section 3.1.3.7); keys are fetched again once if its key is unknown.
    async fn verify(
        &self,
        client: PortalClient,
        tokens: &Tokens,
        id_token: &PortalIdToken,
        nonce: &Nonce,
        now: i64,
    ) -> Result<PortalIdTokenClaims, Refusal> {
        let verified = match verified(&client, tokens, id_token, nonce) {
            Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {
                let client = self.client(&*self.metadata_with_new_keys(now).await?);
                verified(&client, tokens, id_token, nonce)
            }
            other => other,
        };
        verified.map_err(|error| Refusal::Untrusted(error.to_string()))
    }

    /// The claims of userinfo, of the same person (OpenID Connect Core 1.0, section 5.3.2); none if the provider has no userinfo.
    async fn userinfo(&self, token: &AccessToken, claims: &PortalIdTokenClaims, now: i64) -> Result<Map<String, Value>, Refusal> {
        let client = self.client(&*self.metadata(now).await?);
        let Ok(request) = client.user_info(token.clone(), Some(claims.subject().clone())) else { return Ok(Map::new()) };
        let userinfo: UserInfoClaims<FurtherClaims, CoreGenderClaim> =
            request.request_async(&self.fetch).await.map_err(|error| match error {
                UserInfoError::Request(error) => Refusal::Unreachable(error.to_string()),
                other => Refusal::Untrusted(other.to_string()),
            })?;
        as_map(&userinfo)
    }

    fn client(&self, metadata: &Metadata) -> PortalClient {
        PortalClient::from_provider_metadata(metadata.clone(), self.client_id.clone(), self.client_secret.clone())
            .set_redirect_uri(self.addresses.redirect.clone())
    }

    /// The provider's metadata and keys (OpenID Connect Discovery 1.0, section 4): fetched at first use, then at most hourly. Old
    /// metadata is better than none.
    async fn metadata(&self, now: i64) -> Result<Arc<Metadata>, Refusal> {
        let known = self.known.read().await.clone();
        match known {
            Some((at, metadata)) if now < at.saturating_add(METADATA_LIFE) => Ok(metadata),
            Some((_, metadata)) => Ok(self.discover(&[], now).await.unwrap_or(metadata)),
            None => self.discover(&PAUSES, now).await,
        }
    }

    async fn discover(&self, pauses: &[Duration], now: i64) -> Result<Arc<Metadata>, Refusal> {
        let mut pauses = pauses.iter();
        loop {
            match Metadata::discover_async(self.addresses.issuer.clone(), &self.fetch).await {
                Ok(metadata) => return Ok(self.remember(metadata, now).await),
                Err(error) => {
                    let Some(pause) = pauses.next() else { return Err(Refusal::Unreachable(error.to_string())) };
                    sleep(*pause).await;
                }
            }
        }
    }

    async fn metadata_with_new_keys(&self, now: i64) -> Result<Arc<Metadata>, Refusal> {
        let metadata = self.metadata(now).await?;
        let keys = JsonWebKeySet::fetch_async(metadata.jwks_uri(), &self.fetch).await;
        let keys = keys.map_err(|error| Refusal::Unreachable(error.to_string()))?;
        Ok(self.remember(Metadata::clone(&metadata).set_jwks(keys), now).await)
    }

    async fn remember(&self, metadata: Metadata, now: i64) -> Arc<Metadata> {
        let metadata = Arc::new(metadata);
        *self.known.write().await = Some((now, Arc::clone(&metadata)));
        metadata
    }
}

/// The claims of an ID token that passes every check, the hash of the access token included (section 3.1.3.8).
fn verified(
    client: &PortalClient,
    tokens: &Tokens,
    id_token: &PortalIdToken,
    nonce: &Nonce,
) -> Result<PortalIdTokenClaims, ClaimsVerificationError> {
    // Only what we registered for: a token may not choose its own algorithm (RFC 8725, section 3.1).
    let verifier = client.id_token_verifier().set_allowed_algs([CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256]);
    let claims = id_token.claims(&verifier, nonce)?;
    if let Some(expected) = claims.access_token_hash() {
        let signature = ClaimsVerificationError::SignatureVerification;
        let (alg, key) = (id_token.signing_alg().map_err(signature)?, id_token.signing_key(&verifier).map_err(signature)?);
        let hash = AccessTokenHash::from_token(tokens.access_token(), alg, key);
        if !hash.is_ok_and(|hash| hash == *expected) {
            return Err(ClaimsVerificationError::Other("the access token is not the one of the ID token".to_owned()));
        }
    }
    Ok(claims.clone())
}

fn as_map(claims: &impl Serialize) -> Result<Map<String, Value>, Refusal> {
    match serde_json::to_value(claims) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(Refusal::Untrusted("the claims are no object".to_owned())),
        Err(error) => Err(Refusal::Untrusted(error.to_string())),
    }
}
