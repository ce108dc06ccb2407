//! What may happen while a person is on their way: a second start, a newer code, an address that another was quicker to take, a long
//! pause. Each says what happened, and leaves a way on.

use crate::support::World;
use crate::support::browser::Browser;
use crate::support::flows;
use crate::support::journey::totp;
use crate::support::people::Person;
use crate::support::portal::Portal;

/// From step 1 to the page that asks for the code of the text message.
async fn up_to_the_sms(world: &World, person: &Person, portal: &Portal, email: &str, phone: &str) -> Browser {
    let mut browser = world.browser();
    browser.register_at(portal).await;
    browser.identify(person).await;
    browser.give_user_data(email, person.password()).await;
    let code = world.mailbox.first(email).await.code();
    browser.type_code(&code).await;
    browser.submit(&[("factor", "sms"), ("phone", phone), ("action", "next")]).await;
    browser
}

flows! {
    async fn a_new_start_elsewhere_supersedes_the_older_one(world) {
        let (marie, flex) = (world.invite(Person::marie()).await, world.flex().await);
        let mut first = up_to_the_sms(world, &marie, &flex, &marie.email(), "079 000 00 01").await;
        let sms = world.mailbox.first(marie.phone()).await.code();
        let second = world.past_step_1(&flex, &marie).await;
        second.page.says("Mot de passe");
        first.type_code(&sms).await;
        first.page.says("Cette inscription a été recommencée");
        first.follow("way-on").await;
        first.follow("population-insured").await.says("Code d'activation");
        assert_eq!(world.manage().overview().await.expect("numbers")[0].accounts, 0);
    }

    async fn who_comes_again_in_the_same_browser_goes_on_where_they_were(world) {
        let (marie, flex, mut browser) = (world.invite(Person::marie()).await, world.flex().await, world.browser());
        browser.register_at(&flex).await;
        browser.identify(&marie).await;
        browser.give_user_data(&marie.email(), marie.password()).await;
        let mail = world.mailbox.first(&marie.email()).await;
        let waiting = browser.page.url.clone();
        browser.register_at(&flex).await;
        browser.identify(&marie).await;
        assert_eq!(browser.page.url, waiting);
        assert_eq!(world.mailbox.to(&marie.email()).len(), 1, "no second mail");
        browser.type_code(&mail.code()).await;
        browser.page.says("authentification à deux facteurs");
    }

    async fn a_code_replaced_on_the_way_makes_no_account(world) {
        let (marie, flex) = (world.invite(Person::marie()).await, world.flex().await);
        let mut browser = up_to_the_sms(world, &marie, &flex, &marie.email(), "079 000 00 01").await;
        let sms = world.mailbox.first(marie.phone()).await.code();
        let fresh = world.reissue(&marie).await;
        browser.type_code(&sms).await;
        browser.page.says("Ce code ne peut plus être utilisé");
        assert_eq!(world.manage().overview().await.expect("numbers")[0].accounts, 0);
        browser.register_at(&flex).await;
        browser.identify(&fresh).await;
        browser.page.says("Mot de passe");
    }

    async fn v_21_an_address_that_another_took_on_the_way_is_changed_and_the_rest_stays(world) {
        let (marie, urs, flex) = (world.invite(Person::marie()).await, world.invite(Person::urs()).await, world.flex().await);
        let shared = "famille@post.example";
        let mut slow = up_to_the_sms(world, &urs, &flex, shared, "079 000 00 02").await;
        let sms = world.mailbox.first("+41790000002").await.code();
        let mut quick = world.past_step_1(&flex, &marie).await;
        quick.give_user_data(shared, marie.password()).await;
        let code = world.mailbox.wait_for(shared, 2).await.code();
        quick.type_code(&code).await;
        quick.submit(&[("factor", "sms"), ("phone", "079 000 00 01"), ("action", "next")]).await;
        let code = world.mailbox.first(marie.phone()).await.code();
        quick.type_code(&code).await;
        quick.page.says("C'est fait");
        slow.type_code(&sms).await;
        slow.page.says("Cette adresse e-mail a déjà un compte");
        slow.follow("way-on").await.says("Mot de passe");
        slow.give_user_data(&urs.email(), urs.password()).await;
        slow.confirm_email(world, &urs.email()).await;
        assert_eq!(slow.page.value("phone").as_deref(), Some("+41 79 000 00 02"), "the number is still there");
        slow.submit(&[("factor", "sms"), ("phone", "079 000 00 02"), ("action", "next")]).await;
        let code = world.mailbox.wait_for("+41790000002", 2).await.code();
        slow.type_code(&code).await;
        slow.page.says("C'est fait");
    }

    async fn changing_the_address_asks_for_a_new_confirmation(world) {
        let (marie, flex, mut browser) = (world.invite(Person::marie()).await, world.flex().await, world.browser());
        browser.enroll_up_to_the_factor(world, &marie, &flex).await;
        browser.submit(&[("action", "back")]).await;
        browser.page.says("est confirmée");
        browser.submit(&[("action", "back")]).await;
        assert_eq!(browser.page.value("email").as_deref(), Some(marie.email().as_str()));
        browser.give_user_data("marie@autre.example", marie.password()).await;
        browser.page.says("Code de confirmation").says("marie@autre.example");
        browser.confirm_email(world, "marie@autre.example").await;
        browser.page.says("authentification à deux facteurs");
    }

    async fn an_enrollment_can_be_resumed_for_a_day(world) {
        let (marie, flex, mut browser) = (world.invite(Person::marie()).await, world.flex().await, world.browser());
        browser.enroll_up_to_the_factor(world, &marie, &flex).await;
        let step_4 = browser.page.url.clone();
        world.wait(23 * 3600);
        browser.visit(&step_4).await.says("authentification à deux facteurs");
        world.wait(2 * 3600);
        browser.visit(&step_4).await.says("24 heures");
        browser.follow("way-on").await;
        browser.follow("population-insured").await.says("Code d'activation");
    }

    async fn wrong_codes_of_an_app_wait_after_the_fifth(world) {
        let (urs, flex, mut browser) = (world.invite(Person::urs()).await, world.flex().await, world.browser());
        browser.enroll_up_to_the_factor(world, &urs, &flex).await;
        browser.submit(&[("factor", "totp"), ("action", "next")]).await;
        let secret = browser.page.text_of("totp-secret").replace(' ', "");
        let right = totp(&secret, world);
        let wrong = if right == "111111" { "222222" } else { "111111" };
        for _ in 0..5 {
            browser.type_code(wrong).await;
            browser.page.says("Ce code n'est pas juste");
        }
        browser.type_code(&right).await;
        browser.page.says("Trop d'essais");
        world.wait(61);
        browser.type_code(&totp(&secret, world)).await;
        browser.page.says("C'est fait");
    }

    async fn a_person_who_enrolls_without_a_portal_ends_at_the_funds_own_page(world) {
        let (marie, mut browser) = (world.invite(Person::marie()).await, world.browser());
        browser.visit(&format!("{}/ui/enroll", world.issuer)).await;
        browser.follow("population-insured").await.says("Code d'activation");
        browser.identify(&marie).await;
        browser.give_user_data(&marie.email(), marie.password()).await;
        browser.confirm_email(world, &marie.email()).await;
        browser.submit(&[("factor", "sms"), ("phone", "079 000 00 01"), ("action", "next")]).await;
        let code = world.mailbox.first(marie.phone()).await.code();
        browser.type_code(&code).await;
        browser.page.says("C'est fait");
        browser.visit(&browser.page.url.clone()).await.says("C'est fait");
    }
}
