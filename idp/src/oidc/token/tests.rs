//! The token endpoint and userinfo as portals meet them, and what happens when a hundred come at once.

use super::store::{Answer, Asking};
use crate::directory::client;
use crate::error::{Failure, Result};
use crate::oidc::tests::{Browser, FLEX_BACK, ISSUER, VERIFIER, World, claims, digest, encoded};
use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKeySet};
use openidconnect::{ClientId, IssuerUrl, Nonce};
use poterne_protocol::client::GrantType;
use poterne_protocol::secret::{Handle, Secret};
use poterne_protocol::token::{CodeRequest, RefreshRequest};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

async fn marie_at(world: &World) -> Browser {
    let marie = world.person("Marie").await;
    world.signed_in(marie).await
}

#[tokio::test]
async fn a_portal_reads_who_signed_in_and_how() {
    for world in World::everywhere().await {
        reads_who_signed_in(&world).await;
    }
}

async fn reads_who_signed_in(world: &World) {
    let mut browser = marie_at(world).await;
    let code = world.code(&mut browser, "flex", &[]).await;
    let answer = world.redeem("flex", &code).await;
    assert_eq!((answer.status.as_u16(), answer.header(&"cache-control".parse().unwrap())), (200, "no-store"));
    let tokens = answer.json();
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(300)));
    assert_eq!(tokens["scope"], "openid email profile");

    let jwks = world.ask("GET", "/jwks", &[], "").await;
    let keys: CoreJsonWebKeySet = serde_json::from_str(&jwks.body).unwrap();
    let issuer = IssuerUrl::new(ISSUER.into()).unwrap();
    let at = world.now().secs();
    let verifier = CoreIdTokenVerifier::new_public_client(ClientId::new("flex".into()), issuer, keys)
        .set_time_fn(move || chrono::DateTime::from_timestamp(at, 0).unwrap());
    let id_token: CoreIdToken = tokens["id_token"].as_str().unwrap().parse().unwrap();
    let read = id_token.claims(&verifier, &Nonce::new("n".into())).unwrap();
    let id = claims(tokens["id_token"].as_str().unwrap());
    assert_eq!((id["acr"].as_str(), &id["amr"]), (Some("urn:poterne:level:multi"), &json!(["pwd", "sms", "mfa"])));
    assert_eq!((id["auth_time"].as_i64(), id["aud"].as_str()), (Some(at), Some("flex")));
    assert!(id["sid"].is_string() && id.get("email").is_none() && id.get("at_hash").is_none());

    let access = claims(tokens["access_token"].as_str().unwrap());
    assert_eq!((access["aud"].as_str(), access["sub"].as_str()), (Some(ISSUER), Some(read.subject().as_str())));
    let person = world.userinfo(tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(
        person.json(),
        json!({"sub": read.subject().as_str(), "name": "Marie Favre", "given_name": "Marie", "family_name": "Favre",
            "locale": "fr", "email": "marie@mail.example", "email_verified": true})
    );
    assert_eq!(world.events().await, ["code.issued", "code.redeemed"]);
}

#[tokio::test]
async fn portals_of_different_sectors_know_the_same_person_by_different_names() {
    let world = World::new().await;
    let mut browser = marie_at(&world).await;
    let of = |tokens: serde_json::Value| claims(tokens["id_token"].as_str().unwrap());
    let (flex, again) = (of(world.tokens(&mut browser, "flex", &[]).await), of(world.tokens(&mut browser, "flex", &[]).await));
    let app = of(world.tokens(&mut browser, "app", &[]).await);
    assert_eq!((&flex["sub"], &flex["sid"]), (&again["sub"], &again["sid"]));
    assert!(flex["sub"] != app["sub"] && flex["sid"] != app["sid"]);
}

#[tokio::test]
async fn a_client_that_does_not_prove_who_it_is_gets_the_exact_error() {
    let world = World::new().await;
    let body = "grant_type=authorization_code&code=x";
    let (good, wrong) = (World::basic("flex", world.secret.expose()), World::basic("flex", "wrong"));
    let unknown = World::basic("nobody", "x");
    for (headers, body, status, code) in [
        (vec![FORM], body.to_owned(), 400, "invalid_client"),
        (vec![FORM], format!("{body}&client_id=nobody"), 400, "invalid_client"),
        (vec![FORM], format!("{body}&client_id=flex"), 400, "invalid_client"),
        (vec![FORM], format!("{body}&client_id=flex&client_secret=x"), 400, "invalid_client"),
        (vec![FORM, ("authorization", &wrong)], body.to_owned(), 401, "invalid_client"),
        (vec![FORM, ("authorization", &unknown)], body.to_owned(), 401, "invalid_client"),
        (vec![FORM, ("authorization", "Basic !")], body.to_owned(), 401, "invalid_client"),
        (vec![FORM, ("authorization", &good), ("authorization", &good)], body.to_owned(), 400, "invalid_request"),
        (vec![FORM, ("authorization", &good)], format!("{body}&code=y"), 400, "invalid_request"),
        (vec![FORM, ("authorization", &good)], "grant_type=password".to_owned(), 400, "unsupported_grant_type"),
        (vec![FORM, ("authorization", &good)], String::new(), 400, "invalid_request"),
        (vec![FORM, ("authorization", &good)], body.to_owned(), 400, "invalid_grant"),
        (vec![("content-type", "application/json")], "{}".to_owned(), 400, "invalid_request"),
        (vec![], body.to_owned(), 400, "invalid_request"),
    ] {
        let answer = world.ask("POST", "/token", &headers, &body).await;
        assert_eq!(answer.error(), (status, code.to_owned()), "{headers:?} {body}");
        assert_eq!(answer.headers.contains_key("www-authenticate"), status == 401);
        assert_eq!(answer.header(&"cache-control".parse().unwrap()), "no-store");
    }
    let by_name = world.ask("POST", "/token", &[FORM], &format!("{body}&client_id=flex")).await.json();
    assert!(by_name["error_description"].as_str().unwrap().contains("client_secret_basic"), "{by_name}");
    let huge = world.ask("POST", "/token", &[FORM], &"x".repeat(100_000)).await;
    assert_eq!((huge.status.as_u16(), huge.json()["error"].is_string()), (413, true));
    let got = world.ask("GET", &format!("/token?{body}&client_id=app"), &[], "").await;
    assert_eq!((got.error(), got.header(&"allow".parse().unwrap())), ((405, "invalid_request".into()), "POST"));
}

#[tokio::test]
async fn b2_13_b2_16_a_code_is_worth_nothing_elsewhere_and_dies_of_a_wrong_try() {
    let world = World::new().await;
    let mut browser = marie_at(&world).await;
    let code_form = |code: &str, back: &str, verifier: &str| {
        [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", back), ("code_verifier", verifier)]
            .map(|(name, value)| (name, value.to_owned()))
    };
    for (client, back, verifier) in [
        ("app", FLEX_BACK, VERIFIER),
        ("flex", "https://app.example/cb", VERIFIER),
        ("flex", "", VERIFIER),
        ("flex", FLEX_BACK, ""),
        ("flex", FLEX_BACK, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXX"),
    ] {
        let code = world.code(&mut browser, "flex", &[]).await;
        let form = code_form(&code, back, verifier);
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(world.token(client, &form).await.error(), (400, "invalid_grant".into()), "{client} {back} {verifier}");
        assert_eq!(world.redeem("flex", &code).await.error(), (400, "invalid_grant".into()), "the code is dead");
    }
    let code = world.code(&mut browser, "flex", &[]).await;
    let (id, secret) = code.split_once('.').unwrap();
    let forged = format!("{id}.{}", secret.chars().rev().collect::<String>());
    assert_eq!(world.redeem("flex", &forged).await.error(), (400, "invalid_grant".into()));
    assert_eq!(world.redeem("flex", &code).await.status, 200, "who knows only the id can spend nothing");
    let late = world.code(&mut browser, "flex", &[]).await;
    world.advance(Duration::from_secs(60)).await;
    assert_eq!(world.redeem("flex", &late).await.error(), (400, "invalid_grant".into()));
}

#[tokio::test]
async fn b2_14_a_code_used_twice_ends_everything_issued_from_it() {
    let world = World::new().await;
    let mut browser = marie_at(&world).await;
    let code = world.code(&mut browser, "flex", &[]).await;
    let tokens = world.redeem("flex", &code).await.json();
    let access_token = tokens["access_token"].as_str().unwrap();
    assert_eq!(world.userinfo(access_token).await.status, 200);
    assert_eq!(world.redeem("flex", &code).await.error(), (400, "invalid_grant".into()));
    assert_eq!(world.userinfo(access_token).await.error(), (401, "invalid_token".into()));
    let refresh_token = tokens["refresh_token"].as_str().unwrap();
    assert_eq!(world.refresh("flex", refresh_token).await.error(), (400, "invalid_grant".into()));
    world.redeem("flex", &code).await;
    assert_eq!(world.events().await, ["code.issued", "code.redeemed", "grant.revoked"]);
}

#[tokio::test]
async fn a_confidential_client_keeps_its_refresh_token() {
    let world = World::new().await;
    let mut browser = marie_at(&world).await;
    let tokens = world.tokens(&mut browser, "flex", &[]).await;
    let refresh_token = tokens["refresh_token"].as_str().unwrap();
    world.advance(Duration::from_secs(301)).await;
    assert_eq!(world.userinfo(tokens["access_token"].as_str().unwrap()).await.error(), (401, "invalid_token".into()));
    let fresh = world.refresh("flex", refresh_token).await.json();
    assert!(fresh.get("refresh_token").is_none());
    assert_eq!(world.userinfo(fresh["access_token"].as_str().unwrap()).await.status, 200);
    let (first, second) = (claims(tokens["id_token"].as_str().unwrap()), claims(fresh["id_token"].as_str().unwrap()));
    for name in ["iss", "sub", "aud", "auth_time", "sid", "acr"] {
        assert_eq!(first[name], second[name], "{name}");
    }
    assert!(second.get("nonce").is_none());
    let wider = [("grant_type", "refresh_token"), ("refresh_token", refresh_token), ("scope", "openid phone")];
    assert_eq!(world.token("flex", &wider).await.error(), (400, "invalid_scope".into()));
    let narrower = [("grant_type", "refresh_token"), ("refresh_token", refresh_token), ("scope", "openid")];
    assert_eq!(world.token("flex", &narrower).await.json()["scope"], "openid");
    assert_eq!(world.refresh("app", refresh_token).await.error(), (400, "invalid_grant".into()), "another client's");
}

#[tokio::test]
async fn b2_24_a_public_clients_refresh_token_is_rotated_and_its_late_reuse_ends_the_family() {
    let world = World::new().await;
    let mut browser = marie_at(&world).await;
    let first = world.tokens(&mut browser, "app", &[]).await["refresh_token"].as_str().unwrap().to_owned();
    let second = world.refresh("app", &first).await.json();
    assert_ne!(second["refresh_token"], first);
    world.advance(Duration::from_secs(10)).await;
    let again = world.refresh("app", &first).await.json();
    assert_eq!(again["refresh_token"], second["refresh_token"], "the answer was lost");
    let third = world.refresh("app", second["refresh_token"].as_str().unwrap()).await.json();
    world.advance(Duration::from_secs(1)).await;
    assert_eq!(world.refresh("app", &first).await.error(), (400, "invalid_grant".into()), "theft");
    let newest = third["refresh_token"].as_str().unwrap();
    assert_eq!(world.refresh("app", newest).await.error(), (400, "invalid_grant".into()));
    assert_eq!(world.userinfo(third["access_token"].as_str().unwrap()).await.status, 401);
}

#[tokio::test]
async fn b2_25_tokens_die_with_the_session_or_the_account_and_offline_ones_with_the_account_only() {
    use crate::access::session;
    use crate::store::schema::account as a;
    use diesel::prelude::*;
    let world = World::new().await;
    let marie = world.person("Marie").await;
    let mut browser = Browser::default();
    let session = world.sign_in(&mut browser, marie).await;
    let bound = world.tokens(&mut browser, "flex", &[]).await;
    let offline = world.tokens(&mut browser, "flex", &[("scope", "openid offline_access")]).await;
    assert!(claims(offline["access_token"].as_str().unwrap()).get("sid").is_none());
    let now = world.now();
    let unredeemed = world.code(&mut browser, "flex", &[]).await;
    world.write(move |tx| session::end(tx, session, now)).await;
    let usable = async |tokens: &serde_json::Value| {
        let refreshed = world.refresh("flex", tokens["refresh_token"].as_str().unwrap()).await.status.as_u16();
        (refreshed, world.userinfo(tokens["access_token"].as_str().unwrap()).await.status.as_u16())
    };
    assert_eq!(world.redeem("flex", &unredeemed).await.error(), (400, "invalid_grant".into()));
    assert_eq!((usable(&bound).await, usable(&offline).await), ((400, 401), (200, 200)));
    world
        .write(move |tx| {
            diesel::update(a::table.find((tx.realm(), marie))).set(a::suspended_at.eq(Some(now))).execute(tx.conn)?;
            Ok(())
        })
        .await;
    assert_eq!(usable(&offline).await, (400, 401));
}

#[tokio::test]
async fn v_06_offline_tokens_die_with_the_password_they_were_granted_under() {
    use crate::directory::account;
    let world = World::new().await;
    let marie = world.person("Marie").await;
    let mut browser = Browser::default();
    world.sign_in(&mut browser, marie).await;
    let before = world.tokens(&mut browser, "flex", &[("scope", "openid offline_access")]).await;
    world.advance(Duration::from_secs(1)).await;
    let now = world.now();
    let change = move |tx: &mut crate::store::Tx<'_>| {
        let old = account::load(tx, marie)?.unwrap().password_hash;
        account::set_password(tx, marie, &old, "$argon2id$a-new-one", now)
    };
    assert!(world.write(change).await);
    let usable = async |tokens: &serde_json::Value| {
        let refreshed = world.refresh("flex", tokens["refresh_token"].as_str().unwrap()).await.status.as_u16();
        (refreshed, world.userinfo(tokens["access_token"].as_str().unwrap()).await.status.as_u16())
    };
    assert_eq!(usable(&before).await, (400, 401));
    let after = world.tokens(&mut browser, "flex", &[("scope", "openid offline_access")]).await;
    assert_eq!(usable(&after).await, (200, 200), "what is granted under the new password lives");
}

#[tokio::test]
async fn userinfo_takes_a_token_in_exactly_one_way_and_only_an_access_token_with_openid() {
    let world = World::new().await;
    let mut browser = marie_at(&world).await;
    let tokens = world.tokens(&mut browser, "flex", &[]).await;
    let token = tokens["access_token"].as_str().unwrap();
    let (bearer, form) = (format!("Bearer {token}"), encoded(&[("access_token", token)]));
    let id_token = format!("Bearer {}", tokens["id_token"].as_str().unwrap());
    for (method, path, headers, body, status) in [
        ("GET", "/userinfo", vec![("authorization", bearer.as_str())], "", 200),
        ("POST", "/userinfo", vec![("authorization", &bearer)], "", 200),
        ("POST", "/userinfo", vec![FORM], form.as_str(), 200),
        ("POST", "/userinfo", vec![FORM, ("authorization", &bearer)], &form, 400),
        ("GET", &format!("/userinfo?{form}"), vec![], "", 401),
        ("GET", "/userinfo", vec![FORM], &form, 401),
        ("GET", "/userinfo", vec![], "", 401),
        ("GET", "/userinfo", vec![("authorization", "Bearer junk")], "", 401),
        ("GET", "/userinfo", vec![("authorization", &id_token)], "", 401),
    ] {
        let answer = world.ask(method, path, &headers, body).await;
        assert_eq!(answer.status, status, "{method} {path} {headers:?}");
        assert_eq!(answer.header(&"cache-control".parse().unwrap()), "no-store");
        assert_eq!(answer.headers.contains_key("www-authenticate"), status != 200);
    }
    let missing = world.ask("GET", "/userinfo", &[], "").await;
    assert_eq!(missing.header(&"www-authenticate".parse().unwrap()), format!("Bearer realm=\"{ISSUER}\""));
    let refresh_token = tokens["refresh_token"].as_str().unwrap();
    let narrow = [("grant_type", "refresh_token"), ("refresh_token", refresh_token), ("scope", "email")];
    let narrow = world.token("flex", &narrow).await.json();
    assert!(narrow.get("id_token").is_none());
    assert_eq!(world.userinfo(narrow["access_token"].as_str().unwrap()).await.error(), (403, "insufficient_scope".into()));
}

/// One asker of a hundred, with ids of its own.
async fn asking(world: &World, client_id: &'static str, grant: GrantType) -> Asking {
    let client = world.read(move |rx| client::by_client_id(rx, client_id)).await.unwrap();
    Asking::new(world.app(), world.realm().await, client.into(), grant, world.now())
}

/// Asks again while the provider says that it is busy (503), as a client does.
async fn patiently<F: Future<Output = Result<Answer>>>(ask: impl Fn() -> F) -> Answer {
    loop {
        match ask().await {
            Err(Failure::Busy(_)) => tokio::time::sleep(Duration::from_millis(20)).await,
            answer => return answer.unwrap(),
        }
    }
}

async fn hundred_redemptions(world: &World) {
    let mut browser = marie_at(world).await;
    let code = world.code(&mut browser, "app", &[]).await;
    let id = world.realm().await.id;
    let mut running = Vec::new();
    for _ in 0..100 {
        let (asking, db) = (asking(world, "app", GrantType::AuthorizationCode).await, world.app().db.clone());
        let request = CodeRequest {
            code: Handle::parse(&code).unwrap(),
            redirect_uri: Some("https://app.example/cb".into()),
            code_verifier: Some(Secret::new(VERIFIER.into())),
            resources: Vec::new(),
        };
        let (asking, request) = (Arc::new(asking), Arc::new(request));
        running.push(tokio::spawn(patiently(move || {
            let (asking, request, db) = (asking.clone(), request.clone(), db.clone());
            async move { db.write(id, move |tx| asking.redeem_code(tx, &request)).await }
        })));
    }
    let mut won = 0;
    for one in running {
        won += usize::from(one.await.unwrap().is_ok());
    }
    assert_eq!(won, 1);
    assert_eq!(world.events().await, ["code.issued", "code.redeemed", "grant.revoked"]);
}

async fn hundred_refreshes(world: &World) {
    use crate::store::schema::refresh_token as r;
    use diesel::prelude::*;
    let mut browser = marie_at(world).await;
    let first = world.tokens(&mut browser, "app", &[]).await["refresh_token"].as_str().unwrap().to_owned();
    let id = world.realm().await.id;
    let mut running = Vec::new();
    for _ in 0..100 {
        let (asking, db) = (asking(world, "app", GrantType::RefreshToken).await, world.app().db.clone());
        let request = RefreshRequest { refresh_token: Handle::parse(&first).unwrap(), scope: None, resources: Vec::new() };
        let (asking, request) = (Arc::new(asking), Arc::new(request));
        running.push(tokio::spawn(patiently(move || {
            let (asking, request, db) = (asking.clone(), request.clone(), db.clone());
            async move { db.write(id, move |tx| asking.refresh(tx, &request)).await }
        })));
    }
    let mut successors = BTreeSet::new();
    for one in running {
        let answer: Answer = one.await.unwrap();
        successors.insert(answer.unwrap().refresh_token.unwrap().expose().to_owned());
    }
    assert_eq!(successors.len(), 1, "everybody gets the same one");
    let live: Vec<poterne_protocol::secret::Digest> =
        world.read(|rx| Ok(r::table.filter(r::rotated_at.is_null()).select(r::secret_digest).load(rx.conn)?)).await;
    let secret = successors.first().unwrap().split_once('.').unwrap().1.to_owned();
    assert_eq!(live, [digest(&secret)], "and only that one lives");
    assert_eq!(world.refresh("app", successors.first().unwrap()).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn b2_14_of_a_hundred_redemptions_of_one_code_exactly_one_wins() {
    for world in World::everywhere().await {
        hundred_redemptions(&world).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn b2_24_a_hundred_refreshes_of_one_public_token_leave_exactly_one_successor() {
    for world in World::everywhere().await {
        hundred_refreshes(&world).await;
    }
}

#[tokio::test]
async fn f_38_whoever_died_has_no_access_from_that_moment_unless_it_was_a_mistake() {
    use crate::directory::registry::EntryStatus;
    for world in World::everywhere().await {
        let account = world.person("Marie").await;
        let mut browser = world.signed_in(account).await;
        let tokens = world.tokens(&mut browser, "flex", &[("scope", "openid offline_access")]).await;
        let text = |name: &str| tokens[name].as_str().unwrap();
        let path = format!("/authorize?{}", World::request("flex", &[]));
        world.manage().set_entry_status("lindenhof", "Marie", EntryStatus::Deceased).await.unwrap();
        assert_eq!(world.userinfo(text("access_token")).await.error(), (401, "invalid_token".into()));
        assert_eq!(world.refresh("flex", text("refresh_token")).await.error(), (400, "invalid_grant".into()));
        assert!(world.open(&mut browser, &path).await.location().contains("/ui/login/"), "the session ended");
        world.manage().set_entry_status("lindenhof", "Marie", EntryStatus::Active).await.unwrap();
        assert_eq!(
            world.refresh("flex", text("refresh_token")).await.error(),
            (400, "invalid_grant".into()),
            "what ended stays ended"
        );
        let mut again = world.signed_in(account).await;
        assert!(world.open(&mut again, &path).await.param("code").is_some(), "and the account is back");
    }
}
