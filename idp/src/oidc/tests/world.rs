//! What the tests of this wing speak: a world with one fund, its people, its portals, and browsers that visit it.

use crate::access::session::{self, NewSession};
use crate::app::App;
use crate::clock::{Clock, SettableClock};
use crate::directory::account::{self, NewAccount};
use crate::directory::realm::Realms;
use crate::directory::registry::{self, Entry, EntryStatus, NewEntry};
use crate::error::Result;
use crate::host::FolderSender;
use crate::idp::Idp;
use crate::lang::Lang;
use crate::outbound::Outbound;
use crate::realm::Realm;
use crate::settings::RealmDocument;
use crate::store::{Rx, Tx};
use crate::tests::{Place, app_on};
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use base64::Engine;
use poterne_protocol::claims::level::{Amr, Level};
use poterne_protocol::client::Client;
use poterne_protocol::id::{AccountId, BrowserId, EntryId, SessionId};
use poterne_protocol::secret::{Digest, Handle, Secret};
use poterne_protocol::time::Timestamp;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tower::ServiceExt;

pub(in crate::oidc) const ISSUER: &str = "http://localhost:8080/lindenhof";
/// The example of RFC 7636 appendix B.
pub(in crate::oidc) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const START: Timestamp = Timestamp::from_secs(1_800_000_000);
/// A way back that the portal «flex» registered, with its query.
pub(in crate::oidc) const FLEX_BACK: &str = "https://flex.example/cb?tab=1";

/// A way back of the portal that may have every answer.
pub(in crate::oidc) const ALL_BACK: &str = "https://all.example/cb";

/// `flex` is confidential, `app` public and may refresh, `staff` serves another population, `all` may have every answer, `native` runs on the
/// person's device.
const DOCUMENT: &str = r##"
slug = "lindenhof"
name = "Caisse de pension Lindenhof"
languages = ["fr", "de", "it", "en"]
contact = { phone = "+41 21 555 01 10", email = "aide@lindenhof.example" }
branding = { colour = "#1d5b8f", mark = "L" }
sender = { email = "noreply@lindenhof.example", sms = "Lindenhof" }

[[client]]
client_id = "flex"
client_name = "Lindenhof flex"
redirect_uris = ["https://flex.example/cb?tab=1"]
post_logout_redirect_uris = ["https://flex.example/bye"]
grant_types = ["authorization_code", "refresh_token"]
scope = "openid profile email offline_access"
client_uri = "https://flex.example/"
first_party = true

[[client]]
client_id = "app"
client_name = "Lindenhof app"
redirect_uris = ["https://app.example/cb"]
token_endpoint_auth_method = "none"
grant_types = ["authorization_code", "refresh_token"]
first_party = true

[[client]]
client_id = "staff"
client_name = "Lindenhof staff"
redirect_uris = ["https://staff.example/cb"]
populations = ["employer"]
first_party = true

[[client]]
client_id = "all"
client_name = "Lindenhof all"
redirect_uris = ["https://all.example/cb", "https://all.example/other"]
token_endpoint_auth_method = "none"
grant_types = ["authorization_code", "implicit", "refresh_token"]
response_types = ["code", "id_token", "id_token token", "code id_token", "code token", "code id_token token"]
first_party = true

[[client]]
client_id = "native"
client_name = "Lindenhof native"
redirect_uris = ["http://127.0.0.1/cb", "ch.example.app:/cb"]
application_type = "native"
sector = "native"
token_endpoint_auth_method = "none"
first_party = true
"##;

/// A provider with the fund Lindenhof, on a database of its own.
pub(in crate::oidc) struct World {
    app: App,
    realms: Realms,
    idp: Idp,
    clock: SettableClock,
    #[expect(dead_code, reason = "it goes with the world")]
    place: Place,
    /// The secret of «flex».
    pub(in crate::oidc) secret: Secret,
}

/// A browser: nothing but the cookies it keeps.
#[derive(Debug, Clone, Default)]
pub(in crate::oidc) struct Browser(HashMap<String, String>);

/// An answer, read whole.
pub(in crate::oidc) struct Answer {
    pub(in crate::oidc) status: StatusCode,
    pub(in crate::oidc) headers: HeaderMap,
    pub(in crate::oidc) body: String,
}

impl Answer {
    pub(in crate::oidc) fn header(&self, name: &header::HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Where it sends the browser.
    pub(in crate::oidc) fn location(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        self.header(&header::LOCATION)
    }

    pub(in crate::oidc) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{} {}", self.status, self.body))
    }

    /// A parameter of the redirect.
    pub(in crate::oidc) fn param(&self, name: &str) -> Option<String> {
        let location = self.location();
        let query = location.split_once('#').or_else(|| location.split_once('?')).unwrap().1.to_owned();
        form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// A field of the form that takes the answer to the portal.
    pub(in crate::oidc) fn field(&self, name: &str) -> Option<String> {
        let rest = self.body.split_once(&format!("name=\"{name}\" value=\""))?.1;
        let value = rest.split('"').next().unwrap();
        let signs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#x2f;", "/"), ("&amp;", "&")];
        Some(signs.iter().fold(value.to_owned(), |text, (escaped, sign)| text.replace(escaped, sign)))
    }

    /// The error and its description, of a JSON answer.
    pub(in crate::oidc) fn error(&self) -> (u16, String) {
        (self.status.as_u16(), self.json()["error"].as_str().unwrap().to_owned())
    }
}

impl World {
    /// On SQLite.
    pub(in crate::oidc) async fn new() -> Self {
        Self::on(Place::sqlite()).await
    }

    /// One on each database there is: SQLite, and PostgreSQL where the scripts started it.
    pub(in crate::oidc) async fn everywhere() -> Vec<Self> {
        let mut worlds = Vec::new();
        for place in Place::all() {
            worlds.push(Self::on(place).await);
        }
        worlds
    }

    async fn on(place: Place) -> Self {
        let sender = Arc::new(FolderSender::new(place.folder.clone()));
        let (app, clock) = app_on(&place, 7, START, sender.clone()).await;
        let idp = Idp::builder("http://localhost:8080", app.master.clone()).clock(Clock::Settable(clock.clone()));
        // What clients publish lies on this machine.
        let outbound = Outbound::new(vec!["127.0.0.0/8".parse().unwrap()], None).unwrap();
        let idp = idp.entropy(app.entropy.clone()).hashing(1).outbound(outbound);
        let idp = idp.build(app.db.clone()).await.unwrap();
        idp.manage().apply_realm(Self::document()).await.unwrap();
        let secret = idp.manage().rotate_client_secret("lindenhof", "flex").await.unwrap();
        Self { realms: Realms::new(crate::oidc::keys::load), app, idp, clock, place, secret }
    }

    /// The fund's document.
    pub(in crate::oidc) fn document() -> RealmDocument {
        toml::from_str(DOCUMENT).unwrap()
    }

    pub(in crate::oidc) const fn app(&self) -> &App {
        &self.app
    }

    /// The operator's functions.
    pub(in crate::oidc) fn manage(&self) -> crate::manage::Manage {
        self.idp.manage()
    }

    pub(in crate::oidc) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    #[expect(clippy::unused_async, reason = "reads like the other steps of a story")]
    pub(in crate::oidc) async fn advance(&self, span: Duration) {
        self.clock.advance(span);
    }

    pub(in crate::oidc) async fn realm(&self) -> Arc<Realm> {
        self.realms.stale();
        self.realms.by_slug(&self.app, "lindenhof").await.unwrap().unwrap()
    }

    pub(in crate::oidc) async fn read<T: Send + 'static>(&self, work: impl Fn(&mut Rx<'_>) -> Result<T> + Send + 'static) -> T {
        let id = self.realm().await.id;
        self.app.db.read(id, work).await.unwrap()
    }

    pub(in crate::oidc) async fn write<T: Send + 'static>(&self, work: impl Fn(&mut Tx<'_>) -> Result<T> + Send + 'static) -> T {
        let id = self.realm().await.id;
        self.app.db.write(id, work).await.unwrap()
    }

    /// Registers a client by the realm's document, or changes it.
    pub(in crate::oidc) async fn register(&self, client: &Value) {
        let client: Client = serde_json::from_value(client.clone()).unwrap();
        let mut document = self.realm().await.document.clone();
        document.clients.retain(|other| other.client_id != client.client_id);
        document.clients.push(client);
        self.manage().apply_realm(document).await.unwrap();
    }

    /// Somebody the fund knows, with an account.
    pub(in crate::oidc) async fn person(&self, first_name: &str) -> AccountId {
        let (now, entropy) = (self.now(), &self.app.entropy);
        let (entry, id) = (EntryId::new(now, entropy.bytes()), AccountId::new(now, entropy.bytes()));
        let known = NewEntry {
            entry: Entry {
                id: entry,
                population: "insured".into(),
                registry_no: first_name.to_owned(),
                last_name: "Favre".into(),
                first_name: Some(first_name.to_owned()),
                language: Lang::Fr,
                status: EntryStatus::Active,
            },
            kind: crate::directory::registry::EntryKind::Person,
            address_status: "ok".into(),
            identifiers: Vec::new(),
            at: now,
        };
        let account = NewAccount {
            id,
            population: "insured".into(),
            entry,
            email: format!("{}@mail.example", first_name.to_lowercase()),
            language: Lang::Fr,
            title: None,
            last_name: None,
            first_name: None,
            password_hash: "none".into(),
            level: Level::Multi,
            email_verified_at: now,
            at: now,
        };
        self.write(move |tx| {
            registry::insert(tx, &known)?;
            account::insert(tx, &account)
        })
        .await;
        id
    }

    /// A browser in which this person has signed in by password and SMS.
    pub(in crate::oidc) async fn signed_in(&self, account: AccountId) -> Browser {
        let mut browser = Browser::default();
        self.sign_in(&mut browser, account).await;
        browser
    }

    /// Signs in with a browser that may have been here before.
    pub(in crate::oidc) async fn sign_in(&self, browser: &mut Browser, account: AccountId) -> SessionId {
        self.sign_in_by(browser, account, &[Amr::Pwd, Amr::Sms]).await
    }

    /// The same, having shown these.
    pub(in crate::oidc) async fn sign_in_by(&self, browser: &mut Browser, account: AccountId, shown: &[Amr]) -> SessionId {
        let (now, entropy, realm) = (self.now(), &self.app.entropy, self.realm().await);
        let presented: Option<Handle<BrowserId>> = browser.0.get(COOKIE).and_then(|text| Handle::parse(text));
        let fresh = entropy.handle(|random| BrowserId::new(now, random));
        let kept = presented.clone().unwrap_or_else(|| fresh.clone());
        browser.0.insert(COOKIE.into(), kept.expose());
        let id = SessionId::new(now, entropy.bytes());
        let expires_at = now.plus(realm.policy().session());
        let new = NewSession { id, account, auth_time: now, amr: shown.to_vec(), expires_at, device: None, place: None };
        self.write(move |tx| {
            let (browser, _) = session::settle(tx, presented.as_ref(), &fresh, now, expires_at)?;
            Ok(session::establish(tx, browser, &new, realm.policy())?.id)
        })
        .await
    }

    async fn send(&self, browser: &mut Browser, request: axum::http::request::Builder, body: String) -> Answer {
        let cookies: Vec<String> = browser.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.header(header::HOST, "localhost:8080").header(header::COOKIE, cookies.join("; "));
        let response = self.idp.router().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            browser.0.insert(name.into(), rest.split(';').next().unwrap().into());
        }
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8(body.to_vec()).unwrap() }
    }

    /// Opens a path below the issuer, or a URL of it.
    pub(in crate::oidc) async fn open(&self, browser: &mut Browser, path: &str) -> Answer {
        self.send(browser, Request::get(uri(path)), String::new()).await
    }

    /// Sends any request without a browser's cookies.
    pub(in crate::oidc) async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(uri(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(&mut Browser::default(), request, body.to_owned()).await
    }

    /// Posts a form from a page of the provider.
    pub(in crate::oidc) async fn post(&self, browser: &mut Browser, path: &str, form: &[(&str, &str)]) -> Answer {
        let request = Request::post(uri(path)).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let request = request.header(header::ORIGIN, "http://localhost:8080").header("sec-fetch-site", "same-origin");
        self.send(browser, request, encoded(form)).await
    }

    /// Posts to the token endpoint: «flex» by its secret, others by name.
    pub(in crate::oidc) async fn token(&self, client: &str, form: &[(&str, &str)]) -> Answer {
        let form_type = ("content-type", "application/x-www-form-urlencoded");
        if client == "flex" {
            let basic = Self::basic("flex", self.secret.expose());
            return self.ask("POST", "/token", &[form_type, ("authorization", &basic)], &encoded(form)).await;
        }
        let form = [form, &[("client_id", client)]].concat();
        self.ask("POST", "/token", &[form_type], &encoded(&form)).await
    }

    pub(in crate::oidc) fn basic(name: &str, secret: &str) -> String {
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{name}:{secret}")))
    }

    /// An authorization request of a portal, with what a test adds or changes.
    pub(in crate::oidc) fn request(client: &str, changes: &[(&str, &str)]) -> String {
        let back = back(client);
        let mut params = vec![
            ("client_id", client),
            ("response_type", "code"),
            ("redirect_uri", back),
            ("scope", "openid email profile"),
            ("state", "st"),
            ("nonce", "n"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in changes {
            // The one parameter that may stand more than once (RFC 8707 section 2).
            params.retain(|(known, _)| known != name || *name == "resource");
            params.push((name, value));
        }
        encoded(&params)
    }

    /// Runs a request whose answer needs no page, and redeems its code.
    pub(in crate::oidc) async fn tokens(&self, browser: &mut Browser, client: &str, changes: &[(&str, &str)]) -> Value {
        let code = self.code(browser, client, changes).await;
        let answer = self.redeem(client, &code).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    pub(in crate::oidc) async fn code(&self, browser: &mut Browser, client: &str, changes: &[(&str, &str)]) -> String {
        let answer = self.open(browser, &format!("/authorize?{}", Self::request(client, changes))).await;
        answer.param("code").unwrap_or_else(|| panic!("no code: {}", answer.location()))
    }

    pub(in crate::oidc) async fn redeem(&self, client: &str, code: &str) -> Answer {
        let grant = ("grant_type", "authorization_code");
        self.token(client, &[grant, ("code", code), ("redirect_uri", back(client)), ("code_verifier", VERIFIER)]).await
    }

    pub(in crate::oidc) async fn refresh(&self, client: &str, refresh_token: &str) -> Answer {
        self.token(client, &[("grant_type", "refresh_token"), ("refresh_token", refresh_token)]).await
    }

    pub(in crate::oidc) async fn userinfo(&self, access_token: &str) -> Answer {
        self.ask("GET", "/userinfo", &[("authorization", &format!("Bearer {access_token}"))], "").await
    }

    /// The kinds of the audit events so far, by name: the clock stands, so their order says nothing.
    pub(in crate::oidc) async fn events(&self) -> Vec<String> {
        use crate::store::schema::audit_event as e;
        use diesel::prelude::*;
        // The portal's first secret is this world's own making.
        self.read(|rx| Ok(e::table.filter(e::kind.ne("client.secret_rotated")).order(e::kind).select(e::kind).load(rx.conn)?))
            .await
    }
}

const COOKIE: &str = "poterne-lindenhof-8080";

/// Where a portal's answers go.
fn back(client: &str) -> &'static str {
    match client {
        "flex" => FLEX_BACK,
        "app" => "https://app.example/cb",
        "all" => ALL_BACK,
        "native" => "http://127.0.0.1/cb",
        _ => "https://staff.example/cb",
    }
}

fn uri(path: &str) -> String {
    path.strip_prefix("http://localhost:8080").map_or_else(|| format!("/lindenhof{path}"), str::to_owned)
}

pub(in crate::oidc) fn encoded(form: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

/// The claims of a token, unverified.
pub(in crate::oidc) fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// A digest, to look for in rows.
pub(in crate::oidc) fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}
