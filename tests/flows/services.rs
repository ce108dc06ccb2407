//! What operators of portals need beside the sign-in: services that act for themselves, secrets in the body, browser clients' origins,
//! metadata where RFC 8414 looks for it.

use crate::support::portal::{Portal, payload};
use crate::support::{World, flows};
use axum::body::Body;
use axum::http::{Request, header};
use poterne_idp::RealmDocument;
use tower::ServiceExt;

/// The fund's document with a service that reads wages, and with portal 1e's secretless pages as they are.
fn with_service(world: &World, method: &str) -> RealmDocument {
    let service = format!(
        r#"
        [[client]]
        client_id = "wages"
        client_name = "Wage import"
        token_endpoint_auth_method = "{method}"
        grant_types = ["client_credentials"]
        scope = "wages.read wages.write"
        "#
    );
    let text = format!("{}\n{service}", world.document().to_toml().expect("TOML"));
    RealmDocument::parse(&text).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

async fn service(world: &World, method: &str) -> Portal {
    world.manage().apply_realm(with_service(world, method)).await.expect("it is applied");
    let secret = world.manage().rotate_client_secret("lindenhof", "wages").await.expect("a secret");
    Portal::new(world, "wages", Some(secret.expose().to_owned()), "http://localhost:9999")
}

async fn asked(world: &World, method: &str, path: &str, origin: &str) -> axum::http::Response<Body> {
    let path = format!("{}{path}", url::Url::parse(&world.issuer).expect("an issuer").path());
    let mut request =
        Request::builder().method(method).uri(path).header(header::HOST, "localhost:8080").header(header::ORIGIN, origin);
    if method == "OPTIONS" {
        request =
            request.header("access-control-request-method", "POST").header("access-control-request-headers", "authorization");
    }
    let body = if method == "POST" { "client_id=lindenhof-1e&grant_type=refresh_token&refresh_token=x" } else { "" };
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from(body));
    world.routes.clone().oneshot(request.expect("a request")).await.expect("an answer")
}

fn allowed(answer: &axum::http::Response<Body>) -> Option<&str> {
    answer.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN).map(|origin| origin.to_str().expect("text"))
}

flows! {
    async fn rfc6749_4_4_a_service_gets_a_token_for_itself_and_none_for_people(world) {
        let wages = service(world, "client_secret_basic").await;
        let answer = wages.token(&[("grant_type", "client_credentials"), ("scope", "wages.read")]).await;
        assert_eq!((answer.status, answer.text("scope").as_str()), (200, "wages.read"), "{answer:?}");
        assert!(answer.json.get("refresh_token").is_none() && answer.json.get("id_token").is_none(), "{answer:?}");
        let claims = payload(&answer.text("access_token"));
        assert_eq!((&claims["sub"], &claims["client_id"]), (&"wages".into(), &"wages".into()));
        assert!(claims.get("grant_id").is_none() && claims.get("auth_time").is_none(), "{claims}");
        let userinfo = wages.userinfo(&answer.text("access_token")).await;
        assert_eq!(userinfo.status, 401, "no person is behind it");
        for (fields, error) in [
            (vec![("grant_type", "client_credentials"), ("scope", "openid")], "invalid_scope"),
            (vec![("grant_type", "client_credentials"), ("scope", "wages.read other")], "invalid_scope"),
            (vec![("grant_type", "refresh_token"), ("refresh_token", "x")], "unauthorized_client"),
        ] {
            let answer = wages.token(&fields).await;
            assert_eq!((answer.status, answer.text("error").as_str()), (400, error), "{fields:?}");
        }
        let mut browser = world.browser();
        browser.visit(&wages.sign_in()).await;
        assert_eq!(browser.page.status, 400, "nobody signs in to a service: {}", browser.page.text());
        let flex = world.flex().await;
        assert_eq!(flex.token(&[("grant_type", "client_credentials")]).await.text("error"), "unauthorized_client");
    }

    async fn a_secret_in_the_body_is_taken_where_that_is_registered(world) {
        let wages = service(world, "client_secret_post").await;
        let secret = wages.secret.clone().expect("a secret");
        let in_the_header = wages.token(&[("grant_type", "client_credentials")]).await;
        assert_eq!((in_the_header.status, in_the_header.text("error").as_str()), (401, "invalid_client"));
        assert!(in_the_header.text("error_description").contains("client_secret_post"), "{in_the_header:?}");
        let mut plain = wages.clone();
        plain.secret = None;
        assert_eq!(plain.token(&[("grant_type", "client_credentials"), ("client_secret", &secret)]).await.status, 200);
        assert_eq!(plain.token(&[("grant_type", "client_credentials"), ("client_secret", "wrong")]).await.text("error"), "invalid_client");
    }

    async fn pages_of_browser_clients_may_ask_and_others_may_not(world) {
        for path in ["/.well-known/openid-configuration", "/jwks"] {
            assert_eq!(allowed(&asked(world, "GET", path, "https://anywhere.example").await), Some("*"), "{path}");
        }
        for path in ["/token", "/userinfo"] {
            // Lindenhof 1e is a public client on 8082; the confidential one on 8081 asks from its server.
            for (origin, expected) in [("http://localhost:8082", true), ("http://localhost:8081", false), ("https://evil.example", false), ("null", false)] {
                // The question grants nothing: no answer ever allows cookies, and whether one may be read is said with it.
                let question = asked(world, "OPTIONS", path, origin).await;
                assert_eq!(allowed(&question), Some("*"), "{path} {origin}");
                let answer = asked(world, "POST", path, origin).await;
                assert_eq!(allowed(&answer), (expected && path == "/token").then_some(origin), "{path} {origin}: the client that is named");
                assert!(answer.headers().get_all(header::VARY).iter().any(|vary| vary == "origin"), "{path}");
                for answer in [question, answer] {
                    assert!(answer.headers().get(header::ACCESS_CONTROL_ALLOW_CREDENTIALS).is_none());
                }
            }
        }
        assert_eq!(allowed(&asked(world, "GET", "/authorize", "http://localhost:8082").await), None);
    }

    async fn rfc8414_3_1_the_metadata_lies_before_the_issuers_path_too(world) {
        let routes = if world.public_url().ends_with("/id") { world.idp.well_known_router() } else { world.routes.clone() };
        let issuer = url::Url::parse(&world.issuer).expect("an issuer");
        for (path, status) in [(issuer.path().to_owned(), 200), (format!("{}/", issuer.path()), 404), (format!("{}/jwks", issuer.path()), 404), ("/nobody".to_owned(), 404)] {
            let request = Request::get(format!("/.well-known/oauth-authorization-server{path}")).header(header::HOST, "localhost:8080");
            let answer = routes.clone().oneshot(request.body(Body::empty()).expect("a request")).await.expect("an answer");
            assert_eq!(answer.status().as_u16(), status, "{path}");
            if status == 200 {
                let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
                let metadata: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
                assert_eq!(metadata["issuer"], world.issuer);
            }
        }
    }
}
