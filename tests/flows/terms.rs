//! Terms of use: published once and for all, accepted with the code or at the first sign-in, and again when a new version asks for it.

use crate::support::browser::Browser;
use crate::support::people::Person;
use crate::support::portal::{Portal, STATE};
use crate::support::world::SLUG;
use crate::support::{World, flows};
use axum::body::Body;
use axum::http::{Request, header};
use poterne_idp::manage::{Applied, EntryStatus, Failure};
use poterne_idp::{Lang, RealmDocument};
use serde_json::{Value, json};

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
const TICKED: &[(&str, &str)] = &[("terms", "yes"), ("action", "next")];

/// The fund's document with other terms for its insured persons.
fn with_terms(world: &World, change: impl FnOnce(&mut Value)) -> RealmDocument {
    let mut document = serde_json::to_value(world.document()).expect("a document is JSON");
    let populations = document["population"].as_array_mut().expect("populations");
    let insured = populations.iter_mut().find(|population| population["key"] == "insured").expect("insured persons");
    change(&mut insured["terms"]);
    serde_json::from_value(document).expect("a document")
}

/// The fund's document with versions added to the first one.
fn with_versions(world: &World, versions: &[Value]) -> RealmDocument {
    with_terms(world, |terms| terms["version"].as_array_mut().expect("versions").extend_from_slice(versions))
}

fn at_first_sign_in(world: &World) -> RealmDocument {
    with_terms(world, |terms| terms["accept"] = json!("first_sign_in"))
}

fn version(number: u32, effective_from: &str) -> Value {
    let text = |lang: &str| format!("# Version {number}\nText {number} {lang}.");
    json!({ "number": number, "effective_from": effective_from,
            "text": { "fr": text("fr"), "de": text("de"), "it": text("it"), "en": text("en") } })
}

async fn apply(world: &World, document: RealmDocument) {
    assert_eq!(world.manage().apply_realm(document).await.expect("it is applied"), Applied::Changed);
}

async fn refused(world: &World, document: RealmDocument) -> String {
    match world.manage().apply_realm(document).await {
        Err(Failure::Settings(words)) => words,
        other => panic!("it should be refused: {other:?}"),
    }
}

/// What the audit trail says of events of a kind, the oldest first.
async fn told(world: &World, kind: &str) -> Vec<Value> {
    let events = world.manage().newest_events(SLUG, 1000).await.expect("events");
    events.iter().rev().filter(|event| event.kind == kind).map(|event| serde_json::from_str(&event.data).expect("JSON")).collect()
}

/// The version, language and channel of every acceptance, the oldest first.
async fn accepted(world: &World) -> Vec<(u64, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let row = |data: &Value| (data["version"].as_u64().expect("a version"), text(&data["language"]), text(&data["channel"]));
    told(world, "terms.accepted").await.iter().map(row).collect()
}

fn at_sign_in(version: u64, language: &str) -> (u64, String, String) {
    (version, language.to_owned(), "sign_in".to_owned())
}

fn with_the_code(version: u64) -> (u64, String, String) {
    (version, "fr".to_owned(), "registration".to_owned())
}

#[track_caller]
fn is_asked(browser: &Browser) {
    assert!(
        browser.page.url.split('?').next().is_some_and(|path| path.ends_with("/terms")),
        "{}: {}",
        browser.page.url,
        browser.page.text()
    );
    browser.page.says("J'ai lu les conditions d'utilisation et je les accepte.").says("Accepter et continuer").says("Refuser");
}

/// Posts what the page holds, hidden fields and all, with a tick.
async fn tick(browser: &mut Browser) {
    post_as_shown(browser, TICKED).await;
}

async fn post_as_shown(browser: &mut Browser, fields: &[(&str, &str)]) {
    let hidden = ["session", "version", "language"].map(|name| (name, browser.page.value(name).expect("a hidden field")));
    let all: Vec<_> = hidden.iter().map(|(name, value)| (*name, value.as_str())).chain(fields.iter().copied()).collect();
    browser.submit(&all).await;
}

/// A fund with terms at the first sign-in, and Marie who has just enrolled and stands before them.
async fn marie_at_the_terms(world: &World, flex: &Portal) -> (Person, Browser) {
    apply(world, at_first_sign_in(world)).await;
    let (marie, mut browser) = (world.invite(Person::marie()).await, world.browser());
    browser.enroll_by_sms(world, &marie, flex).await;
    browser.page.says("C'est fait");
    browser.follow("continue").await;
    is_asked(&browser);
    (marie, browser)
}

flows! {
    async fn x_07_after_the_first_sign_in_the_terms_are_asked_for_and_only_then_the_portal_opens(world) {
        apply(world, at_first_sign_in(world)).await;
        let (flex, one_e) = (world.flex().await, world.one_e());
        let (marie, mut browser) = (world.invite(Person::marie()).await, world.browser());
        browser.register_at(&flex).await;
        browser.page.hides("conditions d'utilisation");
        let typed = [("avs_number", marie.avs_number.as_str()), ("birth_date", &marie.birth_date), ("code", &marie.code), ("action", "next")];
        browser.submit(&typed).await;
        browser.give_user_data(&marie.email(), marie.password()).await;
        browser.confirm_email(world, &marie.email()).await;
        browser.submit(&[("factor", "sms"), ("phone", "079 000 00 01"), ("action", "next")]).await;
        browser.type_code(&world.mailbox.first(marie.phone()).await.code()).await;
        browser.page.says("C'est fait").hides("conditions d'utilisation");
        browser.follow("continue").await;
        is_asked(&browser);
        browser.page.says("Lindenhof flex").says("L'accès est personnel.").says("Avant de continuer").hides("Nouvelles conditions");
        let asking = browser.page.clone();
        for portal in [&flex, &one_e] {
            browser.visit(&portal.sign_in_with(&[("prompt", "none")])).await;
            assert_eq!(browser.page.parameter("error").as_deref(), Some("interaction_required"));
            browser.visit(&portal.sign_in()).await;
            is_asked(&browser);
        }
        assert_eq!(accepted(world).await, [], "asking is not accepting");
        browser.page = asking;
        post_as_shown(&mut browser, &[("action", "next")]).await;
        assert_eq!(browser.page.status, 422);
        is_asked(&browser);
        browser.page.says("Veuillez lire et accepter les conditions d'utilisation.");
        tick(&mut browser).await;
        flex.tokens_from(&browser.page).await;
        assert_eq!(accepted(world).await, [at_sign_in(1, "fr")]);
        browser.visit(&one_e.sign_in()).await;
        one_e.tokens_from(&browser.page).await;
        world.wait(DAY);
        let mut later = world.browser();
        later.sign_in_by_sms(world, &marie, &flex).await;
        flex.tokens_from(&later.page).await;
    }

    async fn x_07_whoever_refuses_gets_nowhere_and_is_asked_the_next_time(world) {
        let flex = world.flex().await;
        let (_, mut browser) = marie_at_the_terms(world, &flex).await;
        browser.page.says("Sans votre accord, le portail ne peut pas être utilisé.");
        browser.submit(&[("action", "refuse")]).await;
        assert!(browser.page.url.starts_with(&flex.redirect_uri()), "{}", browser.page.url);
        assert_eq!(browser.page.parameter("error").as_deref(), Some("access_denied"));
        assert_eq!((browser.page.parameter("state").as_deref(), browser.page.parameter("code")), (Some(STATE), None));
        browser.visit(&flex.sign_in()).await;
        is_asked(&browser);
        assert_eq!(accepted(world).await, []);
    }

    async fn a_new_version_is_asked_for_at_the_next_sign_in_while_what_was_granted_goes_on(world) {
        let (flex, one_e) = (world.flex().await, world.one_e());
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        browser.sign_in_by_sms(world, &marie, &flex).await;
        let tokens = flex.tokens_from(&browser.page).await;
        apply(world, with_versions(world, &[version(2, "2026-11-22")])).await;
        assert_eq!(flex.userinfo(&tokens.text("access_token")).await.status, 200);
        assert_eq!(flex.refresh(&tokens.text("refresh_token")).await.status, 200);
        browser.visit(&one_e.sign_in_with(&[("prompt", "none")])).await;
        assert_eq!(browser.page.parameter("error").as_deref(), Some("interaction_required"));
        browser.visit(&one_e.sign_in()).await;
        is_asked(&browser);
        browser.page.says("Nouvelles conditions d'utilisation").says("en vigueur depuis le 22.11.2026").says("Text 2 fr.");
        let earlier = browser.page.link("Relire la version").expect("the version accepted before");
        world.browser().visit(&earlier).await.says("L'accès est personnel.").hides("Text 2 fr.");
        tick(&mut browser).await;
        one_e.tokens_from(&browser.page).await;
        browser.visit(&flex.sign_in()).await;
        flex.tokens_from(&browser.page).await;
        assert_eq!(accepted(world).await.last(), Some(&at_sign_in(2, "fr")));
        assert_eq!(accepted(world).await.len(), 2, "the first one stays");
    }

    async fn a_version_applies_from_its_day_and_asks_from_a_day_of_its_own(world) {
        let flex = world.flex().await;
        let mut second = version(2, "2026-11-23");
        second["ask_again_from"] = json!("2026-11-25");
        apply(world, with_versions(world, &[second])).await;
        // It is 10:00 in Zurich; an hour passes.
        let marie = world.marie_with_account(&flex).await;
        let terms = format!("{}/ui/terms/insured", world.issuer);
        let sign_in = async |world: &World| {
            let mut browser = world.browser();
            browser.sign_in_by_sms(world, &marie, &flex).await;
            browser
        };
        world.browser().visit(&terms).await.says("Version 1, en vigueur depuis le 01.01.2026");
        world.browser().visit(&format!("{terms}/2")).await.says("Version 2, en vigueur à partir du 23.11.2026");
        flex.code_from(&sign_in(world).await.page);
        world.wait(13 * HOUR - 60);
        world.browser().visit(&terms).await.says("Version 1, en vigueur");
        world.wait(60);
        world.browser().visit(&terms).await.says("Version 2, en vigueur depuis le 23.11.2026").says("Text 2 fr.");
        world.browser().visit(&format!("{terms}/1")).await.says("aujourd'hui remplacée").says("L'accès est personnel.");
        flex.code_from(&sign_in(world).await.page);
        world.wait(2 * DAY - 60);
        flex.code_from(&sign_in(world).await.page);
        world.wait(120);
        let mut browser = sign_in(world).await;
        is_asked(&browser);
        tick(&mut browser).await;
        flex.code_from(&browser.page);
    }

    async fn a_version_that_asks_nobody_again_is_accepted_by_newcomers_alone(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let mut second = version(2, "2026-11-22");
        second["ask_again"] = json!(false);
        apply(world, with_versions(world, &[second])).await;
        let mut browser = world.browser();
        browser.sign_in_by_sms(world, &marie, &flex).await;
        flex.code_from(&browser.page);
        world.wait(30 * DAY);
        let mut browser = world.browser();
        browser.sign_in_by_sms(world, &marie, &flex).await;
        flex.code_from(&browser.page);
        let (urs, mut newcomer) = (world.invite(Person::urs()).await, world.browser());
        newcomer.enroll_by_app(world, &urs, &flex).await;
        newcomer.follow("continue").await;
        flex.code_from(&newcomer.page);
        assert_eq!(accepted(world).await.iter().map(|(version, ..)| *version).collect::<Vec<_>>(), [1, 2]);
    }

    async fn what_is_published_cannot_be_changed_only_followed_by_a_new_version(world) {
        assert_eq!(told(world, "terms.published").await.len(), world_versions(world), "one event for each version");
        let mut document = with_terms(world, |terms| terms["version"][0]["text"]["de"] = json!("Etwas anderes."));
        document.name = "Caisse de pension Lindenberg".into();
        let words = refused(world, document).await;
        assert!(words.contains("population insured: terms version 1 (de)") && words.contains("add a new version"), "{words}");
        let choice = format!("{}/ui/enroll", world.issuer);
        world.browser().visit(&choice).await.says("Caisse de pension Lindenhof").hides("Lindenberg");
        let words = refused(world, with_terms(world, |terms| terms["version"][0]["effective_from"] = json!("2026-02-01"))).await;
        assert!(words.contains("insured") && words.contains("effective_from 2026-01-01"), "{words}");
        // A version of which one language comes later.
        let (mut french, before) = (version(2, "2026-11-22"), told(world, "terms.published").await.len());
        french["text"] = json!({ "fr": "Text 2 fr." });
        // Events of one moment have no order.
        world.wait(1);
        apply(world, with_versions(world, &[french.clone()])).await;
        world.wait(1);
        french["text"] = json!({ "fr": "Text 2 fr.", "de": "Text 2 de." });
        apply(world, with_versions(world, &[french])).await;
        let published = told(world, "terms.published").await.split_off(before);
        assert_eq!(published.iter().map(|data| &data["languages"]).collect::<Vec<_>>(), [&json!(["fr"]), &json!(["de"])]);
        // Taken out of the document, it cannot come back as something else, and can still be read.
        apply(world, world.document()).await;
        let mut other = version(2, "2026-11-22");
        other["text"] = json!({ "fr": "Autre chose." });
        let words = refused(world, with_versions(world, &[other])).await;
        assert!(words.contains("terms version 2 (fr)"), "{words}");
        let mut browser = world.browser();
        browser.language = "de";
        browser.visit(&format!("{}/ui/terms/insured/2", world.issuer)).await.says("Text 2 de.").says("Geltende Bedingungen lesen");
    }

    async fn unknown_versions_are_not_found(world) {
        for path in ["insured/7", "insured/0", "insured/x", "insured/-1", "insured/99999999999", "nobody/1", "nobody"] {
            let mut browser = world.browser();
            assert_eq!(browser.visit(&format!("{}/ui/terms/{path}", world.issuer)).await.status, 404, "{path}");
        }
    }

    async fn the_language_that_was_read_is_the_one_that_was_accepted(world) {
        let (flex, one_e) = (world.flex().await, world.one_e());
        let (_, mut browser) = marie_at_the_terms(world, &flex).await;
        browser.follow("Deutsch").await.says("Ich habe die Nutzungsbedingungen gelesen").says("Der Zugang ist persönlich.");
        // Another tab goes on in Italian meanwhile.
        let german = browser.page.clone();
        browser.follow("Italiano").await;
        browser.page = german;
        tick(&mut browser).await;
        flex.code_from(&browser.page);
        assert_eq!(accepted(world).await, [at_sign_in(1, "de")]);
        // A text that lacks in the page's language is shown, and accepted, in the language it has.
        let mut second = version(2, "2026-11-22");
        second["text"] = json!({ "fr": "Text 2 fr." });
        let mut document = with_versions(world, &[second]);
        assert_eq!(document.languages.pop(), Some(Lang::En));
        apply(world, document).await;
        world.wait(1);
        browser.visit(&one_e.sign_in()).await.says("Ho letto le condizioni d'uso").says("Text 2 fr.");
        assert!(browser.page.html.contains("<html lang=\"it\"") && browser.page.html.contains("<div lang=\"fr\">"));
        tick(&mut browser).await;
        one_e.code_from(&browser.page);
        assert_eq!(accepted(world).await.last(), Some(&at_sign_in(2, "fr")));
    }

    async fn posting_twice_accepts_once(world) {
        let flex = world.flex().await;
        let (_, mut browser) = marie_at_the_terms(world, &flex).await;
        let shown = browser.page.clone();
        let mut second = browser.clone();
        tokio::join!(tick(&mut browser), tick(&mut second));
        assert_eq!(accepted(world).await, [at_sign_in(1, "fr")]);
        browser.page = shown;
        tick(&mut browser).await;
        assert_eq!(accepted(world).await.len(), 1);
        browser.visit(&flex.sign_in()).await;
        flex.code_from(&browser.page);
    }

    async fn a_version_that_comes_into_force_meanwhile_is_shown_before_it_is_accepted(world) {
        let flex = world.flex().await;
        let (_, mut browser) = marie_at_the_terms(world, &flex).await;
        let both = with_terms(world, |terms| {
            terms["accept"] = json!("first_sign_in");
            terms["version"].as_array_mut().expect("versions").push(version(2, "2026-11-22"));
        });
        apply(world, both).await;
        tick(&mut browser).await;
        assert_eq!(browser.page.status, 422);
        is_asked(&browser);
        browser.page.says("Rien n'a été accepté").says("Text 2 fr.");
        assert_eq!(accepted(world).await, []);
        tick(&mut browser).await;
        flex.code_from(&browser.page);
        assert_eq!(accepted(world).await, [at_sign_in(2, "fr")]);
    }

    async fn nobody_accepts_for_somebody_else(world) {
        let (flex, one_e) = (world.flex().await, world.one_e());
        let urs = world.invite(Person::urs()).await;
        world.browser().enroll_by_app(world, &urs, &flex).await;
        let (_, mut browser) = marie_at_the_terms(world, &flex).await;
        assert_eq!(accepted(world).await, [with_the_code(1)], "Urs, while it was asked with the code");
        // Another browser.
        let mut stranger = world.browser();
        stranger.page = browser.page.clone();
        tick(&mut stranger).await;
        stranger.page.says("Connexion");
        // The same browser, where somebody else has enrolled meanwhile in another tab.
        browser.visit(&one_e.sign_in()).await;
        is_asked(&browser);
        let maries = browser.page.clone();
        let lucia = world.invite(Person::named("Lucia")).await;
        browser.visit(&flex.sign_in_with(&[("prompt", "create")])).await;
        browser.follow("Assurés ou pensionnés").await;
        browser.identify(&lucia).await;
        browser.give_user_data(&lucia.email(), lucia.password()).await;
        browser.confirm_email(world, &lucia.email()).await;
        browser.submit(&[("factor", "sms"), ("phone", "079 000 00 02"), ("action", "next")]).await;
        browser.type_code(&world.mailbox.first("+41790000002").await.code()).await;
        browser.page.says("C'est fait");
        browser.page = maries;
        tick(&mut browser).await;
        assert_eq!(browser.page.status, 422);
        browser.page.says("Rien n'a été accepté");
        assert_eq!(accepted(world).await, [with_the_code(1)]);
    }

    async fn looking_accepts_nothing_and_a_suspended_account_neither(world) {
        let flex = world.flex().await;
        let (marie, mut browser) = marie_at_the_terms(world, &flex).await;
        let fields: Vec<_> = ["session", "version", "language"].map(|name| (name, browser.page.value(name).expect("a field"))).to_vec();
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).extend_pairs(TICKED).finish();
        let (asking, address) = (browser.page.clone(), format!("{}?{query}", browser.page.url));
        browser.visit(&address).await;
        is_asked(&browser);
        let cookies = browser.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let path = address.strip_prefix("http://localhost:8080").expect("it is there");
        let head = Request::head(path).header(header::HOST, "localhost:8080").header(header::COOKIE, cookies.as_str());
        assert_eq!(flex.send(head.body(Body::empty()).expect("a request")).await.status, 200);
        let elsewhere = Request::post(path).header(header::HOST, "localhost:8080").header(header::COOKIE, cookies.as_str());
        let elsewhere = elsewhere.header(header::ORIGIN, "https://evil.example").header("sec-fetch-site", "cross-site");
        let elsewhere = elsewhere.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from(query));
        assert_eq!(flex.send(elsewhere.expect("a request")).await.status, 403);
        assert_eq!(accepted(world).await, []);
        world.manage().set_entry_status(SLUG, &marie.registry_no, EntryStatus::Deceased).await.expect("the fund was told");
        browser.page = asking;
        tick(&mut browser).await;
        assert_eq!(browser.page.parameter("code"), None, "{}", browser.page.url);
        assert_eq!(accepted(world).await, []);
    }
}

fn world_versions(world: &World) -> usize {
    let populations = &world.document().populations;
    populations.iter().flat_map(|population| &population.terms).map(|terms| terms.versions.len()).sum()
}
