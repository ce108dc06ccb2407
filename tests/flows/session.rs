//! Sessions: how they begin, go on and end.

use crate::support::flows;
use crate::support::portal::{STATE, payload};

flows! {
    async fn s_16_v_32_signing_out_at_a_portal_ends_the_session_and_comes_back(world) {
        let flex = world.flex().await;
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        browser.sign_in_by_sms(world, &marie, &flex).await;
        let tokens = flex.tokens_from(&browser.page).await;
        flex.sign_out(&mut browser, &tokens.text("id_token")).await;
        assert_eq!(browser.page.url, format!("http://localhost:8081/signed-out?state={STATE}"));
        browser.visit(&flex.sign_in_with(&[("prompt", "none")])).await;
        assert_eq!(browser.page.parameter("error").as_deref(), Some("login_required"));
        assert_eq!(flex.userinfo(&tokens.text("access_token")).await.status, 401, "what came from the session is over");
        if tokens.json.get("refresh_token").is_some() {
            assert_eq!(flex.refresh(&tokens.text("refresh_token")).await.status, 400);
        }
    }

    async fn signing_out_without_a_hint_asks_first(world) {
        let flex = world.flex().await;
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        browser.sign_in_by_sms(world, &marie, &flex).await;
        flex.tokens_from(&browser.page).await;
        let logout = format!("{}/logout", world.issuer);
        browser.visit(&logout).await.says("Voulez-vous terminer votre session");
        browser.visit(&flex.sign_in_with(&[("prompt", "none")])).await;
        flex.code_from(&browser.page);
        browser.visit(&logout).await;
        browser.submit(&[("action", "yes")]).await;
        browser.page.says("déconnecté");
        browser.visit(&flex.sign_in_with(&[("prompt", "none")])).await;
        assert_eq!(browser.page.parameter("error").as_deref(), Some("login_required"));
    }

    async fn a_session_idle_for_an_hour_is_over(world) {
        let flex = world.flex().await;
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        browser.sign_in_by_sms(world, &marie, &flex).await;
        world.wait(3500);
        browser.visit(&flex.sign_in_with(&[("prompt", "none")])).await;
        flex.code_from(&browser.page);
        world.wait(3601);
        browser.visit(&flex.sign_in_with(&[("prompt", "none")])).await;
        assert_eq!(browser.page.parameter("error").as_deref(), Some("login_required"));
    }

    async fn max_age_and_prompt_login_really_authenticate_again(world) {
        let flex = world.flex().await;
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        browser.sign_in_by_sms(world, &marie, &flex).await;
        let first = payload(&flex.tokens_from(&browser.page).await.text("id_token"));
        world.wait(120);
        for changes in [[("max_age", "60")], [("prompt", "login")]] {
            browser.visit(&flex.sign_in_with(&changes)).await.says("Mot de passe");
            let before = world.mailbox.to(marie.phone()).len();
            browser.give_password(&marie.email(), marie.password()).await;
            let code = world.mailbox.wait_for(marie.phone(), before + 1).await.code();
            browser.type_code(&code).await;
            let again = payload(&flex.tokens_from(&browser.page).await.text("id_token"));
            assert!(again["auth_time"].as_i64() > first["auth_time"].as_i64(), "{changes:?}");
            assert_eq!(again["sub"], first["sub"]);
            world.wait(120);
        }
    }

    async fn the_cookie_changes_at_every_authentication_and_the_old_one_is_worth_nothing(world) {
        let flex = world.flex().await;
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        browser.visit(&flex.sign_in()).await;
        let mut planted = browser.clone();
        browser.sign_in_by_sms(world, &marie, &flex).await;
        assert_ne!(browser.cookie("poterne-lindenhof"), planted.cookie("poterne-lindenhof"));
        planted.visit(&flex.sign_in_with(&[("prompt", "none")])).await;
        assert_eq!(planted.page.parameter("error").as_deref(), Some("login_required"));
    }

    async fn refresh_tokens_of_a_confidential_portal_stay_and_a_public_ones_change(world) {
        let (flex, one_e) = (world.flex().await, world.one_e());
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        browser.sign_in_by_sms(world, &marie, &flex).await;
        let tokens = flex.tokens_from(&browser.page).await;
        let refreshed = flex.refresh(&tokens.text("refresh_token")).await;
        assert_eq!(refreshed.status, 200, "{refreshed:?}");
        assert_eq!(flex.refresh(&tokens.text("refresh_token")).await.status, 200, "the same one again");
        browser.visit(&one_e.sign_in()).await;
        let tokens = one_e.tokens_from(&browser.page).await;
        let first = tokens.text("refresh_token");
        let second = one_e.refresh(&first).await.text("refresh_token");
        assert_ne!(first, second);
        assert_eq!(one_e.refresh(&first).await.text("refresh_token"), second, "a lost answer is repeated");
        world.wait(11);
        assert_eq!(one_e.refresh(&first).await.json["error"], "invalid_grant");
        assert_eq!(one_e.refresh(&second).await.json["error"], "invalid_grant", "the family is revoked");
    }

    async fn a_client_that_its_document_drops_stops_working_at_once_and_may_come_back(world) {
        let flex = world.flex().await;
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        browser.sign_in_by_sms(world, &marie, &flex).await;
        let tokens = flex.tokens_from(&browser.page).await;
        let whole = world.document();
        let mut without = whole.clone();
        without.clients.retain(|client| client.client_id != flex.client_id);
        world.manage().apply_realm(without).await.expect("the document is applied");
        assert_eq!(flex.userinfo(&tokens.text("access_token")).await.status, 401);
        assert_eq!(flex.refresh(&tokens.text("refresh_token")).await.json["error"], "invalid_client");
        browser.visit(&flex.sign_in()).await;
        assert_eq!(browser.page.status, 400);
        world.manage().apply_realm(whole).await.expect("the document is applied");
        browser.visit(&flex.sign_in()).await;
        flex.code_from(&browser.page);
    }
}
