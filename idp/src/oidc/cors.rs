//! Which pages of other origins may read an endpoint's answer (Fetch, section 3.3): metadata and keys all of them, tokens and userinfo
//! those of the realm's browser clients. No answer ever allows cookies.

use crate::directory::client;
use crate::error::Result;
use crate::web::context::Ctx;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use url::Url;

/// How long a browser may keep the answer to a preflight, in seconds.
const PREFLIGHT_KEPT: &str = "3600";

/// Lets pages of every origin read an answer.
pub fn open(mut response: Response) -> Response {
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// Lets the page that asks read an answer, if its origin is one of the realm's browser clients.
pub async fn registered(ctx: &Ctx, request: &HeaderMap, mut response: Response) -> Result<Response> {
    response.headers_mut().append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = allowed(ctx, request).await? {
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        let readable = HeaderValue::from_static("www-authenticate, retry-after");
        response.headers_mut().insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, readable);
    }
    Ok(response)
}

/// The question a browser asks before a request that a form could not make.
pub async fn preflight(ctx: Ctx, request: HeaderMap) -> Result<Response> {
    let mut response = registered(&ctx, &request, StatusCode::NO_CONTENT.into_response()).await?;
    if response.headers().contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        let allow = [
            (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type"),
            (header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_KEPT),
        ];
        response.headers_mut().extend(allow.map(|(name, value)| (name, HeaderValue::from_static(value))));
    }
    Ok(response)
}

async fn allowed(ctx: &Ctx, request: &HeaderMap) -> Result<Option<HeaderValue>> {
    let Some(origin) = request.get(header::ORIGIN) else { return Ok(None) };
    let Ok(text) = origin.to_str().map(str::to_owned) else { return Ok(None) };
    let known = ctx.app.db.read(ctx.realm.id, client::in_browsers).await?;
    let answers_to =
        |uri: &String| Url::parse(uri).is_ok_and(|url| url.origin().is_tuple() && url.origin().ascii_serialization() == text);
    Ok(known.iter().flat_map(|client| &client.redirect_uris).any(answers_to).then(|| origin.clone()))
}
