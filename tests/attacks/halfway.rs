//! Halfway (after the password alone, in the middle of a reset, of an enrollment, of the way back by letter): every route is called with
//! what such a browser has, and none gives a code, a token or a profile.

use super::everywhere::{id_after, paths};
use crate::support::browser::Browser;
use crate::support::people::Person;
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
    sets.push(set(&[
        ("email", email),
        ("password", "Neuf-Tilleuls-Bleus"),
        ("password_repeat", "Neuf-Tilleuls-Bleus"),
        ("factor", "sms"),
        ("phone", "079 000 00 99"),
        ("action", "next"),
    ]));
    sets.extend(["yes", "resend", "everywhere", "end", "skip"].map(|action| set(&[("action", action)])));
    sets
}

/// What gives up what was begun, or goes back.
fn ways_out() -> Vec<Vec<(String, String)>> {
    ["cancel", "back", "refuse"].map(|action| vec![("action".to_owned(), action.to_owned())]).to_vec()
}

/// A browser halfway on one of the roads.
struct Half {
    browser: Browser,
    /// The id that the road has in its addresses; on other roads' pages it is tried as well.
    id: String,
    /// A page of the road that is open until it is given up, and what stands there.
    stands: (String, &'static str),
    /// What nobody is shown who is only halfway.
    private: Vec<String>,
}

/// What an answer of a route may not bring about.
async fn gained(world: &World) -> (i64, Vec<usize>) {
    let numbers = world.manage().overview().await.expect("numbers");
    let events = world.manage().newest_events("lindenhof", 100_000).await.expect("events");
    let kinds = ["login.succeeded", "account.created", "factor.added", "password.reset", "password.changed", "code.issued"];
    let counts = kinds.map(|kind| events.iter().filter(|event| event.kind == kind).count());
    (numbers[0].accounts, counts.to_vec())
}

async fn sessions(world: &World) -> i64 {
    world.manage().overview().await.expect("numbers")[0].sessions
}

/// Calls every route with every form, first those that leave the road open.
async fn call_everything(world: &World, flex: &Portal, half: &mut Half) {
    let id = half.id.clone();
    let values = |parameter: &str| -> Vec<String> {
        let known: &[&str] = match parameter {
            "flow" | "enrollment" | "recovery" | "id" | "session" => &[&id],
            "step" => &["data", "email", "factor", "confirm", "done", "identified", "code", "password"],
            "population" => &["insured", "employer"],
            "version" => &["1"],
            "name" => &["poterne.css"],
            "client_id" => &["lindenhof-flex"],
            "handle" | "link" => &["AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
            other => panic!("tell this test what {{{other}}} of a route stands for"),
        };
        known.iter().map(|value| (*value).to_owned()).collect()
    };
    let issuer = url::Url::parse(&world.issuer).expect("an issuer").path().to_owned();
    let (before, sessions_before) = (gained(world).await, sessions(world).await);
    let (mut asked, mut statuses) = (0, BTreeSet::new());
    let private: Vec<&str> = half.private.iter().map(String::as_str).collect();
    for sets in [tries(flex, &id, "dieb@post.example"), ways_out()] {
        half.browser.visit(&half.stands.0).await.says(half.stands.1);
        for path in paths(values) {
            for parameters in &sets {
                for post in [false, true] {
                    let answer = call(world, &cookies_of(&half.browser), post, &format!("{issuer}{path}"), parameters).await;
                    let what = format!("{} {path} {parameters:?}", if post { "POST" } else { "GET" });
                    assert!(answer.status < 500, "{what}: {}\n{}", answer.status, answer.body);
                    assert_eq!(
                        gives(answer.location.as_deref(), &answer.body, &private),
                        None,
                        "{what}: {:?}\n{}",
                        answer.location,
                        answer.body
                    );
                    statuses.insert(answer.status);
                    asked += 1;
                }
            }
        }
    }
    assert!(asked > 400 && statuses.contains(&200) && statuses.contains(&303), "{asked}: {statuses:?}");
    assert_eq!(gained(world).await, before, "nothing came of it");
    assert!(sessions(world).await <= sessions_before, "one may run out meanwhile, none begins");
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

/// After the password alone.
async fn signing_in(world: &World, flex: &Portal, marie: &Person) -> Half {
    let mut browser = world.browser();
    browser.visit(&flex.sign_in()).await;
    browser.give_password(&marie.email(), marie.password()).await;
    browser.page.says("SMS");
    // Her name is on no page that comes before the second factor, nor the number, nor where her account was used.
    let private = [marie.phone(), "Favre", "Dernière connexion"].map(str::to_owned).to_vec();
    Half { id: id_after(&browser.page.url, "/ui/login/"), stands: (browser.page.url.clone(), "SMS"), browser, private }
}

/// After the code from the mail of a reset.
async fn resetting(world: &World, marie: &Person) -> Half {
    let mut browser = world.browser();
    browser.visit(&format!("{}/ui/recovery", world.issuer)).await;
    browser.submit(&[("username", &marie.avs_number), ("action", "next")]).await;
    let code = world.mailbox.wait_about(&marie.email(), "nouveau mot de passe", 1).await.code();
    browser.type_code(&code).await;
    let words = "Confirmez votre identité";
    browser.page.says(words);
    let private = [marie.phone(), "Favre", "Dernière connexion", &marie.email()].map(str::to_owned).to_vec();
    Half { id: id_after(&browser.page.url, "/ui/recovery/"), stands: (browser.page.url.clone(), words), browser, private }
}

/// After step 1, and where `entered` after step 2.
async fn enrolling(world: &World, flex: &Portal, person: &Person, entered: bool) -> Half {
    let mut browser = world.browser();
    browser.register_at(flex).await;
    browser.identify(person).await;
    let stands = (browser.page.url.clone(), "Mot de passe");
    if entered {
        browser.give_user_data(&person.email(), "Chataigne-Rouge-77").await;
        browser.page.says("Code de confirmation");
    }
    let private = [&person.last_name, "Dernière connexion", &person.avs_number].map(ToString::to_string).to_vec();
    Half { id: id_after(&browser.page.url, "/ui/enroll/in/"), stands, browser, private }
}

flows! {
    async fn after_the_password_alone_no_route_gives_a_code_a_token_or_a_profile(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let mut half = signing_in(world, &flex, &marie).await;
        call_everything(world, &flex, &mut half).await;

        // The same browser, once its session is whole, is given a code at the first route that it asks: the test can tell.
        let mut browser = half.browser;
        let before = world.mailbox.to(marie.phone()).len();
        world.wait(90_000);
        browser.visit(&flex.sign_in()).await;
        browser.give_password(&marie.email(), marie.password()).await;
        let code = world.mailbox.wait_for(marie.phone(), before + 1).await.code();
        browser.type_code(&code).await;
        flex.tokens_from(&browser.page).await;
        let issuer = url::Url::parse(&world.issuer).expect("an issuer").path().to_owned();
        let whole = call(world, &cookies_of(&browser), false, &format!("{issuer}/authorize"), &flex.request()).await;
        assert!(gives(whole.location.as_deref(), &whole.body, &[]).is_some(), "{:?}", whole.location);
    }

    async fn after_the_code_from_the_mail_of_a_reset_no_route_gives_anything(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let mut half = resetting(world, &marie).await;
        call_everything(world, &flex, &mut half).await;
        world.wait(90_000);
        let mut owner = world.browser();
        owner.sign_in_by_sms(world, &marie, &flex).await;
        flex.tokens_from(&owner.page).await;
    }

    async fn in_the_middle_of_an_enrollment_no_route_gives_anything(world) {
        let flex = world.flex().await;
        let urs = world.invite(Person::urs()).await;
        let mut half = enrolling(world, &flex, &urs, false).await;
        call_everything(world, &flex, &mut half).await;
        world.wait(90_000);
        let mut half = enrolling(world, &flex, &urs, true).await;
        call_everything(world, &flex, &mut half).await;
    }

    async fn on_the_way_back_by_letter_no_route_gives_anything_before_the_mailbox_is_proven(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let letter = world.manage().reset_factor("lindenhof", &marie.registry_no, "lost").await.expect("a letter");
        let letter = Person { code: letter.code.expose().to_owned(), ..marie.clone() };
        for entered in [false, true] {
            let mut half = enrolling(world, &flex, &letter, entered).await;
            half.private.push(marie.email());
            call_everything(world, &flex, &mut half).await;
            world.wait(90_000);
        }
    }
}
