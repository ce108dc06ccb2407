//! The world that the tests of this wing play in, and what anybody in it may read: the metadata and the keys.

mod bad_tokens;
mod chosen;
mod client_auth;
mod limits;
mod quick;
mod request_objects;
mod sequences;
mod signing;
mod taken_away;
mod unreachable;
mod world;

pub(super) use chosen::{Reader, flex_has};
pub(super) use quick::quick;
pub(super) use signing::Published;
pub(super) use world::{ALL_BACK, Answer, Browser, FLEX_BACK, ISSUER, VERIFIER, World, claims, digest, encoded};

use axum::http::header;

#[tokio::test]
async fn the_metadata_lists_the_realms_own_endpoints_and_may_be_kept() {
    let world = World::new().await;
    let answer = world.ask("GET", "/.well-known/openid-configuration", &[], "").await;
    let document = answer.json();
    assert_eq!(document["issuer"], ISSUER);
    for (name, path) in [
        ("authorization_endpoint", "/authorize"),
        ("token_endpoint", "/token"),
        ("userinfo_endpoint", "/userinfo"),
        ("jwks_uri", "/jwks"),
        ("end_session_endpoint", "/logout"),
    ] {
        assert_eq!(document[name], format!("{ISSUER}{path}"));
    }
    assert_eq!(document["ui_locales_supported"], serde_json::json!(["fr", "de", "it", "en"]));
    assert_eq!(answer.header(&header::CACHE_CONTROL), "public, max-age=3600");
    let tag = answer.header(&header::ETAG).to_owned();
    let again = world.ask("GET", "/.well-known/openid-configuration", &[("if-none-match", &tag)], "").await;
    assert_eq!((again.status.as_u16(), again.body.as_str()), (304, ""));
}

#[tokio::test]
async fn the_key_set_has_public_members_only_and_is_kept_shorter_than_a_key_waits() {
    let world = World::new().await;
    let answer = world.ask("GET", "/jwks", &[], "").await;
    assert_eq!(answer.header(&header::CACHE_CONTROL), "public, max-age=900");
    let keys = answer.json();
    let keys = keys["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 4, "each algorithm's key in use and its next one");
    for key in keys {
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(key.get(private).is_none(), "{key}");
        }
    }
}

#[tokio::test]
async fn where_no_realm_lives_the_answer_is_as_guarded_as_any() {
    let world = World::new().await;
    let answer = world.ask("GET", "http://localhost:8080/nowhere", &[], "").await;
    assert_eq!(answer.status.as_u16(), 404);
    assert_eq!(answer.header(&header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert_eq!(answer.header(&header::CACHE_CONTROL), "no-store");
}
