//! The authorization endpoint as portals and browsers meet it.

use crate::access::flow::{self, Progress};
use crate::oidc::tests::{Browser, FLEX_BACK, ISSUER, World, encoded};
use poterne_protocol::id::{AccountId, FlowId};
use std::time::Duration;

async fn authorize(world: &World, browser: &mut Browser, client: &str, changes: &[(&str, &str)]) -> crate::oidc::tests::Answer {
    world.open(browser, &format!("/authorize?{}", World::request(client, changes))).await
}

/// The flow that the sign-in page was asked for.
pub(in crate::oidc) fn flow_of(location: &str) -> FlowId {
    let rest = location.strip_prefix(&format!("{ISSUER}/ui/login/")).unwrap_or_else(|| panic!("{location}"));
    rest.trim_end_matches("?here=1").trim_end_matches("/accounts").parse().unwrap()
}

/// Stands for the sign-in room: the person proves in this flow who they are.
pub(in crate::oidc) async fn prove(world: &World, browser: &mut Browser, id: FlowId, account: AccountId) {
    let session = world.sign_in(browser, account).await;
    let at = world.now();
    let moved = world.write(move |tx| {
        let loaded = flow::load(tx, id)?.unwrap();
        flow::save(tx, &loaded, &Progress::Authenticated { session, at })
    });
    assert!(moved.await);
}

#[tokio::test]
async fn a_request_that_cannot_be_trusted_shows_a_page_and_redirects_nowhere() {
    let world = World::new().await;
    let good = World::request("flex", &[]);
    for (query, code) in [
        (String::new(), "invalid_request"),
        (World::request("flex", &[("client_id", "nobody")]), "invalid_client"),
        (World::request("flex", &[("redirect_uri", "https://evil.example/cb")]), "invalid_redirect_uri"),
        (World::request("flex", &[("redirect_uri", &format!("{FLEX_BACK}&x=1"))]), "invalid_redirect_uri"),
        (World::request("flex", &[("prompt", "none"), ("redirect_uri", "//evil.example")]), "invalid_redirect_uri"),
        (format!("{good}&client_id=flex"), "invalid_request"),
        (format!("{good}&redirect_uri=https%3A%2F%2Fevil.example"), "invalid_request"),
        ("parked=nonsense".to_owned(), "invalid_request"),
        ("parked=AAAAAAAAAAAAAAAAAAAAAA".to_owned(), "invalid_request"),
    ] {
        let answer = world.open(&mut Browser::default(), &format!("/authorize?{query}")).await;
        assert_eq!((answer.status.as_u16(), answer.headers.get("location")), (400, None), "{query}");
        assert!(answer.body.contains(code) && answer.body.contains("op-error"), "{query}: {}", answer.body);
    }
}

#[tokio::test]
async fn every_other_mistake_goes_back_to_the_portal_with_state_and_iss() {
    let world = World::new().await;
    for (changes, code) in [
        (vec![("response_type", "token")], "unsupported_response_type"),
        (vec![("scope", "email")], "invalid_scope"),
        (vec![("code_challenge", "")], "invalid_request"),
        (vec![("code_challenge_method", "plain")], "invalid_request"),
        (vec![("prompt", "none login")], "invalid_request"),
        (vec![("request", "x.y.z")], "request_not_supported"),
        (vec![("request_uri", "https://evil.example")], "request_uri_not_supported"),
        (vec![("prompt", "none")], "login_required"),
    ] {
        let answer = authorize(&world, &mut Browser::default(), "flex", &changes).await;
        let location = answer.location();
        if changes.iter().all(|(name, _)| *name != "response_type") {
            assert_eq!(answer.param("error").as_deref(), Some(code), "{changes:?}");
            assert_eq!((answer.param("state").as_deref(), answer.param("iss").as_deref()), (Some("st"), Some(ISSUER)));
        }
        assert!(location.starts_with(FLEX_BACK) && location.contains(code) && !location.contains("code="), "{location}");
    }
    let twice = format!("/authorize?{}&nonce=n", World::request("flex", &[]));
    let answer = world.open(&mut Browser::default(), &twice).await;
    assert_eq!(answer.param("error").as_deref(), Some("invalid_request"));
    assert_eq!(world.events().await, Vec::<String>::new(), "nothing has changed");
}

#[tokio::test]
async fn a_stranger_signs_in_and_comes_back_with_a_code_once() {
    let world = World::new().await;
    let marie = world.person("Marie").await;
    let mut browser = Browser::default();
    let answer = authorize(&world, &mut browser, "flex", &[("ui_locales", "rm de")]).await;
    let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    assert!(cookies.iter().any(|cookie| cookie.starts_with("poterne-lindenhof-8080=") && cookie.contains("SameSite=Lax")));
    assert!(cookies.iter().any(|cookie| cookie.starts_with("poterne-lang-lindenhof-8080=de")), "Romansh speakers get German");
    let flow = flow_of(answer.location());
    let back = format!("/authorize?flow={flow}");
    assert_eq!(flow_of(world.open(&mut browser, &back).await.location()), flow, "nobody has signed in yet");

    prove(&world, &mut browser, flow, marie).await;
    let stranger = world.open(&mut Browser::default(), &back).await;
    assert_eq!(flow_of(stranger.location()), flow, "another browser gets no code");
    assert_eq!(world.ask("HEAD", &back, &[], "").await.status, 405, "a scanner spends nothing");
    let answer = world.open(&mut browser, &back).await;
    assert!(answer.location().starts_with(&format!("{FLEX_BACK}&code=")));
    assert_eq!((answer.param("state").as_deref(), answer.param("iss").as_deref()), (Some("st"), Some(ISSUER)));
    assert_eq!(flow_of(world.open(&mut browser, &back).await.location()), flow, "a finished flow gives no second code");
    assert_eq!(world.events().await, ["code.issued"]);
}

#[tokio::test]
async fn whoever_gives_up_or_comes_late_is_told_so() {
    let world = World::new().await;
    let mut browser = Browser::default();
    let flow = flow_of(authorize(&world, &mut browser, "flex", &[]).await.location());
    let foreign = world.open(&mut Browser::default(), &format!("/authorize?flow={flow}&cancel=1")).await;
    assert_eq!(flow_of(foreign.location()), flow, "nobody else gives up for me");
    let answer = world.open(&mut browser, &format!("/authorize?flow={flow}&cancel=1")).await;
    assert_eq!(answer.param("error").as_deref(), Some("access_denied"));
    assert_eq!(flow_of(world.open(&mut browser, &format!("/authorize?flow={flow}&cancel=1")).await.location()), flow);
    assert_eq!(world.events().await, ["authorization.refused"]);

    let marie = world.person("Marie").await;
    let late = flow_of(authorize(&world, &mut browser, "flex", &[]).await.location());
    world.advance(Duration::from_secs(3601)).await;
    prove(&world, &mut browser, late, marie).await;
    assert_eq!(flow_of(world.open(&mut browser, &format!("/authorize?flow={late}")).await.location()), late);
    assert_eq!(world.open(&mut browser, "/authorize?flow=nonsense").await.status, 404);
}

#[tokio::test]
async fn with_a_session_no_page_is_shown_unless_it_is_asked_for() {
    let world = World::new().await;
    let marie = world.person("Marie").await;
    let mut browser = world.signed_in(marie).await;
    for changes in [&[][..], &[("prompt", "none")], &[("max_age", "60")], &[("prompt", "consent")]] {
        let answer = authorize(&world, &mut browser, "flex", changes).await;
        assert!(answer.param("code").is_some(), "{changes:?}: {}", answer.location());
    }
    world.advance(Duration::from_secs(61)).await;
    for changes in [("prompt", "login"), ("max_age", "60"), ("max_age", "0"), ("prompt", "select_account")] {
        let flow = flow_of(authorize(&world, &mut browser, "flex", &[changes]).await.location());
        world.advance(Duration::from_secs(1)).await;
        let early = world.open(&mut browser, &format!("/authorize?flow={flow}")).await;
        assert_eq!(flow_of(early.location()), flow, "{changes:?}: the old sign-in does not count");
        prove(&world, &mut browser, flow, marie).await;
        assert!(world.open(&mut browser, &format!("/authorize?flow={flow}")).await.param("code").is_some(), "{changes:?}");
        world.advance(Duration::from_secs(61)).await;
    }
    let late = authorize(&world, &mut browser, "flex", &[("prompt", "none"), ("max_age", "5")]).await;
    assert_eq!(late.param("error").as_deref(), Some("login_required"));
    let create = authorize(&world, &mut browser, "flex", &[("prompt", "create")]).await;
    assert!(create.location().starts_with(&format!("{ISSUER}/ui/enroll?flow=")));
    world.advance(Duration::from_secs(3601)).await;
    let idle = authorize(&world, &mut browser, "flex", &[("prompt", "none")]).await;
    assert_eq!(idle.param("error").as_deref(), Some("login_required"));
}

#[tokio::test]
async fn a_hint_names_who_must_answer_even_when_it_is_expired() {
    let world = World::new().await;
    let (marie, sophie) = (world.person("Marie").await, world.person("Sophie").await);
    let (mut at_marie, mut at_sophie) = (world.signed_in(marie).await, world.signed_in(sophie).await);
    let hint = world.tokens(&mut at_marie, "flex", &[]).await["id_token"].as_str().unwrap().to_owned();
    world.advance(Duration::from_secs(600)).await;
    let ask = |client, hint: String| {
        let world = &world;
        move |mut browser: Browser| async move {
            let changes = [("prompt", "none"), ("id_token_hint", hint.as_str())];
            authorize(world, &mut browser, client, &changes).await.param("error")
        }
    };
    assert_eq!(ask("flex", hint.clone())(at_marie.clone()).await, None);
    assert_eq!(ask("flex", hint.clone())(at_sophie.clone()).await.as_deref(), Some("login_required"), "somebody else");
    assert_eq!(ask("app", hint.clone())(at_marie.clone()).await.as_deref(), Some("login_required"), "another portal's hint");
    assert_eq!(ask("flex", "a.b.c".into())(at_marie).await.as_deref(), Some("login_required"), "no hint at all");
    let asked = authorize(&world, &mut at_sophie, "flex", &[("id_token_hint", &hint)]).await;
    assert_eq!(asked.param("error").as_deref(), Some("login_required"));
}

#[tokio::test]
async fn a_portal_gets_only_people_it_serves_whose_account_is_active() {
    use crate::store::schema::account as a;
    use diesel::prelude::*;
    let world = World::new().await;
    let marie = world.person("Marie").await;
    let mut browser = world.signed_in(marie).await;
    let staff = authorize(&world, &mut browser, "staff", &[]).await;
    assert!(staff.location().ends_with("/not-served"), "{}", staff.location());
    let silent = authorize(&world, &mut browser, "staff", &[("prompt", "none")]).await;
    assert_eq!(silent.param("error").as_deref(), Some("access_denied"));
    let now = world.now();
    world
        .write(move |tx| {
            diesel::update(a::table.find((tx.realm(), marie))).set(a::suspended_at.eq(Some(now))).execute(tx.conn)?;
            Ok(())
        })
        .await;
    let suspended = authorize(&world, &mut browser, "flex", &[]).await;
    assert_eq!(suspended.param("error").as_deref(), Some("access_denied"));
    assert_eq!(suspended.param("error_description").as_deref(), Some("the account is not active"));
}

#[tokio::test]
async fn a_posted_request_is_kept_unread_and_taken_up_once() {
    let world = World::new().await;
    let marie = world.person("Marie").await;
    let mut browser = world.signed_in(marie).await;
    let (good, form) = (World::request("flex", &[]), [("content-type", "application/x-www-form-urlencoded")]);
    let answer = world.ask("POST", "/authorize", &form, &good).await;
    assert!(answer.location().starts_with(&format!("{ISSUER}/authorize?parked=")));
    assert!(answer.headers.get("set-cookie").is_none(), "a cross-site POST would lose it or overwrite the real one");
    let parked = answer.location().to_owned();
    assert!(world.open(&mut browser, &parked).await.param("code").is_some());
    assert_eq!(world.open(&mut browser, &parked).await.status, 400, "only once");

    let late = world.ask("POST", "/authorize", &form, &good).await.location().to_owned();
    world.advance(Duration::from_secs(301)).await;
    assert_eq!(world.open(&mut browser, &late).await.status, 400);
    let mixed = world.ask("POST", "/authorize?state=other", &form, &good).await.location().to_owned();
    assert_eq!(world.open(&mut browser, &mixed).await.param("error").as_deref(), Some("invalid_request"), "query and body");
    let json = world.ask("POST", "/authorize", &[("content-type", "application/json")], &good).await;
    assert_eq!(json.status, 400);
    let elsewhere = encoded(&[("client_id", "nobody")]);
    assert_eq!(world.ask("POST", "/authorize", &form, &elsewhere).await.status, 400, "nothing that nobody could answer is kept");
}
