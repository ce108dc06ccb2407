//! A portal's server that hears when sessions end (OpenID Connect Back-Channel Logout 1.0), and misbehaves as it is told.

use super::portal::Portal;
use super::world::{SLUG, World};
use axum::Router;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use poterne_protocol::jose::jws::{TokenType, verify};
use poterne_protocol::jose::keyset::KeySet;
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the server does with the next call. Without an order it says 200.
#[derive(Debug, Clone, Copy)]
pub enum Saying {
    /// This status.
    Status(u16),
    /// Nothing, for ever.
    Nothing,
}

/// A server on loopback.
#[derive(Clone)]
pub struct Hearing {
    port: u16,
    heard: Arc<Mutex<Vec<String>>>,
    orders: Arc<Mutex<VecDeque<Saying>>>,
    always: Arc<Mutex<Option<Saying>>>,
}

impl Hearing {
    /// Begins to listen.
    pub async fn begin() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let hearing = Self { port, heard: Arc::default(), orders: Arc::default(), always: Arc::default() };
        let routes = Router::new().route("/backchannel", post(hear)).with_state(hearing.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        hearing
    }

    /// Where it listens.
    pub fn uri(&self) -> String {
        format!("http://127.0.0.1:{}/backchannel", self.port)
    }

    /// What it does next.
    pub fn tell(&self, orders: &[Saying]) {
        self.orders.lock().expect("no panic").extend(orders);
    }

    /// What it does from now on where no order is left.
    pub fn always(&self, saying: Saying) {
        *self.always.lock().expect("no panic") = Some(saying);
    }

    fn next(&self) -> Option<Saying> {
        let order = self.orders.lock().expect("no panic").pop_front();
        order.or(*self.always.lock().expect("no panic"))
    }

    /// The logout tokens that came, answered or not.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("no panic").clone()
    }

    /// Waits until so many came; the last of them.
    pub async fn wait_for(&self, count: usize) -> String {
        for _ in 0..400 {
            if let Some(token) = self.heard().get(count - 1) {
                return token.clone();
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{} logout tokens came, not {count}", self.heard().len());
    }
}

async fn hear(State(hearing): State<Hearing>, headers: HeaderMap, Form(fields): Form<BTreeMap<String, String>>) -> StatusCode {
    let names: Vec<&str> = fields.keys().map(String::as_str).collect();
    assert_eq!(names, ["logout_token"], "section 2.5: one field");
    assert_eq!(headers[header::CONTENT_TYPE], "application/x-www-form-urlencoded");
    assert!(!headers.contains_key(header::COOKIE) && !headers.contains_key(header::AUTHORIZATION));
    hearing.heard.lock().expect("no panic").push(fields["logout_token"].clone());
    match hearing.next() {
        Some(Saying::Status(status)) => StatusCode::from_u16(status).expect("a status"),
        Some(Saying::Nothing) => std::future::pending().await,
        None => StatusCode::OK,
    }
}

/// The claims of a logout token, after the checks that section 2.6 asks of a portal.
pub async fn claims_of(world: &World, portal: &Portal, token: &str) -> Value {
    let header: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').next().expect("a header")).expect("base64url"))
            .expect("a header is JSON");
    assert_eq!(header["typ"], "logout+jwt");
    assert_eq!(header["alg"], "RS256", "what the portal has its ID tokens signed with");
    let keys: KeySet = serde_json::from_value(portal.get("/jwks").await.json).expect("the provider's keys");
    let claims: Value = verify(token, TokenType::LogoutToken, &keys).expect("a signature that holds");
    let now = world.clock.now().secs();
    let number = |name: &str| claims[name].as_i64().unwrap_or_else(|| panic!("no {name} in {claims}"));
    assert_eq!(claims["iss"], world.issuer.as_str());
    assert_eq!(claims["aud"], portal.client_id);
    assert!((0..=2).contains(&(now - number("iat"))), "fresh: {claims} at {now}");
    assert_eq!(number("exp") - number("iat"), 120);
    assert!(claims["jti"].as_str().is_some_and(|jti| jti.len() >= 22));
    assert_eq!(claims["events"], serde_json::json!({"http://schemas.openid.net/event/backchannel-logout": {}}));
    assert!(claims.get("nonce").is_none());
    claims
}

impl World {
    /// The fund with these members of its clients changed: `client_id`, then a patch of its registration.
    pub async fn with_clients(&self, changes: &[(&str, Value)]) {
        let document = self.manage().document(SLUG).await.expect("the realm is read").expect("there is a realm");
        let mut json = serde_json::to_value(&document).expect("a document is JSON");
        for (client_id, patch) in changes {
            let clients = json["client"].as_array_mut().expect("clients");
            let client = clients.iter_mut().find(|client| client["client_id"] == *client_id).expect("the client");
            for (name, value) in patch.as_object().expect("a patch") {
                client[name] = value.clone();
            }
        }
        let patched = serde_json::from_value(json).expect("a document");
        self.manage().apply_realm(patched).await.expect("the realm is applied");
    }
}
