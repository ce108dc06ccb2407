//! Every answer of the authorization endpoint as portals and browsers meet it.

use crate::oidc::tests::{ALL_BACK, Answer, Browser, FLEX_BACK, ISSUER, World, claims};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use poterne_protocol::claims::level::Amr;
use poterne_protocol::client::ResponseType;
use poterne_protocol::secret::Digest;
use serde_json::{Value, json};
use std::collections::BTreeSet;

async fn ask(world: &World, browser: &mut Browser, client: &str, changes: &[(&str, &str)]) -> Answer {
    world.open(browser, &format!("/authorize?{}", World::request(client, changes))).await
}

async fn marie_at(world: &World) -> Browser {
    let marie = world.person("Marie").await;
    world.signed_in(marie).await
}

/// OpenID Connect Core section 3.1.3.6, for algorithms with SHA-256.
fn half(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Digest::of(text.as_bytes()).as_bytes()[..16])
}

/// The claims of an ID token beside those of the protocol.
fn about_the_person(id_token: &Value) -> BTreeSet<String> {
    let protocol = ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash", "c_hash"];
    id_token.as_object().unwrap().keys().filter(|name| !protocol.contains(&name.as_str())).cloned().collect()
}

#[tokio::test]
async fn multiple_response_types_3_and_5_each_type_brings_its_parts_and_no_others() {
    for world in World::everywhere().await {
        let mut browser = marie_at(&world).await;
        for response_type in ResponseType::ALL {
            for mode in ["", "fragment", "form_post"] {
                let asked = [("response_type", response_type.as_str()), ("response_mode", mode)];
                let answer = ask(&world, &mut browser, "all", &asked).await;
                let part = |name: &str| if mode == "form_post" { answer.field(name) } else { answer.param(name) };
                if mode != "form_post" {
                    let joint = if response_type == ResponseType::Code && mode.is_empty() { "?" } else { "#" };
                    assert!(answer.location().starts_with(&format!("{ALL_BACK}{joint}")), "{}", answer.location());
                }
                brings_its_parts(&world, response_type, &part).await;
            }
        }
    }
}

async fn brings_its_parts(world: &World, response_type: ResponseType, part: &impl Fn(&str) -> Option<String>) {
    let name = response_type.as_str();
    assert_eq!((part("state").as_deref(), part("iss").as_deref()), (Some("st"), Some(ISSUER)), "{name}");
    let (code, token, id_token) = (part("code"), part("access_token"), part("id_token"));
    let there = (code.is_some(), token.is_some(), id_token.is_some());
    assert_eq!(there, (response_type.has_code(), response_type.has_token(), response_type.has_id_token()), "{name}");
    assert_eq!(part("refresh_token"), None, "{name}");
    let beside = [part("token_type"), part("expires_in"), part("scope")];
    let expected = ["Bearer", "300", "openid email profile"].map(|text| token.as_ref().map(|_| text.to_owned()));
    assert_eq!(beside, expected, "{name}");

    let person = match &token {
        Some(token) => Some(world.userinfo(token).await.json()),
        None => None,
    };
    assert!(person.as_ref().is_none_or(|person| person["email"] == "marie@mail.example"), "{name}");
    let redeemed = match &code {
        Some(code) => Some(world.redeem("all", code).await.json()),
        None => None,
    };
    if let Some(id_token) = id_token.as_deref().map(claims) {
        assert_eq!((id_token["nonce"].as_str(), id_token["aud"].as_str()), (Some("n"), Some("all")), "{name}");
        assert_eq!(id_token.get("at_hash"), token.as_deref().map(half).map(Value::from).as_ref(), "{name}");
        assert_eq!(id_token.get("c_hash"), code.as_deref().map(half).map(Value::from).as_ref(), "{name}");
        let told = about_the_person(&id_token);
        let all = ["email", "email_verified", "family_name", "given_name", "locale", "name"].map(str::to_owned).into();
        assert_eq!(told, if response_type == ResponseType::IdToken { all } else { BTreeSet::new() }, "{name}");
        // OpenID Connect Core section 3.3.3.6.
        if let Some(later) = redeemed.as_ref().map(|tokens| claims(tokens["id_token"].as_str().unwrap())) {
            for same in ["iss", "sub", "aud", "auth_time", "acr", "sid", "nonce"] {
                assert_eq!(id_token[same], later[same], "{name} {same}");
            }
        }
        assert!(person.is_none_or(|person| person["sub"] == id_token["sub"]), "{name}");
    }
    assert!(redeemed.is_none_or(|tokens| tokens["refresh_token"].is_string()), "{name}: by the code alone");
}

#[tokio::test]
async fn core_5_5_an_id_token_of_any_flow_tells_what_was_asked_for_by_name() {
    let world = World::new().await;
    let mut browser = marie_at(&world).await;
    let by_name = json!({"id_token": {"email": null}}).to_string();
    for response_type in ["code id_token", "code id_token token", "id_token token"] {
        let asked = [("response_type", response_type), ("claims", &by_name), ("scope", "openid profile")];
        let answer = ask(&world, &mut browser, "all", &asked).await;
        let told = about_the_person(&claims(&answer.param("id_token").unwrap()));
        assert_eq!(told, BTreeSet::from(["email".to_owned()]), "{response_type}");
    }
}

#[tokio::test]
async fn rfc6749_4_1_2_a_code_used_twice_ends_the_token_that_came_beside_it() {
    let world = World::new().await;
    let mut browser = marie_at(&world).await;
    for response_type in ["code token", "code id_token token"] {
        let answer = ask(&world, &mut browser, "all", &[("response_type", response_type)]).await;
        let (code, beside) = (answer.param("code").unwrap(), answer.param("access_token").unwrap());
        let tokens = world.redeem("all", &code).await.json();
        let later = tokens["access_token"].as_str().unwrap();
        assert_eq!([world.userinfo(&beside).await.status, world.userinfo(later).await.status], [200, 200]);
        let grant = |token: &str| claims(token)["grant_id"].clone();
        assert_eq!(grant(&beside), grant(later), "{response_type}: one grant");
        assert_eq!(world.redeem("all", &code).await.error(), (400, "invalid_grant".into()));
        assert_eq!([world.userinfo(&beside).await.status, world.userinfo(later).await.status], [401, 401]);
    }
}

#[tokio::test]
async fn multiple_response_types_5_an_error_travels_as_the_answer_would() {
    let world = World::new().await;
    let mut nobody = Browser::default();
    let hybrid = ("response_type", "code id_token token");
    for (changes, place, code) in [
        (vec![hybrid, ("prompt", "none")], "#", "login_required"),
        (vec![hybrid, ("nonce", "")], "#", "invalid_request"),
        (vec![hybrid, ("response_mode", "query")], "#", "invalid_request"),
        (vec![hybrid, ("response_mode", "query"), ("prompt", "none")], "#", "invalid_request"),
        (vec![("response_type", "token")], "#", "unsupported_response_type"),
        (vec![("response_type", "token"), ("response_mode", "query")], "#", "unsupported_response_type"),
        (vec![("response_type", "code"), ("prompt", "none")], "?", "login_required"),
        (vec![("response_type", "code"), ("response_mode", "fragment"), ("prompt", "none")], "#", "login_required"),
        (vec![("response_type", "none")], "?", "unsupported_response_type"),
    ] {
        let answer = ask(&world, &mut nobody, "all", &changes).await;
        assert!(answer.location().starts_with(&format!("{ALL_BACK}{place}error={code}&")), "{changes:?}: {}", answer.location());
        assert_eq!((answer.param("state").as_deref(), answer.param("iss").as_deref()), (Some("st"), Some(ISSUER)));
        let words = answer.param("error_description").unwrap();
        assert!(words.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{words}");
    }
    for response_type in ["id_token", "code token"] {
        let answer = ask(&world, &mut nobody, "flex", &[("response_type", response_type)]).await;
        assert!(answer.location().starts_with(&format!("{FLEX_BACK}#error=unauthorized_client&")), "{}", answer.location());
    }
    assert_eq!(world.events().await, Vec::<String>::new(), "nothing has changed");
}

#[tokio::test]
async fn form_post_2_the_page_takes_the_answer_to_the_registered_address_and_nowhere_else() {
    let world = World::new().await;
    let mut browser = marie_at(&world).await;
    let state = "é\"<>&' %+;=/".repeat(20);
    let posted = [("response_mode", "form_post"), ("state", state.as_str())];
    let good = ask(&world, &mut browser, "flex", &posted).await;
    let silent = ask(&world, &mut Browser::default(), "flex", &[&posted[..], &[("prompt", "none")]].concat()).await;
    let wrong = ask(&world, &mut browser, "flex", &[&posted[..], &[("scope", "email")]].concat()).await;
    for (answer, name, value) in
        [(&good, "code", None), (&silent, "error", Some("login_required")), (&wrong, "error", Some("invalid_scope"))]
    {
        assert_eq!(answer.status, 200);
        let header = |name: &str| answer.headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
        assert!(!header("content-security-policy").contains("form-action"), "the portal may send the browser on: {name}");
        assert_eq!(answer.body.matches("<form").count(), 1, "{name}");
        assert!(header("content-security-policy").contains("script-src 'self'; "), "{name}");
        assert!(header("content-security-policy").contains("frame-ancestors 'none'; "), "{name}");
        assert_eq!((header("cache-control"), header("pragma")), ("no-cache, no-store".into(), "no-cache".into()));
        assert_eq!(header("referrer-policy"), "same-origin");
        assert!(
            answer.body.contains("method=\"post\" action=\"https:&#x2f;&#x2f;flex.example&#x2f;cb?tab=1\""),
            "{}",
            answer.body
        );
        assert!(answer.body.contains("id=\"form-post-submit\"") && answer.body.contains("data-press=\"form-post-submit\""));
        assert!(answer.field(name).is_some_and(|found| value.is_none_or(|value| found == value)), "{name}");
        assert_eq!((answer.field("state"), answer.field("iss")), (Some(state.clone()), Some(ISSUER.into())));
        assert!(answer.field("code").is_none() || answer.field("error").is_none());
    }
    let code = good.field("code").unwrap();
    assert_eq!(world.redeem("flex", &code).await.status, 200);
}

#[tokio::test]
async fn form_post_a_request_that_signs_in_or_gives_up_is_answered_by_a_form_as_well() {
    let world = World::new().await;
    let mut browser = Browser::default();
    let begun = ask(&world, &mut browser, "all", &[("response_type", "code token"), ("response_mode", "form_post")]).await;
    let flow = begun.location().rsplit('/').next().unwrap().trim_end_matches("?here=1").to_owned();
    let given_up = world.open(&mut browser, &format!("/authorize?flow={flow}&cancel=1")).await;
    assert_eq!((given_up.status.as_u16(), given_up.field("error").as_deref()), (200, Some("access_denied")));
    let again = world.open(&mut browser, &format!("/authorize?flow={flow}&cancel=1")).await;
    assert_eq!(again.status, 303, "a flow is answered once");
}

#[tokio::test]
async fn what_a_portal_lost_while_the_person_signed_in_it_gets_no_more() {
    let world = World::new().await;
    let mut browser = Browser::default();
    let begun = ask(&world, &mut browser, "all", &[("response_type", "id_token token")]).await;
    let flow = begun.location().rsplit('/').next().unwrap().trim_end_matches("?here=1").to_owned();
    let mut document = World::document();
    for client in document.clients.iter_mut().filter(|client| client.client_id == "all") {
        client.response_types = vec![ResponseType::Code];
    }
    world.manage().apply_realm(document).await.unwrap();
    let answer = world.open(&mut browser, &format!("/authorize?flow={flow}")).await;
    assert!(answer.location().starts_with(&format!("{ALL_BACK}#error=unauthorized_client&")), "{}", answer.location());
}

#[tokio::test]
async fn an_id_token_alone_leaves_no_grant_behind() {
    use crate::store::schema::oauth_grant as g;
    use diesel::prelude::*;
    let world = World::new().await;
    let mut browser = marie_at(&world).await;
    let grants = || world.read(|rx| Ok(g::table.count().get_result::<i64>(rx.conn)?));
    ask(&world, &mut browser, "all", &[("response_type", "id_token")]).await;
    assert_eq!((grants().await, world.events().await), (0, vec!["token.issued".to_owned()]));
    ask(&world, &mut browser, "all", &[("response_type", "id_token token")]).await;
    assert_eq!((grants().await, world.events().await.len()), (1, 2));
}

#[tokio::test]
async fn core_3_2_2_5_the_token_of_the_front_channel_ends_with_its_session() {
    let world = World::new().await;
    let mut browser = marie_at(&world).await;
    let answer = ask(&world, &mut browser, "all", &[("response_type", "id_token token")]).await;
    let (token, hint) = (answer.param("access_token").unwrap(), answer.param("id_token").unwrap());
    assert_eq!(world.userinfo(&token).await.status, 200);
    world.open(&mut browser, &format!("/logout?id_token_hint={hint}")).await;
    assert_eq!(world.userinfo(&token).await.error(), (401, "invalid_token".into()));
}

#[tokio::test]
async fn core_5_5_1_1_a_level_is_asked_for_where_the_person_can_reach_it() {
    let world = World::new().await;
    let marie = world.person("Marie").await;
    let mut browser = Browser::default();
    world.sign_in_by(&mut browser, marie, &[Amr::Pwd]).await;
    let multi = "urn:poterne:level:multi";
    let wished = [("acr_values", multi)];
    assert!(ask(&world, &mut browser, "flex", &[]).await.param("code").is_some());
    let answer = ask(&world, &mut browser, "flex", &wished).await;
    assert!(answer.location().contains("/ui/login/"), "{}", answer.location());
    let silent = ask(&world, &mut browser, "flex", &[wished[0], ("prompt", "none")]).await;
    assert!(silent.param("code").is_some(), "never an error");
    let foreign = ask(&world, &mut browser, "flex", &[("acr_values", "urn:other:gold phr")]).await;
    assert!(foreign.param("code").is_some(), "nobody knows it");
    let phishing = json!({"id_token": {"acr": {"essential": true, "value": "urn:poterne:level:phishing-resistant"}}}).to_string();
    let beyond = ask(&world, &mut browser, "flex", &[("claims", &phishing)]).await;
    assert_eq!(beyond.param("error").as_deref(), Some("unmet_authentication_requirements"));
    world.sign_in(&mut browser, marie).await;
    assert!(ask(&world, &mut browser, "flex", &wished).await.param("code").is_some());
}

#[tokio::test]
async fn core_5_5_1_a_sub_by_claims_is_text_and_one_of_several() {
    let world = World::new().await;
    let mut browser = marie_at(&world).await;
    let tokens = world.tokens(&mut browser, "flex", &[]).await;
    let marie = claims(tokens["id_token"].as_str().unwrap())["sub"].clone();
    for (sub, error) in [
        (json!({"value": marie}), None),
        (json!({"values": ["somebody", marie]}), None),
        (json!({"value": "somebody"}), Some("login_required")),
        (json!({"values": ["somebody", "else"]}), Some("login_required")),
        (json!({"value": 42}), Some("invalid_request")),
        (json!({"values": [marie, null]}), Some("invalid_request")),
    ] {
        let asked = json!({"id_token": {"sub": sub}}).to_string();
        let answer = ask(&world, &mut browser, "flex", &[("claims", &asked), ("prompt", "none")]).await;
        assert_eq!(answer.param("error").as_deref(), error, "{asked}");
    }
}

#[tokio::test]
async fn b1_1_two_hundred_mutants_of_a_registered_address_never_redirect() {
    let world = World::new().await;
    let mut browser = marie_at(&world).await;
    let mut mutants = Vec::new();
    for at in 0..=FLEX_BACK.len() {
        for added in [".", "@", "\\", "%2f..", "#", "a"] {
            mutants.push(format!("{}{added}{}", &FLEX_BACK[..at], &FLEX_BACK[at..]));
        }
    }
    mutants.extend((0..FLEX_BACK.len()).map(|at| format!("{}{}", &FLEX_BACK[..at], &FLEX_BACK[at + 1..])));
    mutants.extend((1..FLEX_BACK.len()).map(|at| FLEX_BACK[..at].to_owned()));
    assert!(mutants.len() > 200);
    for (number, mutant) in mutants.iter().enumerate() {
        let mode = ["query", "fragment", "form_post"][number % 3];
        let answer = ask(&world, &mut browser, "flex", &[("redirect_uri", mutant), ("response_mode", mode)]).await;
        assert_eq!((answer.status.as_u16(), answer.headers.get("location")), (400, None), "{mutant}");
        assert!(!answer.body.contains("form-post-submit"), "{mutant}");
    }
}

#[tokio::test]
async fn rfc6749_3_1_2_3_and_rfc8252_7_3_where_an_answer_may_go() {
    let world = World::new().await;
    let mut browser = marie_at(&world).await;
    for response_type in ["code", "id_token"] {
        let without = ask(&world, &mut browser, "all", &[("redirect_uri", ""), ("response_type", response_type)]).await;
        assert_eq!((without.status.as_u16(), without.headers.get("location")), (400, None), "two are registered");
    }
    let other = [("redirect_uri", "https://all.example/other"), ("response_type", "id_token")];
    assert!(ask(&world, &mut browser, "all", &other).await.location().starts_with("https://all.example/other#"));
    for (uri, mode, begins) in [
        ("http://127.0.0.1:51004/cb", "", "http://127.0.0.1:51004/cb?code="),
        ("http://127.0.0.1:51004/cb", "fragment", "http://127.0.0.1:51004/cb#code="),
        ("ch.example.app:/cb", "", "ch.example.app:/cb?code="),
        ("ch.example.app:/cb", "form_post", "ch.example.app:/cb?error=invalid_request"),
    ] {
        let answer = ask(&world, &mut browser, "native", &[("redirect_uri", uri), ("response_mode", mode)]).await;
        assert!(answer.location().starts_with(begins), "{}", answer.location());
    }
    let form = [("redirect_uri", "http://127.0.0.1:51004/cb"), ("response_mode", "form_post")];
    assert!(ask(&world, &mut browser, "native", &form).await.field("code").is_some());
    let foreign = ask(&world, &mut browser, "native", &[("redirect_uri", "http://localhost:51004/cb")]).await;
    assert_eq!((foreign.status.as_u16(), foreign.headers.get("location")), (400, None));
}
