//! What a realm lets clients register of themselves.

use crate::claims;
use crate::client::{Client, ClientAuthMethod, GrantType, Mistake, ResponseType};
use crate::jose::Algorithm;
use crate::scope::{SUPPORTED, Scope};
use serde::{Deserialize, Serialize};
use url::Url;

/// A realm's policy for clients that register themselves, as its operator writes it. What is left out is as safe as it can be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "the specifications have so many members that are yes or no")]
pub struct Policy {
    /// Whether anybody may register; otherwise an initial access token is asked for (RFC 7591 section 3).
    pub open: bool,
    /// Whether clients that registered themselves must use PKCE. Public ones must in any case.
    pub require_pkce: bool,
    /// Whether their `sub` may be public, and is unless they ask otherwise; if not, it is pairwise.
    pub public_subjects: bool,
    /// Whether web clients may live on the machine of whoever tests them: on localhost, and there by http. Otherwise only native ones may.
    pub loopback: bool,
    /// The schemes of redirect URIs; empty means https, http of native clients on loopback, and native clients' own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub redirect_schemes: Vec<String>,
    /// The hosts of redirect URIs, as they are or as `*.example.ch` for all below one; empty means any. Native clients on loopback need
    /// no mention.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub redirect_hosts: Vec<String>,
    /// The scopes that they may have, and do unless they ask for fewer.
    pub scope: Scope,
    /// How they may prove who they are.
    pub auth_methods: Vec<ClientAuthMethod>,
    /// The grants that they may have.
    pub grant_types: Vec<GrantType>,
    /// The response types that they may have.
    pub response_types: Vec<ResponseType>,
    /// What may sign their tokens; empty means whatever the realm has keys for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub algorithms: Vec<Algorithm>,
    /// Days after which their secrets end; 0 means never. An update brings a new one.
    pub secret_days: u32,
    /// Registrations and updates from one address in an hour; 0 means no limit. Without knowing addresses there is none.
    pub per_address: u32,
    /// Registrations with one initial access token in an hour; 0 means no limit.
    pub per_token: u32,
    /// How many there may be.
    pub most_clients: u32,
    /// Days after which one is removed that nobody uses; 0 means never.
    pub unused_days: u32,
}

impl Default for Policy {
    fn default() -> Self {
        let scope = SUPPORTED.iter().copied().filter(|word| *word != claims::DOMAIN).collect::<Vec<_>>().join(" ");
        Self {
            open: false,
            require_pkce: true,
            public_subjects: false,
            loopback: false,
            redirect_schemes: Vec::new(),
            redirect_hosts: Vec::new(),
            scope: Scope::parse(&scope).unwrap_or_default(),
            auth_methods: ClientAuthMethod::ALL.to_vec(),
            grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::Implicit],
            response_types: ResponseType::ALL.to_vec(),
            algorithms: Vec::new(),
            secret_days: 0,
            per_address: 20,
            per_token: 0,
            most_clients: 1_000,
            unused_days: 90,
        }
    }
}

impl Policy {
    /// The first thing of a registration that this realm does not let clients have, with its member.
    pub(super) fn objection(&self, client: &Client, algorithms: &[Algorithm]) -> Option<Mistake> {
        let allowed = |key, fine: bool| (!fine).then_some(Mistake::Member { key, fault: "is not open to registration here" });
        let signs = |algorithm: Algorithm| {
            algorithms.contains(&algorithm) && (self.algorithms.is_empty() || self.algorithms.contains(&algorithm))
        };
        let method = self.auth_methods.contains(&client.token_endpoint_auth_method);
        allowed("token_endpoint_auth_method", method)
            .or_else(|| allowed("grant_types", client.grant_types.iter().all(|grant| self.grant_types.contains(grant))))
            .or_else(|| allowed("response_types", client.response_types.iter().all(|kind| self.response_types.contains(kind))))
            .or_else(|| allowed("id_token_signed_response_alg", signs(client.id_token_signed_response_alg)))
            .or_else(|| allowed("userinfo_signed_response_alg", client.userinfo_signed_response_alg.is_none_or(signs)))
    }

    /// The first redirect URI that this realm does not let such a client have.
    pub(super) fn redirect_objection<'a>(&self, client: &'a Client, native: bool) -> Option<(&'a str, &'static str)> {
        let named = client.redirect_uris.iter().chain(&client.post_logout_redirect_uris);
        named.map(String::as_str).find_map(|uri| Some((uri, self.place_fault(&Url::parse(uri).ok()?, native)?)))
    }

    fn place_fault(&self, url: &Url, native: bool) -> Option<&'static str> {
        let (scheme, loopback) = (url.scheme(), crate::client::is_loopback(url));
        // OpenID Connect Registration section 2: http is for native clients on loopback.
        if scheme == "http" && !(loopback && (native || self.loopback)) {
            return Some("must be https: http is for native clients on loopback");
        }
        if loopback && !native && !self.loopback {
            return Some("must not be on loopback: that is for native clients");
        }
        if !self.redirect_schemes.is_empty() && !self.redirect_schemes.iter().any(|known| known == scheme) {
            return Some("has a scheme that is not open to registration here");
        }
        let web = matches!(scheme, "http" | "https");
        let exempt = !web || loopback && (native || self.loopback);
        if exempt || self.redirect_hosts.is_empty() || url.host_str().is_some_and(|host| self.is_open_to(host)) {
            return None;
        }
        Some("has a host that is not open to registration here")
    }

    fn is_open_to(&self, host: &str) -> bool {
        self.redirect_hosts.iter().any(|known| match known.strip_prefix("*.") {
            Some(above) => host.strip_suffix(above).is_some_and(|below| below.len() > 1 && below.ends_with('.')),
            None => known == host,
        })
    }
}
