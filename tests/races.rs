//! Races: whatever may be used once is won once, however many try at the same moment, on both databases.

use crate::support::journey::totp;
use crate::support::people::Person;
use crate::support::{World, flows};
use std::collections::BTreeSet;
use tokio::task::JoinSet;

/// How many try at once.
const RIVALS: usize = 100;

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
}

async fn accounts(world: &World) -> i64 {
    world.manage().overview().await.expect("numbers")[0].accounts
}
