//! What clients that register themselves get of other clients, of the fund's network and of what people are shown: nothing.

use crate::support::browser::Browser;
use crate::support::hearing::{Hearing, claims_of};
use crate::support::portal::{Answer, Portal, payload};
use crate::support::world::SLUG;
use crate::support::{World, flows};
use axum::body::Body;
use axum::http::{Request, header};
use poterne_idp::RealmDocument;
use poterne_idp::manage::{Channel, MessageFilter};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The fund lets clients register, so.
async fn opened(world: &World, policy: &Value) {
    let document = world.manage().document(SLUG).await.expect("the realm is read").expect("there is a realm");
    let mut document = serde_json::to_value(document).expect("a document is JSON");
    document["registration"] = policy.clone();
    let document: RealmDocument = serde_json::from_value(document).expect("a document");
    world.manage().apply_realm(document).await.expect("it is applied");
}

async fn send(world: &World, method: &str, path: &str, token: Option<&str>, body: &Value) -> Answer {
    let path = format!("{}{path}", url::Url::parse(&world.issuer).expect("an issuer").path());
    let mut request = Request::builder().method(method).uri(path).header(header::HOST, "localhost:8080");
    request = request.header(header::CONTENT_TYPE, "application/json");
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    world.one_e().send(request.body(Body::from(body.to_string())).expect("a request")).await
}

async fn register(world: &World, metadata: &Value) -> Answer {
    send(world, "POST", "/register", None, metadata).await
}

/// Changes a client that was registered.
async fn change(world: &World, registered: &Answer, metadata: &Value) -> Answer {
    let path = format!("/register/{}", registered.text("client_id"));
    send(world, "PUT", &path, Some(&registered.text("registration_access_token")), metadata).await
}

/// A client of this host, with more.
fn at(host: &str, more: &Value) -> Value {
    let mut metadata = json!({"client_name": "Budget", "redirect_uris": [format!("https://{host}/callback")]});
    for (name, value) in more.as_object().expect("an object") {
        metadata[name] = value.clone();
    }
    metadata
}

/// A portal as it was just registered. Its name lives as long as the test.
fn portal(world: &World, registered: &Answer, home: &'static str) -> Portal {
    assert_eq!(registered.status, 201, "{registered:?}");
    let secret = registered.json["client_secret"].as_str().map(str::to_owned);
    Portal::new(world, registered.text("client_id").leak(), secret, home)
}

#[track_caller]
fn refused(answer: &Answer, error: &str, words: &str) {
    assert_eq!((answer.status, answer.text("error").as_str()), (400, error), "{answer:?}");
    assert!(answer.text("error_description").contains(words), "{answer:?}");
}

/// The ID token that comes of being signed in and allowing what is asked.
async fn id_token(browser: &mut Browser, at: &Portal) -> String {
    browser.visit(&at.sign_in()).await;
    allowing(browser).await;
    at.tokens_from(&browser.page).await.text("id_token")
}

async fn allowing(browser: &mut Browser) {
    if browser.page.url.contains("/ui/consent/") {
        let [session, shown] = ["session", "shown"].map(|name| browser.page.value(name).expect("a hidden field"));
        browser.submit(&[("session", &session), ("shown", &shown), ("action", "allow")]).await;
    }
}

/// A server on loopback that counts who comes.
async fn counting() -> (u16, Arc<AtomicUsize>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let (port, count) = (listener.local_addr().expect("an address").port(), Arc::new(AtomicUsize::new(0)));
    let counted = count.clone();
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    (port, count)
}

flows! {
    async fn core_8_1_a_client_that_moves_to_anothers_host_is_not_told_how_that_one_knows_the_person(world) {
        opened(world, &json!({"open": true, "loopback": true})).await;
        let hears = Hearing::begin().await;
        let listening = json!({"backchannel_logout_uri": hears.uri()});
        let registered = register(world, &at("budget.example", &listening)).await;
        let budget = portal(world, &registered, "https://budget.example");
        let wages = portal(world, &register(world, &at("wages.example", &json!({}))).await, "https://wages.example");
        let flex = world.flex().await;
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        browser.sign_in_by_sms(world, &marie, &flex).await;
        let at_flex = flex.tokens_from(&browser.page).await;
        let (at_wages, at_budget) = (payload(&id_token(&mut browser, &wages).await), payload(&id_token(&mut browser, &budget).await));
        assert_ne!(at_wages["sub"], at_budget["sub"]);
        assert_eq!(change(world, &registered, &moved(&registered, at("wages.example", &listening))).await.status, 200);
        flex.sign_out(&mut browser, &at_flex.text("id_token")).await;
        let claims = claims_of(world, &budget, &hears.wait_for(1).await).await;
        assert_eq!((&claims["sub"], &claims["sid"]), (&at_budget["sub"], &at_budget["sid"]), "as it was told when she signed in");
        let filter = MessageFilter { channel: Some(Channel::Registered), ..MessageFilter::default() };
        let calls = world.manage().list_messages(SLUG, filter).await.expect("the outbox is read");
        assert_eq!(calls.len(), 1, "it has its own lanes: {calls:?}");
    }

    async fn back_channel_2_a_client_that_becomes_a_service_stops_nobody_from_being_told(world) {
        let grants = ["authorization_code", "refresh_token", "implicit", "client_credentials"];
        opened(world, &json!({"open": true, "loopback": true, "grant_types": grants})).await;
        let (hears, flex_hears) = (Hearing::begin().await, Hearing::begin().await);
        world.with_clients(&[("lindenhof-flex", json!({"backchannel_logout_uri": flex_hears.uri()}))]).await;
        let registered = register(world, &at("budget.example", &json!({"backchannel_logout_uri": hears.uri()}))).await;
        let (budget, flex) = (portal(world, &registered, "https://budget.example"), world.flex().await);
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        browser.sign_in_by_sms(world, &marie, &flex).await;
        let at_flex = flex.tokens_from(&browser.page).await;
        id_token(&mut browser, &budget).await;
        let service = json!({"client_name": "Budget", "grant_types": ["client_credentials"]});
        let mut loud = moved(&registered, service.clone());
        loud["backchannel_logout_uri"] = hears.uri().into();
        refused(&change(world, &registered, &loud).await, "invalid_client_metadata", "backchannel_logout_uri is for clients that people");
        assert_eq!(change(world, &registered, &moved(&registered, service)).await.status, 200);
        flex.sign_out(&mut browser, &at_flex.text("id_token")).await;
        flex_hears.wait_for(1).await;
        assert!(hears.heard().is_empty());
    }

    async fn core_8_1_nobody_registers_into_the_sector_of_a_client_of_the_operators(world) {
        let portal = json!({"redirect_uris": ["https://portal.lindenhof.example/callback"], "application_type": "web"});
        world.with_clients(&[("lindenhof-1e", portal)]).await;
        opened(world, &json!({"open": true})).await;
        let words = "the sector of a client of the operator's";
        let into = at("portal.lindenhof.example", &json!({}));
        refused(&register(world, &into).await, "invalid_client_metadata", words);
        let registered = register(world, &at("budget.example", &json!({}))).await;
        assert_eq!(registered.status, 201, "{registered:?}");
        refused(&change(world, &registered, &moved(&registered, into)).await, "invalid_client_metadata", words);
    }

    async fn decision_017_no_exception_of_the_operators_leads_a_stranger_into_the_network(world) {
        opened(world, &json!({"open": true})).await;
        let (port, came) = counting().await;
        let said = async |document: String| {
            let answer = register(world, &at("budget.example", &json!({"sector_identifier_uri": document}))).await;
            refused(&answer, "invalid_client_metadata", "JSON array");
            answer.text("error_description")
        };
        let inside = said(format!("https://127.0.0.1:{port}/all.json")).await;
        assert_eq!(inside, said("https://127.0.0.1:9/all.json".to_owned()).await, "whatever is there");
        assert_eq!(inside, said("https://nobody.invalid/all.json".to_owned()).await, "also outside");
        assert_eq!(came.load(Ordering::SeqCst), 0);
    }

    async fn rfc7591_5_pages_name_the_host_that_the_answer_goes_to(world) {
        opened(world, &json!({"open": true, "public_subjects": true})).await;
        let both = json!({"redirect_uris": ["https://budget.example/callback", "https://flex.lindenhof.example/callback"],
            "client_name": "Lindenhof flex", "client_uri": "https://flex.lindenhof.example/"});
        let budget = portal(world, &register(world, &at("budget.example", &both)).await, "https://budget.example");
        let flex = world.flex().await;
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        browser.visit(&budget.sign_in()).await.says("(budget.example)").hides("flex.lindenhof.example");
        browser.sign_in_by_sms(world, &marie, &budget).await;
        assert!(browser.page.url.contains("/ui/consent/"), "{}", browser.page.url);
        browser.page.says("(budget.example)").hides("flex.lindenhof.example");
        let elsewhere = at("budget.example", &json!({"logo_uri": "https://flex.lindenhof.example/logo.png"}));
        refused(&register(world, &elsewhere).await, "invalid_client_metadata", "logo_uri must have the host of a redirect URI");
    }

    async fn csp_3_no_host_of_a_client_adds_to_a_policy(world) {
        opened(world, &json!({"open": true})).await;
        for host in ["budget.example;script-src", "budget.example,x", "*.example", "budget!.example"] {
            refused(&register(world, &at(host, &json!({}))).await, "invalid_redirect_uri", "has a host with more than letters");
            let out = json!({"frontchannel_logout_uri": format!("https://{host}/out")});
            refused(&register(world, &at("budget.example", &out)).await, "invalid_client_metadata", "has a host with more than letters");
        }
    }
}

/// The metadata of an update.
fn moved(registered: &Answer, mut metadata: Value) -> Value {
    metadata["client_id"] = registered.text("client_id").into();
    metadata
}
