//! Requests that the client signed (OpenID Connect Core section 6), by value and by reference, and what is passed off as one.

use super::signing::{Key, Published, changed, message, sign_with_secret};
use super::world::encoded;
use super::{Answer, Browser, ISSUER, World};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::time::Duration;

const BACK: &str = "https://signer.example/cb";

fn signer(more: &Value) -> Value {
    let usual = json!({
        "client_id": "signer", "client_name": "Signer", "redirect_uris": [BACK, "https://signer.example/other"], "sector": "signer",
        "first_party": true, "require_pkce": false,
    });
    changed(usual, more)
}

fn object(world: &World) -> Value {
    json!({
        "iss": "signer", "aud": ISSUER, "exp": world.now().secs() + 60, "client_id": "signer", "response_type": "code",
        "redirect_uri": BACK, "scope": "openid", "state": "inside", "nonce": "n",
    })
}

async fn ask(world: &World, browser: &mut Browser, more: &[(&str, &str)]) -> Answer {
    let usual = [("client_id", "signer"), ("response_type", "code"), ("scope", "openid"), ("state", "beside")];
    world.open(browser, &format!("/authorize?{}", encoded(&[&usual[..], more].concat()))).await
}

/// The error that goes back to the redirect URI beside the object.
async fn refused(world: &World, name: &str, value: &str) -> (String, String) {
    let answer = ask(world, &mut Browser::default(), &[(name, value), ("redirect_uri", BACK)]).await;
    assert!(answer.location().starts_with(BACK), "{}", answer.location());
    assert_eq!(answer.param("state").as_deref(), Some("beside"));
    (answer.param("error").unwrap(), answer.param("error_description").unwrap())
}

#[tokio::test]
async fn core_6_1_a_signed_request_by_value_is_answered_as_it_says_inside() {
    for world in World::everywhere().await {
        let (key, account) = (Key::new("k1"), world.person("Marie").await);
        world.register(&signer(&json!({"jwks": key.set()}))).await;
        let mut browser = world.signed_in(account).await;
        let answer = ask(&world, &mut browser, &[("request", &key.sign(&object(&world)))]).await;
        assert!(answer.location().starts_with(BACK), "{}", answer.location());
        assert!(answer.param("code").is_some());
        assert_eq!(answer.param("state").as_deref(), Some("inside"));
        let beside = [("request", &*key.sign(&object(&world))), ("redirect_uri", "https://evil.example/"), ("prompt", "login")];
        let inside = ask(&world, &mut browser, &beside[..2]).await;
        assert!(inside.location().starts_with(BACK), "what is inside wins: {}", inside.location());
        let asked = ask(&world, &mut browser, &beside).await;
        assert!(
            asked.location().contains("/ui/login"),
            "what stands beside counts where nothing is inside: {}",
            asked.location()
        );
    }
}

#[tokio::test]
async fn core_6_2_a_signed_request_by_reference_is_fetched_from_its_registered_address() {
    let (world, key) = (World::new().await, Key::new("k1"));
    let published = Published::new(String::new()).await;
    let uri = published.uri("/r.jwt");
    world.register(&signer(&json!({"jwks": key.set(), "request_uris": [uri]}))).await;
    let mut browser = world.signed_in(world.person("Marie").await).await;
    let content = key.sign(&object(&world));
    published.publish(Some(content.clone()));
    let answer = ask(&world, &mut browser, &[("request_uri", &uri)]).await;
    assert_eq!(answer.param("state").as_deref(), Some("inside"));
    let hash = URL_SAFE_NO_PAD.encode(super::digest(&content).as_bytes());
    let fixed = format!("{uri}#{hash}");
    for _ in 0..3 {
        let answer = ask(&world, &mut browser, &[("request_uri", &fixed)]).await;
        assert_eq!(answer.param("state").as_deref(), Some("inside"));
    }
    assert_eq!(published.asked(), 1, "what has the hash is what there is");
    let other = format!("{uri}#{}", URL_SAFE_NO_PAD.encode([0; 32]));
    for _ in 0..3 {
        let answer = ask(&world, &mut browser, &[("request_uri", &other)]).await;
        assert_eq!(answer.param("state").as_deref(), Some("inside"), "the signature holds, whatever the fragment is");
    }
    assert_eq!(published.asked(), 2, "another fragment means to look again, but not again at once");
    world.advance(Duration::from_secs(2)).await;
    let next = key.sign(&changed(object(&world), &json!({"state": "changed"})));
    published.publish(Some(next.clone()));
    let changed_to = format!("{uri}#{}", URL_SAFE_NO_PAD.encode(super::digest(&next).as_bytes()));
    let answer = ask(&world, &mut browser, &[("request_uri", &changed_to)]).await;
    assert_eq!(answer.param("state").as_deref(), Some("changed"));
    let (error, words) = refused(&world, "request_uri", &published.uri("/other.jwt")).await;
    assert!(error == "invalid_request_uri" && words.contains("not registered"), "{error} {words}");
    world.advance(Duration::from_secs(11)).await;
    published.publish(None);
    let (error, words) = refused(&world, "request_uri", &uri).await;
    assert!(error == "invalid_request_uri" && words.contains("503"), "{error} {words}");
}

/// As the conformance suite registers it: the fragment changes, and is the hash of nothing that is ever published.
#[tokio::test]
async fn core_6_2_a_fragment_that_was_drawn_at_random_is_a_fragment_too() {
    for world in World::everywhere().await {
        let (key, published) = (Key::new("k1"), Published::new(String::new()).await);
        let uri = format!("{}#{}", published.uri("/r.jwt"), URL_SAFE_NO_PAD.encode(super::digest("random").as_bytes()));
        world.register(&signer(&json!({"jwks": key.set(), "request_uris": [uri]}))).await;
        let mut browser = world.signed_in(world.person("Marie").await).await;
        for state in ["first", "second"] {
            published.publish(Some(key.sign(&changed(object(&world), &json!({"state": state})))));
            let answer = ask(&world, &mut browser, &[("request_uri", &uri)]).await;
            assert_eq!(answer.param("state").as_deref(), Some(state));
            assert!(answer.param("code").is_some(), "{}", answer.location());
            world.advance(Duration::from_secs(2)).await;
        }
        published.publish(Some(Key::new("k1").sign(&object(&world))));
        let (error, words) = refused(&world, "request_uri", &uri).await;
        assert!(error == "invalid_request_object" && words.contains("signature"), "what is not the client's stays out: {words}");
    }
}

/// OpenID Connect Registration section 2: without `request_object_signing_alg` any algorithm that is supported.
#[tokio::test]
async fn registration_2_a_client_with_a_secret_to_sign_by_may_sign_requests_by_it() {
    for world in World::everywhere().await {
        let (key, by_secret) = (Key::new("k1"), json!({"token_endpoint_auth_method": "client_secret_jwt"}));
        world.register(&signer(&by_secret)).await;
        let secret = world.manage().rotate_client_secret("lindenhof", "signer").await.unwrap();
        let mut browser = world.signed_in(world.person("Marie").await).await;
        let signed = sign_with_secret(secret.expose().as_bytes(), &json!({}), &object(&world));
        let answer = ask(&world, &mut browser, &[("request", &signed)]).await;
        assert_eq!(answer.param("state").as_deref(), Some("inside"), "{}", answer.location());
        assert!(answer.param("code").is_some());
        let by_another = sign_with_secret(b"another secret of thirty-two bytes", &json!({}), &object(&world));
        assert!(refused(&world, "request", &by_another).await.1.contains("signature"));
        assert!(refused(&world, "request", &key.sign(&object(&world))).await.1.contains("neither jwks nor jwks_uri"));

        // With keys as well each counts for its own algorithms.
        world.register(&signer(&changed(by_secret.clone(), &json!({"jwks": key.set()})))).await;
        for text in [&signed, &key.sign(&object(&world))] {
            let answer = ask(&world, &mut browser, &[("request", text)]).await;
            assert_eq!(answer.param("state").as_deref(), Some("inside"), "{}", answer.location());
        }
        let public = [key.jwk().to_string(), key.set().to_string(), String::new()];
        for public in public {
            let confused = sign_with_secret(public.as_bytes(), &json!({"kid": "k1"}), &object(&world));
            assert!(refused(&world, "request", &confused).await.1.contains("signature"), "{public}");
        }
        let confused = sign_with_secret(secret.expose().as_bytes(), &json!({"alg": "ES256", "kid": "k1"}), &object(&world));
        assert!(refused(&world, "request", &confused).await.1.contains("signature"), "the secret is no key of the set");

        // Who registered an algorithm keeps to it, and a secret that is no signing secret signs nothing.
        for more in [
            json!({"token_endpoint_auth_method": "client_secret_jwt", "request_object_signing_alg": "ES256"}),
            json!({"token_endpoint_auth_method": "client_secret_basic"}),
            json!({"token_endpoint_auth_method": "private_key_jwt"}),
        ] {
            world.register(&signer(&changed(more.clone(), &json!({"jwks": key.set()})))).await;
            assert!(refused(&world, "request", &signed).await.1.contains("algorithm"), "{more}");
        }
    }
}

#[tokio::test]
async fn rfc6749_3_1_members_that_nobody_reads_do_no_harm_and_registration_is_refused_by_name() {
    let (world, key) = (World::new().await, Key::new("k1"));
    world.register(&signer(&json!({"jwks": key.set()}))).await;
    let mut browser = world.signed_in(world.person("Marie").await).await;
    let more = json!({"vendor": {"a": [1]}, "list": ["a", "b"], "flag": true, "nothing": null});
    let answer = ask(&world, &mut browser, &[("request", &key.sign(&changed(object(&world), &json!({"vendor": 1}))))]).await;
    assert!(answer.param("code").is_some(), "{}", answer.location());
    let mut with_all = object(&world);
    with_all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let answer = ask(&world, &mut browser, &[("request", &key.sign(&with_all))]).await;
    assert!(answer.param("code").is_some(), "{}", answer.location());
    let registering = key.sign(&changed(object(&world), &json!({"registration": {"client_name": "x"}})));
    assert_eq!(refused_inside(&world, &registering).await, "registration_not_supported");
}

/// The error that goes back to the redirect URI inside the object, once it is trusted.
async fn refused_inside(world: &World, text: &str) -> String {
    let answer = ask(world, &mut Browser::default(), &[("request", text)]).await;
    assert!(answer.location().starts_with(BACK) && answer.param("state").as_deref() == Some("inside"), "{}", answer.location());
    answer.param("error").unwrap()
}

#[tokio::test]
async fn core_6_what_is_passed_off_as_a_request_object_is_refused() {
    let (world, key, other) = (World::new().await, Key::new("k1"), Key::new("k1"));
    world.register(&signer(&json!({"jwks": key.set()}))).await;
    let object = object(&world);
    let public = serde_json::to_vec(&key.jwk()).unwrap();
    let but = |changes: &Value| key.sign(&changed(object.clone(), changes));
    for (text, words) in [
        (format!("{}.", message(&json!({"alg": "none"}), &object)), "algorithm"),
        (sign_with_secret(&public, &json!({"kid": "k1"}), &object), "algorithm"),
        (other.sign_under(&json!({"jwk": other.jwk(), "jku": "https://evil.example/"}), &object), "signature"),
        (key.sign_under(&json!({"kid": "../../etc/passwd"}), &object), "no key"),
        (key.sign_under(&json!({"typ": "at+jwt"}), &object), "typ"),
        (format!("{}.x.y", key.sign(&object)), "encrypted"),
        (but(&json!({"client_id": "flex"})), "client_id"),
        (but(&json!({"response_type": "code id_token"})), "response_type"),
        (but(&json!({"iss": "flex"})), "iss"),
        (but(&json!({"aud": "https://other.example"})), "aud"),
        (but(&json!({"exp": 1})), "expired"),
        (but(&json!({"sub": "signer"})), "assertion"),
        (but(&json!({"request": "x"})), "inside"),
        (but(&json!({"request_uri": "https://signer.example/r"})), "inside"),
        ("nonsense".to_owned(), "compact"),
    ] {
        let (error, why) = refused(&world, "request", &text).await;
        assert_eq!(error, "invalid_request_object", "{words}");
        assert!(why.contains(words), "{words}: {why}");
    }
    let page = ask(&world, &mut Browser::default(), &[("request", "nonsense")]).await;
    assert_eq!(page.status.as_u16(), 400, "without a way back that is trusted, a page");
    assert!(page.body.contains("invalid_request_object"), "{}", page.body);
    world.register(&signer(&json!({"jwks": key.set(), "request_object_signing_alg": "PS256"}))).await;
    assert!(refused(&world, "request", &key.sign(&object)).await.1.contains("algorithm"));
}

#[tokio::test]
async fn core_6_who_may_not_send_one_hears_it_by_name() {
    let (world, key) = (World::new().await, Key::new("k1"));
    world.register(&signer(&json!({}))).await;
    assert_eq!(refused(&world, "request", &key.sign(&object(&world))).await.0, "request_not_supported");
    assert_eq!(refused(&world, "request_uri", "https://signer.example/r").await.0, "request_uri_not_supported");
    world.register(&signer(&json!({"jwks": key.set()}))).await;
    assert_eq!(refused(&world, "request_uri", "https://signer.example/r").await.0, "request_uri_not_supported");
    let both = [("request", "a.b.c"), ("request_uri", "https://signer.example/r"), ("redirect_uri", BACK)];
    let answer = ask(&world, &mut Browser::default(), &both).await;
    assert_eq!(answer.param("error").as_deref(), Some("invalid_request"));
}
