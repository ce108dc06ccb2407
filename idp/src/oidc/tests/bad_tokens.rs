//! Every entrance that takes a token of ours, and every way to pass something off as one (`b2_19`: security page, B2 line 19).

use super::{Browser, ISSUER, World, encoded, quick};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use poterne_protocol::jose::jwk::{Curve, PublicKey};
use serde_json::{Value, json};

fn part(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

/// What somebody without our keys can make of a real token's header and payload.
fn forgeries(real: &str) -> Vec<(&'static str, String)> {
    let mut parts = real.split('.');
    let (header, payload) = (parts.next().unwrap(), parts.next().unwrap());
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let own = PublicKey::point(Curve::P256, pair.public_key().as_ref()).unwrap();
    let with = |more: Value| {
        let mut header = header.clone();
        header.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        format!("{}.{payload}", part(&header))
    };
    let by_own = |message: String| {
        let signature = pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    };
    let by_mac = |message: String| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, header.to_string().as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(hmac::sign(&key, message.as_bytes())))
    };
    vec![
        ("alg none", format!("{}.", with(json!({"alg": "none"})))),
        ("alg none, signed", by_own(with(json!({"alg": "none"})))),
        ("HS256 with what is public", by_mac(with(json!({"alg": "HS256"})))),
        ("another key of the same name", by_own(with(json!({"alg": "ES256"})))),
        ("embedded jwk", by_own(with(json!({"alg": "ES256", "jwk": own})))),
        ("jku", by_own(with(json!({"alg": "ES256", "jku": "http://127.0.0.1:9/jwks"})))),
        ("x5u", by_own(with(json!({"alg": "ES256", "x5u": "http://127.0.0.1:9/x5u"})))),
        ("x5c", by_own(with(json!({"alg": "ES256", "x5c": ["MIIB"]})))),
        ("crit", by_own(with(json!({"alg": "ES256", "crit": ["b64"], "b64": false})))),
        ("kid with a path", by_own(with(json!({"alg": "ES256", "kid": "../../../dev/null"})))),
        ("kid with SQL", by_own(with(json!({"alg": "ES256", "kid": "x' UNION SELECT 'k"})))),
        ("five parts", format!("{}.a.b.c.d", part(&json!({"alg": "RSA-OAEP-256", "enc": "A256GCM"})))),
        ("no signature", with(json!({})) + "."),
        ("oversized", format!("{}.{}", with(json!({})), "A".repeat(12 * 1024))),
        ("dots", ".".repeat(4096)),
    ]
}

async fn marie(world: &World) -> (Browser, Value) {
    let marie = world.person("Marie").await;
    let mut browser = world.signed_in(marie).await;
    let tokens = world.tokens(&mut browser, "flex", &[]).await;
    (browser, tokens)
}

#[tokio::test]
async fn b2_19_userinfo_takes_no_forged_access_token() {
    let world = World::new().await;
    let (_, tokens) = marie(&world).await;
    let real = tokens["access_token"].as_str().unwrap();
    assert_eq!(world.userinfo(real).await.status, 200);
    for (how, forged) in forgeries(real) {
        let answer = quick(how, async || world.userinfo(&forged).await).await;
        assert_eq!(answer.error(), (401, "invalid_token".into()), "{how}");
    }
    let encrypted = world.userinfo("a.b.c.d.e").await;
    assert!(encrypted.json()["error_description"].as_str().unwrap().contains("encrypted"), "{}", encrypted.body);
    let id_token = tokens["id_token"].as_str().unwrap();
    assert_eq!(world.userinfo(id_token).await.error(), (401, "invalid_token".into()), "an ID token is no access token");
}

#[tokio::test]
async fn b2_19_neither_authorize_nor_logout_takes_a_forged_hint() {
    let world = World::new().await;
    let (mut browser, tokens) = marie(&world).await;
    let real = tokens["id_token"].as_str().unwrap();
    let silent = |hint: &str| format!("/authorize?{}", World::request("flex", &[("prompt", "none"), ("id_token_hint", hint)]));
    assert!(world.open(&mut browser, &silent(real)).await.param("code").is_some());
    let mut all = forgeries(real);
    all.push(("an access token", tokens["access_token"].as_str().unwrap().to_owned()));
    for (how, forged) in all {
        let answer = quick(how, async || world.open(&mut browser, &silent(&forged)).await).await;
        let refused = if forged.len() > 8 * 1024 { answer.status.as_u16() >= 400 } else { false };
        // What is encrypted is refused by name, because a portal that sends it has something to mend.
        let error = if how == "five parts" { "invalid_request" } else { "login_required" };
        assert!(refused || answer.param("error").as_deref() == Some(error), "{how}: {:?}", answer.headers);

        let params = [("id_token_hint", forged.as_str()), ("post_logout_redirect_uri", "https://flex.example/bye")];
        let logout = format!("/logout?{}", encoded(&params));
        let answer = quick(how, async || world.open(&mut browser, &logout).await).await;
        let refused = if forged.len() > 8 * 1024 { answer.status.as_u16() >= 400 } else { false };
        assert!(refused || answer.location().starts_with(&format!("{ISSUER}/ui/logout")), "{how}: it must be asked");
    }
    assert!(world.open(&mut browser, &silent(real)).await.param("code").is_some(), "Marie is still signed in");
}
