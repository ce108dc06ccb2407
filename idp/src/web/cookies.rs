//! The provider's cookies, all in one place; `docs/SECURITY.md` has the table.

use crate::urls::Urls;
use axum::http::{HeaderMap, HeaderValue, header};
use cookie::{Cookie, CookieBuilder, SameSite};
use std::time::Duration;

/// The cookies a realm sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CookieKind {
    /// Names the browser row that owns the sessions: `id.secret`.
    Browser,
    /// The language last chosen.
    Language,
    /// What the browser knows of its session, for the page that portals watch it with: a hash.
    State,
}

/// The cookie's name: `__Host-` binds it to the host over https; on http loopback, where browsers refuse that prefix and share
/// cookies among ports, the name carries the port.
#[must_use]
pub fn name(kind: CookieKind, urls: &Urls, slug: &str) -> String {
    let kind = match kind {
        CookieKind::Browser => "poterne",
        CookieKind::Language => "poterne-lang",
        CookieKind::State => "poterne-state",
    };
    if urls.is_secure() { format!("__Host-{kind}-{slug}") } else { format!("{kind}-{slug}-{}", urls.port().unwrap_or(80)) }
}

/// The value of a cookie the browser sent.
#[must_use]
pub fn get(headers: &HeaderMap, name: &str) -> Option<String> {
    let sent = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    sent.flat_map(Cookie::split_parse).flatten().find(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
}

/// A `Set-Cookie` header: `HttpOnly`, `SameSite=Lax` (Strict would hide the session from a portal's redirect), whole host.
#[must_use]
pub fn set(urls: &Urls, name: &str, value: &str, lifetime: Duration) -> Option<HeaderValue> {
    let cookie = whole_host(urls, name, value, lifetime).http_only(true).same_site(SameSite::Lax).build();
    HeaderValue::from_str(&cookie.to_string()).ok()
}

/// A `Set-Cookie` header for what our own page in a portal's frame reads: for its script, and `SameSite=None`, which browsers take over https
/// alone (Session Management section 3.2).
#[must_use]
pub fn set_for_frames(urls: &Urls, name: &str, value: &str, lifetime: Duration) -> Option<HeaderValue> {
    let same_site = if urls.is_secure() { SameSite::None } else { SameSite::Lax };
    let cookie = whole_host(urls, name, value, lifetime).same_site(same_site).build();
    HeaderValue::from_str(&cookie.to_string()).ok()
}

fn whole_host<'a>(urls: &Urls, name: &'a str, value: &'a str, lifetime: Duration) -> CookieBuilder<'a> {
    let seconds = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX);
    Cookie::build((name, value)).path("/").secure(urls.is_secure()).max_age(cookie::time::Duration::seconds(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_bound_to_its_host_over_https_and_to_its_port_on_loopback() {
        let secure = Urls::new("https://id.lindenhof.example").unwrap();
        let demo = Urls::new("http://localhost:8080/lindenhof").unwrap();
        assert_eq!(name(CookieKind::Browser, &secure, "lindenhof"), "__Host-poterne-lindenhof");
        assert_eq!(name(CookieKind::Browser, &demo, "lindenhof"), "poterne-lindenhof-8080");
        let header = set(&secure, "__Host-poterne-lindenhof", "a.b", Duration::from_secs(60)).unwrap();
        assert_eq!(header, "__Host-poterne-lindenhof=a.b; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=60");
        let state = set_for_frames(&secure, "__Host-poterne-state-lindenhof", "hash", Duration::from_secs(60)).unwrap();
        assert_eq!(state, "__Host-poterne-state-lindenhof=hash; SameSite=None; Secure; Path=/; Max-Age=60");
        assert!(!set(&demo, "x", "y", Duration::ZERO).unwrap().to_str().unwrap().contains("Secure"));
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, "a=1; poterne=x.y".parse().unwrap());
        assert_eq!(get(&headers, "poterne").as_deref(), Some("x.y"));
        assert_eq!(get(&headers, "potern"), None);
    }
}
