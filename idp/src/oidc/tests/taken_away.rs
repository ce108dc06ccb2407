//! What an operator takes from a client while a person signs in, or later, is no longer given to it: scopes as well as claims.

use super::{World, flex_has};
use crate::oidc::authorize::tests::{flow_of, prove};
use poterne_protocol::scope::Scope;
use serde_json::Value;

async fn may(world: &World, scope: &str) {
    flex_has(world, |flex| flex.scope = Scope::parse(scope).unwrap()).await;
}

/// What userinfo says to this token.
async fn told(world: &World, tokens: &Value) -> Value {
    let answer = world.userinfo(tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

#[tokio::test]
async fn a_scope_that_is_taken_away_during_the_sign_in_is_not_granted() {
    for world in World::everywhere().await {
        let marie = world.person("Marie").await;
        let mut browser = world.signed_in(marie).await;
        may(&world, "openid profile email offline_access").await;
        let asked = World::request("flex", &[("prompt", "login"), ("scope", "openid profile email offline_access")]);
        let flow = flow_of(world.open(&mut browser, &format!("/authorize?{asked}")).await.location());
        may(&world, "openid profile").await;
        prove(&world, &mut browser, flow, marie).await;
        let code = world.open(&mut browser, &format!("/authorize?flow={flow}")).await.param("code").unwrap();
        may(&world, "openid profile email offline_access").await;
        let tokens = world.redeem("flex", &code).await.json();
        assert_eq!(tokens["scope"], "openid profile", "what was not granted does not come back with the registration");
        let info = told(&world, &tokens).await;
        assert!(info.get("email").is_none() && info["family_name"] == "Favre", "{info}");
    }
}

#[tokio::test]
async fn a_scope_that_is_taken_away_before_the_code_is_used_is_not_in_the_tokens() {
    for world in World::everywhere().await {
        let mut browser = world.signed_in(world.person("Marie").await).await;
        let code = world.code(&mut browser, "flex", &[("scope", "openid profile email")]).await;
        may(&world, "openid profile").await;
        let tokens = world.redeem("flex", &code).await.json();
        assert_eq!(tokens["scope"], "openid profile", "{tokens}");
        assert!(told(&world, &tokens).await.get("email").is_none());
        may(&world, "openid").await;
        let info = told(&world, &tokens).await;
        assert_eq!(info.as_object().unwrap().keys().collect::<Vec<_>>(), ["sub"], "at once, whatever the token says");
    }
}

#[tokio::test]
async fn without_openid_nothing_of_a_person_is_told() {
    for world in World::everywhere().await {
        let marie = world.person("Marie").await;
        let mut browser = world.signed_in(marie).await;
        let tokens = world.tokens(&mut browser, "flex", &[]).await;
        let code = world.code(&mut browser, "flex", &[]).await;
        let asked = World::request("flex", &[("prompt", "login")]);
        let flow = flow_of(world.open(&mut browser, &format!("/authorize?{asked}")).await.location());
        prove(&world, &mut browser, flow, marie).await;
        may(&world, "profile").await;
        let back = world.open(&mut browser, &format!("/authorize?flow={flow}")).await;
        assert_eq!(back.param("error").as_deref(), Some("invalid_scope"));
        assert_eq!(world.redeem("flex", &code).await.error(), (400, "invalid_scope".to_owned()));
        assert_eq!(
            world.userinfo(tokens["access_token"].as_str().unwrap()).await.error(),
            (403, "insufficient_scope".to_owned())
        );
        may(&world, "openid").await;
        assert_eq!(world.redeem("flex", &code).await.status, 200, "the code was not spent");
    }
}
