//! Other sites, mail scanners and forged headers: nothing changes, and no link, mail or redirect repeats them.

use super::everywhere::{PASSWORD, id_after, paths, somebody};
use crate::support::browser::Browser;
use crate::support::people::Person;
use crate::support::portal::payload;
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
            "client_id" => "lindenhof-flex",
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
    // The workers tell in their own time what was delivered, and which sessions had run out.
    let own_time =
        |kind: &str, data: &str| kind.starts_with("message.") || (kind == "session.ended" && data.contains("\"expired\""));
    let events = events.into_iter().filter(|event| !own_time(&event.kind, &event.data));
    (numbers[0].accounts, numbers[0].sessions, events.map(|event| event.kind).collect())
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
    async fn what_another_site_posts_with_live_ids_and_links_changes_nothing(world) {
        let flex = world.flex().await;
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        browser.sign_in_by_sms(world, &marie, &flex).await;
        let link = world.mailbox.wait_about(&marie.email(), "nouvel appareil", 1).await.link();
        browser.visit(&format!("{}/ui/account", world.issuer)).await.says("Mon compte");
        let of = browser.page.value("of").expect("a hidden field");
        browser.visit(&format!("{}/ui/recovery", world.issuer)).await;
        browser.submit(&[("username", &marie.email()), ("action", "next")]).await;
        let recovery = browser.page.url.clone();
        let code = world.mailbox.wait_about(&marie.email(), "nouveau mot de passe", 1).await.code();
        let issuer = world.issuer.clone();
        let end = format!("end:{of}");
        let posts: [(String, Vec<(&str, &str)>); 8] = [
            (link, vec![("action", "stop")]),
            (recovery.clone(), vec![("code", &code), ("action", "next")]),
            (recovery.clone(), vec![("action", "resend")]),
            (format!("{issuer}/ui/recovery"), vec![("username", "nobody@post.example"), ("action", "next")]),
            (format!("{issuer}/ui/account/sessions"), vec![("of", &of), ("action", "everywhere")]),
            (format!("{issuer}/ui/account/sessions"), vec![("of", &of), ("action", &end)]),
            (format!("{issuer}/ui/account/language"), vec![("of", &of), ("language", "de")]),
            (
                format!("{issuer}/ui/account/password"),
                vec![("of", &of), ("current", marie.password()), ("password", "Bouleau-Blanc-1902"), ("password_repeat", "Bouleau-Blanc-1902")],
            ),
        ];
        let before = state(world).await;
        for (url, fields) in &posts {
            let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
            for (origin, site) in [("https://evil.example", "cross-site"), ("http://evil.localhost:8080", "same-site"), ("null", "cross-site")] {
                let path = url::Url::parse(url).expect("a URL").path().to_owned();
                let request = with_cookies(Request::post(path).header(header::HOST, "localhost:8080"), &browser);
                let request = request.header(header::ORIGIN, origin).header("sec-fetch-site", site);
                let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
                let answer = send(world, request.body(Body::from(form.clone())).expect("a request")).await;
                assert!((400..500).contains(&answer.status().as_u16()), "{url} from {origin}: {}", answer.status());
            }
        }
        assert_eq!(state(world).await, before);
        // From the provider's own page such posts do something; the account's stop comes last.
        let telling = |fields: &[(&str, &str)]| fields.iter().any(|(name, value)| ["code", "language"].contains(name) || *value == "stop");
        for (url, fields) in posts.iter().rev().filter(|(_, fields)| telling(fields)) {
            let before = state(world).await;
            browser.post(url, fields).await;
            assert_ne!(state(world).await, before, "{url} {fields:?}: {}", browser.page.text());
            world.wait(61);
        }
    }

    async fn scanners_of_mails_and_prefetch_change_nothing_at_live_links(world) {
        let flex = world.flex().await;
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        browser.sign_in_by_sms(world, &marie, &flex).await;
        let tokens = flex.tokens_from(&browser.page).await;
        let link = world.mailbox.wait_about(&marie.email(), "nouvel appareil", 1).await.link();
        let mut resetting = world.browser();
        resetting.visit(&format!("{}/ui/recovery", world.issuer)).await;
        resetting.submit(&[("username", &marie.email()), ("action", "next")]).await;
        let pages = [link.clone(), format!("{}/ui/account", world.issuer), format!("{}/ui/account/password", world.issuer), resetting.page.url.clone()];
        let before = state(world).await;
        for url in &pages {
            for cookies in [Some(&browser), Some(&resetting), None] {
                for (method, purpose) in [("HEAD", None), ("GET", None), ("GET", Some("prefetch"))] {
                    let path = url::Url::parse(url).expect("a URL").path().to_owned();
                    let mut request = Request::builder().method(method).uri(path).header(header::HOST, "localhost:8080");
                    if let Some(purpose) = purpose {
                        request = request.header("sec-purpose", purpose).header("purpose", purpose);
                    }
                    if let Some(cookies) = cookies {
                        request = with_cookies(request, cookies);
                    }
                    let answer = send(world, request.body(Body::empty()).expect("a request")).await;
                    assert!(answer.status().as_u16() < 500, "{method} {url}: {}", answer.status());
                    let renamed = answer.headers().get_all(header::SET_COOKIE).iter().count();
                    assert!(cookies.is_none() || renamed == 0, "{method} {url} gives the browser another name");
                }
            }
        }
        assert_eq!(state(world).await, before);
        assert_eq!(flex.userinfo(&tokens.text("access_token")).await.status, 200);
        browser.visit(&link).await;
        browser.submit(&[("action", "stop")]).await;
        browser.page.says("Votre accès est bloqué");
    }

    async fn opening_anothers_link_never_switches_a_session_and_shows_nothing_of_them(world) {
        let flex = world.flex().await;
        let (marie, mut hers) = (world.marie_with_account(&flex).await, world.browser());
        hers.sign_in_by_sms(world, &marie, &flex).await;
        let subject = payload(&flex.tokens_from(&hers.page).await.text("id_token"))["sub"].clone();
        // Urs: an account with a link of a notice, an open sign-in, an open reset and an open enrollment of another person by his side.
        let (urs, mut his) = (world.invite(Person::urs()).await, world.browser());
        his.enroll_by_app(world, &urs, &flex).await;
        let link = world.mailbox.wait_about(&urs.email(), "accès est prêt", 1).await.link();
        his.visit(&flex.sign_in_with(&[("prompt", "login")])).await;
        let login = his.page.url.clone();
        his.give_password(&urs.email(), urs.password()).await;
        let factor = his.page.url.clone();
        his.visit(&format!("{}/ui/recovery", world.issuer)).await;
        his.submit(&[("username", &urs.email()), ("action", "next")]).await;
        let reset = his.page.url.clone();
        world.mailbox.wait_about(&urs.email(), "nouveau mot de passe", 1).await;
        let (paul, mut enrolling) = (world.invite(somebody(30_000)).await, world.browser());
        enrolling.register_at(&flex).await;
        enrolling.identify(&paul).await;
        enrolling.give_user_data(&paul.email(), PASSWORD).await;
        let enrollment = enrolling.page.url.clone();
        let flow = id_after(&login, "/ui/login/");
        let opened = [
            link, login.clone(), factor, format!("{login}/terms"), format!("{login}/not-served"), reset.clone(),
            reset.replace("/code", "/factor"), reset.replace("/code", "/password"), enrollment.clone(), enrollment.replace("/email", "/data"),
            enrollment.replace("/email", "/done"), format!("{}/authorize?flow={flow}", world.issuer),
            format!("{}/ui/lost-factor?flow={flow}", world.issuer), format!("{}/ui/recovery?flow={flow}", world.issuer),
            format!("{}/ui/enroll?flow={flow}", world.issuer),
        ];
        let cookies = hers.cookies().clone();
        let numbers = |state: (i64, i64, Vec<String>)| (state.0, state.1);
        let before = numbers(state(world).await);
        for url in &opened {
            hers.visit(url).await;
            let page = &hers.page;
            for private in [urs.email(), urs.last_name.clone(), urs.phone().to_owned(), urs.avs_number.clone(), paul.email(), paul.last_name.clone()] {
                assert!(!page.html.contains(&private) && !page.url.contains(&private), "{url} shows {private}: {}", page.text());
            }
            if !url.contains("not-me") && hers.page.url.starts_with(&world.issuer) && hers.page.html.contains("<form") {
                hers.submit(&[("code", "000000"), ("action", "next")]).await;
            }
            assert_eq!(*hers.cookies(), cookies, "{url}");
            hers.visit(&flex.sign_in_with(&[("prompt", "none")])).await;
            assert_eq!(payload(&flex.tokens_from(&hers.page).await.text("id_token"))["sub"], subject, "{url}: she stays Marie");
        }
        assert_eq!(numbers(state(world).await), before);
        // And what is Urs's goes on where it was.
        his.visit(&reset).await.says("Consultez vos e-mails");
        enrolling.visit(&enrollment).await.says("Code de confirmation");
    }
}
