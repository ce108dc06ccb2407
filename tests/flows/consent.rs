//! Applications that are not the fund's own: asked for, allowed, refused, remembered, taken back; and the choice of an account.

use crate::support::browser::Browser;
use crate::support::people::Person;
use crate::support::portal::{Portal, STATE, payload};
use crate::support::world::SLUG;
use crate::support::{World, flows};
use axum::body::Body;
use axum::http::{Request, header};
use poterne_idp::manage::{AccountFactor, NewPersonAccount};
use poterne_idp::{Outbound, RealmDocument};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tower::ServiceExt;

/// The fund's document with an application of somebody else's, changed so.
fn with_budget(world: &World, change: &Value) -> RealmDocument {
    let mut budget = json!({
        "client_id": "budget", "client_name": "Budget Suisse", "redirect_uris": ["https://budget.example/callback"],
        "client_uri": "https://budget.example/", "policy_uri": "https://budget.example/privacy",
        "tos_uri": "https://budget.example/terms", "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid profile email poterne offline_access", "sector": "budget"
    });
    for (name, value) in change.as_object().expect("an object") {
        budget[name] = value.clone();
    }
    let mut document = serde_json::to_value(world.document()).expect("a document is JSON");
    document["client"].as_array_mut().expect("clients").push(budget);
    serde_json::from_value(document).expect("a document")
}

async fn budget_with(world: &World, change: Value) -> Portal {
    world.manage().apply_realm(with_budget(world, &change)).await.expect("it is applied");
    let secret = world.manage().rotate_client_secret(SLUG, "budget").await.expect("the client exists");
    Portal::new(world, "budget", Some(secret.expose().to_owned()), "https://budget.example")
}

async fn budget(world: &World) -> Portal {
    budget_with(world, json!({})).await
}

/// A person with an account, made without a letter.
async fn account(world: &World, person: Person) -> Person {
    let entry = world.register(&person).await;
    let factor = AccountFactor::Sms { phone: person.phone().to_owned() };
    let (email, password) = (person.email(), person.password().to_owned().into());
    let new = NewPersonAccount { entry, email, name: None, password, factor };
    world.manage().add_account(SLUG, new).await.expect("an account");
    person
}

/// From the sign-in page through both factors.
async fn give_proofs(world: &World, browser: &mut Browser, person: &Person) {
    world.wait(120);
    let before = world.mailbox.to(person.phone()).len();
    browser.give_password(&person.email(), person.password()).await;
    let code = world.mailbox.wait_for(person.phone(), before + 1).await.code();
    browser.type_code(&code).await;
}

/// Marie with an account, in front of the page that asks for her consent.
async fn marie_is_asked(world: &World, app: &Portal, changes: &[(&str, &str)]) -> (Person, Browser) {
    let (marie, mut browser) = (account(world, Person::marie()).await, world.browser());
    browser.visit(&app.sign_in_with(changes)).await;
    give_proofs(world, &mut browser, &marie).await;
    is_asked(&browser);
    (marie, browser)
}

#[track_caller]
fn is_asked(browser: &Browser) {
    assert!(browser.page.url.contains("/ui/consent/"), "{}: {}", browser.page.url, browser.page.text());
    assert!(browser.page.html.contains("id=\"op-consent\""), "{}", browser.page.html);
}

/// Answers as the page stands.
async fn answer(browser: &mut Browser, action: &str) {
    let [session, shown] = ["session", "shown"].map(|name| browser.page.value(name).expect("a hidden field"));
    browser.submit(&[("session", &session), ("shown", &shown), ("action", action)]).await;
}

async fn error_of(browser: &mut Browser, url: &str) -> Option<String> {
    browser.visit(url).await;
    browser.page.parameter("error")
}

fn silent(app: &Portal) -> String {
    app.sign_in_with(&[("prompt", "none")])
}

/// The person's own account, in this browser.
async fn own_account(world: &World, browser: &mut Browser) {
    browser.visit(&format!("{}/ui/account", world.issuer)).await.says("Mon compte");
}

/// Takes an application's access back, by the buttons.
async fn withdraw(world: &World, browser: &mut Browser, client_id: &str) {
    browser.visit(&format!("{}/ui/account/apps/{client_id}", world.issuer)).await.says("Retirer l'accès à");
    let of = browser.page.value("of").expect("a session");
    browser.submit(&[("of", &of), ("action", "withdraw")]).await.says("L'accès est retiré.");
}

flows! {
    async fn core_3_1_2_4_somebody_elses_application_is_allowed_once_and_again_when_it_wants_more(world) {
        let app = budget(world).await;
        let narrow = [("scope", "openid email")];
        let (_, mut browser) = marie_is_asked(world, &app, &narrow).await;
        browser.page.says("Budget Suisse").says("(budget.example)").says("n'est pas de nous").says("Votre adresse e-mail");
        browser.page.says("tant que votre session est ouverte").says("Mon compte").says("marie@").hides("Votre nom, votre prénom");
        assert_eq!(browser.page.link("client-policy").as_deref(), Some("https://budget.example/privacy"));
        assert_eq!(browser.page.link("client-tos").as_deref(), Some("https://budget.example/terms"));
        for id in ["consent-allow", "consent-deny"] {
            assert!(browser.page.html.contains(&format!("id=\"{id}\"")), "{id}");
        }
        let asking = browser.page.url.clone();
        browser.visit(&asking).await;
        is_asked(&browser);
        assert_eq!(error_of(&mut browser.clone(), &silent(&app)).await.as_deref(), Some("consent_required"), "no GET consents");
        assert_eq!(world.events("consent.given").await, 0);
        answer(&mut browser, "allow").await;
        let tokens = app.tokens_from(&browser.page).await;
        assert_eq!(tokens.text("scope"), "openid email");
        assert_eq!(world.events("consent.given").await, 1);

        browser.visit(&app.sign_in_with(&narrow)).await;
        app.code_from(&browser.page);
        browser.visit(&app.sign_in_with(&[("scope", "openid email"), ("prompt", "none")])).await;
        app.code_from(&browser.page);
        assert_eq!(error_of(&mut browser, &silent(&app)).await.as_deref(), Some("consent_required"), "it wants more");
        browser.visit(&app.sign_in()).await;
        is_asked(&browser);
        browser.page.says("davantage qu'auparavant").says("nouveau").says("Votre adresse e-mail");
        answer(&mut browser, "allow").await;
        app.tokens_from(&browser.page).await;
        browser.visit(&silent(&app)).await;
        app.code_from(&browser.page);

        let org = json!({"userinfo": {"urn:poterne:population": null}}).to_string();
        browser.visit(&app.sign_in_with(&[("claims", &org)])).await;
        is_asked(&browser);
        browser.page.says("Votre groupe, par exemple assuré ou employeur");
        answer(&mut browser, "allow").await;
        app.tokens_from(&browser.page).await;
        browser.visit(&app.sign_in_with(&[("claims", &org), ("prompt", "none")])).await;
        app.code_from(&browser.page);

        browser.visit(&app.sign_in_with(&[("prompt", "consent")])).await;
        is_asked(&browser);
        answer(&mut browser, "allow").await;
        app.code_from(&browser.page);
        assert_eq!(world.events("consent.given").await, 4);
    }

    async fn core_3_1_2_6_whoever_refuses_gives_nothing_and_is_asked_the_next_time(world) {
        let app = budget(world).await;
        let (_, mut browser) = marie_is_asked(world, &app, &[]).await;
        let mut other_tab = browser.clone();
        answer(&mut browser, "deny").await;
        assert!(browser.page.url.starts_with(&app.redirect_uri()), "{}", browser.page.url);
        assert_eq!(browser.page.parameter("error").as_deref(), Some("access_denied"));
        assert_eq!((browser.page.parameter("state").as_deref(), browser.page.parameter("code")), (Some(STATE), None));
        answer(&mut other_tab, "allow").await;
        assert!(!other_tab.page.url.starts_with("https://budget.example"), "the flow is over: {}", other_tab.page.url);
        assert_eq!((world.events("consent.refused").await, world.events("consent.given").await), (1, 0));
        assert_eq!(error_of(&mut browser, &silent(&app)).await.as_deref(), Some("consent_required"));
        browser.visit(&app.sign_in()).await;
        is_asked(&browser);
    }

    async fn the_funds_own_portals_never_ask(world) {
        let flex = world.flex().await;
        let (marie, mut browser) = (account(world, Person::marie()).await, world.browser());
        browser.visit(&flex.sign_in_with(&[("prompt", "consent"), ("scope", "openid profile email")])).await;
        give_proofs(world, &mut browser, &marie).await;
        flex.tokens_from(&browser.page).await;
        assert_eq!(world.events("consent.given").await, 0);
    }

    async fn an_answer_counts_once_for_who_was_asked_where_they_were_asked(world) {
        let app = budget(world).await;
        let (_, mut browser) = marie_is_asked(world, &app, &[]).await;
        let asking = browser.page.clone();
        let [session, shown] = ["session", "shown"].map(|name| asking.value(name).expect("a hidden field"));
        let whole = [("session", session.as_str()), ("shown", &shown), ("action", "allow")];
        // Another browser, with or without the cookie of nobody.
        let mut stranger = world.browser();
        stranger.post(&asking.url, &whole).await;
        assert!(stranger.page.url.contains("/ui/login/"), "{}", stranger.page.url);
        // Incomplete, of another session, of another version of the flow, or without a word.
        for wrong in [
            vec![("action", "allow")],
            vec![("session", session.as_str()), ("shown", "77"), ("action", "allow")],
            vec![("session", "AAAAAAAAAAAAAAAAAAAAAA"), ("shown", &shown), ("action", "allow")],
            vec![("session", session.as_str()), ("shown", &shown)],
            vec![("session", session.as_str()), ("shown", &shown), ("action", "yes")],
        ] {
            browser.post(&asking.url, &wrong).await;
            assert_eq!(browser.page.status, 422, "{wrong:?}");
            browser.page.says("Rien n'a été transmis");
        }
        // From another site.
        let cookies: Vec<String> = browser.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let path = asking.url.trim_start_matches("http://localhost:8080").to_owned();
        let form = format!("session={session}&shown={shown}&action=allow");
        let forged = Request::post(path).header(header::HOST, "localhost:8080").header(header::ORIGIN, "https://evil.example");
        let forged = forged.header("sec-fetch-site", "cross-site").header(header::COOKIE, cookies.join("; "));
        let forged = forged.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from(form));
        let forged = world.routes.clone().oneshot(forged.expect("a request")).await.expect("an answer");
        assert_eq!(forged.status(), 403);
        assert_eq!(world.events("consent.given").await, 0);
        // Twice at once: one of them.
        let mut second = browser.clone();
        let (one, other) = tokio::join!(browser.post(&asking.url, &whole), second.post(&asking.url, &whole));
        let codes = [one, other].iter().filter(|page| page.parameter("code").is_some()).count();
        assert_eq!(codes, 1, "{} {}", one.url, other.url);
        assert_eq!(world.events("consent.given").await, 1);
        // A flow that waited too long.
        browser.visit(&app.sign_in_with(&[("prompt", "consent")])).await;
        let late = browser.page.clone();
        world.wait(3601);
        browser.page = late;
        answer(&mut browser, "allow").await;
        assert_eq!(browser.page.parameter("code"), None, "{}", browser.page.url);
        assert_eq!(world.events("consent.given").await, 1);
        browser.visit(&format!("{}/ui/consent/nonsense", world.issuer)).await;
        assert_eq!(browser.page.status, 404);
    }

    async fn who_comes_after_in_the_same_flow_has_not_consented(world) {
        let app = budget(world).await;
        let sophie = account(world, Person::urs()).await;
        let (_, mut browser) = marie_is_asked(world, &app, &[("prompt", "consent")]).await;
        let (mut behind, asking) = (browser.clone(), browser.page.clone());
        // Marie consents, but her browser never gets to the way back.
        let [session, shown] = ["session", "shown"].map(|name| asking.value(name).expect("a hidden field"));
        let form = [("session", session.as_str()), ("shown", &shown), ("action", "allow")];
        let flow = asking.url.rsplit('/').next().expect("a flow").to_owned();
        // The same flow goes on with somebody else, who was let in by «another account».
        browser.visit(&format!("{}/ui/login/{flow}/accounts", world.issuer)).await.says("Choisir un compte").says("marie@");
        browser.submit(&[("action", "other")]).await;
        assert!(browser.page.html.contains("id=\"op-login\""), "{}", browser.page.url);
        behind.post(&asking.url, &form).await;
        assert_eq!(behind.page.parameter("code"), None, "the flow has moved on: {}", behind.page.url);
        give_proofs(world, &mut browser, &sophie).await;
        is_asked(&browser);
        browser.page.says("urs@");
        answer(&mut browser, "allow").await;
        let tokens = app.tokens_from(&browser.page).await;
        assert_eq!(app.userinfo(&tokens.text("access_token")).await.text("email"), sophie.email());
    }

    async fn core_11_offline_access_is_told_in_its_own_words_and_kept_until_it_is_withdrawn(world) {
        let app = budget(world).await;
        let offline = [("scope", "openid offline_access"), ("prompt", "consent")];
        let (_, mut browser) = marie_is_asked(world, &app, &offline).await;
        browser.page.says("Garder l'accès même quand vous n'êtes pas connecté").says("30 jours au plus");
        answer(&mut browser, "allow").await;
        let tokens = app.tokens_from(&browser.page).await;
        assert_eq!(tokens.text("scope"), "openid offline_access");
        let refresh = tokens.text("refresh_token");
        browser.visit(&app.sign_in_with(&[("scope", "openid offline_access")])).await;
        assert_eq!(app.tokens_from(&browser.page).await.text("scope"), "openid", "without asking there is none (section 11)");
        assert_eq!(app.refresh(&refresh).await.status, 200);

        own_account(world, &mut browser).await;
        let apps = browser.page.text_of("apps");
        assert!(apps.contains("Budget Suisse") && apps.contains("Garder l'accès") && apps.contains("Dernière utilisation"), "{apps}");
        browser.visit(&format!("{}/ui/account/apps/budget", world.issuer)).await.says("Ce qu'elle a déjà reçu");
        let of = browser.page.value("of").expect("a session");
        browser.submit(&[("of", &of), ("action", "keep")]).await.hides("L'accès est retiré.");
        browser.post(&format!("{}/ui/account/apps/budget", world.issuer), &[("of", "AAAAAAAAAAAAAAAAAAAAAA"), ("action", "withdraw")]).await;
        assert_eq!(app.refresh(&refresh).await.status, 200, "nothing was withdrawn yet");
        let old = app.refresh(&refresh).await.text("access_token");
        withdraw(world, &mut browser, "budget").await;
        browser.page.says("Vous n'avez autorisé aucune application");
        assert_eq!(app.refresh(&refresh).await.json["error"], "invalid_grant");
        assert_eq!(app.userinfo(&old).await.status, 401);
        assert_eq!(app.userinfo(&tokens.text("access_token")).await.status, 401);
        assert_eq!(world.events("consent.withdrawn").await, 1);
        browser.post(&format!("{}/ui/account/apps/budget", world.issuer), &[("of", &of), ("action", "withdraw")]).await;
        assert_eq!(world.events("consent.withdrawn").await, 1, "only once");
        assert_eq!(error_of(&mut browser, &app.sign_in_with(&[("scope", "openid"), ("prompt", "none")])).await.as_deref(), Some("consent_required"));
    }

    async fn nobody_takes_somebody_elses_access_back(world) {
        let app = budget(world).await;
        let urs = account(world, Person::urs()).await;
        let (_, mut browser) = marie_is_asked(world, &app, &[]).await;
        answer(&mut browser, "allow").await;
        let tokens = app.tokens_from(&browser.page).await;
        let mut thief = world.browser();
        thief.visit(&format!("{}/ui/account", world.issuer)).await;
        give_proofs(world, &mut thief, &urs).await;
        own_account(world, &mut thief).await;
        thief.page.says("Vous n'avez autorisé aucune application").hides("Budget Suisse");
        let of = thief.page.value("of").expect("a session");
        own_account(world, &mut browser).await;
        let hers = browser.page.value("of").expect("a session");
        for of in [of, hers] {
            for client in ["budget", "lindenhof-flex", "nobody", "..%2F..", "%00"] {
                let url = format!("{}/ui/account/apps/{client}", world.issuer);
                thief.visit(&url).await.hides("Retirer l'accès à");
                thief.post(&url, &[("of", &of), ("action", "withdraw")]).await.hides("L'accès est retiré.");
            }
        }
        assert_eq!(app.userinfo(&tokens.text("access_token")).await.status, 200);
        let mut nobody = world.browser();
        nobody.visit(&format!("{}/ui/account/apps/budget", world.issuer)).await.says("Connexion").hides("Budget Suisse");
        assert_eq!(world.events("consent.withdrawn").await, 0);
        // Whoever ends everything also ends what was allowed, perhaps by another.
        own_account(world, &mut browser).await;
        let of = browser.page.value("of").expect("a session");
        browser.submit(&[("of", &of), ("action", "everywhere")]).await;
        assert_eq!(app.userinfo(&tokens.text("access_token")).await.status, 401);
        browser.visit(&app.sign_in()).await;
        give_proofs(world, &mut browser, &Person::marie()).await;
        is_asked(&browser);
    }

    async fn the_funds_own_portals_lose_their_access_as_well_and_get_it_back_by_a_sign_in(world) {
        let flex = world.flex().await;
        let (marie, mut browser) = (account(world, Person::marie()).await, world.browser());
        browser.visit(&flex.sign_in()).await;
        give_proofs(world, &mut browser, &marie).await;
        let tokens = flex.tokens_from(&browser.page).await;
        withdraw(world, &mut browser, "lindenhof-flex").await;
        assert_eq!(flex.userinfo(&tokens.text("access_token")).await.status, 401);
        browser.visit(&flex.sign_in()).await;
        flex.tokens_from(&browser.page).await;
    }

    async fn rfc8252_8_6_an_application_that_anybody_could_claim_to_be_is_asked_for_each_time(world) {
        let native = json!({"redirect_uris": ["ch.example.budget:/callback"], "token_endpoint_auth_method": "none", "application_type": "native"});
        world.manage().apply_realm(with_budget(world, &native)).await.expect("it is applied");
        let app = Portal::new(world, "budget", None, "ch.example.budget:");
        let (_, mut browser) = marie_is_asked(world, &app, &[]).await;
        browser.page.says("à chaque fois");
        answer(&mut browser, "allow").await;
        app.tokens_from(&browser.page).await;
        assert_eq!(error_of(&mut browser, &silent(&app)).await.as_deref(), Some("consent_required"));
        browser.visit(&app.sign_in()).await;
        is_asked(&browser);
    }

    async fn core_3_1_2_1_select_account_shows_who_is_signed_in_and_goes_on_with_whom_is_chosen(world) {
        let (flex, one_e) = (world.flex().await, world.one_e());
        let marie = account(world, Person::marie()).await;
        let urs = account(world, Person::urs()).await;
        let choose = flex.sign_in_with(&[("prompt", "select_account")]);
        let mut browser = world.browser();
        browser.visit(&choose).await;
        assert!(browser.page.html.contains("id=\"op-login\""), "nobody is signed in yet: {}", browser.page.text());
        give_proofs(world, &mut browser, &marie).await;
        let hers = payload(&flex.tokens_from(&browser.page).await.text("id_token"))["sub"].clone();
        browser.visit(&choose).await.says("Choisir un compte").says("marie@").says("Lindenhof flex");
        browser.submit(&[("action", "other")]).await;
        give_proofs(world, &mut browser, &urs).await;
        let his = payload(&flex.tokens_from(&browser.page).await.text("id_token"))["sub"].clone();
        assert_ne!(hers, his);
        let sub = async |browser: &Browser| payload(&flex.tokens_from(&browser.page).await.text("id_token"))["sub"].clone();
        browser.visit(&choose).await.says("marie@").says("urs@");
        let sessions: Vec<String> = browser.page.html.split("name=\"session\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap_or_default().to_owned()).collect();
        assert_eq!(sessions.len(), 2, "{}", browser.page.html);
        let mut stranger = world.browser();
        stranger.visit(&flex.sign_in()).await;
        give_proofs(world, &mut stranger, &marie).await;
        stranger.visit(&choose).await;
        let own = stranger.page.html.split("name=\"session\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a session").to_owned();
        // Of another browser, of nobody, or no session at all: nothing is chosen.
        let asking = browser.page.clone();
        for forged in [own.as_str(), "AAAAAAAAAAAAAAAAAAAAAA", "x", ""] {
            browser.page = asking.clone();
            browser.submit(&[("session", forged)]).await.says("Choisir un compte");
        }
        stranger.post(&asking.url, &[("session", &sessions[1])]).await;
        assert!(stranger.page.url.contains("/ui/login/"), "a foreign flow: {}", stranger.page.url);
        // The one in use stands first; the other is chosen, and is the one in use from then on.
        browser.submit(&[("session", &sessions[1])]).await;
        assert_eq!(sub(&browser).await, hers);
        browser.visit(&silent(&flex)).await;
        assert_eq!(sub(&browser).await, hers);
        browser.visit(&one_e.sign_in()).await;
        one_e.tokens_from(&browser.page).await;
        assert_eq!(world.events("session.chosen").await, 1);
        // A choice does not spare the sign-in that is asked for beside it.
        browser.visit(&flex.sign_in_with(&[("prompt", "select_account"), ("max_age", "1")])).await;
        browser.submit(&[("session", &sessions[0])]).await;
        assert!(browser.page.html.contains("id=\"op-login\""), "{}", browser.page.url);
        browser.visit(&choose).await;
        browser.submit(&[("action", "cancel")]).await;
        assert_eq!(browser.page.parameter("error").as_deref(), Some("access_denied"));
    }

    async fn no_page_of_a_flow_can_be_framed_or_fooled_by_what_a_client_calls_itself(world) {
        let name = "<script>alert(1)</script>\"'&{{ 7*7 }}";
        let app = budget_with(world, json!({"client_name": name, "logo_uri": "https://logo.example/a.png\"onerror=\"alert(1)"})).await;
        let (_, mut browser) = marie_is_asked(world, &app, &[]).await;
        let pages = [browser.page.clone(), browser.visit(&app.sign_in_with(&[("prompt", "select_account")])).await.clone(), {
            browser.visit(&app.sign_in_with(&[("prompt", "login")])).await.clone()
        }];
        for page in pages {
            page.says(name);
            assert!(!page.html.contains("<script>alert") && !page.html.contains("<img"), "{}", page.html);
            let policy = page.headers.get("content-security-policy").and_then(|value| value.to_str().ok()).unwrap_or_default();
            assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
        }
    }
}

/// A server that answers everything with this body; the port.
async fn server(body: &'static [u8]) -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: image/svg+xml\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(&[head.as_bytes(), body].concat()).await;
        }
    });
    port
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nno more than this: IEND";

#[tokio::test]
async fn a_logo_is_fetched_for_the_first_page_and_served_from_here() {
    for (body, shown) in [(PNG, true), (b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>", false)] {
        let world = World::on_sqlite().await;
        let port = server(body).await;
        let outbound = Outbound::new(vec!["127.0.0.0/8".parse().expect("a network")], None).expect("a client");
        let (_, _, routes) = world.beside_with(|idp| idp.outbound(outbound)).await;
        let app = budget_with(&world, json!({"logo_uri": format!("http://127.0.0.1:{port}/logo.png")})).await;
        let mut browser = Browser::new(routes, &world.issuer);
        // Another process of the realm may have read the clients a moment ago.
        world.wait(2);
        browser.visit(&app.sign_in()).await.says("Budget Suisse");
        let image = browser.page.html.split("<img ").nth(1).map(|tag| tag.split('>').next().unwrap_or_default().to_owned());
        assert_eq!(image.is_some(), shown, "{}", browser.page.html);
        let Some(image) = image else {
            browser.visit(&format!("{}/ui/client-logo/budget", world.issuer)).await;
            assert_eq!(browser.page.status, 404);
            continue;
        };
        assert!(image.contains("id=\"client-logo\""), "{image}");
        let address = image.split("src=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an address");
        let address = crate::support::browser::unescape(address);
        assert!(address.starts_with(&format!("{}/ui/client-logo/budget?v=", world.issuer)), "{address}");
        browser.visit(&address).await;
        let header =
            |name: &str| browser.page.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        assert_eq!((browser.page.status, header("content-type").as_str()), (200, "image/png"));
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert!(
            header("cache-control").contains("immutable") && header("content-security-policy").contains("default-src 'none'")
        );
        browser.visit(&format!("{}/ui/client-logo/budget?v=0", world.issuer)).await;
        assert_eq!(browser.page.headers["cache-control"], "public, max-age=300");
        for nothing in ["lindenhof-flex", "nobody", "..%2F..%2Fetc%2Fpasswd"] {
            browser.visit(&format!("{}/ui/client-logo/{nothing}", world.issuer)).await;
            assert_eq!(browser.page.status, 404, "{nothing}");
        }
    }
}

#[tokio::test]
async fn a_host_that_does_not_answer_delays_one_page_a_moment_and_nobody_else() {
    let world = World::on_sqlite().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let outbound = Outbound::new(vec!["127.0.0.0/8".parse().expect("a network")], None).expect("a client");
    let (_, _, routes) = world.beside_with(|idp| idp.outbound(outbound)).await;
    let app = budget_with(&world, json!({"logo_uri": format!("http://127.0.0.1:{port}/logo.png")})).await;
    world.wait(2);
    let visit = async |wait: u64| {
        tokio::time::sleep(std::time::Duration::from_millis(wait)).await;
        let mut browser = Browser::new(routes.clone(), &world.issuer);
        browser.visit(&app.sign_in()).await.says("Budget Suisse");
        assert!(!browser.page.html.contains("<img"), "nothing broken is shown");
        wait
    };
    let (mut first, mut second) = (std::pin::pin!(visit(0)), std::pin::pin!(visit(200)));
    let sooner = tokio::select! {
        begun = &mut first => begun,
        begun = &mut second => begun,
    };
    assert_eq!(sooner, 200, "whoever comes second does not wait");
    tokio::time::timeout(std::time::Duration::from_secs(4), first).await.expect("who came first waited a moment");
    drop(listener);
}
