//! Bad input: a clear message, nothing lost that was typed, and the same answer where a difference would tell a stranger something.

use crate::support::World;
use crate::support::browser::Browser;
use crate::support::flows;
use crate::support::people::Person;

async fn at_step_1(world: &World) -> Browser {
    let (flex, mut browser) = (world.flex().await, world.browser());
    browser.register_at(&flex).await;
    browser
}

const NOT_RECOGNISED: &str = "Nous ne reconnaissons pas ces indications";

flows! {
    async fn s_04_mistakes_of_form_are_named_and_cost_no_try(world) {
        let marie = world.invite(Person::marie()).await;
        let mut browser = at_step_1(world).await;
        for _ in 0..3 {
            for (field, typed, words) in [
                ("avs_number", "756.0000.0000", "Le numéro AVS a 13 chiffres"),
                ("avs_number", "756.0000.0000.18", "faute de frappe"),
                ("birth_date", "31.02.1984", "Cette date n'existe pas"),
                ("birth_date", "12 mars", "Écrivez la date ainsi"),
                ("code", "CZ6E-P34V-K5D0", "ne contient jamais 0"),
                ("code", "CZ6E-P34V-K5DN", "faute de frappe"),
                ("code", "CZ6E", "12 caractères"),
                ("code", "", "Veuillez remplir ce champ"),
            ] {
                let mut person = marie.clone();
                match field {
                    "avs_number" => typed.clone_into(&mut person.avs_number),
                    "birth_date" => typed.clone_into(&mut person.birth_date),
                    _ => typed.clone_into(&mut person.code),
                }
                browser.identify(&person).await;
                browser.page.says(words);
                assert_eq!(browser.page.status, 422);
                assert_eq!(browser.page.value(field).as_deref(), Some(typed), "what was typed stays");
                assert!(browser.page.html.contains("<title>Erreur"), "the title says so");
            }
        }
        browser.identify(&marie).await;
        browser.page.says("Mot de passe");
    }

    async fn a_stranger_learns_nothing_from_step_1(world) {
        let marie = world.invite(Person::marie()).await;
        let urs = world.invite(Person::urs()).await;
        let mut leaver = Person::named("Anna");
        world.register(&leaver).await;
        leaver.code = "2222-2222-2222".into();
        let mut cases = Vec::new();
        cases.push(Person { code: urs.code.clone(), ..marie.clone() });
        cases.push(Person { birth_date: "13.03.1984".into(), ..marie.clone() });
        cases.push(Person { avs_number: "756.9217.0769.85".into(), ..marie.clone() });
        cases.push(leaver);
        for person in cases {
            let mut browser = at_step_1(world).await;
            browser.identify(&person).await;
            browser.page.says(NOT_RECOGNISED);
        }
    }

    async fn wrong_tries_wait_and_the_right_code_then_passes(world) {
        let marie = world.invite(Person::marie()).await;
        let mut browser = at_step_1(world).await;
        let wrong = Person { birth_date: "13.03.1984".into(), ..marie.clone() };
        for _ in 0..5 {
            browser.identify(&wrong).await;
            browser.page.says(NOT_RECOGNISED);
        }
        browser.identify(&marie).await;
        browser.page.hides("Mot de passe");
        world.wait(61);
        browser.identify(&marie).await;
        browser.page.says("Mot de passe");
    }

    async fn an_expired_or_used_code_says_so_only_to_its_owner(world) {
        let marie = world.invite(Person::marie()).await;
        world.wait(151 * 86_400);
        let mut browser = at_step_1(world).await;
        browser.identify(&marie).await;
        browser.page.says("échu");
        let stranger = Person { birth_date: "13.03.1984".into(), ..marie.clone() };
        browser.identify(&stranger).await;
        browser.page.says(NOT_RECOGNISED);
    }

    async fn a_second_registration_of_the_same_person_leads_to_the_sign_in(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let mut browser = at_step_1(world).await;
        browser.identify(&marie).await;
        browser.page.says("a déjà servi");
    }

    async fn a_replaced_code_is_void(world) {
        let marie = world.invite(Person::marie()).await;
        let fresh = world.reissue(&marie).await;
        let mut browser = at_step_1(world).await;
        browser.identify(&marie).await;
        browser.page.says("remplacé");
        browser.identify(&fresh).await;
        browser.page.says("Mot de passe");
    }

    async fn s_06_terms_must_be_accepted(world) {
        let marie = world.invite(Person::marie()).await;
        let mut browser = at_step_1(world).await;
        let fields = [("avs_number", marie.avs_number.as_str()), ("birth_date", &marie.birth_date), ("code", &marie.code), ("action", "next")];
        browser.submit(&fields).await;
        browser.page.says("accepter les conditions");
    }

    async fn s_08_weak_passwords_and_bad_addresses_are_named(world) {
        let marie = world.invite(Person::marie()).await;
        let mut browser = at_step_1(world).await;
        browser.identify(&marie).await;
        for (email, password, words) in [
            ("marie", marie.password(), "Écrivez l'adresse e-mail ainsi"),
            ("marie@post.example", "Ab1!", "au moins 8 caractères"),
            ("marie@post.example", "tilleulvert", "Il manque au mot de passe"),
            ("marie@post.example", "Password1!", "trop facile à deviner"),
            ("marie@post.example", "marie@post.example1A", "ne doit pas contenir votre nom d'utilisateur"),
        ] {
            browser.give_user_data(email, password).await;
            browser.page.says(words);
            assert_eq!(browser.page.value("email").as_deref(), Some(email), "the address stays");
            assert!(!browser.page.html.contains(password) || password == "marie@post.example1A", "the password never comes back");
        }
        let fields = [("email", "marie@post.example"), ("password", marie.password()), ("password_repeat", "Autre-Chose-77"), ("action", "next")];
        browser.submit(&fields).await;
        browser.page.says("ne sont pas identiques");
    }

    async fn v_21_a_taken_address_looks_the_same_and_its_owner_is_told(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let urs = world.invite(Person::urs()).await;
        let mut browser = at_step_1(world).await;
        browser.identify(&urs).await;
        browser.give_user_data(&marie.email(), urs.password()).await;
        browser.page.says("Nous avons envoyé un code de confirmation");
        let before = world.mailbox.to(&marie.email()).len();
        let mail = world.mailbox.wait_for(&marie.email(), before.max(3)).await;
        assert!(!mail.text.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() == 6), "no code: {mail:?}");
        browser.type_code("123456").await;
        browser.page.says("Ce code n'est pas juste");
    }

    async fn a_wrong_mail_code_five_times_is_the_end_of_that_code(world) {
        let marie = world.invite(Person::marie()).await;
        let mut browser = at_step_1(world).await;
        browser.identify(&marie).await;
        browser.give_user_data(&marie.email(), marie.password()).await;
        let code = world.mailbox.first(&marie.email()).await.code();
        let wrong = if code == "111111" { "222222" } else { "111111" };
        for _ in 0..5 {
            browser.type_code(wrong).await;
        }
        browser.type_code(&code).await;
        browser.page.says("Trop d'essais");
    }

    async fn s_12_a_number_that_cannot_receive_sms_is_named(world) {
        let (marie, flex, mut browser) = (world.invite(Person::marie()).await, world.flex().await, world.browser());
        browser.enroll_up_to_the_factor(world, &marie, &flex).await;
        for (typed, words) in [
            ("021 555 01 10", "ne peut pas recevoir de SMS"),
            ("0900 123 456", "ne peut pas recevoir de SMS"),
            ("12", "Écrivez le numéro ainsi"),
            ("", "remplir ce champ"),
        ] {
            browser.submit(&[("factor", "sms"), ("phone", typed), ("action", "next")]).await;
            browser.page.says(words);
        }
        browser.submit(&[("action", "next")]).await;
        browser.page.says("choisir une possibilité");
    }
}
