//! A relying-party portal as a test plays it: it sends people to the provider and redeems what comes back.

use super::browser::{Browser, Page};
use super::world::World;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use poterne_protocol::secret::Digest;
use serde_json::Value;
use tower::ServiceExt;
use url::Url;

/// A portal.
#[derive(Clone)]
pub struct Portal {
    routes: Router,
    /// The provider's issuer.
    pub issuer: String,
    /// Its `client_id`.
    pub client_id: &'static str,
    /// Its secret, where it has one.
    pub secret: Option<String>,
    /// Its home.
    pub home: &'static str,
}

/// The PKCE verifier that all portals of the tests use.
pub const VERIFIER: &str = "a-verifier-of-forty-three-characters-or-more-12345";
/// The state that all portals of the tests send.
pub const STATE: &str = "state-of-the-portal";
/// The nonce that all portals of the tests send.
pub const NONCE: &str = "nonce-of-the-portal";

/// An answer of the provider to a program.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: axum::http::HeaderMap,
    /// The JSON; null when there is none.
    pub json: Value,
}

impl Answer {
    /// A text member.
    #[track_caller]
    pub fn text(&self, name: &str) -> String {
        self.json[name].as_str().unwrap_or_else(|| panic!("no {name} in {self:?}")).to_owned()
    }
}

impl Portal {
    /// A portal of this world.
    pub fn new(world: &World, client_id: &'static str, secret: Option<String>, home: &'static str) -> Self {
        Self { routes: world.routes.clone(), issuer: world.issuer.clone(), client_id, secret, home }
    }

    /// A portal of any provider.
    pub fn at(routes: Router, issuer: &str, client_id: &'static str, secret: Option<String>, home: &'static str) -> Self {
        Self { routes, issuer: issuer.to_owned(), client_id, secret, home }
    }

    /// Where answers come to.
    pub fn redirect_uri(&self) -> String {
        format!("{}/callback", self.home)
    }

    /// The parameters of a sign-in.
    pub fn request(&self) -> Vec<(String, String)> {
        let challenge = URL_SAFE_NO_PAD.encode(Digest::of(VERIFIER.as_bytes()).as_bytes());
        let redirect_uri = self.redirect_uri();
        let pairs = [
            ("response_type", "code"),
            ("client_id", self.client_id),
            ("redirect_uri", &redirect_uri),
            ("scope", "openid profile email"),
            ("state", STATE),
            ("nonce", NONCE),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
    }

    /// The address of a sign-in, with parameters added or (with an empty value) taken away.
    pub fn sign_in_with(&self, changes: &[(&str, &str)]) -> String {
        let mut request = self.request();
        for (name, value) in changes {
            request.retain(|(known, _)| known != name);
            if !value.is_empty() {
                request.push(((*name).to_owned(), (*value).to_owned()));
            }
        }
        let mut url = Url::parse(&format!("{}/authorize", self.issuer)).expect("an issuer");
        url.query_pairs_mut().extend_pairs(request);
        url.into()
    }

    /// The address of a sign-in.
    pub fn sign_in(&self) -> String {
        self.sign_in_with(&[])
    }

    /// What the provider sent back: the code, after the checks that any client makes.
    #[track_caller]
    pub fn code_from(&self, page: &Page) -> String {
        assert!(page.url.starts_with(&self.redirect_uri()), "not back at the portal but at {}:\n{}", page.url, page.text());
        assert_eq!(page.parameter("state").as_deref(), Some(STATE));
        assert_eq!(page.parameter("iss").as_deref(), Some(self.issuer.as_str()));
        page.parameter("code").unwrap_or_else(|| panic!("no code in {}", page.url))
    }

    /// Asks the token endpoint.
    pub async fn token(&self, fields: &[(&str, &str)]) -> Answer {
        let mut request = Request::post(self.path("/token")).header(header::HOST, "localhost:8080");
        request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let mut fields = fields.to_vec();
        match &self.secret {
            Some(secret) => {
                let basic = STANDARD.encode(format!("{}:{secret}", self.client_id));
                request = request.header(header::AUTHORIZATION, format!("Basic {basic}"));
            }
            None => fields.push(("client_id", self.client_id)),
        }
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(request.body(Body::from(form)).expect("a request")).await
    }

    /// Redeems a code.
    pub async fn redeem(&self, code: &str) -> Answer {
        let redirect_uri = self.redirect_uri();
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri.as_str()),
            ("code_verifier", VERIFIER),
        ];
        self.token(&fields).await
    }

    /// Redeems what a browser came back with.
    pub async fn tokens_from(&self, page: &Page) -> Answer {
        let answer = self.redeem(&self.code_from(page)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer
    }

    /// Uses a refresh token.
    pub async fn refresh(&self, token: &str) -> Answer {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// Asks who the person is.
    pub async fn userinfo(&self, access_token: &str) -> Answer {
        let request = Request::get(self.path("/userinfo")).header(header::HOST, "localhost:8080");
        self.send(request.header(header::AUTHORIZATION, format!("Bearer {access_token}")).body(Body::empty()).expect("a request"))
            .await
    }

    /// Signs the browser out at the provider.
    pub async fn sign_out(&self, browser: &mut Browser, id_token: &str) {
        let mut url = Url::parse(&format!("{}/logout", self.issuer)).expect("an issuer");
        let back = format!("{}/signed-out", self.home);
        url.query_pairs_mut().extend_pairs([
            ("id_token_hint", id_token),
            ("client_id", self.client_id),
            ("post_logout_redirect_uri", &back),
            ("state", STATE),
        ]);
        browser.visit(url.as_str()).await;
    }

    /// A GET that a program makes.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(self.path(path)).header(header::HOST, "localhost:8080").body(Body::empty()).expect("a request"))
            .await
    }

    fn path(&self, path: &str) -> String {
        let issuer = Url::parse(&self.issuer).expect("an issuer");
        format!("{}{path}", issuer.path())
    }

    /// Sends any request.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.routes.clone().oneshot(request).await.expect("the router answers");
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 20).await.expect("a body");
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            json: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        }
    }
}

/// The payload of a signed token, unchecked: the checks are in the rules' own tests.
#[track_caller]
pub fn payload(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap_or_else(|| panic!("not a token: {token}"));
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}
