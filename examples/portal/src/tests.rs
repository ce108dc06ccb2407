//! The portal as a browser and a provider see it.

mod provider;

use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;
use tokio::{net::TcpListener, sync::oneshot};
use url::Url;

use self::provider::{Lie, Provider};
use crate::{Brand, Language, PortalConfig, serve};

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

/// A portal of the provider at `issuer`; its address.
async fn portal(issuer: &str, secret: Option<&str>) -> Url {
    let (url, stop) = portal_on(listener().await, issuer, secret);
    // It runs until the test ends.
    std::mem::forget(stop);
    url
}

/// A portal that stops, and forgets everything, when its sender is dropped.
fn portal_on(listener: TcpListener, issuer: &str, secret: Option<&str>) -> (Url, oneshot::Sender<()>) {
    let public_url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let config = PortalConfig {
        name: "Lindenhof flex".to_owned(),
        brand: Brand::example("flex").unwrap(),
        issuer: issuer.to_owned(),
        client_id: "portal".to_owned(),
        client_secret: secret.map(str::to_owned),
        public_url: public_url.clone(),
        languages: Language::ALL.to_vec(),
        scopes: vec!["email".to_owned()],
    };
    let (stop, stopped) = oneshot::channel();
    tokio::spawn(async { serve(config, vec![listener], async { drop(stopped.await) }).await.unwrap() });
    (Url::parse(&public_url).unwrap(), stop)
}

async fn provider_and_portal() -> (Arc<Provider>, Url) {
    let provider = Provider::start(listener().await, Some("secret"));
    let portal = portal(&provider.issuer, Some("secret")).await;
    (provider, portal)
}

/// Tries until it works; a port is free a moment after its server stopped.
async fn eventually<T, E: std::fmt::Debug, F: Future<Output = Result<T, E>>>(tried: impl Fn() -> F) -> T {
    for _ in 0..50 {
        if let Ok(done) = tried().await {
            return done;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    tried().await.unwrap()
}

struct Page {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
    at: Url,
}

impl Page {
    fn says(&self, text: &str) -> &Self {
        assert!(self.text.contains(text), "{} does not say {text:?}: {}", self.at, self.text);
        self
    }

    fn leads_to(&self) -> Url {
        self.at
            .join(self.headers.get("location").unwrap_or_else(|| panic!("{} leads nowhere", self.at)).to_str().unwrap())
            .unwrap()
    }

    fn sets(&self, cookie: &str) -> Vec<&str> {
        self.headers
            .get_all("set-cookie")
            .iter()
            .map(|line| line.to_str().unwrap())
            .filter(|line| line.contains(cookie))
            .collect()
    }
}

/// A browser that takes one step at a time.
struct Browser(reqwest::Client);

impl Browser {
    fn new() -> Self {
        let builder = reqwest::Client::builder().cookie_store(true).no_proxy();
        Self(builder.redirect(reqwest::redirect::Policy::none()).build().unwrap())
    }

    async fn page(&self, request: reqwest::RequestBuilder) -> Page {
        let answer = request.send().await.unwrap();
        let (status, headers, at) = (answer.status(), answer.headers().clone(), answer.url().clone());
        Page { status, headers, at, text: answer.text().await.unwrap() }
    }

    async fn get(&self, url: Url) -> Page {
        self.page(self.0.get(url)).await
    }

    async fn open(&self, portal: &Url, path: &str) -> Page {
        self.get(portal.join(path).unwrap()).await
    }

    async fn post(&self, portal: &Url, path: &str, form: &[(&str, &str)]) -> Page {
        let origin = portal.origin().ascii_serialization();
        let request = self.0.post(portal.join(path).unwrap()).form(form);
        self.page(request.header("origin", origin).header("sec-fetch-site", "same-origin")).await
    }

    /// Presses «sign in» and lets the provider answer; the address of the answer, not yet opened.
    async fn answer(&self, portal: &Url) -> Url {
        let to_provider = self.post(portal, "/login", &[("return_to", "/?from=here")]).await.leads_to();
        self.get(to_provider).await.leads_to()
    }

    async fn follow(&self, mut page: Page) -> Page {
        while page.status.is_redirection() {
            page = self.get(page.leads_to()).await;
        }
        page
    }

    async fn sign_in(&self, portal: &Url) -> Page {
        let answer = self.answer(portal).await;
        self.follow(self.get(answer).await).await
    }

    async fn is_signed_in(&self, portal: &Url) -> bool {
        self.open(portal, "/me.json").await.status == StatusCode::OK
    }
}

fn with(url: &Url, name: &str, value: Option<&str>) -> Url {
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().filter(|(key, _)| key != name).collect();
    let mut url = url.clone();
    url.query_pairs_mut().clear().extend_pairs(pairs).extend_pairs(value.map(|value| (name, value)));
    url
}

#[tokio::test]
async fn a_person_signs_in_reads_who_they_are_and_signs_out() {
    let (provider, portal) = provider_and_portal().await;
    let browser = Browser::new();
    browser.open(&portal, "/").await.says("id=\"portal-signin\"").says("Se connecter").says("lang=\"fr\"");
    assert_eq!(browser.open(&portal, "/me.json").await.status, StatusCode::UNAUTHORIZED);

    let home = browser.sign_in(&portal).await;
    assert_eq!(home.at.query(), Some("from=here"), "the page that asked");
    home.says("id=\"portal-greeting\">Bonjour Marie &lt;Rochat&gt;<")
        .says("id=\"portal-email\">marie@example.ch<")
        .says("confirmée")
        .says("id=\"portal-auth-time\" datetime=\"2026-07-01T12:00:00Z\">01.07.2026 14:00<")
        .says("value=\"urn:poterne:level:multi\">Deux facteurs<")
        .says("id=\"portal-amr\" value=\"pwd sms mfa\">mot de passe et code par SMS<")
        .says("id=\"portal-sub\">pairwise-7f3a<")
        .says("id=\"portal-sid\">sid-1<")
        .says("&#x2f;realm&#x2f;ui&#x2f;account?client_id=portal\"")
        .says("Mon compte</span></a>")
        .says("population");
    let me: Value = serde_json::from_str(&browser.open(&portal, "/me.json").await.text).unwrap();
    for (claim, value) in [("sub", "pairwise-7f3a"), ("sid", "sid-1"), ("email", "marie@example.ch"), ("population", "insured")] {
        assert_eq!(me[claim], value);
    }

    let to_provider = browser.post(&portal, "/logout", &[]).await;
    assert!(!browser.is_signed_in(&portal).await, "the portal's session ends before the provider is asked");
    let back = browser.get(to_provider.leads_to()).await;
    let end = browser.follow(back).await;
    end.says("id=\"portal-signed-out\">Vous êtes déconnecté<").says("auprès de votre caisse");
    let asked = provider.sign_outs.lock().unwrap().pop().unwrap();
    assert_eq!(asked["post_logout_redirect_uri"], portal.join("/signed-out").unwrap().as_str());
    assert_eq!(asked["id_token_hint"].split('.').count(), 3);
}

#[tokio::test]
async fn a_lying_provider_signs_nobody_in() {
    let (provider, portal) = provider_and_portal().await;
    for lie in [
        Lie::Nonce,
        Lie::Audience,
        Lie::Issuer,
        Lie::Expired,
        Lie::Unsigned,
        Lie::SignedWithTheClientSecret,
        Lie::SignedBySomebodyElse,
        Lie::AccessTokenHash,
        Lie::UserinfoSubject,
        Lie::AnswerIssuer,
        Lie::AnswerWithoutIssuer,
    ] {
        provider.tell(lie);
        let browser = Browser::new();
        let page = browser.sign_in(&portal).await;
        assert_eq!((page.status, page.at.path()), (StatusCode::BAD_GATEWAY, "/not-signed-in"), "{lie:?}");
        page.says("data-about=\"untrusted\"").says("id=\"portal-reference\"").says("id=\"portal-signin\"");
        assert!(!browser.is_signed_in(&portal).await, "{lie:?}");
    }
    provider.tell(Lie::None);
    assert_eq!(Browser::new().sign_in(&portal).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_answer_counts_only_with_its_state_and_in_its_browser() {
    let (_provider, portal) = provider_and_portal().await;
    let (browser, stranger) = (Browser::new(), Browser::new());
    let answer = browser.answer(&portal).await;
    let state = answer.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let id = state.split_once('.').unwrap().0;
    let forged = format!("{id}.forged");
    let mut doubled = answer.clone();
    doubled.query_pairs_mut().append_pair("state", &state);
    let wrong = [None, Some("unknown"), Some(forged.as_str())].map(|wrong| with(&answer, "state", wrong));
    for (visitor, wrong) in wrong.into_iter().chain([doubled]).map(|wrong| (&browser, wrong)).chain([(&stranger, answer.clone())])
    {
        let afresh = visitor.get(wrong.clone()).await;
        assert!(afresh.sets("portal-session-").is_empty(), "{wrong} signs nobody in");
        let page = visitor.follow(visitor.get(wrong).await).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        page.says("data-about=\"unknown\"").says("id=\"portal-signin\"");
        assert!(!visitor.is_signed_in(&portal).await);
    }
    browser.follow(browser.get(answer).await).await.says("id=\"portal-greeting\"");
}

#[tokio::test]
async fn a_person_is_not_stuck_when_the_portal_forgot_their_login() {
    let provider = Provider::start(listener().await, None);
    let (portal, stop) = portal_on(listener().await, &provider.issuer, None);
    let browser = Browser::new();
    let answer = browser.answer(&portal).await;
    drop(stop);
    let address = format!("127.0.0.1:{}", portal.port().unwrap());
    let listener = eventually(|| TcpListener::bind(&address)).await;
    let (portal, _stop) = portal_on(listener, &provider.issuer, None);

    let afresh = browser.get(answer.clone()).await;
    assert_eq!(afresh.leads_to().path(), "/realm/authorize", "the portal asks the provider once more");
    assert!(afresh.sets("portal-afresh-")[0].contains("Max-Age=60"));
    let home = browser.follow(afresh).await;
    home.says("id=\"portal-greeting\"");
    assert!(browser.is_signed_in(&portal).await);

    let other = Browser::new();
    other.get(answer.clone()).await;
    let page = other.follow(other.get(answer.clone()).await).await;
    page.says("data-about=\"unknown\"").says("id=\"portal-signin\"");
    let asked = provider.authorizations.lock().unwrap().len();
    other.get(answer).await;
    assert_eq!(provider.authorizations.lock().unwrap().len(), asked, "once, not for ever");
}

#[tokio::test]
async fn who_left_the_sign_in_is_not_led_back_into_it() {
    let (provider, portal) = provider_and_portal().await;
    provider.tell(Lie::Error("access_denied"));
    let forgotten = with(&Browser::new().answer(&portal).await, "state", Some("forgotten"));
    let browser = Browser::new();
    browser.follow(browser.get(forgotten).await).await.says("data-about=\"unknown\"").says("id=\"portal-signin\"");
}

#[tokio::test]
async fn a_sign_out_that_the_provider_did_not_confirm_is_said_and_can_be_repeated() {
    let (provider, portal) = provider_and_portal().await;
    let browser = Browser::new();
    browser.sign_in(&portal).await;
    provider.tell(Lie::Away);
    for _ in 0..2 {
        let page = browser.follow(browser.post(&portal, "/logout", &[]).await).await;
        assert_eq!(page.at.path(), "/signed-out");
        page.says("data-extent=\"unconfirmed\"").says("id=\"portal-signout-again\"").says("peut-être encore ouverte");
        assert!(!browser.is_signed_in(&portal).await, "the portal's own session has ended all the same");
    }
    provider.tell(Lie::None);
    let end = browser.follow(browser.post(&portal, "/logout", &[]).await).await;
    end.says("data-extent=\"everywhere\"").says("auprès de votre caisse");
    let asked = provider.sign_outs.lock().unwrap().pop().unwrap();
    assert_eq!(asked["id_token_hint"].split('.').count(), 3, "the provider still learns whose session it is");
    assert_eq!(browser.post(&portal, "/logout", &[]).await.leads_to().path(), "/", "nothing is left to repeat");
}

#[tokio::test]
async fn a_sign_out_lost_on_the_way_is_not_taken_for_done() {
    let (_provider, portal) = provider_and_portal().await;
    let browser = Browser::new();
    browser.sign_in(&portal).await;
    browser.post(&portal, "/logout", &[]).await;
    browser.open(&portal, "/signed-out").await.says("data-extent=\"unconfirmed\"");
    browser.open(&portal, "/signed-out?state=forged").await.says("data-extent=\"unconfirmed\"");
    Browser::new().open(&portal, "/signed-out").await.says("data-extent=\"here\"");
}

#[tokio::test]
async fn two_tabs_sign_in_and_nobody_is_told_of_a_lost_flow() {
    let (_provider, portal) = provider_and_portal().await;
    let browser = Browser::new();
    let (first, second) = (browser.answer(&portal).await, browser.answer(&portal).await);
    for answer in [&first, &second, &first, &second] {
        let page = browser.follow(browser.get(answer.clone()).await).await;
        assert_eq!(page.status, StatusCode::OK);
        page.says("id=\"portal-greeting\"");
    }
}

#[tokio::test]
async fn a_sign_in_changes_the_cookie_and_ends_the_session_before() {
    let (_provider, portal) = provider_and_portal().await;
    let browser = Browser::new();
    let session = |page: &Page| page.sets("portal-session-")[0].split(';').next().unwrap().to_owned();
    let answer = browser.answer(&portal).await;
    let first = session(&browser.get(answer).await);
    let answer = browser.answer(&portal).await;
    let second = browser.get(answer).await;
    assert_ne!(session(&second), first);
    assert!(second.sets("portal-session-")[0].ends_with("; HttpOnly; SameSite=Lax; Path=/"));
    assert!(second.sets("portal-login-")[0].contains("Max-Age=0"));
    let old = reqwest::Client::new().get(portal.join("/me.json").unwrap()).header("cookie", first);
    assert_eq!(old.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_browser_keeps_few_logins() {
    let (_provider, portal) = provider_and_portal().await;
    let browser = Browser::new();
    for started in 0..12 {
        let removed = browser.post(&portal, "/login", &[]).await;
        let removed = removed.sets("Max-Age=0").len();
        assert_eq!(removed, usize::from(started >= crate::login::MOST_PER_BROWSER), "login {started}");
    }
    browser.sign_in(&portal).await.says("id=\"portal-greeting\"");
}

#[tokio::test]
async fn an_error_of_the_provider_is_explained_with_a_way_on() {
    let (provider, portal) = provider_and_portal().await;
    for (code, about) in [
        ("access_denied", "cancelled"),
        ("login_required", "needed"),
        ("temporarily_unavailable", "unreachable"),
        ("invalid_scope", "refused"),
    ] {
        provider.tell(Lie::Error(code));
        let page = Browser::new().sign_in(&portal).await;
        page.says(&format!("data-about=\"{about}\"")).says("id=\"portal-signin\"").says("href=\"/\"");
    }
}

#[tokio::test]
async fn a_provider_may_start_after_the_portal() {
    let listener = listener().await;
    let address = listener.local_addr().unwrap();
    drop(listener);
    let portal = portal(&format!("http://localhost:{}/realm", address.port()), None).await;
    let browser = Browser::new();
    let page = browser.follow(browser.post(&portal, "/login", &[]).await).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    page.says("data-about=\"unreachable\"");

    let provider = Provider::start(TcpListener::bind(address).await.unwrap(), None);
    browser.sign_in(&portal).await.says("id=\"portal-greeting\"");
    let (basic, form) = provider.token_requests.lock().unwrap().pop().unwrap();
    assert_eq!((basic, form["client_id"].as_str()), (None, "portal"), "a public client has no secret to send");
}

#[tokio::test]
async fn a_new_key_of_the_provider_is_fetched() {
    let (provider, portal) = provider_and_portal().await;
    Browser::new().sign_in(&portal).await.says("id=\"portal-greeting\"");
    provider.rotate_key();
    Browser::new().sign_in(&portal).await.says("id=\"portal-greeting\"");
}

#[tokio::test]
async fn the_language_is_chosen_remembered_and_told_to_the_provider() {
    let (provider, portal) = provider_and_portal().await;
    let browser = Browser::new();
    let switched = browser.post(&portal, "/language", &[("language", "de"), ("return_to", "/?from=here")]).await;
    assert_eq!(switched.leads_to().query(), Some("from=here"));
    browser.open(&portal, "/").await.says("<html lang=\"de\">").says("Anmelden");
    browser.sign_in(&portal).await.says("Passwort und Code per SMS");
    assert_eq!(provider.authorizations.lock().unwrap()[0]["ui_locales"], "de");
    let elsewhere = browser.post(&portal, "/language", &[("language", "de"), ("return_to", "//evil.example/")]).await;
    assert_eq!(elsewhere.leads_to().path(), "/");
}

#[tokio::test]
async fn every_page_renders_in_every_language_with_its_headers() {
    let (_provider, portal) = provider_and_portal().await;
    let reasons = crate::refusal::REASONS.map(|(reason, _)| format!("/not-signed-in?reason={reason}&reference=abcdefgh"));
    let pages = ["/", "/signed-out", "/nowhere"].into_iter().map(str::to_owned).chain(reasons);
    for path in pages {
        for language in Language::ALL {
            let request = reqwest::Client::new().get(portal.join(&path).unwrap()).header("accept-language", language.code());
            let page = Browser::new().page(request).await;
            assert_ne!(page.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
            page.says(&format!("<html lang=\"{}\">", language.code()));
            assert_eq!(page.text.matches("<h1").count(), 1, "{path}");
            assert!(
                page.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'; style-src 'self'")
            );
            assert_eq!(page.headers["cache-control"], "no-store");
            assert_eq!(page.headers["x-content-type-options"], "nosniff");
            assert!(!page.text.contains("style=") && !page.text.contains("<script"), "{path}");
        }
    }
}

#[tokio::test]
async fn a_post_from_another_site_changes_nothing() {
    let (_provider, portal) = provider_and_portal().await;
    let browser = Browser::new();
    browser.sign_in(&portal).await;
    for path in ["/logout", "/login", "/language"] {
        let request = browser.0.post(portal.join(path).unwrap()).header("origin", "http://localhost:1");
        let page = browser.page(request.form(&[("language", "de")])).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        page.says("data-about=\"foreign\"");
    }
    assert!(browser.is_signed_in(&portal).await);
    for path in ["/logout", "/login", "/language"] {
        assert_eq!(browser.open(&portal, path).await.leads_to().path(), "/", "a typed address changes nothing either");
    }
    assert!(browser.is_signed_in(&portal).await);
}

#[tokio::test]
async fn the_signed_out_page_says_no_more_than_is_known() {
    let (_provider, portal) = provider_and_portal().await;
    let browser = Browser::new();
    browser.open(&portal, "/signed-out?state=forged").await.says("id=\"portal-signed-out\"").says("fermez aussi le navigateur");
    assert_eq!(browser.post(&portal, "/logout", &[]).await.leads_to().path(), "/", "nobody was signed in");
}

#[tokio::test]
async fn a_portal_listens_twice_and_stops_when_told() {
    let (first, second) = (listener().await, listener().await);
    let addresses = [first.local_addr().unwrap(), second.local_addr().unwrap()];
    let config = PortalConfig {
        name: "Lindenhof 1e".to_owned(),
        brand: Brand::example("1e").unwrap(),
        issuer: "http://localhost:1/realm".to_owned(),
        client_id: "portal".to_owned(),
        client_secret: None,
        public_url: "http://localhost:8082".to_owned(),
        languages: vec![Language::Fr],
        scopes: Vec::new(),
    };
    let (stop, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn(serve(config, vec![first, second], async { stopped.await.unwrap() }));
    for address in addresses {
        let page = Browser::new().get(Url::parse(&format!("http://{address}/portal.css")).unwrap()).await;
        assert_eq!(page.headers["content-type"], "text/css; charset=utf-8");
    }
    stop.send(()).unwrap();
    served.await.unwrap().unwrap();
}
