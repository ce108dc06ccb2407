//! A client that wants its tokens encrypted, and whose keys cannot be had: nothing leaves in clear, and nothing is spent meanwhile.

use super::{Published, Reader, World, claims, flex_has};
use axum::http::header;
use poterne_protocol::jose::{ContentEncryption, KeyManagement};
use serde_json::Value;
use std::time::Duration;

/// «flex» has its ID tokens and its userinfo encrypted, to the key that is published there.
async fn encrypting(world: &World, published: &Published) {
    let uri = published.uri("/jwks");
    flex_has(world, |flex| {
        flex.jwks_uri = Some(uri.clone());
        flex.id_token_encrypted_response_alg = Some(KeyManagement::RsaOaep256);
        flex.id_token_encrypted_response_enc = Some(ContentEncryption::A256Gcm);
        flex.userinfo_encrypted_response_alg = Some(KeyManagement::RsaOaep256);
        flex.userinfo_encrypted_response_enc = Some(ContentEncryption::A256Gcm);
    })
    .await;
}

fn text(tokens: &Value, name: &str) -> String {
    tokens[name].as_str().unwrap_or_else(|| panic!("{name} in {tokens}")).to_owned()
}

#[tokio::test]
async fn a_code_outlives_the_hour_in_which_its_clients_keys_are_away() {
    for world in World::everywhere().await {
        let (reader, published) = (Reader::new(), Published::new(String::new()).await);
        let mut browser = world.signed_in(world.person("Marie").await).await;
        let before = world.tokens(&mut browser, "flex", &[]).await;
        published.publish(None);
        encrypting(&world, &published).await;
        let code = world.code(&mut browser, "flex", &[]).await;
        let known = world.events().await;
        for _ in 0..2 {
            let answer = world.redeem("flex", &code).await;
            assert_eq!(answer.error(), (503, "temporarily_unavailable".to_owned()), "{}", answer.body);
            assert_eq!(answer.header(&header::RETRY_AFTER), "5");
            assert!(answer.json()["error_description"].as_str().unwrap().contains("jwks_uri"), "{}", answer.body);
        }
        let refreshed = world.refresh("flex", &text(&before, "refresh_token")).await;
        assert_eq!(refreshed.error(), (503, "temporarily_unavailable".to_owned()));
        let person = world.userinfo(&text(&before, "access_token")).await;
        assert_eq!(person.error(), (503, "temporarily_unavailable".to_owned()));
        assert_eq!(person.header(&header::RETRY_AFTER), "5");
        assert!(!person.body.contains("marie"));
        assert_eq!(world.events().await, known, "nothing was spent, and no grant has ended");

        published.publish(Some(reader.jwks().to_string()));
        world.advance(Duration::from_secs(11)).await;
        let answer = world.redeem("flex", &code).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(claims(&reader.read(&text(&answer.json(), "id_token")))["aud"], "flex");
        assert_eq!(world.refresh("flex", &text(&before, "refresh_token")).await.status, 200);
        let person = world.userinfo(&text(&before, "access_token")).await;
        assert!(reader.read(&person.body).contains("marie@mail.example"));
    }
}

#[tokio::test]
async fn a_client_without_a_key_that_fits_is_told_so_and_loses_nothing() {
    for world in World::everywhere().await {
        let mut browser = world.signed_in(world.person("Marie").await).await;
        let before = world.tokens(&mut browser, "flex", &[]).await;
        let code = world.code(&mut browser, "flex", &[]).await;
        flex_has(&world, |flex| {
            flex.jwks = Some(Reader::new().jwks());
            flex.id_token_encrypted_response_alg = Some(KeyManagement::EcdhEs);
            flex.userinfo_encrypted_response_alg = Some(KeyManagement::EcdhEs);
        })
        .await;
        let answer = world.redeem("flex", &code).await;
        assert_eq!(answer.error(), (400, "invalid_request".to_owned()), "{}", answer.body);
        assert!(answer.json()["error_description"].as_str().unwrap().contains("no key for ECDH-ES"), "{}", answer.body);
        let person = world.userinfo(&text(&before, "access_token")).await;
        assert_eq!(person.error(), (500, "server_error".to_owned()));
        assert!(!person.body.contains("marie"));
        flex_has(&world, |flex| flex.id_token_encrypted_response_alg = None).await;
        assert_eq!(world.redeem("flex", &code).await.status, 200, "once it is mended");
    }
}
