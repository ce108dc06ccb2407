//! Other sites, mail scanners and forged headers: nothing changes, and no link, mail or redirect repeats them.

use super::everywhere::{id_after, paths};
use crate::support::browser::Browser;
use crate::support::{World, flows};
use axum::body::Body;
use axum::http::{Request, Response, header};
use tower::ServiceExt;

/// Values for the parameters of paths: what a signed-in person's browser has.
fn values(flow: &str) -> impl Fn(&str) -> Vec<String> {
    let flow = flow.to_owned();
    move |parameter| {
        let value = match parameter {
            "step" => "data",
            "population" => "insured",
            "version" => "1",
            "name" => "poterne.css",
            "handle" | "link" => "AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            _ => &flow,
        };
        vec![value.to_owned()]
    }
}

/// What must not change: accounts, sessions, and everything that is on record.
async fn state(world: &World) -> (i64, i64, Vec<String>) {
    let numbers = world.manage().overview().await.expect("numbers");
    let events = world.manage().newest_events("lindenhof", 10_000).await.expect("events");
    (numbers[0].accounts, numbers[0].sessions, events.into_iter().map(|event| event.kind).collect())
}

fn with_cookies(request: axum::http::request::Builder, browser: &Browser) -> axum::http::request::Builder {
    let cookies = browser.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
    request.header(header::COOKIE, cookies)
}

async fn send(world: &World, request: Request<Body>) -> Response<Body> {
    world.routes.clone().oneshot(request).await.expect("an answer")
}

/// A browser that is signed in and has a flow open; the flow.
async fn signed_in(world: &mut World) -> (Browser, String) {
    let flex = world.flex().await;
    let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
    browser.sign_in_by_sms(world, &marie, &flex).await;
    flex.tokens_from(&browser.page).await;
    browser.visit(&flex.sign_in_with(&[("prompt", "login")])).await.says("Mot de passe");
    let flow = id_after(&browser.page.url, "/ui/login/");
    (browser, flow)
}

flows! {
    async fn what_another_site_posts_changes_nothing(world) {
        let (browser, flow) = signed_in(world).await;
        let issuer = url::Url::parse(&world.issuer).expect("an issuer").path().to_owned();
        let before = state(world).await;
        let form = "action=yes&username=x%40post.example&password=Tilleul-Vert-1984&code=000000&terms=yes&language=de&email=x%40post.example";
        for path in paths(values(&flow)) {
            for (origin, site) in [("https://evil.example", "cross-site"), ("http://evil.localhost:8080", "same-site"), ("null", "cross-site")] {
                let request = Request::post(format!("{issuer}{path}")).header(header::HOST, "localhost:8080");
                let request = with_cookies(request, &browser).header(header::ORIGIN, origin).header("sec-fetch-site", site);
                let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
                let answer = send(world, request.body(Body::from(form)).expect("a request")).await;
                let status = answer.status().as_u16();
                let to = answer.headers().get(header::LOCATION).map(|to| to.to_str().expect("a URL").to_owned());
                // /authorize and /logout keep a posted request unread; the rest refuses.
                let kept = to.as_ref().is_some_and(|to| to.contains("parked="));
                assert!((400..500).contains(&status) || kept, "{path} from {origin}: {status} {to:?}");
            }
        }
        assert_eq!(state(world).await, before);
    }

    async fn what_only_looks_changes_nothing(world) {
        let (browser, flow) = signed_in(world).await;
        let issuer = url::Url::parse(&world.issuer).expect("an issuer").path().to_owned();
        let before = state(world).await;
        for path in paths(values(&flow)) {
            for (method, purpose) in [("HEAD", None), ("GET", None), ("GET", Some("prefetch"))] {
                let mut request = Request::builder().method(method).uri(format!("{issuer}{path}")).header(header::HOST, "localhost:8080");
                request = with_cookies(request, &browser).header("sec-fetch-site", "cross-site");
                if let Some(purpose) = purpose {
                    request = request.header("sec-purpose", purpose).header("purpose", purpose);
                }
                let answer = send(world, request.body(Body::empty()).expect("a request")).await;
                assert!(answer.status().as_u16() < 500, "{method} {path}: {}", answer.status());
                assert!(!answer.headers().get_all(header::SET_COOKIE).iter().any(|cookie| cookie.to_str().is_ok_and(|cookie| cookie.contains("poterne-lindenhof="))), "{method} {path} gives the browser another name");
            }
        }
        assert_eq!(state(world).await, before);
    }

    async fn forged_hosts_reach_no_link_no_mail_and_no_redirect(world) {
        let (browser, flow) = signed_in(world).await;
        let issuer = url::Url::parse(&world.issuer).expect("an issuer").path().to_owned();
        for path in paths(values(&flow)) {
            for post in [false, true] {
                let uri = format!("{issuer}{path}");
                let request = if post { Request::post(uri) } else { Request::get(uri) };
                let request = with_cookies(request, &browser).header(header::HOST, "evil.example");
                let request = request.header("x-forwarded-host", "evil.example").header("x-forwarded-proto", "https");
                let request = request.header("forwarded", "for=1.2.3.4;host=evil.example;proto=https").header("x-original-url", "https://evil.example/");
                let request = request.header(header::ORIGIN, "http://localhost:8080").header("sec-fetch-site", "same-origin");
                let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
                let request = request.body(Body::from(if post { "action=next&username=marie%40post.example&email=marie%40post.example" } else { "" })).expect("a request");
                let (parts, body) = send(world, request).await.into_parts();
                let bytes = axum::body::to_bytes(body, 4 << 20).await.expect("a body");
                let all = format!("{:?}\n{}", parts.headers, String::from_utf8_lossy(&bytes));
                assert!(!all.contains("evil.example"), "{path}: {all}");
            }
        }
        let mails = world.mailbox.everything();
        assert!(!mails.is_empty() && !mails.iter().any(|mail| format!("{mail:?}").contains("evil")), "{mails:?}");
    }
}
