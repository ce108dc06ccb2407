//! Who is signed in and must prove it once more reads why, and not how to register.

use crate::support::flows;

const WHY: [(&str, &str); 4] = [
    ("fr", "connectez-vous encore une fois"),
    ("de", "Melden Sie sich bitte noch einmal an"),
    ("it", "acceda ancora una volta"),
    ("en", "please sign in once more"),
];

flows! {
    async fn who_must_prove_it_once_more_reads_why(world) {
        let flex = world.flex().await;
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        browser.visit(&flex.sign_in_with(&[("prompt", "login")])).await.says("Première connexion");
        assert!(!browser.page.html.contains("encore une fois"), "a stranger is not signed in");
        browser.sign_in_by_sms(world, &marie, &flex).await;
        world.wait(700);
        for (language, words) in WHY {
            browser.language = language;
            browser.visit(&flex.sign_in_with(&[("prompt", "login")])).await.says(words);
            browser.page.says(&marie.email());
            assert!(!browser.page.html.contains("class=\"lead\""), "how to register is nothing for her");
        }
        browser.language = "fr";
        browser.visit(&flex.sign_in_with(&[("max_age", "60")])).await.says("connectez-vous encore une fois");
        browser.submit(&[("username", &marie.email()), ("password", "Falsch-4711-falsch!"), ("action", "next")]).await;
        browser.page.says("connectez-vous encore une fois");
        browser.visit(&format!("{}/ui/account/password", world.issuer)).await.says("connectez-vous encore une fois");
    }

    async fn who_wants_to_be_somebody_else_is_not_told_to_sign_in_once_more(world) {
        let flex = world.flex().await;
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        browser.sign_in_by_sms(world, &marie, &flex).await;
        browser.visit(&flex.sign_in_with(&[("prompt", "select_account"), ("max_age", "1")])).await;
        browser.submit(&[("action", "other")]).await;
        browser.page.says("Première connexion");
    }
}
