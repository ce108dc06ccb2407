//! What every request passes, from outside in: security headers, reference and failure pages, body limit, time limit, CSRF.

use crate::app::App;
use crate::error::Failure;
use crate::figures::Route;
use crate::realm::Realm;
use crate::urls::paths;
use crate::web::context::Ctx;
use crate::web::pages::{ErrorKind, ErrorPage};
use crate::web::reference::Reference;
use crate::web::request as outside;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Json, Response};
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tower::{Layer, ServiceExt};
use tower_http::csrf::CsrfLayer;
use tracing::Instrument;

/// Bytes of a request body: a form is far smaller.
const BODY_LIMIT: usize = 64 * 1024;
/// A request that takes longer has lost its person.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// Seconds after which a busy provider may be asked again.
pub const RETRY_SECONDS: u32 = 5;

/// Stands around the answer to a request of a realm. These are functions, not layers of the router: each layer would box a route, and its
/// answer's body, once for each request.
///
/// Names the request in every line of its log, and tells browsers to come by https only. The level of the span is that of the gravest line, so
/// that no filter leaves one without it. Method and route stand in the line that says how it was answered, or why it failed: each field of a span
/// is written for every request, whether or not a line follows.
pub async fn around(app: &App, request: Request, answer: impl AsyncFnOnce(Request) -> Response) -> Response {
    let route = Route::of(request.uri().path());
    let (realm, reference) = (request.extensions().get::<Arc<Realm>>(), request.extensions().get::<Reference>());
    let secure_scheme = realm.is_some_and(|realm| realm.urls.is_secure());
    let span = tracing::error_span!(
        "request",
        request = reference.map(Reference::as_str),
        realm = realm.map(|realm| realm.document.slug.as_str()),
    );
    let mut response = failures(app, request, route, answer).instrument(span).await;
    by_https(&mut response, secure_scheme);
    if let Some(route) = route {
        response.extensions_mut().insert(route);
    }
    response
}

/// Puts the CSRF check around pages with forms; the issuer's own origin is trusted whatever `Host` a proxy passes.
pub fn same_site(routes: Router<App>) -> Router<App> {
    routes.layer(from_fn(csrf))
}

async fn csrf(request: Request, next: Next) -> Response {
    let realm = request.extensions().get::<Arc<Realm>>().cloned();
    let layer = realm.and_then(|realm| CsrfLayer::new().add_trusted_origin(realm.urls.origin()).ok());
    let Some(layer) = layer else {
        return Failure::internal("a request without realm").into_response();
    };
    let checked = layer.layer(next).oneshot(request).await;
    let response = checked.unwrap_or_else(|never| match never {});
    if response.extensions().get::<tower_http::csrf::ProtectionError>().is_some() {
        return with_page(StatusCode::FORBIDDEN, ErrorKind::CrossSite);
    }
    response
}

/// An answer that [`failures`] turns into a page.
fn with_page(status: StatusCode, kind: ErrorKind) -> Response {
    let mut response = status.into_response();
    response.extensions_mut().insert(Arc::new(kind));
    response
}

/// A refusal of a relying party's request that must not be redirected (RFC 6749 section 4.1.2.1), shown as a page with status 400.
#[must_use]
pub fn refused_request(code: &str, detail: Option<String>) -> Response {
    with_page(StatusCode::BAD_REQUEST, ErrorKind::RequestRefused { code: code.to_owned(), detail })
}

/// Too much began from one address: again after this time.
#[must_use]
pub fn too_many(wait: Duration) -> Response {
    let retry_seconds = u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).max(1);
    with_page(StatusCode::TOO_MANY_REQUESTS, ErrorKind::TooMany { retry_seconds })
}

/// Nothing lives here.
#[must_use]
pub fn not_found() -> Response {
    with_page(StatusCode::NOT_FOUND, ErrorKind::NotFound)
}

/// A HEAD where a GET changes something.
pub async fn no_head() -> StatusCode {
    StatusCode::METHOD_NOT_ALLOWED
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Busy(_) | Self::Disk(_) => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let mut response = status.into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// Within the limits of size and time; a panic ends its own request only.
async fn guarded(mut request: Request, answer: impl AsyncFnOnce(Request) -> Response) -> Response {
    DefaultBodyLimit::max(BODY_LIMIT).apply(&mut request);
    let run = AssertUnwindSafe(answer(request)).catch_unwind();
    match tokio::time::timeout(TIME_LIMIT, run).await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => {
            let words = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
            tracing::error!(words = words.unwrap_or("no words"), "a request panicked");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// Logs a failure once, and answers as the reader can read: a page for people, JSON for programs.
async fn failures(
    app: &App,
    mut request: Request,
    route: Option<Route>,
    answer: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let method = request.method().clone();
    let context = if is_for_programs(request.uri().path()) {
        None
    } else {
        let (parts, body) = request.into_parts();
        let context = Ctx::of(&parts, app);
        request = Request::from_parts(parts, body);
        Some(context)
    };
    let response = guarded(request, answer).await;
    let status = response.status();
    if let Some(failure) = response.extensions().get::<Arc<Failure>>() {
        let (method, route) = (outside::method_in_words(&method), route.map_or("none", Route::pattern));
        tracing::error!(%failure, method, route, "a request failed");
    }
    let kind = match response.extensions().get::<Arc<ErrorKind>>() {
        Some(kind) => kind.as_ref().clone(),
        None => match kind_of(status, &response) {
            Some(kind) => kind,
            None => return response,
        },
    };
    let answer = match context {
        None => Ok(for_programs(status, &kind)),
        Some(context) => context.and_then(|context| for_people(&context, status, &kind)),
    };
    answer.unwrap_or_else(|_| status.into_response())
}

/// The page for a bare status; `None` when the response speaks for itself.
fn kind_of(status: StatusCode, response: &Response) -> Option<ErrorKind> {
    // What carries a type of its own was written for its reader; bare statuses and axum's plain texts were not.
    let typed = response.headers().get(header::CONTENT_TYPE);
    if typed.is_some_and(|value| !value.as_bytes().starts_with(b"text/plain")) {
        return None;
    }
    match status {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Some(ErrorKind::NotFound),
        StatusCode::PAYLOAD_TOO_LARGE => Some(ErrorKind::TooLarge),
        StatusCode::SERVICE_UNAVAILABLE => Some(ErrorKind::Busy { retry_seconds: RETRY_SECONDS }),
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY | StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            Some(ErrorKind::RequestRefused { code: "invalid_request".into(), detail: None })
        }
        status if status.is_server_error() => Some(ErrorKind::Internal),
        _ => None,
    }
}

/// Endpoints that relying parties' programs call.
fn is_for_programs(path: &str) -> bool {
    let below = |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let programs = [paths::TOKEN, paths::USERINFO, paths::INTROSPECT, paths::REVOKE, paths::JWKS];
    programs.contains(&path) || path.starts_with("/.well-known/") || below(paths::REGISTER)
}

/// An OAuth error (RFC 6749 section 5.2), also where the RFC knows no code for it.
fn for_programs(status: StatusCode, kind: &ErrorKind) -> Response {
    let code = match kind {
        ErrorKind::RequestRefused { code, .. } => code.as_str(),
        ErrorKind::NotFound | ErrorKind::TooLarge | ErrorKind::CrossSite => "invalid_request",
        ErrorKind::Busy { .. } | ErrorKind::TooMany { .. } => "temporarily_unavailable",
        ErrorKind::Internal => "server_error",
    };
    let mut response = (status, Json(serde_json::json!({ "error": code }))).into_response();
    finish(&mut response, kind);
    response
}

fn for_people(context: &Ctx, status: StatusCode, kind: &ErrorKind) -> Result<Response, Failure> {
    let mut response = context.error_page(status, &ErrorPage { kind: kind.clone(), back: None })?;
    finish(&mut response, kind);
    Ok(response)
}

/// Headers that an error answer carries beside those of every answer.
fn finish(response: &mut Response, kind: &ErrorKind) {
    if let ErrorKind::Busy { retry_seconds } | ErrorKind::TooMany { retry_seconds } = kind {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*retry_seconds));
    }
}

/// Tells browsers to come by https only, where the realm does.
fn by_https(response: &mut Response, secure_scheme: bool) {
    if secure_scheme {
        let year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
}

/// What [`wrap`] adds to the answer of a route that can neither fail nor wait, and is given without it.
pub fn public(mut response: Response, realm: &Realm, path: &str) -> Response {
    by_https(&mut response, realm.urls.is_secure());
    if let Some(route) = Route::of(path) {
        response.extensions_mut().insert(route);
    }
    response
}

/// The security headers of every answer, also where no realm gave it.
pub fn secure(response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // same-origin, not no-referrer: browsers would send `Origin: null` with our own forms.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    let nothing = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
    headers.insert(HeaderName::from_static("permissions-policy"), HeaderValue::from_static(nothing));
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

#[cfg(test)]
mod tests;
