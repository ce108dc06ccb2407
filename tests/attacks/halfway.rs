//! After the password alone: every route is called with that half session, and none gives a code, a token or a profile.

use super::everywhere::{id_after, paths};
use crate::support::browser::Browser;
use crate::support::portal::{Portal, VERIFIER};
use crate::support::{World, flows};
use axum::body::Body;
use axum::http::{Request, header};
use std::collections::BTreeSet;
use tower::ServiceExt;
use url::form_urlencoded::Serializer;

/// What an answer gives that half a session must not have.
fn gives(location: Option<&str>, body: &str, private: &[&str]) -> Option<String> {
    if location.is_some_and(|to| to.contains("code=") || to.contains("_token=")) {
        return location.map(str::to_owned);
    }
    let words = ["\"access_token\":", "\"id_token\":", "\"refresh_token\":", "\"sub\":"];
    words.iter().chain(private).find(|word| body.contains(**word)).map(|word| (*word).to_owned())
}

/// Forms and queries that somebody halfway might try, at any address.
fn tries(flex: &Portal, flow: &str, email: &str) -> Vec<Vec<(String, String)>> {
    let set =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>();
    let mut silent = flex.request();
    silent.extend(set(&[("prompt", "none")]));
    let redirect_uri = flex.redirect_uri();
    let mut sets = vec![
        Vec::new(),
        flex.request(),
        silent,
        set(&[("flow", flow)]),
        set(&[
            ("grant_type", "authorization_code"),
            ("code", flow),
            ("redirect_uri", &redirect_uri),
            ("code_verifier", VERIFIER),
        ]),
        set(&[
            ("username", email),
            ("email", email),
            ("code", "000000"),
            ("factor", "totp"),
            ("terms", "yes"),
            ("action", "next"),
        ]),
        set(&[("password", "Neuf-Tilleuls-Bleus"), ("password_repeat", "Neuf-Tilleuls-Bleus"), ("action", "next")]),
        set(&[("action", "accept"), ("terms", "yes"), ("version", "1")]),
        set(&[("amr", "otp"), ("acr", "urn:poterne:multi"), ("verified", "true"), ("step", "done")]),
    ];
    sets.extend(["yes", "resend", "cancel", "back", "everywhere", "end", "skip"].map(|action| set(&[("action", action)])));
    sets
}

struct Called {
    status: u16,
    location: Option<String>,
    body: String,
}

async fn call(world: &World, cookies: &str, post: bool, path: &str, parameters: &[(String, String)]) -> Called {
    let pairs = Serializer::new(String::new()).extend_pairs(parameters).finish();
    let mut request = if post {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        request.header(header::ORIGIN, "http://localhost:8080").header("sec-fetch-site", "same-origin")
    } else {
        Request::get(format!("{path}?{pairs}"))
    };
    request =
        request.header(header::HOST, "localhost:8080").header(header::COOKIE, cookies).header(header::ACCEPT_LANGUAGE, "fr");
    let request = request.body(if post { Body::from(pairs) } else { Body::empty() }).expect("a request");
    let (parts, body) = world.routes.clone().oneshot(request).await.expect("an answer").into_parts();
    let location = parts.headers.get(header::LOCATION).map(|to| to.to_str().expect("a URL").to_owned());
    let bytes = axum::body::to_bytes(body, 4 << 20).await.expect("a body");
    Called { status: parts.status.as_u16(), location, body: String::from_utf8_lossy(&bytes).into_owned() }
}

fn cookies_of(browser: &Browser) -> String {
    browser.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
}

async fn sessions(world: &World) -> i64 {
    world.manage().overview().await.expect("numbers")[0].sessions
}

flows! {
    async fn after_the_password_alone_no_route_gives_a_code_a_token_or_a_profile(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let before = sessions(world).await;
        let mut half = world.browser();
        half.visit(&flex.sign_in()).await;
        half.give_password(&marie.email(), marie.password()).await;
        half.page.says("SMS");
        let flow = id_after(&half.page.url, "/ui/login/");
        let values = |parameter: &str| -> Vec<String> {
            let known: &[&str] = match parameter {
                "flow" | "enrollment" | "recovery" | "id" | "session" => &[&flow],
                "step" => &["data", "email", "factor", "confirm", "done", "identified", "code", "password"],
                "population" => &["insured", "employer"],
                "version" => &["1"],
                "name" => &["poterne.css"],
                "handle" | "link" => &["AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
                other => panic!("tell this test what {{{other}}} of a route stands for"),
            };
            known.iter().map(|value| (*value).to_owned()).collect()
        };
        let issuer = url::Url::parse(&world.issuer).expect("an issuer").path().to_owned();
        let (mut asked, mut statuses) = (0, BTreeSet::new());
        // Her name is on no page that comes before the second factor, nor the number, nor where her account was used.
        let private = [marie.phone(), "Favre", "Dernière connexion"];
        for path in paths(values) {
            // One request a form, each with a fresh half session where the one before was given up by «Annuler».
            for parameters in tries(&flex, &flow, &marie.email()) {
                for post in [false, true] {
                    let answer = call(world, &cookies_of(&half), post, &format!("{issuer}{path}"), &parameters).await;
                    let what = format!("{} {path} {parameters:?}", if post { "POST" } else { "GET" });
                    assert!(answer.status < 500, "{what}: {}\n{}", answer.status, answer.body);
                    assert_eq!(gives(answer.location.as_deref(), &answer.body, &private), None, "{what}: {:?}\n{}", answer.location, answer.body);
                    statuses.insert(answer.status);
                    asked += 1;
                }
            }
        }
        assert!(asked > 400 && statuses.contains(&200) && statuses.contains(&303), "{asked}: {statuses:?}");
        assert_eq!(sessions(world).await, before, "no session came of it");

        // The same session, once whole, is given a code at the first route that it asks: the test can tell.
        let before = world.mailbox.to(marie.phone()).len();
        world.wait(90_000);
        half.visit(&flex.sign_in()).await;
        half.give_password(&marie.email(), marie.password()).await;
        let code = world.mailbox.wait_for(marie.phone(), before + 1).await.code();
        half.type_code(&code).await;
        flex.tokens_from(&half.page).await;
        let whole = call(world, &cookies_of(&half), false, &format!("{issuer}/authorize"), &flex.request()).await;
        assert!(gives(whole.location.as_deref(), &whole.body, &private).is_some(), "{:?}", whole.location);
    }
}
