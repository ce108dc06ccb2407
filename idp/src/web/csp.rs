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
        // Not on flow pages: browsers apply it to the whole redirect chain after a form post and would stop the way back.
        directives.push("form-action 'self'");
    }
    directives.join("; ")
}

/// The policy of a page whose one form posts an answer to a client at this origin, and nowhere else; our one script presses its button.
/// (`form-action` does not know IPv6 addresses: for a native client on `[::1]` the scheme must do.)
#[must_use]
pub fn posting_to(origin: &str) -> String {
    let target = if origin.contains('[') { origin.split_inclusive(':').next().unwrap_or_default() } else { origin };
    format!("{}; form-action {target}", policy(CspKind::Flow))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_for_a_portal_goes_to_its_origin_alone() {
        for (origin, target) in [("https://flex.example:8443", "https://flex.example:8443"), ("http://[::1]:51004", "http:")] {
            assert!(posting_to(origin).ends_with(&format!("; form-action {target}")), "{origin}");
            assert!(posting_to(origin).contains("frame-ancestors 'none'"), "{origin}");
        }
    }

    #[test]
    fn nothing_inline_and_no_form_action_on_the_way_back_to_a_portal() {
        for kind in [CspKind::Flow, CspKind::Still] {
            assert!(!policy(kind).contains("unsafe"), "{kind:?}");
            assert!(policy(kind).contains("frame-ancestors 'none'"), "{kind:?}");
        }
        assert!(!policy(CspKind::Flow).contains("form-action"));
        assert!(policy(CspKind::Still).contains("form-action 'self'"));
    }
}
