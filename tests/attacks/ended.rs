//! What was ended stays ended: nothing that was begun or issued before comes back after «everywhere», «this was not me» or a new password.

use crate::support::browser::Browser;
use crate::support::journey::totp;
use crate::support::people::Person;
use crate::support::portal::Portal;
use crate::support::world::SLUG;
use crate::support::{World, flows};
use poterne_idp::manage::Decision;

const NEW: &str = "Bouleau-Blanc-1902";
const WRONG: &str = "Sapin-Gris-2011";

/// The portal, which may ask for what outlives the session.
async fn offline(world: &World) -> Portal {
    let mut document = world.document();
    let flex = document.clients.iter_mut().find(|client| client.client_id == "lindenhof-flex").expect("the portal");
    flex.scope = poterne_protocol::scope::Scope::parse("openid profile email offline_access").expect("scopes");
    world.manage().apply_realm(document).await.expect("the document is applied");
    world.flex().await
}

fn lasting(portal: &Portal) -> String {
    portal.sign_in_with(&[("scope", "openid offline_access")])
}

/// Signs in by SMS, on whatever page of a sign-in is open.
async fn prove(world: &World, browser: &mut Browser, person: &Person, password: &str) {
    let before = world.mailbox.to(person.phone()).len();
    browser.give_password(&person.email(), password).await;
    let code = world.mailbox.wait_for(person.phone(), before + 1).await.code();
    browser.type_code(&code).await;
}

/// A browser that waits at the second factor, and the code that would be right.
async fn halfway(world: &World, portal: &Portal, person: &Person) -> (Browser, String) {
    let mut browser = world.browser();
    browser.visit(&portal.sign_in()).await;
    let before = world.mailbox.to(person.phone()).len();
    browser.give_password(&person.email(), person.password()).await;
    let code = world.mailbox.wait_for(person.phone(), before + 1).await.code();
    (browser, code)
}

/// A browser that waits for the mail of a reset, and the code that would be right.
async fn resetting(world: &World, portal: &Portal, person: &Person) -> (Browser, String) {
    let mut browser = world.browser();
    ask(&mut browser, portal, &person.email()).await;
    browser.page.says("Si un accès existe pour");
    let code = mail(world, &person.email(), "nouveau mot de passe").await.code();
    (browser, code)
}

async fn ask(browser: &mut Browser, portal: &Portal, name: &str) {
    browser.visit(&portal.sign_in_with(&[("prompt", "login")])).await;
    browser.follow("J'ai oublié mon mot de passe").await;
    browser.submit(&[("username", name), ("action", "next")]).await;
}

/// The newest mail about this, once there is one.
async fn mail(world: &World, to: &str, subject: &str) -> crate::support::mailbox::Received {
    for _ in 0..500 {
        if let Some(mail) = world.mailbox.to(to).into_iter().rev().find(|mail| mail.subject.contains(subject)) {
            return mail;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("no mail about {subject}: {:?}", world.mailbox.to(to));
}

/// How many mails about this came, when no more come.
async fn mails(world: &World, to: &str, subject: &str) -> usize {
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    world.mailbox.to(to).iter().filter(|mail| mail.subject.contains(subject)).count()
}

async fn events(world: &World, kind: &str) -> usize {
    world.manage().newest_events(SLUG, 1000).await.expect("events").iter().filter(|event| event.kind == kind).count()
}

async fn decide(world: &World, person: &Person, decision: Decision) {
    let decided = world.manage().decide_account(SLUG, &person.registry_no, decision, "test").await;
    decided.unwrap_or_else(|why| panic!("{why}"));
}

/// The letter of an operator's reset.
async fn letter(world: &World, person: &Person) -> Person {
    let issued = world.manage().reset_factor(SLUG, &person.registry_no, "phone lost").await.unwrap_or_else(|why| panic!("{why}"));
    Person { code: issued.code.expose().to_owned(), ..person.clone() }
}

/// Step 1 to 4 of an account that comes back: up to the page of the new app, whose secret is returned.
async fn up_to_the_app(world: &World, browser: &mut Browser, portal: &Portal, letter: &Person) -> String {
    let before = mails(world, &letter.email(), "code de confirmation").await;
    browser.register_at(portal).await;
    browser.identify(letter).await;
    browser.submit(&[("password", NEW), ("password_repeat", NEW), ("action", "next")]).await;
    while mails(world, &letter.email(), "code de confirmation").await == before {}
    let code = mail(world, &letter.email(), "code de confirmation").await.code();
    browser.type_code(&code).await;
    browser.submit(&[("factor", "totp"), ("action", "next")]).await;
    browser.page.text_of("totp-secret").replace(' ', "")
}

flows! {
    async fn signed_out_everywhere_leaves_nothing_behind(world) {
        let flex = offline(world).await;
        let (marie, mut thief) = (world.marie_with_account(&flex).await, world.browser());
        thief.visit(&lasting(&flex)).await;
        prove(world, &mut thief, &marie, marie.password()).await;
        let tokens = flex.tokens_from(&thief.page).await;
        world.wait(61);
        let mut owner = world.browser();
        owner.visit(&format!("{}/ui/account", world.issuer)).await;
        prove(world, &mut owner, &marie, marie.password()).await;
        world.wait(61);
        let (mut half, digits) = halfway(world, &flex, &marie).await;
        let (mut reset, code) = resetting(world, &flex, &marie).await;
        assert_eq!(flex.refresh(&tokens.text("refresh_token")).await.status, 200);

        world.wait(1);
        let of = owner.page.value("of").expect("the session");
        owner.post(&format!("{}/ui/account/sessions", world.issuer), &[("of", &of), ("action", "everywhere")]).await;
        owner.page.says("Vous êtes déconnecté");
        assert_eq!(flex.refresh(&tokens.text("refresh_token")).await.status, 400, "what outlives sessions does not outlive this");
        assert_eq!(flex.userinfo(&tokens.text("access_token")).await.status, 401);
        half.type_code(&digits).await;
        half.page.says("Mot de passe").hides("Confirmez votre identité");
        reset.type_code(&code).await;
        reset.page.hides("Confirmez votre identité").hides("Choisissez un nouveau");

        // Whoever signs in again gets what lasts again.
        world.wait(61);
        owner.visit(&lasting(&flex)).await;
        prove(world, &mut owner, &marie, marie.password()).await;
        let tokens = flex.tokens_from(&owner.page).await;
        assert_eq!(flex.refresh(&tokens.text("refresh_token")).await.status, 200);
    }

    async fn what_this_was_not_me_stopped_does_not_come_back_with_the_account(world) {
        let flex = offline(world).await;
        let (marie, mut thief) = (world.marie_with_account(&flex).await, world.browser());
        thief.visit(&lasting(&flex)).await;
        prove(world, &mut thief, &marie, marie.password()).await;
        let tokens = flex.tokens_from(&thief.page).await;
        let link = mail(world, &marie.email(), "Connexion avec un nouvel appareil").await.link();
        world.wait(61);
        let (mut half, digits) = halfway(world, &flex, &marie).await;
        let (mut reset, code) = resetting(world, &flex, &marie).await;
        let mut owner = world.browser();
        world.wait(1);
        owner.visit(&link).await;
        owner.submit(&[("action", "stop")]).await.says("Votre accès est bloqué");
        decide(world, &marie, Decision::Reactivate).await;
        assert_eq!(flex.refresh(&tokens.text("refresh_token")).await.status, 400);
        assert_eq!(flex.userinfo(&tokens.text("access_token")).await.status, 401);
        half.type_code(&digits).await;
        half.page.says("Mot de passe").hides("Confirmez votre identité");
        reset.type_code(&code).await;
        reset.page.hides("Confirmez votre identité").hides("Choisissez un nouveau");
    }

    async fn a_letter_from_before_the_stop_brings_nothing_back(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        // Somebody reads her letters and her mailbox, but she reads it too.
        let stolen = letter(world, &marie).await;
        let mut thief = world.browser();
        let secret = up_to_the_app(world, &mut thief, &flex, &stolen).await;
        let link = mail(world, &marie.email(), "second facteur a été retiré").await.link();
        let mut owner = world.browser();
        world.wait(1);
        owner.visit(&link).await;
        owner.submit(&[("action", "stop")]).await.says("Votre accès est bloqué");
        thief.type_code(&totp(&secret, world)).await;
        thief.page.hides("C'est fait");
        assert_eq!(events(world, "account.credentials_replaced").await, 0);

        // Neither does it once the fund has given the account back: only another letter does.
        decide(world, &marie, Decision::Reactivate).await;
        world.wait(3600);
        let mut again = world.browser();
        again.register_at(&flex).await;
        again.identify(&stolen).await;
        again.page.says("Nous ne reconnaissons pas ces indications");
        let next = letter(world, &marie).await;
        let mut owner = world.browser();
        let secret = up_to_the_app(world, &mut owner, &flex, &next).await;
        owner.type_code(&totp(&secret, world)).await;
        owner.page.says("C'est fait");
        assert_eq!(events(world, "account.credentials_replaced").await, 1);
    }

    async fn a_browser_known_under_the_old_password_is_a_stranger_under_the_new_one(world) {
        let flex = world.flex().await;
        let (marie, mut thief) = (world.marie_with_account(&flex).await, world.browser());
        thief.sign_in_by_sms(world, &marie, &flex).await;
        world.wait(61);
        let mut owner = world.browser();
        owner.visit(&format!("{}/ui/account/password", world.issuer)).await;
        prove(world, &mut owner, &marie, marie.password()).await;
        let of = owner.page.value("of").expect("the session");
        let form = [("of", of.as_str()), ("current", marie.password()), ("password", NEW), ("password_repeat", NEW)];
        owner.submit(&form).await.says("Mon compte");

        // Strangers use up their tries: the thief's browser has none of its own any more, the owner's has.
        thief.visit(&flex.sign_in()).await;
        let mut stranger = world.browser();
        stranger.visit(&flex.sign_in()).await;
        for _ in 0..6 {
            stranger.give_password(&marie.email(), WRONG).await;
        }
        stranger.page.says("Trop d'essais");
        thief.give_password(&marie.email(), NEW).await;
        thief.page.says("Trop d'essais");
        world.wait(61);
        owner.visit(&flex.sign_in_with(&[("prompt", "login")])).await;
        stranger.give_password(&marie.email(), WRONG).await;
        owner.give_password(&marie.email(), NEW).await;
        owner.page.says("SMS");
    }
}
