//! Funds and populations that differ by their documents alone: the same steps of the same tests, other outcomes.

use crate::support::World;
use crate::support::browser::Browser;
use crate::support::flows;
use crate::support::journey::{step_of, totp};
use crate::support::portal::Portal;
use crate::support::subjects::{OtherFund, Subject};

/// What a road through the wizard showed.
#[derive(Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one thing that a document may ask for or not")]
struct Shown {
    heading: String,
    code: &'static str,
    identifiers: Vec<&'static str>,
    terms_in_step_1: bool,
    name: bool,
    repeat: bool,
    rule: &'static str,
    factors: Vec<&'static str>,
    terms_at_sign_in: bool,
}

const FIELDS: [&str; 6] = ["avs_number", "birth_date", "company_no", "company_name", "member_no", "uid"];

/// The whole road, whoever's fund it is, and what it asked for.
async fn walk(world: &World, mut browser: Browser, subject: &Subject, portal: &Portal) -> Shown {
    let has = |browser: &Browser, field: &str| browser.page.html.contains(&format!("name=\"{field}\""));
    browser.begin_as(portal, subject.population).await;
    let heading = browser.page.html.split("<h1>").nth(1).and_then(|rest| rest.split('<').next()).expect("a heading").to_owned();
    let text = browser.page.text();
    let code = ["Code d'activation", "Code d'enregistrement", "Clé de membre"]
        .into_iter()
        .find(|name| text.contains(name))
        .expect("a name");
    let identifiers = FIELDS.into_iter().filter(|field| has(&browser, field)).collect();
    let terms_in_step_1 = has(&browser, "terms");
    browser.identify_as(subject).await;
    let (name, repeat) = (has(&browser, "title"), has(&browser, "password_repeat"));
    let rule = browser.page.text_of("rule");
    let rules = ["8 caractères avec des chiffres", "8 caractères", "12 caractères"];
    let rule = rules.into_iter().find(|words| rule.contains(words)).unwrap_or_else(|| panic!("{rule}"));
    browser.give_data_as(subject, subject.email).await;
    browser.confirm_email(world, subject.email).await;
    let html = browser.page.html.clone();
    let factors: Vec<_> =
        ["sms", "totp"].into_iter().filter(|kind| html.contains(&format!("name=\"factor\" value=\"{kind}\""))).collect();
    if factors.contains(&"sms") {
        browser.submit(&[("factor", "sms"), ("phone", subject.phone), ("action", "next")]).await;
        let code = world.mailbox.first(subject.phone).await.code();
        browser.type_code(&code).await;
    } else {
        browser.submit(&[("factor", "totp"), ("action", "next")]).await;
        let secret = browser.page.text_of("totp-secret").replace(' ', "");
        browser.type_code(&totp(&secret, world)).await;
    }
    browser.page.says("C'est fait !");
    browser.follow("continue").await;
    let terms_at_sign_in = step_of(&browser.page.url) == "terms";
    if terms_at_sign_in {
        accept_terms(&mut browser).await;
    }
    portal.tokens_from(&browser.page).await;
    Shown { heading, code, identifiers, terms_in_step_1, name, repeat, rule, factors, terms_at_sign_in }
}

/// Accepts what the page before the portal shows, as its form stands there.
async fn accept_terms(browser: &mut Browser) {
    let kept = ["session", "version", "language"].map(|name| (name, browser.page.value(name).expect("a field")));
    let fields = kept.iter().map(|(name, value)| (*name, value.as_str())).chain([("terms", "yes"), ("action", "next")]);
    browser.submit(&fields.collect::<Vec<_>>()).await;
}

/// A fund with a population that nobody has thought of: members of an association, known by a number with letters and their company's
/// UID, with an app alone, who accept terms from a day on.
const ASSOCIATION: &str = r##"
slug = "verband"
name = "Fondation Grand-Pré"
languages = ["fr"]
contact = { phone = "+41 26 555 04 40", email = "membres@grand-pre.example" }
branding = { colour = "#3d5a1f", mark = "G" }
sender = { email = "membres@grand-pre.example", sms = "GrandPre" }

[[population]]
key = "members"
name = { fr = "Membres du cercle" }
factors = ["totp"]

[[population.identifier]]
field = "member_no"
kind = "text"
label = { fr = "Numéro de membre" }

[[population.identifier]]
field = "uid"
kind = "uid"
label = { fr = "IDE" }

[population.code]
check_character = false
valid_days = 30
label = { fr = "Clé de membre" }

[population.terms]
accept = "first_sign_in"

[[population.terms.version]]
number = 1
effective_from = "2026-12-01"
text = { fr = "# Usage\nDepuis le premier décembre, ces conditions règlent l'usage du portail." }

[[client]]
client_id = "grand-pre"
client_name = "Grand-Pré direct"
client_uri = "http://localhost:8085/"
redirect_uris = ["http://localhost:8085/callback"]
token_endpoint_auth_method = "client_secret_basic"
grant_types = ["authorization_code"]
scope = "openid profile email"
sector = "grand-pre"
first_party = true
populations = ["members"]
"##;

fn member() -> Subject {
    Subject {
        fund: "verband".into(),
        population: "members",
        registry_no: "GP-77/b",
        last_name: "Ferme des Tilleuls",
        identifiers: vec![("member_no", vec!["GP-77/b"]), ("uid", vec!["CHE-999.000.019"])],
        email: "tilleuls@ferme.example",
        ..Subject::boulangerie()
    }
}

flows! {
    /// Registration code and AVS number, nothing else; the terms before the portal gets anything, and once.
    async fn x_03_x_07_x_18_claire_registers_with_code_and_avs_number_and_accepts_the_terms_at_the_first_sign_in(world) {
        let OtherFund { issuer, portal } = world.saentima().await;
        let (claire, mut browser) = (world.send_code_to(Subject::claire()).await, Browser::new(world.routes.clone(), &issuer));
        browser.begin_as(&portal, "insured").await;
        browser.page.says("Säntima Vie SA").says("Personne assurée").says("Numéro AVS").says("Code d'enregistrement");
        browser.page.hides("Date de naissance").hides("J'ai lu les conditions").hides("Lindenhof").hides("Code d'activation");
        assert!(browser.page.text_of("code-hint").contains("sur votre certificat d'assurance"));
        browser.identify_as(&claire).await;
        browser.give_data_as(&claire, claire.email).await;
        browser.confirm_email(world, claire.email).await;
        browser.page.says("Un numéro de téléphone mobile est obligatoire").says("par un autre chemin").hides("Application d'authentification");
        browser.submit(&[("factor", "totp"), ("action", "next")]).await;
        assert_eq!(browser.page.status, 422, "x_18: an app will not do");
        browser.submit(&[("factor", "sms"), ("phone", claire.phone), ("action", "next")]).await;
        let sms = world.mailbox.first(claire.phone).await;
        assert!(sms.text.contains("Säntima Vie SA"), "{sms:?}");
        browser.type_code(&sms.code()).await;
        browser.follow("continue").await;
        browser.page.says("Conditions d'utilisation").says("mySäntima").says("visibles une fois ces conditions acceptées");
        let mut waiting = browser.clone();
        waiting.visit(&portal.sign_in_with(&[("prompt", "none")])).await;
        assert!(waiting.page.parameter("code").is_none(), "no portal gets anything before: {}", waiting.page.url);
        accept_terms(&mut browser).await;
        portal.tokens_from(&browser.page).await;
        world.wait(3600);
        let mut later = Browser::new(world.routes.clone(), &issuer);
        later.sign_in_as(world, &claire, &portal).await;
        portal.tokens_from(&later.page).await;
    }

    async fn the_funds_settings_differ_in_their_documents_alone(world) {
        let bakery = world.send_code_to(Subject::boulangerie()).await;
        let employer = walk(world, world.browser(), &bakery, &world.employers().await).await;
        let fund = world.saentima().await;
        let claire = world.send_code_to(Subject::claire()).await;
        let insured = walk(world, fund.browser(world), &claire, &fund.portal).await;
        assert_eq!(employer, Shown {
            heading: "Employeur".into(),
            code: "Code d'activation",
            identifiers: vec!["company_no", "company_name"],
            terms_in_step_1: true,
            name: true,
            repeat: true,
            rule: "8 caractères avec des chiffres",
            factors: vec!["sms", "totp"],
            terms_at_sign_in: false,
        });
        assert_eq!(insured, Shown {
            heading: "Personne assurée".into(),
            code: "Code d'enregistrement",
            identifiers: vec!["avs_number"],
            terms_in_step_1: false,
            name: false,
            repeat: false,
            rule: "12 caractères",
            factors: vec!["sms"],
            terms_at_sign_in: true,
        });
    }

    async fn a_population_of_other_fields_enrolls_and_signs_in_without_a_line_of_code(world) {
        let fund = world.other_fund(ASSOCIATION, "grand-pre", "http://localhost:8085").await;
        let member = world.send_code_to(member()).await;
        let typed = member.with("member_no", " gp-77/B ").with("uid", "che 999 000 019 TVA");
        let shown = walk(world, fund.browser(world), &typed, &fund.portal).await;
        assert_eq!(shown, Shown {
            heading: "Membres du cercle".into(),
            code: "Clé de membre",
            identifiers: vec!["member_no", "uid"],
            terms_in_step_1: false,
            name: false,
            repeat: false,
            rule: "8 caractères",
            factors: vec!["totp"],
            terms_at_sign_in: false,
        });
    }

    /// Terms that come into force on a day are asked for from that day on, by nothing but the document.
    async fn terms_from_a_day_on_are_asked_for_at_the_sign_in_of_that_day(world) {
        let fund = world.other_fund(ASSOCIATION, "grand-pre", "http://localhost:8085").await;
        let (member, mut browser) = (world.send_code_to(member()).await, fund.browser(world));
        let secret = browser.enroll_as_by_app(world, &member, &fund.portal).await;
        browser.follow("continue").await;
        fund.portal.tokens_from(&browser.page).await;
        // From 22 November to 1 December.
        world.wait(9 * 24 * 3600);
        let mut later = fund.browser(world);
        later.visit(&fund.portal.sign_in()).await;
        later.give_password(member.email, member.password).await;
        later.type_code(&totp(&secret, world)).await;
        assert_eq!(step_of(&later.page.url), "terms", "{}", later.page.text());
        later.page.says("Depuis le premier décembre");
        accept_terms(&mut later).await;
        fund.portal.tokens_from(&later.page).await;
        later.visit(&fund.portal.sign_in()).await;
        fund.portal.tokens_from(&later.page).await;
    }
}
