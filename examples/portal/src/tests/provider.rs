//! A tiny provider on a loopback port that can be told to lie.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use axum::{
    Form, Json, Router,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use base64::{Engine, prelude::BASE64_STANDARD as BASE64, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{clock, portal::digest};

/// The lie the provider tells next.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Lie {
    #[default]
    None,
    Nonce,
    Audience,
    Issuer,
    Expired,
    Unsigned,
    SignedWithTheClientSecret,
    SignedBySomebodyElse,
    AccessTokenHash,
    UserinfoSubject,
    AnswerIssuer,
    AnswerWithoutIssuer,
    Away,
    Error(&'static str),
}

type Parameters = HashMap<String, String>;

pub(super) struct Provider {
    pub(super) issuer: String,
    pub(super) lie: Mutex<Lie>,
    pub(super) authorizations: Mutex<Vec<Parameters>>,
    pub(super) token_requests: Mutex<Vec<(Option<String>, Parameters)>>,
    pub(super) sign_outs: Mutex<Vec<Parameters>>,
    keys: Mutex<Vec<KeyPair>>,
    foreign_key: KeyPair,
    secret: Option<&'static str>,
}

fn key() -> KeyPair {
    KeyPair::generate(KeySize::Rsa2048).unwrap()
}

impl Provider {
    /// Starts on `listener`; a client with `secret`, or a public one.
    pub(super) fn start(listener: TcpListener, secret: Option<&'static str>) -> Arc<Self> {
        let issuer = format!("http://localhost:{}/realm", listener.local_addr().unwrap().port());
        let provider = Arc::new(Self {
            issuer,
            lie: Mutex::default(),
            authorizations: Mutex::default(),
            token_requests: Mutex::default(),
            sign_outs: Mutex::default(),
            keys: Mutex::new(vec![key()]),
            foreign_key: key(),
            secret,
        });
        let routes = Router::new()
            .route("/realm/.well-known/openid-configuration", get(metadata))
            .route("/realm/jwks", get(jwks))
            .route("/realm/authorize", get(authorize))
            .route("/realm/token", post(token))
            .route("/realm/userinfo", get(userinfo))
            .route("/realm/logout", get(logout))
            .with_state(Arc::clone(&provider));
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        provider
    }

    pub(super) fn tell(&self, lie: Lie) {
        *self.lie.lock().unwrap() = lie;
    }

    /// Signs with a new key from now on.
    pub(super) fn rotate_key(&self) {
        self.keys.lock().unwrap().push(key());
    }

    fn lies(&self, lie: Lie) -> bool {
        *self.lie.lock().unwrap() == lie
    }

    fn id_token(&self, authorization: &Parameters, access_token: &str) -> String {
        let now = clock::system()();
        let or = |lie, wrong: &str, right: &str| if self.lies(lie) { wrong.to_owned() } else { right.to_owned() };
        let at_hash = BASE64URL.encode(&digest(&or(Lie::AccessTokenHash, "another", access_token))[..16]);
        let claims = json!({
            "iss": or(Lie::Issuer, "http://localhost:1/realm", &self.issuer),
            "sub": "pairwise-7f3a",
            "aud": or(Lie::Audience, "another-portal", "portal"),
            "nonce": or(Lie::Nonce, "another-nonce", &authorization["nonce"]),
            "iat": now,
            "exp": if self.lies(Lie::Expired) { now - 5 } else { now + 300 },
            "auth_time": 1_782_907_200,
            "acr": "urn:poterne:level:multi",
            "amr": ["pwd", "sms", "mfa"],
            "sid": "sid-1",
            "at_hash": at_hash,
            "population": "insured",
        });
        self.sign(&claims)
    }

    fn sign(&self, claims: &Value) -> String {
        let keys = self.keys.lock().unwrap();
        let alg = match *self.lie.lock().unwrap() {
            Lie::Unsigned => "none",
            Lie::SignedWithTheClientSecret => "HS256",
            _ => "RS256",
        };
        let header = json!({ "alg": alg, "kid": format!("key-{}", keys.len()), "typ": "JWT" });
        let message = format!("{}.{}", BASE64URL.encode(header.to_string()), BASE64URL.encode(claims.to_string()));
        let key = if self.lies(Lie::SignedBySomebodyElse) { &self.foreign_key } else { keys.last().unwrap() };
        let signature = match alg {
            "none" => Vec::new(),
            "HS256" => {
                let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, self.secret.unwrap_or_default().as_bytes());
                aws_lc_rs::hmac::sign(&key, message.as_bytes()).as_ref().to_vec()
            }
            _ => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
                signature
            }
        };
        format!("{message}.{}", BASE64URL.encode(signature))
    }
}

type Shared = State<Arc<Provider>>;

async fn metadata(State(provider): Shared) -> Response {
    if provider.lies(Lie::Away) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let at = |path: &str| format!("{}/{path}", provider.issuer);
    Json(json!({
        "issuer": provider.issuer,
        "authorization_endpoint": at("authorize"),
        "token_endpoint": at("token"),
        "userinfo_endpoint": at("userinfo"),
        "jwks_uri": at("jwks"),
        "end_session_endpoint": at("logout"),
        "authorization_response_iss_parameter_supported": true,
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
    }))
    .into_response()
}

async fn jwks(State(provider): Shared) -> Json<Value> {
    let keys = provider.keys.lock().unwrap();
    let public = keys.iter().enumerate().map(|(at, key)| {
        // RSAPublicKey of RFC 8017, A.1.1: for 2048 bits the modulus lies at 9, the exponent at 267.
        let der = key.public_key().as_ref();
        let (n, e) = (BASE64URL.encode(&der[9..265]), BASE64URL.encode(&der[267..270]));
        json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": format!("key-{}", at + 1), "n": n, "e": e })
    });
    Json(json!({ "keys": public.collect::<Vec<_>>() }))
}

async fn authorize(State(provider): Shared, Query(asked): Query<Parameters>) -> Response {
    assert_eq!(asked["client_id"], "portal");
    assert_eq!(asked["response_type"], "code");
    assert_eq!(asked["code_challenge_method"], "S256");
    let mut answer = url::Url::parse(&asked["redirect_uri"]).unwrap();
    answer.query_pairs_mut().append_pair("state", &asked["state"]);
    let lie = *provider.lie.lock().unwrap();
    match lie {
        Lie::AnswerWithoutIssuer => {}
        Lie::AnswerIssuer => drop(answer.query_pairs_mut().append_pair("iss", "http://localhost:1/realm")),
        _ => drop(answer.query_pairs_mut().append_pair("iss", &provider.issuer)),
    }
    let mut authorizations = provider.authorizations.lock().unwrap();
    match lie {
        Lie::Error(code) => answer.query_pairs_mut().append_pair("error", code),
        _ => answer.query_pairs_mut().append_pair("code", &format!("code-{}", authorizations.len())),
    };
    authorizations.push(asked);
    Redirect::to(answer.as_str()).into_response()
}

async fn token(State(provider): Shared, headers: HeaderMap, Form(form): Form<Parameters>) -> Response {
    let basic = headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
    let expected = provider.secret.map(|secret| format!("Basic {}", BASE64.encode(format!("portal:{secret}"))));
    let at: usize = form["code"].strip_prefix("code-").unwrap().parse().unwrap();
    let authorization = provider.authorizations.lock().unwrap()[at].clone();
    let proof = BASE64URL.encode(digest(&form["code_verifier"]));
    let fits = proof == authorization["code_challenge"] && form["redirect_uri"] == authorization["redirect_uri"];
    let same_client = basic == expected && (basic.is_some() || form["client_id"] == "portal");
    provider.token_requests.lock().unwrap().push((basic, form));
    if !fits || !same_client {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response();
    }
    let id_token = provider.id_token(&authorization, "access-1");
    Json(json!({ "access_token": "access-1", "token_type": "Bearer", "expires_in": 300, "id_token": id_token })).into_response()
}

async fn userinfo(State(provider): Shared, headers: HeaderMap) -> Response {
    if headers.get("authorization").is_none_or(|value| value != "Bearer access-1") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let sub = if provider.lies(Lie::UserinfoSubject) { "somebody-else" } else { "pairwise-7f3a" };
    let claims = json!({ "sub": sub, "given_name": "Marie <Rochat>", "email": "marie@example.ch", "email_verified": true });
    Json(claims).into_response()
}

async fn logout(State(provider): Shared, Query(asked): Query<Parameters>) -> Response {
    let mut back = url::Url::parse(&asked["post_logout_redirect_uri"]).unwrap();
    back.query_pairs_mut().append_pair("state", &asked["state"]);
    provider.sign_outs.lock().unwrap().push(asked);
    Redirect::to(back.as_str()).into_response()
}
