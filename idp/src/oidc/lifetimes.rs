//! How long what a client gets lives: as the client registered it, and never longer than the realm's policy.

use crate::realm::Realm;
use poterne_protocol::client::Client;
use std::time::Duration;

fn within(policy: Duration, seconds: Option<u32>) -> Duration {
    seconds.map_or(policy, |seconds| policy.min(Duration::from_secs(seconds.into())))
}

/// Of its access tokens.
#[must_use]
pub fn access_token(realm: &Realm, client: &Client) -> Duration {
    within(realm.policy().access_token(), client.access_token_seconds)
}

/// Of its ID tokens.
#[must_use]
pub fn id_token(realm: &Realm, client: &Client) -> Duration {
    within(realm.policy().id_token(), client.id_token_seconds)
}

/// Of its refresh tokens, since the grant began: no rotation makes them live longer.
#[must_use]
pub fn refresh_token(realm: &Realm, client: &Client) -> Duration {
    within(realm.policy().refresh_token(), client.refresh_token_seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_may_have_less_than_the_policy_and_never_more() {
        let policy = Duration::from_secs(300);
        for (asked, lives) in [(None, 300), (Some(60), 60), (Some(300), 300), (Some(3_000), 300)] {
            assert_eq!(within(policy, asked), Duration::from_secs(lives), "{asked:?}");
        }
    }
}
