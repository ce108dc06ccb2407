//! Everything that one fund gave out, shown at every route of the other: generated from the route table, so that a new route is asked
//! without anybody thinking of it.

use super::{BIRKENHOF, Second};
use crate::support::browser::Browser;
use crate::support::journey::step_of;
use crate::support::people::Person;
use crate::support::portal::{Answer, NONCE, Portal, STATE, VERIFIER, payload};
use crate::support::{World, flows};
use axum::body::Body;
use axum::http::{Request, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use poterne_idp::routes_of_a_realm;
use std::collections::{BTreeMap, BTreeSet};
use tower::ServiceExt;
use url::form_urlencoded::Serializer;

/// What the first fund gave out, all of it live.
struct Given {
    flex: Portal,
    /// Marie's browser, signed in, with a flow whose password was given.
    marie: Browser,
    /// Urs's browser, in the middle of an enrollment.
    urs: Browser,
    flows: Vec<String>,
    enrollments: Vec<String>,
    recoveries: Vec<String>,
    parked: Vec<String>,
    /// Links of notices.
    handles: Vec<String>,
    code: String,
    access_token: String,
    refresh_token: String,
    id_token: String,
    activation_code: String,
    /// What nobody may read at the other fund.
    private: Vec<String>,
}

fn id_of(url: &str, after: &str) -> String {
    let rest = url.split_once(after).unwrap_or_else(|| panic!("no {after} in {url}")).1;
    rest.split(['/', '?', '&']).next().unwrap_or_default().to_owned()
}

impl Given {
    async fn by(world: &mut World) -> Self {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let mut signed_in = world.browser();
        signed_in.sign_in_by_sms(world, &marie, &flex).await;
        let tokens = flex.tokens_from(&signed_in.page).await;
        let one_e = world.one_e();
        signed_in.visit(&one_e.sign_in_with(&[("prompt", "none")])).await;
        let public = one_e.tokens_from(&signed_in.page).await;
        signed_in.visit(&flex.sign_in_with(&[("prompt", "none")])).await;
        let code = flex.code_from(&signed_in.page);
        // A flow at its first page, and one whose password was given.
        let mut flows = Vec::new();
        signed_in.visit(&flex.sign_in_with(&[("prompt", "login")])).await.says("Mot de passe");
        flows.push(id_of(&signed_in.page.url, "/ui/login/"));
        signed_in.visit(&flex.sign_in_with(&[("prompt", "login")])).await;
        signed_in.give_password(&marie.email(), marie.password()).await;
        assert_eq!(step_of(&signed_in.page.url), "factor");
        flows.push(id_of(&signed_in.page.url, "/ui/login/"));
        let urs = world.invite(Person::urs()).await;
        let mut enrolling = world.browser();
        enrolling.register_at(&flex).await;
        enrolling.identify(&urs).await;
        enrolling.give_user_data(&urs.email(), urs.password()).await;
        assert_eq!(step_of(&enrolling.page.url), "email", "{}", enrolling.page.text());
        let enrollments = vec![id_of(&enrolling.page.url, "/ui/enroll/in/")];
        let parked = vec![parked(world, "/authorize", &flex.request()).await, parked(world, "/logout", &[]).await];
        let handles = vec![id_of(&world.mailbox.wait_for(&marie.email(), 2).await.link(), "/ui/not-me/")];
        let mut resetting = signed_in.clone();
        resetting.visit(&format!("{}/ui/recovery", world.issuer)).await;
        resetting.submit(&[("username", &marie.email()), ("action", "next")]).await.says(&marie.email());
        let recoveries = vec![id_of(&resetting.page.url, "/ui/recovery/")];
        let sub = payload(&tokens.text("id_token"))["sub"].as_str().expect("a subject").to_owned();
        let private =
            ["Lindenhof flex", "Caisse de pension Lindenhof", "Marie", "Favre", "Amstutz", "marie@", "urs@", "79 •••", &sub];
        Self {
            marie: signed_in,
            urs: enrolling,
            flows,
            enrollments,
            recoveries,
            parked,
            handles,
            code,
            access_token: tokens.text("access_token"),
            refresh_token: public.text("refresh_token"),
            id_token: tokens.text("id_token"),
            activation_code: urs.code.clone(),
            private: private.map(str::to_owned).to_vec(),
            flex,
        }
    }

    /// What stands for a parameter of a path: all that the first fund has of this kind, and what the second itself knows.
    fn values_of(&self, parameter: &str) -> Vec<String> {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        match parameter {
            "flow" => self.flows.clone(),
            "enrollment" => self.enrollments.clone(),
            "recovery" => self.recoveries.clone(),
            "id" => self.parked.clone(),
            "handle" => self.handles.clone(),
            "client_id" => words(&["lindenhof-flex", "birkenhof"]),
            "step" => words(&["data", "email", "factor", "confirm"]),
            "population" => words(&["insured", "members"]),
            "version" => words(&["1", "2"]),
            "name" => words(&["poterne.css", "brand.css"]),
            other => panic!("tell this test what {{{other}}} of a route stands for"),
        }
    }

    /// Every path that a route stands for.
    fn paths_of(&self, route: &str) -> Vec<String> {
        let mut paths = vec![String::new()];
        for part in route.split('/').skip(1) {
            let parameter = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
            let values = parameter.map_or_else(|| vec![part.to_owned()], |parameter| self.values_of(parameter));
            paths = paths.iter().flat_map(|path| values.iter().map(move |value| format!("{path}/{value}"))).collect();
        }
        paths
    }

    /// What is sent along, in the query or as a form.
    fn parameters(&self, other: &Portal) -> Vec<Vec<(String, String)>> {
        let pairs = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>()
        };
        let redirect_uri = self.flex.redirect_uri();
        let exchange = [
            ("grant_type", "authorization_code"),
            ("code", &self.code),
            ("redirect_uri", &redirect_uri),
            ("code_verifier", VERIFIER),
        ];
        let refresh = [("grant_type", "refresh_token"), ("refresh_token", &self.refresh_token), ("client_id", "lindenhof-1e")];
        let sign_out = [
            ("id_token_hint", self.id_token.as_str()),
            ("client_id", "lindenhof-flex"),
            ("post_logout_redirect_uri", "http://localhost:8081/signed-out"),
            ("state", STATE),
        ];
        let form = [
            ("action", "next"),
            ("code", &self.activation_code),
            ("avs_number", "756.0000.0000.26"),
            ("birth_date", "29.02.1968"),
            ("member_no", "4711"),
            ("terms", "yes"),
            ("username", "x@post.example"),
            ("password", "Tilleul-Vert-1984"),
            ("factor", "sms"),
            ("phone", "079 000 00 02"),
        ];
        let mut silent = other.request();
        silent.extend(pairs(&[("prompt", "none"), ("id_token_hint", &self.id_token)]));
        let mut sets = vec![
            Vec::new(),
            pairs(&exchange),
            pairs(&refresh),
            pairs(&sign_out),
            pairs(&form),
            self.flex.request(),
            other.request(),
            silent,
        ];
        sets.extend(self.flows.iter().flat_map(|flow| [pairs(&[("flow", flow)]), pairs(&[("flow", flow), ("cancel", "1")])]));
        sets.extend(self.parked.iter().map(|parked| pairs(&[("parked", parked)])));
        sets.extend(["yes", "resend", "cancel", "back", "restart"].map(|action| pairs(&[("action", action)])));
        sets.push(pairs(&[("access_token", &self.access_token)]));
        sets
    }

    /// The cookies of the first fund as they are, and under the names of the second.
    fn cookies(&self) -> Vec<String> {
        let renamed = |browser| cookies_of(browser).replace("lindenhof", BIRKENHOF);
        vec![cookies_of(&self.marie), renamed(&self.marie), renamed(&self.urs)]
    }

    fn authorizations(&self) -> Vec<Option<String>> {
        let secret = self.flex.secret.as_deref().expect("a confidential portal");
        let basic = format!("Basic {}", STANDARD.encode(format!("lindenhof-flex:{secret}")));
        vec![None, Some(format!("Bearer {}", self.access_token)), Some(basic)]
    }
}

/// Posts a request to an endpoint that keeps it for the GET that follows; gives the id it waits under.
async fn parked(world: &World, endpoint: &str, parameters: &[(String, String)]) -> String {
    let uri = format!("{}{endpoint}", path_of(&world.issuer));
    let body = Serializer::new(String::new()).extend_pairs(parameters).finish();
    let request = Request::post(uri).header(header::HOST, "localhost:8080");
    let request =
        request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from(body)).expect("a request");
    let response = world.routes.clone().oneshot(request).await.expect("an answer");
    let to = response.headers().get(header::LOCATION).expect("a redirect").to_str().expect("a URL");
    id_of(to, "parked=")
}

fn path_of(issuer: &str) -> String {
    url::Url::parse(issuer).expect("an issuer").path().to_owned()
}

/// One request to the second fund.
#[derive(Clone)]
struct Shown<'a> {
    post: bool,
    path: String,
    parameters: &'a [(String, String)],
    cookies: &'a str,
    authorization: Option<&'a str>,
}

impl Shown<'_> {
    async fn answer(&self, world: &World) -> (u16, Option<String>, String) {
        let pairs = Serializer::new(String::new()).extend_pairs(self.parameters).finish();
        let mut request = if self.post {
            let request = Request::post(&self.path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            request.header(header::ORIGIN, "http://localhost:8080").header("sec-fetch-site", "same-origin")
        } else {
            Request::get(format!("{}?{pairs}", self.path))
        };
        request = request
            .header(header::HOST, "localhost:8080")
            .header(header::ACCEPT_LANGUAGE, "fr")
            .header(header::COOKIE, self.cookies);
        if let Some(authorization) = self.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let request = request.body(if self.post { Body::from(pairs) } else { Body::empty() }).expect("a request");
        let (parts, body) = world.routes.clone().oneshot(request).await.expect("an answer").into_parts();
        let location = parts.headers.get(header::LOCATION).map(|to| to.to_str().expect("a URL").to_owned());
        let bytes = axum::body::to_bytes(body, 4 << 20).await.expect("a body");
        (parts.status.as_u16(), location, String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Never the other's data, never a code, never a way to the other's portals, never a failure.
    async fn is_nothing_there(&self, world: &World, private: &[String]) -> u16 {
        let (status, location, body) = self.answer(world).await;
        let asked = format!("{} {} {:?}", if self.post { "POST" } else { "GET" }, self.path, self.parameters);
        assert!(status < 500, "{asked}: {status} {body}");
        assert_eq!(told(location.as_deref(), &body, private), None, "{asked}: {status} {location:?}\n{body}");
        for endpoint in ["/token", "/userinfo"] {
            assert!(!self.path.ends_with(endpoint) || status >= 400, "{asked}: {status} {body}");
        }
        status
    }
}

/// What an answer tells that is the first fund's.
fn told(location: Option<&str>, body: &str, private: &[String]) -> Option<String> {
    if let Some(to) = location {
        let url = url::Url::parse("http://localhost:8080").and_then(|base| base.join(to)).expect("a URL");
        if url.query_pairs().any(|(name, _)| name == "code") {
            return Some("an authorization code".into());
        }
        if to.contains("localhost:8081") || to.contains("localhost:8082") || url.path().contains("lindenhof") {
            return Some("a way to the first fund or its portals".into());
        }
    }
    private.iter().find(|secret| body.contains(secret.as_str())).cloned()
}

/// The same questions at the first fund itself, by GET: they do tell there, so the silence of the second means something.
async fn the_first_fund_tells(world: &World, given: &Given) -> BTreeSet<&'static str> {
    let people: Vec<_> = given.private.iter().filter(|text| !text.contains("Lindenhof")).cloned().collect();
    let (sets, bearer) = ([Vec::new(), given.flex.request()], format!("Bearer {}", given.access_token));
    let cookies = [&given.marie, &given.urs].map(cookies_of);
    let mut telling = BTreeSet::new();
    for route in routes_of_a_realm() {
        for path in given.paths_of(route) {
            for (parameters, cookies) in sets.iter().flat_map(|set| cookies.iter().map(move |cookies| (set, cookies))) {
                let path = format!("{}{path}", path_of(&world.issuer));
                let shown = Shown { post: false, path, parameters, cookies, authorization: Some(&bearer) };
                let (_, location, body) = shown.answer(world).await;
                let code = location.is_some_and(|to| to.contains("code="));
                if code || told(None, &body, &people).is_some() {
                    telling.insert(*route);
                }
            }
        }
    }
    telling
}

fn cookies_of(browser: &Browser) -> String {
    browser.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
}

/// Calls every route of the second fund with everything of the first; how often each status came.
async fn show_everything(world: &World, given: &Given, second: &Second) -> BTreeMap<u16, u32> {
    let mut statuses = BTreeMap::new();
    let (parameters, cookies, authorizations) = (given.parameters(&second.portal), given.cookies(), given.authorizations());
    for path in routes_of_a_realm().iter().flat_map(|route| given.paths_of(route)) {
        let path = format!("{}{path}", path_of(&second.issuer));
        for set in &parameters {
            for cookies in &cookies {
                for post in [false, true] {
                    // Credentials in a header are read by two endpoints; everywhere else one of them is enough.
                    let most = if path.ends_with("/token") || path.ends_with("/userinfo") { authorizations.len() } else { 1 };
                    for authorization in authorizations.iter().take(most) {
                        let shown =
                            Shown { post, path: path.clone(), parameters: set, cookies, authorization: authorization.as_deref() };
                        *statuses.entry(shown.is_nothing_there(world, &given.private).await).or_default() += 1;
                    }
                }
            }
        }
    }
    statuses
}

/// Everything of the first fund still works at the first fund: nothing was spent, ended or moved by what was shown elsewhere.
async fn everything_still_works(world: &World, given: &mut Given) {
    let refreshed: Answer = world.one_e().refresh(&given.refresh_token).await;
    assert_eq!(refreshed.status, 200, "{refreshed:?}");
    assert_eq!(given.flex.userinfo(&given.access_token).await.status, 200);
    let redeemed = given.flex.redeem(&given.code).await;
    assert_eq!(redeemed.status, 200, "{redeemed:?}");
    assert_eq!(payload(&redeemed.text("id_token"))["nonce"], NONCE);
    let page = given.marie.page.url.clone();
    given.marie.visit(&page).await;
    assert_eq!(given.marie.page.status, 200);
    given.marie.page.says("Caisse de pension Lindenhof");
    let mail = world.mailbox.first("urs@post.example").await;
    given.urs.type_code(&mail.code()).await;
    assert_eq!(step_of(&given.urs.page.url), "factor", "{}", given.urs.page.text());
}

flows! {
    async fn what_one_fund_gave_out_is_nothing_at_any_route_of_the_other(world) {
        let mut given = Given::by(world).await;
        let second = Second::in_world(world).await;
        let statuses = show_everything(world, &given, &second).await;
        let asked: u32 = statuses.values().sum();
        println!("{asked} requests to {} routes: {statuses:?}", routes_of_a_realm().len());
        assert!(asked > 1000 && statuses.contains_key(&200) && statuses.contains_key(&404), "{statuses:?}");
        let overview = world.manage().overview().await.expect("numbers");
        let birkenhof = overview.iter().find(|realm| realm.slug == BIRKENHOF).expect("it is there");
        assert_eq!((birkenhof.accounts, birkenhof.sessions), (0, 0));
        let events = world.manage().newest_events(BIRKENHOF, 1000).await.expect("events");
        let kinds: BTreeSet<_> = events.iter().map(|event| event.kind.clone()).collect();
        let grown: Vec<_> = kinds.iter().filter(|kind| ["login.succeeded", "enrollment.started", "enrollment.completed", "code.redeemed", "logout"].contains(&kind.as_str())).collect();
        assert!(grown.is_empty(), "{kinds:?}");
        everything_still_works(world, &mut given).await;
        let telling = the_first_fund_tells(world, &given).await;
        for route in ["/authorize", "/userinfo", "/ui/login/{flow}/factor", "/ui/enroll/in/{enrollment}/{step}", "/ui/recovery/{recovery}/code"] {
            assert!(telling.contains(route), "{route} tells nothing even at home: {telling:?}");
        }
    }
}

/// The list is the router's own: whoever writes a route otherwise than by a name of the list is found here.
#[test]
fn every_route_is_built_from_the_list() {
    fn rust_files(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
        for path in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if path.is_dir() && name != "tests" {
                rust_files(&path, found);
            } else if path.extension().is_some_and(|end| end == "rs") && !name.contains("tests") {
                found.push(path);
            }
        }
    }
    let mut files = Vec::new();
    rust_files(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("idp/src"), &mut files);
    let mut names = BTreeSet::new();
    // What lies before a realm is the dispatcher's own.
    for file in files.into_iter().filter(|file| !file.ends_with("idp/src/idp.rs")) {
        let source = std::fs::read_to_string(&file).expect("a source");
        // The crate's documentation shows a host's routes.
        let source: String =
            source.lines().filter(|line| !line.starts_with("//!")).fold(String::new(), |all, line| all + line + "\n");
        for way in [".nest(", ".nest_service(", ".route_service("] {
            assert!(!source.contains(way), "{}: {way}…) hides routes from the list", file.display());
        }
        for argument in source.split(".route(").skip(1) {
            let name = argument
                .trim_start()
                .strip_prefix("paths::")
                .unwrap_or_else(|| panic!("{}: a path that is not in urls::paths", file.display()));
            names.insert(name.split(|c: char| !c.is_ascii_uppercase() && c != '_').next().unwrap_or_default().to_owned());
        }
    }
    assert_eq!(names.len(), routes_of_a_realm().len(), "routed: {names:?}; listed: {:?}", routes_of_a_realm());
}
