//! What every request passes: the check of where a post comes from, and the headers every answer carries.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use url::{Host, Url};

use crate::{pages, portal::Portal};

/// Nothing but our own style sheets and pictures; no script at all, so no inline code either.
///
/// `form-action` is left out on purpose: browsers apply it to the whole chain of redirects after a post, and «sign in» and
/// «sign out» lead to the provider, which may lead further (w3c/webappsec-csp#8).
const CSP: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; \
                   require-trusted-types-for 'script'";

/// Refuses posts that come from another site, and brings a visitor who typed another loopback name to the right one.
pub(crate) async fn check(State(portal): State<Arc<Portal>>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if reads && other_loopback_name(request.headers(), &portal.public_url) {
        // The provider sends people back to the one registered name; a cookie of another name would be missing there.
        return Redirect::to(portal.public_url.as_str()).into_response();
    }
    if !reads && !from_this_portal(request.headers(), &portal.public_url) {
        tracing::warn!(path = request.uri().path(), "refused a post from another site");
        return pages::foreign_post(&portal, request.headers());
    }
    next.run(request).await
}

/// Puts the security headers on an answer, and `no-store` unless the answer says otherwise.
pub(crate) async fn headers(State(portal): State<Arc<Portal>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CSP),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Not `no-referrer`, which makes browsers send `Origin: null` on our own posts.
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=()"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if portal.public_url.scheme() == "https" {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}

/// Whether a changing request was made by a page of this portal. A client that sends neither header is no browser and holds
/// no cookies of somebody else.
fn from_this_portal(headers: &HeaderMap, public_url: &Url) -> bool {
    let value = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    let fetch_site = value(HeaderName::from_static("sec-fetch-site"));
    let origin = value(header::ORIGIN);
    fetch_site.is_none_or(|site| matches!(site, "same-origin" | "none"))
        && origin.is_none_or(|origin| origin == public_url.origin().ascii_serialization())
}

fn other_loopback_name(headers: &HeaderMap, public_url: &Url) -> bool {
    let Some(asked) = headers.get(header::HOST).and_then(|host| host.to_str().ok()) else { return false };
    let Ok(asked) = Url::parse(&format!("http://{asked}/")) else { return false };
    public_url.scheme() == "http"
        && is_loopback(&asked)
        && asked.host() != public_url.host()
        && asked.port_or_known_default() == public_url.port_or_known_default()
}

/// Whether an address stays on this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(pairs: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        from_this_portal(&headers, &Url::parse("http://localhost:8081").unwrap())
    }

    #[test]
    fn a_post_from_a_page_of_this_portal_passes() {
        assert!(passes(&[("sec-fetch-site", "same-origin"), ("origin", "http://localhost:8081")]));
        assert!(passes(&[("origin", "http://localhost:8081")]));
        assert!(passes(&[]));
    }

    #[test]
    fn a_post_from_anywhere_else_does_not() {
        assert!(!passes(&[("sec-fetch-site", "cross-site")]));
        assert!(!passes(&[("sec-fetch-site", "same-site"), ("origin", "http://localhost:8082")]));
        assert!(!passes(&[("origin", "http://localhost:8082")]));
        assert!(!passes(&[("origin", "null")]));
        assert!(!passes(&[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")]));
    }

    #[test]
    fn another_name_of_this_machine_is_led_to_the_right_one() {
        let public_url = Url::parse("http://localhost:8081").unwrap();
        let asks = |host: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static(host));
            other_loopback_name(&headers, &public_url)
        };
        assert!(asks("127.0.0.1:8081"));
        assert!(asks("[::1]:8081"));
        assert!(!asks("localhost:8081"));
        assert!(!asks("portal.internal:8081"));
    }
}
