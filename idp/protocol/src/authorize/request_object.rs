//! Request objects (OpenID Connect Core section 6, RFC 9101): a request that the client signed, by value or by reference. Fetching it and
//! finding the client's keys is for the caller; everything else about it is here (`docs/decisions/018-no-unsigned-request.md`).

use super::request::{self, PageError, Refusal};
use crate::client::{Client, ResponseType};
use crate::error::{AuthorizationError, AuthorizationErrorCode as Code};
use crate::jose::foreign::ForeignToken;
use crate::jose::jwt::{Audience, check_exp, check_nbf};
use crate::numeric_date;
use crate::secret::Digest;
use crate::time::Timestamp;
use crate::wire::Params;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde_json::Value;

/// The media types that a request object may say it is of, in lower case (RFC 8725 section 3.11): another token is none.
const TYPES: [&str; 2] = ["jwt", "oauth-authz-req+jwt"];
/// The parameters that a request is read from: whatever else stands inside is ignored, of whatever kind it is (RFC 6749 section 3.1).
const READ: [&str; 22] = [
    "acr_values",
    "claims",
    "claims_locales",
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "display",
    "id_token_hint",
    "login_hint",
    "max_age",
    "nonce",
    "prompt",
    "redirect_uri",
    "registration",
    "request",
    "request_uri",
    "resource",
    "response_mode",
    "response_type",
    "scope",
    "state",
    "ui_locales",
];
/// Members of the token itself, which are no parameters (RFC 7519 section 4.1).
const OF_THE_TOKEN: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

/// Where a request object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Object<'a> {
    /// In the parameter `request`.
    Value(&'a str),
    /// At this address.
    Reference(Address<'a>),
}

/// A registered `request_uri`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address<'a> {
    /// What is fetched: the address without its fragment.
    pub place: &'a str,
    /// The fragment: best the SHA-256 of what lies there, in base64url, so that it changes with it.
    fragment: Option<&'a str>,
}

impl Address<'_> {
    /// Whether the client says by a fragment which content it means (OpenID Connect Core section 6.2).
    #[must_use]
    pub const fn has_fragment(&self) -> bool {
        self.fragment.is_some()
    }

    /// Whether the fragment is the hash of this content, so that there is nothing newer to fetch. It proves nothing: that is for the
    /// signature, and a client may write what it likes there.
    #[must_use]
    pub fn is_of(&self, content: &[u8]) -> bool {
        self.fragment.is_some_and(|hash| URL_SAFE_NO_PAD.encode(Digest::of(content).as_bytes()) == hash)
    }
}

/// The request object that a request comes with, if it comes with one and its client may.
///
/// # Errors
/// What the client is told.
pub fn asked<'a>(params: &'a Params, client: &Client) -> Result<Option<Object<'a>>, AuthorizationError> {
    match (params.get("request"), params.get("request_uri")) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(AuthorizationError::invalid_request("request and request_uri are both there")),
        (Some(_), None) if !may_sign(client) => Err(AuthorizationError::new(
            Code::RequestNotSupported,
            "this client has no keys registered: request is not supported",
        )),
        (Some(object), None) => Ok(Some(Object::Value(object))),
        (None, Some(_)) if client.request_uris.is_empty() || !may_sign(client) => {
            let words = "this client has no request_uris, or no keys, registered: request_uri is not supported";
            Err(AuthorizationError::new(Code::RequestUriNotSupported, words))
        }
        (None, Some(uri)) => registered(uri, client).map(Object::Reference).map(Some),
    }
}

/// Whether there is anything to verify a request object of this client's with.
fn may_sign(client: &Client) -> bool {
    client.jwks.is_some() || client.jwks_uri.is_some() || client.signs_with_secret()
}

/// An address that is registered byte for byte, or but for the fragment that the request adds (OpenID Connect Core section 6.2).
fn registered<'a>(uri: &'a str, client: &Client) -> Result<Address<'a>, AuthorizationError> {
    let (place, fragment) = uri.split_once('#').map_or((uri, None), |(place, fragment)| (place, Some(fragment)));
    let known = |text: &str| client.request_uris.iter().any(|registered| registered == text);
    if known(uri) || known(place) {
        return Ok(Address { place, fragment });
    }
    Err(AuthorizationError::new(Code::InvalidRequestUri, "request_uri is not registered for this client"))
}

/// What a request object says: its members in their order, none of them twice.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Once;
        impl<'de> Visitor<'de> for Once {
            type Value = Members;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members: Vec<(String, Value)> = Vec::new();
                while let Some((name, value)) = map.next_entry()? {
                    members.push((name, value));
                }
                // Sorted: who signs may write thousands.
                let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
                names.sort_unstable();
                if names.windows(2).any(|pair| pair.first() == pair.last()) {
                    return Err(de::Error::custom("a member stands twice"));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Once)
    }
}

/// The claims of the token that a request object is.
#[derive(Deserialize)]
struct Token {
    iss: Option<String>,
    sub: Option<String>,
    aud: Option<Audience>,
    #[serde(default, deserialize_with = "numeric_date::optional")]
    exp: Option<i64>,
    #[serde(default, deserialize_with = "numeric_date::optional")]
    nbf: Option<i64>,
    #[serde(default, deserialize_with = "numeric_date::optional")]
    iat: Option<i64>,
}

/// Whether a token may be a request object by what its header says it is.
///
/// # Errors
/// What the client is told.
pub fn check_type(token: &ForeignToken<'_>) -> Result<(), AuthorizationError> {
    let Some(typ) = token.typ() else { return Ok(()) };
    let typ = typ.to_ascii_lowercase();
    let typ = typ.strip_prefix("application/").unwrap_or(&typ);
    if TYPES.contains(&typ) { Ok(()) } else { Err(invalid("typ is that of another token")) }
}

/// The request that a verified object and the parameters beside it make together: what is inside wins (OpenID Connect Core section 6.1).
///
/// # Errors
/// What the client is told.
pub fn merged(
    params: &Params,
    members: &Members,
    client: &Client,
    issuer: &str,
    now: Timestamp,
) -> Result<Params, AuthorizationError> {
    check_token(members, client, issuer, now)?;
    let mut inside = Vec::new();
    for (name, value) in members.0.iter().filter(|(name, _)| READ.contains(&name.as_str())) {
        if matches!(name.as_str(), "request" | "request_uri") {
            return Err(invalid(format!("{name} stands inside the request object")));
        }
        inside.extend(texts(name, value)?.into_iter().map(|text| (name.clone(), text)));
    }
    let one = |name: &str| inside.iter().find(|(other, _)| other == name).map(|(_, text)| text.as_str());
    if one("client_id").is_some_and(|inside| inside != client.client_id) {
        return Err(invalid("client_id inside the request object differs from the one beside it"));
    }
    let same = |one: &str, other: &str| {
        one == other || ResponseType::parse(one).is_some_and(|one| ResponseType::parse(other) == Some(one))
    };
    if let (Some(inside), Some(beside)) = (one("response_type"), params.get("response_type"))
        && !same(inside, beside)
    {
        return Err(invalid("response_type inside the request object differs from the one beside it"));
    }
    params.overlaid(inside, &["request", "request_uri"]).map_err(|error| invalid(format!("the request object: {error}")))
}

fn check_token(members: &Members, client: &Client, issuer: &str, now: Timestamp) -> Result<(), AuthorizationError> {
    let own = members.0.iter().filter(|(name, _)| OF_THE_TOKEN.contains(&name.as_str())).cloned().collect();
    let token: Token =
        serde_json::from_value(Value::Object(own)).map_err(|_| invalid("iss, aud, exp, nbf or iat is malformed"))?;
    if token.iss.is_some_and(|iss| iss != client.client_id) {
        return Err(invalid("iss is not the client_id"));
    }
    // RFC 9101 section 10.8: what proves who the client is must not do for a request, nor the other way round.
    if token.sub.is_some_and(|sub| sub == client.client_id) {
        return Err(invalid("sub is the client_id: that is an assertion, no request"));
    }
    if token.aud.is_some_and(|aud| !aud.names(issuer)) {
        return Err(invalid("aud is not the issuer"));
    }
    token.exp.map_or(Ok(()), |exp| check_exp(exp, now)).map_err(|refusal| invalid(refusal.to_string()))?;
    let mut from = [token.nbf, token.iat].into_iter().flatten();
    from.try_for_each(|from| check_nbf(from, now)).map_err(|refusal| invalid(refusal.to_string()))
}

/// A member as the texts that parameters are: one, but for those that may be repeated.
fn texts(name: &str, value: &Value) -> Result<Vec<String>, AuthorizationError> {
    let one = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        // `registration` is refused by name later on.
        Value::Object(_) if matches!(name, "claims" | "registration") => Some(value.to_string()),
        _ => None,
    };
    let several = match value {
        Value::Array(several) if name == "resource" => several.iter().map(one).collect(),
        value => one(value).map(|text| vec![text]),
    };
    several.ok_or_else(|| invalid(format!("{name} inside the request object is of the wrong kind")))
}

/// `invalid_request_object`, in words.
#[must_use]
pub fn invalid(words: impl Into<std::borrow::Cow<'static, str>>) -> AuthorizationError {
    AuthorizationError::new(Code::InvalidRequestObject, words)
}

/// Where a mistake in a request object is told: to the client where the parameters beside it name a redirect URI that is registered, or there
/// is but one; else to the person. What stands inside cannot be trusted yet.
#[must_use]
pub fn refused(params: &Params, client: &Client, error: AuthorizationError) -> Refusal {
    match request::reply_to(params, client) {
        Ok(to) => Refusal::Redirect { to, error },
        Err(_) => Refusal::Page(PageError::RequestObject(ObjectError(error))),
    }
}

/// A mistake in a request object that nobody can be sent back with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.description.as_str())]
pub struct ObjectError(AuthorizationError);

impl ObjectError {
    /// The OAuth error code.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.0.code
    }
}

#[cfg(test)]
#[path = "request_object_tests.rs"]
mod tests;
