//! What a request costs that anybody can make: rows, and clients that are read.

use super::{Browser, World, encoded};
use axum::http::header;
use serde_json::json;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

async fn rows(world: &World, table: &'static str) -> i64 {
    use diesel::RunQueryDsl;
    #[derive(diesel::QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }
    world
        .read(move |rx| Ok(diesel::sql_query(format!("SELECT COUNT(*) AS n FROM {table}")).get_result::<Count>(rx.conn)?.n))
        .await
}

async fn sql(world: &World, statement: &'static str) {
    use diesel::RunQueryDsl;
    world.write(move |tx| Ok(diesel::sql_query(statement).execute(tx.conn)?)).await;
}

/// A client whose row cannot be read: whoever reads them all fails.
async fn with_an_unreadable_client(world: &World) {
    world.register(&json!({"client_id": "broken", "client_name": "Broken", "redirect_uris": ["https://b.example/cb"]})).await;
    // The snapshot is of now; the row changes under it.
    world.realm().await;
    sql(world, "UPDATE client SET document = 'no JSON' WHERE client_id = 'broken'").await;
}

#[tokio::test]
async fn a_page_of_another_origin_costs_no_reading_of_all_clients() {
    for world in World::everywhere().await {
        with_an_unreadable_client(&world).await;
        for (origin, named, allowed) in [
            ("https://app.example", "app", true),
            ("https://flex.example", "app", false),
            ("https://flex.example", "flex", false),
            ("https://app.example", "nobody", false),
        ] {
            for path in ["/token", "/revoke"] {
                let form =
                    encoded(&[("client_id", named), ("grant_type", "refresh_token"), ("refresh_token", "x"), ("token", "x")]);
                let answer = world.ask("POST", path, &[FORM, ("origin", origin)], &form).await;
                let found = answer.headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN).map(|value| value.to_str().unwrap());
                assert_eq!(found, allowed.then_some(origin), "{path} {named} {origin}: {} {}", answer.status, answer.body);
                assert!(answer.status.as_u16() < 500);
            }
            for path in ["/token", "/revoke", "/userinfo"] {
                let asked = [("origin", origin), ("access-control-request-method", "POST")];
                let answer = world.ask("OPTIONS", path, &asked, "").await;
                assert_eq!(
                    (answer.status.as_u16(), answer.header(&header::ACCESS_CONTROL_ALLOW_ORIGIN)),
                    (204, "*"),
                    "{path} {origin}"
                );
                assert!(answer.header(&header::ACCESS_CONTROL_ALLOW_HEADERS).contains("authorization"));
                assert!(answer.headers.get(header::ACCESS_CONTROL_ALLOW_CREDENTIALS).is_none());
            }
        }
    }
}

#[tokio::test]
async fn a_page_reads_that_its_own_token_counts_no_more_and_nobody_elses() {
    let world = World::new().await;
    let marie = world.person("Marie").await;
    let mut browser = world.signed_in(marie).await;
    let tokens = world.tokens(&mut browser, "app", &[]).await;
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let asked = async |origin: &str, authorization: &str| {
        let answer = world.ask("GET", "/userinfo", &[("origin", origin), ("authorization", authorization)], "").await;
        (answer.status.as_u16(), answer.header(&header::ACCESS_CONTROL_ALLOW_ORIGIN).to_owned())
    };
    assert_eq!(asked("https://app.example", &bearer).await, (200, "https://app.example".into()));
    assert_eq!(asked("https://all.example", &bearer).await, (200, String::new()), "another client's page");
    world.advance(std::time::Duration::from_secs(600)).await;
    assert_eq!(asked("https://app.example", &bearer).await, (401, "https://app.example".into()), "it must learn to refresh");
    assert_eq!(asked("https://app.example", "Bearer nonsense").await, (401, String::new()));
}

#[tokio::test]
async fn the_page_that_watches_the_session_reads_the_clients_once_and_hears_of_new_ones() {
    let world = World::new().await;
    let mut document = World::document();
    document.session_management = true;
    document.registration = Some(toml::from_str("open = true").unwrap());
    world.manage().apply_realm(document).await.unwrap();
    let framed_by = async || {
        let answer = world.ask("GET", "/check-session", &[], "").await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.header(&header::CONTENT_SECURITY_POLICY).to_owned()
    };
    assert!(framed_by().await.contains("https://flex.example") && !framed_by().await.contains("https://rp.example"));
    let metadata = json!({"redirect_uris": ["https://rp.example/cb"]}).to_string();
    let registered = world.ask("POST", "/register", &[("content-type", "application/json")], &metadata).await;
    assert_eq!(registered.status, 201, "{}", registered.body);
    world.advance(std::time::Duration::from_secs(2)).await;
    assert!(framed_by().await.contains("https://rp.example"));
    sql(&world, "UPDATE client SET document = 'no JSON' WHERE client_id = 'app'").await;
    assert!(framed_by().await.contains("https://app.example"), "nothing is read again while nothing changes");
}

#[tokio::test]
async fn no_name_that_a_client_cannot_have_reaches_the_database() {
    for world in World::everywhere().await {
        let nul = World::basic("%00", "x");
        for (method, path, headers) in [
            ("GET", "/?client_id=%00", &[][..]),
            ("GET", "/ui/account?client_id=%00", &[]),
            ("GET", "/authorize?client_id=%00", &[]),
            ("GET", "/logout?client_id=%00", &[]),
            ("GET", "/ui/logged-out?client_id=%00", &[]),
            ("GET", "/register/%00", &[("authorization", "Bearer x")]),
            ("POST", "/token", &[FORM, ("authorization", &nul)]),
            ("POST", "/introspect", &[FORM, ("authorization", &nul)]),
        ] {
            let answer = world.ask(method, path, headers, "grant_type=refresh_token&refresh_token=x&token=x").await;
            assert!(answer.status.as_u16() < 500, "{method} {path}: {} {}", answer.status, answer.body);
        }
    }
}

#[tokio::test]
async fn a_posted_request_that_nobody_could_answer_is_not_kept() {
    for world in World::everywhere().await {
        let unknown = World::request("nobody", &[]);
        let answer = world.ask("POST", "/authorize", &[FORM], &unknown).await;
        assert!(answer.status == 400 && answer.body.contains("op-error"), "{}", answer.body);
        assert_eq!(world.ask("POST", "/authorize", &[FORM], "scope=openid").await.status, 400);
        assert_eq!(rows(&world, "parked_request").await, 0);
        assert_eq!(world.ask("POST", "/authorize", &[FORM], &World::request("flex", &[])).await.status, 303);
        assert_eq!(rows(&world, "parked_request").await, 1);
    }
}

#[tokio::test]
async fn a_question_before_signing_out_is_kept_only_where_there_is_something_to_know() {
    for world in World::everywhere().await {
        for query in
            ["", "client_id=nobody", "id_token_hint=a.b.c", "post_logout_redirect_uri=https%3A%2F%2Fevil.example%2F&state=s"]
        {
            let answer = world.open(&mut Browser::default(), &format!("/logout?{query}")).await;
            assert!(answer.location().ends_with("/ui/logout"), "{query}: {}", answer.location());
            assert_eq!(world.open(&mut Browser::default(), answer.location()).await.status, 200);
        }
        assert_eq!(rows(&world, "parked_request").await, 0);
        let answer = world.open(&mut Browser::default(), "/logout?client_id=flex").await;
        assert!(answer.location().contains("/ui/logout/"));
        assert_eq!(rows(&world, "parked_request").await, 1);
    }
}

#[tokio::test]
async fn the_text_of_a_hint_does_not_wait_with_the_request_but_what_it_says_does() {
    for world in World::everywhere().await {
        let (marie, urs) = (world.person("Marie").await, world.person("Urs").await);
        let mut at_marie = world.signed_in(marie).await;
        let hint = world.tokens(&mut at_marie, "flex", &[]).await["id_token"].as_str().unwrap().to_owned();
        let mut browser = Browser::default();
        let asked = World::request("flex", &[("id_token_hint", &hint)]);
        let login = world.open(&mut browser, &format!("/authorize?{asked}")).await.location().to_owned();
        let goal: String = world
            .read(|rx| {
                use crate::store::schema::flow;
                use diesel::prelude::*;
                Ok(flow::table.order(flow::id.desc()).select(flow::goal).first(rx.conn)?)
            })
            .await;
        assert!(!goal.contains(&hint) && goal.contains("\"hinted\":{\"subject\":"), "{goal}");
        // Whoever signs in instead is not handed to the portal.
        world.sign_in(&mut browser, urs).await;
        let flow = login.rsplit('/').next().unwrap().split('?').next().unwrap();
        let back = world.open(&mut browser, &format!("/authorize?flow={flow}")).await;
        assert!(!back.location().contains("code="), "{}", back.location());
    }
}
