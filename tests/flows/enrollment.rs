//! From the letter to the account: the rows S-01 to S-16.

use crate::support::flows;
use crate::support::journey::totp;
use crate::support::people::Person;
use crate::support::portal::payload;

flows! {
    /// The whole road by SMS: at its end the portal has its answer and knows how the person signed in.
    async fn s_03_to_s_15_marie_enrolls_by_sms_and_is_signed_in_at_the_portal(world) {
        let (marie, flex, mut browser) = (world.invite(Person::marie()).await, world.flex().await, world.browser());
        browser.register_at(&flex).await;
        browser.page.says("Caisse de pension Lindenhof").says("Identification").says("Confirmez les deux facteurs").says("Annuler").hides("Retour");
        browser.identify(&marie).await;
        browser.page.says("Données d'utilisateur").says("au moins 8 caractères").says("Retour");
        browser.give_user_data(&marie.email(), marie.password()).await;
        browser.page.says("Nous avons envoyé un code").says("spam");
        let mail = world.mailbox.first(&marie.email()).await;
        assert!(mail.text.contains("Caisse de pension Lindenhof"), "{mail:?}");
        browser.type_code(&mail.code()).await;
        browser.page.says("authentification à deux facteurs").says("SMS").says("Application d'authentification");
        browser.submit(&[("factor", "sms"), ("phone", "079 000 00 01"), ("action", "next")]).await;
        let sms = world.mailbox.first(marie.phone()).await;
        assert!(sms.text.starts_with("Votre code: ") && sms.text.contains("Caisse de pension Lindenhof"), "s_13: {}", sms.text);
        browser.type_code(&sms.code()).await;
        browser.page.says("C'est fait !").says("à tout moment");
        browser.follow("continue").await;
        let tokens = flex.tokens_from(&browser.page).await;
        let id_token = payload(&tokens.text("id_token"));
        assert_eq!(id_token["acr"], "urn:poterne:level:multi");
        assert_eq!(id_token["amr"], serde_json::json!(["pwd", "sms", "mfa"]));
        assert_eq!(id_token["nonce"], crate::support::portal::NONCE);
        let info = flex.userinfo(&tokens.text("access_token")).await;
        assert_eq!(info.json["email"], marie.email());
        assert_eq!(info.json["email_verified"], true);
        assert_eq!(info.json["sub"], id_token["sub"]);
    }

    async fn s_14_urs_enrolls_with_an_authenticator_app(world) {
        let (urs, flex, mut browser) = (world.invite(Person::urs()).await, world.flex().await, world.browser());
        let secret = browser.enroll_by_app(world, &urs, &flex).await;
        browser.page.says("C'est fait !");
        browser.follow("continue").await;
        let tokens = flex.tokens_from(&browser.page).await;
        assert_eq!(payload(&tokens.text("id_token"))["amr"], serde_json::json!(["pwd", "otp", "mfa"]));
        // The same step never counts twice: signing in elsewhere with the code just used is refused.
        let mut other = world.browser();
        other.visit(&flex.sign_in()).await;
        other.give_password(&urs.email(), urs.password()).await;
        other.type_code(&totp(&secret, world)).await;
        other.page.says("Ce code n'est pas juste");
        world.wait(30);
        other.type_code(&totp(&secret, world)).await;
        flex.tokens_from(&other.page).await;
    }

    async fn s_05_the_code_is_read_with_small_letters_and_spaces(world) {
        let (mut marie, flex, mut browser) = (world.invite(Person::marie()).await, world.flex().await, world.browser());
        marie.code = marie.code.to_lowercase().replace('-', " ");
        browser.register_at(&flex).await;
        browser.identify(&marie).await;
        browser.page.says("Données d'utilisateur").says("Mot de passe");
    }

    async fn v_16_v_24_cancelling_leaves_the_code_usable(world) {
        let (marie, flex, mut browser) = (world.invite(Person::marie()).await, world.flex().await, world.browser());
        browser.register_at(&flex).await;
        browser.identify(&marie).await;
        browser.submit(&[("action", "cancel")]).await;
        browser.page.says("Inscription interrompue");
        let mut later = world.browser();
        later.enroll_by_sms(world, &marie, &flex).await;
        later.page.says("C'est fait !");
    }

    async fn reload_back_and_a_second_tab_lose_nothing(world) {
        let (marie, flex, mut browser) = (world.invite(Person::marie()).await, world.flex().await, world.browser());
        browser.register_at(&flex).await;
        browser.identify(&marie).await;
        let data = browser.page.url.clone();
        browser.visit(&data).await.says("Adresse e-mail");
        browser.give_user_data(&marie.email(), marie.password()).await;
        let confirm = browser.page.url.clone();
        browser.visit(&confirm).await.says(&marie.email());
        browser.submit(&[("action", "back")]).await;
        assert_eq!(browser.page.value("email").as_deref(), Some(marie.email().as_str()), "what was typed stands there");
        browser.submit(&[("action", "back")]).await;
        browser.page.says("Vous n'avez pas à vous identifier une seconde fois");
        browser.visit(&confirm).await;
        browser.page.says("Code de confirmation");
        browser.confirm_email(world, &marie.email()).await;
        browser.page.says("authentification à deux facteurs");
    }

    async fn a_restart_in_the_middle_loses_nothing(world) {
        let (marie, flex, mut browser) = (world.invite(Person::marie()).await, world.flex().await, world.browser());
        browser.register_at(&flex).await;
        browser.identify(&marie).await;
        browser.give_user_data(&marie.email(), marie.password()).await;
        let code = world.mailbox.first(&marie.email()).await.code();
        world.restart().await;
        browser.move_to(world);
        browser.type_code(&code).await;
        browser.submit(&[("factor", "sms"), ("phone", "079 000 00 01"), ("action", "next")]).await;
        let code = world.mailbox.first(marie.phone()).await.code();
        browser.type_code(&code).await;
        browser.page.says("C'est fait !");
    }

    async fn a_slow_mail_can_be_sent_again_and_both_codes_count(world) {
        let (marie, flex, mut browser) = (world.invite(Person::marie()).await, world.flex().await, world.browser());
        browser.register_at(&flex).await;
        browser.identify(&marie).await;
        browser.give_user_data(&marie.email(), marie.password()).await;
        let first = world.mailbox.first(&marie.email()).await.code();
        browser.submit(&[("action", "resend")]).await;
        assert_eq!(world.mailbox.to(&marie.email()).len(), 1, "not before a minute has passed");
        world.wait(61);
        browser.submit(&[("action", "resend")]).await;
        world.mailbox.wait_for(&marie.email(), 2).await;
        browser.type_code(&first).await;
        browser.page.says("authentification à deux facteurs");
    }

    async fn another_browser_cannot_take_an_enrollment_over(world) {
        let (marie, flex, mut browser) = (world.invite(Person::marie()).await, world.flex().await, world.browser());
        browser.register_at(&flex).await;
        browser.identify(&marie).await;
        let mut stranger = world.browser();
        stranger.visit(&browser.page.url.clone()).await;
        stranger.page.hides("Adresse e-mail");
    }

    async fn s_06_the_terms_can_be_read_before_they_are_accepted(world) {
        let (flex, mut browser) = (world.flex().await, world.browser());
        browser.register_at(&flex).await;
        browser.follow("Lire les conditions").await.says("Protection des données").says("Version 1");
    }

    async fn a_person_born_on_an_unknown_day_types_the_date_as_it_is_printed(world) {
        let (nadia, flex, mut browser) = (world.invite(Person::named("Nadia")).await, world.flex().await, world.browser());
        browser.register_at(&flex).await;
        browser.identify(&nadia).await;
        browser.page.says("Données d'utilisateur").says("Mot de passe");
    }
}
