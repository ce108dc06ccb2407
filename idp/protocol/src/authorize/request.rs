//! Reading an authorization request (RFC 6749 section 4.1.1, OpenID Connect Core section 3.1.2.1).
//!
//! First [`client_id`], then the client is looked up, then [`parse`]. Until the redirect URI is trusted an error is a page
//! for the person ([`Refusal::Page`]); from then on it goes back to the client ([`Refusal::Redirect`]).

use super::prompt::{Display, Prompt, display, prompts};
use super::reply::ReplyTo;
use super::request_object::ObjectError;
use super::response;
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

/// Longest `state`, in bytes. What is longer comes back whole with the error, because nothing of it is kept.
const LONGEST_STATE: usize = 2 * 1024;
/// Longest `nonce`, in bytes.
const LONGEST_NONCE: usize = 512;
/// Longest `login_hint`, in characters: an e-mail address has 254 at most.
const LONGEST_LOGIN_HINT: usize = 256;
/// Longest list such as `ui_locales`, in bytes.
const LONGEST_LIST: usize = 512;

/// A request that passed every check. As JSON it waits in a flow while the person signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// Who asks.
    pub client_id: String,
    /// Where the answer goes.
    pub reply_to: ReplyTo,
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
    /// Levels the client would like, the favourite first: the request's, else the client's own; not checked.
    pub acr_values: Vec<String>,
    /// What is granted of the claims that are asked for by name.
    #[serde(default)]
    pub claims: ClaimsRequest,
    /// An ID token the client got before, not checked. It is read before the request is kept, and not kept itself.
    #[serde(skip)]
    pub id_token_hint: Option<String>,
    /// What became of that token.
    #[serde(default)]
    pub hinted: Hinted,
    /// How much room there is.
    pub display: Option<Display>,
    /// What the code will be bound to.
    pub code_challenge: Option<CodeChallenge>,
}

/// What became of `id_token_hint`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hinted {
    /// There is none, or it was not read yet.
    #[default]
    Nothing,
    /// It is not one of this realm for this client.
    Unreadable,
    /// It names this `sub`; it may be expired.
    Subject(String),
}

impl AuthorizationRequest {
    /// Whether the client wants this.
    #[must_use]
    pub fn prompts(&self, prompt: Prompt) -> bool {
        self.prompt.contains(&prompt)
    }
}

/// Why the person gets an error page with status 400: there is nowhere to redirect to (RFC 6749 section 4.1.2.1).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
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
    /// The request object cannot be trusted, and nothing beside it says where to go back to.
    #[error(transparent)]
    RequestObject(#[from] ObjectError),
}

impl PageError {
    /// The HTTP status of the page.
    pub const STATUS: u16 = 400;

    /// The OAuth error code that the page shows.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Params(_) | Self::Repeated | Self::NoClient => "invalid_request",
            Self::UnknownClient => "invalid_client",
            Self::RedirectUri(_) => "invalid_redirect_uri",
            Self::RequestObject(error) => error.code().as_str(),
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
pub(super) fn reply_to(params: &Params, client: &Client) -> Result<ReplyTo, PageError> {
    if params.is_repeated("redirect_uri") {
        return Err(PageError::Repeated);
    }
    let redirect_uri = redirect::resolve(client, params.get("redirect_uri"))?;
    let state = params.get("state").map(str::to_owned);
    Ok(ReplyTo { mode: response::reply_mode(params, &redirect_uri), redirect_uri, state })
}

/// Every check behind a trusted redirect URI, in the order of the specifications.
fn checked(params: &Params, client: &Client, reply_to: ReplyTo) -> Result<AuthorizationRequest, AuthorizationError> {
    if let Some(name) = params.repeated() {
        return Err(AuthorizationError::invalid_request(format!("{name} is repeated")));
    }
    refuse_unsupported(params)?;
    refuse_long(params)?;
    let response_type = response::response_type(params, client)?;
    response::check_mode(params, response_type, &reply_to.redirect_uri)?;
    let nonce = response::nonce(params, response_type)?;
    let prompt = prompts(params)?;
    let scope = scope(params, client, &prompt, response_type)?;
    let resources =
        resource::asked(params, client).map_err(|why| AuthorizationError::new(Code::InvalidTarget, why.to_string()))?;
    let max_age = max_age(params, client)?;
    let code_challenge = challenge(params, client, response_type)?;
    let claims = params.get("claims").map(|text| claims_request::parse(text, &client.scope)).transpose();
    let claims = claims.map_err(|error| AuthorizationError::invalid_request(error.to_string()))?.unwrap_or_default();
    let owned = |name| params.get(name).map(str::to_owned);
    Ok(AuthorizationRequest {
        client_id: client.client_id.clone(),
        reply_to,
        response_type,
        scope,
        nonce,
        prompt,
        max_age,
        login_hint: owned("login_hint"),
        resources,
        ui_locales: list(params, "ui_locales"),
        claims_locales: list(params, "claims_locales"),
        acr_values: acr_values(params, &claims, client),
        claims,
        id_token_hint: id_token_hint(params)?,
        hinted: Hinted::Nothing,
        display: display(params),
        code_challenge,
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

/// What waits with the request while a person signs in has room for what is honest, and no more.
fn refuse_long(params: &Params) -> Result<(), AuthorizationError> {
    let lists = ["ui_locales", "claims_locales", "acr_values"].map(|name| (name, LONGEST_LIST));
    for (name, longest) in [("state", LONGEST_STATE), ("nonce", LONGEST_NONCE)].into_iter().chain(lists) {
        if params.get(name).is_some_and(|value| value.len() > longest) {
            return Err(AuthorizationError::invalid_request(format!("{name} is longer than {longest} bytes")));
        }
    }
    if params.get("login_hint").is_some_and(|hint| hint.chars().count() > LONGEST_LOGIN_HINT) {
        let words = format!("login_hint is longer than {LONGEST_LOGIN_HINT} characters");
        return Err(AuthorizationError::invalid_request(words));
    }
    Ok(())
}

/// What the code will be bound to (RFC 7636 section 4.3). Where no code comes back there is nothing to bind.
fn challenge(params: &Params, client: &Client, response_type: ResponseType) -> Result<Option<CodeChallenge>, AuthorizationError> {
    let required = client.require_pkce && response_type.has_code();
    pkce::challenge(params.get("code_challenge"), params.get("code_challenge_method"), required)
        .map_err(|error| AuthorizationError::invalid_request(error.to_string()))
}

/// The levels that the client would like (OpenID Connect Core section 3.1.2.1): the request's, else those that `claims` asks for without
/// insisting, which means the same (section 5.5.1.1), else the client's own.
fn acr_values(params: &Params, claims: &ClaimsRequest, client: &Client) -> Vec<String> {
    let asked = list(params, "acr_values");
    let ways = [&asked, &claims.wished_levels, &client.default_acr_values];
    ways.into_iter().find(|way| !way.is_empty()).map(|way| way.iter().take(MAX_LIST).cloned().collect()).unwrap_or_default()
}

/// A hint is read by whoever knows the keys, but one that is encrypted can be told by its five parts (RFC 7516 section 3.1): the client
/// must send the signed token inside (OpenID Connect Core section 3.1.2.1).
fn id_token_hint(params: &Params) -> Result<Option<String>, AuthorizationError> {
    match params.get("id_token_hint") {
        Some(token) if token.split('.').count() == 5 => {
            Err(AuthorizationError::invalid_request("id_token_hint is encrypted: send the signed token that is inside"))
        }
        hint => Ok(hint.map(str::to_owned)),
    }
}

/// The scope that is granted. `openid` must be asked for; `offline_access` is ignored unless the client may refresh, a code comes back,
/// and the person is asked or the operator has consented for them (OpenID Connect Core sections 3.1.2.1 and 11).
fn scope(params: &Params, client: &Client, prompt: &[Prompt], response_type: ResponseType) -> Result<Scope, AuthorizationError> {
    let refused = |words: &'static str| AuthorizationError::new(Code::InvalidScope, words);
    let requested = Scope::parse(params.get("scope").unwrap_or_default()).map_err(|_| refused("scope is malformed"))?;
    let may_refresh = client.grant_types.contains(&GrantType::RefreshToken) && response_type.has_code();
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
