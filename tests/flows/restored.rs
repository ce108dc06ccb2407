//! After an older copy of the database was put back: what had ended in the meantime must not live again.

use crate::support::flows;
use crate::support::people::Person;

flows! {
    async fn nothing_that_could_be_used_twice_outlives_a_restore(world) {
        let flex = world.flex().await;
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        browser.sign_in_by_sms(world, &marie, &flex).await;
        let tokens = flex.tokens_from(&browser.page).await;
        browser.visit(&flex.sign_in()).await;
        let unredeemed = flex.code_from(&browser.page);
        let urs = world.invite(Person::urs()).await;
        let mut halfway = world.past_step_1(&flex, &urs).await;
        halfway.page.says("Mot de passe");

        let settled = world.manage().settle_restored(false).await.expect("it is settled");
        let lindenhof = settled.iter().find(|realm| realm.realm == "lindenhof").expect("the fund");
        assert!(lindenhof.sessions >= 1 && lindenhof.grants >= 1 && lindenhof.under_way >= 1, "{lindenhof:?}");
        assert_eq!(lindenhof.codes.iter().map(|code| &code.registry_no).collect::<Vec<_>>(), [&urs.registry_no]);
        assert_eq!(world.events("backup.restored").await, settled.len());

        assert_eq!(flex.refresh(&tokens.text("refresh_token")).await.status, 400);
        assert_eq!(flex.userinfo(&tokens.text("access_token")).await.status, 401);
        assert_eq!(flex.redeem(&unredeemed).await.status, 400);
        browser.visit(&flex.sign_in()).await.says("Mot de passe");
        halfway.submit(&[("email", &urs.email()), ("password", urs.password()), ("action", "next")]).await;
        assert!(halfway.page.value("email_code").is_none() && !halfway.page.url.contains("/email"), "{}", halfway.page.url);
        world.past_step_1(&flex, &urs).await.page.says("Cela n'a pas abouti");
        let again = world.reissue(&urs).await;
        world.past_step_1(&flex, &again).await.page.says("Mot de passe");
        browser.sign_in_by_sms(world, &marie, &flex).await;
        assert_eq!(flex.refresh(&flex.tokens_from(&browser.page).await.text("refresh_token")).await.status, 200);
    }

    async fn letters_stay_good_where_the_operator_knows_that_none_was_used(world) {
        let flex = world.flex().await;
        let urs = world.invite(Person::urs()).await;
        let settled = world.manage().settle_restored(true).await.expect("it is settled");
        assert!(settled.iter().all(|realm| realm.codes.is_empty()));
        world.past_step_1(&flex, &urs).await.page.says("Mot de passe");
    }
}
