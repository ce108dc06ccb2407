//! Signing off as portals and people meet it.

use super::worker::{POST, tend};
use crate::access::session;
use crate::directory::client;
use crate::oidc::tests::{Answer, Browser, ISSUER, World, encoded};
use crate::operations::outbox::{self, MessageFilter, Outbox};
use diesel::RunQueryDsl;
use serde_json::json;

const BYE: &str = "https://flex.example/bye";

async fn marie_at_flex(world: &World) -> (Browser, String, String) {
    let marie = world.person("Marie").await;
    let mut browser = world.signed_in(marie).await;
    let tokens = world.tokens(&mut browser, "flex", &[]).await;
    let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
    (browser, text("id_token"), text("access_token"))
}

async fn logout(world: &World, browser: &mut Browser, params: &[(&str, &str)]) -> Answer {
    world.open(browser, &format!("/logout?{}", encoded(params))).await
}

async fn is_signed_in(world: &World, browser: &Browser) -> bool {
    let request = World::request("flex", &[("prompt", "none")]);
    world.open(&mut browser.clone(), &format!("/authorize?{request}")).await.param("code").is_some()
}

#[tokio::test]
async fn s_16_a_portals_logout_ends_the_session_and_comes_back_with_state() {
    let world = World::new().await;
    let (mut browser, hint, access_token) = marie_at_flex(&world).await;
    assert_eq!(world.userinfo(&access_token).await.status, 200);
    world.advance(std::time::Duration::from_secs(299)).await;
    let params = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", BYE), ("state", "a b")];
    assert_eq!(logout(&world, &mut browser, &params).await.location(), format!("{BYE}?state=a+b"));
    assert!(!is_signed_in(&world, &browser).await);
    assert_eq!(world.userinfo(&access_token).await.error(), (401, "invalid_token".into()));
    assert_eq!(world.events().await.last().unwrap(), "session.ended");
    assert_eq!(logout(&world, &mut browser, &params).await.location(), format!("{BYE}?state=a+b"), "nobody is signed in");
}

#[tokio::test]
async fn a_posted_logout_is_taken_up_by_get() {
    let world = World::new().await;
    let (mut browser, hint, _) = marie_at_flex(&world).await;
    let form = encoded(&[("id_token_hint", &hint), ("post_logout_redirect_uri", BYE)]);
    let answer = world.ask("POST", "/logout", &[("content-type", "application/x-www-form-urlencoded")], &form).await;
    let parked = answer.location().to_owned();
    assert!(parked.starts_with(&format!("{ISSUER}/logout?parked=")) && is_signed_in(&world, &browser).await);
    assert_eq!(world.open(&mut browser, &parked).await.location(), BYE);
    assert!(!is_signed_in(&world, &browser).await);
    let again = world.open(&mut browser, &parked).await;
    assert!(again.location().starts_with(&format!("{ISSUER}/ui/logout")));
}

#[tokio::test]
async fn b3_45_whatever_anybody_could_have_asked_for_the_person_confirms() {
    let world = World::new().await;
    let (mut browser, hint, _) = marie_at_flex(&world).await;
    let foreign = "https://evil.example/";
    for params in [
        vec![],
        vec![("post_logout_redirect_uri", BYE)],
        vec![("client_id", "flex"), ("post_logout_redirect_uri", BYE)],
        vec![("id_token_hint", "a.b.c"), ("post_logout_redirect_uri", BYE)],
        vec![("id_token_hint", &hint), ("post_logout_redirect_uri", foreign)],
    ] {
        let answer = logout(&world, &mut browser, &params).await;
        let question = answer.location().to_owned();
        assert!(question.starts_with(&format!("{ISSUER}/ui/logout")), "{params:?}: {question}");
        let page = world.open(&mut browser, &question).await;
        assert!(page.body.contains("op-logout-confirm") && page.body.contains("marie@mail.example"), "{}", page.body);
        let no = world.post(&mut browser, &question, &[("action", "no")]).await;
        assert!(!no.location().contains("evil"), "{params:?}: {}", no.location());
        assert!(is_signed_in(&world, &browser).await, "{params:?}");
    }
    assert_eq!(logout(&world, &mut browser, &[("state", "1"), ("state", "2")]).await.status, 400);
    assert_eq!(world.ask("HEAD", "/logout", &[], "").await.status, 405);

    let question = logout(&world, &mut browser, &[("client_id", "flex")]).await.location().to_owned();
    let yes = world.post(&mut browser, &question, &[("action", "yes")]).await;
    assert_eq!(yes.location(), format!("{ISSUER}/ui/logged-out?client_id=flex"));
    assert!(!is_signed_in(&world, &browser).await);
    let page = world.open(&mut browser, "/ui/logged-out?client_id=flex").await;
    assert!(page.body.contains("op-logged-out") && page.body.contains("Lindenhof flex"), "{}", page.body);
}

#[tokio::test]
async fn somebody_elses_hint_ends_no_session_without_a_question_and_leads_back_after_it() {
    let world = World::new().await;
    let (_, hint, _) = marie_at_flex(&world).await;
    let sophie = world.person("Sophie").await;
    let mut browser = world.signed_in(sophie).await;
    let params = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", BYE)];
    let question = logout(&world, &mut browser, &params).await.location().to_owned();
    assert!(question.starts_with(&format!("{ISSUER}/ui/logout")) && is_signed_in(&world, &browser).await);
    assert_eq!(world.post(&mut browser, &question, &[("action", "yes")]).await.location(), BYE);
    assert!(!is_signed_in(&world, &browser).await);
}

#[tokio::test]
async fn a_hint_of_an_earlier_person_ends_their_session_and_leaves_the_current_one() {
    let world = World::new().await;
    let (mut browser, hint, access_token) = marie_at_flex(&world).await;
    let sophie = world.person("Sophie").await;
    world.sign_in(&mut browser, sophie).await;
    assert_eq!(world.userinfo(&access_token).await.status, 200, "Marie's session goes on beside Sophie's");
    let params = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", BYE)];
    assert_eq!(logout(&world, &mut browser, &params).await.location(), BYE);
    assert_eq!(world.userinfo(&access_token).await.status, 401);
    assert!(is_signed_in(&world, &browser).await, "Sophie");
}

#[tokio::test]
async fn b3_45_a_foreign_page_cannot_say_yes() {
    let world = World::new().await;
    let (mut browser, _, _) = marie_at_flex(&world).await;
    let question = logout(&world, &mut browser, &[]).await.location().to_owned();
    let foreign = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
    ];
    assert_eq!(world.ask("POST", &question, &foreign, "action=yes").await.status, 403);
    assert!(is_signed_in(&world, &browser).await);
}

#[tokio::test]
async fn b3_51_signing_off_also_ends_what_began_before_another_person_used_the_browser() {
    let world = World::new().await;
    let (marie, urs) = (world.person("Marie").await, world.person("Urs").await);
    let mut browser = world.signed_in(marie).await;
    let before = world.tokens(&mut browser, "flex", &[]).await;
    world.sign_in(&mut browser, urs).await;
    world.sign_in(&mut browser, marie).await;
    let after = world.tokens(&mut browser, "flex", &[]).await;
    logout(&world, &mut browser, &[("id_token_hint", after["id_token"].as_str().unwrap())]).await;
    assert!(!is_signed_in(&world, &browser).await);
    for tokens in [&before, &after] {
        let text = |name: &str| tokens[name].as_str().unwrap();
        assert_eq!(world.userinfo(text("access_token")).await.error(), (401, "invalid_token".into()));
        assert_eq!(world.refresh("flex", text("refresh_token")).await.error(), (400, "invalid_grant".into()));
    }
}

#[tokio::test]
async fn a_client_that_cannot_be_told_stops_neither_other_sessions_nor_what_waits_to_be_sent() {
    for world in World::everywhere().await {
        for client_id in ["broken", "sound"] {
            let uri = format!("https://{client_id}.example/cb");
            let told = "https://127.0.0.1:1/out";
            world
                .register(&json!({"client_id": client_id, "client_name": client_id, "redirect_uris": [uri],
                "backchannel_logout_uri": told}))
                .await;
        }
        let (marie, urs) = (world.person("Marie").await, world.person("Urs").await);
        // More than one batch of them, and all before the one that can be told.
        for nth in 0..=51 {
            let (account, client_id) = if nth <= 50 { (marie, "broken") } else { (urs, "sound") };
            let id = world.sign_in(&mut Browser::default(), account).await;
            let now = world.now();
            world
                .write(move |tx| {
                    let row = client::by_client_id(tx, client_id)?.unwrap().row;
                    session::sid_for(tx, id, row, &format!("sid{nth}"), ("sub", now))?;
                    session::end(tx, id, now)
                })
                .await;
            world.advance(std::time::Duration::from_millis(5)).await;
        }
        world
            .write(|tx| Ok(diesel::sql_query("UPDATE client SET document = '{' WHERE client_id = 'broken'").execute(tx.conn)?))
            .await;
        let (app, realm) = (world.app(), world.realm().await);
        let mut worker = Outbox::new(app.clone(), POST);
        assert!(tend(app, &realm, &mut worker, false).await.is_err(), "the operator is told");
        worker.finish().await;
        let calls = world.read(|rx| outbox::list(rx, MessageFilter::default())).await;
        assert_eq!(calls.iter().map(|call| call.attempts).collect::<Vec<_>>(), [1], "one call, and it was made: {calls:?}");
    }
}
