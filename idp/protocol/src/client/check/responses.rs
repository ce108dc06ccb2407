//! Whether response types and grant types fit together, and what comes of tokens in the front channel.

use super::Mistake;
use crate::client::{ApplicationType, Client, GrantType};
use url::Url;

pub(super) fn check(client: &Client, mistakes: &mut Vec<Mistake>) {
    if client.response_types.is_empty() {
        mistakes.push(Mistake::NoResponseType);
    }
    // OpenID Connect Registration section 2, `response_types`.
    for grant in [GrantType::AuthorizationCode, GrantType::Implicit] {
        let needs = client.response_types.iter().find(|response_type| match grant {
            GrantType::AuthorizationCode => response_type.has_code(),
            _ => response_type.has_id_token() || response_type.has_token(),
        });
        if let Some(response_type) = needs.filter(|_| !client.grant_types.contains(&grant)) {
            mistakes.push(Mistake::ResponseWithoutGrant { response_type: response_type.as_str(), grant: grant.as_str() });
        }
    }
    // The same, `application_type`: what travels in an address goes to a web server by https, and never to whoever is `localhost`.
    if client.grant_types.contains(&GrantType::Implicit) && client.application_type == ApplicationType::Web {
        let open = |uri: &&String| {
            Url::parse(uri).is_ok_and(|url| url.scheme() == "http" || url.host_str().is_some_and(|host| host == "localhost"))
        };
        mistakes.extend(client.redirect_uris.iter().find(open).map(|uri| Mistake::ImplicitInTheOpen(uri.clone())));
    }
}
