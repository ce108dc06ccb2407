//! A forgotten password: the code from the mail, then the second factor, then the new password; and what to do without the factor.

use crate::support::World;
use crate::support::browser::Browser;
use crate::support::flows;
use crate::support::journey::totp;
use crate::support::people::Person;
use crate::support::portal::Portal;
use poterne_idp::manage::EntryStatus;

/// In the subject of the mail with the code of a reset.
const RESET: &str = "nouveau mot de passe";
const NEW: &str = "Marronnier-Bleu-77";

/// From a portal to the page that asks for the code from the mail.
async fn ask(world: &World, portal: &Portal, name: &str) -> Browser {
    let mut browser = world.browser();
    browser.visit(&portal.sign_in()).await;
    browser.follow("J'ai oublié mon mot de passe").await.says("Mot de passe oublié");
    give_name(&mut browser, name).await;
    browser
}

async fn give_name(browser: &mut Browser, name: &str) {
    browser.submit(&[("username", name), ("action", "next")]).await;
}

async fn give_new(browser: &mut Browser, password: &str) {
    browser.submit(&[("password", password), ("password_repeat", password), ("action", "next")]).await;
}

/// The code of one of the resets in a mailbox, counted from 0.
async fn mailed(world: &World, email: &str, nth: usize) -> String {
    world.mailbox.wait_about(email, RESET, nth + 1).await;
    let mail = world.mailbox.about(email, RESET).swap_remove(nth);
    let code = mail.code();
    assert!(mail.subject.contains(&format!("{} {}", &code[..3], &code[3..])) || mail.subject.contains(&code));
    code
}

/// Up to the page of the second factor.
async fn up_to_the_factor(world: &World, portal: &Portal, person: &Person) -> Browser {
    let mut browser = ask(world, portal, &person.email()).await;
    let code = mailed(world, &person.email(), 0).await;
    browser.type_code(&code).await;
    browser.page.says("Confirmez votre identité");
    browser
}

/// Up to the page of the new password, by SMS.
async fn up_to_the_password(world: &World, portal: &Portal, person: &Person) -> Browser {
    let before = world.mailbox.to(person.phone()).len();
    let mut browser = up_to_the_factor(world, portal, person).await;
    let code = world.mailbox.wait_for(person.phone(), before + 1).await.code();
    browser.type_code(&code).await;
    browser.page.says("Choisissez un nouveau mot de passe");
    browser
}

/// What a page says and how it is built, without the ids in it and the name that was typed.
fn blanked(browser: &Browser, name: &str) -> String {
    let id =
        browser.page.url.split("/ui/recovery/").nth(1).and_then(|rest| rest.split(['/', '?']).next()).unwrap_or("-").to_owned();
    browser.page.html.replace(&id, "ID").replace(name, "NAME")
}

flows! {
    async fn v_06_marie_chooses_a_new_password_by_mail_and_sms(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let mut browser = ask(world, &flex, &marie.email()).await;
        browser.page.says("Si un accès existe pour").says(&marie.email()).says("courriers indésirables");
        assert!(!browser.page.url.contains("marie"), "no name in an address: {}", browser.page.url);
        let code = mailed(world, &marie.email(), 0).await;
        let sent = world.mailbox.to(marie.phone()).len();
        browser.type_code(&code).await;
        browser.page.says("Confirmez votre identité").hides(marie.phone());
        let code = world.mailbox.wait_for(marie.phone(), sent + 1).await.code();
        browser.type_code(&code).await;
        browser.page.says("au moins");
        give_new(&mut browser, NEW).await;
        browser.page.says("Votre mot de passe est changé");
        // Nobody is signed in by that: the waiting flow asks for the new password.
        browser.follow("continue").await.says("Connexion").says("Lindenhof flex");
        browser.give_password(&marie.email(), marie.password()).await;
        browser.page.says("n'est pas juste");
        world.wait(60);
        browser.give_password(&marie.email(), NEW).await;
        let code = world.mailbox.wait_for(marie.phone(), sent + 2).await.code();
        browser.type_code(&code).await;
        flex.tokens_from(&browser.page).await;
        for kind in ["password.reset_requested", "password.reset_code_accepted", "password.reset_factor_accepted", "password.reset"] {
            assert_eq!(world.events(kind).await, 1, "{kind}");
        }
        let told = world.mailbox.to(&marie.email()).iter().filter(|mail| mail.subject.contains("mot de passe a été")).count();
        assert_eq!(told, 1, "{:?}", world.mailbox.to(&marie.email()));
    }

    async fn v_06_urs_does_it_with_his_app(world) {
        let (urs, flex, mut enrolled) = (world.invite(Person::urs()).await, world.flex().await, world.browser());
        let secret = enrolled.enroll_by_app(world, &urs, &flex).await;
        world.wait(60);
        let mut browser = up_to_the_factor(world, &flex, &urs).await;
        browser.page.says("application d'authentification");
        browser.type_code(&totp(&secret, world)).await;
        give_new(&mut browser, NEW).await;
        browser.page.says("Votre mot de passe est changé");
        browser.follow("continue").await;
        browser.give_password(&urs.email(), NEW).await;
        browser.type_code(&totp(&secret, world)).await;
        browser.page.says("n'est pas juste");
        world.wait(30);
        browser.type_code(&totp(&secret, world)).await;
        flex.tokens_from(&browser.page).await;
    }

    async fn v_06_all_sessions_and_half_sign_ins_end_with_the_old_password(world) {
        let (flex, one_e) = (world.flex().await, world.one_e());
        let marie = world.marie_with_account(&flex).await;
        let (mut first, mut second) = (world.browser(), world.browser());
        first.sign_in_by_sms(world, &marie, &flex).await;
        let tokens = flex.tokens_from(&first.page).await;
        second.sign_in_by_sms(world, &marie, &one_e).await;
        let public = one_e.tokens_from(&second.page).await;
        // Somebody who knows the old password waits at the second factor.
        let mut half = world.browser();
        half.visit(&flex.sign_in()).await;
        let sent = world.mailbox.to(marie.phone()).len();
        half.give_password(&marie.email(), marie.password()).await;
        let half_code = world.mailbox.wait_for(marie.phone(), sent + 1).await.code();
        world.wait(60);
        let mut stale = ask(world, &flex, &marie.email()).await;
        let stale_code = mailed(world, &marie.email(), 0).await;
        world.wait(60);
        let mut browser = ask(world, &flex, &marie.email()).await;
        let code = mailed(world, &marie.email(), 1).await;
        browser.type_code(&code).await;
        let code = world.mailbox.wait_for(marie.phone(), sent + 2).await.code();
        browser.type_code(&code).await;
        give_new(&mut browser, NEW).await;
        browser.page.says("Votre mot de passe est changé");
        for browser in [&mut first, &mut second] {
            browser.visit(&flex.sign_in_with(&[("prompt", "none")])).await;
            assert_eq!(browser.page.parameter("error").as_deref(), Some("login_required"));
        }
        assert_eq!(flex.userinfo(&tokens.text("access_token")).await.status, 401);
        assert_eq!(one_e.refresh(&public.text("refresh_token")).await.status, 400);
        half.type_code(&half_code).await;
        half.page.says("Mot de passe").hides("Confirmez votre identité");
        stale.type_code(&stale_code).await;
        stale.page.says("Ce code n'est pas juste");
    }

    async fn v_06_known_unknown_suspended_and_half_enrolled_people_see_the_same(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let mut gone = Person::urs();
        gone = world.invite(gone).await;
        let mut browser = world.browser();
        browser.enroll_by_app(world, &gone, &flex).await;
        world.manage().set_entry_status("lindenhof", &gone.registry_no, EntryStatus::Deceased).await.expect("a status");
        let mut half = world.invite(Person::named("Jean-Baptiste")).await;
        half.first_name = "jb".into();
        let mut browser = world.past_step_1(&flex, &half).await;
        browser.give_user_data(&half.email(), half.password()).await;
        world.wait(3600);
        let mut seen: Vec<Vec<(u16, String)>> = Vec::new();
        for name in [marie.email(), "nobody@post.example".into(), gone.email(), half.email(), "no address".into(), "756.0000.0000.00".into()] {
            let mut browser = ask(world, &flex, &name).await;
            let mut pages = vec![(browser.page.status, blanked(&browser, &name))];
            for wrong in ["", "12", "000000"] {
                browser.type_code(wrong).await;
                pages.push((browser.page.status, blanked(&browser, &name)));
            }
            browser.submit(&[("action", "resend")]).await;
            pages.push((browser.page.status, blanked(&browser, &name)));
            let again = ask(world, &flex, &name).await;
            again.page.says("Un nouveau code peut être demandé");
            seen.push(pages);
        }
        for other in &seen[1..] {
            assert_eq!(other, &seen[0]);
        }
        mailed(world, &marie.email(), 0).await;
        for email in ["nobody@post.example".to_owned(), gone.email(), half.email(), "no address".into()] {
            assert!(world.mailbox.about(&email, RESET).is_empty(), "no code leaves for {email}");
        }
    }

    async fn v_06_every_spelling_of_the_avs_number_and_the_address_share_one_count(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let browser = ask(world, &flex, &marie.avs_number).await;
        browser.page.says(&marie.avs_number).hides("post.example");
        mailed(world, &marie.email(), 0).await;
        for name in [marie.email().to_uppercase(), marie.avs_number.replace('.', ""), marie.avs_number.replace('.', " ")] {
            ask(world, &flex, &name).await.page.says("Un nouveau code peut être demandé");
        }
        for _ in 0..4 {
            world.wait(60);
            ask(world, &flex, &marie.email()).await.page.says("Si un accès existe pour");
        }
        world.wait(60);
        ask(world, &flex, &marie.avs_number).await.page.says("trop de codes aujourd'hui");
    }

    async fn v_06_five_wrong_codes_use_the_mail_up_and_another_may_be_asked_for(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let mut browser = ask(world, &flex, &marie.email()).await;
        let code = mailed(world, &marie.email(), 0).await;
        let wrong = if code == "111111" { "222222" } else { "111111" };
        for _ in 0..4 {
            browser.type_code(wrong).await;
            browser.page.says("Ce code n'est pas juste");
        }
        browser.type_code(wrong).await;
        browser.page.says("Trop d'essais avec ce code");
        browser.type_code(&code).await;
        browser.page.says("Trop d'essais avec ce code");
        browser.submit(&[("action", "resend")]).await.says("Un nouveau code peut être demandé");
        world.wait(60);
        browser.submit(&[("action", "resend")]).await.says("un nouveau code vient d'être envoyé");
        let fresh = mailed(world, &marie.email(), 1).await;
        browser.type_code(&fresh).await;
        browser.page.says("Confirmez votre identité");
    }

    async fn v_06_the_factor_is_never_skipped(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let mut browser = ask(world, &flex, &marie.email()).await;
        let at = browser.page.url.trim_end_matches("/code").to_owned();
        let fields = [("password", NEW), ("password_repeat", NEW), ("action", "next"), ("code", "000000")];
        for step in ["factor", "password", "done"] {
            browser.visit(&format!("{at}/{step}")).await.says("Consultez vos e-mails");
            if step != "done" {
                browser.post(&format!("{at}/{step}"), &fields).await.says("Consultez vos e-mails");
            }
        }
        let code = mailed(world, &marie.email(), 0).await;
        browser.type_code(&code).await;
        for step in ["code", "password"] {
            browser.visit(&format!("{at}/{step}")).await.says("Confirmez votre identité");
            browser.post(&format!("{at}/{step}"), &fields).await.says("Confirmez votre identité");
        }
        browser.post(&format!("{at}/code"), &[("code", &code)]).await.says("Confirmez votre identité");
        assert_eq!(world.events("password.reset").await, 0);
        world.mailbox.wait_for(marie.phone(), 2).await;
        let mut owner = world.browser();
        world.wait(60);
        owner.sign_in_by_sms(world, &marie, &flex).await;
        flex.tokens_from(&owner.page).await;
    }

    async fn v_06_wrong_factors_of_a_reset_and_of_a_sign_in_share_one_count(world) {
        let (urs, flex, mut enrolled) = (world.invite(Person::urs()).await, world.flex().await, world.browser());
        let secret = enrolled.enroll_by_app(world, &urs, &flex).await;
        world.wait(60);
        let mut signing_in = world.browser();
        signing_in.visit(&flex.sign_in()).await;
        signing_in.give_password(&urs.email(), urs.password()).await;
        let right = totp(&secret, world);
        let wrong = if right == "111111" { "222222" } else { "111111" };
        for _ in 0..3 {
            signing_in.type_code(wrong).await;
        }
        let mut browser = up_to_the_factor(world, &flex, &urs).await;
        for _ in 0..2 {
            browser.type_code(wrong).await;
            browser.page.says("Ce code n'est pas juste");
        }
        browser.type_code(&right).await;
        browser.page.says("Trop d'essais");
        signing_in.type_code(&right).await;
        signing_in.page.says("Trop d'essais");
    }

    async fn v_06_another_browser_begins_again(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let browser = up_to_the_password(world, &flex, &marie).await;
        let mut other = world.browser();
        for step in ["code", "factor", "password", "done"] {
            let url = browser.page.url.replace("/password", &format!("/{step}"));
            other.visit(&url).await.says("Recommencez ici").hides("marie");
            other.post(&url, &[("password", NEW), ("password_repeat", NEW), ("action", "next")]).await;
        }
        other.visit(&browser.page.url).await;
        other.follow("way-on").await.says("Mot de passe oublié");
        assert_eq!(world.events("password.reset").await, 0);
    }

    async fn v_06_a_reset_ends_after_an_hour_and_says_so(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let mut browser = up_to_the_password(world, &flex, &marie).await;
        world.wait(3601);
        give_new(&mut browser, NEW).await;
        browser.page.says("Cette demande a pris fin");
        browser.follow("way-on").await.says("Mot de passe oublié");
        assert_eq!(world.events("password.reset").await, 0);
    }

    async fn v_06_a_late_code_is_replaced_at_once(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let mut browser = ask(world, &flex, &marie.email()).await;
        let late = mailed(world, &marie.email(), 0).await;
        world.wait(601);
        browser.type_code(&late).await;
        browser.page.says("Ce code est échu");
        let fresh = mailed(world, &marie.email(), 1).await;
        browser.type_code(&fresh).await;
        browser.page.says("Confirmez votre identité");
    }

    async fn v_06_the_new_password_keeps_the_rule_of_the_population(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let mut browser = up_to_the_password(world, &flex, &marie).await;
        give_new(&mut browser, "court1!").await;
        browser.page.says("au moins");
        give_new(&mut browser, "Marie-Passe-2026!").await;
        browser.page.says("ne doit pas contenir votre nom d'utilisateur");
        browser.submit(&[("password", NEW), ("password_repeat", "autre"), ("action", "next")]).await.says("ne sont pas identiques");
        assert!(!browser.page.html.contains(NEW), "a password is never put back");
        give_new(&mut browser, NEW).await;
        browser.page.says("Votre mot de passe est changé");
        give_new_again(&mut browser).await;
        browser.page.says("Votre mot de passe est changé");
        assert_eq!(world.events("password.reset").await, 1);
    }

    async fn v_06_two_new_passwords_at_once_one_wins(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let browser = up_to_the_password(world, &flex, &marie).await;
        let mut rivals = tokio::task::JoinSet::new();
        for nth in 0..8 {
            let mut tab = browser.clone();
            rivals.spawn(async move { give_new(&mut tab, &format!("Marronnier-Bleu-7{nth}")).await });
        }
        rivals.join_all().await;
        assert_eq!(world.events("password.reset").await, 1);
    }

    async fn x_11_the_page_of_a_lost_factor_names_the_contact_and_changes_nothing(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let mut browser = up_to_the_factor(world, &flex, &marie).await;
        let factor = browser.page.url.clone();
        browser.follow("lost-factor").await.says("le second facteur ne peut pas être retiré").says("vérifions votre identité");
        let contact = world.document().contact;
        assert!(browser.page.text_of("whom-to-ask").contains(&contact.phone), "{}", browser.page.text_of("whom-to-ask"));
        assert!(browser.page.text_of("whom-to-ask").contains(&contact.email));
        browser.follow("back").await.says("Confirmez votre identité");
        assert_eq!(browser.page.url, factor);
        for kind in ["password.reset_factor_accepted", "password.reset"] {
            assert_eq!(world.events(kind).await, 0, "{kind}");
        }
        let mut signing_in = world.browser();
        signing_in.visit(&flex.sign_in()).await;
        signing_in.give_password(&marie.email(), marie.password()).await;
        let factor = signing_in.page.url.clone();
        signing_in.follow("lost-factor").await.says("nouveau code d'activation par la poste");
        signing_in.follow("back").await;
        assert_eq!(signing_in.page.url, factor);
    }
}

/// The page is open in another tab still.
async fn give_new_again(browser: &mut Browser) {
    let url = browser.page.url.replace("/done", "/password");
    browser.post(&url, &[("password", "Autre-Chose-99"), ("password_repeat", "Autre-Chose-99"), ("action", "next")]).await;
}
