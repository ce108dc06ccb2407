//! Introspection, revocation, opaque tokens and resources as clients meet them, and that nothing outlives its grant.

use crate::access::session;
use crate::entropy::Entropy;
use crate::manage::Decision;
use crate::oidc::tests::{Answer, Browser, ISSUER, World, claims, encoded, quick};
use crate::settings::RealmDocument;
use axum::http::header;
use poterne_protocol::client::AccessTokenFormat;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::Duration;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const API: &str = "https://api.example/v1";
const FILES: &str = "urn:example:files";
/// Tokens for the API and for userinfo.
const BOTH: [(&str, &str); 2] = [("resource", API), ("resource", ISSUER)];

/// «api» is a resource server, «job» a service with opaque tokens, «batch» one with signed ones.
const SERVICES: &str = r#"
[[client]]
client_id = "api"
client_name = "Resource server"
grant_types = ["client_credentials"]
scope = "api.read"
serves_resources = ["https://api.example/v1"]

[[client]]
client_id = "job"
client_name = "Service"
grant_types = ["client_credentials"]
scope = "api.read api.write"
access_token_format = "opaque"
resources = ["https://api.example/v1"]

[[client]]
client_id = "batch"
client_name = "Another service"
grant_types = ["client_credentials"]
scope = "api.read"
"#;

struct Services {
    world: World,
    secrets: HashMap<&'static str, String>,
}

impl Services {
    async fn everywhere() -> Vec<Self> {
        let mut all = Vec::new();
        for world in World::everywhere().await {
            all.push(Self::on(world).await);
        }
        all
    }

    async fn on(world: World) -> Self {
        let document = world.manage().document("lindenhof").await.unwrap().unwrap();
        let mut document: RealmDocument = toml::from_str(&format!("{}\n{SERVICES}", document.to_toml().unwrap())).unwrap();
        for client in document.clients.iter_mut().filter(|client| !client.is_service()) {
            client.resources = vec![API.to_owned(), FILES.to_owned(), ISSUER.to_owned()];
        }
        world.manage().apply_realm(document).await.unwrap();
        let mut secrets = HashMap::from([("flex", world.secret.expose().to_owned())]);
        for client in ["api", "job", "batch"] {
            let secret = world.manage().rotate_client_secret("lindenhof", client).await.unwrap();
            secrets.insert(client, secret.expose().to_owned());
        }
        Self { world, secrets }
    }

    async fn opaque(self) -> Self {
        let mut document = self.world.manage().document("lindenhof").await.unwrap().unwrap();
        for client in &mut document.clients {
            client.access_token_format = AccessTokenFormat::Opaque;
        }
        self.world.manage().apply_realm(document).await.unwrap();
        self
    }

    /// A post of this client, which proves who it is if it can.
    async fn post(&self, path: &str, client: &str, form: &[(&str, &str)]) -> Answer {
        match self.secrets.get(client) {
            Some(secret) => {
                let basic = World::basic(client, secret);
                self.world.ask("POST", path, &[FORM, ("authorization", &basic)], &encoded(form)).await
            }
            None => self.world.ask("POST", path, &[FORM], &encoded(&[form, &[("client_id", client)]].concat())).await,
        }
    }

    async fn introspect(&self, client: &str, token: &str) -> Value {
        let answer = self.post("/introspect", client, &[("token", token)]).await;
        assert_eq!((answer.status.as_u16(), answer.header(&header::CACHE_CONTROL)), (200, "no-store"), "{}", answer.body);
        answer.json()
    }

    async fn is_active(&self, client: &str, token: &str) -> bool {
        let told = self.introspect(client, token).await;
        if told["active"] != true {
            assert_eq!(told, json!({"active": false}), "not a word more");
        }
        told["active"] == true
    }

    async fn revoke(&self, client: &str, token: &str) -> Answer {
        self.post("/revoke", client, &[("token", token)]).await
    }

    async fn own_token(&self, client: &str, form: &[(&str, &str)]) -> Value {
        let answer = self.post("/token", client, &[&[("grant_type", "client_credentials")], form].concat()).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    async fn signed_in(&self, name: &str) -> Browser {
        let person = self.world.person(name).await;
        self.world.signed_in(person).await
    }
}

fn text<'a>(tokens: &'a Value, name: &str) -> &'a str {
    tokens[name].as_str().unwrap_or_else(|| panic!("no {name} in {tokens}"))
}

#[tokio::test]
async fn rfc7662_2_2_the_client_and_the_resource_are_told_what_the_token_says_and_nobody_else_anything() {
    for services in Services::everywhere().await {
        told_to_whom_it_concerns(&services).await;
        told_to_whom_it_concerns(&services.opaque().await).await;
    }
}

async fn told_to_whom_it_concerns(services: &Services) {
    let name = format!("Marie{}", services.world.events().await.len());
    let mut browser = services.signed_in(&name).await;
    let tokens = services.world.tokens(&mut browser, "flex", &BOTH).await;
    let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    let sub = claims(text(&tokens, "id_token"))["sub"].clone();
    let now = services.world.now().secs();
    for asking in ["flex", "api"] {
        let told = services.introspect(asking, access).await;
        for (claim, value) in [
            ("active", json!(true)),
            ("token_type", json!("Bearer")),
            ("scope", json!("openid email profile")),
            ("client_id", json!("flex")),
            ("sub", sub.clone()),
            ("iss", json!(ISSUER)),
            ("aud", json!([API, ISSUER])),
            ("exp", json!(now + 300)),
            ("iat", json!(now)),
            ("auth_time", json!(now)),
            ("acr", json!("urn:poterne:level:multi")),
            ("amr", json!(["pwd", "sms", "mfa"])),
        ] {
            assert_eq!(told[claim], value, "{claim} for {asking}: {told}");
        }
        assert!(told["jti"].is_string() && told.get("username").is_none(), "{told}");
        if access.split('.').count() == 3 {
            let mut said = claims(access);
            said.as_object_mut().unwrap().extend([("active".into(), json!(true)), ("token_type".into(), json!("Bearer"))]);
            assert_eq!(told, said, "a signed token says the same");
        }
    }
    let told = services.introspect("flex", refresh).await;
    assert_eq!((&told["active"], &told["sub"], &told["client_id"]), (&json!(true), &sub, &json!("flex")));
    assert!(told.get("token_type").is_none() && told["exp"].as_i64() > Some(now + 300), "{told}");
    // B2 line 23: B introspects A's token.
    assert!(!services.is_active("job", access).await && !services.is_active("job", refresh).await);
    assert!(!services.is_active("api", refresh).await, "a refresh token is its client's alone");
    for token in [text(&tokens, "id_token"), "x", "a.b", "a.b.c", &format!("{access}x"), &refresh[..refresh.len() - 1]] {
        assert!(!services.is_active("flex", token).await, "{token}");
    }
    for hint in ["access_token", "refresh_token", "pencil"] {
        for token in [access, refresh] {
            let told = services.post("/introspect", "flex", &[("token", token), ("token_type_hint", hint)]).await;
            assert_eq!(told.json()["active"], true, "a hint is only a hint: {hint}");
        }
    }
    let other = services.world.tokens(&mut browser, "flex", &[]).await;
    assert!(!services.is_active("api", text(&other, "access_token")).await, "it is not for the API");
}

#[tokio::test]
async fn rfc7662_2_1_who_asks_wrongly_is_told_how() {
    let services = Services::on(World::new().await).await;
    let mut browser = services.signed_in("Marie").await;
    let tokens = services.world.tokens(&mut browser, "app", &[]).await;
    let access = text(&tokens, "access_token");
    for path in ["/introspect", "/revoke"] {
        let wrong = World::basic("flex", "wrong");
        let form = encoded(&[("token", access)]);
        let refused = services.world.ask("POST", path, &[FORM, ("authorization", &wrong)], &form).await;
        assert_eq!(refused.error(), (401, "invalid_client".into()), "{path}");
        assert!(refused.headers.contains_key("www-authenticate"));
        assert_eq!(services.post(path, "nobody", &[("token", access)]).await.error(), (400, "invalid_client".into()), "{path}");
        for form in [vec![], vec![("token", "")], vec![("token", "a"), ("token", "b")]] {
            assert_eq!(services.post(path, "flex", &form).await.error(), (400, "invalid_request".into()), "{path} {form:?}");
        }
        for method in ["GET", "PUT", "DELETE", "HEAD"] {
            let answer = services.world.ask(method, &format!("{path}?token={access}"), &[], "").await;
            assert_eq!((answer.status.as_u16(), answer.header(&header::ALLOW)), (405, "POST"), "{method} {path}");
        }
        let json = services.world.ask("POST", path, &[("content-type", "application/json")], "{}").await;
        assert_eq!(json.error(), (400, "invalid_request".into()), "{path}");
    }
    let public = services.post("/introspect", "app", &[("token", access)]).await;
    assert_eq!(public.error(), (400, "invalid_client".into()), "its own token even: it proves nothing");
    assert_eq!(services.world.userinfo(access).await.status, 200, "nothing was changed by asking");
}

#[tokio::test]
async fn b2_25_what_has_ended_is_inactive_at_once() {
    for services in Services::everywhere().await {
        ends(&services, &["session", "sessions", "suspended"]).await;
        ends(&services.opaque().await, &["session", "suspended", "client"]).await;
    }
}

async fn ends(services: &Services, ways: &[&str]) {
    let world = &services.world;
    let name = format!("Marie{}", world.events().await.len());
    let marie = world.person(&name).await;
    for end in ways {
        let mut browser = Browser::default();
        let session = world.sign_in(&mut browser, marie).await;
        let tokens = world.tokens(&mut browser, "flex", &BOTH).await;
        let (access, refresh) = (text(&tokens, "access_token").to_owned(), text(&tokens, "refresh_token").to_owned());
        assert!(services.is_active("api", &access).await && services.is_active("flex", &refresh).await, "{end}");
        let (now, mut without) = (world.now(), world.manage().document("lindenhof").await.unwrap().unwrap());
        match *end {
            "session" => assert!(world.write(move |tx| session::end(tx, session, now)).await),
            "suspended" => drop(world.manage().decide_account("lindenhof", &name, Decision::Suspend, "test").await.unwrap()),
            "sessions" => assert!(world.write(move |tx| session::end_all(tx, marie, None, now)).await > 0),
            _ => {
                without.clients.retain(|client| client.client_id != "flex");
                world.manage().apply_realm(without).await.unwrap();
            }
        }
        assert!(!services.is_active("api", &access).await, "{end}");
        assert_eq!(world.userinfo(&access).await.status, 401, "{end}");
        if *end == "client" {
            let answer = services.post("/introspect", "flex", &[("token", &access)]).await;
            assert_eq!(answer.error(), (401, "invalid_client".into()));
            return;
        }
        assert!(!services.is_active("flex", &access).await && !services.is_active("flex", &refresh).await, "{end}");
        assert_eq!(world.refresh("flex", &refresh).await.error(), (400, "invalid_grant".into()), "{end}");
        if *end == "suspended" {
            world.manage().decide_account("lindenhof", &name, Decision::Reactivate, "test").await.unwrap();
            assert!(!services.is_active("api", &access).await, "it does not come back with the account");
        }
        world.advance(Duration::from_secs(1)).await;
    }
}

#[tokio::test]
async fn rfc7009_2_1_a_client_gives_its_own_tokens_back_and_the_grant_ends() {
    for services in Services::everywhere().await {
        gives_back(&services).await;
        gives_back(&services.opaque().await).await;
    }
}

async fn gives_back(services: &Services) {
    let name = format!("Marie{}", services.world.events().await.len());
    let mut browser = services.signed_in(&name).await;
    for client in ["flex", "app"] {
        for given in ["access_token", "refresh_token"] {
            let tokens = services.world.tokens(&mut browser, client, &BOTH).await;
            let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
            let foreign = services.revoke("job", tokens[given].as_str().unwrap()).await;
            assert_eq!(foreign.error(), (400, "invalid_grant".into()), "it is not theirs");
            assert!(services.is_active("api", access).await, "and nothing changed");
            for _ in 0..2 {
                let answer = services.revoke(client, tokens[given].as_str().unwrap()).await;
                let told = (answer.status.as_u16(), answer.body.as_str(), answer.header(&header::CACHE_CONTROL));
                assert_eq!(told, (200, "", "no-store"), "{client} {given}");
            }
            assert!(!services.is_active("api", access).await, "{client} {given}");
            assert_eq!(services.world.userinfo(access).await.status, 401);
            assert_eq!(services.world.refresh(client, refresh).await.error(), (400, "invalid_grant".into()));
        }
    }
    let before = services.world.events().await;
    let ended = before.iter().filter(|kind| *kind == "grant.revoked").count();
    assert!(ended.is_multiple_of(4) && ended > 0, "each once: {before:?}");
    for unknown in ["x", "a.b", "a.b.c", &format!("AAAAAAAAAAAAAAAAAAAAAA.{}", "A".repeat(43))] {
        assert_eq!(services.revoke("flex", unknown).await.status, 200, "{unknown}");
    }
    assert_eq!(services.world.events().await, before, "an unknown token changes nothing");
}

#[tokio::test]
async fn rfc7009_2_1_a_token_without_a_grant_ends_alone() {
    for services in Services::everywhere().await {
        for client in ["job", "batch"] {
            let [one, other] = [services.own_token(client, &[]).await, services.own_token(client, &[]).await];
            let (one, other) = (text(&one, "access_token"), text(&other, "access_token"));
            assert!(services.is_active(client, one).await, "{client}");
            let told = services.introspect(client, one).await;
            assert_eq!((&told["sub"], &told["aud"]), (&json!(client), &json!(ISSUER)));
            assert!(told.get("auth_time").is_none(), "{told}");
            let foreign = services.revoke("flex", one).await;
            assert_eq!(foreign.error(), (400, "invalid_grant".into()));
            for _ in 0..2 {
                assert_eq!(services.revoke(client, one).await.status, 200);
            }
            assert!(!services.is_active(client, one).await && services.is_active(client, other).await, "{client}");
            assert_eq!(services.world.userinfo(other).await.error(), (401, "invalid_token".into()), "no person is behind it");
        }
        let events = services.world.events().await;
        assert_eq!(events.iter().filter(|kind| *kind == "access_token.revoked").count(), 2, "{events:?}");
    }
}

#[tokio::test]
async fn an_opaque_token_is_a_name_with_a_secret_and_its_time() {
    for services in Services::everywhere().await {
        let services = services.opaque().await;
        let world = &services.world;
        let mut document = world.manage().document("lindenhof").await.unwrap().unwrap();
        for client in &mut document.clients {
            (client.access_token_seconds, client.refresh_token_seconds) = (Some(60), Some(90));
        }
        world.manage().apply_realm(document).await.unwrap();
        let mut browser = services.signed_in("Marie").await;
        let tokens = world.tokens(&mut browser, "flex", &[]).await;
        let access = text(&tokens, "access_token");
        assert_eq!((access.split('.').count(), &tokens["expires_in"]), (2, &json!(60)), "{tokens}");
        let by_header = world.userinfo(access).await;
        let by_body = world.ask("POST", "/userinfo", &[FORM], &encoded(&[("access_token", access)])).await;
        assert_eq!((by_header.status.as_u16(), by_header.json()), (200, by_body.json()));
        let (id, secret) = access.split_once('.').unwrap();
        let forged = format!("{id}.{}", secret.chars().rev().collect::<String>());
        assert_eq!(world.userinfo(&forged).await.error(), (401, "invalid_token".into()));
        let refreshed = world.refresh("flex", text(&tokens, "refresh_token")).await.json();
        let fresh = text(&refreshed, "access_token");
        assert!(fresh != access && world.userinfo(fresh).await.status == 200);
        world.advance(Duration::from_secs(60)).await;
        assert_eq!(world.userinfo(access).await.error(), (401, "invalid_token".into()), "its time is over");
        assert!(!services.is_active("flex", fresh).await);
        assert!(services.is_active("flex", text(&tokens, "refresh_token")).await);
        world.advance(Duration::from_secs(30)).await;
        assert!(!services.is_active("flex", text(&tokens, "refresh_token")).await);
        let late = world.refresh("flex", text(&tokens, "refresh_token")).await;
        assert_eq!(late.error(), (400, "invalid_grant".into()), "nor does a refresh token live longer than registered");
    }
}

#[tokio::test]
async fn b2_15_a_code_used_twice_ends_what_came_of_it_opaque_or_not() {
    for services in Services::everywhere().await {
        let services = services.opaque().await;
        let mut browser = services.signed_in("Marie").await;
        let code = services.world.code(&mut browser, "flex", &BOTH).await;
        let tokens = services.world.redeem("flex", &code).await.json();
        assert!(services.is_active("api", text(&tokens, "access_token")).await);
        assert_eq!(services.world.redeem("flex", &code).await.error(), (400, "invalid_grant".into()));
        assert!(!services.is_active("api", text(&tokens, "access_token")).await);
        assert!(!services.is_active("flex", text(&tokens, "refresh_token")).await);
    }
}

#[tokio::test]
async fn rfc8707_2_a_token_is_for_the_resources_that_were_asked_for() {
    for services in Services::everywhere().await {
        resources(&services).await;
    }
}

async fn resources(services: &Services) {
    let world = &services.world;
    let mut browser = services.signed_in("Marie").await;
    for bad in ["https://other.example", "api", "https://api.example/v1#x"] {
        let answer = world.open(&mut browser, &format!("/authorize?{}", World::request("flex", &[("resource", bad)]))).await;
        assert_eq!(
            (answer.param("error").as_deref(), answer.param("state").as_deref()),
            (Some("invalid_target"), Some("st")),
            "{bad}"
        );
    }
    let aud = |tokens: &Value| claims(text(tokens, "access_token"))["aud"].clone();
    let plain = world.tokens(&mut browser, "flex", &[]).await;
    assert_eq!(aud(&plain), ISSUER);
    let one = world.tokens(&mut browser, "flex", &[("resource", API)]).await;
    assert_eq!(aud(&one), API);
    let refused = world.userinfo(text(&one, "access_token")).await;
    assert_eq!(refused.error(), (401, "invalid_token".into()), "a token for the API is not for userinfo");
    let many = world.tokens(&mut browser, "flex", &[("resource", API), ("resource", FILES), ("resource", ISSUER)]).await;
    assert_eq!(aud(&many), json!([API, FILES, ISSUER]));
    assert_eq!(world.userinfo(text(&many, "access_token")).await.status, 200);
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", text(&many, "refresh_token"))];
    let narrow = world.token("flex", &[&refresh[..], &[("resource", API)]].concat()).await.json();
    assert_eq!(aud(&narrow), API);
    let all_again = world.token("flex", &refresh).await.json();
    assert_eq!(aud(&all_again), json!([API, FILES, ISSUER]), "narrowing is for one token");
    let beyond = [("grant_type", "refresh_token"), ("refresh_token", text(&one, "refresh_token")), ("resource", FILES)];
    assert_eq!(world.token("flex", &beyond).await.error(), (400, "invalid_target".into()));
    let code = world.code(&mut browser, "flex", &[("resource", API)]).await;
    let form = |resource| {
        let back = crate::oidc::tests::FLEX_BACK;
        [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", back), ("resource", resource)]
    };
    let verifier = ("code_verifier", crate::oidc::tests::VERIFIER);
    let wrong = world.token("flex", &[&form(FILES)[..], &[verifier]].concat()).await;
    assert_eq!(wrong.error(), (400, "invalid_target".into()));
    assert_eq!(world.token("flex", &[&form(API)[..], &[verifier]].concat()).await.status, 200, "the code is not spent by that");
    let own = services.own_token("job", &[("resource", API), ("scope", "api.read")]).await;
    let told = services.introspect("api", text(&own, "access_token")).await;
    assert_eq!((&told["aud"], &told["scope"]), (&json!(API), &json!("api.read")));
    let own = services.post("/token", "job", &[("grant_type", "client_credentials"), ("resource", FILES)]).await;
    assert_eq!(own.error(), (400, "invalid_target".into()));
}

#[tokio::test]
async fn core_11_offline_access_survives_the_session_and_ends_with_the_grant_or_the_account() {
    for services in Services::everywhere().await {
        let world = &services.world;
        let marie = world.person("Marie").await;
        let mut browser = Browser::default();
        let session = world.sign_in(&mut browser, marie).await;
        let offline = [BOTH[0], BOTH[1], ("scope", "openid offline_access")];
        let [one, other] =
            [world.tokens(&mut browser, "flex", &offline).await, world.tokens(&mut browser, "flex", &offline).await];
        let now = world.now();
        assert!(world.write(move |tx| session::end(tx, session, now)).await);
        for tokens in [&one, &other] {
            assert!(services.is_active("api", text(tokens, "access_token")).await);
            assert_eq!(world.refresh("flex", text(tokens, "refresh_token")).await.status, 200);
        }
        assert_eq!(services.revoke("flex", text(&one, "refresh_token")).await.status, 200);
        assert_eq!(world.refresh("flex", text(&one, "refresh_token")).await.error(), (400, "invalid_grant".into()));
        assert_eq!(world.refresh("flex", text(&other, "refresh_token")).await.status, 200, "another grant");
        world.manage().decide_account("lindenhof", "Marie", Decision::Suspend, "test").await.unwrap();
        assert_eq!(world.refresh("flex", text(&other, "refresh_token")).await.error(), (400, "invalid_grant".into()));
        assert!(!services.is_active("api", text(&other, "access_token")).await);
    }
}

/// What an honest page with a bad line, and a thief beside it, may do with the refresh tokens of one grant, in any order.
#[tokio::test]
async fn no_sequence_of_requests_gives_two_successors_of_one_token_or_outlives_the_session() {
    for services in Services::everywhere().await {
        let mut refreshed = 0;
        for seed in 0..8 {
            refreshed += walk(&services, seed).await;
        }
        assert!(refreshed > 40, "the walks lead somewhere: {refreshed}");
    }
}

#[expect(clippy::too_many_lines, reason = "one step after the other, each with what it must show")]
async fn walk(services: &Services, seed: u64) -> usize {
    let (world, chance) = (&services.world, Entropy::seeded(seed));
    let person = world.person(&format!("Marie{seed}")).await;
    let mut browser = Browser::default();
    let session = world.sign_in(&mut browser, person).await;
    let first = world.tokens(&mut browser, "app", &BOTH).await;
    let mut known = vec![text(&first, "refresh_token").to_owned()];
    let mut access = vec![text(&first, "access_token").to_owned()];
    let mut successors: HashMap<String, String> = HashMap::new();
    let mut ended = false;
    let mut refreshed = 0;
    for _ in 0..24 {
        let pick = |from: &[String]| from[chance.below(u32::try_from(from.len()).unwrap()) as usize].clone();
        match chance.below(12) {
            0..=6 => {
                // The youngest most often, as honest pages do.
                let token = if chance.below(3) > 0 { known.last().cloned().unwrap() } else { pick(&known) };
                let answers = match chance.below(3) {
                    0 => {
                        let both = tokio::join!(world.refresh("app", &token), world.refresh("app", &token));
                        vec![both.0, both.1]
                    }
                    _ => vec![world.refresh("app", &token).await],
                };
                for answer in answers {
                    if answer.status != 200 {
                        // What was rotated and is refused was replayed: the family ends.
                        ended |= successors.contains_key(&token) && answer.status == 400;
                        continue;
                    }
                    assert!(!ended, "seed {seed}: nothing comes of what has ended");
                    let (tokens, next) = (answer.json(), answer.json()["refresh_token"].as_str().unwrap().to_owned());
                    let before = successors.insert(token.clone(), next.clone());
                    assert!(before.is_none_or(|before| before == next), "seed {seed}: two successors of one token");
                    access.push(text(&tokens, "access_token").to_owned());
                    if !known.contains(&next) {
                        known.push(next);
                    }
                    refreshed += 1;
                }
            }
            7..=9 => world.advance(Duration::from_secs([1, 9, 11, 20][chance.below(4) as usize])).await,
            10 if chance.below(4) == 0 => {
                assert_eq!(services.revoke("app", &pick(&known)).await.status, 200);
                ended = true;
            }
            _ if chance.below(8) == 0 => {
                let now = world.now();
                world.write(move |tx| session::end(tx, session, now)).await;
                ended = true;
            }
            _ => {}
        }
        if ended {
            assert!(!services.is_active("api", access.last().unwrap()).await, "seed {seed}");
        }
    }
    let now = world.now();
    world.write(move |tx| session::end(tx, session, now)).await;
    for token in &access {
        assert!(!services.is_active("api", token).await && world.userinfo(token).await.status == 401, "seed {seed}");
    }
    for token in &known {
        assert_eq!(world.refresh("app", token).await.error(), (400, "invalid_grant".into()), "seed {seed}");
    }
    refreshed
}

#[tokio::test]
async fn of_a_revocation_and_refreshes_at_once_nothing_is_left() {
    for services in Services::everywhere().await {
        let mut browser = services.signed_in("Marie").await;
        for client in ["flex", "app"] {
            for _ in 0..5 {
                let tokens = services.world.tokens(&mut browser, client, &BOTH).await;
                let refresh = text(&tokens, "refresh_token");
                let (one, gone, two, three) = tokio::join!(
                    services.world.refresh(client, refresh),
                    services.revoke(client, refresh),
                    services.world.refresh(client, refresh),
                    services.world.refresh(client, refresh),
                );
                assert_eq!(gone.status, 200, "{}", gone.body);
                for answer in [one, two, three].into_iter().filter(|answer| answer.status == 200) {
                    let tokens = answer.json();
                    assert!(!services.is_active("api", text(&tokens, "access_token")).await);
                    let next = tokens["refresh_token"].as_str().unwrap_or(refresh);
                    assert_eq!(services.world.refresh(client, next).await.error(), (400, "invalid_grant".into()));
                }
            }
        }
    }
}

#[tokio::test]
async fn bad_input_is_refused_quickly() {
    let services = Services::on(World::new().await).await;
    let long = |length: usize| "x".repeat(length);
    let [token, dots, jwt] = [long(12 * 1024), ".".repeat(8_000), format!("{0}.{0}.{0}", long(2_600))];
    let scope = "api.read ".repeat(900);
    let resource = format!("https://api.example/{}", long(7_000));
    for (path, form) in [
        ("/introspect", vec![("token", token.as_str())]),
        ("/introspect", vec![("token", dots.as_str())]),
        ("/introspect", vec![("token", jwt.as_str())]),
        ("/introspect", vec![("token", "a"), ("token_type_hint", token.as_str())]),
        ("/introspect", vec![("token", "' OR 1=1 --"), ("token_type_hint", "../../etc/passwd")]),
        ("/revoke", vec![("token", token.as_str())]),
        ("/revoke", vec![("token", dots.as_str())]),
        ("/revoke", vec![("token", jwt.as_str())]),
        ("/token", vec![("grant_type", "client_credentials"), ("scope", scope.as_str())]),
        ("/token", vec![("grant_type", "client_credentials"), ("resource", resource.as_str())]),
        ("/token", vec![("grant_type", "refresh_token"), ("refresh_token", token.as_str())]),
    ] {
        let what = format!("{path} {}", &form[0].1[..form[0].1.len().min(20)]);
        let answer = quick(&what, async || services.post(path, "job", &form).await).await;
        let told = answer.status.as_u16();
        assert!(told < 500 && !answer.body.contains(r#""active":true"#), "{path} {told} {}", answer.body);
    }
}
