//! A signing key that leaked, taken out at one node while another one signs and verifies on the same database.

use crate::support::flows;
use crate::support::portal::{Answer, Portal};
use crate::support::world::SLUG;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use poterne_protocol::jose::jws::{TokenType, verify};
use poterne_protocol::jose::keyset::KeySet;
use serde_json::Value;

/// The seconds in which every node must have followed (security page, B3).
const WITHIN: u64 = 60;

fn kid(token: &str) -> String {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().expect("a header")).expect("base64url");
    let header: Value = serde_json::from_slice(&header).expect("JSON");
    header["kid"].as_str().expect("a name").to_owned()
}

async fn published(node: &Portal) -> KeySet {
    serde_json::from_value(node.get("/jwks").await.json).expect("a key set")
}

/// What an answer of the token endpoint was signed with.
fn signed_by(tokens: &Answer) -> [String; 2] {
    ["id_token", "access_token"].map(|name| kid(&tokens.text(name)))
}

flows! {
    async fn a_key_that_leaked_is_worth_nothing_at_any_node_within_a_minute(world) {
        let here = world.flex().await;
        let marie = world.marie_with_account(&here).await;
        let (_db, _idp, routes) = world.beside().await;
        let there = Portal::at(routes.clone(), &world.issuer, here.client_id, here.secret.clone(), here.home);
        let mut browser = world.browser();
        browser.sign_in_by_sms(world, &marie, &here).await;
        let first = here.tokens_from(&browser.page).await;
        let tokens = there.refresh(&first.text("refresh_token")).await;
        let leaked = signed_by(&tokens);
        assert_eq!(leaked, signed_by(&first), "both nodes sign with the same keys");
        for node in [&here, &there] {
            assert_eq!(node.userinfo(&tokens.text("access_token")).await.status, 200);
            let keys = published(node).await;
            assert!(leaked.iter().all(|kid| keys.find(kid).is_some()), "{keys:?}");
        }

        for kid in &leaked {
            world.manage().withdraw_signing_key(SLUG, kid).await.expect("it is withdrawn");
        }
        // Whatever the other node still signs meanwhile is worth as little as the rest.
        let meanwhile = there.refresh(&first.text("refresh_token")).await;
        world.wait(WITHIN);
        for node in [&there, &here] {
            let keys = published(node).await;
            assert!(leaked.iter().all(|kid| keys.find(kid).is_none()), "it is published no more: {keys:?}");
            for tokens in [&first, &tokens, &meanwhile] {
                let access = tokens.text("access_token");
                let forged = leaked.contains(&kid(&access));
                assert_eq!(node.userinfo(&access).await.status, if forged { 401 } else { 200 });
            }
        }

        // The other node signs on, with keys that both publish, and its people are signed in still.
        let renewed = there.refresh(&first.text("refresh_token")).await;
        assert!(signed_by(&renewed).iter().all(|kid| !leaked.contains(kid)), "{:?}", signed_by(&renewed));
        for node in [&there, &here] {
            let keys = published(node).await;
            assert!(verify::<Value>(&renewed.text("id_token"), TokenType::IdToken, &keys).is_ok());
            assert!(verify::<Value>(&renewed.text("access_token"), TokenType::AccessToken, &keys).is_ok());
            assert_eq!(node.userinfo(&renewed.text("access_token")).await.status, 200);
        }
        let mut elsewhere = browser.clone();
        elsewhere.route_to(routes);
        let silent = there.sign_in_with(&[("prompt", "none")]);
        assert!(elsewhere.visit(&silent).await.parameter("code").is_some(), "{}", elsewhere.page.url);
        let hinted = there.sign_in_with(&[("prompt", "none"), ("id_token_hint", &first.text("id_token"))]);
        assert!(elsewhere.visit(&hinted).await.parameter("error").is_some(), "no hint either: {}", elsewhere.page.url);
        assert_eq!(world.events("key.withdrawn").await, 2);
    }
}
