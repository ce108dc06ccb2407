//! What a portal's answer means, and what the page shows of it: pure.

use crate::operations::outbox::MessageState;
use url::Url;

/// What a portal's server said to a logout token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It has ended its session.
    Told,
    /// It does not take this token: another try would bring no other answer.
    Refused,
    /// It could not, now.
    Later,
}

/// Reads the status (Back-Channel Logout section 2.8): 200, or 204 as some frameworks make of it; 400 where the token was not accepted or the
/// logout failed.
pub(super) const fn verdict(status: u16) -> Verdict {
    match status {
        200 | 204 => Verdict::Told,
        400 => Verdict::Refused,
        _ => Verdict::Later,
    }
}

/// A portal of a session that ended, on the page after signing out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It was told.
    Told,
    /// It is being told.
    Trying,
    /// It could not be told.
    Failed,
}

/// Where a portal stands by its message.
pub(super) const fn standing(state: MessageState) -> Standing {
    match state {
        MessageState::Delivered => Standing::Told,
        MessageState::Queued | MessageState::Sending => Standing::Trying,
        MessageState::Expired | MessageState::Dead => Standing::Failed,
    }
}

/// A frame's source for the page's policy: scheme, host, port and path, without the query, which a policy cannot hold. `;` and `,` would end
/// the directive or the policy (Content Security Policy Level 3 section 2.3.1).
pub(super) fn frame_source(uri: &str) -> Option<String> {
    let url = Url::parse(uri).ok().filter(|url| matches!(url.scheme(), "https" | "http"))?;
    let path = url.path().replace(';', "%3B").replace(',', "%2C");
    Some(format!("{}{path}", url.origin().ascii_serialization()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_channel_2_8_only_200_is_told_and_only_400_is_final() {
        for (status, expected) in [
            (200, Verdict::Told),
            (204, Verdict::Told),
            (201, Verdict::Later),
            (302, Verdict::Later),
            (400, Verdict::Refused),
            (401, Verdict::Later),
            (404, Verdict::Later),
            (429, Verdict::Later),
            (500, Verdict::Later),
            (501, Verdict::Later),
            (503, Verdict::Later),
        ] {
            assert_eq!(verdict(status), expected, "{status}");
        }
    }

    #[test]
    fn what_waits_is_being_told_and_what_was_given_up_is_not() {
        let all = MessageState::ALL.map(standing);
        assert_eq!(all, [Standing::Trying, Standing::Trying, Standing::Told, Standing::Failed, Standing::Failed]);
    }

    #[test]
    fn a_policy_names_exactly_the_page_and_cannot_be_broken_out_of() {
        for (uri, source) in [
            ("https://a.example/out?iss=x&sid=y", Some("https://a.example/out")),
            ("https://a.example:8443", Some("https://a.example:8443/")),
            ("https://a.example/o;script-src *,default-src *", Some("https://a.example/o%3Bscript-src%20*%2Cdefault-src%20*")),
            ("javascript:alert(1)", None),
            ("nonsense", None),
        ] {
            assert_eq!(frame_source(uri).as_deref(), source, "{uri}");
        }
    }
}
