//! The example of a host, driven as its people would: `examples/embedded.rs` and what docs/EMBEDDING.md says of it.

use crate::support::browser::Browser;
use crate::support::mailbox::Mailbox;
use crate::support::people::Person;
use crate::support::portal::{Portal, payload};
use crate::support::program::Ground;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use tokio::sync::oneshot;
use tower::ServiceExt;

#[path = "../examples/embedded.rs"]
#[expect(dead_code, reason = "the test has a start of its own")]
mod embedded;

const ORIGIN: &str = "http://localhost:8080";

async fn get(app: &Router, path: &str) -> (u16, String, String) {
    let answer = app.clone().oneshot(Request::get(path).body(Body::empty()).expect("a request")).await.expect("an answer");
    let header = answer.headers().get("content-security-policy").map(|policy| policy.to_str().expect("text").to_owned());
    let status = answer.status().as_u16();
    let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
    (status, String::from_utf8(body.to_vec()).expect("text"), header.unwrap_or_default())
}

#[tokio::test]
async fn the_example_takes_a_person_from_the_letter_to_the_hosts_own_page() {
    let (ground, mailbox) = (Ground::fresh(), Mailbox::default());
    std::fs::create_dir_all(ground.at("embedded")).expect("a folder");
    let (app, idp) = embedded::application(&ground.at("embedded"), ORIGIN, mailbox.clone()).await.expect("it starts");
    let code = embedded::invite(&idp, "M-1").await.expect("a code");
    let (stop, stopped) = oneshot::channel::<()>();
    let workers = tokio::spawn({
        let idp = idp.clone();
        async move { idp.run_workers(async move { drop(stopped.await) }).await }
    });

    let (status, text, policy) = get(&app, "/").await;
    assert_eq!((status, policy.as_str()), (200, "default-src 'self'"));
    assert!(text.contains("nobody is signed in"), "{text}");
    assert_eq!(get(&app, "/nowhere").await.1, "no page of this host\n");
    assert!(get(&app, "/id/lindenhof/").await.2.starts_with("default-src 'none'"), "the provider's pages keep their own policy");
    let metadata = get(&app, "/.well-known/oauth-authorization-server/id/lindenhof").await.1;
    assert!(
        metadata.contains("\"issuer\":\"http://localhost:8080/id/lindenhof\"") && metadata.contains("\"plan\""),
        "{metadata}"
    );

    let issuer = format!("{ORIGIN}/id/lindenhof");
    let portal = Portal::at(app.clone(), &issuer, "lindenhof-1e", None, "http://localhost:8082");
    let (marie, mut browser) = (Person { code, ..Person::marie() }, Browser::new(app, &issuer));
    browser.register_at(&portal).await;
    browser.identify(&marie).await;
    browser.give_user_data(&marie.email(), marie.password()).await;
    let code = mailbox.first(&marie.email()).await.code();
    browser.type_code(&code).await;
    browser.submit(&[("factor", "sms"), ("phone", "079 000 00 01"), ("action", "next")]).await;
    let code = mailbox.first(marie.phone()).await.code();
    browser.type_code(&code).await;
    browser.page.says("C'est fait");

    browser.visit(&portal.sign_in()).await;
    let tokens = portal.tokens_from(&browser.page).await;
    assert_eq!(payload(&tokens.text("id_token"))["plan"], "flex");
    browser.visit(&format!("{ORIGIN}/")).await.says("Lindenhof: hello Marie Favre, M-1 (urn:poterne:level:multi)");
    stop.send(()).expect("the workers run");
    workers.await.expect("they end");
}

/// What docs/EMBEDDING.md quotes is the example, line by line, and every marked part of it is quoted.
#[test]
fn the_guide_quotes_the_example() {
    let (guide, example) = (include_str!("../docs/EMBEDDING.md"), include_str!("../examples/embedded.rs"));
    let quotes: Vec<&str> = guide.split("```rust\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let mut parts = 0;
    for name in
        example.lines().filter_map(|line| line.strip_prefix("// [")?.strip_suffix(']')).filter(|name| !name.starts_with('/'))
    {
        let part = example.split(&format!("// [{name}]\n")).nth(1).and_then(|rest| rest.split(&format!("// [/{name}]")).next());
        let part = part.expect("a part has an end");
        assert!(quotes.contains(&part), "docs/EMBEDDING.md does not quote the part {name} of examples/embedded.rs as it is");
        parts += 1;
    }
    assert_eq!(quotes.len(), parts, "the guide quotes something that is not in the example");
}
