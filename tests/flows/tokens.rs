//! Tokens at work: every standard claim at userinfo, services that ask what a token is worth, tokens given back, and what a replay costs after a
//! restart.

use crate::support::portal::{Answer, Portal};
use crate::support::{World, flows};
use axum::body::Body;
use axum::http::{Request, header};
use poterne_idp::RealmDocument;
use poterne_idp::manage::FurtherClaims;
use serde_json::{Value, json};

const API: &str = "https://wages.example/api";
const FORM: &str = "application/x-www-form-urlencoded";

/// The fund's portals may know everything and ask for the API; the API is a client that asks about its tokens.
async fn with_api(world: &World) -> Portal {
    let mut document = world.document();
    for client in &mut document.clients {
        client.resources = vec![API.to_owned(), world.issuer.clone()];
        client.scope = client.scope.union(&poterne_protocol::scope::Scope::parse("address phone").expect("scopes"));
    }
    let api = format!(
        r#"
        [[client]]
        client_id = "wages-api"
        client_name = "Wages"
        grant_types = ["client_credentials"]
        scope = "wages.read"
        serves_resources = ["{API}"]
        "#
    );
    let text = format!("{}\n{api}", document.to_toml().expect("TOML"));
    let document = RealmDocument::parse(&text).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    world.manage().apply_realm(document).await.expect("it is applied");
    let secret = world.manage().rotate_client_secret("lindenhof", "wages-api").await.expect("a secret");
    Portal::new(world, "wages-api", Some(secret.expose().to_owned()), "http://localhost:9999")
}

fn path(portal: &Portal, path: &str) -> String {
    format!("{}{path}", url::Url::parse(&portal.issuer).expect("an issuer").path())
}

/// Posts a form: by the portal's secret, or its name.
async fn post(portal: &Portal, to: &str, fields: &[(&str, &str)]) -> Answer {
    use base64::Engine;
    let mut request = Request::post(path(portal, to)).header(header::HOST, "localhost:8080").header(header::CONTENT_TYPE, FORM);
    let mut fields = fields.to_vec();
    match &portal.secret {
        Some(secret) => {
            let basic = base64::engine::general_purpose::STANDARD.encode(format!("{}:{secret}", portal.client_id));
            request = request.header(header::AUTHORIZATION, format!("Basic {basic}"));
        }
        None => fields.push(("client_id", portal.client_id)),
    }
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    portal.send(request.body(Body::from(form)).expect("a request")).await
}

async fn is_active(portal: &Portal, token: &str) -> bool {
    let told = post(portal, "/introspect", &[("token", token)]).await;
    assert_eq!(told.status, 200, "{told:?}");
    told.json["active"] == true
}

fn alice() -> FurtherClaims {
    let claims = json!({"middle_name": "Ada", "nickname": "Mimi", "preferred_username": "marie", "profile": "https://lac.example/marie",
        "picture": "https://lac.example/marie.png", "website": "https://marie.example/", "gender": "female", "birthdate": "1984-03-12",
        "zoneinfo": "Europe/Zurich", "phone_number": "+41215550110", "phone_number_verified": true,
        "address": {"formatted": "Rue du Lac 1\n1003 Lausanne", "street_address": "Rue du Lac 1", "locality": "Lausanne",
            "region": "VD", "postal_code": "1003", "country": "CH"}});
    serde_json::from_value(claims).expect("claims")
}

/// No member, at any depth, is null or empty.
fn says_nothing_empty(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Object(members) => !members.is_empty() && members.values().all(says_nothing_empty),
        Value::Array(items) => !items.is_empty() && items.iter().all(says_nothing_empty),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

flows! {
    async fn core_5_3_userinfo_tells_every_standard_claim_by_header_and_body_by_get_and_post(world) {
        with_api(world).await;
        let (flex, mut browser) = (world.flex().await, world.browser());
        let marie = world.marie_with_account(&flex).await;
        world.manage().set_account_claims("lindenhof", &marie.email(), alice()).await.expect("they are set");
        browser.sign_in_by_sms(world, &marie, &flex).await;
        browser.visit(&flex.sign_in_with(&[("scope", "openid profile email address phone")])).await;
        let token = flex.tokens_from(&browser.page).await.text("access_token");
        let info = flex.userinfo(&token).await;
        assert_eq!(info.status, 200, "{info:?}");
        let standard = ["profile", "email", "address", "phone"].into_iter().flat_map(poterne_protocol::claims::names_of);
        for name in standard.chain(["sub"]) {
            assert!(info.json.get(name).is_some(), "{name}: {}", info.json);
        }
        assert!(says_nothing_empty(&info.json), "{}", info.json);
        let types = [("updated_at", "number"), ("email_verified", "boolean"), ("phone_number_verified", "boolean"), ("address", "object")];
        for (name, expected) in types {
            let found = match &info.json[name] {
                Value::Number(_) => "number",
                Value::Bool(_) => "boolean",
                Value::Object(_) => "object",
                _ => "other",
            };
            assert_eq!(found, expected, "{name}");
        }
        let bearer = format!("Bearer {token}");
        for (form, body) in [(false, String::new()), (true, format!("access_token={token}"))] {
            let request = Request::post(path(&flex, "/userinfo")).header(header::HOST, "localhost:8080");
            let request = if form { request.header(header::CONTENT_TYPE, FORM) } else { request.header(header::AUTHORIZATION, &bearer) };
            let answer = flex.send(request.body(Body::from(body)).expect("a request")).await;
            assert_eq!((answer.status, answer.json), (200, info.json.clone()));
        }
        let query = Request::get(path(&flex, &format!("/userinfo?access_token={token}"))).header(header::HOST, "localhost:8080");
        assert_eq!(flex.send(query.body(Body::empty()).expect("a request")).await.status, 401, "never in an address");
    }

    async fn signing_out_ends_what_the_api_is_told(world) {
        let api = with_api(world).await;
        let (flex, mut browser) = (world.flex().await, world.browser());
        let marie = world.marie_with_account(&flex).await;
        browser.sign_in_by_sms(world, &marie, &flex).await;
        let mut request = flex.sign_in_with(&[("resource", API)]);
        request.push_str("&resource=");
        request.extend(url::form_urlencoded::byte_serialize(world.issuer.as_bytes()));
        browser.visit(&request).await;
        let tokens = flex.tokens_from(&browser.page).await;
        let (access, refresh) = (tokens.text("access_token"), tokens.text("refresh_token"));
        let told = post(&api, "/introspect", &[("token", &access)]).await.json;
        assert_eq!((&told["client_id"], &told["aud"]), (&json!("lindenhof-flex"), &json!([API, world.issuer])), "{told}");
        assert!(is_active(&flex, &refresh).await && flex.userinfo(&access).await.status == 200);
        flex.sign_out(&mut browser, &tokens.text("id_token")).await;
        assert!(!is_active(&api, &access).await && !is_active(&flex, &access).await && !is_active(&flex, &refresh).await);
        assert_eq!((flex.userinfo(&access).await.status, flex.refresh(&refresh).await.status), (401, 400));
    }

    async fn a_page_gives_its_token_back_from_its_own_origin(world) {
        let (flex, one_e, mut browser) = (world.flex().await, world.one_e(), world.browser());
        let marie = world.marie_with_account(&flex).await;
        browser.sign_in_by_sms(world, &marie, &one_e).await;
        let tokens = one_e.tokens_from(&browser.page).await;
        let given = post(&one_e, "/revoke", &[("token", &tokens.text("refresh_token")), ("token_type_hint", "refresh_token")]).await;
        assert_eq!(given.status, 200, "{given:?}");
        assert_eq!(one_e.userinfo(&tokens.text("access_token")).await.status, 401);
        assert_eq!(one_e.refresh(&tokens.text("refresh_token")).await.text("error"), "invalid_grant");
        assert_eq!(world.events("grant.revoked").await, 1);
        let asked = async |to: &str| {
            let request = Request::options(path(&one_e, to)).header(header::HOST, "localhost:8080");
            let request = request.header(header::ORIGIN, "http://localhost:8082").header("access-control-request-method", "POST");
            let answer = tower::ServiceExt::oneshot(world.routes.clone(), request.body(Body::empty()).expect("a request")).await;
            answer.expect("an answer").headers().contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN)
        };
        assert!(asked("/revoke").await, "pages may give back");
        assert!(!asked("/introspect").await, "but not ask: that is for servers");
    }

    /// B2 line 24: the one test of it that peers failed.
    async fn b2_24_a_replay_is_found_out_after_a_restart_too(world) {
        let (flex, one_e, mut browser) = (world.flex().await, world.one_e(), world.browser());
        let marie = world.marie_with_account(&flex).await;
        browser.sign_in_by_sms(world, &marie, &one_e).await;
        let first = one_e.tokens_from(&browser.page).await.text("refresh_token");
        let second = one_e.refresh(&first).await;
        world.restart().await;
        let one_e = world.one_e();
        let repeated = one_e.refresh(&first).await;
        assert_eq!(repeated.text("refresh_token"), second.text("refresh_token"), "the answer may have been lost in the restart");
        world.wait(11);
        let replayed = one_e.refresh(&first).await;
        assert_eq!((replayed.status, replayed.text("error").as_str()), (400, "invalid_grant"));
        let later = one_e.refresh(&second.text("refresh_token")).await;
        assert_eq!((later.status, later.text("error").as_str()), (400, "invalid_grant"), "the whole family ended");
        assert_eq!(one_e.userinfo(&second.text("access_token")).await.status, 401);
        world.restart().await;
        assert_eq!(world.one_e().refresh(&second.text("refresh_token")).await.status, 400, "and stays so");
    }
}
