//! The user name: an e-mail address or, where the population allows it, the AVS number (V-02 to V-05).

use crate::support::flows;
use crate::support::people::Person;
use crate::support::world::SLUG;

const WRONG: &str = "Faux-Passe-99!";

/// One AVS number as people write it.
fn spellings(person: &Person) -> [String; 4] {
    let digits: String = person.avs_number.chars().filter(char::is_ascii_digit).collect();
    [
        person.avs_number.clone(),
        digits,
        person.avs_number.replace('.', " "),
        format!("  {}  ", person.avs_number.replace('.', "-")),
    ]
}

flows! {
    async fn v_03_marie_signs_in_with_her_avs_number_however_she_writes_it(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        for name in spellings(&marie) {
            let mut browser = world.browser();
            browser.visit(&flex.sign_in()).await;
            let before = world.mailbox.to(marie.phone()).len();
            browser.give_password(&name, marie.password()).await;
            let code = world.mailbox.wait_for(marie.phone(), before + 1).await.code();
            browser.type_code(&code).await;
            flex.tokens_from(&browser.page).await;
            world.wait(61);
        }
        let events = format!("{:?}", world.manage().newest_events(SLUG, 1000).await.expect("events"));
        assert!(spellings(&marie).iter().all(|number| !events.contains(number.trim())), "the number is in no event");
    }

    async fn v_03_e_mail_and_every_spelling_of_the_number_share_one_count(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        // Nobody has this number; its check digit is right.
        let stranger = Person { avs_number: "756.9217.0769.85".into(), ..marie.clone() };
        let mut answers = Vec::new();
        for person in [&marie, &stranger] {
            let mut browser = world.browser();
            browser.visit(&flex.sign_in()).await;
            let mut names = spellings(person).to_vec();
            names.extend([person.avs_number.clone(), person.avs_number.clone()]);
            for name in &names {
                browser.give_password(name, WRONG).await;
                assert_eq!(browser.page.value("username").as_deref(), Some(name.trim()), "the name stays as it was typed");
                answers.push((browser.page.status, browser.page.text()));
            }
        }
        let (known, unknown) = answers.split_at(6);
        assert_eq!(known, unknown);
        assert!(known[4].1.contains("n'est pas juste") && known[5].1.contains("Trop d'essais"), "{known:?}");
        let mut owner = world.browser();
        owner.visit(&flex.sign_in()).await;
        owner.give_password(&marie.email(), marie.password()).await;
        owner.page.says("Trop d'essais");
    }

    async fn v_03_a_population_that_does_not_allow_it_takes_no_number(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let mut document = world.document();
        document.populations.iter_mut().for_each(|population| population.login_aliases.clear());
        world.manage().apply_realm(document).await.expect("the document is applied");
        let mut browser = world.browser();
        browser.visit(&flex.sign_in()).await.hides("numéro AVS");
        browser.give_password(&marie.avs_number, marie.password()).await;
        browser.page.says("n'est pas juste");
        browser.give_password(&marie.email(), marie.password()).await;
        browser.page.says("SMS");
    }

    async fn v_04_the_user_name_has_a_help_mark_that_opens_without_script(world) {
        let (flex, mut browser) = (world.flex().await, world.browser());
        let page = browser.visit(&flex.sign_in()).await;
        page.says("Nom d'utilisateur").says("Mot de passe").says("Suivant");
        page.says("Votre adresse e-mail ou, si vous êtes assuré, votre numéro AVS.");
        let help = page.html.split_once("<details class=\"help\"><summary>").expect("a mark that opens by itself").1;
        let (mark, help) = help.split_once("</summary>").expect("a mark");
        assert!(mark.contains('?') && mark.contains("Nom d"), "{mark}");
        assert!(help.split_once("</details>").is_some_and(|(words, _)| words.contains("adresse e-mail")), "{help}");
    }

    async fn v_02_v_05_the_guidance_names_both_ways_and_registering_needs_no_field(world) {
        let (flex, mut browser) = (world.flex().await, world.browser());
        let page = browser.visit(&flex.sign_in()).await;
        page.says("Première connexion : pour s'inscrire, cliquez sur «S'enregistrer →» sans remplir les champs.");
        page.says("Vous avez déjà un accès : entrez votre nom d'utilisateur et votre mot de passe.");
        browser.follow("register").await.says("Qui êtes-vous");
    }
}
