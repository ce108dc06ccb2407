//! Coming back: user name, password, second factor, and one sign-in for all portals.

use crate::support::flows;
use crate::support::journey::totp;
use crate::support::people::Person;
use crate::support::portal::payload;

flows! {
    async fn v_04_marie_signs_in_with_password_and_sms(world) {
        let flex = world.flex().await;
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        browser.visit(&flex.sign_in()).await.says("Connexion").says("Nom d'utilisateur").says("Mot de passe").says("Lindenhof flex");
        browser.give_password(&marie.email(), marie.password()).await;
        browser.page.says("SMS").hides(marie.phone());
        let code = world.mailbox.wait_for(marie.phone(), 2).await.code();
        browser.type_code(&code).await;
        flex.tokens_from(&browser.page).await;
    }

    async fn at_the_second_portal_no_password_is_asked(world) {
        let (flex, one_e) = (world.flex().await, world.one_e());
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        browser.sign_in_by_sms(world, &marie, &flex).await;
        let at_flex = payload(&flex.tokens_from(&browser.page).await.text("id_token"));
        browser.visit(&one_e.sign_in()).await;
        let at_one_e = payload(&one_e.tokens_from(&browser.page).await.text("id_token"));
        assert_ne!(at_flex["sub"], at_one_e["sub"], "portals cannot compare people");
        assert_ne!(at_flex["sid"], at_one_e["sid"], "nor sessions");
        assert_eq!(at_flex["auth_time"], at_one_e["auth_time"]);
        browser.visit(&flex.sign_in()).await;
        assert_eq!(payload(&flex.tokens_from(&browser.page).await.text("id_token"))["sub"], at_flex["sub"]);
    }

    async fn two_tabs_that_sign_in_to_two_portals_both_arrive(world) {
        let (flex, one_e) = (world.flex().await, world.one_e());
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        browser.visit(&one_e.sign_in()).await;
        let second_tab = browser.page.clone();
        browser.sign_in_by_sms(world, &marie, &flex).await;
        flex.tokens_from(&browser.page).await;
        browser.page = second_tab;
        let page = browser.page.url.clone();
        browser.visit(&page).await;
        one_e.tokens_from(&browser.page).await;
    }

    async fn two_tabs_opened_before_any_cookie_both_arrive(world) {
        let (flex, one_e) = (world.flex().await, world.one_e());
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        let mut first_tab = world.browser();
        first_tab.visit(&flex.sign_in()).await;
        browser.visit(&one_e.sign_in()).await;
        // The second answer's cookie won; the first tab's page is still open.
        let form = first_tab.page.clone();
        browser.page = form;
        browser.give_password(&marie.email(), marie.password()).await;
        if browser.page.text().contains("Mot de passe") {
            browser.give_password(&marie.email(), marie.password()).await;
        }
        let code = world.mailbox.wait_for(marie.phone(), 2).await.code();
        browser.type_code(&code).await;
        flex.tokens_from(&browser.page).await;
    }

    async fn an_expired_flow_explains_itself_and_leads_back_to_the_portal(world) {
        let (flex, mut browser) = (world.flex().await, world.browser());
        browser.visit(&flex.sign_in()).await;
        let login = browser.page.url.clone();
        world.wait(3601);
        browser.visit(&login).await.says("Lindenhof flex");
        assert_eq!(browser.page.link("back").as_deref(), Some("http://localhost:8081/"));
    }

    async fn wrong_password_unknown_name_and_locked_account_read_the_same(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let mut answers = Vec::new();
        for name in [marie.email(), "nobody@post.example".to_owned()] {
            let mut browser = world.browser();
            browser.visit(&flex.sign_in()).await;
            for attempt in 0..7 {
                browser.give_password(&name, "Faux-Passe-99!").await;
                assert_eq!(browser.page.value("username").as_deref(), Some(name.as_str()), "the name stays");
                answers.push((attempt, browser.page.status, browser.page.text().replace(&name, "NAME")));
            }
        }
        let (known, unknown) = answers.split_at(7);
        assert_eq!(known, unknown);
        assert!(known[0].2.contains("n'est pas juste"), "{}", known[0].2);
        assert!(known[6].2.contains("Trop d'essais"), "{}", known[6].2);
        let mut owner = world.browser();
        owner.visit(&flex.sign_in()).await;
        owner.give_password(&marie.email(), marie.password()).await;
        owner.page.says("Trop d'essais");
        world.wait(121);
        owner.sign_in_by_sms(world, &marie, &flex).await;
        flex.tokens_from(&owner.page).await;
    }

    async fn a_wrong_factor_five_times_waits_and_the_right_one_then_passes(world) {
        let (urs, flex, mut browser) = (world.invite(Person::urs()).await, world.flex().await, world.browser());
        let secret = browser.enroll_by_app(world, &urs, &flex).await;
        let mut other = world.browser();
        world.wait(60);
        other.visit(&flex.sign_in()).await;
        other.give_password(&urs.email(), urs.password()).await;
        for _ in 0..5 {
            other.type_code("000000").await;
        }
        other.type_code(&totp(&secret, world)).await;
        other.page.says("Trop d'essais");
        world.wait(61);
        other.type_code(&totp(&secret, world)).await;
        flex.tokens_from(&other.page).await;
    }

    async fn after_the_password_alone_nothing_is_proven(world) {
        let flex = world.flex().await;
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        browser.visit(&flex.sign_in()).await;
        browser.give_password(&marie.email(), marie.password()).await;
        let mut half = browser.clone();
        half.visit(&flex.sign_in_with(&[("prompt", "none")])).await;
        assert_eq!(half.page.parameter("error").as_deref(), Some("login_required"));
        half.visit(&flex.sign_in()).await.says("Mot de passe");
    }

    async fn cancelling_tells_the_portal_that_access_was_denied(world) {
        let (flex, mut browser) = (world.flex().await, world.browser());
        browser.visit(&flex.sign_in()).await;
        browser.submit(&[("action", "cancel")]).await;
        assert_eq!(browser.page.parameter("error").as_deref(), Some("access_denied"), "{}", browser.page.url);
        assert_eq!(browser.page.parameter("state").as_deref(), Some(crate::support::portal::STATE));
    }
}
