//! Brute force: many sessions and two processes share one count, and the owner still gets in.

use crate::support::browser::Browser;
use crate::support::journey::totp;
use crate::support::people::Person;
use crate::support::{World, flows};
use tokio::task::JoinSet;

const SESSIONS: usize = 200;
const GUESSES_EACH: usize = 5;

/// Sign-ins of an attacker who knows the password, each in a browser of its own, in turn at two processes on one database.
async fn past_the_password(world: &World, person: &Person, sign_in: &str) -> Vec<Browser> {
    let (_, _, other) = world.beside().await;
    let mut sessions = Vec::new();
    for at in 0..SESSIONS {
        let routes = if at % 2 == 0 { world.routes.clone() } else { other.clone() };
        let mut browser = Browser::new(routes, &world.issuer);
        browser.visit(sign_in).await;
        browser.give_password(&person.email(), person.password()).await;
        assert!(browser.page.url.ends_with("/factor"), "{}", browser.page.text());
        sessions.push(browser);
    }
    sessions
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
        let sessions = past_the_password(world, &urs, &flex.sign_in()).await;
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
        let mut guesses = JoinSet::new();
        for at in 0..40_usize {
            let routes = if at % 2 == 0 { world.routes.clone() } else { other.clone() };
            let (mut browser, sign_in, email) = (Browser::new(routes, &world.issuer), flex.sign_in(), marie.email());
            guesses.spawn(async move {
                browser.visit(&sign_in).await;
                for guess in 0..3 {
                    browser.give_password(&email, &format!("Tilleul-{at}-{guess}-Vert")).await;
                }
                browser.page.text().contains("Trop d'essais")
            });
        }
        let delayed = guesses.join_all().await;
        assert!(delayed.iter().filter(|delayed| **delayed).count() >= 38, "{delayed:?}");
        assert!(evaluated(world, "login.failed").await <= 5);
    }
}
