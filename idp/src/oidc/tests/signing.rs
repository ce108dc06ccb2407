//! Clients that sign: their keys, their tokens, and a small server where they publish.

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A key pair of a client's, for ES256.
pub(in crate::oidc) struct Key {
    kid: String,
    pair: EcdsaKeyPair,
}

impl Key {
    pub(in crate::oidc) fn new(kid: &str) -> Self {
        Self { kid: kid.to_owned(), pair: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap() }
    }

    /// The public half.
    pub(in crate::oidc) fn jwk(&self) -> Value {
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        let [x, y] = [x, y].map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
        json!({"kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": self.kid, "use": "sig", "alg": "ES256"})
    }

    /// The set of this key alone.
    pub(in crate::oidc) fn set(&self) -> Value {
        json!({"keys": [self.jwk()]})
    }

    /// A signed token.
    pub(in crate::oidc) fn sign(&self, claims: &Value) -> String {
        self.sign_under(&json!({}), claims)
    }

    /// The same, with members of the header added, changed or (null) left out.
    pub(in crate::oidc) fn sign_under(&self, header: &Value, claims: &Value) -> String {
        let usual = json!({"alg": "ES256", "kid": self.kid});
        let message = message(&changed(usual, header), claims);
        let signature = self.pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// A token under a shared secret.
pub(in crate::oidc) fn sign_with_secret(secret: &[u8], header: &Value, claims: &Value) -> String {
    let message = message(&changed(json!({"alg": "HS256"}), header), claims);
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(mac))
}

/// A header and a payload, without anything that proves them.
pub(in crate::oidc) fn message(header: &Value, claims: &Value) -> String {
    let [header, claims] = [header, claims].map(|json| URL_SAFE_NO_PAD.encode(json.to_string()));
    format!("{header}.{claims}")
}

/// An object with members added, changed or (null) left out.
pub(in crate::oidc) fn changed(mut object: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        object[name] = value.clone();
        if value.is_null() {
            object.as_object_mut().unwrap().remove(name);
        }
    }
    object
}

/// What a client publishes: on loopback, by http.
pub(in crate::oidc) struct Published {
    port: u16,
    document: Arc<Mutex<Option<String>>>,
    asked: Arc<AtomicUsize>,
}

impl Published {
    pub(in crate::oidc) async fn new(document: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let published = Self {
            port: listener.local_addr().unwrap().port(),
            document: Arc::new(Mutex::new(Some(document))),
            asked: Arc::default(),
        };
        let (document, asked) = (published.document.clone(), published.asked.clone());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                asked.fetch_add(1, Ordering::SeqCst);
                let document = document.lock().unwrap().clone();
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                let answer = match document {
                    Some(document) => {
                        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{document}", document.len())
                    }
                    None => "HTTP/1.1 503 Down\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned(),
                };
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        published
    }

    /// Its address.
    pub(in crate::oidc) fn uri(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Publishes something else; nothing means that the host is down.
    pub(in crate::oidc) fn publish(&self, document: Option<String>) {
        *self.document.lock().unwrap() = document;
    }

    /// How often somebody came.
    pub(in crate::oidc) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}
