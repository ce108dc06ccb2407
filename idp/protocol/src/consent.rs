//! What a person agreed that a client may have, and whether it is enough for what the client asks (OpenID Connect Core sections
//! 3.1.2.4 and 16.18; RFC 6749 section 10.2).

use crate::authorize::request::AuthorizationRequest;
use crate::claims::scope_of;
use crate::client::Client;
use crate::redirect::RedirectUri;
use crate::scope::Scope;
use std::collections::BTreeSet;

/// What a client asks for, or what a person agreed to: the same things.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Agreed {
    /// Words of the scope.
    pub scope: Scope,
    /// Claims by name, beside those that the scope opens.
    pub claims: BTreeSet<String>,
}

impl Agreed {
    /// What a request asks the person for. Where a claim is told, in the ID token or at userinfo, makes no difference to its person.
    #[must_use]
    pub fn asked(request: &AuthorizationRequest) -> Self {
        let wanted = &request.claims.wanted;
        let scope = request.scope.clone();
        let claims = wanted.id_token.union(&wanted.userinfo).filter(|name| !opens(&scope, name)).cloned().collect();
        Self { scope, claims }
    }

    /// Whether this is enough for that.
    #[must_use]
    pub fn covers(&self, asked: &Self) -> bool {
        let covered = |name: &String| self.claims.contains(name) || opens(&self.scope, name);
        asked.scope.is_within(&self.scope) && asked.claims.iter().all(covered)
    }

    /// Both together: who agrees to more does not take back what they agreed to before.
    #[must_use]
    pub fn and(&self, more: &Self) -> Self {
        let scope = self.scope.union(&more.scope);
        let claims = self.claims.union(&more.claims).filter(|name| !opens(&scope, name)).cloned().collect();
        Self { scope, claims }
    }
}

/// Whether the scope opens a claim.
fn opens(scope: &Scope, claim: &str) -> bool {
    scope_of(claim).is_some_and(|word| scope.contains(word))
}

/// Whether a person who agreed once need not be asked again for this client. Where anybody could claim to be the client, because it has
/// no secret and its answers come to no web site of its own, they are asked each time (RFC 6749 section 10.2, RFC 8252 section 8.6).
#[must_use]
pub fn is_remembered(client: &Client, redirect_uri: &RedirectUri) -> bool {
    !client.is_public() || redirect_uri.as_str().starts_with("https://")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::portal;
    use crate::redirect::resolve;
    use serde_json::json;

    fn agreed(scope: &str, claims: &[&str]) -> Agreed {
        Agreed { scope: Scope::parse(scope).unwrap(), claims: claims.iter().map(|name| (*name).to_owned()).collect() }
    }

    #[test]
    fn core_3_1_2_4_what_was_agreed_to_is_enough_for_as_much_and_for_less() {
        for (earlier, asked, enough) in [
            (agreed("openid", &[]), agreed("openid", &[]), true),
            (agreed("openid email", &[]), agreed("openid", &[]), true),
            (agreed("openid", &[]), agreed("openid email", &[]), false),
            (agreed("openid", &[]), agreed("openid", &["email"]), false),
            (agreed("openid", &["email"]), agreed("openid", &["email"]), true),
            (agreed("openid email", &[]), agreed("openid", &["email"]), true),
            (agreed("openid", &["email"]), agreed("openid email", &[]), false),
            (agreed("openid email", &[]), agreed("openid email offline_access", &[]), false),
        ] {
            assert_eq!(earlier.covers(&asked), enough, "{earlier:?} {asked:?}");
            assert!(earlier.and(&asked).covers(&asked) && earlier.and(&asked).covers(&earlier), "{earlier:?} {asked:?}");
        }
        assert_eq!(agreed("openid", &["email", "name"]).and(&agreed("email", &[])), agreed("openid email", &["name"]));
    }

    #[test]
    fn rfc8252_8_6_whoever_anybody_could_claim_to_be_is_asked_for_each_time() {
        let none = json!("none");
        for (method, uri, remembered) in [
            (json!("client_secret_basic"), "http://localhost:8081/cb", true),
            (none.clone(), "https://app.example/cb", true),
            (none.clone(), "http://127.0.0.1/cb", false),
            (none, "ch.example.app:/cb", false),
        ] {
            let client =
                portal(&json!({"redirect_uris": [uri], "token_endpoint_auth_method": method, "application_type": "native"}));
            assert_eq!(is_remembered(&client, &resolve(&client, Some(uri)).unwrap()), remembered, "{uri}");
        }
    }
}
