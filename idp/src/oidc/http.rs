//! What the endpoints share of HTTP: form bodies, JSON answers, one header of a name.

use crate::error::Result;
use crate::realm::Realm;
use crate::web::layers::RETRY_SECONDS;
pub use crate::web::layers::no_head;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use poterne_protocol::error::TokenError;
use serde::Serialize;

/// Whether the body is a form (RFC 6749 appendix B); parameters such as `charset` do not matter.
#[must_use]
pub fn is_form(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// The parameters of a POST as one encoded text, so that a name in query and body counts as repeated. `None` when the body is no form.
#[must_use]
pub fn posted(query: Option<&str>, headers: &HeaderMap, body: &[u8]) -> Option<String> {
    let body = std::str::from_utf8(body).ok().filter(|_| is_form(headers))?;
    Some(match query {
        Some(query) if !query.is_empty() => format!("{query}&{body}"),
        _ => body.to_owned(),
    })
}

/// The one value of a header: `Err` when it stands twice. A value that is no text reads as empty, which no rule accepts.
pub fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Twice> {
    let mut values = headers.get_all(name).iter();
    let first = values.next().map(|value| value.to_str().unwrap_or_default());
    if values.next().is_some() { Err(Twice) } else { Ok(first) }
}

/// A header that stands twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Twice;

/// A JSON answer that nobody may keep.
pub fn json(status: u16, body: &impl Serialize) -> Result<Response> {
    // Room for the tokens of an answer at once.
    let mut json = Vec::with_capacity(2048);
    serde_json::to_writer(&mut json, body)?;
    let mut response = Response::new(json.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    // With room for those that every answer gets.
    let mut headers = HeaderMap::with_capacity(12);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    *response.headers_mut() = headers;
    Ok(response)
}

/// The answer to a client that asked wrongly or may not have what it asks for (RFC 6749 section 5.2).
pub fn refusal(realm: &Realm, error: &TokenError) -> Result<Response> {
    let mut response = json(error.status(), &error.body())?;
    if let Some(challenge) = error.www_authenticate(realm.urls.issuer()).and_then(|text| HeaderValue::try_from(text).ok()) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        ask_again(&mut response);
    }
    Ok(response)
}

/// Says when the same may be asked again.
pub fn ask_again(response: &mut Response) {
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_SECONDS));
}

/// The answer to another method than POST, where a token or a secret would stand in an address (RFC 6749 section 3.2, RFC 7662 section
/// 2.1, RFC 7009 section 2.1).
pub async fn not_by_post() -> Result<Response> {
    let mut response = json(405, &TokenError::invalid_request("this endpoint is asked by POST").body())?;
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
    Ok(response)
}
