//! The rows of the insured persons' acceptance, one by one; the whole road is walked in `enrollment`.

use crate::support::flows;
use crate::support::people::Person;
use crate::support::portal::payload;

flows! {
    async fn s_01_both_brands_lead_to_the_same_sign_in_of_the_same_fund(world) {
        let (flex, one_e) = (world.flex().await, world.one_e());
        for (portal, name) in [(&flex, "Lindenhof flex"), (&one_e, "Lindenhof 1e")] {
            let mut browser = world.browser();
            browser.visit(&portal.sign_in()).await.says("Connexion").says(name).says("Caisse de pension Lindenhof");
        }
    }

    async fn s_02_registering_asks_for_no_user_name_or_password(world) {
        let (flex, mut browser) = (world.flex().await, world.browser());
        browser.visit(&flex.sign_in()).await.says("S'enregistrer →").says("s'inscrire").says("sans remplir les champs");
        browser.follow("S'enregistrer →").await;
        assert_eq!(browser.page.status, 200);
        browser.page.says("Inscription").hides("Mot de passe");
    }

    async fn s_03_one_entry_serves_insured_persons_and_pensioners(world) {
        let flex = world.flex().await;
        for person in [Person::marie(), Person::named("Lucia")] {
            let (person, mut browser) = (world.invite(person).await, world.browser());
            browser.visit(&flex.sign_in()).await;
            browser.follow("register").await;
            let entries = |words: &str| browser.page.html.split("id=\"population-").skip(1).filter(|entry| entry.contains(words)).count();
            assert_eq!((entries("Assurés"), entries("pensionnés")), (1, 1), "one entry");
            browser.follow("Assurés ou pensionnés").await;
            browser.identify(&person).await;
            browser.page.says("Assurés ou pensionnés").says("Adresse e-mail");
        }
    }

    async fn s_07_step_2_asks_for_address_and_password_twice_and_for_no_name(world) {
        let (marie, flex, mut browser) = (world.invite(Person::marie()).await, world.flex().await, world.browser());
        browser.register_at(&flex).await;
        browser.identify(&marie).await;
        for field in ["email", "password", "password_repeat"] {
            assert!(browser.page.value(field).is_some(), "{field}");
        }
        for field in ["title", "given_name", "family_name"] {
            assert!(!browser.page.html.contains(&format!("name=\"{field}\"")), "{field}");
        }
    }

    async fn s_09_s_10_the_mailed_code_comes_at_once_and_is_asked_for(world) {
        let (marie, flex, mut browser) = (world.invite(Person::marie()).await, world.flex().await, world.browser());
        browser.register_at(&flex).await;
        browser.identify(&marie).await;
        browser.give_user_data(&marie.email(), marie.password()).await;
        browser.page.says(&marie.email()).says("Code de confirmation").says("courriers indésirables");
        let mail = world.mailbox.first(&marie.email()).await;
        let code = mail.code();
        assert!(mail.subject.replace(' ', "").contains(&code), "{mail:?}");
        browser.type_code(&format!("{} {}", &code[..3], &code[3..])).await;
        browser.page.says("Sélection à deux facteurs").says("authentification à deux facteurs");
    }

    async fn s_11_the_second_factor_is_explained_and_chosen(world) {
        let (marie, flex, mut browser) = (world.invite(Person::marie()).await, world.flex().await, world.browser());
        browser.enroll_up_to_the_factor(world, &marie, &flex).await;
        browser.page.says("Votre accès est en plus protégé").says("SMS sur un téléphone mobile").says("Application d'authentification");
        assert_eq!(browser.page.html.matches("name=\"factor\"").count(), 2);
    }

    async fn s_13_the_text_message_has_six_digits_and_the_funds_name(world) {
        let (marie, flex, mut browser) = (world.invite(Person::marie()).await, world.flex().await, world.browser());
        browser.enroll_up_to_the_factor(world, &marie, &flex).await;
        browser.submit(&[("factor", "sms"), ("phone", "+41 79 000 00 01"), ("action", "next")]).await;
        let sms = world.mailbox.first(marie.phone()).await;
        let (first, rest) = sms.text.split_once('\n').expect("more than a line");
        assert_eq!(first, format!("Votre code: {}", sms.code()));
        assert!(rest.contains("Caisse de pension Lindenhof"), "{rest}");
    }

    async fn s_15_success_is_said_and_the_portal_is_open(world) {
        let (marie, flex, mut browser) = (world.invite(Person::marie()).await, world.flex().await, world.browser());
        browser.enroll_by_sms(world, &marie, &flex).await;
        browser.page.says("C'est fait !").says("à tout moment").says("Continuer vers Lindenhof flex");
        browser.follow("continue").await;
        assert!(payload(&flex.tokens_from(&browser.page).await.text("id_token"))["sub"].is_string());
    }
}
