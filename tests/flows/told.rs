//! Portals hear of every end of a session, whoever brought it about (OpenID Connect Back-Channel Logout 1.0).

use crate::support::browser::Browser;
use crate::support::hearing::{Hearing, claims_of};
use crate::support::people::Person;
use crate::support::portal::{Portal, payload};
use crate::support::{World, flows};
use serde_json::{Value, json};

/// Marie, signed in at a portal that hears, with the claims of her ID token.
async fn marie_signed_in(world: &World) -> (Portal, Hearing, Person, Browser, Value) {
    let hears = Hearing::begin().await;
    world.with_clients(&[("lindenhof-flex", json!({"backchannel_logout_uri": hears.uri()}))]).await;
    let flex = world.flex().await;
    let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
    browser.sign_in_by_sms(world, &marie, &flex).await;
    let claims = payload(&flex.tokens_from(&browser.page).await.text("id_token"));
    (flex, hears, marie, browser, claims)
}

/// The portal heard of the end of just this session.
async fn heard(world: &World, flex: &Portal, hears: &Hearing, signed_in: &Value) {
    let claims = claims_of(world, flex, &hears.wait_for(1).await).await;
    assert_eq!((&claims["sub"], &claims["sid"]), (&signed_in["sub"], &signed_in["sid"]));
}

flows! {
    async fn back_channel_2_portals_hear_when_the_owner_says_that_it_was_not_them(world) {
        let (flex, hears, marie, _, claims) = marie_signed_in(world).await;
        let subject = "Connexion avec un nouvel appareil";
        world.mailbox.wait_about(&marie.email(), subject, 1).await;
        let link = world.mailbox.about(&marie.email(), subject).swap_remove(0).link();
        let mut anywhere = world.browser();
        anywhere.visit(&link).await;
        assert!(hears.heard().is_empty(), "looking ends nothing");
        anywhere.submit(&[("action", "stop")]).await.says("Votre accès est bloqué");
        heard(world, &flex, &hears, &claims).await;
    }

    async fn back_channel_2_portals_hear_when_the_password_was_forgotten_and_chosen_anew(world) {
        let (flex, hears, marie, _, claims) = marie_signed_in(world).await;
        world.wait(60);
        let mut browser = world.browser();
        browser.visit(&flex.sign_in()).await;
        browser.follow("J'ai oublié mon mot de passe").await;
        browser.submit(&[("username", &marie.email()), ("action", "next")]).await;
        let subject = "nouveau mot de passe";
        world.mailbox.wait_about(&marie.email(), subject, 1).await;
        let sent = world.mailbox.to(marie.phone()).len();
        browser.type_code(&world.mailbox.about(&marie.email(), subject).swap_remove(0).code()).await;
        let code = world.mailbox.wait_for(marie.phone(), sent + 1).await.code();
        browser.type_code(&code).await;
        assert!(hears.heard().is_empty(), "whoever asked has changed nothing yet");
        let new = "Marronnier-Bleu-77";
        browser.submit(&[("password", new), ("password_repeat", new), ("action", "next")]).await;
        browser.page.says("Votre mot de passe est changé");
        heard(world, &flex, &hears, &claims).await;
    }
}
