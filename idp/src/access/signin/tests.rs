//! Sign-in through its routes and against a real database.

use super::rules::Stand;
use super::store::{Fresh, Passed, Visit};
use crate::access::factor::asked::{Code, On, To};
use crate::access::factor::sms::PhoneNumber;
use crate::access::factor::totp::TotpSecret;
use crate::access::factor::{self, NewFactor, password};
use crate::access::flow::{self, Goal, NewFlow, Progress};
use crate::access::notice::Occasion;
use crate::access::session;
use crate::access::tests::{House, request};
use crate::directory::account::{self, Account};
use crate::directory::client;
use crate::error::Failure;
use crate::store::schema::{account as accounts, audit_event, factor as factors, message};
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use diesel::prelude::*;
use poterne_protocol::client::Client;
use poterne_protocol::id::{BrowserId, ClientRowId, FactorId, FlowId};
use poterne_protocol::secret::{Handle, Secret};
use std::sync::Arc;
use std::time::Duration;
use tower::ServiceExt;

const PASSWORD: &str = "Tilleul-Vert-1984";
const MARIE: &str = "marie.favre@lac.example";

/// A fund, an account with a password, a flow in a browser.
struct Scene {
    house: House,
    flow: FlowId,
    browser: Handle<BrowserId>,
}

/// An answer of the routes.
struct Answer {
    status: StatusCode,
    location: String,
    cookie: Option<Handle<BrowserId>>,
    text: String,
}

impl Scene {
    async fn new(seed: u64) -> Self {
        let house = House::new(seed).await;
        let hash = password::hash(&house.app, &Secret::new(PASSWORD.into())).await.unwrap();
        let (marie, now) = (house.marie, house.now());
        let row = ClientRowId::new(now, house.app.entropy.bytes());
        let browser = Handle { id: BrowserId::new(now, house.app.entropy.bytes()), secret: house.app.entropy.secret() };
        let flow = FlowId::new(now, house.app.entropy.bytes());
        let (fresh, clients) = (browser.clone(), house.realm.document.clients.clone());
        let until = now.plus(Duration::from_secs(3_600));
        let set = house.app.db.write(house.realm.id, move |tx| {
            client::apply_document(tx, &clients, &[row], now)?;
            session::settle(tx, None, &fresh, now, until)?;
            flow::insert(
                tx,
                fresh.id,
                &NewFlow {
                    id: flow,
                    goal: Goal::Portal { client: row, request: Box::new(request()) },
                    at: now,
                    expires_at: until,
                },
            )?;
            diesel::update(accounts::table.find((tx.realm(), marie))).set(accounts::password_hash.eq(&hash)).execute(tx.conn)?;
            Ok(())
        });
        set.await.unwrap();
        Self { house, flow, browser }
    }

    fn visit(&self) -> Visit {
        let (realm, now) = (self.house.realm.clone(), self.house.now());
        Visit { realm, now, presented: Some(self.browser.clone()), flow: self.flow }
    }

    async fn with_app(&self) -> (FactorId, TotpSecret) {
        let secret = TotpSecret::generate(&self.house.app.entropy);
        let (app, realm) = (&self.house.app, &self.house.realm);
        let new = NewFactor::totp(app, realm, self.house.now(), self.house.marie, &secret, 0).unwrap();
        let id = new.id();
        app.db.write(realm.id, move |tx| factor::insert(tx, &new)).await.unwrap();
        (id, secret)
    }

    async fn with_phone(&self) -> FactorId {
        let number = PhoneNumber::from_kept("+41790000001".into());
        let (app, realm) = (&self.house.app, &self.house.realm);
        let new = NewFactor::sms(app, realm, self.house.now(), self.house.marie, &number).unwrap();
        let id = new.id();
        app.db.write(realm.id, move |tx| factor::insert(tx, &new)).await.unwrap();
        id
    }

    async fn send(&self, method: &str, path: &str, body: &str, browser: Option<&Handle<BrowserId>>) -> Answer {
        let cookie = browser.map_or_else(String::new, |browser| format!("poterne-lindenhof-8080={}", browser.expose()));
        let mut request = Request::builder().method(method).uri(path).header(header::COOKIE, cookie);
        request.extensions_mut().unwrap().insert(self.house.realm.clone());
        let routes = super::routes().with_state(self.house.app.clone());
        let response = routes.oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let head = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let (status, location, cookie) = (parts.status, head(header::LOCATION), head(header::SET_COOKIE));
        let value = cookie.split(';').next().and_then(|pair| pair.split_once('=')).map(|(_, value)| value.to_owned());
        let text = String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap();
        let text = text.replace("&#x27;", "'").replace("&#x2f;", "/");
        Answer { status, location, cookie: value.as_deref().and_then(Handle::parse), text }
    }

    fn path(&self) -> String {
        format!("/ui/login/{}", self.flow)
    }

    fn url(&self, rest: &str) -> String {
        format!("http://localhost:8080/lindenhof/{}", rest.replace("FLOW", &self.flow.to_string()))
    }

    async fn post_password(&self, username: &str, password: &str) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new());
        let body =
            { body }.append_pair("username", username).append_pair("password", password).append_pair("action", "next").finish();
        self.send("POST", &self.path(), &body, Some(&self.browser)).await
    }

    async fn post_factor(&self, body: &str) -> Answer {
        self.send("POST", &format!("{}/factor", self.path()), body, Some(&self.browser)).await
    }

    async fn events(&self) -> Vec<String> {
        let read = self.house.app.db.read(self.house.realm.id, |rx| {
            Ok(audit_event::table.order(audit_event::id).select(audit_event::kind).load(rx.conn)?)
        });
        let mut events: Vec<String> = read.await.unwrap();
        events.sort();
        events
    }

    async fn messages(&self, channel: &'static str) -> i64 {
        let read = self.house.app.db.read(self.house.realm.id, move |rx| {
            Ok(message::table.filter(message::channel.eq(channel)).count().get_result(rx.conn)?)
        });
        read.await.unwrap()
    }

    /// Moves Marie to a population that needs no second factor, at this level.
    async fn as_visitor(&self, level: &'static str) {
        let (marie, change) = (self.house.marie, (accounts::population.eq("visitor"), accounts::level.eq(level)));
        let moved = self.house.app.db.write(self.house.realm.id, move |tx| {
            Ok(diesel::update(accounts::table.find((tx.realm(), marie))).set(change).execute(tx.conn)?)
        });
        moved.await.unwrap();
    }

    async fn progress(&self) -> Progress {
        let id = self.flow;
        self.house.app.db.read(self.house.realm.id, move |rx| flow::load(rx, id)).await.unwrap().unwrap().progress
    }
}

#[tokio::test]
async fn v_04_password_and_app_lead_to_a_session_under_a_new_cookie() {
    let scene = Scene::new(20).await;
    let (_, secret) = scene.with_app().await;
    let page = scene.send("GET", &scene.path(), "", Some(&scene.browser)).await;
    assert!(page.status == StatusCode::OK && page.text.contains("id=\"op-login\"") && !page.text.contains(MARIE));
    let answer = scene.post_password(" Marie.Favre@LAC.example ", PASSWORD).await;
    assert_eq!((answer.status, answer.location), (StatusCode::SEE_OTHER, scene.url("ui/login/FLOW/factor")));
    assert!(answer.cookie.is_none(), "half a sign-in gives nothing");
    assert_eq!(scene.send("GET", &scene.path(), "", Some(&scene.browser)).await.location, scene.url("ui/login/FLOW/factor"));
    let code = secret.digits_at(scene.house.now());
    let answer = scene.post_factor(&format!("code={}+{}&action=next", &code[..3], &code[3..])).await;
    assert_eq!((answer.status, answer.location), (StatusCode::SEE_OTHER, scene.url("authorize?flow=FLOW")));
    let renewed = answer.cookie.unwrap();
    assert_eq!(renewed.id, scene.browser.id);
    let (old, new, now) = (scene.browser.clone(), renewed.clone(), scene.house.now());
    let known =
        scene.house.app.db.read(scene.house.realm.id, move |rx| {
            Ok((session::known(rx, Some(&old), now)?, session::known(rx, Some(&new), now)?))
        });
    assert_eq!(known.await.unwrap(), (None, Some(renewed.id)), "the cookie from before is worth nothing");
    let there = scene.send("GET", &scene.path(), "", Some(&renewed)).await;
    assert_eq!(there.location, scene.url("authorize?flow=FLOW"));
    assert_eq!(scene.events().await, ["login.password_accepted", "login.succeeded"]);
    let marie = scene.house.marie;
    let account = scene.house.app.db.read(scene.house.realm.id, move |rx| account::load(rx, marie)).await.unwrap().unwrap();
    assert_eq!(account.last_login_at, Some(scene.house.now()));
}

#[tokio::test]
async fn unknown_names_wrong_passwords_and_suspended_accounts_get_the_same_bytes() {
    let scene = Scene::new(21).await;
    scene.with_phone().await;
    let mut answers = Vec::new();
    let marie = scene.house.marie;
    for (name, password, suspended) in [
        (MARIE, "Faux-Passe-99!", false),
        ("nobody@lac.example", PASSWORD, false),
        ("nobody at all", PASSWORD, false),
        (MARIE, PASSWORD, true),
    ] {
        let since = suspended.then(|| scene.house.now());
        let suspend = scene.house.app.db.write(scene.house.realm.id, move |tx| {
            Ok(diesel::update(accounts::table.find((tx.realm(), marie)))
                .set(accounts::suspended_at.eq(since))
                .execute(tx.conn)?)
        });
        suspend.await.unwrap();
        let answer = scene.post_password(name, password).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!answer.text.contains(password) && answer.text.contains(name));
        answers.push(answer.text.replace(name, "NAME"));
    }
    assert!(answers[0].contains("n'est pas juste"), "{}", answers[0]);
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(scene.progress().await, Progress::Started);
    assert_eq!(scene.messages("sms").await, 0, "no message before the password");
}

#[tokio::test]
async fn a_name_that_is_wrong_five_times_waits_whether_it_is_known_or_not() {
    let scene = Scene::new(22).await;
    scene.with_phone().await;
    for name in [MARIE, "nobody@lac.example"] {
        for _ in 0..5 {
            assert!(!scene.post_password(name, "Faux-Passe-99!").await.text.contains("Trop d"));
        }
        let answer = scene.post_password(name, PASSWORD).await;
        assert!(answer.text.contains("Trop d") && answer.text.contains("une minute"), "{}", answer.text);
    }
    // Whoever must wait takes no turn from those who may try.
    let permits = u32::try_from(scene.house.app.hashing.available_permits()).unwrap();
    let all = scene.house.app.hashing.clone().acquire_many_owned(permits).await.unwrap();
    for name in [MARIE, "nobody@lac.example"] {
        assert!(scene.post_password(name, PASSWORD).await.text.contains("Trop d"));
    }
    drop(all);
    scene.house.clock.advance(Duration::from_secs(60));
    assert_eq!(scene.post_password(MARIE, PASSWORD).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_population_without_second_factor_signs_in_by_password_alone() {
    let scene = Scene::new(36).await;
    for (level, signs_in) in [("urn:poterne:level:multi", false), ("urn:poterne:level:single", true)] {
        scene.as_visitor(level).await;
        let answer = scene.post_password(MARIE, PASSWORD).await;
        assert_eq!(answer.cookie.is_some(), signs_in, "{level}");
        assert_eq!(answer.location == scene.url("authorize?flow=FLOW"), signs_in, "{level}");
    }
    assert_eq!(scene.events().await, ["login.refused", "login.succeeded"]);
}

#[tokio::test]
async fn a_try_that_found_no_turn_to_be_hashed_is_given_back() {
    let scene = Scene::new(35).await;
    scene.with_app().await;
    for _ in 0..4 {
        scene.post_password(MARIE, "Faux-Passe-99!").await;
    }
    let permits = u32::try_from(scene.house.app.hashing.available_permits()).unwrap();
    let all = scene.house.app.hashing.clone().acquire_many_owned(permits).await.unwrap();
    assert_eq!(scene.post_password(MARIE, PASSWORD).await.status, StatusCode::SERVICE_UNAVAILABLE);
    drop(all);
    assert_eq!(scene.post_password(MARIE, PASSWORD).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn mistakes_of_form_cost_no_try_and_an_empty_post_moves_nothing() {
    let scene = Scene::new(23).await;
    scene.with_app().await;
    for _ in 0..7 {
        for body in ["", "action=next", "username=&password=", "username=a&password=", "%FF%00=%", "code=123456&action=next"] {
            let answer = scene.send("POST", &scene.path(), body, Some(&scene.browser)).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        }
    }
    let long = "x".repeat(1_001);
    assert!(scene.post_password(MARIE, &long).await.text.contains("Au plus"));
    assert_eq!(scene.post_password(MARIE, PASSWORD).await.status, StatusCode::SEE_OTHER);
    for _ in 0..7 {
        for body in ["", "action=next", "code=12345", "code=abcdef", "action=use:", "action=use:xyz"] {
            scene.post_factor(body).await;
        }
    }
    assert!(matches!(scene.progress().await, Progress::Password { .. }));
    let page = scene.post_factor("code=000000&action=next").await;
    assert!(!page.text.contains("Trop d"), "{}", page.text);
}

#[tokio::test]
async fn the_factor_page_proves_nothing_without_the_password() {
    let scene = Scene::new(24).await;
    let (_, secret) = scene.with_app().await;
    let code = secret.digits_at(scene.house.now());
    let answer = scene.post_factor(&format!("code={code}&action=next")).await;
    assert_eq!(answer.location, scene.url("ui/login/FLOW"));
    assert!(answer.cookie.is_none());
    assert_eq!(scene.progress().await, Progress::Started);
}

#[tokio::test]
async fn a_code_is_sent_after_the_password_and_again_after_a_minute() {
    let scene = Scene::new(25).await;
    scene.with_phone().await;
    scene.post_password(MARIE, PASSWORD).await;
    assert_eq!(scene.messages("sms").await, 1);
    let page = scene.send("GET", &format!("{}/factor", scene.path()), "", Some(&scene.browser)).await;
    assert!(page.text.contains("+41 79 ••• •• 01") && !page.text.contains("0000001"), "{}", page.text);
    assert_eq!(scene.post_factor("action=resend").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    scene.house.clock.advance(Duration::from_secs(60));
    assert_eq!(scene.post_factor("action=resend").await.status, StatusCode::OK);
    assert_eq!(scene.messages("sms").await, 2);
    for sent in [3, 4, 5, 5, 6] {
        scene.post_factor("code=000000&action=next").await;
        scene.house.clock.advance(Duration::from_secs(120));
        scene.post_factor("action=resend").await;
        assert_eq!(scene.messages("sms").await, sent, "five codes of one challenge; when its tries are spent, a new one");
    }
}

#[tokio::test]
async fn b3_62_five_challenges_a_day_that_nobody_answers_are_the_last() {
    let scene = Scene::new(34).await;
    scene.with_phone().await;
    let flow = scene.flow;
    for sent in [1, 2, 3, 4, 5, 5] {
        let begin_again = scene.house.app.db.write(scene.house.realm.id, move |tx| {
            let loaded = flow::load(tx, flow)?.unwrap();
            flow::save(tx, &loaded, &Progress::Started)
        });
        begin_again.await.unwrap();
        assert_eq!(scene.post_password(MARIE, PASSWORD).await.status, StatusCode::SEE_OTHER);
        assert_eq!(scene.messages("sms").await, sent);
        scene.house.clock.advance(Duration::from_secs(60));
    }
    let page = scene.send("GET", &format!("{}/factor", scene.path()), "", Some(&scene.browser)).await;
    assert!(page.text.contains("trop de codes"), "{}", page.text);
}

#[tokio::test]
async fn a_person_with_two_factors_uses_either() {
    let scene = Scene::new(26).await;
    let (app, phone) = (scene.with_app().await, scene.with_phone().await);
    scene.post_password(MARIE, PASSWORD).await;
    assert!(matches!(scene.progress().await, Progress::Password { factor, challenge: Some(_), .. } if factor == phone));
    scene.post_factor(&format!("action=use:{}", app.0)).await;
    assert!(matches!(scene.progress().await, Progress::Password { factor, challenge: None, .. } if factor == app.0));
    let answer = scene.post_factor(&format!("code={}", app.1.digits_at(scene.house.now()))).await;
    assert_eq!(answer.location, scene.url("authorize?flow=FLOW"));
}

#[tokio::test]
async fn an_account_that_is_suspended_between_password_and_factor_gets_no_session() {
    let scene = Scene::new(27).await;
    let (_, secret) = scene.with_app().await;
    scene.post_password(MARIE, PASSWORD).await;
    let (marie, now) = (scene.house.marie, scene.house.now());
    let suspend = scene.house.app.db.write(scene.house.realm.id, move |tx| {
        Ok(diesel::update(accounts::table.find((tx.realm(), marie)))
            .set(accounts::suspended_at.eq(Some(now)))
            .execute(tx.conn)?)
    });
    suspend.await.unwrap();
    let answer = scene.post_factor(&format!("code={}", secret.digits_at(now))).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.cookie.is_none() && matches!(scene.progress().await, Progress::Password { .. }));
}

#[tokio::test]
async fn an_account_whose_last_factor_is_gone_is_led_back_to_the_portal() {
    let scene = Scene::new(28).await;
    let (app, _) = scene.with_app().await;
    scene.post_password(MARIE, PASSWORD).await;
    let remove = scene.house.app.db.write(scene.house.realm.id, move |tx| {
        Ok(diesel::update(factors::table.find((tx.realm(), app))).set(factors::state.eq("removed")).execute(tx.conn)?)
    });
    remove.await.unwrap();
    let page = scene.send("GET", &format!("{}/factor", scene.path()), "", Some(&scene.browser)).await;
    assert!(page.text.contains("https://flex.example/"), "{}", page.text);
}

#[tokio::test]
async fn another_browser_begins_a_flow_of_its_own_with_nothing_proven() {
    let scene = Scene::new(29).await;
    scene.with_app().await;
    scene.post_password(MARIE, PASSWORD).await;
    let answer = scene.send("GET", &format!("{}/factor", scene.path()), "", None).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let own = answer.cookie.unwrap();
    assert_ne!(own.id, scene.browser.id);
    let path = answer.location.strip_prefix("http://localhost:8080/lindenhof").unwrap().to_owned();
    assert_ne!(path, scene.path());
    let page = scene.send("GET", &path, "", Some(&own)).await;
    assert!(page.text.contains("id=\"op-login\""), "{}", page.text);
    // A browser that keeps no cookies is not sent round for ever.
    let again = scene.send("GET", &path, "", None).await;
    assert!(again.status == StatusCode::OK && again.text.contains("https://flex.example/"), "{}", again.text);
}

#[tokio::test]
async fn a_second_tab_begun_anew_goes_on_once_the_first_has_signed_in() {
    let scene = Scene::new(43).await;
    let (_, secret) = scene.with_app().await;
    let below = |answer: &Answer| answer.location.strip_prefix("http://localhost:8080/lindenhof").unwrap().to_owned();
    // Two portals at once: both tabs come with flows of a cookie that the browser no longer has.
    let first = scene.send("GET", &scene.path(), "", None).await;
    let own = first.cookie.clone().unwrap();
    let second = scene.send("GET", &scene.path(), "", Some(&own)).await;
    let (first, second) = (below(&first), below(&second));
    assert!(scene.send("GET", &second, "", Some(&own)).await.text.contains("id=\"op-login\""));
    let flow = first.split('?').next().unwrap();
    let body = format!("username={}&password={PASSWORD}&action=next", MARIE.replace('@', "%40"));
    assert_eq!(scene.send("POST", flow, &body, Some(&own)).await.status, StatusCode::SEE_OTHER);
    let code = format!("code={}&action=next", &*secret.digits_at(scene.house.now()));
    let renewed = scene.send("POST", &format!("{flow}/factor"), &code, Some(&own)).await.cookie.unwrap();
    let reloaded = scene.send("GET", &second, "", Some(&renewed)).await;
    assert_eq!(reloaded.status, StatusCode::SEE_OTHER, "{}", reloaded.text);
    assert!(reloaded.location.contains("/authorize?flow="), "{}", reloaded.location);
}

#[tokio::test]
async fn a_flow_that_is_over_or_unknown_leads_back() {
    let scene = Scene::new(30).await;
    let cancelled = scene.send("POST", &scene.path(), "action=cancel", Some(&scene.browser)).await;
    assert_eq!(cancelled.location, scene.url("authorize?flow=FLOW&cancel=1"));
    scene.house.clock.advance(Duration::from_secs(3_599));
    assert!(scene.send("GET", &scene.path(), "", Some(&scene.browser)).await.text.contains("op-login"));
    scene.house.clock.advance(Duration::from_secs(1));
    for (path, leads_to) in [
        (scene.path(), "https://flex.example/".to_owned()),
        (format!("/ui/login/{}", FlowId::from_bytes([0; 16])), scene.url("")),
    ] {
        let page = scene.send("GET", &path, "", Some(&scene.browser)).await;
        assert!(page.status == StatusCode::OK && page.text.contains(&leads_to), "{}", page.text);
    }
    assert_eq!(scene.send("GET", "/ui/login/nonsense", "", None).await.status, StatusCode::NOT_FOUND);
}

fn fresh(scene: &Scene, account: &Account, known_device: bool) -> Fresh {
    let occasion = Occasion::by_operator(scene.house.now());
    Fresh::draw(&scene.house.app, &scene.house.realm, account, known_device, &occasion).unwrap()
}

/// The ways to prove the factor, a hundred at once: one session.
async fn one_session_comes_of(scene: Scene, digits: String) {
    let scene = Arc::new(scene);
    let uses: Vec<_> = (0..100)
        .map(|_| {
            let (browser, digits, path) = (scene.browser.clone(), digits.clone(), format!("{}/factor", scene.path()));
            let scene = scene.clone();
            tokio::spawn(async move {
                let answer = scene.send("POST", &path, &format!("code={digits}&action=next"), Some(&browser)).await;
                answer.cookie.is_some_and(|cookie| cookie.id == browser.id)
            })
        })
        .collect();
    let mut won = 0;
    for one in uses {
        won += usize::from(one.await.unwrap());
    }
    assert_eq!(won, 1);
    assert_eq!(scene.events().await.iter().filter(|event| *event == "login.succeeded").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn race_one_app_code_signs_in_once() {
    let scene = Scene::new(31).await;
    let (_, secret) = scene.with_app().await;
    scene.post_password(MARIE, PASSWORD).await;
    let digits = secret.digits_at(scene.house.now());
    one_session_comes_of(scene, digits).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn race_one_sent_code_signs_in_once() {
    let scene = Scene::new(32).await;
    scene.with_phone().await;
    let (visit, marie) = (scene.visit(), scene.house.marie);
    let (app, realm) = (scene.house.app.clone(), scene.house.realm.clone());
    let looking = visit.clone();
    let means = app.db.read(realm.id, move |rx| looking.means(rx, marie)).await.unwrap().unwrap();
    let to = To { on: On::SignIn(scene.flow), account: &means.account, factor: means.first().unwrap() };
    let code = Code::new(&app, &realm, visit.now, &to, None).unwrap().unwrap();
    let digits = code.digits().to_owned();
    let (fresh, verified) = (fresh(&scene, &means.account, false), means.account.clone());
    let passed = app.db.write(realm.id, move |tx| visit.pass_password(tx, &verified, Some(&code), &fresh)).await;
    assert!(matches!(passed, Ok(Passed::Factor)));
    one_session_comes_of(scene, digits).await;
}

#[tokio::test]
async fn a_password_that_was_changed_meanwhile_proves_nothing() {
    let scene = Scene::new(33).await;
    scene.with_app().await;
    let (visit, marie, app) = (scene.visit(), scene.house.marie, scene.house.app.clone());
    let mut verified = app.db.read(visit.realm.id, move |rx| account::load(rx, marie)).await.unwrap().unwrap();
    verified.password_hash = "an older one".into();
    let (fresh, visiting) = (fresh(&scene, &verified, false), visit.clone());
    let passed = app.db.write(visit.realm.id, move |tx| visiting.pass_password(tx, &verified, None, &fresh)).await;
    assert!(matches!(passed, Ok(Passed::Moved)));
    let seen = app.db.read(visit.realm.id, move |rx| visit.see(rx)).await.unwrap();
    assert_eq!(seen.stand, Stand::Password);
}

#[tokio::test]
async fn a_browser_forgotten_while_the_password_was_verified_gets_no_session_untold() {
    let scene = Scene::new(45).await;
    scene.as_visitor("urn:poterne:level:single").await;
    let (visit, marie, app) = (scene.visit(), scene.house.marie, scene.house.app.clone());
    let verified = app.db.read(visit.realm.id, move |rx| account::load(rx, marie)).await.unwrap().unwrap();
    let (thought_known, visiting) = (fresh(&scene, &verified, true), visit.clone());
    let passed = app.db.write(visit.realm.id, move |tx| visiting.pass_password(tx, &verified, None, &thought_known)).await;
    assert!(matches!(passed, Err(Failure::Busy(_))));
    let seen = app.db.read(visit.realm.id, move |rx| visit.see(rx)).await.unwrap();
    assert_eq!((seen.stand, scene.events().await.len(), scene.messages("mail").await), (Stand::Password, 0, 0));
    // The next try knows, and the owner is told once.
    let answer = scene.post_password(MARIE, PASSWORD).await;
    assert!(answer.cookie.is_some());
    assert_eq!(scene.messages("mail").await, 1);
}

#[tokio::test]
async fn the_realms_root_names_its_own_portals_and_no_client_of_others() {
    let scene = Scene::new(39).await;
    let now = scene.house.now();
    let own = Client { first_party: true, ..scene.house.realm.document.clients[0].clone() };
    let foreign = Client {
        client_id: "stranger".into(),
        client_name: "Somebody Else".into(),
        client_uri: Some("https://else.example/".into()),
        first_party: false,
        ..own.clone()
    };
    let rows = [ClientRowId::new(now, [1; 10]), ClientRowId::new(now, [2; 10])];
    let home = own.client_uri.clone().unwrap();
    let set = scene
        .house
        .app
        .db
        .write(scene.house.realm.id, move |tx| client::apply_document(tx, &[own.clone(), foreign.clone()], &rows, now));
    set.await.unwrap();
    let page = scene.send("GET", "/", "", None).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains(&format!("href=\"{home}\"")), "{}", page.text);
    assert!(page.text.contains(&scene.house.realm.document.name));
    assert!(!page.text.contains("Somebody Else"));
}
