//! Where a person is brought after signing in: a page of this portal, never another site.

use url::Url;

/// Longer addresses are cut to the start page; ours are short.
const LONGEST: usize = 512;

/// `wanted` if it is a path (with its query) of this portal, else the start page. An open redirect would let a stranger's link
/// end on a copy of the portal (RFC 9700, section 4.11).
pub(crate) fn local_path(wanted: &str, public_url: &Url) -> String {
    let start = || "/".to_owned();
    let odd = |c: char| c == '\\' || c.is_control() || c.is_whitespace();
    if wanted.len() > LONGEST || !wanted.starts_with('/') || wanted.starts_with("//") || wanted.contains(odd) {
        return start();
    }
    let Ok(target) = public_url.join(wanted) else { return start() };
    // Joining resolves `..`; what is left may not leave the origin, nor start a step of the sign-in once more.
    if target.origin() != public_url.origin() || target.path().starts_with("//") {
        return start();
    }
    if ["/login", "/callback", "/logout", "/language"].contains(&target.path()) {
        return start();
    }
    target.query().map_or_else(|| target.path().to_owned(), |query| format!("{}?{query}", target.path()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(wanted: &str) -> String {
        local_path(wanted, &Url::parse("https://flex.example").unwrap())
    }

    #[test]
    fn a_page_of_the_portal_is_returned_to() {
        assert_eq!(path("/"), "/");
        assert_eq!(path("/certificate?year=2026"), "/certificate?year=2026");
        assert_eq!(path("/a/../b"), "/b");
    }

    #[test]
    fn another_site_is_never_returned_to() {
        for wanted in [
            "",
            "https://evil.example/",
            "//evil.example/",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/..//evil.example",
            "javascript:alert(1)",
            "evil.example",
            "/\r\nLocation: https://evil.example",
        ] {
            assert_eq!(path(wanted), "/", "{wanted:?}");
        }
    }

    #[test]
    fn a_step_of_the_sign_in_is_not_returned_to() {
        for wanted in ["/login", "/callback?code=x&state=y", "/logout", "/x/../callback"] {
            assert_eq!(path(wanted), "/", "{wanted:?}");
        }
    }

    #[test]
    fn an_endless_address_is_cut_to_the_start_page() {
        assert_eq!(path(&format!("/{}", "a".repeat(LONGEST))), "/");
    }
}
