//! What can be wrong with a registration, found before the client is ever used.

mod keys;
mod members;
mod responses;
mod tokens;

use super::{ApplicationType, Client, GrantType, SubjectType, is_loopback};
use crate::jose::foreign::BadKeySet;
use crate::scope::{self, Scope};
use url::{Host, Url};

/// A mistake in a client's registration, in words for the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mistake {
    /// The identifier cannot stand in a request unharmed.
    #[error("client_id must be 1 to 100 letters, digits or -._~")]
    ClientId,
    /// People would see nothing.
    #[error("client_name is empty")]
    ClientName,
    /// No answer could ever go anywhere.
    #[error("redirect_uris is empty: a client of the authorization code grant needs one")]
    NoRedirectUri,
    /// A URI stands twice.
    #[error("{key}: {uri} stands twice")]
    Twice {
        /// The key of the document.
        key: &'static str,
        /// The URI.
        uri: String,
    },
    /// A URI cannot be used.
    #[error("{key}: {uri} {fault}")]
    Uri {
        /// The key of the document.
        key: &'static str,
        /// The URI.
        uri: String,
        /// What is wrong with it.
        fault: UriFault,
    },
    /// A pairwise `sub` needs a sector, and none can be told (OpenID Connect Core section 8.1).
    #[error(
        "sector (or sector_identifier_uri) must be named: the redirect URIs are on loopback, of a custom scheme, or of several hosts"
    )]
    NoSector,
    /// The sector is empty or has spaces.
    #[error("sector must be a name without spaces, such as a host")]
    Sector,
    /// Nobody could ever sign in.
    #[error("response_types is empty: a client that people sign in to needs one, such as code")]
    NoResponseType,
    /// A response type needs its grant (OpenID Connect Registration section 2).
    #[error("response_types holds {response_type}, so grant_types must hold {grant}")]
    ResponseWithoutGrant {
        /// The response type.
        response_type: &'static str,
        /// The grant that it needs.
        grant: &'static str,
    },
    /// Tokens in the address of a page that anybody on the way reads (OpenID Connect Registration section 2).
    #[error("redirect_uris: {0} must be https and not localhost for a web client with the grant implicit")]
    ImplicitInTheOpen(String),
    /// Nobody could say which keys are the right ones (RFC 7591 section 2).
    #[error("jwks and jwks_uri must not stand beside each other")]
    TwoKeySets,
    /// The client's keys cannot be used (RFC 7517 section 5).
    #[error("jwks: {0}")]
    Keys(BadKeySet),
    /// A member that cannot be as it is.
    #[error("{key} {fault}")]
    Member {
        /// The key of the document.
        key: &'static str,
        /// What is wrong with it.
        fault: &'static str,
    },
    /// Refresh tokens would never be issued (OpenID Connect Core section 11).
    #[error("scope has offline_access, but grant_types lacks refresh_token")]
    OfflineWithoutRefresh,
    /// No request of the client could be an OpenID request.
    #[error("scope must hold openid")]
    NoOpenid,
    /// A scope that the provider does not know would never be granted.
    #[error("scope holds {0}, which is not one of openid, profile, email, address, phone, poterne, offline_access")]
    UnknownScope(String),
    /// A client that proves nothing cannot act for itself (RFC 6749 section 4.4).
    #[error("client_credentials is for clients with a secret, not for token_endpoint_auth_method none")]
    PublicService,
    /// Nobody is ever sent back to a service.
    #[error("redirect_uris must be empty: no person signs in to a client of client_credentials alone")]
    ServiceWithRedirectUri,
    /// A scope of people's data.
    #[error("scope holds {0}, which concerns a person: a client of client_credentials alone has none")]
    PersonalScope(String),
    /// A resource cannot be named so (RFC 8707 section 2).
    #[error("{key}: {resource} is no absolute URI without fragment")]
    Resource {
        /// The key of the document.
        key: &'static str,
        /// What stands there.
        resource: String,
    },
    /// Nobody knows who asks (RFC 7662 section 2.1).
    #[error("serves_resources is for clients that prove who they are, not for token_endpoint_auth_method none")]
    PublicResource,
    /// Its tokens would have ended before they arrive.
    #[error("{0} is 0: leave it out for the realm's own")]
    NoLifetime(&'static str),
    /// A public client without PKCE is open to code injection (RFC 9700 section 2.1.1).
    #[error("require_pkce must stay on for a public client (token_endpoint_auth_method none)")]
    PublicWithoutPkce,
}

/// What is wrong with a URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UriFault {
    /// Not an absolute URI.
    #[error("is not an absolute URI")]
    NotAbsolute,
    /// Characters that a URI does not hold.
    #[error("holds characters that a URI may not")]
    Characters,
    /// Parsers of URLs read `https:a.example` and `https:///a.example` as `https://a.example`; browsers that are sent there, and readers that go
    /// by RFC 3986 section 3, do not.
    #[error("must begin with https:// (http:// on loopback) and its host")]
    Beginning,
    /// RFC 6749 section 3.1.2.
    #[error("has a fragment")]
    Fragment,
    /// A name or password before the host.
    #[error("has a user name")]
    UserInfo,
    /// A name that is none: `;`, `,`, `*` and the like mean something in the policies that name the host (RFC 1123 section 2.1).
    #[error("has a host with more than letters, digits, - and .")]
    Host,
    /// RFC 9700 section 2.6.
    #[error("is http outside loopback: use https")]
    Http,
    /// A custom scheme is for native clients, and is a domain name backwards (RFC 8252 section 7.1).
    #[error("has a scheme that only a native client may use, and only with a dot, such as ch.example.app")]
    Scheme,
}

pub(super) fn check(client: &Client) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    identity(client, &mut mistakes);
    uris(client, &mut mistakes);
    sector(client, &mut mistakes);
    grants(client, &mut mistakes);
    tokens::check(client, &mut mistakes);
    members::members(client, &mut mistakes);
    mistakes
}

fn identity(client: &Client, mistakes: &mut Vec<Mistake>) {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if !(1..=100).contains(&client.client_id.len()) || !client.client_id.bytes().all(unreserved) {
        mistakes.push(Mistake::ClientId);
    }
    if client.client_name.trim().is_empty() {
        mistakes.push(Mistake::ClientName);
    }
}

fn uris(client: &Client, mistakes: &mut Vec<Mistake>) {
    if client.redirect_uris.is_empty() && !client.is_service() {
        mistakes.push(Mistake::NoRedirectUri);
    }
    let native = client.application_type == ApplicationType::Native;
    for (key, uris) in
        [("redirect_uris", &client.redirect_uris), ("post_logout_redirect_uris", &client.post_logout_redirect_uris)]
    {
        for (at, uri) in uris.iter().enumerate() {
            if uris.iter().take(at).any(|other| other == uri) {
                mistakes.push(Mistake::Twice { key, uri: uri.clone() });
            }
            if let Some(fault) = uri_fault(uri, native) {
                mistakes.push(Mistake::Uri { key, uri: uri.clone(), fault });
            }
        }
    }
    let pages = [
        ("initiate_login_uri", &client.initiate_login_uri),
        ("client_uri", &client.client_uri),
        ("policy_uri", &client.policy_uri),
        ("tos_uri", &client.tos_uri),
    ];
    for (key, uri) in pages {
        if let Some((uri, fault)) = uri.as_ref().and_then(|uri| Some((uri, uri_fault(uri, false)?))) {
            mistakes.push(Mistake::Uri { key, uri: uri.clone(), fault });
        }
    }
}

fn uri_fault(uri: &str, native: bool) -> Option<UriFault> {
    if !uri.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte)) {
        return Some(UriFault::Characters);
    }
    let Ok(url) = Url::parse(uri) else { return Some(UriFault::NotAbsolute) };
    if matches!(url.scheme(), "https" | "http") && !begins_plainly(uri, url.scheme()) {
        return Some(UriFault::Beginning);
    }
    if uri.contains('#') {
        return Some(UriFault::Fragment);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Some(UriFault::UserInfo);
    }
    if matches!(url.scheme(), "https" | "http") && !has_plain_host(&url) {
        return Some(UriFault::Host);
    }
    match url.scheme() {
        "https" => None,
        "http" if is_loopback(&url) => None,
        "http" => Some(UriFault::Http),
        scheme if native && scheme.contains('.') => None,
        _ => Some(UriFault::Scheme),
    }
}

/// Whether the scheme stands there as it is read, and a host follows it.
fn begins_plainly(uri: &str, scheme: &str) -> bool {
    let rest = uri.strip_prefix(scheme).and_then(|rest| rest.strip_prefix("://"));
    rest.is_some_and(|rest| !rest.starts_with(['/', '?']))
}

/// Whether the host is an address, or a name of letters, digits, `-` and `.`: parsers of URLs let more through.
fn has_plain_host(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.'),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        None => false,
    }
}

/// A service asks for scopes of the resources it calls; what concerns people is not for it, nor is the end of their sessions.
fn service(client: &Client, mistakes: &mut Vec<Mistake>) {
    let logout = [
        ("frontchannel_logout_uri", &client.frontchannel_logout_uri),
        ("backchannel_logout_uri", &client.backchannel_logout_uri),
    ];
    let given = logout.into_iter().filter(|(_, uri)| uri.is_some());
    let fault = "is for clients that people sign in to, not for client_credentials alone";
    mistakes.extend(given.map(|(key, _)| Mistake::Member { key, fault }));
    if !client.redirect_uris.is_empty() {
        mistakes.push(Mistake::ServiceWithRedirectUri);
    }
    mistakes.extend(
        scope::SUPPORTED.iter().filter(|word| client.scope.contains(word)).map(|word| Mistake::PersonalScope((*word).to_owned())),
    );
}

fn sector(client: &Client, mistakes: &mut Vec<Mistake>) {
    if client.sector.as_ref().is_some_and(|sector| sector.is_empty() || !sector.bytes().all(|byte| byte.is_ascii_graphic())) {
        mistakes.push(Mistake::Sector);
    }
    let pairwise = client.subject_type == SubjectType::Pairwise;
    let faulty =
        mistakes.iter().any(|mistake| matches!(mistake, Mistake::NoRedirectUri | Mistake::Uri { key: "redirect_uris", .. }));
    if pairwise && !faulty && !client.is_service() && client.sector().is_none() {
        mistakes.push(Mistake::NoSector);
    }
}

fn grants(client: &Client, mistakes: &mut Vec<Mistake>) {
    let Client { grant_types, scope, .. } = client;
    if grant_types.contains(&GrantType::ClientCredentials) && client.is_public() {
        mistakes.push(Mistake::PublicService);
    }
    if client.is_service() {
        service(client, mistakes);
        return;
    }
    responses::check(client, mistakes);
    if scope.contains(scope::OFFLINE_ACCESS) && !grant_types.contains(&GrantType::RefreshToken) {
        mistakes.push(Mistake::OfflineWithoutRefresh);
    }
    mistakes.extend(scope_mistakes(scope));
    if client.is_public() && !client.require_pkce {
        mistakes.push(Mistake::PublicWithoutPkce);
    }
}

fn scope_mistakes(scope: &Scope) -> impl Iterator<Item = Mistake> {
    let missing = (!scope.contains(scope::OPENID)).then_some(Mistake::NoOpenid);
    let unknown = scope.words().filter(|word| !scope::SUPPORTED.contains(word));
    missing.into_iter().chain(unknown.map(|word| Mistake::UnknownScope(word.to_owned())))
}

#[cfg(test)]
mod tests {
    use crate::client::tests::portal;
    use serde_json::json;

    #[test]
    fn a_sound_registration_has_no_mistakes() {
        for changes in [
            json!({}),
            json!({"redirect_uris": ["http://localhost:8081/cb"], "sector": "lindenhof-flex"}),
            json!({"redirect_uris": ["ch.example.app:/cb", "http://127.0.0.1/cb", "http://[::1]/cb"], "application_type": "native",
                "post_logout_redirect_uris": ["ch.example.app:/bye"], "token_endpoint_auth_method": "none", "sector": "app"}),
            json!({"scope": "openid offline_access", "grant_types": ["authorization_code", "refresh_token"]}),
            json!({"redirect_uris": ["https://a.example/1", "https://b.example/2"], "subject_type": "public"}),
            json!({"response_types": ["id_token", "id_token token"], "grant_types": ["implicit"]}),
            json!({"response_types": ["code", "id_token code", "code token", "code id_token token"],
                "grant_types": ["authorization_code", "implicit"]}),
            json!({"response_types": ["code id_token"], "grant_types": ["authorization_code", "implicit"], "sector": "app",
                "redirect_uris": ["http://127.0.0.1/cb", "ch.example.app:/cb"], "application_type": "native"}),
        ] {
            assert_eq!(portal(&changes).check(), [], "{changes}");
        }
    }

    #[test]
    fn every_mistake_is_named_in_words() {
        for (changes, words) in [
            (json!({"client_id": "a b"}), "client_id must be"),
            (json!({"client_name": " "}), "client_name is empty"),
            (json!({"redirect_uris": []}), "redirect_uris is empty"),
            (json!({"redirect_uris": ["https://a.example/", "https://a.example/"]}), "https://a.example/ stands twice"),
            (json!({"redirect_uris": ["https://a.example/#x"]}), "redirect_uris: https://a.example/#x has a fragment"),
            (json!({"redirect_uris": ["https://a.example/#"]}), "has a fragment"),
            (json!({"redirect_uris": ["/cb"]}), "/cb is not an absolute URI"),
            (json!({"redirect_uris": ["https:a.example/cb"]}), "https:a.example/cb must begin with https://"),
            (json!({"redirect_uris": ["https:/a.example/cb"]}), "must begin with https://"),
            (json!({"redirect_uris": ["https:///a.example/cb"]}), "must begin with https://"),
            (json!({"redirect_uris": ["HTTPS://a.example/cb"]}), "must begin with https://"),
            (json!({"post_logout_redirect_uris": ["http:/127.0.0.1/bye"]}), "http:/127.0.0.1/bye must begin with"),
            (json!({"client_uri": "https:a.example"}), "client_uri: https:a.example must begin with"),
            (json!({"redirect_uris": ["https://a.example/é"]}), "characters"),
            (json!({"redirect_uris": ["https://a.example\\@b.example/"]}), "characters"),
            (json!({"redirect_uris": ["https://a@b.example/"]}), "has a user name"),
            (json!({"redirect_uris": ["https://a.example;script-src/cb"]}), "has a host with more than letters"),
            (json!({"redirect_uris": ["https://a,b.example/"]}), "has a host with more than letters"),
            (json!({"redirect_uris": ["https://*.example/"]}), "has a host with more than letters"),
            (json!({"redirect_uris": ["https://a!b'c.example/"]}), "has a host with more than letters"),
            (json!({"redirect_uris": ["https://a_b.example/"]}), "has a host with more than letters"),
            (json!({"post_logout_redirect_uris": ["https://*/"]}), "post_logout_redirect_uris: https://*/ has a host"),
            (json!({"client_uri": "https://a$b.example/"}), "client_uri: https://a$b.example/ has a host"),
            (json!({"redirect_uris": ["http://a.example/cb"]}), "is http outside loopback"),
            (json!({"redirect_uris": ["http://localhost.example/cb"]}), "is http outside loopback"),
            (json!({"redirect_uris": ["ch.example.app:/cb"], "sector": "app"}), "only a native client"),
            (
                json!({"redirect_uris": ["javascript:alert(1)"], "sector": "x", "application_type": "native"}),
                "only a native client",
            ),
            (json!({"redirect_uris": ["http://localhost:8081/cb"]}), "must be named"),
            (json!({"redirect_uris": ["https://a.example/1", "https://b.example/2"]}), "must be named"),
            (json!({"sector": ""}), "sector must be a name"),
            (json!({"post_logout_redirect_uris": ["http://a.example/"]}), "post_logout_redirect_uris: http://a.example/ is http"),
            (json!({"client_uri": "javascript:alert(1)"}), "client_uri: javascript:alert(1) has a scheme"),
            (json!({"tos_uri": "//evil.example"}), "is not an absolute URI"),
            (json!({"grant_types": ["refresh_token"]}), "grant_types must hold authorization_code"),
            (json!({"response_types": []}), "response_types is empty"),
            (json!({"response_types": ["id_token"]}), "response_types holds id_token, so grant_types must hold implicit"),
            (
                json!({"response_types": ["code token"], "grant_types": ["implicit"]}),
                "response_types holds code token, so grant_types must hold authorization_code",
            ),
            (
                json!({"grant_types": ["authorization_code", "implicit"], "redirect_uris": ["http://127.0.0.1/cb"], "sector": "x"}),
                "http://127.0.0.1/cb must be https and not localhost",
            ),
            (
                json!({"grant_types": ["authorization_code", "implicit"], "redirect_uris": ["https://localhost/cb"], "sector": "x"}),
                "https://localhost/cb must be https and not localhost",
            ),
            (json!({"scope": "openid offline_access"}), "grant_types lacks refresh_token"),
            (json!({"scope": "email"}), "scope must hold openid"),
            (json!({"scope": "openid emial"}), "scope holds emial"),
            (json!({"token_endpoint_auth_method": "none", "require_pkce": false}), "require_pkce must stay on"),
        ] {
            let said: Vec<String> = portal(&changes).check().iter().map(ToString::to_string).collect();
            assert!(said.len() == 1 && said[0].contains(words), "{changes}: {said:?}");
        }
    }
}
