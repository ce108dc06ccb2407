//! Brute force: many sessions and two processes share one count, and the owner still gets in.

use crate::support::browser::Browser;
use crate::support::journey::totp;
use crate::support::people::Person;
use crate::support::{World, flows};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

const SESSIONS: usize = 200;
const GUESSES_EACH: usize = 5;
/// What the mails with the codes of resets have in their subject.
const RESET: &str = "nouveau mot de passe";
/// Passwords that are hashed at once: more would be sent away on a busy machine.
const AT_ONCE: usize = 8;

/// Sign-ins of an attacker who knows the password, each in a browser of its own, in turn at two processes on one database.
async fn past_the_password(world: &World, person: &Person, sign_in: &str, sessions: usize) -> Vec<Browser> {
    let (_, _, other) = world.beside().await;
    let mut opened = Vec::new();
    for at in 0..sessions {
        let routes = if at % 2 == 0 { world.routes.clone() } else { other.clone() };
        let mut browser = Browser::new(routes, &world.issuer);
        browser.visit(sign_in).await;
        browser.give_password(&person.email(), person.password()).await;
        assert!(browser.page.url.ends_with("/factor"), "{}", browser.page.text());
        opened.push(browser);
    }
    opened
}

async fn evaluated(world: &World, kind: &str) -> usize {
    let events = world.manage().newest_events("lindenhof", 10_000).await.expect("events");
    events.iter().filter(|event| event.kind == kind).count()
}

/// The minutes that a page names.
fn minutes_on(page: &str) -> u64 {
    let (before, _) = page.split_once(" minute").unwrap_or_else(|| panic!("no delay is named: {page}"));
    match before.rsplit(' ').next() {
        Some("une") => 1,
        number => number.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("no number of minutes: {page}")),
    }
}

flows! {
    async fn of_a_thousand_guesses_at_a_factor_five_are_looked_at_and_the_owner_gets_in(world) {
        let (urs, flex, mut owner) = (world.invite(Person::urs()).await, world.flex().await, world.browser());
        let secret = owner.enroll_by_app(world, &urs, &flex).await;
        let mut owner = world.browser();
        world.wait(60);
        let right = totp(&secret, world);
        let sessions = past_the_password(world, &urs, &flex.sign_in(), SESSIONS).await;
        let mut guesses = JoinSet::new();
        for (at, mut browser) in sessions.into_iter().enumerate() {
            let right = right.clone();
            guesses.spawn(async move {
                for guess in 0..GUESSES_EACH {
                    let code = format!("{:06}", (at * GUESSES_EACH + guess) * 997 % 1_000_000);
                    if code != right {
                        browser.type_code(&code).await;
                    }
                    assert!(!browser.page.url.contains("code="), "{}", browser.page.url);
                }
            });
        }
        guesses.join_all().await;
        let looked_at = evaluated(world, "login.factor_failed").await;
        assert!((1..=5).contains(&looked_at), "{looked_at} of {} guesses were evaluated", SESSIONS * GUESSES_EACH);

        // The owner, with the right password and factor: the page names the delay, and after it they are in.
        owner.visit(&flex.sign_in()).await;
        owner.give_password(&urs.email(), urs.password()).await;
        owner.type_code(&right).await;
        owner.page.says("Trop d'essais");
        world.wait(60 * minutes_on(&owner.page.text()));
        owner.type_code(&totp(&secret, world)).await;
        flex.tokens_from(&owner.page).await;
    }

    async fn of_a_thousand_guesses_at_a_password_five_are_looked_at(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let (_, _, other) = world.beside().await;
        let (mut guesses, turns) = (JoinSet::new(), Arc::new(Semaphore::new(AT_ONCE)));
        for at in 0..40_usize {
            let turns = turns.clone();
            let routes = if at % 2 == 0 { world.routes.clone() } else { other.clone() };
            let (mut browser, sign_in, email) = (Browser::new(routes, &world.issuer), flex.sign_in(), marie.email());
            guesses.spawn(async move {
                browser.visit(&sign_in).await;
                for guess in 0..3 {
                    let _turn = turns.acquire().await.expect("never closed");
                    browser.give_password(&email, &format!("Tilleul-{at}-{guess}-Vert")).await;
                }
                browser.page.text().contains("Trop d'essais")
            });
        }
        let delayed = guesses.join_all().await;
        assert!(delayed.iter().filter(|delayed| **delayed).count() >= 38, "{delayed:?}");
        assert!(evaluated(world, "login.failed").await <= 5);
    }
    async fn sending_again_and_another_factor_between_guesses_give_no_sixth_guess(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let texts = world.mailbox.to(marie.phone()).len();
        let sessions = past_the_password(world, &marie, &flex.sign_in(), 40).await;
        let code = world.mailbox.wait_for(marie.phone(), texts + 1).await.code();
        let mut guesses = JoinSet::new();
        for (at, mut browser) in sessions.into_iter().enumerate() {
            let code = code.clone();
            guesses.spawn(async move {
                for guess in 0..GUESSES_EACH {
                    browser.type_code(&wrong(at * GUESSES_EACH + guess, &code)).await;
                    let other = ["resend", "use:AAAAAAAAAAAAAAAAAAAAAA", "use:"][guess % 3];
                    browser.submit(&[("action", other)]).await;
                    assert!(!browser.page.url.contains("code="), "{}", browser.page.url);
                }
            });
        }
        guesses.join_all().await;
        let looked_at = evaluated(world, "login.factor_failed").await;
        assert!((1..=5).contains(&looked_at), "{looked_at} guesses were evaluated");
        world.wait(90_000);
        let mut owner = world.browser();
        owner.sign_in_by_sms(world, &marie, &flex).await;
        flex.tokens_from(&owner.page).await;
    }

    async fn guesses_at_sign_in_and_in_resets_are_five_together_and_the_owner_gets_in(world) {
        let (urs, flex, mut owner) = (world.invite(Person::urs()).await, world.flex().await, world.browser());
        let secret = owner.enroll_by_app(world, &urs, &flex).await;
        let mut owner = world.browser();
        world.wait(60);
        // Whoever knows the password and reads the mailbox: both roads lead to the factor, in two processes.
        let mut roads = past_the_password(world, &urs, &flex.sign_in(), 20).await;
        let (_, _, other) = world.beside().await;
        for at in 0..3 {
            let mut browser = world.browser();
            if at % 2 == 1 {
                browser.route_to(other.clone());
            }
            let mails = world.mailbox.about(&urs.email(), RESET).len();
            browser.visit(&format!("{}/ui/recovery", world.issuer)).await;
            browser.submit(&[("username", &urs.avs_number), ("action", "next")]).await.says("Si un accès existe");
            let code = world.mailbox.wait_about(&urs.email(), RESET, mails + 1).await.code();
            browser.type_code(&code).await;
            assert!(browser.page.url.ends_with("/factor"), "{}", browser.page.text());
            roads.push(browser);
            world.wait(61);
        }
        let right = totp(&secret, world);
        let mut guesses = JoinSet::new();
        for (at, mut browser) in roads.into_iter().enumerate() {
            let right = right.clone();
            guesses.spawn(async move {
                for guess in 0..GUESSES_EACH {
                    browser.type_code(&wrong(at * GUESSES_EACH + guess, &right)).await;
                    browser.submit(&[("action", "use:AAAAAAAAAAAAAAAAAAAAAA")]).await;
                }
                browser.type_code(&right).await;
                assert!(!browser.page.url.contains("code=") && !browser.page.url.ends_with("/password"), "{}", browser.page.url);
            });
        }
        guesses.join_all().await;
        let looked_at = evaluated(world, "login.factor_failed").await + evaluated(world, "password.reset_factor_failed").await;
        assert_eq!(looked_at, 5, "on both roads together");
        owner.visit(&flex.sign_in()).await;
        owner.give_password(&urs.email(), urs.password()).await;
        owner.type_code(&right).await;
        owner.page.says("Trop d'essais");
        world.wait(60 * minutes_on(&owner.page.text()));
        owner.type_code(&totp(&secret, world)).await;
        flex.tokens_from(&owner.page).await;
    }

    async fn guesses_at_the_code_of_a_mail_are_five_in_two_processes(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let (_, _, other) = world.beside().await;
        let mut browser = world.browser();
        browser.visit(&format!("{}/ui/recovery", world.issuer)).await;
        browser.submit(&[("username", &marie.email()), ("action", "next")]).await;
        let code = world.mailbox.wait_about(&marie.email(), RESET, 1).await.code();
        let mut guesses = JoinSet::new();
        for at in 0..100 {
            let (mut tab, code) = (browser.clone(), code.clone());
            if at % 2 == 1 {
                tab.route_to(other.clone());
            }
            guesses.spawn(async move {
                tab.type_code(&wrong(at, &code)).await;
                tab.page.text().contains("Ce code n'est pas juste")
            });
        }
        let looked_at = guesses.join_all().await.into_iter().filter(|looked_at| *looked_at).count();
        assert_eq!(looked_at, 4, "the fifth already says that there are no more");
        browser.type_code(&code).await;
        browser.page.says("Trop d'essais avec ce code");
    }

    async fn every_spelling_of_every_name_counts_together_in_two_processes(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let (_, _, other) = world.beside().await;
        let names = [
            marie.email(),
            marie.email().to_uppercase(),
            format!("  {} ", marie.email()),
            "Marie@Post.Example".to_owned(),
            "ｍａｒｉｅ@post.example".to_owned(),
            marie.avs_number.clone(),
            marie.avs_number.replace('.', ""),
            marie.avs_number.replace('.', " "),
            marie.avs_number.replace('.', "-"),
        ];
        let (mut guesses, turns) = (JoinSet::new(), Arc::new(Semaphore::new(AT_ONCE)));
        for (at, name) in names.iter().cycle().take(36).cloned().enumerate() {
            let routes = if at % 2 == 0 { world.routes.clone() } else { other.clone() };
            let (mut browser, sign_in, turns) = (Browser::new(routes, &world.issuer), flex.sign_in(), turns.clone());
            guesses.spawn(async move {
                browser.visit(&sign_in).await;
                let _turn = turns.acquire().await.expect("never closed");
                browser.give_password(&name, &format!("Tilleul-{at}-Vert")).await;
            });
        }
        guesses.join_all().await;
        let events = world.manage().newest_events("lindenhof", 10_000).await.expect("events");
        let of_hers = events.iter().filter(|event| event.kind == "login.failed" && event.subject.as_deref() != Some("unknown")).count();
        assert_eq!(of_hers, 5);
        for name in names.iter().filter(|name| name.is_ascii()) {
            let mut browser = world.browser();
            browser.visit(&flex.sign_in()).await;
            browser.give_password(name, marie.password()).await;
            browser.page.says("Trop d'essais");
        }
    }
}

/// A guess that is not right.
fn wrong(at: usize, right: &str) -> String {
    let guess = format!("{:06}", at * 997 % 1_000_000);
    if guess == right { "999983".to_owned() } else { guess }
}
