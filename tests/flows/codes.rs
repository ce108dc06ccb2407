//! Codes that end, get lost and are replaced; accounts that come back by letter; organisations; whoever left or died.

use crate::support::browser::Browser;
use crate::support::journey::totp;
use crate::support::people::Person;
use crate::support::portal::{Portal, payload};
use crate::support::world::SLUG;
use crate::support::{World, flows};
use poterne_idp::RealmDocument;
use poterne_idp::manage::{Decision, EntryKind, EntryStatus, NewPerson};
use std::collections::BTreeMap;

const DAY: u64 = 86_400;
const NOT_RECOGNISED: &str = "Nous ne reconnaissons pas ces indications";
const WRONG_LOGIN: &str = "Le nom d'utilisateur ou le mot de passe n'est pas juste";

/// A population of organisations, written for this test alone.
const COMPANY: &str = r#"
[[population]]
key = "company"
factors = ["totp"]
[population.name]
fr = "Entreprise affiliée"
de = "Angeschlossenes Unternehmen"
it = "Azienda affiliata"
en = "Affiliated company"
[[population.identifier]]
field = "company_no"
kind = "number"
label = { fr = "N° de l'entreprise", de = "Nr. des Unternehmens", it = "N. dell'azienda", en = "Company no." }
[[population.identifier]]
field = "company_name"
kind = "company_name"
label = { fr = "Nom de l'entreprise", de = "Name des Unternehmens", it = "Nome dell'azienda", en = "Company name" }
[population.code]
check_character = false
[population.code.label]
fr = "Code d'accès"
de = "Zugangscode"
it = "Codice di accesso"
en = "Access code"
"#;

/// The fund serves companies from now on.
async fn with_companies(world: &World) {
    let document = format!("{}\n{COMPANY}", include_str!("../../examples/lindenhof.toml"));
    let document = RealmDocument::parse(&document).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    world.manage().apply_realm(document).await.expect("the document is applied");
}

/// A bakery that is known by two names.
async fn bakery(world: &World) {
    let names = ["Boulangerie du Lac Sàrl", "Bäckerei am See GmbH", "Boulangerie du Lac SA"];
    let new = NewPerson {
        kind: EntryKind::Organisation,
        registry_no: "20001".into(),
        population: "company".into(),
        last_name: "Boulangerie du Lac Sàrl".into(),
        first_name: None,
        language: "fr".into(),
        status: "active".into(),
        address_status: "ok".into(),
        identifiers: BTreeMap::from([
            ("company_no".into(), vec!["4711".into()]),
            ("company_name".into(), names.map(str::to_owned).to_vec()),
        ]),
    };
    world.manage().add_entry(SLUG, new).await.expect("the company is put in");
}

async fn bakery_code(world: &World) -> String {
    let issued = world.manage().order_code(SLUG, "20001", None).await.unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(issued.whom.name, "Boulangerie du Lac Sàrl");
    issued.code.expose().to_owned()
}

/// Step 1 of a company, with this name and code.
async fn identify_company(world: &World, browser: &mut Browser, name: &str, code: &str) {
    browser.visit(&format!("{}/ui/enroll/as/company", world.issuer)).await;
    browser.submit(&[("company_no", "4711"), ("company_name", name), ("code", code), ("action", "next")]).await;
}

/// A company's administrator, from step 1 to the end, with an authenticator app.
async fn register_company(world: &World, name: &str, code: &str, email: &str) -> Browser {
    let mut browser = world.browser();
    identify_company(world, &mut browser, name, code).await;
    browser.give_user_data(email, "Tilleul-Vert-1984").await;
    browser.confirm_email(world, email).await;
    browser.submit(&[("factor", "totp"), ("action", "next")]).await;
    let secret = browser.page.text_of("totp-secret").replace(' ', "");
    browser.type_code(&totp(&secret, world)).await;
    browser
}

/// In the subject of the mail with the code of step 3.
const CONFIRMATION: &str = "code de confirmation";

/// Resets Marie's factor, which she is told by mail; gives her with the code of the new letter.
async fn reset(world: &World, marie: &Person) -> Person {
    const NOTICE: &str = "second facteur a été retiré";
    let before = world.mailbox.about(&marie.email(), NOTICE).len();
    let issued = world.manage().reset_factor(SLUG, &marie.registry_no, "phone lost").await.unwrap_or_else(|why| panic!("{why}"));
    world.mailbox.wait_about(&marie.email(), NOTICE, before + 1).await;
    assert_eq!(world.mailbox.about(&marie.email(), NOTICE).len(), before + 1, "the owner is told");
    Person { code: issued.code.expose().to_owned(), ..marie.clone() }
}

async fn password_signs_in(world: &World, portal: &Portal, email: &str, password: &str) -> Browser {
    let mut browser = world.browser();
    browser.visit(&portal.sign_in()).await;
    browser.give_password(email, password).await;
    browser
}

/// Steps 2 and 3 of an account that comes back: a new password, and the code from its mailbox.
async fn prove_mailbox(world: &World, browser: &mut Browser, email: &str, password: &str) {
    let before = world.mailbox.about(email, CONFIRMATION).len();
    browser.submit(&[("password", password), ("password_repeat", password), ("action", "next")]).await;
    let code = world.mailbox.wait_about(email, CONFIRMATION, before + 1).await.code();
    browser.type_code(&code).await;
}

flows! {
    async fn c_14_a_code_ends_with_the_last_second_of_its_150th_day(world) {
        // Issued on 22 November 2026 at 10:00 winter time; the last day is 21 April 2027, in summer time.
        let marie = world.invite(Person::marie()).await;
        let flex = world.flex().await;
        world.wait(150 * DAY + 12 * 3600 + 59 * 60 + 59);
        let browser = world.past_step_1(&flex, &marie).await;
        browser.page.says("Mot de passe");
        world.wait(1);
        let late = world.past_step_1(&flex, &marie).await;
        late.page.says("échu");
        assert_eq!(late.page.status, 422);
    }

    async fn c_14_the_day_that_is_printed_is_the_day_that_counts_when_clocks_change_back(world) {
        world.wait(200 * DAY);
        let entry = world.register(&Person::marie()).await;
        let issued = world.manage().issue_code(SLUG, entry).await.unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(issued.expires_on.to_string(), "2027-11-07", "150 days after 10 June 2027");
        assert_eq!(issued.replaced, None);
        let (marie, flex) = (Person { code: issued.code.expose().to_owned(), ..Person::marie() }, world.flex().await);
        world.wait(150 * DAY + 13 * 3600 + 59 * 60 + 59);
        let browser = world.past_step_1(&flex, &marie).await;
        browser.page.says("Mot de passe");
        world.wait(1);
        let late = world.past_step_1(&flex, &marie).await;
        late.page.says("échu");
    }

    async fn a_new_code_names_its_last_day_and_the_code_it_replaced(world) {
        let marie = world.invite(Person::marie()).await;
        world.wait(3 * DAY);
        let issued = world.manage().order_code(SLUG, &marie.registry_no, Some("letter lost")).await.unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(issued.whom.name, "Marie Favre");
        assert_eq!(issued.expires_on.to_string(), "2027-04-24");
        assert_eq!(issued.replaced.map(|day| day.to_string()).as_deref(), Some("2026-11-22"));
        assert_eq!(issued.code.expose().len(), 14, "twelve characters in groups of four");
        let (flex, mut browser) = (world.flex().await, world.browser());
        browser.register_at(&flex).await;
        browser.identify(&marie).await;
        browser.page.says("remplacé").says("25.11.2026");
        let stranger = Person { birth_date: "13.03.1984".into(), ..marie.clone() };
        browser.identify(&stranger).await;
        browser.page.says(NOT_RECOGNISED).hides("25.11.2026");
    }

    async fn no_code_is_issued_to_whom_it_cannot_serve(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let urs = world.invite(Person::urs()).await;
        let manage = world.manage();
        for (status, word) in [(EntryStatus::Left, "left"), (EntryStatus::Deceased, "deceased")] {
            manage.set_entry_status(SLUG, &urs.registry_no, status).await.expect("changed");
            let refused = manage.order_code(SLUG, &urs.registry_no, None).await.err().expect("refused").to_string();
            assert!(refused.contains(word), "{refused}");
        }
        let unknown = manage.order_code(SLUG, "99999", None).await.err().expect("refused").to_string();
        assert!(unknown.contains("99999"), "{unknown}");
        let has_one = manage.order_code(SLUG, &marie.registry_no, None).await.err().expect("refused").to_string();
        assert!(has_one.contains("account reset-factor"), "{has_one}");
        let no_account = manage.reset_factor(SLUG, &urs.registry_no, "lost").await.err().expect("refused").to_string();
        assert!(no_account.contains("deceased"), "{no_account}");
        assert!(manage.reset_factor(SLUG, &marie.registry_no, "  ").await.is_err(), "a reason is missing");
    }

    async fn a_code_on_another_populations_page_says_where_it_belongs_and_costs_no_try(world) {
        with_companies(world).await;
        bakery(world).await;
        let (marie, code, mut browser) = (world.invite(Person::marie()).await, bakery_code(world).await, world.browser());
        for _ in 0..7 {
            identify_company(world, &mut browser, "Boulangerie du Lac", &marie.code).await;
            browser.page.says("Ce code est pour «Assurés ou pensionnés»").hides("Favre").hides("Marie");
            assert_eq!(browser.page.status, 422);
            assert_eq!(browser.page.value("code").as_deref(), Some(marie.code.as_str()), "what was typed stays");
        }
        browser.follow("continuer avec «Assurés ou pensionnés»").await.says("Numéro AVS");
        browser.identify(&marie).await;
        browser.page.says("Mot de passe");
        let mut company = world.browser();
        identify_company(world, &mut company, "Boulangerie du Lac", &code).await;
        company.page.says("Mot de passe");
    }

    async fn a_spent_code_on_another_populations_page_says_where_it_belongs_and_no_more(world) {
        with_companies(world).await;
        let (marie, mut browser) = (world.invite(Person::marie()).await, world.browser());
        world.wait(151 * DAY);
        identify_company(world, &mut browser, "Boulangerie du Lac", &marie.code).await;
        browser.page.says("Ce code est pour «Assurés ou pensionnés»").hides("échu");
        world.manage().set_entry_status(SLUG, &marie.registry_no, EntryStatus::Deceased).await.expect("changed");
        identify_company(world, &mut browser, "Boulangerie du Lac", &marie.code).await;
        browser.page.says("Ce code est pour «Assurés ou pensionnés»");
    }

    async fn whoever_has_to_wait_learns_no_page_either(world) {
        with_companies(world).await;
        let (marie, mut browser) = (world.invite(Person::marie()).await, world.browser());
        for _ in 0..5 {
            identify_company(world, &mut browser, "Boulangerie du Lac", "2222-3333-4444").await;
            browser.page.says(NOT_RECOGNISED);
        }
        let refused = world.events("enrollment.refused").await;
        identify_company(world, &mut browser, "Boulangerie du Lac", &marie.code).await;
        browser.page.says(NOT_RECOGNISED).hides("Assurés ou pensionnés» :");
        assert_eq!(world.events("enrollment.refused").await, refused + 1, "the locked answer leaves a trace too");
        world.wait(61);
        identify_company(world, &mut browser, "Boulangerie du Lac", &marie.code).await;
        browser.page.says("Ce code est pour «Assurés ou pensionnés»");
    }

    async fn wrong_codes_on_the_way_leave_a_trace(world) {
        let (marie, flex, mut browser) = (world.invite(Person::marie()).await, world.flex().await, world.browser());
        browser.register_at(&flex).await;
        browser.identify(&marie).await;
        browser.give_user_data(&marie.email(), marie.password()).await;
        let code = world.mailbox.first(&marie.email()).await.code();
        browser.type_code(if code == "111111" { "222222" } else { "111111" }).await;
        assert_eq!(world.events("enrollment.code_failed").await, 1);
        browser.type_code(&code).await;
        browser.submit(&[("factor", "totp"), ("action", "next")]).await;
        let right = totp(&browser.page.text_of("totp-secret").replace(' ', ""), world);
        browser.type_code(if right == "111111" { "222222" } else { "111111" }).await;
        assert_eq!(world.events("enrollment.code_failed").await, 2);
        let events = world.manage().newest_events(SLUG, 1000).await.expect("events");
        assert!(events.iter().all(|event| !event.data.contains(&code)), "no code in the trail");
    }

    async fn a_lost_factor_comes_back_by_letter_and_mailbox(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let mut old = world.browser();
        old.sign_in_by_sms(world, &marie, &flex).await;
        let tokens = flex.tokens_from(&old.page).await;
        let before = payload(&tokens.text("id_token"));
        let mut half = password_signs_in(world, &flex, &marie.email(), marie.password()).await;
        half.page.says("SMS");
        let letter = reset(world, &marie).await;
        assert_eq!(world.events("account.factor_reset").await, 1);
        assert_eq!(flex.userinfo(&tokens.text("access_token")).await.status, 401, "no token outlives the reset");
        old.visit(&flex.sign_in()).await.says("Connexion");
        half.visit(&half.page.url.clone()).await.hides("Code de confirmation");
        // Wrong passwords meanwhile: the new credentials begin without them.
        let mut guesser = world.browser();
        guesser.visit(&flex.sign_in()).await;
        for _ in 0..5 {
            guesser.give_password(&marie.email(), "Faux-Mot-1984").await;
        }

        let mut browser = world.past_step_1(&flex, &letter).await;
        browser.page.says("m•••@post.example").hides(&marie.email());
        assert!(browser.page.value("email").is_none(), "the address is not asked");
        let mails = world.mailbox.about(&marie.email(), CONFIRMATION).len();
        browser.give_user_data("voleur@post.example", "Chataigne-Rouge-77").await;
        browser.page.says("m•••@post.example").hides(&marie.email()).hides("voleur");
        let code = world.mailbox.wait_about(&marie.email(), CONFIRMATION, mails + 1).await.code();
        assert!(world.mailbox.to("voleur@post.example").is_empty());
        browser.type_code(&code).await;
        browser.submit(&[("factor", "totp"), ("action", "next")]).await;
        let secret = browser.page.text_of("totp-secret").replace(' ', "");
        let mails = world.mailbox.to(&marie.email()).len();
        browser.type_code(&totp(&secret, world)).await;
        browser.page.says("C'est fait").says(&marie.email());
        world.mailbox.wait_for(&marie.email(), mails + 1).await;
        browser.follow("continue").await;
        let after = payload(&flex.tokens_from(&browser.page).await.text("id_token"));
        assert_eq!(after["sub"], before["sub"], "the same account");
        assert_eq!(world.manage().overview().await.expect("numbers")[0].accounts, 1);

        password_signs_in(world, &flex, &marie.email(), marie.password()).await.page.says(WRONG_LOGIN);
        world.wait(31);
        let mut again = password_signs_in(world, &flex, &marie.email(), "Chataigne-Rouge-77").await;
        again.type_code(&totp(&secret, world)).await;
        flex.tokens_from(&again.page).await;
        let late = world.past_step_1(&flex, &letter).await;
        late.page.says("a déjà servi");
    }

    async fn mailbox_and_password_without_the_letter_never_bring_an_account_back(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let letter = reset(world, &marie).await;
        let mut browser = password_signs_in(world, &flex, &marie.email(), marie.password()).await;
        browser.page.says(WRONG_LOGIN);
        // The first letter's code made the account; it does nothing more.
        browser.register_at(&flex).await;
        browser.identify(&marie).await;
        browser.page.says("a déjà servi");
        let stranger = Person { birth_date: "13.03.1984".into(), ..letter.clone() };
        let browser = world.past_step_1(&flex, &stranger).await;
        browser.page.says(NOT_RECOGNISED);
        assert_eq!(world.manage().overview().await.expect("numbers")[0].sessions, 0);
    }

    async fn the_letter_without_the_mailbox_never_brings_an_account_back(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let (letter, mut thief) = (reset(world, &marie).await, world.browser());
        let mails = world.mailbox.about(&marie.email(), CONFIRMATION).len();
        thief.register_at(&flex).await;
        thief.identify(&letter).await;
        thief.give_user_data("voleur@post.example", "Chataigne-Rouge-77").await;
        let code = world.mailbox.wait_about(&marie.email(), CONFIRMATION, mails + 1).await.code();
        let email_step = thief.page.url.clone();
        for step in ["factor", "confirm", "done"] {
            thief.visit(&email_step.replace("/email", &format!("/{step}"))).await.says("Code de confirmation");
            thief.post(&email_step.replace("/email", &format!("/{step}")), &[("factor", "totp"), ("code", "123456")]).await;
            assert!(thief.page.url.contains("/email"), "{}", thief.page.url);
        }
        for _ in 0..5 {
            thief.type_code(if code == "111111" { "222222" } else { "111111" }).await;
        }
        thief.type_code(&code).await;
        thief.page.says("Trop d'essais");
        assert_eq!(world.manage().overview().await.expect("numbers")[0].sessions, 0);
        password_signs_in(world, &flex, &marie.email(), "Chataigne-Rouge-77").await.page.says(WRONG_LOGIN);
    }

    async fn a_second_reset_voids_the_letter_of_the_first(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let first = reset(world, &marie).await;
        world.wait(DAY);
        let second = reset(world, &marie).await;
        let mut browser = world.past_step_1(&flex, &first).await;
        browser.page.says("remplacé").says("23.11.2026");
        browser.identify(&second).await;
        browser.page.says("m•••@post.example");
    }

    async fn suspended_stays_suspended_whatever_the_letter_brings(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        world.manage().decide_account(SLUG, &marie.registry_no, Decision::Suspend, "mailbox stolen").await.unwrap_or_else(|why| panic!("{why}"));
        let (letter, mut browser) = (reset(world, &marie).await, world.browser());
        browser.register_at(&flex).await;
        browser.identify(&letter).await;
        prove_mailbox(world, &mut browser, &marie.email(), "Chataigne-Rouge-77").await;
        browser.submit(&[("factor", "totp"), ("action", "next")]).await;
        let secret = browser.page.text_of("totp-secret").replace(' ', "");
        browser.type_code(&totp(&secret, world)).await;
        assert_eq!(world.manage().overview().await.expect("numbers")[0].sessions, 0);
        password_signs_in(world, &flex, &marie.email(), "Chataigne-Rouge-77").await.page.says(WRONG_LOGIN);
        world.manage().decide_account(SLUG, &marie.registry_no, Decision::Reactivate, "at the desk").await.unwrap_or_else(|why| panic!("{why}"));
        world.wait(61);
        let mut back = password_signs_in(world, &flex, &marie.email(), "Chataigne-Rouge-77").await;
        back.type_code(&totp(&secret, world)).await;
        flex.tokens_from(&back.page).await;
    }

    async fn a_suspension_ends_sessions_and_tokens_at_once(world) {
        let flex = world.flex().await;
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        browser.sign_in_by_sms(world, &marie, &flex).await;
        let tokens = flex.tokens_from(&browser.page).await;
        let decide = async |decision| world.manage().decide_account(SLUG, &marie.registry_no, decision, "test").await;
        assert!(decide(Decision::Reactivate).await.is_err(), "it is not suspended");
        decide(Decision::Suspend).await.unwrap_or_else(|why| panic!("{why}"));
        assert!(decide(Decision::Suspend).await.is_err(), "it is suspended already");
        assert_eq!(flex.userinfo(&tokens.text("access_token")).await.status, 401);
        decide(Decision::Reactivate).await.unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(flex.userinfo(&tokens.text("access_token")).await.status, 401, "what ended does not come back");
        browser.visit(&flex.sign_in()).await.says("Connexion");
        browser.sign_in_by_sms(world, &marie, &flex).await;
        flex.tokens_from(&browser.page).await;
    }

    async fn c_11_a_new_code_serves_after_the_old_account_is_deactivated(world) {
        with_companies(world).await;
        bakery(world).await;
        let code = bakery_code(world).await;
        register_company(world, "Bäckerei am See", &code, "anna@lac.example").await.page.says("C'est fait");
        let refused = world.manage().order_code(SLUG, "20001", None).await.err().expect("an active account is in the way").to_string();
        assert!(refused.contains("has an account"), "{refused}");
        let (mut browser, lost) = (world.browser(), world.manage().reset_factor(SLUG, "20001", "phone lost").await.unwrap_or_else(|why| panic!("{why}")));
        world.manage().decide_account(SLUG, "20001", Decision::Deactivate, "she left").await.unwrap_or_else(|why| panic!("{why}"));
        identify_company(world, &mut browser, "Bäckerei am See", lost.code.expose()).await;
        browser.page.says(NOT_RECOGNISED);
        world.wait(3600);
        let code = bakery_code(world).await;
        register_company(world, "BOULANGERIE DU LAC", &code, "bruno@lac.example").await.page.says("C'est fait");
        assert_eq!(world.manage().overview().await.expect("numbers")[0].accounts, 2);
        identify_company(world, &mut browser, "Bäckerei am See", lost.code.expose()).await;
        browser.page.says(NOT_RECOGNISED);
    }

    async fn whoever_left_signs_in_for_a_while_and_then_no_more(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        world.manage().set_entry_status(SLUG, &marie.registry_no, EntryStatus::Left).await.expect("changed");
        world.wait(92 * DAY - 600);
        let mut browser = world.browser();
        browser.sign_in_by_sms(world, &marie, &flex).await;
        let tokens = flex.tokens_from(&browser.page).await;
        assert_eq!(flex.userinfo(&tokens.text("access_token")).await.status, 200);
        world.wait(601);
        assert_eq!(flex.userinfo(&tokens.text("access_token")).await.status, 401);
        browser.visit(&flex.sign_in()).await;
        assert_eq!(browser.page.parameter("error").as_deref(), Some("access_denied"), "a session does not help");
        password_signs_in(world, &flex, &marie.email(), marie.password()).await.page.says(WRONG_LOGIN);
        world.manage().set_entry_status(SLUG, &marie.registry_no, EntryStatus::Active).await.expect("changed");
        let mut back = world.browser();
        back.sign_in_by_sms(world, &marie, &flex).await;
        flex.tokens_from(&back.page).await;
    }

    async fn the_account_of_whoever_died_stops_at_once_and_a_mistake_is_undone(world) {
        let flex = world.flex().await;
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        browser.sign_in_by_sms(world, &marie, &flex).await;
        let tokens = flex.tokens_from(&browser.page).await;
        let set = async |status| world.manage().set_entry_status(SLUG, &marie.registry_no, status).await.expect("changed");
        set(EntryStatus::Deceased).await;
        assert_eq!(flex.userinfo(&tokens.text("access_token")).await.status, 401);
        assert_eq!(world.manage().overview().await.expect("numbers")[0].sessions, 0);
        password_signs_in(world, &flex, &marie.email(), marie.password()).await.page.says(WRONG_LOGIN);
        world.wait(DAY);
        let given_back = world.manage().decide_account(SLUG, &marie.registry_no, Decision::Reactivate, "test").await;
        assert!(given_back.is_err(), "nobody gives the account of a dead person back");
        set(EntryStatus::Active).await;
        let mut back = world.browser();
        back.sign_in_by_sms(world, &marie, &flex).await;
        flex.tokens_from(&back.page).await;
        // A suspension of another kind is not lifted by that.
        world.manage().decide_account(SLUG, &marie.registry_no, Decision::Suspend, "stolen").await.unwrap_or_else(|why| panic!("{why}"));
        world.wait(60);
        set(EntryStatus::Deceased).await;
        set(EntryStatus::Active).await;
        password_signs_in(world, &flex, &marie.email(), marie.password()).await.page.says(WRONG_LOGIN);
    }
}
