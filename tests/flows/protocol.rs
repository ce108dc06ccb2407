//! What relying parties may ask wrongly, and the exact answers they get.

use crate::support::flows;
use crate::support::portal::{STATE, VERIFIER};
use axum::body::Body;
use axum::http::{Request, header};

flows! {
    async fn discovery_names_the_issuer_and_what_is_on(world) {
        let flex = world.flex().await;
        let metadata = flex.get("/.well-known/openid-configuration").await;
        assert_eq!(metadata.status, 200);
        assert_eq!(metadata.text("issuer"), world.issuer);
        assert_eq!(metadata.text("token_endpoint"), format!("{}/token", world.issuer));
        assert_eq!(metadata.json["code_challenge_methods_supported"], serde_json::json!(["S256"]));
        assert_eq!(metadata.json["authorization_response_iss_parameter_supported"], true);
        let keys = flex.get("/jwks").await;
        let algorithms: Vec<&str> = keys.json["keys"].as_array().expect("keys").iter().filter_map(|key| key["alg"].as_str()).collect();
        for algorithm in ["RS256", "ES256"] {
            assert_eq!(algorithms.iter().filter(|alg| **alg == algorithm).count(), 2, "the key in use and the next: {algorithms:?}");
        }
        assert!(keys.json["keys"].as_array().expect("keys").iter().all(|key| key.get("d").is_none() && key.get("p").is_none()));
    }

    async fn an_untrusted_redirect_uri_or_client_gets_a_page_and_no_redirect(world) {
        let (flex, mut browser) = (world.flex().await, world.browser());
        for changes in [
            [("client_id", "nobody")],
            [("client_id", "")],
            [("redirect_uri", "https://evil.example/callback")],
            [("redirect_uri", "http://localhost:8081/callback/")],
            [("redirect_uri", "http://localhost:8081/callback?x=1")],
        ] {
            browser.visit(&flex.sign_in_with(&changes)).await;
            assert_eq!(browser.page.status, 400, "{changes:?}");
            assert!(browser.page.headers.get(header::LOCATION).is_none(), "{changes:?}");
            assert!(browser.page.html.contains("id=\"op-error\""), "{changes:?}");
        }
        let doubled = format!("{}&state=another", flex.sign_in());
        browser.visit(&doubled).await;
        assert!(browser.page.parameter("code").is_none());
        let code = browser.page.parameter("error").unwrap_or_else(|| browser.page.text());
        assert!(code.contains("invalid_request"), "{code}");
    }

    async fn every_other_mistake_comes_back_to_the_portal_with_its_code(world) {
        let (flex, mut browser) = (world.flex().await, world.browser());
        for (changes, error) in [
            ([("response_type", "token")], "unsupported_response_type"),
            ([("response_type", "")], "invalid_request"),
            ([("scope", "profile")], "invalid_scope"),
            ([("code_challenge", "")], "invalid_request"),
            ([("code_challenge_method", "plain")], "invalid_request"),
            ([("request", "eyJ")], "request_not_supported"),
            ([("request_uri", "https://x.example/")], "request_uri_not_supported"),
            ([("prompt", "none login")], "invalid_request"),
            ([("prompt", "none")], "login_required"),
        ] {
            browser.visit(&flex.sign_in_with(&changes)).await;
            assert!(browser.page.url.starts_with(&flex.redirect_uri()), "{changes:?}: {}", browser.page.url);
            let found = browser.page.parameter("error");
            let fitting = found.as_deref() == Some(error) || (error == "invalid_scope" && found.as_deref() == Some("invalid_request"));
            assert!(fitting, "{changes:?}: {found:?}");
            assert_eq!(browser.page.parameter("state").as_deref(), Some(STATE));
            assert_eq!(browser.page.parameter("iss").as_deref(), Some(world.issuer.as_str()));
        }
    }

    async fn a_request_by_post_works_as_by_get(world) {
        let flex = world.flex().await;
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        let request = flex.request();
        let fields: Vec<(&str, &str)> = request.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        browser.post(&format!("{}/authorize", world.issuer), &fields).await.says("Mot de passe");
        browser.give_password(&marie.email(), marie.password()).await;
        let code = world.mailbox.wait_for(marie.phone(), 2).await.code();
        browser.type_code(&code).await;
        flex.tokens_from(&browser.page).await;
    }

    async fn a_code_is_bound_to_its_client_verifier_and_redirect_and_counts_once(world) {
        let (flex, one_e) = (world.flex().await, world.one_e());
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        browser.sign_in_by_sms(world, &marie, &flex).await;
        let code = flex.code_from(&browser.page);
        assert_eq!(one_e.redeem(&code).await.json["error"], "invalid_grant");
        browser.visit(&flex.sign_in()).await;
        let code = flex.code_from(&browser.page);
        let redirect_uri = flex.redirect_uri();
        let wrong = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", &redirect_uri), ("code_verifier", &VERIFIER[1..])];
        assert_eq!(flex.token(&wrong).await.json["error"], "invalid_grant");
        browser.visit(&flex.sign_in()).await;
        let code = flex.code_from(&browser.page);
        let tokens = flex.redeem(&code).await;
        assert_eq!(tokens.status, 200, "{tokens:?}");
        assert_eq!(tokens.headers[header::CACHE_CONTROL], "no-store");
        assert_eq!(flex.userinfo(&tokens.text("access_token")).await.status, 200);
        assert_eq!(flex.redeem(&code).await.json["error"], "invalid_grant");
        assert_eq!(flex.userinfo(&tokens.text("access_token")).await.status, 401, "the second use revoked what the first gave");
        browser.visit(&flex.sign_in()).await;
        let code = flex.code_from(&browser.page);
        world.wait(61);
        assert_eq!(flex.redeem(&code).await.json["error"], "invalid_grant", "a minute is all it lives");
    }

    async fn a_client_proves_itself_by_its_one_method(world) {
        let flex = world.flex().await;
        let mut thief = flex.clone();
        thief.secret = Some("guessed".into());
        let refused = thief.redeem("x.y").await;
        assert_eq!((refused.status, refused.text("error").as_str()), (401, "invalid_client"));
        assert!(refused.headers[header::WWW_AUTHENTICATE].to_str().expect("text").starts_with("Basic"));
        let mut open = flex.clone();
        open.secret = None;
        let refused = open.redeem("x.y").await;
        assert_eq!(refused.text("error"), "invalid_client");
        assert!(refused.text("error_description").contains("client_secret_basic"), "{refused:?}");
    }

    async fn oversized_and_foreign_requests_are_refused_with_a_reference(world) {
        let (flex, mut browser) = (world.flex().await, world.browser());
        browser.visit(&flex.sign_in()).await;
        let long = "x".repeat(80_000);
        browser.submit(&[("username", &long), ("password", "x"), ("action", "next")]).await;
        assert_eq!(browser.page.status, 413);
        browser.page.says("Référence");
        let path = url::Url::parse(&flex.sign_in()).expect("a URL");
        let foreign = Request::post(path.path().replace("/authorize", "/ui/logout")).header(header::HOST, "localhost:8080");
        let foreign = foreign.header(header::ORIGIN, "https://evil.example").header("sec-fetch-site", "cross-site");
        let foreign = foreign.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from("action=yes")).expect("a request");
        assert_eq!(flex.send(foreign).await.status, 403);
        browser.visit(&format!("{}/nowhere", world.issuer)).await;
        assert_eq!(browser.page.status, 404);
        browser.page.says("Caisse de pension Lindenhof");
    }

    async fn no_host_header_ever_reaches_a_link(world) {
        let flex = world.flex().await;
        let url = url::Url::parse(&flex.sign_in()).expect("a URL");
        let request = Request::get(format!("{}?{}", url.path(), url.query().unwrap_or_default())).header(header::HOST, "evil.example");
        let request = request.header("x-forwarded-host", "evil.example").header("forwarded", "host=evil.example").body(Body::empty()).expect("a request");
        let answer = flex.send(request).await;
        let to = answer.headers[header::LOCATION].to_str().expect("text");
        assert!(to.starts_with(&world.issuer), "{to}");
    }
}
