//! Clients that register themselves (RFC 7591, OpenID Connect Dynamic Client Registration 1.0), change and remove themselves (RFC 7592).

use crate::support::browser::Browser;
use crate::support::portal::{Answer, Portal};
use crate::support::world::SLUG;
use crate::support::{World, flows};
use axum::body::Body;
use axum::http::{Request, header};
use poterne_idp::{Outbound, RealmDocument};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::task::JoinSet;

/// The fund lets clients register, so.
async fn opened(world: &World, policy: &Value) {
    let mut document = serde_json::to_value(world.document()).expect("a document is JSON");
    document["registration"] = policy.clone();
    let document: RealmDocument = serde_json::from_value(document).expect("a document");
    world.manage().apply_realm(document).await.expect("it is applied");
}

async fn ask(world: &World, method: &str, path: &str, token: Option<&str>, body: Option<&Value>) -> Answer {
    let path = format!("{}{path}", url::Url::parse(&world.issuer).expect("an issuer").path());
    let mut request = Request::builder().method(method).uri(path).header(header::HOST, "localhost:8080");
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let body = match body {
        Some(body) => {
            request = request.header(header::CONTENT_TYPE, "application/json");
            Body::from(body.to_string())
        }
        None => Body::empty(),
    };
    world.one_e().send(request.body(body).expect("a request")).await
}

async fn register(world: &World, metadata: &Value) -> Answer {
    ask(world, "POST", "/register", None, Some(metadata)).await
}

fn plain() -> Value {
    json!({"client_name": "Budget", "redirect_uris": ["https://budget.example/callback"],
        "grant_types": ["authorization_code", "refresh_token"]})
}

#[track_caller]
fn done(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
}

#[track_caller]
fn refused(answer: &Answer, error: &str, words: &str) {
    assert_eq!((answer.status, answer.text("error").as_str()), (400, error), "{answer:?}");
    assert!(answer.text("error_description").contains(words), "{answer:?}");
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
}

#[track_caller]
fn foreign(answer: &Answer) {
    assert_eq!((answer.status, answer.text("error").as_str()), (401, "invalid_token"), "{answer:?}");
    assert!(answer.headers[header::WWW_AUTHENTICATE].to_str().expect("text").contains("error=\"invalid_token\""), "{answer:?}");
}

/// A portal as it was just registered. Its name lives as long as the test.
fn portal(world: &World, registered: &Answer) -> Portal {
    let secret = registered.json["client_secret"].as_str().map(str::to_owned);
    Portal::new(world, registered.text("client_id").leak(), secret, "https://budget.example")
}

/// Back at the portal, with the person's consent where it is asked for.
async fn consenting(browser: &mut Browser) {
    if browser.page.url.contains("/ui/consent/") {
        let [session, shown] = ["session", "shown"].map(|name| browser.page.value(name).expect("a hidden field"));
        browser.submit(&[("session", &session), ("shown", &shown), ("action", "allow")]).await;
    }
}

/// Says what it is told, as a sector's host.
async fn sector_host(listed: Value) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let answer = move || async move { axum::Json(listed) };
    let routes = axum::Router::new().route("/all.json", axum::routing::get(answer));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    format!("http://127.0.0.1:{port}/all.json")
}

flows! {
    async fn a_client_lives_from_its_registration_to_its_removal_and_no_longer(world) {
        opened(world, &json!({"open": true})).await;
        let metadata = world.one_e().get("/.well-known/openid-configuration").await.json;
        assert_eq!(metadata["registration_endpoint"], format!("{}/register", world.issuer));
        let registered = register(world, &plain()).await;
        done(&registered, 201);
        assert_eq!(registered.json["client_secret_expires_at"], 0);
        assert_eq!(registered.json["client_id_issued_at"], world.clock.now().secs());
        let (client_id, token) = (registered.text("client_id"), registered.text("registration_access_token"));
        assert_eq!(registered.text("registration_client_uri"), format!("{}/register/{client_id}", world.issuer));
        let own = format!("/register/{client_id}");

        let budget = portal(world, &registered);
        let flex = world.flex().await;
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        browser.sign_in_by_sms(world, &marie, &budget).await;
        consenting(&mut browser).await;
        let tokens = budget.tokens_from(&browser.page).await;
        assert_eq!(budget.userinfo(&tokens.text("access_token")).await.status, 200);
        assert_eq!(budget.refresh(&tokens.text("refresh_token")).await.status, 200);

        let seen = ask(world, "GET", &own, Some(&token), None).await;
        done(&seen, 200);
        assert_eq!((seen.text("client_name"), seen.text("registration_access_token")), ("Budget".into(), token.clone()));
        assert!(seen.json.get("client_secret").is_none(), "it is kept as a digest only");
        let mut update = plain();
        update["client_id"] = client_id.as_str().into();
        update["client_secret"] = budget.secret.clone().into();
        update["client_name"] = "Budget Suisse".into();
        update["redirect_uris"] = json!(["https://budget.example/callback", "https://budget.example/second"]);
        let updated = ask(world, "PUT", &own, Some(&token), Some(&update)).await;
        done(&updated, 200);
        assert_eq!(updated.json["redirect_uris"].as_array().map(Vec::len), Some(2), "{updated:?}");
        browser.visit(&budget.sign_in_with(&[("redirect_uri", "https://budget.example/second")])).await;
        consenting(&mut browser).await;
        assert!(browser.page.url.starts_with("https://budget.example/second?code="), "at once: {}", browser.page.url);
        assert_eq!(budget.refresh(&tokens.text("refresh_token")).await.status, 200, "the secret stayed");

        browser.visit(&budget.sign_in()).await;
        consenting(&mut browser).await;
        let code = budget.code_from(&browser.page);
        let mut waiting = world.browser();
        waiting.visit(&budget.sign_in()).await;
        let login = waiting.page.url.clone();
        let removed = ask(world, "DELETE", &own, Some(&token), None).await;
        done(&removed, 204);
        assert_eq!(world.events("client.removed").await, 1);
        assert_eq!(budget.redeem(&code).await.text("error"), "invalid_client");
        assert_eq!(budget.refresh(&tokens.text("refresh_token")).await.text("error"), "invalid_client");
        assert_eq!(budget.userinfo(&tokens.text("access_token")).await.status, 401);
        for method in ["GET", "PUT", "DELETE"] {
            foreign(&ask(world, method, &own, Some(&token), Some(&update)).await);
        }
        browser.visit(&budget.sign_in()).await;
        assert_eq!(browser.page.status, 400, "{}", browser.page.text());
        waiting.visit(&login).await;
        assert!(waiting.page.status < 500, "{}", waiting.page.text());
        assert!(!world.manage().clients(SLUG).await.expect("clients").iter().any(|listed| listed.client.client_id == client_id));
    }

    async fn rfc7592_2_only_its_own_token_manages_a_client(world) {
        opened(world, &json!({"open": true})).await;
        let (one, other) = (register(world, &plain()).await, register(world, &plain()).await);
        let (one_id, token) = (one.text("client_id"), one.text("registration_access_token"));
        let of_other = format!("/register/{}", other.text("client_id"));
        let secret = one.text("client_secret");
        let access = Some(token.as_str());
        for method in ["GET", "PUT", "DELETE"] {
            foreign(&ask(world, method, &of_other, access, Some(&plain())).await);
            foreign(&ask(world, method, "/register/nobody", access, Some(&plain())).await);
            foreign(&ask(world, method, "/register/lindenhof-flex", access, Some(&plain())).await);
            foreign(&ask(world, method, &format!("/register/{one_id}"), Some(&secret), Some(&plain())).await);
            let without = ask(world, method, &of_other, None, Some(&plain())).await;
            assert!(without.status == 401 && without.headers.contains_key(header::WWW_AUTHENTICATE), "{without:?}");
        }
        let own = format!("/register/{one_id}");
        for (change, words) in [
            (json!({"client_id": other.text("client_id")}), "client_id is not"),
            (json!({"client_secret": "another"}), "client_secret is not"),
            (json!({"registration_access_token": token}), "registration_access_token must not"),
        ] {
            let mut update = plain();
            change.as_object().expect("an object").iter().for_each(|(name, value)| update[name] = value.clone());
            refused(&ask(world, "PUT", &own, access, Some(&update)).await, "invalid_client_metadata", words);
        }
        assert_eq!(ask(world, "PATCH", &own, access, None).await.status, 405);
        // What an update leaves out is gone (section 2.2), and one that needs another secret gets it.
        let public = json!({"redirect_uris": ["https://budget.example/callback"], "token_endpoint_auth_method": "none"});
        let updated = ask(world, "PUT", &own, access, Some(&public)).await;
        done(&updated, 200);
        assert_eq!(updated.json["grant_types"], json!(["authorization_code"]));
        assert!(updated.json.get("client_secret").is_none() && updated.json.get("client_secret_expires_at").is_none());
        let jwt = json!({"redirect_uris": ["https://budget.example/callback"], "token_endpoint_auth_method": "client_secret_jwt"});
        let again = ask(world, "PUT", &own, access, Some(&jwt)).await;
        assert!(again.json["client_secret"].is_string() && again.text("client_secret") != secret, "{again:?}");
    }

    async fn a_realm_that_is_closed_lets_nobody_register(world) {
        let answer = register(world, &plain()).await;
        assert_eq!(answer.status, 404, "{answer:?}");
        let metadata = world.one_e().get("/.well-known/openid-configuration").await.json;
        assert!(metadata.get("registration_endpoint").is_none());
        assert!(world.manage().invite_client(SLUG, "Budget", 1, Duration::from_secs(60)).await.is_err());
        opened(world, &json!({})).await;
        let without = register(world, &plain()).await;
        assert_eq!(without.status, 401, "{without:?}");
        assert!(without.headers[header::WWW_AUTHENTICATE].to_str().expect("text").starts_with("Bearer realm="));
        foreign(&ask(world, "POST", "/register", Some("nonsense"), Some(&plain())).await);
        let invited = world.manage().invite_client(SLUG, "Budget", 2, Duration::from_secs(600)).await.expect("a token");
        let token = Some(invited.token.expose());
        refused(&ask(world, "POST", "/register", token, Some(&json!({}))).await, "invalid_redirect_uri", "redirect_uris");
        done(&ask(world, "POST", "/register", token, Some(&plain())).await, 201);
        let wrong = format!("{}.{}", invited.id, "x".repeat(43));
        foreign(&ask(world, "POST", "/register", Some(&wrong), Some(&plain())).await);
        world.wait(601);
        foreign(&ask(world, "POST", "/register", token, Some(&plain())).await);
        let invited = world.manage().invite_client(SLUG, "Budget", 2, Duration::from_secs(600)).await.expect("a token");
        world.manage().revoke_client_invitation(SLUG, &invited.id.to_string()).await.expect("it is taken back");
        foreign(&ask(world, "POST", "/register", Some(invited.token.expose()), Some(&plain())).await);
        let states: Vec<&str> = world.manage().client_invitations(SLUG).await.expect("a list").iter().map(|one| one.state.as_str()).collect();
        assert_eq!(states, ["revoked", "expired"]);
    }

    async fn rfc7591_1_2_one_initial_access_token_registers_as_many_clients_as_it_says(world) {
        opened(world, &json!({"per_token": 0})).await;
        let invited = world.manage().invite_client(SLUG, "Budget", 3, Duration::from_secs(600)).await.expect("a token");
        let mut rivals = JoinSet::new();
        let path = format!("{}/register", url::Url::parse(&world.issuer).expect("an issuer").path());
        for _ in 0..30 {
            let request = Request::post(&path).header(header::HOST, "localhost:8080").header(header::CONTENT_TYPE, "application/json");
            let request = request.header(header::AUTHORIZATION, format!("Bearer {}", invited.token.expose()));
            let (sender, request) = (world.one_e(), request.body(Body::from(plain().to_string())).expect("a request"));
            rivals.spawn(async move { sender.send(request).await.status });
        }
        let answers = rivals.join_all().await;
        assert_eq!(answers.iter().filter(|status| **status == 201).count(), 3, "{answers:?}");
        assert!(answers.iter().all(|status| [201, 401].contains(status)), "{answers:?}");
        assert_eq!(world.manage().client_invitations(SLUG).await.expect("a list")[0].uses_left, 0);
    }

    async fn a_realm_counts_registrations(world) {
        opened(world, &json!({"per_token": 2, "most_clients": 3})).await;
        let invited = world.manage().invite_client(SLUG, "Budget", 50, Duration::from_secs(9_000)).await.expect("a token");
        let token = Some(invited.token.expose());
        for _ in 0..2 {
            done(&ask(world, "POST", "/register", token, Some(&plain())).await, 201);
        }
        let waits = ask(world, "POST", "/register", token, Some(&plain())).await;
        assert_eq!((waits.status, waits.text("error").as_str()), (429, "temporarily_unavailable"), "{waits:?}");
        assert_eq!(waits.headers[header::RETRY_AFTER], "3600");
        world.wait(3_601);
        done(&ask(world, "POST", "/register", token, Some(&plain())).await, 201);
        assert_eq!(ask(world, "POST", "/register", token, Some(&plain())).await.status, 503, "there are three");
        assert_eq!(world.manage().client_invitations(SLUG).await.expect("a list")[0].uses_left, 47, "what is refused costs no use");
    }

    async fn core_4_a_sign_in_begins_at_the_fund_where_the_client_says_so(world) {
        opened(world, &json!({"open": true})).await;
        let mut with_login = plain();
        with_login["initiate_login_uri"] = "https://budget.example/login?from=fund".into();
        with_login["client_uri"] = "https://budget.example/".into();
        let client_id = register(world, &with_login).await.text("client_id");
        let mut browser = world.browser();
        browser.visit(&format!("{}/", world.issuer)).await.hides("Budget");
        browser.visit(&format!("{}/?client_id={client_id}", world.issuer)).await.says("Budget").says("qui n'est pas de nous");
        let link = browser.page.link("initiate-login").expect("a link");
        let link = url::Url::parse(&link).expect("an address");
        let told: Vec<(String, String)> = link.query_pairs().into_owned().collect();
        let expected = [("from", "fund"), ("iss", world.issuer.as_str()), ("target_link_uri", "https://budget.example/")];
        assert_eq!(told, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let plain_one = register(world, &plain()).await.text("client_id");
        browser.visit(&format!("{}/?client_id={plain_one}", world.issuer)).await.hides("Budget");
    }

    async fn what_a_client_says_of_itself_makes_it_nobody_elses(world) {
        opened(world, &json!({"open": true})).await;
        let mut greedy = plain();
        for (name, value) in [
            ("client_id", json!("lindenhof-flex")), ("client_secret", json!("mine")), ("first_party", json!(true)), ("origin", json!("document")),
            ("populations", json!(["insured"])), ("serves_resources", json!(["https://api.example"])), ("sector", json!("lindenhof-flex")),
            ("require_pkce", json!(false)), ("access_token_seconds", json!(9_999_999)), ("scope", json!("openid poterne email")),
        ] {
            greedy[name] = value;
        }
        let registered = register(world, &greedy).await;
        done(&registered, 201);
        let client_id = registered.text("client_id");
        assert!(client_id != "lindenhof-flex" && registered.text("client_secret") != "mine");
        assert_eq!(registered.text("scope"), "openid email");
        let clients = world.manage().clients(SLUG).await.expect("clients");
        let own = clients.iter().find(|listed| listed.client.client_id == client_id).expect("the client");
        assert_eq!(own.origin, "registration");
        let client = &own.client;
        assert!(!client.first_party && client.populations.is_empty() && client.serves_resources.is_empty() && client.require_pkce);
        assert!(client.sector.is_none() && client.access_token_seconds.is_none());
        // The operator's document neither knows it nor takes it away; the operator's command does.
        world.manage().apply_realm(world.document()).await.expect("it is applied");
        assert!(world.manage().client(SLUG, &client_id).await.is_ok());
        assert!(!world.manage().document(SLUG).await.expect("a realm").expect("a realm").clients.iter().any(|one| one.client_id == client_id));
        world.manage().remove_client(SLUG, &client_id).await.expect("it is removed");
        foreign(&ask(world, "GET", &format!("/register/{client_id}"), Some(&registered.text("registration_access_token")), None).await);
    }

    async fn rfc7591_3_2_1_a_secret_ends_when_the_realm_says_so(world) {
        opened(world, &json!({"open": true, "secret_days": 1, "grant_types": ["client_credentials"], "response_types": []})).await;
        let service = json!({"grant_types": ["client_credentials"], "client_name": "Wages"});
        let registered = register(world, &service).await;
        done(&registered, 201);
        assert_eq!(registered.json["client_secret_expires_at"], world.clock.now().secs() + 86_400);
        let wages = portal(world, &registered);
        let fields = [("grant_type", "client_credentials")];
        assert_eq!(wages.token(&fields).await.status, 200);
        world.wait(86_401);
        assert_eq!(wages.token(&fields).await.text("error"), "invalid_client");
        let own = format!("/register/{}", wages.client_id);
        let renewed = ask(world, "PUT", &own, Some(&registered.text("registration_access_token")), Some(&service)).await;
        done(&renewed, 200);
        let wages = portal(world, &renewed);
        assert_eq!(wages.token(&fields).await.status, 200, "an update brings a new one");
    }

    async fn core_8_1_the_sectors_document_is_fetched_and_must_list_every_redirect_uri(world) {
        opened(world, &json!({"open": true, "loopback": true})).await;
        let outbound = Outbound::new(vec!["127.0.0.0/8".parse().expect("a network")], None).expect("a client");
        world.routes = world.beside_with(|idp| idp.outbound(outbound)).await.2;
        let uris = json!(["https://one.example/cb", "https://two.example/cb"]);
        let with = |sector: &str| json!({"redirect_uris": uris, "sector_identifier_uri": sector});
        refused(&register(world, &json!({"redirect_uris": uris})).await, "invalid_client_metadata", "sector_identifier_uri");
        let right = sector_host(json!(["https://two.example/cb", "https://three.example/cb", "https://one.example/cb"])).await;
        let registered = register(world, &with(&right)).await;
        done(&registered, 201);
        assert_eq!(registered.text("sector_identifier_uri"), right);
        for (said, words) in [(json!(["https://one.example/cb"]), "does not list"), (json!({"a": 1}), "JSON array")] {
            let wrong = sector_host(said).await;
            refused(&register(world, &with(&wrong)).await, "invalid_client_metadata", words);
            let own = format!("/register/{}", registered.text("client_id"));
            let update = ask(world, "PUT", &own, Some(&registered.text("registration_access_token")), Some(&with(&wrong))).await;
            refused(&update, "invalid_client_metadata", words);
        }
        refused(&register(world, &with("http://127.0.0.1:9/all.json")).await, "invalid_client_metadata", "JSON array");
    }

    async fn rfc7591_3_1_what_is_no_registration_is_refused_in_its_own_words(world) {
        opened(world, &json!({"open": true})).await;
        let path = format!("{}/register", url::Url::parse(&world.issuer).expect("an issuer").path());
        let send = async |kind: &str, body: String| {
            let request = Request::post(&path).header(header::HOST, "localhost:8080").header(header::CONTENT_TYPE, kind);
            world.one_e().send(request.body(Body::from(body)).expect("a request")).await
        };
        for (kind, body) in [("application/json", "[]"), ("application/json", "{"), ("application/x-www-form-urlencoded", "a=b"), ("text/plain", "{}")] {
            refused(&send(kind, body.to_owned()).await, "invalid_client_metadata", "the body is not");
        }
        let nested = format!("{{\"jwks\": {}{}}}", "[".repeat(30_000), "]".repeat(30_000));
        refused(&send("application/json", nested).await, "invalid_client_metadata", "the body is not");
        assert_eq!(send("application/json", format!("{{\"client_name\": \"{}\"}}", "x".repeat(100_000))).await.status, 413);
        assert_eq!(ask(world, "GET", "/register", None, None).await.status, 405);
        done(&send("application/json; charset=utf-8", plain().to_string()).await, 201);
    }
}
