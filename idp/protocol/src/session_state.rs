//! `session_state` (OpenID Connect Session Management 1.0 section 3.2): by it a page of the provider in a frame tells a portal's page
//! whether the person at this browser is still the one who signed in there.

use crate::secret::Digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::Url;

/// The value of `session_state`: a hash of the client, its page's origin, what the browser knows of the session, and a salt; then the salt.
/// `None` where the redirect URI has no origin, as those of native clients.
#[must_use]
pub fn session_state(client_id: &str, redirect_uri: &str, browser_state: &str, salt: &str) -> Option<String> {
    let origin = origin(redirect_uri)?;
    let hashed = Digest::of(format!("{client_id} {origin} {browser_state} {salt}").as_bytes());
    Some(format!("{}.{salt}", URL_SAFE_NO_PAD.encode(hashed.as_bytes())))
}

/// What a browser is given to know of a session: a hash of what no page is ever told.
#[must_use]
pub fn browser_state(session: &[u8], browser: &[u8]) -> String {
    let hashed = Digest::of(&[b"browser state".as_slice(), session, browser].concat());
    URL_SAFE_NO_PAD.encode(hashed.as_bytes())
}

/// The origin of a web page, as browsers write it.
#[must_use]
pub fn origin(uri: &str) -> Option<String> {
    let origin = Url::parse(uri).ok()?.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_management_3_2_it_is_a_hash_with_its_salt() {
        // SHA-256 of «flex https://flex.example state salt».
        let expected = URL_SAFE_NO_PAD.encode(Digest::of(b"flex https://flex.example state salt").as_bytes()) + ".salt";
        for redirect_uri in ["https://flex.example/cb", "https://flex.example:443/cb?x=1", "https://FLEX.example/"] {
            assert_eq!(
                session_state("flex", redirect_uri, "state", "salt").as_deref(),
                Some(expected.as_str()),
                "{redirect_uri}"
            );
        }
        assert!(!expected.contains(' '), "section 3.1: the message to the frame is split at the space");
        assert_eq!(session_state("app", "ch.example.app:/cb", "state", "salt"), None);
    }

    #[test]
    fn session_management_3_2_every_part_counts() {
        let of = |client_id, uri, state, salt| session_state(client_id, uri, state, salt).unwrap();
        let first = of("flex", "https://flex.example/cb", "state", "salt");
        for other in [
            of("1e", "https://flex.example/cb", "state", "salt"),
            of("flex", "https://1e.example/cb", "state", "salt"),
            of("flex", "https://flex.example:8443/cb", "state", "salt"),
            of("flex", "https://flex.example/cb", "other", "salt"),
            of("flex", "https://flex.example/cb", "state", "pepper"),
        ] {
            assert_ne!(first, other);
        }
    }

    #[test]
    fn the_browser_state_is_another_one_for_each_session_and_browser() {
        assert_ne!(browser_state(b"one", b"browser"), browser_state(b"two", b"browser"));
        assert_ne!(browser_state(b"one", b"browser"), browser_state(b"one", b"other"));
        assert_eq!(browser_state(b"one", b"browser").len(), 43);
    }
}
