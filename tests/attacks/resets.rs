//! Resets of forgotten passwords in an attacker's hands: neither a weapon against the owner, nor a way round the tries.

use crate::support::browser::Browser;
use crate::support::people::Person;
use crate::support::portal::Portal;
use crate::support::world::SLUG;
use crate::support::{World, flows};

async fn ask(browser: &mut Browser, portal: &Portal, person: &Person) {
    browser.visit(&portal.sign_in_with(&[("prompt", "login")])).await;
    browser.follow("J'ai oublié mon mot de passe").await;
    browser.submit(&[("username", &person.email()), ("action", "next")]).await;
}

/// The code of the nth mail of a reset.
async fn mailed(world: &World, person: &Person, nth: usize) -> String {
    for _ in 0..500 {
        let mails = world.mailbox.to(&person.email());
        if let Some(mail) = mails.iter().filter(|mail| mail.subject.contains("nouveau mot de passe")).nth(nth) {
            return mail.code();
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("no code for a new password: {:?}", world.mailbox.to(&person.email()));
}

async fn events(world: &World, kind: &str) -> usize {
    world.manage().newest_events(SLUG, 1000).await.expect("events").iter().filter(|event| event.kind == kind).count()
}

flows! {
    async fn strangers_never_use_up_the_owners_resets_in_a_known_browser(world) {
        let flex = world.flex().await;
        let (marie, mut known, mut stranger) = (world.marie_with_account(&flex).await, world.browser(), world.browser());
        known.sign_in_by_sms(world, &marie, &flex).await;
        for nth in 0..5 {
            world.wait(61);
            ask(&mut stranger, &flex, &marie).await;
            stranger.page.says("Si un accès existe pour");
            mailed(world, &marie, nth).await;
        }
        world.wait(61);
        ask(&mut stranger, &flex, &marie).await;
        stranger.page.says("trop de codes aujourd'hui");
        ask(&mut known, &flex, &marie).await;
        known.page.says("Si un accès existe pour");
        known.type_code(&mailed(world, &marie, 5).await).await;
        known.page.says("Confirmez votre identité");
        // Its own are limited as well.
        for _ in 0..4 {
            world.wait(61);
            ask(&mut known, &flex, &marie).await;
            known.page.says("Si un accès existe pour");
        }
        world.wait(61);
        ask(&mut known, &flex, &marie).await;
        known.page.says("trop de codes aujourd'hui");
    }

    async fn guesses_that_are_not_looked_at_leave_no_trace(world) {
        let flex = world.flex().await;
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        ask(&mut browser, &flex, &marie).await;
        let right = mailed(world, &marie, 0).await;
        let wrong = if right == "111111" { "222222" } else { "111111" };
        for _ in 0..30 {
            browser.type_code(wrong).await;
        }
        browser.page.says("Trop d'essais avec ce code");
        assert_eq!(events(world, "password.reset_code_failed").await, 5);
    }

    async fn the_code_from_the_mail_gives_the_browser_a_new_secret(world) {
        let flex = world.flex().await;
        let (marie, mut browser, mut thief) = (world.marie_with_account(&flex).await, world.browser(), world.browser());
        ask(&mut browser, &flex, &marie).await;
        thief.steal(&browser);
        let sent = world.mailbox.to(marie.phone()).len();
        browser.type_code(&mailed(world, &marie, 0).await).await;
        browser.page.says("Confirmez votre identité");
        let url = browser.page.url.clone();
        thief.visit(&url).await.hides("Confirmez votre identité");
        let digits = world.mailbox.wait_for(marie.phone(), sent + 1).await.code();
        thief.steal(&browser);
        browser.type_code(&digits).await;
        browser.page.says("Choisissez un nouveau mot de passe");
        let url = browser.page.url.clone();
        thief.visit(&url).await.hides("Choisissez un nouveau mot de passe");
    }

    async fn wrong_present_passwords_are_told_to_the_owner(world) {
        let flex = world.flex().await;
        let (marie, mut thief) = (world.marie_with_account(&flex).await, world.browser());
        thief.sign_in_by_sms(world, &marie, &flex).await;
        thief.visit(&format!("{}/ui/account/password", world.issuer)).await;
        for nth in 0..6 {
            let of = thief.page.value("of").expect("the session");
            let (current, new) = (format!("Sapin-Gris-{nth}"), "Bouleau-Blanc-1902");
            thief.submit(&[("of", &of), ("current", &current), ("password", new), ("password_repeat", new)]).await;
        }
        thief.page.says("Trop d'essais");
        for _ in 0..200 {
            if world.mailbox.to(&marie.email()).iter().any(|mail| mail.text.contains("mot de passe") && mail.subject.contains("essais")) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("nobody was told: {:?}", world.mailbox.to(&marie.email()));
    }
}
