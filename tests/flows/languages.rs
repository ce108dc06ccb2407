//! Four languages: asked for by the portal, by the browser, by a click; remembered; in pages, mails and text messages.

use crate::support::flows;
use crate::support::people::Person;

flows! {
    async fn the_browser_the_portal_and_the_switch_choose_the_language(world) {
        let flex = world.flex().await;
        for (accept, words) in [("fr", "Connexion"), ("de-CH", "Anmeldung"), ("it", "Accesso"), ("en", "Sign in"), ("rm", "Anmeldung")] {
            let mut browser = world.browser();
            browser.language = accept;
            browser.visit(&flex.sign_in()).await.says(words);
        }
        let mut browser = world.browser();
        browser.visit(&flex.sign_in_with(&[("ui_locales", "rm it")])).await;
        assert!(browser.page.html.contains("<html lang=\"de\""), "Romansh speakers get German: {}", &browser.page.html[..200]);
        browser.follow("Italiano").await;
        assert!(browser.page.html.contains("<html lang=\"it\""));
        browser.follow("register").await;
        assert!(browser.page.html.contains("<html lang=\"it\""), "the choice is remembered");
    }

    async fn mails_and_text_messages_speak_the_language_of_the_page(world) {
        let (urs, flex, mut browser) = (world.invite(Person::urs()).await, world.flex().await, world.browser());
        browser.language = "de";
        browser.visit(&flex.sign_in()).await;
        browser.follow("register").await;
        browser.follow("Versicherte oder Rentenbeziehende").await;
        browser.identify(&urs).await;
        browser.give_user_data(&urs.email(), urs.password()).await;
        let mail = world.mailbox.first(&urs.email()).await;
        assert!(mail.text.contains("Freundliche Grüsse") || mail.text.contains("Guten Tag"), "{mail:?}");
        browser.type_code(&mail.code()).await;
        browser.submit(&[("factor", "sms"), ("phone", "079 000 00 01"), ("action", "next")]).await;
        let sms = world.mailbox.first(urs.phone()).await;
        assert!(sms.text.starts_with("Ihr Code: "), "{sms:?}");
    }
}
