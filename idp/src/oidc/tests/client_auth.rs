//! Clients that prove who they are by assertions (OpenID Connect Core section 9, RFC 7523), and what is passed off as one.

use super::signing::{Key, Published, changed, message, sign_with_secret};
use super::world::encoded;
use super::{Answer, ISSUER, World, quick};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A service of these registered members.
fn service(more: &Value) -> Value {
    let usual = json!({
        "client_id": "batch", "client_name": "Batch", "grant_types": ["client_credentials"], "scope": "",
        "token_endpoint_auth_method": "private_key_jwt",
    });
    changed(usual, more)
}

fn claims(world: &World, jti: &str) -> Value {
    json!({"iss": "batch", "sub": "batch", "aud": ISSUER, "exp": world.now().secs() + 60, "jti": jti})
}

async fn ask(world: &World, assertion: &str) -> Answer {
    let form = [("grant_type", "client_credentials"), ("client_assertion_type", TYPE), ("client_assertion", assertion)];
    let form_type = ("content-type", "application/x-www-form-urlencoded");
    world.ask("POST", "/token", &[form_type], &encoded(&form)).await
}

/// Why an assertion was refused.
async fn refused(world: &World, assertion: &str) -> String {
    let answer = ask(world, assertion).await;
    assert_eq!(answer.error(), (400, "invalid_client".to_owned()), "{}", answer.body);
    answer.json()["error_description"].as_str().unwrap().to_owned()
}

async fn accepted(world: &World, assertion: &str) {
    let answer = ask(world, assertion).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.body);
}

#[tokio::test]
async fn core_9_a_key_of_its_own_proves_a_client_once() {
    for world in World::everywhere().await {
        let key = Key::new("k1");
        world.register(&service(&json!({"jwks": key.set()}))).await;
        accepted(&world, &key.sign(&claims(&world, "a"))).await;
        for (jti, aud) in [("b", json!(format!("{ISSUER}/token"))), ("c", json!(["https://other.example", ISSUER]))] {
            accepted(&world, &key.sign(&changed(claims(&world, jti), &json!({"aud": aud})))).await;
        }
        assert_eq!(refused(&world, &key.sign(&claims(&world, "a"))).await, "client_assertion: jti was used before");
        let later = changed(claims(&world, "a"), &json!({"exp": world.now().secs() + 600}));
        assert_eq!(refused(&world, &key.sign(&later)).await, "client_assertion: jti was used before", "whatever else it says");
    }
}

#[tokio::test]
async fn core_9_of_parallel_requests_with_one_assertion_one_is_answered() {
    for world in World::everywhere().await {
        let (world, key) = (Arc::new(world), Key::new("k1"));
        world.register(&service(&json!({"jwks": key.set()}))).await;
        for round in ["a", "b", "c"] {
            let assertion: Arc<str> = key.sign(&claims(&world, round)).into();
            let asked: Vec<_> = (0..12)
                .map(|_| {
                    let (world, assertion) = (world.clone(), assertion.clone());
                    tokio::spawn(async move { ask(&world, &assertion).await.status.as_u16() })
                })
                .collect();
            let mut answered = 0;
            for one in asked {
                answered += usize::from(one.await.unwrap() == 200);
            }
            assert_eq!(answered, 1);
        }
    }
}

#[tokio::test]
async fn rfc8725_3_what_is_passed_off_as_an_assertion_is_refused_at_once() {
    let (world, key, other) = (World::new().await, Key::new("k1"), Key::new("k1"));
    world.register(&service(&json!({"jwks": key.set()}))).await;
    let claims = claims(&world, "a");
    let public = serde_json::to_vec(&key.jwk()).unwrap();
    let unsigned = |header: Value| format!("{}.", message(&header, &claims));
    let mut flipped = key.sign(&claims);
    flipped.replace_range(
        flipped.len() - 4..flipped.len() - 3,
        if flipped.as_bytes()[flipped.len() - 4] == b'A' { "B" } else { "A" },
    );
    let kid = |kid: &str| key.sign_under(&json!({"kid": kid}), &claims);
    let typ = |typ: &str| key.sign_under(&json!({"typ": typ}), &claims);
    for (assertion, words) in [
        (unsigned(json!({"alg": "none"})), "algorithm"),
        (unsigned(json!({"alg": "NONE", "kid": "k1"})), "algorithm"),
        (format!("{}.{}", message(&json!({"alg": "none"}), &claims), URL_SAFE_NO_PAD.encode("x")), "algorithm"),
        (sign_with_secret(&public, &json!({"kid": "k1"}), &claims), "algorithm"),
        (sign_with_secret(b"", &json!({}), &claims), "algorithm"),
        (key.sign_under(&json!({"alg": "RS256"}), &claims), "no key"),
        (key.sign_under(&json!({"alg": "ES512"}), &claims), "algorithm"),
        (other.sign(&claims), "signature"),
        (other.sign_under(&json!({"jwk": other.jwk()}), &claims), "signature"),
        (other.sign_under(&json!({"kid": null, "jwk": other.jwk()}), &claims), "signature"),
        (other.sign_under(&json!({"jku": "https://evil.example/jwks", "x5u": "https://evil.example/x"}), &claims), "signature"),
        (key.sign_under(&json!({"crit": ["b64"], "b64": false}), &claims), "crit"),
        (kid("../../../../dev/null"), "no key"),
        (kid("k1' OR '1'='1"), "no key"),
        (kid("k1\u{0}"), "no key"),
        (kid(&"k".repeat(4000)), "no key"),
        (typ("at+jwt"), "typ"),
        (typ("logout+jwt"), "typ"),
        (typ("application/oauth-authz-req+jwt"), "typ"),
        (flipped, "signature"),
        (format!("{}.x.y", key.sign(&claims)), "encrypted"),
        ("a.b".to_owned(), "compact"),
        ("..".to_owned(), "header"),
        (key.sign(&changed(claims.clone(), &json!({"aud": "https://evil.example"}))), "aud"),
        (key.sign(&changed(claims.clone(), &json!({"aud": format!("{ISSUER}/")}))), "aud"),
        (key.sign(&changed(claims.clone(), &json!({"exp": world.now().secs() + 7200}))), "exp"),
        (key.sign(&changed(claims.clone(), &json!({"exp": null}))), "claims"),
        (key.sign(&changed(claims.clone(), &json!({"jti": null}))), "claims"),
    ] {
        let why = quick(words, async || refused(&world, &assertion).await).await;
        assert!(why.contains(words), "{words}: {why}");
    }
    accepted(&world, &key.sign(&claims)).await;
    let failures = world.events().await.into_iter().filter(|kind| kind == "client.authentication_failed").count();
    assert_eq!(failures, 1, "a flood leaves one event a minute");
}

#[tokio::test]
async fn core_9_the_method_and_algorithm_are_the_registered_ones() {
    let (world, key) = (World::new().await, Key::new("k1"));
    world.register(&service(&json!({"jwks": key.set(), "token_endpoint_auth_signing_alg": "PS256"}))).await;
    assert!(refused(&world, &key.sign(&claims(&world, "a"))).await.contains("token_endpoint_auth_signing_alg"));
    let form_type = ("content-type", "application/x-www-form-urlencoded");
    let by_secret = "grant_type=client_credentials&client_id=batch&client_secret=x";
    let answer = world.ask("POST", "/token", &[form_type], by_secret).await;
    assert!(answer.body.contains("token_endpoint_auth_method private_key_jwt"), "{}", answer.body);
    let form = [("grant_type", "client_credentials"), ("client_assertion_type", TYPE), ("client_assertion", "a.b.c")];
    let named = [&form[..], &[("client_id", "flex")]].concat();
    let answer = world.ask("POST", "/token", &[form_type], &encoded(&named)).await;
    assert!(answer.body.contains("token_endpoint_auth_method client_secret_basic"), "{}", answer.body);
    let of_another = key.sign(&changed(claims(&world, "b"), &json!({"sub": "x"})));
    let differs = [&form[..2], &[("client_id", "batch"), ("client_assertion", &of_another)]].concat();
    let answer = world.ask("POST", "/token", &[form_type], &encoded(&differs)).await;
    assert!(answer.body.contains("iss and sub must be the client_id"), "{}", answer.body);
}

#[tokio::test]
async fn core_9_a_secret_signs_as_well_where_it_is_kept_for_that() {
    for world in World::everywhere().await {
        world.register(&service(&json!({"token_endpoint_auth_method": "client_secret_jwt"}))).await;
        let none = sign_with_secret(b"guessed", &json!({}), &claims(&world, "a"));
        assert!(refused(&world, &none).await.contains("no secret"));
        let secret = world.manage().rotate_client_secret("lindenhof", "batch").await.unwrap();
        let sign = |jti: &str| sign_with_secret(secret.expose().as_bytes(), &json!({}), &claims(&world, jti));
        accepted(&world, &sign("b")).await;
        assert!(refused(&world, &sign("b")).await.contains("jti was used before"));
        assert!(refused(&world, &none).await.contains("signature"));
        let digest = super::digest(secret.expose());
        let by_digest = sign_with_secret(digest.as_bytes(), &json!({}), &claims(&world, "c"));
        assert!(refused(&world, &by_digest).await.contains("signature"), "what the database shows is not the secret");
        let key = Key::new("k1");
        assert!(refused(&world, &key.sign(&claims(&world, "d"))).await.contains("algorithm"));
        let next = world.manage().rotate_client_secret("lindenhof", "batch").await.unwrap();
        assert!(refused(&world, &sign("e")).await.contains("signature"), "the former secret signs no more");
        accepted(&world, &sign_with_secret(next.expose().as_bytes(), &json!({}), &claims(&world, "f"))).await;
    }
}

#[tokio::test]
async fn core_10_1_1_published_keys_are_fetched_again_for_an_unknown_one_at_most_once_a_minute() {
    let (world, one, two, three) = (World::new().await, Key::new("k1"), Key::new("k2"), Key::new("k3"));
    let published = Published::new(one.set().to_string()).await;
    world.register(&service(&json!({"jwks_uri": published.uri("/jwks")}))).await;
    for jti in ["a", "b", "c"] {
        accepted(&world, &one.sign(&claims(&world, jti))).await;
    }
    assert_eq!(published.asked(), 1);
    published.publish(Some(two.set().to_string()));
    accepted(&world, &two.sign(&claims(&world, "d"))).await;
    assert_eq!(published.asked(), 2, "for an unknown key");
    published.publish(Some(three.set().to_string()));
    for jti in ["e", "f", "g"] {
        assert!(refused(&world, &three.sign(&claims(&world, jti))).await.contains("no key"));
    }
    assert_eq!(published.asked(), 2, "within a minute nobody can make us fetch again");
    world.advance(Duration::from_secs(61)).await;
    accepted(&world, &three.sign(&claims(&world, "h"))).await;
    assert_eq!(published.asked(), 3);
    published.publish(None);
    world.advance(Duration::from_secs(3600)).await;
    accepted(&world, &three.sign(&claims(&world, "i"))).await;
    accepted(&world, &three.sign(&claims(&world, "j"))).await;
    assert_eq!(published.asked(), 4, "a host that is down is left alone, and its keys stay in use");
    world.advance(Duration::from_secs(26 * 3600)).await;
    assert!(refused(&world, &three.sign(&claims(&world, "k"))).await.contains("status 503"));
}

#[tokio::test]
async fn a_key_set_that_is_none_is_refused_and_private_addresses_are_not_reached() {
    let (world, key) = (World::new().await, Key::new("k1"));
    let private = json!({"keys": [changed(key.jwk(), &json!({"d": "AA"}))]}).to_string();
    let many = json!({"keys": vec![key.jwk(); 1000]}).to_string();
    for (document, words) in [
        ("no JSON".to_owned(), "key set"),
        (private, "private member"),
        (many, "longer than"),
        ("x".repeat(10_000_000), "longer than"),
    ] {
        let published = Published::new(document).await;
        world.register(&service(&json!({"jwks_uri": published.uri("/jwks")}))).await;
        let why = refused(&world, &key.sign(&claims(&world, "a"))).await;
        assert!(why.contains(words), "{words}: {why}");
    }
    for uri in ["https://169.254.169.254/latest", "https://10.0.0.1/", "https://[::1]/jwks", "http://example.com/jwks"] {
        world.register(&service(&json!({"jwks_uri": uri}))).await;
        let why = quick(uri, async || refused(&world, &key.sign(&claims(&world, "a"))).await).await;
        assert!(why.contains("not public") || why.contains("not an https address"), "{uri}: {why}");
    }
}
