//! Reading an authorization request (RFC 6749 section 4.1.1, OpenID Connect Core section 3.1.2.1).
//!
//! First [`client_id`], then the client is looked up, then [`parse`]. Until the redirect URI is trusted an error is a page
//! for the person ([`Refusal::Page`]); from then on it goes back to the client ([`Refusal::Redirect`]).

use super::prompt::{Display, Prompt, display, prompts};
use super::reply::{ReplyTo, ResponseMode};
use crate::claims::request::{self as claims_request, ClaimsRequest};
use crate::client::{Client, GrantType, ResponseType};
use crate::error::{AuthorizationError, AuthorizationErrorCode as Code};
use crate::pkce::{self, CodeChallenge};
use crate::redirect::{self, RedirectRefusal};
use crate::resource;
use crate::scope::{self, Scope};
use crate::wire::{BadParams, Params};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Most entries of a list such as `ui_locales` that are kept; the rest is ignored.
const MAX_LIST: usize = 16;

/// A request that passed every check. As JSON it waits in a flow while the person signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// Who asks.
    pub client_id: String,
    /// Where the answer goes.
    pub reply_to: ReplyTo,
    /// Whether the request named the redirect URI, so that the token request must repeat it (RFC 6749 section 4.1.3).
    pub redirect_uri_given: bool,
    /// What is asked for.
    pub response_type: ResponseType,
    /// What is granted of the scope that is asked for.
    pub scope: Scope,
    /// Goes into the ID token untouched.
    pub nonce: Option<String>,
    /// What to ask the person; empty means: whatever is needed.
    pub prompt: Vec<Prompt>,
    /// The oldest sign-in that counts, in whole seconds: the request's, else the client's default.
    pub max_age: Option<Duration>,
    /// Who the client thinks the person is, as they would type it.
    pub login_hint: Option<String>,
    /// The resources that access tokens are to be for (RFC 8707); empty means the provider itself.
    #[serde(default)]
    pub resources: Vec<String>,
    /// Languages for pages, the favourite first; language tags not checked.
    pub ui_locales: Vec<String>,
    /// Languages for claims, the favourite first; not checked.
    pub claims_locales: Vec<String>,
    /// Levels the client would like, the favourite first; not checked.
    pub acr_values: Vec<String>,
    /// What is granted of the claims that are asked for by name.
    #[serde(default)]
    pub claims: ClaimsRequest,
    /// An ID token the client got before, not checked.
    pub id_token_hint: Option<String>,
    /// How much room there is.
    pub display: Option<Display>,
    /// What the code will be bound to.
    pub code_challenge: Option<CodeChallenge>,
}

impl AuthorizationRequest {
    /// Whether the client wants this.
    #[must_use]
    pub fn prompts(&self, prompt: Prompt) -> bool {
        self.prompt.contains(&prompt)
    }
}

/// Why the person gets an error page with status 400: there is nowhere to redirect to (RFC 6749 section 4.1.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// The parameters cannot even be read.
    #[error(transparent)]
    Params(#[from] BadParams),
    /// `client_id` or `redirect_uri` stands twice.
    #[error("a parameter is repeated")]
    Repeated,
    /// `client_id` is missing.
    #[error("client_id is missing")]
    NoClient,
    /// No client of this name is registered here.
    #[error("unknown client")]
    UnknownClient,
    /// `redirect_uri` is missing or not registered.
    #[error(transparent)]
    RedirectUri(#[from] RedirectRefusal),
}

impl PageError {
    /// The HTTP status of the page.
    pub const STATUS: u16 = 400;

    /// The OAuth error code that the page shows.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Params(_) | Self::Repeated | Self::NoClient => "invalid_request",
            Self::UnknownClient => "invalid_client",
            Self::RedirectUri(_) => "invalid_redirect_uri",
        }
    }
}

/// Why a request goes no further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Tell the person, redirect nowhere.
    Page(PageError),
    /// Tell the client.
    Redirect {
        /// Where.
        to: ReplyTo,
        /// What.
        error: AuthorizationError,
    },
}

/// The client that asks: the first thing to read, because everything else depends on it.
pub fn client_id(params: &Params) -> Result<&str, PageError> {
    if params.is_repeated("client_id") {
        return Err(PageError::Repeated);
    }
    params.get("client_id").ok_or(PageError::NoClient)
}

/// Checks a request against the client that [`client_id`] named.
pub fn parse(params: &Params, client: &Client) -> Result<AuthorizationRequest, Refusal> {
    let to = reply_to(params, client).map_err(Refusal::Page)?;
    checked(params, client, to.clone()).map_err(|error| Refusal::Redirect { to, error })
}

/// Where answers go, good or bad.
fn reply_to(params: &Params, client: &Client) -> Result<ReplyTo, PageError> {
    if params.is_repeated("redirect_uri") {
        return Err(PageError::Repeated);
    }
    let redirect_uri = redirect::resolve(client, params.get("redirect_uri"))?;
    let state = params.get("state").map(str::to_owned);
    Ok(ReplyTo { redirect_uri, mode: reply_mode(params), state })
}

/// The response mode of every answer, errors included: the one that is asked for, if we know it, else the response type's
/// own, which is the fragment wherever a token would come back (Multiple Response Types sections 3 and 5).
fn reply_mode(params: &Params) -> ResponseMode {
    let front_channel =
        params.get("response_type").is_some_and(|text| text.split(' ').any(|word| matches!(word, "token" | "id_token")));
    match params.get("response_mode") {
        Some("fragment") => ResponseMode::Fragment,
        _ if front_channel => ResponseMode::Fragment,
        _ => ResponseMode::Query,
    }
}

/// Every check behind a trusted redirect URI, in the order of the specifications.
fn checked(params: &Params, client: &Client, reply_to: ReplyTo) -> Result<AuthorizationRequest, AuthorizationError> {
    if let Some(name) = params.repeated() {
        return Err(AuthorizationError::invalid_request(format!("{name} is repeated")));
    }
    refuse_unsupported(params)?;
    let response_type = response_type(params, client)?;
    response_mode(params)?;
    let prompt = prompts(params)?;
    let scope = scope(params, client, &prompt)?;
    let resources =
        resource::asked(params, client).map_err(|why| AuthorizationError::new(Code::InvalidTarget, why.to_string()))?;
    let max_age = max_age(params, client)?;
    let challenge = pkce::challenge(params.get("code_challenge"), params.get("code_challenge_method"), client.require_pkce)
        .map_err(|error| AuthorizationError::invalid_request(error.to_string()))?;
    let claims = params.get("claims").map(|text| claims_request::parse(text, &client.scope)).transpose();
    let claims = claims.map_err(|error| AuthorizationError::invalid_request(error.to_string()))?;
    let owned = |name| params.get(name).map(str::to_owned);
    Ok(AuthorizationRequest {
        client_id: client.client_id.clone(),
        reply_to,
        redirect_uri_given: params.get("redirect_uri").is_some(),
        response_type,
        scope,
        nonce: owned("nonce"),
        prompt,
        max_age,
        login_hint: owned("login_hint"),
        resources,
        ui_locales: list(params, "ui_locales"),
        claims_locales: list(params, "claims_locales"),
        acr_values: list(params, "acr_values"),
        claims: claims.unwrap_or_default(),
        id_token_hint: owned("id_token_hint"),
        display: display(params),
        code_challenge: challenge,
    })
}

/// Request objects and self-issued registration are refused by name (OpenID Connect Core sections 6 and 7.2.1).
fn refuse_unsupported(params: &Params) -> Result<(), AuthorizationError> {
    for (name, code) in [
        ("request", Code::RequestNotSupported),
        ("request_uri", Code::RequestUriNotSupported),
        ("registration", Code::RegistrationNotSupported),
    ] {
        if params.get(name).is_some() {
            return Err(AuthorizationError::new(code, format!("{name} is not supported")));
        }
    }
    Ok(())
}

/// RFC 6749 section 3.1.1.
fn response_type(params: &Params, client: &Client) -> Result<ResponseType, AuthorizationError> {
    let text = params.get("response_type").ok_or_else(|| AuthorizationError::invalid_request("response_type is missing"))?;
    let Some(known) = ResponseType::ALL.into_iter().find(|known| known.as_str() == text) else {
        return Err(AuthorizationError::new(Code::UnsupportedResponseType, "response_type is not supported"));
    };
    if client.response_types.contains(&known) {
        return Ok(known);
    }
    Err(AuthorizationError::new(Code::UnauthorizedClient, "response_type is not registered for this client"))
}

/// Multiple Response Types section 2.1.
fn response_mode(params: &Params) -> Result<(), AuthorizationError> {
    match params.get("response_mode") {
        Some(text) if !ResponseMode::ALL.iter().any(|known| known.as_str() == text) => {
            Err(AuthorizationError::invalid_request("response_mode is not supported"))
        }
        _ => Ok(()),
    }
}

/// The scope that is granted. `openid` must be asked for; `offline_access` is ignored unless the client may refresh and the
/// person is asked, or the operator has consented for them (OpenID Connect Core sections 3.1.2.1 and 11).
fn scope(params: &Params, client: &Client, prompt: &[Prompt]) -> Result<Scope, AuthorizationError> {
    let refused = |words: &'static str| AuthorizationError::new(Code::InvalidScope, words);
    let requested = Scope::parse(params.get("scope").unwrap_or_default()).map_err(|_| refused("scope is malformed"))?;
    let may_refresh = client.grant_types.contains(&GrantType::RefreshToken);
    let consented = client.first_party || prompt.contains(&Prompt::Consent);
    let granted = scope::allowed(&requested, &client.scope, may_refresh && consented);
    if granted.contains(scope::OPENID) { Ok(granted) } else { Err(refused("scope must hold openid")) }
}

fn max_age(params: &Params, client: &Client) -> Result<Option<Duration>, AuthorizationError> {
    let seconds = match params.get("max_age") {
        None => return Ok(client.default_max_age.map(|seconds| Duration::from_secs(seconds.into()))),
        Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse::<u32>().ok(),
        Some(_) => None,
    };
    let words = "max_age is not a number of seconds";
    seconds.map(|seconds| Some(Duration::from_secs(seconds.into()))).ok_or_else(|| AuthorizationError::invalid_request(words))
}

fn list(params: &Params, name: &str) -> Vec<String> {
    let words = params.get(name).into_iter().flat_map(|text| text.split(' ')).filter(|word| !word.is_empty());
    words.take(MAX_LIST).map(str::to_owned).collect()
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
