//! Where an answer may go: a registered redirect URI, byte for byte (RFC 9700 section 4.1.3, RFC 3986 section 6.2.1).

use crate::client::{ApplicationType, Client};
use serde::{Deserialize, Serialize};
use url::Url;

/// A redirect URI that was found among the client's registered ones: only to such a one may a browser be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RedirectUri(String);

impl RedirectUri {
    /// The URI.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The origin of a URI that a form can be posted to: that of http and https, as browsers write it.
    #[must_use]
    pub fn web_origin(&self) -> Option<String> {
        let url = Url::parse(&self.0).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        Some(url.origin().ascii_serialization())
    }
}

/// Why there is nowhere to redirect to. The person gets an error page instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RedirectRefusal {
    /// The request names none, and not exactly one is registered (RFC 6749 section 3.1.2.3).
    #[error("redirect_uri is missing")]
    Missing,
    /// The request names one that is not registered.
    #[error("redirect_uri is not registered for this client")]
    Unregistered,
}

/// Finds where the answer goes. An OpenID request always names it (OpenID Connect Core section 3.1.2.1), however many are registered.
pub fn resolve(client: &Client, requested: Option<&str>) -> Result<RedirectUri, RedirectRefusal> {
    let uri = requested.ok_or(RedirectRefusal::Missing)?;
    let known = client.redirect_uris.iter().any(|known| matches(client.application_type, known, uri));
    if known { Ok(RedirectUri(uri.to_owned())) } else { Err(RedirectRefusal::Unregistered) }
}

/// Finds where a logout leads back to: only a registered URI, byte for byte (RP-Initiated Logout section 3).
#[must_use]
pub fn resolve_post_logout(client: &Client, requested: &str) -> Option<RedirectUri> {
    client.post_logout_redirect_uris.iter().find(|known| *known == requested).cloned().map(RedirectUri)
}

fn matches(application_type: ApplicationType, registered: &str, requested: &str) -> bool {
    registered == requested
        || application_type == ApplicationType::Native
            && without_port(registered).is_some_and(|known| Some(known) == without_port(requested))
}

/// An http URI on a loopback address literal as what stands before and after its port (RFC 8252 section 7.3).
fn without_port(uri: &str) -> Option<(&str, &str)> {
    let host_len = ["http://127.0.0.1", "http://[::1]"].iter().find(|start| uri.starts_with(**start))?.len();
    let (host, rest) = uri.split_at_checked(host_len)?;
    let tail = match rest.strip_prefix(':') {
        None => rest,
        Some(rest) => {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let (port, tail) = rest.split_at_checked(digits)?;
            port.parse::<u16>().ok().filter(|port| *port != 0)?;
            tail
        }
    };
    // What follows the host is a path or a query, never more of a name such as `127.0.0.1.evil.example`.
    (tail.is_empty() || tail.starts_with(['/', '?'])).then_some((host, tail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::portal;
    use serde_json::json;

    const REGISTERED: &str = "https://flex.example/app/cb?tab=1";

    /// Every way we know to write another URI that somebody might take for the registered one.
    fn mutants() -> Vec<String> {
        let mut mutants = Vec::new();
        for at in 0..=REGISTERED.len() {
            for added in [".", "@", "\\", "%2f..", "\t", "a"] {
                mutants.push(format!("{}{added}{}", &REGISTERED[..at], &REGISTERED[at..]));
            }
        }
        for at in 0..REGISTERED.len() {
            mutants.push(format!("{}{}", &REGISTERED[..at], &REGISTERED[at + 1..]));
        }
        let written = [
            "https://flexxexample/app/cb?tab=1",
            "https://flex.example.evil.example/app/cb?tab=1",
            "https://evil.example/https://flex.example/app/cb?tab=1",
            "https://evilflex.example/app/cb?tab=1",
            "https://flex.example@evil.example/app/cb?tab=1",
            "https://evil.example\\@flex.example/app/cb?tab=1",
            "https://flex.example:443/app/cb?tab=1",
            "https://flex.example:8443/app/cb?tab=1",
            "HTTPS://flex.example/app/cb?tab=1",
            "https://FLEX.example/app/cb?tab=1",
            "https://fl%65x.example/app/cb?tab=1",
            "https://flex.example/app/CB?tab=1",
            "https://flex.example/app/cb?tab=1#",
            "https://flex.example/app/cb?tab=1#x",
            "https://flex.example/app/cb?tab=1&x=2",
            "https://flex.example/app/cb?tab=2",
            "https://flex.example/app/cb?",
            "https://flex.example/app/cb",
            "https://flex.example/app/cb/?tab=1",
            "https://flex.example/app/x/../cb?tab=1",
            "https://flex.example/app/./cb?tab=1",
            "https://flex.example//app/cb?tab=1",
            "https://flex.example/app%2Fcb?tab=1",
            "https://fl\u{435}x.example/app/cb?tab=1",
            "https://xn--flx-8cd.example/app/cb?tab=1",
            "http://flex.example/app/cb?tab=1",
            "//flex.example/app/cb?tab=1",
            "/app/cb?tab=1",
            "javascript:alert(1)",
            " https://flex.example/app/cb?tab=1",
            "https://flex.example/app/cb?tab=1\r\nX: y",
            "https://flex.example/app/cb?tab=1 ",
            "https://*.example/app/cb?tab=1",
            "",
        ];
        mutants.extend(written.map(str::to_owned));
        mutants
    }

    #[test]
    fn b1_1_no_mutant_of_a_registered_uri_passes() {
        let mutants = mutants();
        assert!(mutants.len() >= 200);
        for kind in ["web", "native"] {
            let client = portal(&json!({"redirect_uris": [REGISTERED], "application_type": kind}));
            for mutant in mutants.iter().filter(|mutant| *mutant != REGISTERED) {
                assert_eq!(resolve(&client, Some(mutant)), Err(RedirectRefusal::Unregistered), "{mutant:?}");
            }
            assert_eq!(resolve(&client, Some(REGISTERED)).unwrap().as_str(), REGISTERED);
        }
    }

    #[test]
    fn rfc8252_7_3_a_native_client_may_vary_the_port_on_loopback_literals() {
        let registered = json!([
            "http://127.0.0.1/cb",
            "http://[::1]:1234/cb?a",
            "http://localhost/cb",
            "https://127.0.0.1/s",
            "http://127.0.0.1.a.example/cb"
        ]);
        let native = portal(&json!({"redirect_uris": registered, "application_type": "native"}));
        let web = portal(&json!({"redirect_uris": registered}));
        for (uri, passes) in [
            ("http://127.0.0.1:51004/cb", true),
            ("http://127.0.0.1:1/cb", true),
            ("http://[::1]:51004/cb?a", true),
            ("http://[::1]/cb?a", true),
            ("http://127.0.0.1:0/cb", false),
            ("http://127.0.0.1:65536/cb", false),
            ("http://127.0.0.1:/cb", false),
            ("http://127.0.0.1:+80/cb", false),
            ("http://127.0.0.1:80@evil.example/cb", false),
            ("http://127.0.0.1:80.evil.example/cb", false),
            ("http://127.0.0.1.evil.example/cb", false),
            ("http://127.0.0.1:80.a.example/cb", false),
            ("http://127.0.0.1:80/cb/", false),
            ("http://127.0.0.1:80/cb?a", false),
            ("http://127.0.0.2:80/cb", false),
            ("http://localhost:80/cb", false),
            ("https://127.0.0.1:80/s", false),
            ("http://[::1]:51004/cb", false),
        ] {
            assert_eq!(resolve(&native, Some(uri)).is_ok(), passes, "{uri}");
            assert_eq!(resolve(&web, Some(uri)), Err(RedirectRefusal::Unregistered), "{uri}");
        }
    }

    #[test]
    fn core_3_1_2_1_a_request_names_its_redirect_uri_however_many_are_registered() {
        for registered in
            [json!([]), json!(["https://flex.example/1"]), json!(["https://flex.example/1", "https://flex.example/2"])]
        {
            let client = portal(&json!({"redirect_uris": registered}));
            assert_eq!(resolve(&client, None), Err(RedirectRefusal::Missing), "{registered}");
        }
    }

    #[test]
    fn rp_initiated_logout_3_the_way_back_is_registered_byte_for_byte() {
        let client = portal(&json!({}));
        assert_eq!(resolve_post_logout(&client, "https://flex.example/bye").unwrap().as_str(), "https://flex.example/bye");
        for foreign in
            ["https://flex.example/bye?x", "https://flex.example/cb", "https://evil.example/bye", "//flex.example/bye", ""]
        {
            assert_eq!(resolve_post_logout(&client, foreign), None, "{foreign}");
        }
    }
}
