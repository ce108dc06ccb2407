//! What goes wrong on our side, or on the client's, once a request is trusted: the client is told, and may ask again.

use super::tests::{flow_of, prove};
use crate::oidc::tests::{Answer, Browser, FLEX_BACK, ISSUER, Published, Reader, World, flex_has};
use diesel::connection::SimpleConnection;
use poterne_protocol::client::{GrantType, ResponseType};
use poterne_protocol::jose::KeyManagement;
use std::time::Duration;

/// Makes every write and read of a table fail, or no longer.
async fn table_is(world: &World, table: &'static str, there: bool) {
    let change = if there {
        format!("ALTER TABLE {table}_away RENAME TO {table}")
    } else {
        format!("ALTER TABLE {table} RENAME TO {table}_away")
    };
    world.write(move |tx| Ok(tx.conn.batch_execute(&change)?)).await;
}

async fn ask(world: &World, browser: &mut Browser, changes: &[(&str, &str)]) -> Answer {
    world.open(browser, &format!("/authorize?{}", World::request("flex", changes))).await
}

fn is_told(answer: &Answer, error: &str) {
    assert!(answer.location().starts_with(FLEX_BACK), "{}", answer.location());
    let told = ["error", "state", "iss", "code"].map(|name| answer.param(name));
    assert_eq!(told, [Some(error), Some("st"), Some(ISSUER), None].map(|text| text.map(str::to_owned)), "{}", answer.location());
}

#[tokio::test]
async fn rfc6749_4_1_2_1_the_portal_hears_of_a_failure_and_the_person_may_go_on_later() {
    for world in World::everywhere().await {
        let marie = world.person("Marie").await;
        let mut browser = world.signed_in(marie).await;
        let flow = flow_of(ask(&world, &mut browser, &[("prompt", "login")]).await.location());
        prove(&world, &mut browser, flow, marie).await;
        let back = format!("/authorize?flow={flow}");

        table_is(&world, "authorization_code", false).await;
        is_told(&ask(&world, &mut browser, &[("prompt", "none")]).await, "server_error");
        is_told(&world.open(&mut browser, &back).await, "server_error");
        let stranger = world.open(&mut Browser::default(), &back).await;
        assert_eq!(flow_of(stranger.location()), flow, "another browser is told nothing of it");
        table_is(&world, "authorization_code", true).await;

        table_is(&world, "flow", false).await;
        is_told(&ask(&world, &mut Browser::default(), &[]).await, "server_error");
        let nowhere = world.open(&mut browser, &back).await;
        assert_eq!(nowhere.status, 500, "where to go back to cannot be told");
        let untrusted = ask(&world, &mut Browser::default(), &[("redirect_uri", "https://evil.example/")]).await;
        assert_eq!(untrusted.status, 400);
        table_is(&world, "flow", true).await;

        let answer = world.open(&mut browser, &back).await;
        assert!(answer.param("code").is_some(), "nothing was lost: {}", answer.location());
    }
}

#[tokio::test]
async fn an_answer_that_is_to_be_encrypted_waits_for_the_clients_key() {
    for world in World::everywhere().await {
        let (marie, published) = (world.person("Marie").await, Published::new(String::new()).await);
        let (reader, uri) = (Reader::new(), published.uri("/jwks"));
        published.publish(None);
        flex_has(&world, |flex| {
            flex.jwks_uri = Some(uri.clone());
            flex.id_token_encrypted_response_alg = Some(KeyManagement::RsaOaep256);
            flex.id_token_encrypted_response_enc = Some(poterne_protocol::jose::ContentEncryption::A256Gcm);
            flex.response_types = vec![ResponseType::Code, ResponseType::CodeIdToken];
            flex.grant_types = vec![GrantType::AuthorizationCode, GrantType::Implicit, GrantType::RefreshToken];
        })
        .await;
        let hybrid = ("response_type", "code id_token");
        let mut browser = world.signed_in(marie).await;
        let flow = flow_of(ask(&world, &mut browser, &[hybrid, ("prompt", "login")]).await.location());
        prove(&world, &mut browser, flow, marie).await;
        let (back, known) = (format!("/authorize?flow={flow}"), world.events().await);
        is_told(&ask(&world, &mut browser, &[hybrid]).await, "temporarily_unavailable");
        is_told(&world.open(&mut browser, &back).await, "temporarily_unavailable");
        assert_eq!(world.events().await, known, "nothing was issued");
        let code = ask(&world, &mut browser, &[]).await;
        assert!(code.param("code").is_some(), "a code alone needs no key");

        flex_has(&world, |flex| flex.id_token_encrypted_response_alg = Some(KeyManagement::EcdhEs)).await;
        published.publish(Some(reader.jwks().to_string()));
        world.advance(Duration::from_secs(11)).await;
        let answer = ask(&world, &mut browser, &[hybrid]).await;
        is_told(&answer, "server_error");
        assert!(answer.param("error_description").unwrap().contains("no key for ECDH-ES"), "{}", answer.location());

        flex_has(&world, |flex| flex.id_token_encrypted_response_alg = Some(KeyManagement::RsaOaep256)).await;
        let answer = world.open(&mut browser, &back).await;
        let id_token = reader.read(&answer.param("id_token").unwrap());
        assert_eq!(crate::oidc::tests::claims(&id_token)["aud"], "flex");
        assert!(answer.param("code").is_some());
    }
}

/// What the frame's cookie is set to, where an answer sets it.
fn state_of(answer: &Answer) -> Option<String> {
    let mut cookies = answer.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    let cookie = cookies.find_map(|cookie| cookie.strip_prefix("poterne-state-lindenhof-8080="))?;
    Some(cookie.split(';').next().unwrap_or_default().to_owned())
}

/// Session Management section 2: a refusal that any client may bring about tells the others nothing.
#[tokio::test]
async fn session_management_2_only_who_is_signed_out_is_told_to_have_changed() {
    for world in World::everywhere().await {
        let mut document = world.manage().document("lindenhof").await.unwrap().unwrap();
        document.session_management = true;
        world.manage().apply_realm(document).await.unwrap();
        let (marie, sophie) = (world.person("Marie").await, world.person("Sophie").await);
        let mut at_sophie = world.signed_in(sophie).await;
        let foreign = world.tokens(&mut at_sophie, "flex", &[]).await["id_token"].as_str().unwrap().to_owned();
        let mut browser = world.signed_in(marie).await;
        let known = state_of(&ask(&world, &mut browser, &[]).await);
        assert!(known.is_some_and(|state| !state.is_empty()));
        let silent = ("prompt", "none");
        let somebody = ("claims", r#"{"id_token":{"sub":{"value":"somebody else"}}}"#);
        for more in [("max_age", "0"), ("id_token_hint", &*foreign), ("id_token_hint", "a.b.c"), somebody] {
            let answer = ask(&world, &mut browser, &[silent, more]).await;
            is_told(&answer, "login_required");
            assert_eq!(state_of(&answer), None, "{more:?}: Marie is still here");
        }
        world.advance(Duration::from_secs(3601)).await;
        let idle = ask(&world, &mut browser, &[silent]).await;
        is_told(&idle, "login_required");
        assert_eq!(state_of(&idle).as_deref(), Some(""), "now she is not");
    }
}
