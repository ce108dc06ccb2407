//! What one address may begin, and what a request may hold.

use crate::support::browser::Browser;
use crate::support::{World, flows};
use axum::http::header;

/// The fund lets an address begin so much in ten minutes.
async fn allowing(world: &World, requests: u32) {
    let mut document = world.document();
    document.policy.requests_per_address = requests;
    world.manage().apply_realm(document).await.expect("it is applied");
}

fn at(world: &World, address: &'static str) -> Browser {
    let mut browser = world.browser();
    browser.address = Some(address);
    browser
}

flows! {
    async fn one_address_begins_so_much_and_others_go_on(world) {
        let flex = world.flex().await;
        let (marie, mut known) = (world.marie_with_account(&flex).await, at(world, "203.0.113.7"));
        known.sign_in_by_sms(world, &marie, &flex).await;
        allowing(world, 3).await;
        world.wait(601);
        for _ in 0..3 {
            at(world, "203.0.113.7").visit(&flex.sign_in()).await.says("Mot de passe");
        }
        for (language, words) in [("fr", "retournez au portail"), ("de", "gehen Sie dann zurück"), ("it", "torni al portale"), ("en", "go back to the portal")] {
            let mut browser = at(world, "203.0.113.7");
            browser.language = language;
            let page = browser.visit(&flex.sign_in()).await;
            assert_eq!(page.status, 429);
            page.says(words);
            let wait: u64 = page.headers[header::RETRY_AFTER].to_str().expect("text").parse().expect("seconds");
            assert!((1..=600).contains(&wait), "{wait}");
            assert!(page.html.contains("id=\"op-error\"") && page.headers.get(header::SET_COOKIE).is_none());
        }
        let request = flex.request();
        let fields: Vec<(&str, &str)> = request.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        for path in ["/authorize", "/ui/account"] {
            let (mut browser, url) = (at(world, "203.0.113.7"), format!("{}{path}", world.issuer));
            let status = if path == "/authorize" { browser.post(&url, &fields).await.status } else { browser.visit(&url).await.status };
            assert_eq!(status, 429, "{path}");
        }
        at(world, "203.0.113.8").visit(&flex.sign_in()).await.says("Mot de passe");
        world.browser().visit(&flex.sign_in()).await.says("Mot de passe");
        let silent = flex.sign_in_with(&[("prompt", "none")]);
        assert_eq!(at(world, "203.0.113.7").visit(&silent).await.parameter("error").as_deref(), Some("login_required"));
        // Where somebody has signed in, they still can, and everybody can sign out.
        known.visit(&flex.sign_in_with(&[("prompt", "login")])).await.says("Mot de passe");
        at(world, "203.0.113.7").visit(&format!("{}/logout?client_id=lindenhof-flex", world.issuer)).await.says("Voulez-vous terminer votre session");
        at(world, "203.0.113.7").post(&format!("{}/logout", world.issuer), &[("client_id", "lindenhof-flex")]).await.says("Voulez-vous terminer votre session");
        world.wait(601);
        at(world, "203.0.113.7").visit(&flex.sign_in()).await.says("Mot de passe");
        allowing(world, 0).await;
        world.wait(2);
        for _ in 0..5 {
            at(world, "203.0.113.7").visit(&flex.sign_in()).await.says("Mot de passe");
        }
    }

    async fn a_parameter_that_is_too_long_comes_back_to_the_portal_by_name(world) {
        let flex = world.flex().await;
        for (name, length) in [("state", 2049), ("nonce", 513), ("login_hint", 257), ("ui_locales", 513), ("claims_locales", 513), ("acr_values", 513), ("claims", 4097)] {
            let (long, mut browser) = ("x".repeat(length), world.browser());
            browser.visit(&flex.sign_in_with(&[(name, &long)])).await;
            assert!(browser.page.url.starts_with(&flex.redirect_uri()), "{name}: {}", browser.page.url);
            assert_eq!(browser.page.parameter("error").as_deref(), Some("invalid_request"), "{name}");
            assert!(browser.page.parameter("error_description").is_some_and(|words| words.starts_with(name)), "{name}");
            if name == "state" {
                assert_eq!(browser.page.parameter("state"), Some(long), "it comes back whole, and nothing of it is kept");
            }
        }
    }
}
