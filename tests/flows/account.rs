//! The person's own account: what it shows, what it ends, the change of password.

use crate::support::browser::Browser;
use crate::support::people::Person;
use crate::support::portal::Portal;
use crate::support::world::SLUG;
use crate::support::{World, flows};
use axum::body::Body;
use axum::http::{Request, header};
use poterne_idp::manage::EntryStatus;
use url::Url;

const NEW: &str = "Bouleau-Blanc-1902";

impl Browser {
    /// What stands in the page's hidden field of this name.
    fn hidden(&self, field: &str) -> String {
        self.page.value(field).unwrap_or_else(|| panic!("no {field} on {}:\n{}", self.page.url, self.page.text()))
    }

    /// Presses a button of the list of sessions, or chooses a language.
    async fn press(&mut self, path: &str, field: &str, value: &str) {
        let (url, of) = (self.at(path), self.hidden("of"));
        self.post(&url, &[("of", &of), (field, value)]).await;
    }

    /// A path beside the page it shows, with the page's query.
    fn at(&self, path: &str) -> String {
        let query = self.page.url.split_once('?').map_or(String::new(), |(_, query)| format!("?{query}"));
        let (issuer, _) = self.page.url.split_once("/ui/").expect("a page of the provider");
        format!("{issuer}{path}{query}")
    }

    /// The form of the change of password.
    async fn change_password(&mut self, current: &str, new: &str) {
        let of = self.hidden("of");
        self.submit(&[("of", &of), ("current", current), ("password", new), ("password_repeat", new)]).await;
    }

    /// The ids of the sessions that the overview lists.
    fn sessions(&self) -> Vec<String> {
        let buttons = self.page.html.split("value=\"end:").skip(1);
        buttons.map(|button| button.split('"').next().expect("a value ends").to_owned()).collect()
    }

    /// Name, password and the code by SMS, on whatever page of a sign-in is open.
    async fn prove(&mut self, world: &World, person: &Person, password: &str) {
        let before = world.mailbox.to(person.phone()).len();
        self.give_password(&person.email(), password).await;
        let code = world.mailbox.wait_for(person.phone(), before + 1).await.code();
        self.type_code(&code).await;
    }
}

fn account(world: &World) -> String {
    format!("{}/ui/account?client_id=lindenhof-flex", world.issuer)
}

fn password(world: &World) -> String {
    format!("{}/ui/account/password?client_id=lindenhof-flex", world.issuer)
}

/// The flow of a sign-in page's address.
fn flow_of(login: &str) -> &str {
    let (_, rest) = login.split_once("/ui/login/").expect("a sign-in page");
    rest.split(['?', '/']).next().expect("a flow")
}

/// What was recorded and sent so far: every change leaves a trace in one of them.
async fn told(world: &World) -> (usize, usize) {
    let events = world.manage().newest_events(SLUG, 1000).await.expect("events");
    // The outbox tells in its own time what it delivered.
    let events = events.iter().filter(|event| !event.kind.starts_with("message."));
    (events.count(), world.mailbox.everything().len())
}

/// Marie, signed in to the portal, and her tokens there.
async fn marie_signed_in(world: &World, flex: &Portal) -> (Person, Browser, String) {
    let (marie, mut browser) = (world.marie_with_account(flex).await, world.browser());
    browser.sign_in_by_sms(world, &marie, flex).await;
    let tokens = flex.tokens_from(&browser.page).await;
    // Another text message may be asked for.
    world.wait(70);
    (marie, browser, tokens.text("access_token"))
}

/// Whether the browser has a session that a portal sees.
async fn is_signed_in(browser: &mut Browser, portal: &Portal) -> bool {
    browser.visit(&portal.sign_in_with(&[("prompt", "none")])).await;
    browser.page.parameter("error").is_none()
}

flows! {
    async fn x_09_marie_changes_her_password_by_the_little_man(world) {
        let flex = world.flex().await;
        let (marie, mut browser, _) = marie_signed_in(world, &flex).await;
        browser.visit(&account(world)).await.says("Mon compte");
        browser.follow("password-change").await.says("Changer le mot de passe").says("au moins 8 caractères").says("majuscules");
        let old_cookie = browser.cookie("poterne-lindenhof");
        let mails = world.mailbox.to(&marie.email()).len();
        browser.change_password(marie.password(), NEW).await;
        browser.page.says("Votre mot de passe est changé").says("Mon compte");
        assert_eq!(browser.page.link("back").as_deref(), Some("http://localhost:8081/"), "the way back to the portal is kept");
        assert_ne!(browser.cookie("poterne-lindenhof"), old_cookie, "the old cookie is worth nothing");
        world.mailbox.wait_for(&marie.email(), mails + 1).await;
        assert!(is_signed_in(&mut browser, &flex).await, "she stays signed in here");
        let mut elsewhere = world.browser();
        elsewhere.visit(&flex.sign_in()).await;
        elsewhere.give_password(&marie.email(), marie.password()).await;
        elsewhere.page.says("n'est pas juste");
        elsewhere.prove(world, &marie, NEW).await;
        flex.tokens_from(&elsewhere.page).await;
    }

    async fn x_09_a_changed_password_ends_the_other_sessions_and_their_tokens_and_half_sign_ins(world) {
        let flex = world.flex().await;
        let (marie, mut thief, token) = marie_signed_in(world, &flex).await;
        let mut browser = world.browser();
        browser.sign_in_by_sms(world, &marie, &flex).await;
        let own = flex.tokens_from(&browser.page).await.text("access_token");
        world.wait(70);
        let mut half = world.browser();
        half.visit(&flex.sign_in()).await;
        let before = world.mailbox.to(marie.phone()).len();
        half.give_password(&marie.email(), marie.password()).await;
        let code = world.mailbox.wait_for(marie.phone(), before + 1).await.code();
        browser.visit(&password(world)).await;
        browser.change_password(marie.password(), NEW).await;
        browser.page.says("Votre mot de passe est changé");
        assert_eq!(flex.userinfo(&token).await.status, 401, "the other session's token");
        assert!(!is_signed_in(&mut thief, &flex).await);
        assert_eq!(flex.userinfo(&own).await.status, 200, "this session goes on");
        half.type_code(&code).await;
        half.page.says("Connexion").says("Mot de passe");
        assert!(!is_signed_in(&mut half, &flex).await, "the right code after the old password signs nobody in");
    }

    async fn x_09_a_wrong_present_password_counts_as_at_sign_in_and_names_the_delay(world) {
        let flex = world.flex().await;
        let (marie, mut browser, _) = marie_signed_in(world, &flex).await;
        browser.visit(&password(world)).await;
        for _ in 0..5 {
            browser.change_password("Faux-Passe-99!", NEW).await;
            browser.page.says("Le mot de passe actuel n'est pas juste");
            assert_eq!(browser.page.status, 422);
        }
        browser.change_password(marie.password(), NEW).await;
        browser.page.says("Trop d'essais. Réessayez dans une minute");
        let form = browser.page.clone();
        browser.visit(&flex.sign_in_with(&[("prompt", "login")])).await;
        browser.give_password(&marie.email(), marie.password()).await;
        browser.page.says("Trop d'essais");
        browser.page = form;
        world.wait(61);
        browser.change_password(marie.password(), NEW).await;
        browser.page.says("Votre mot de passe est changé");
    }

    async fn x_09_a_new_password_must_satisfy_the_rule_and_be_new(world) {
        let flex = world.flex().await;
        let (marie, mut browser, _) = marie_signed_in(world, &flex).await;
        browser.visit(&password(world)).await;
        browser.change_password(marie.password(), marie.password()).await;
        browser.page.says("C'est déjà votre mot de passe actuel");
        browser.change_password(marie.password(), "tilleul").await;
        browser.page.says("au moins 8 caractères").says("Il manque au mot de passe");
        let of = browser.hidden("of");
        let differ = [("of", of.as_str()), ("current", marie.password()), ("password", NEW), ("password_repeat", "Autre-Chose-77")];
        browser.submit(&differ).await.says("ne sont pas identiques");
        browser.submit(&[("of", of.as_str())]).await.says("Veuillez remplir ce champ");
        assert!(!browser.page.html.contains(NEW) && !browser.page.html.contains(marie.password()), "nothing is put back");
    }

    async fn x_09_who_signed_in_long_ago_proves_it_again_before_a_change(world) {
        let flex = world.flex().await;
        let (marie, mut browser, _) = marie_signed_in(world, &flex).await;
        browser.visit(&password(world)).await;
        let (url, of) = (browser.page.url.clone(), browser.hidden("of"));
        world.wait(600);
        let fields = [("of", of.as_str()), ("current", marie.password()), ("password", NEW), ("password_repeat", NEW)];
        browser.post(&url, &fields).await.says("Connexion").hides("pour continuer vers");
        // The session that lives does not skip it.
        let login = browser.page.url.clone();
        browser.visit(&format!("{}/authorize?flow={}", world.issuer, flow_of(&login))).await.says("Mot de passe");
        browser.visit(&account(world)).await.says("Mon compte");
        browser.visit(&login).await.says("Mot de passe");
        browser.prove(world, &marie, marie.password()).await;
        browser.page.says("Mot de passe actuel");
        browser.change_password(marie.password(), NEW).await;
        browser.page.says("Votre mot de passe est changé");
        assert_eq!(browser.page.link("back").as_deref(), Some("http://localhost:8081/"));
    }

    async fn the_account_page_asks_for_a_sign_in_and_comes_back_to_itself(world) {
        let flex = world.flex().await;
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        browser.visit(&account(world)).await.says("Connexion").says("S'enregistrer →").hides("pour continuer vers");
        browser.prove(world, &marie, marie.password()).await;
        browser.page.says("Mon compte");
        assert_eq!(browser.page.link("back").as_deref(), Some("http://localhost:8081/"));
        let headers = &browser.page.headers;
        assert_eq!(headers["cross-origin-opener-policy"], "same-origin");
        assert!(headers["content-security-policy"].to_str().expect("text").contains("form-action 'self'"));
        browser.visit(&format!("{}/ui/account?client_id=nobody", world.issuer)).await.says("Mon compte");
        assert_eq!(browser.page.link("back"), None, "a stranger's name leads nowhere");
    }

    async fn the_account_page_given_up_leads_to_the_realms_home(world) {
        let mut browser = world.browser();
        browser.visit(&account(world)).await;
        browser.submit(&[("action", "cancel")]).await.says("Nos portails");
    }

    async fn the_account_page_shows_who_i_am_and_nothing_of_the_avs_number(world) {
        let flex = world.flex().await;
        let (marie, mut browser, _) = marie_signed_in(world, &flex).await;
        browser.visit(&account(world)).await.says("Marie Favre").says(&marie.email()).says("Assurés ou pensionnés");
        browser.page.says("protégé par un mot de passe et par un second facteur").says("Français");
        let avs = marie.avs_number.replace('.', "");
        for hidden in ["756", &marie.avs_number, &avs, &marie.birth_date] {
            assert!(!browser.page.html.contains(hidden), "{hidden}");
        }
    }

    async fn the_account_page_shows_factors_masked_sign_ins_sessions_portals_and_terms(world) {
        let flex = world.flex().await;
        let (marie, mut browser, _) = marie_signed_in(world, &flex).await;
        browser.visit(&account(world)).await;
        let factors = browser.page.text_of("factors");
        assert!(factors.contains("SMS") && factors.contains("22.11.2026, 10:00") && factors.contains("22.11.2026, 11:00"), "{factors}");
        assert!(!browser.page.html.contains(marie.phone()) && !browser.page.html.contains("000 00 01"));
        browser.page.says("Connexion précédente : 22.11.2026, 10:00").says("Dernière connexion : 22.11.2026, 11:00");
        let sessions = browser.page.text_of("sessions");
        assert!(sessions.contains("cette session") && sessions.contains("Se déconnecter partout"), "{sessions}");
        let portals = browser.page.text_of("portals");
        assert!(portals.contains("Lindenhof flex") && !portals.contains("Lindenhof 1e"), "{portals}");
        let terms = browser.page.text_of("terms");
        assert!(terms.contains("version 1") && terms.contains("à l'inscription") && terms.contains("22.11.2026, 10:00"), "{terms}");
        world.wait(70);
        let mut other = world.browser();
        other.sign_in_by_sms(world, &marie, &flex).await;
        browser.visit(&account(world)).await.says("Une autre session est ouverte").says("Connexion précédente : 22.11.2026, 11:00");
    }

    async fn the_account_page_ends_one_session_and_its_tokens(world) {
        let flex = world.flex().await;
        let (marie, mut lost, token) = marie_signed_in(world, &flex).await;
        let mut browser = world.browser();
        browser.visit(&account(world)).await;
        browser.prove(world, &marie, marie.password()).await;
        let sessions = browser.sessions();
        assert_eq!(sessions.len(), 2, "{sessions:?}");
        assert_eq!(sessions[0], browser.hidden("of"), "this one comes first");
        browser.press("/ui/account/sessions", "action", &format!("end:{}", sessions[1])).await;
        browser.page.says("La session est terminée").says("Aucune autre session n'est ouverte");
        assert_eq!(flex.userinfo(&token).await.status, 401);
        assert!(!is_signed_in(&mut lost, &flex).await);
        let here = browser.hidden("of");
        browser.press("/ui/account/sessions", "action", &format!("end:{here}")).await;
        browser.page.says("Vous êtes déconnecté");
        assert!(!is_signed_in(&mut browser, &flex).await);
    }

    async fn the_account_page_signs_out_everywhere(world) {
        let flex = world.flex().await;
        let (marie, mut other, token) = marie_signed_in(world, &flex).await;
        let mut browser = world.browser();
        browser.visit(&account(world)).await;
        browser.prove(world, &marie, marie.password()).await;
        browser.press("/ui/account/sessions", "action", "everywhere").await;
        browser.page.says("Vous êtes déconnecté");
        assert_eq!(browser.page.link("back").as_deref(), Some("http://localhost:8081/"));
        assert_eq!(flex.userinfo(&token).await.status, 401, "the other browser's token");
        assert!(!is_signed_in(&mut other, &flex).await);
        browser.visit(&account(world)).await.says("Connexion");
    }

    async fn the_account_page_ends_no_other_persons_session(world) {
        let flex = world.flex().await;
        let (_, mut browser, token) = marie_signed_in(world, &flex).await;
        browser.visit(&account(world)).await;
        let maries = browser.hidden("of");
        let urs = world.invite(Person::urs()).await;
        let mut urs_browser = world.browser();
        let secret = urs_browser.enroll_by_app(world, &urs, &flex).await;
        world.wait(60);
        urs_browser.visit(&account(world)).await;
        urs_browser.give_password(&urs.email(), urs.password()).await;
        urs_browser.type_code(&crate::support::journey::totp(&secret, world)).await;
        urs_browser.page.says("Mon compte").says("Application d'authentification");
        urs_browser.press("/ui/account/sessions", "action", &format!("end:{maries}")).await;
        urs_browser.page.says("Mon compte").hides("La session est terminée");
        assert_eq!(flex.userinfo(&token).await.status, 200, "Marie's session lives");
        let url = urs_browser.at("/ui/account/sessions");
        urs_browser.post(&url, &[("of", &maries), ("action", "everywhere")]).await.says("Mon compte");
        urs_browser.post(&url, &[("action", "everywhere")]).await.says("Mon compte");
        assert_eq!(flex.userinfo(&token).await.status, 200);
    }

    async fn the_account_page_is_closed_to_half_a_sign_in(world) {
        let flex = world.flex().await;
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        browser.visit(&account(world)).await;
        browser.give_password(&marie.email(), marie.password()).await;
        for url in [account(world), password(world)] {
            browser.visit(&url).await.says("Connexion").hides("Mon compte");
        }
        for path in ["sessions", "language", "password"] {
            let url = format!("{}/ui/account/{path}", world.issuer);
            let fields = [("action", "everywhere"), ("language", "de"), ("current", marie.password()), ("password", NEW)];
            browser.post(&url, &fields).await.says("Connexion");
        }
        assert!(!is_signed_in(&mut browser, &flex).await);
    }

    async fn the_account_page_is_closed_to_an_account_that_is_not_active(world) {
        let flex = world.flex().await;
        let (marie, mut browser, _) = marie_signed_in(world, &flex).await;
        browser.visit(&account(world)).await.says("Mon compte");
        let deceased = world.manage().set_entry_status(SLUG, &marie.registry_no, EntryStatus::Deceased).await;
        deceased.expect("her account is suspended");
        for url in [account(world), password(world)] {
            browser.visit(&url).await.says("Connexion").hides(&marie.email());
        }
    }

    async fn the_account_page_keeps_the_language_of_mails(world) {
        let flex = world.flex().await;
        let (marie, mut browser, _) = marie_signed_in(world, &flex).await;
        browser.visit(&account(world)).await;
        browser.press("/ui/account/language", "language", "de").await;
        browser.page.says("La langue de vos messages est enregistrée");
        browser.press("/ui/account/language", "language", "xx").await;
        browser.page.hides("est enregistrée");
        browser.visit(&password(world)).await;
        let mails = world.mailbox.to(&marie.email()).len();
        browser.change_password(marie.password(), NEW).await;
        let mail = world.mailbox.wait_for(&marie.email(), mails + 1).await;
        assert!(mail.subject.contains("Passwort"), "{mail:?}");
    }

    async fn the_account_page_looked_at_changes_nothing(world) {
        let flex = world.flex().await;
        let (_, mut browser, _) = marie_signed_in(world, &flex).await;
        let before = told(world).await;
        for path in ["/ui/account", "/ui/account/password", "/ui/account?done=password"] {
            browser.visit(&format!("{}{path}", world.issuer)).await;
            assert_eq!(browser.page.status, 200);
        }
        for path in ["/ui/account/sessions", "/ui/account/language"] {
            browser.visit(&format!("{}{path}", world.issuer)).await;
            assert_eq!(browser.page.status, 405, "{path}");
        }
        let issuer = Url::parse(&world.issuer).expect("an issuer");
        for path in ["/ui/account", "/ui/account/password", "/ui/account/sessions", "/ui/account/language"] {
            let head = Request::head(format!("{}{path}", issuer.path())).header(header::HOST, "localhost:8080");
            let answer = flex.send(head.body(Body::empty()).expect("a request")).await;
            assert_eq!(answer.status, 405, "{path}");
            assert!(!answer.headers.contains_key(header::SET_COOKIE), "{path}: a HEAD begins nothing");
        }
        assert_eq!(told(world).await, before);
    }
}
