//! Which pages of other origins may read an endpoint's answer (Fetch, section 3.3): metadata and keys all of them, tokens and userinfo
//! those of the browser client that the answer is for. No answer ever allows cookies.

use crate::directory::client::Registered;
use crate::error::Result;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use poterne_protocol::client::{ApplicationType, Client};
use std::sync::Arc;
use url::Url;

/// How long a browser may keep the answer to a preflight, in seconds.
const PREFLIGHT_KEPT: &str = "3600";

/// Lets pages of every origin read an answer.
pub fn open(mut response: Response) -> Response {
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// Lets the page that asks read an answer, if it is one of the client's that `whose` finds. It is asked for pages alone: programs send no
/// `Origin`.
pub async fn registered(
    request: &HeaderMap,
    mut response: Response,
    whose: impl Future<Output = Result<Option<Arc<Registered>>>>,
) -> Result<Response> {
    response.headers_mut().append(header::VARY, HeaderValue::from_static("origin"));
    let Some(origin) = request.get(header::ORIGIN) else { return Ok(response) };
    let Ok(text) = origin.to_str() else { return Ok(response) };
    if whose.await?.is_some_and(|client| has_page_at(&client.client, text)) {
        let readable = HeaderValue::from_static("www-authenticate, retry-after");
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        response.headers_mut().insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, readable);
    }
    Ok(response)
}

/// The question a browser asks before a request that a form could not make. It says nothing of who asks for what, and a yes lets nobody read
/// anything, so every origin gets the same one, and no client is looked up for it.
pub async fn preflight() -> Response {
    let allow = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type"),
        (header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_KEPT),
    ];
    open((StatusCode::NO_CONTENT, allow).into_response())
}

/// Whether the client runs in pages of this origin, and asks for its tokens from there.
fn has_page_at(client: &Client, origin: &str) -> bool {
    let is_there =
        |uri: &String| Url::parse(uri).is_ok_and(|url| url.origin().is_tuple() && url.origin().ascii_serialization() == origin);
    client.is_public() && client.application_type == ApplicationType::Web && client.redirect_uris.iter().any(is_there)
}
