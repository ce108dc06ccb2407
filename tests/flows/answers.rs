//! What a portal gets back in every response type and mode, through a whole sign-in, and what it never gets.

use crate::support::people::Person;
use crate::support::portal::{NONCE, Portal, STATE, payload};
use crate::support::{World, flows};
use axum::http::header;
use poterne_idp::RealmDocument;

const HOME: &str = "https://hybrid.example";

/// A public portal that may have every answer, with the fund's own ones beside it.
async fn hybrid(world: &World) -> Portal {
    let client = r#"
        [[client]]
        client_id = "hybrid"
        client_name = "Portail hybride"
        client_uri = "https://hybrid.example/"
        redirect_uris = ["https://hybrid.example/callback"]
        post_logout_redirect_uris = ["https://hybrid.example/signed-out"]
        token_endpoint_auth_method = "none"
        grant_types = ["authorization_code", "implicit", "refresh_token"]
        response_types = ["code", "id_token", "id_token token", "code id_token", "code token", "code id_token token"]
        scope = "openid profile email offline_access"
        first_party = true
    "#;
    let document = format!("{}\n{client}", include_str!("../../examples/lindenhof.toml"));
    let document = RealmDocument::parse(&document).expect("the document is right");
    world.manage().apply_realm(document).await.expect("it is applied");
    Portal::new(world, "hybrid", None, HOME)
}

flows! {
    async fn a_hybrid_answer_comes_in_the_fragment_after_the_whole_sign_in(world) {
        let portal = hybrid(world).await;
        let (marie, mut browser) = (world.invite(Person::marie()).await, world.browser());
        browser.enroll_by_sms(world, &marie, &portal).await;
        let mut fresh = world.browser();
        fresh.visit(&portal.sign_in_with(&[("response_type", "code id_token token")])).await;
        fresh.give_password(&marie.email(), marie.password()).await;
        let code = world.mailbox.wait_for(marie.phone(), 2).await.code();
        fresh.type_code(&code).await;
        let page = &fresh.page;
        assert!(page.url.starts_with(&format!("{HOME}/callback#")), "{}", page.url);
        assert_eq!(page.parameter("state").as_deref(), Some(STATE));
        assert_eq!(page.parameter("iss").as_deref(), Some(world.issuer.as_str()));
        assert_eq!(page.parameter("token_type").as_deref(), Some("Bearer"));
        assert_eq!(page.parameter("refresh_token"), None);
        let id_token = payload(&page.parameter("id_token").expect("an ID token"));
        assert_eq!(id_token["nonce"], NONCE);
        assert!(id_token["at_hash"].is_string() && id_token["c_hash"].is_string() && id_token.get("email").is_none(), "{id_token}");
        let beside = page.parameter("access_token").expect("an access token");
        assert_eq!(portal.userinfo(&beside).await.json["email"], marie.email());
        let tokens = portal.redeem(&page.parameter("code").expect("a code")).await;
        assert_eq!(payload(&tokens.text("id_token"))["sub"], id_token["sub"]);
        assert_eq!(portal.redeem(&page.parameter("code").expect("a code")).await.text("error"), "invalid_grant");
        for token in [beside, tokens.text("access_token")] {
            assert_eq!(portal.userinfo(&token).await.status, 401, "the second use ended them all");
        }
        assert_eq!(portal.refresh(&tokens.text("refresh_token")).await.text("error"), "invalid_grant");
    }

    async fn an_id_token_alone_tells_of_the_person_and_one_beside_a_token_does_not(world) {
        let portal = hybrid(world).await;
        let (marie, mut browser) = (world.invite(Person::marie()).await, world.browser());
        browser.enroll_by_sms(world, &marie, &portal).await;
        for (response_type, told) in [("id_token", true), ("id_token token", false), ("code id_token", false)] {
            browser.visit(&portal.sign_in_with(&[("response_type", response_type)])).await;
            let id_token = payload(&browser.page.parameter("id_token").expect("an ID token"));
            assert_eq!((id_token.get("email").is_some(), id_token.get("given_name").is_some()), (told, told), "{response_type}");
        }
    }

    async fn form_post_hands_the_answer_over_on_a_page_that_nobody_keeps(world) {
        let portal = hybrid(world).await;
        let (marie, mut browser) = (world.invite(Person::marie()).await, world.browser());
        browser.enroll_by_sms(world, &marie, &portal).await;
        for (response_type, parts) in [
            ("code", &["code"][..]),
            ("id_token", &["id_token"]),
            ("id_token token", &["id_token", "access_token"]),
            ("code id_token token", &["code", "id_token", "access_token"]),
        ] {
            browser.visit(&portal.sign_in_with(&[("response_type", response_type), ("response_mode", "form_post")])).await;
            let page = &browser.page;
            assert_eq!((page.status, page.form_action()), (200, format!("{HOME}/callback")), "{response_type}");
            page.says("Portail hybride");
            let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().expect("text");
            assert!(!policy.contains("form-action"), "the portal may send the browser on: {policy}");
            assert_eq!(page.headers[header::CACHE_CONTROL], "no-cache, no-store");
            for part in ["code", "id_token", "access_token"] {
                assert_eq!(page.value(part).is_some(), parts.contains(&part), "{response_type} {part}");
            }
            assert_eq!((page.value("state").as_deref(), page.value("iss")), (Some(STATE), Some(world.issuer.clone())));
        }
        browser.visit(&portal.sign_in_with(&[("response_mode", "form_post"), ("prompt", "none"), ("max_age", "0")])).await;
        assert_eq!(browser.page.value("error").as_deref(), Some("login_required"));
    }

    async fn what_a_portal_asks_wrongly_comes_back_where_the_answer_would(world) {
        let (portal, flex, mut browser) = (hybrid(world).await, world.flex().await, world.browser());
        for (changes, error) in [
            (vec![("response_type", "code token"), ("prompt", "none")], "login_required"),
            (vec![("response_type", "id_token"), ("response_mode", "query")], "invalid_request"),
            (vec![("response_type", "id_token"), ("nonce", "")], "invalid_request"),
            (vec![("response_type", "token")], "unsupported_response_type"),
            (vec![("response_type", "id_token"), ("id_token_hint", "a.b.c.d.e")], "invalid_request"),
        ] {
            browser.visit(&portal.sign_in_with(&changes)).await;
            assert!(browser.page.url.starts_with(&format!("{HOME}/callback#")), "{changes:?}: {}", browser.page.url);
            assert_eq!(browser.page.parameter("error").as_deref(), Some(error), "{changes:?}");
            assert_eq!(browser.page.parameter("iss").as_deref(), Some(world.issuer.as_str()), "{changes:?}");
        }
        browser.visit(&flex.sign_in_with(&[("response_type", "code id_token")])).await;
        assert_eq!(browser.page.parameter("error").as_deref(), Some("unauthorized_client"), "off unless it is registered");
    }

    async fn a_long_state_comes_back_as_it_was_in_every_mode(world) {
        let portal = hybrid(world).await;
        let (marie, mut browser) = (world.invite(Person::marie()).await, world.browser());
        browser.enroll_by_sms(world, &marie, &portal).await;
        let state = "!#$&'()*+,/:;=?@[]~%\"<>| ".repeat(20);
        for mode in ["query", "fragment", "form_post"] {
            browser.visit(&portal.sign_in_with(&[("state", &state), ("response_mode", mode)])).await;
            let back = if mode == "form_post" { browser.page.value("state") } else { browser.page.parameter("state") };
            assert_eq!(back.as_deref(), Some(state.as_str()), "{mode}");
        }
    }

    async fn wishes_of_a_portal_never_cause_an_error_and_some_are_heard(world) {
        let portal = hybrid(world).await;
        let (marie, mut browser) = (world.invite(Person::marie()).await, world.browser());
        browser.enroll_by_sms(world, &marie, &portal).await;
        for wish in [
            ("display", "popup"),
            ("display", "hologram"),
            ("ui_locales", "rm de-CH fr"),
            ("claims_locales", "de fr"),
            ("acr_values", "urn:nobody:knows urn:poterne:level:single"),
            ("login_hint", "somebody@mail.example"),
            ("id_token_hint", "nonsense"),
            ("unknown", "parameter"),
        ] {
            browser.visit(&portal.sign_in_with(&[wish])).await;
            assert!(browser.page.parameter("code").is_some(), "{wish:?}: {}", browser.page.url);
        }
        let mut stranger = world.browser();
        let hinted = [("login_hint", "somebody@mail.example"), ("display", "popup"), ("ui_locales", "de")];
        stranger.visit(&portal.sign_in_with(&hinted)).await.says("Passwort");
        assert_eq!(stranger.page.value("username").as_deref(), Some("somebody@mail.example"));
    }

    async fn an_old_hint_of_the_portals_own_says_who_and_gives_no_right(world) {
        let portal = hybrid(world).await;
        let (marie, mut browser) = (world.invite(Person::marie()).await, world.browser());
        browser.enroll_by_sms(world, &marie, &portal).await;
        browser.visit(&portal.sign_in_with(&[("response_type", "id_token")])).await;
        let hint = browser.page.parameter("id_token").expect("an ID token");
        world.wait(600);
        let silent = [("prompt", "none"), ("id_token_hint", hint.as_str())];
        browser.visit(&portal.sign_in_with(&silent)).await;
        assert!(browser.page.parameter("code").is_some(), "expired, and still hers: {}", browser.page.url);
        let mut stranger = world.browser();
        stranger.visit(&portal.sign_in_with(&silent)).await;
        assert_eq!(stranger.page.parameter("error").as_deref(), Some("login_required"));
    }
}
