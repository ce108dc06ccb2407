//! What every request of the demo's own pages passes: who asks, and the headers of the answer.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Our style sheet and pictures, and the HTML part of a mail in a frame; no script, nothing inline.
const CSP: &str = "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; \
                   frame-ancestors 'none'; require-trusted-types-for 'script'";
/// A mail carries its style with it, and nothing else may work in it; only our own page frames it.
pub const MAIL_CSP: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox";

/// Refuses every name but this machine's own: another site's name that is pointed here (DNS rebinding) would let that site read
/// codes and passwords.
pub async fn check(request: Request, next: Next) -> Response {
    let mut response = if is_this_machine(request.headers()) {
        next.run(request).await
    } else {
        (StatusCode::MISDIRECTED_REQUEST, "The demo answers to localhost, 127.0.0.1 and [::1] only.\n").into_response()
    };
    let headers = response.headers_mut();
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(CSP));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

/// Whether the one `Host` names this machine; its port does not matter.
fn is_this_machine(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let Ok(host) = host.to_str() else { return false };
    ["localhost", "127.0.0.1", "[::1]"].into_iter().any(|name| {
        let Some((start, rest)) = host.split_at_checked(name.len()) else { return false };
        start.eq_ignore_ascii_case(name)
            && (rest.is_empty() || rest.strip_prefix(':').is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(hosts: &[&'static str]) -> bool {
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(header::HOST, HeaderValue::from_static(host));
        }
        is_this_machine(&headers)
    }

    #[test]
    fn this_machines_names_pass_with_and_without_port() {
        for host in ["localhost", "LocalHost:8080", "127.0.0.1:9000", "127.0.0.1", "[::1]:8080", "[::1]"] {
            assert!(passes(&[host]), "{host}");
        }
    }

    #[test]
    fn any_other_name_is_refused() {
        for host in
            ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:8080", "localhost:80@evil.example", "0.0.0.0", ""]
        {
            assert!(!passes(&[host]), "{host}");
        }
        assert!(!passes(&[]));
        assert!(!passes(&["localhost", "evil.example"]));
    }
}
