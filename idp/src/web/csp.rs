//! The content security policy, each directive under its reason.

/// The kinds of HTML the provider serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CspKind {
    /// Sign-in, enrollment and other steps on the way back to a portal.
    Flow,
    /// Pages from which no redirect leads away: error pages, account pages.
    Still,
}

/// The `Content-Security-Policy` of a page.
#[must_use]
pub fn policy(kind: CspKind) -> String {
    let mut directives = vec![
        // Nothing unless it is named below.
        "default-src 'none'",
        // Our own files only; there is no inline script and no inline style, so neither nonce nor hash.
        "script-src 'self'",
        "style-src 'self'",
        // The realm's logo; QR codes are inline SVG and need no permission.
        "img-src 'self'",
        // No <base> may bend our relative links.
        "base-uri 'none'",
        // Nobody may frame a page that takes a password (RFC 9700 section 4.16).
        "frame-ancestors 'none'",
        // Scripts may not turn text into markup.
        "require-trusted-types-for 'script'",
    ];
    if kind == CspKind::Still {
        // Not on flow pages: browsers apply it to the whole redirect chain after a form post and would stop the way back. Nor on the page
        // that posts an answer to a portal: its one form, escaped in every part, goes to a registered address, and from there the portal
        // may send the browser on to any origin, or to an app of another scheme. A list of them would be a guess that breaks some.
        directives.push("form-action 'self'");
    }
    directives.join("; ")
}

/// Whether a source can stand in a policy and mean itself alone: scheme, a host of letters, digits, `-` and `.` or an address, port, and
/// perhaps a path without what ends a source, a directive or a policy (Content Security Policy Level 3 sections 2.2.1 and 2.3.1).
fn is_plain(source: &str) -> bool {
    let Some((scheme, rest)) = source.split_once("://") else { return false };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let name = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:[]".contains(&byte);
    let in_path = |byte: u8| byte.is_ascii_graphic() && !b";,".contains(&byte);
    matches!(scheme, "https" | "http") && !authority.is_empty() && authority.bytes().all(name) && path.bytes().all(in_path)
}

/// The plain ones of these, as a directive lists them.
fn listed(sources: &[String]) -> String {
    let plain: Vec<&str> = sources.iter().map(String::as_str).filter(|source| is_plain(source)).collect();
    if plain.is_empty() { "'none'".to_owned() } else { plain.join(" ") }
}

/// The policy of the page after signing out that loads the portals' own pages: exactly these, each scheme, host, port and path
/// (Front-Channel Logout section 3). Everything else is as on any page of a flow.
#[must_use]
pub fn with_frames(sources: &[String]) -> String {
    format!("{}; frame-src {}", policy(CspKind::Flow), listed(sources))
}

/// The policy of the one page that may be framed, by these origins: portals watch the session with it (Session Management section 3.3). It takes
/// no password, has no form and no link, and answers only its own client.
#[must_use]
pub fn framed_by(origins: &[String]) -> String {
    policy(CspKind::Still).replace("frame-ancestors 'none'", &format!("frame-ancestors {}", listed(origins)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_inline_and_no_form_action_on_the_way_back_to_a_portal() {
        for kind in [CspKind::Flow, CspKind::Still] {
            assert!(!policy(kind).contains("unsafe"), "{kind:?}");
            assert!(policy(kind).contains("frame-ancestors 'none'"), "{kind:?}");
        }
        assert!(!policy(CspKind::Flow).contains("form-action"));
        assert!(policy(CspKind::Still).contains("form-action 'self'"));
    }

    #[test]
    fn the_page_after_signing_out_frames_exactly_the_portals_pages() {
        let sources = ["https://a.example/out".to_owned(), "https://b.example:8443/".to_owned()];
        let policy = with_frames(&sources);
        assert!(policy.ends_with("; frame-src https://a.example/out https://b.example:8443/"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("default-src 'none'"));
    }

    #[test]
    fn whatever_stands_in_a_host_adds_nothing_to_a_policy() {
        for hostile in [
            "https://a.example;script-src",
            "https://a.example,default-src",
            "https://*.example",
            "https://*",
            "https://a!b.example",
            "https://a.example *",
            "https://a.example/x;y",
            "https:",
            "*",
            "'self'",
            "data:,x",
            "",
        ] {
            let sources = ["https://a.example".to_owned(), hostile.to_owned()];
            assert_eq!(framed_by(&sources), framed_by(&sources[..1]), "{hostile}");
            assert_eq!(with_frames(&sources), with_frames(&sources[..1]), "{hostile}");
            assert!(framed_by(&sources[1..]).contains("; frame-ancestors 'none';"), "{hostile}");
        }
    }

    #[test]
    fn session_management_3_3_only_the_realms_clients_may_frame_the_page() {
        assert!(framed_by(&["https://a.example".to_owned()]).contains("; frame-ancestors https://a.example;"));
        assert!(framed_by(&[]).contains("frame-ancestors 'none'"));
    }
}
