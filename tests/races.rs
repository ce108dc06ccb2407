//! Races: whatever may be used once is won once, however many try at the same moment, on both databases.

use crate::support::journey::totp;
use crate::support::people::Person;
use crate::support::{World, flows};
use std::collections::BTreeSet;
use tokio::task::JoinSet;

/// How many try at once.
const RIVALS: usize = 100;
/// What the mails of step 3 have in their subject.
const CONFIRMATION: &str = "code de confirmation";

flows! {
    async fn one_authorization_code_gives_tokens_once(world) {
        let flex = world.flex().await;
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        browser.sign_in_by_sms(world, &marie, &flex).await;
        let code = flex.code_from(&browser.page);
        let mut rivals = JoinSet::new();
        for _ in 0..RIVALS {
            let (flex, code) = (flex.clone(), code.clone());
            rivals.spawn(async move { flex.redeem(&code).await.status });
        }
        let answers = rivals.join_all().await;
        assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
        assert!(answers.iter().all(|status| [200, 400].contains(status)), "{answers:?}");
    }

    async fn one_refresh_token_of_a_public_client_has_one_live_successor(world) {
        let (flex, one_e) = (world.flex().await, world.one_e());
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        browser.sign_in_by_sms(world, &marie, &one_e).await;
        let token = one_e.tokens_from(&browser.page).await.text("refresh_token");
        let mut rivals = JoinSet::new();
        for _ in 0..RIVALS {
            let (one_e, token) = (one_e.clone(), token.clone());
            rivals.spawn(async move { one_e.refresh(&token).await });
        }
        let answers = rivals.join_all().await;
        let successors: BTreeSet<String> = answers.iter().filter(|answer| answer.status == 200).map(|answer| answer.text("refresh_token")).collect();
        assert_eq!(successors.len(), 1, "{answers:?}");
        let successor = successors.first().expect("one");
        assert_eq!(one_e.refresh(successor).await.status, 200);
    }

    async fn one_activation_code_makes_one_account(world) {
        let (marie, flex) = (world.invite(Person::marie()).await, world.flex().await);
        let mut browser = world.browser();
        browser.enroll_up_to_the_factor(world, &marie, &flex).await;
        browser.submit(&[("factor", "sms"), ("phone", "079 000 00 01"), ("action", "next")]).await;
        let code = world.mailbox.first(marie.phone()).await.code();
        let mut rivals = JoinSet::new();
        for _ in 0..RIVALS {
            let (mut tab, code) = (browser.clone(), code.clone());
            rivals.spawn(async move {
                tab.type_code(&code).await;
                tab.cookie("poterne-lindenhof")
            });
        }
        let cookies: BTreeSet<_> = rivals.join_all().await.into_iter().collect();
        assert_eq!(cookies.len(), 2, "one tab got the session's new cookie, all others kept the old one");
        assert_eq!(accounts(world).await, 1);
    }

    async fn one_mailed_code_counts_once(world) {
        let (marie, flex) = (world.invite(Person::marie()).await, world.flex().await);
        let mut browser = world.past_step_1(&flex, &marie).await;
        browser.give_user_data(&marie.email(), marie.password()).await;
        let code = world.mailbox.first(&marie.email()).await.code();
        let mut rivals = JoinSet::new();
        for _ in 0..RIVALS {
            let (mut tab, code) = (browser.clone(), code.clone());
            rivals.spawn(async move {
                tab.type_code(&code).await;
            });
        }
        rivals.join_all().await;
        assert_eq!(world.events("enrollment.email_confirmed").await, 1);
    }

    async fn one_step_of_an_authenticator_app_signs_in_once(world) {
        let (urs, flex, mut browser) = (world.invite(Person::urs()).await, world.flex().await, world.browser());
        let secret = browser.enroll_by_app(world, &urs, &flex).await;
        world.wait(60);
        let mut tabs = Vec::new();
        for _ in 0..4 {
            let mut tab = world.browser();
            tab.visit(&flex.sign_in()).await;
            tab.give_password(&urs.email(), urs.password()).await;
            tabs.push(tab);
        }
        let code = totp(&secret, world);
        let mut rivals = JoinSet::new();
        for at in 0..RIVALS {
            let (mut tab, code) = (tabs[at % tabs.len()].clone(), code.clone());
            rivals.spawn(async move {
                tab.type_code(&code).await;
                tab.page.url.clone()
            });
        }
        let arrived = rivals.join_all().await;
        let codes = arrived.iter().filter(|url| url.contains("code=")).count();
        assert_eq!(codes, 1, "{arrived:?}");
    }
    async fn one_reset_sets_one_password_whichever_process_is_asked(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let (_, _, other) = world.beside().await;
        let mut browser = world.browser();
        browser.visit(&format!("{}/ui/recovery", world.issuer)).await;
        let texts = world.mailbox.to(marie.phone()).len();
        browser.submit(&[("username", &marie.email()), ("action", "next")]).await;
        let code = world.mailbox.wait_about(&marie.email(), "nouveau mot de passe", 1).await.code();
        browser.type_code(&code).await;
        let code = world.mailbox.wait_for(marie.phone(), texts + 1).await.code();
        browser.type_code(&code).await;
        browser.page.says("Choisissez un nouveau mot de passe");
        let mut rivals = JoinSet::new();
        for at in 0..50 {
            let mut tab = browser.clone();
            if at % 2 == 1 {
                tab.route_to(other.clone());
            }
            rivals.spawn(async move {
                let new = format!("Marronnier-Bleu-{at}");
                tab.submit(&[("password", &new), ("password_repeat", &new), ("action", "next")]).await;
                (tab.page.status, tab.page.text())
            });
        }
        let answers = rivals.join_all().await;
        // Too many passwords at once may make some wait in vain; nobody else is told anything but that it is changed.
        assert!(answers.iter().all(|(status, text)| *status == 503 || text.contains("Votre mot de passe est changé")), "{answers:?}");
        assert_eq!(world.events("password.reset").await, 1);
        assert_eq!(works(world, &marie, (0..50).map(|at| format!("Marronnier-Bleu-{at}"))).await, 1);
    }

    async fn one_letter_of_a_lost_factor_brings_back_one_account_once(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let letter = world.manage().reset_factor("lindenhof", &marie.registry_no, "lost").await.expect("a letter");
        let letter = Person { code: letter.code.expose().to_owned(), ..marie.clone() };
        let mut browser = world.browser();
        browser.register_at(&flex).await;
        browser.identify(&letter).await;
        let mails = world.mailbox.about(&marie.email(), CONFIRMATION).len();
        browser.submit(&[("password", "Chataigne-Rouge-77"), ("password_repeat", "Chataigne-Rouge-77"), ("action", "next")]).await;
        let code = world.mailbox.wait_about(&marie.email(), CONFIRMATION, mails + 1).await.code();
        browser.type_code(&code).await;
        browser.submit(&[("factor", "totp"), ("action", "next")]).await;
        let secret = browser.page.text_of("totp-secret").replace(' ', "");
        let code = totp(&secret, world);
        let mut rivals = JoinSet::new();
        for _ in 0..RIVALS {
            let (mut tab, code) = (browser.clone(), code.clone());
            rivals.spawn(async move {
                tab.type_code(&code).await;
                tab.cookie("poterne-lindenhof")
            });
        }
        let cookies: BTreeSet<_> = rivals.join_all().await.into_iter().collect();
        assert_eq!(cookies.len(), 2, "one tab got the session's new cookie, all others kept the old one");
        assert_eq!((accounts(world).await, world.events("factor.added").await), (1, 2), "the first factor and this one");
    }

    async fn of_two_letters_of_a_lost_factor_ordered_at_once_one_works(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let (_, other, _) = world.beside().await;
        let (mut orders, no) = (JoinSet::new(), marie.registry_no.clone());
        for manage in [world.manage(), other.manage()] {
            let no = no.clone();
            orders.spawn(async move { manage.reset_factor("lindenhof", &no, "lost").await.map(|letter| letter.code.expose().to_owned()) });
        }
        let codes: Vec<String> = orders.join_all().await.into_iter().flatten().collect();
        assert!(!codes.is_empty());
        let mut working = 0;
        for code in &codes {
            working += usize::from(world.manage().is_code_live("lindenhof", code).await.expect("asked"));
        }
        assert_eq!(working, 1, "of {} letters", codes.len());
        // The same letter typed in two browsers at once: whoever was last holds it, and the other's way ends.
        let letter = Person { code: codes.last().cloned().expect("one"), ..marie.clone() };
        if world.manage().is_code_live("lindenhof", &letter.code).await.expect("asked") {
            let mut typing = JoinSet::new();
            for _ in 0..2 {
                let (mut browser, letter, flex) = (world.browser(), letter.clone(), flex.clone());
                browser.register_at(&flex).await;
                typing.spawn(async move {
                    browser.identify(&letter).await;
                    browser
                });
            }
            let mut held = 0;
            for mut browser in typing.join_all().await {
                let url = browser.page.url.clone();
                browser.visit(&url).await;
                held += usize::from(browser.page.text().contains("m•••@post.example"));
            }
            assert_eq!(held, 1);
        }
    }

    async fn terms_accepted_in_many_tabs_are_one_acceptance(world) {
        let mut document = serde_json::to_value(world.document()).expect("a document is JSON");
        document["population"][0]["terms"]["accept"] = serde_json::json!("first_sign_in");
        world.manage().apply_realm(serde_json::from_value(document).expect("a document")).await.expect("it is applied");
        let (flex, marie, mut browser) = (world.flex().await, world.invite(Person::marie()).await, world.browser());
        browser.register_at(&flex).await;
        browser.submit(&[("avs_number", &marie.avs_number), ("birth_date", &marie.birth_date), ("code", &marie.code), ("action", "next")]).await;
        browser.give_user_data(&marie.email(), marie.password()).await;
        browser.confirm_email(world, &marie.email()).await;
        browser.submit(&[("factor", "sms"), ("phone", "079 000 00 01"), ("action", "next")]).await;
        browser.type_code(&world.mailbox.first(marie.phone()).await.code()).await;
        browser.follow("continue").await.says("Accepter et continuer");
        let hidden = ["session", "version", "language"].map(|name| (name, browser.page.value(name).expect("a hidden field")));
        let (_, _, other) = world.beside().await;
        let mut rivals = JoinSet::new();
        for at in 0..RIVALS {
            let (mut tab, hidden) = (browser.clone(), hidden.clone());
            if at % 2 == 1 {
                tab.route_to(other.clone());
            }
            rivals.spawn(async move {
                let mut fields: Vec<_> = hidden.iter().map(|(name, value)| (*name, value.as_str())).collect();
                fields.extend([("terms", "yes"), ("action", "next")]);
                tab.submit(&fields).await;
                tab.page.url.contains("code=")
            });
        }
        let codes = rivals.join_all().await.into_iter().filter(|code| *code).count();
        assert_eq!(codes, 1, "one sign-in gives one code");
        assert_eq!(world.events("terms.accepted").await, 1);
    }

    async fn one_link_of_a_notice_stops_the_account_once(world) {
        let flex = world.flex().await;
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        browser.sign_in_by_sms(world, &marie, &flex).await;
        let link = world.mailbox.wait_about(&marie.email(), "nouvel appareil", 1).await.link();
        let (_, _, other) = world.beside().await;
        let mut rivals = JoinSet::new();
        for at in 0..50 {
            let (mut tab, link) = (world.browser(), link.clone());
            if at % 2 == 1 {
                tab.route_to(other.clone());
            }
            rivals.spawn(async move { tab.post(&link, &[("action", "stop")]).await.status });
        }
        let answers = rivals.join_all().await;
        assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
        assert!(answers.iter().all(|status| [200, 404].contains(status)), "{answers:?}");
        assert_eq!(world.events("account.stopped_by_owner").await, 1);
    }

    async fn one_present_password_is_changed_once(world) {
        let flex = world.flex().await;
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        browser.sign_in_by_sms(world, &marie, &flex).await;
        browser.visit(&format!("{}/ui/account/password", world.issuer)).await.says("Mot de passe actuel");
        let of = browser.page.value("of").expect("a hidden field");
        let mut rivals = JoinSet::new();
        for at in 0..20 {
            let (mut tab, of, current) = (browser.clone(), of.clone(), marie.password());
            rivals.spawn(async move {
                let new = format!("Bouleau-Blanc-19{at:02}");
                tab.submit(&[("of", &of), ("current", current), ("password", &new), ("password_repeat", &new)]).await;
                tab.page.text().contains("Votre mot de passe est changé")
            });
        }
        assert_eq!(rivals.join_all().await.into_iter().filter(|changed| *changed).count(), 1, "one tab is told that it is changed");
        assert_eq!(world.events("password.changed").await, 1);
        world.wait(7200);
        assert_eq!(works(world, &marie, (0..20).map(|at| format!("Bouleau-Blanc-19{at:02}"))).await, 1);
    }
}

/// How many of these passwords sign a person in, as far as the second factor.
async fn works(world: &World, person: &Person, passwords: impl Iterator<Item = String>) -> usize {
    let (portal, mut right) = (world.one_e(), 0);
    for password in passwords {
        let mut browser = world.browser();
        browser.visit(&portal.sign_in()).await;
        browser.give_password(&person.email(), &password).await;
        right += usize::from(browser.page.url.ends_with("/factor"));
        world.wait(3601);
    }
    right
}

async fn accounts(world: &World) -> i64 {
    world.manage().overview().await.expect("numbers")[0].accounts
}
