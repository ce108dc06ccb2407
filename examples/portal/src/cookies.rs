//! The portal's cookies: their names, and how they are set, read and removed.
//!
//! Over https every name carries the `__Host-` prefix (RFC 6265bis, section 4.1.3.2). Over http, on loopback, browsers share
//! cookies between ports, so there the name ends with the port: two portals on one machine do not overwrite each other.

use axum::http::{HeaderMap, HeaderValue, header};
use cookie::{Cookie, SameSite, time::Duration};
use url::Url;

/// The portal session.
pub(crate) const SESSION: &str = "session";
/// The language chosen on the switch.
pub(crate) const LANGUAGE: &str = "language";
/// The `state` of a sign-out under way.
pub(crate) const SIGN_OUT: &str = "sign-out";
/// A sign-in was started by the portal itself a moment ago.
pub(crate) const AFRESH: &str = "afresh";
/// Start of the name of a login's cookie; the login id follows.
const LOGIN: &str = "login-";

/// Names and attributes of one portal's cookies.
#[derive(Clone)]
pub(crate) struct Cookies {
    prefix: &'static str,
    suffix: String,
    secure: bool,
}

impl Cookies {
    /// The cookies of the portal at `public_url`.
    pub(crate) fn of(public_url: &Url) -> Self {
        if public_url.scheme() == "https" {
            return Self { prefix: "__Host-portal-", suffix: String::new(), secure: true };
        }
        let port = public_url.port_or_known_default().unwrap_or(80);
        Self { prefix: "portal-", suffix: format!("-{port}"), secure: false }
    }

    /// The cookie's name in the browser.
    pub(crate) fn name(&self, kind: &str) -> String {
        format!("{}{kind}{}", self.prefix, self.suffix)
    }

    /// The kind of the cookie that binds login `id` to the browser that started it: one each, so that tabs never clash.
    pub(crate) fn login_kind(id: &str) -> String {
        format!("{LOGIN}{id}")
    }

    /// A `Set-Cookie` value; `life` in seconds, none for as long as the browser runs.
    pub(crate) fn set(&self, kind: &str, value: &str, life: Option<i64>) -> Option<HeaderValue> {
        let mut cookie = Cookie::build((self.name(kind), value.to_owned()))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.secure)
            .build();
        cookie.set_max_age(life.map(Duration::seconds));
        HeaderValue::try_from(cookie.to_string()).ok()
    }

    /// A `Set-Cookie` value that removes the cookie.
    pub(crate) fn remove(&self, kind: &str) -> Option<HeaderValue> {
        self.set(kind, "", Some(0))
    }

    /// The value the browser sent.
    pub(crate) fn get(&self, headers: &HeaderMap, kind: &str) -> Option<String> {
        let name = self.name(kind);
        sent(headers).find(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
    }

    /// The ids of the logins whose cookies the browser sent.
    pub(crate) fn login_ids(&self, headers: &HeaderMap) -> Vec<String> {
        let (start, end) = (self.name(LOGIN), &self.suffix);
        let start = start.strip_suffix(end.as_str()).unwrap_or(&start);
        sent(headers)
            .filter_map(|cookie| Some(cookie.name().strip_prefix(start)?.strip_suffix(end.as_str())?.to_owned()))
            .collect()
    }
}

fn sent(headers: &HeaderMap) -> impl Iterator<Item = Cookie<'_>> {
    headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok()).flat_map(Cookie::split_parse).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(public_url: &str) -> Cookies {
        Cookies::of(&Url::parse(public_url).unwrap())
    }

    #[test]
    fn over_https_a_cookie_is_bound_to_the_host() {
        let cookies = of("https://flex.example");
        assert_eq!(cookies.name(SESSION), "__Host-portal-session");
        assert_eq!(cookies.set(SESSION, "v", None).unwrap(), "__Host-portal-session=v; HttpOnly; SameSite=Lax; Secure; Path=/");
    }

    #[test]
    fn over_http_the_name_carries_the_port() {
        let cookies = of("http://localhost:8082");
        assert_eq!(cookies.name(SESSION), "portal-session-8082");
        assert_eq!(cookies.set(SESSION, "v", None).unwrap(), "portal-session-8082=v; HttpOnly; SameSite=Lax; Path=/");
        assert_eq!(of("http://localhost").name(SESSION), "portal-session-80");
    }

    #[test]
    fn a_portal_reads_only_its_own_cookies() {
        let mut headers = HeaderMap::new();
        let line = "portal-session-8081=one; portal-session-8082=two; portal-login-a-8081=x; portal-login-b-8082=y";
        headers.insert(header::COOKIE, HeaderValue::from_static(line));
        let cookies = of("http://localhost:8082");
        assert_eq!(cookies.get(&headers, SESSION).as_deref(), Some("two"));
        assert_eq!(cookies.get(&headers, LANGUAGE), None);
        assert_eq!(cookies.login_ids(&headers), ["b"]);
    }
}
