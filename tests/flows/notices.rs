//! What owners are told of their accounts, and the link that stops one: «ce n'était pas moi».

use crate::support::browser::Browser;
use crate::support::journey::totp;
use crate::support::mailbox::Received;
use crate::support::people::Person;
use crate::support::portal::Portal;
use crate::support::world::SLUG;
use crate::support::{World, flows};

const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0";
const ADDRESS: &str = "203.0.113.77";
const WRONG: &str = "Faux-Passe-99!";

/// How many notices of a kind were written, sent or not.
async fn written(world: &World, kind: &str) -> usize {
    let messages = world.manage().messages(SLUG).await.expect("the outbox is read");
    messages.iter().filter(|message| message.kind == kind).count()
}

/// The first message to an address with these words in its subject.
async fn mail(world: &World, to: &str, subject: &str) -> Received {
    world.mailbox.wait_about(to, subject, 1).await;
    world.mailbox.about(to, subject).swap_remove(0)
}

/// Time, device, coarse place and link, and never the whole address.
fn is_whole(mail: &Received, day: &str) {
    for words in [day, "Firefox, Windows", "203.0.•.•", "/ui/not-me/", "+41 "] {
        assert!(mail.text.contains(words), "{words} is missing: {}", mail.text);
    }
    assert!(!mail.text.contains(ADDRESS), "{}", mail.text);
}

/// A browser on a desk.
fn desk(world: &World) -> Browser {
    let mut browser = world.browser();
    (browser.agent, browser.address) = (FIREFOX, Some(ADDRESS));
    browser
}

/// Marie's account, the browser she is signed in with and the link of the notice about it.
async fn marie_told(world: &World, flex: &Portal) -> (Person, Browser, String) {
    let (marie, mut browser) = (world.marie_with_account(flex).await, desk(world));
    browser.sign_in_by_sms(world, &marie, flex).await;
    let link = mail(world, &marie.email(), "Connexion avec un nouvel appareil").await.link();
    (marie, browser, link)
}

flows! {
    async fn a_new_account_and_a_new_device_are_told_once_with_time_place_device_and_link(world) {
        let (flex, marie) = (world.flex().await, world.invite(Person::marie()).await);
        let mut first = desk(world);
        first.enroll_by_sms(world, &marie, &flex).await;
        is_whole(&mail(world, &marie.email(), "Votre accès est prêt").await, "22.11.2026");
        world.wait(3600);
        first.sign_in_by_sms(world, &marie, &flex).await;
        flex.tokens_from(&first.page).await;
        assert_eq!(written(world, "new_device").await, 0, "she was made known when she enrolled");
        let mut second = desk(world);
        world.wait(61);
        second.sign_in_by_sms(world, &marie, &flex).await;
        flex.tokens_from(&second.page).await;
        is_whole(&mail(world, &marie.email(), "Connexion avec un nouvel appareil").await, "22.11.2026 11:01");
        world.wait(3601);
        second.sign_in_by_sms(world, &marie, &flex).await;
        flex.tokens_from(&second.page).await;
        assert_eq!(written(world, "new_device").await, 1, "the same browser is told of once");
        let mut cleared = desk(world);
        world.wait(61);
        cleared.sign_in_by_sms(world, &marie, &flex).await;
        flex.tokens_from(&cleared.page).await;
        assert_eq!(written(world, "new_device").await, 2, "without its cookies it is a new one");
    }

    async fn notices_are_in_the_persons_language_not_in_the_visitors(world) {
        let (flex, marie, mut browser) = (world.flex().await, world.invite(Person::marie()).await, world.browser());
        browser.enroll_up_to_the_factor(world, &marie, &flex).await;
        browser.language = "de";
        browser.submit(&[("factor", "sms"), ("phone", "079 000 00 01"), ("action", "next")]).await;
        let code = world.mailbox.first(marie.phone()).await.code();
        browser.type_code(&code).await;
        world.wait(3600);
        let mut french = desk(world);
        french.address = Some("192.168.1.7");
        french.sign_in_by_sms(world, &marie, &flex).await;
        let told = mail(world, &marie.email(), "Anmeldung mit einem neuen Gerät").await;
        assert!(told.text.contains("lokales Netz") && told.text.contains("Waren Sie es nicht?"), "{}", told.text);
    }

    async fn wrong_passwords_that_lock_are_told_once_a_day_and_to_accounts_alone(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        for name in [marie.email(), "nobody@post.example".to_owned()] {
            let mut stranger = desk(world);
            stranger.visit(&flex.sign_in()).await;
            for _ in 0..4 {
                stranger.give_password(&name, WRONG).await;
            }
            assert_eq!(written(world, "sign_in_locked").await, usize::from(name != marie.email()), "not before it locks");
            for _ in 0..3 {
                stranger.give_password(&name, WRONG).await;
            }
        }
        let told = mail(world, &marie.email(), "Plusieurs essais avec un mot de passe erroné").await;
        is_whole(&told, "22.11.2026");
        assert_eq!(written(world, "sign_in_locked").await, 1);
        assert!(world.mailbox.to("nobody@post.example").is_empty());
        // A new run of wrong tries within the day is not told again; on the next day it is.
        for (wait, notices) in [(120, 1), (86_400, 2)] {
            world.wait(wait);
            let mut owner = world.browser();
            owner.sign_in_by_sms(world, &marie, &flex).await;
            flex.tokens_from(&owner.page).await;
            let mut stranger = world.browser();
            stranger.visit(&flex.sign_in()).await;
            for _ in 0..6 {
                stranger.give_password(&marie.email(), WRONG).await;
            }
            assert_eq!(written(world, "sign_in_locked").await, notices);
        }
    }

    async fn wrong_factors_after_the_right_password_are_told_in_stronger_words(world) {
        let (urs, flex, mut browser) = (world.invite(Person::urs()).await, world.flex().await, world.browser());
        let secret = browser.enroll_by_app(world, &urs, &flex).await;
        world.wait(60);
        let mut thief = desk(world);
        thief.visit(&flex.sign_in()).await;
        thief.give_password(&urs.email(), urs.password()).await;
        for _ in 0..8 {
            thief.type_code("000000").await;
        }
        let told = mail(world, &urs.email(), "Important\u{a0}: quelqu'un connaît peut-être votre mot de passe").await;
        is_whole(&told, "22.11.2026");
        assert!(told.text.contains("quelqu'un connaît votre mot de passe"), "{}", told.text);
        assert_eq!((written(world, "password_known").await, written(world, "sign_in_locked").await), (1, 0));
        world.wait(61);
        thief.type_code(&totp(&secret, world)).await;
        flex.tokens_from(&thief.page).await;
    }

    async fn the_link_asks_first_then_ends_every_session_and_stops_the_account(world) {
        let flex = world.flex().await;
        let (marie, mut browser, link) = marie_told(world, &flex).await;
        let tokens = flex.tokens_from(&browser.page).await;
        let mut anywhere = world.browser();
        for _ in 0..2 {
            anywhere.head(&link).await;
            anywhere.visit(&link).await.says("une connexion avec un nouvel appareil").says("Firefox, Windows");
        }
        assert!(anywhere.cookie("poterne-lindenhof").is_none(), "nobody is known here");
        browser.visit(&flex.sign_in_with(&[("prompt", "none")])).await;
        flex.code_from(&browser.page);
        let half = {
            let mut half = world.browser();
            world.wait(61);
            half.visit(&flex.sign_in()).await;
            half.give_password(&marie.email(), marie.password()).await;
            half
        };
        let code = world.mailbox.wait_for(marie.phone(), 3).await.code();
        anywhere.submit(&[("action", "stop")]).await;
        anywhere.page.says("Votre accès est bloqué").says("+41 ").says("@");
        assert!(anywhere.cookie("poterne-lindenhof").is_none());
        browser.visit(&flex.sign_in_with(&[("prompt", "none")])).await;
        assert_eq!(browser.page.parameter("error").as_deref(), Some("login_required"));
        assert_eq!(flex.userinfo(&tokens.text("access_token")).await.status, 401);
        assert_eq!(flex.refresh(&tokens.text("refresh_token")).await.status, 400);
        let mut half = half;
        half.type_code(&code).await;
        half.page.says("Mot de passe").hides("Confirmez votre identité");
        let mut owner = world.browser();
        owner.visit(&flex.sign_in()).await;
        owner.give_password(&marie.email(), marie.password()).await;
        owner.page.says("n'est pas juste");
        let events = world.manage().newest_events(SLUG, 1000).await.expect("events");
        assert_eq!(events.iter().filter(|event| event.kind == "account.stopped_by_owner").count(), 1);
        assert_eq!(anywhere.visit(&link).await.status, 404);
        anywhere.page.says("Ce lien ne fonctionne plus").says("+41 ");
    }

    async fn a_link_used_expired_wrong_or_unknown_reads_the_same(world) {
        let flex = world.flex().await;
        let (_, mut browser, link) = marie_told(world, &flex).await;
        let (folder, handle) = link.rsplit_once('/').expect("a path");
        let (id, secret) = handle.split_once('.').expect("a handle");
        let turned: String = secret.chars().rev().collect();
        let unknown = id.chars().rev().collect::<String>();
        let wrong = [format!("{id}.{turned}"), format!("{unknown}.{secret}"), id.to_owned(), "x".into(), "..%2f..".into()];
        let (mut anywhere, mut answers) = (world.browser(), Vec::new());
        for handle in wrong {
            let url = format!("{folder}/{handle}");
            for page in [anywhere.visit(&url).await.clone(), anywhere.post(&url, &[("action", "stop")]).await.clone()] {
                answers.push((page.status, page.html));
            }
        }
        browser.visit(&flex.sign_in_with(&[("prompt", "none")])).await;
        flex.code_from(&browser.page);
        world.wait(30 * 86_400);
        let late = anywhere.post(&link, &[("action", "stop")]).await.clone();
        assert!(late.text().contains("Ce lien ne fonctionne plus"));
        answers.push((late.status, late.html));
        assert!(answers.iter().all(|(status, _)| *status == 404));
        let texts: std::collections::BTreeSet<String> = answers.into_iter().map(|(_, html)| without_links(&html)).collect();
        assert_eq!(texts.len(), 1, "{texts:?}");
    }

    async fn anothers_link_leaves_the_session_of_the_browser_as_it_was(world) {
        let flex = world.flex().await;
        let (_, mut marie, link) = marie_told(world, &flex).await;
        let (urs, mut browser) = (world.invite(Person::urs()).await, world.browser());
        browser.enroll_by_app(world, &urs, &flex).await;
        let before = browser.cookies().clone();
        browser.visit(&link).await;
        browser.submit(&[("action", "stop")]).await;
        browser.page.says("Votre accès est bloqué").hides("Urs").hides("urs@");
        assert_eq!(*browser.cookies(), before);
        browser.visit(&flex.sign_in_with(&[("prompt", "none")])).await;
        flex.code_from(&browser.page);
        marie.visit(&flex.sign_in_with(&[("prompt", "none")])).await;
        assert_eq!(marie.page.parameter("error").as_deref(), Some("login_required"));
    }

    async fn b3_40_a_stranger_who_fails_200_times_never_locks_the_owner_out_of_a_known_browser(world) {
        let flex = world.flex().await;
        let (marie, mut known, _) = marie_told(world, &flex).await;
        world.wait(61);
        let mut stranger = world.browser();
        stranger.visit(&flex.sign_in()).await;
        for _ in 0..200 {
            stranger.give_password(&marie.email(), WRONG).await;
        }
        stranger.page.says("Trop d'essais");
        known.visit(&flex.sign_in_with(&[("prompt", "login")])).await;
        let before = world.mailbox.to(marie.phone()).len();
        known.give_password(&marie.email(), marie.password()).await;
        let code = world.mailbox.wait_for(marie.phone(), before + 1).await.code();
        known.type_code(&code).await;
        flex.tokens_from(&known.page).await;
        let mut new = world.browser();
        new.visit(&flex.sign_in()).await;
        new.give_password(&marie.email(), marie.password()).await;
        new.page.says("Trop d'essais").says("dans une minute");
        world.wait(61);
        new.sign_in_by_sms(world, &marie, &flex).await;
        flex.tokens_from(&new.page).await;
    }

    async fn wrong_names_and_passwords_are_limited_per_address_but_not_for_a_known_browser(world) {
        let mut document = world.document();
        document.policy.signin_tries_per_address = 6;
        world.manage().apply_realm(document).await.expect("the document is applied");
        let flex = world.flex().await;
        let (marie, mut known, _) = marie_told(world, &flex).await;
        let mut stranger = desk(world);
        stranger.visit(&flex.sign_in()).await;
        for nth in 0..6 {
            stranger.give_password(&format!("nobody{nth}@post.example"), WRONG).await;
            stranger.page.says("n'est pas juste");
        }
        stranger.give_password("somebody@post.example", WRONG).await;
        stranger.page.says("Trop d'essais").says("60 minutes");
        known.visit(&flex.sign_in_with(&[("prompt", "login")])).await;
        known.give_password(&marie.email(), marie.password()).await;
        known.page.says("SMS");
        let mut elsewhere = world.browser();
        elsewhere.address = Some("203.0.113.78");
        elsewhere.visit(&flex.sign_in()).await;
        elsewhere.give_password("nobody@post.example", WRONG).await;
        elsewhere.page.says("n'est pas juste");
        world.wait(3601);
        stranger.visit(&flex.sign_in()).await;
        stranger.give_password("somebody@post.example", WRONG).await;
        stranger.page.says("n'est pas juste");
    }
}

/// The page without the links that repeat its own address (the language switch).
fn without_links(html: &str) -> String {
    html.split("href=\"").map(|part| part.split_once('"').map_or(part, |(_, rest)| rest)).collect()
}
