//! The limits that stand beside the figures: what the same machine does in the same run with nothing of ours around it. Each is a mode of
//! this same program, started on the core where the provider runs otherwise.

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use axum::Router;
use axum::body::Bytes;
use axum::http::header;
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A text as long as header and claims of an access token.
const MESSAGE: [u8; 420] = [b'a'; 420];

/// Serves bare answers of the asked sizes at `/bytes/N`, and answers that sign at `/es256` and `/rs256`, until it is killed.
pub async fn serve(port: u16, sizes: &[usize]) {
    let es256 = Arc::new(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key"));
    let rs256 = Arc::new(RsaKeyPair::generate(KeySize::Rsa2048).expect("a key"));
    let es256 = move || {
        let signature = es256.sign(&SystemRandom::new(), &MESSAGE).expect("a signature");
        let answer = token(signature.as_ref());
        async move { answer }
    };
    let rs256 = move || {
        let mut signature = vec![0; rs256.public_modulus_len()];
        rs256.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &MESSAGE, &mut signature).expect("a signature");
        let answer = token(&signature);
        async move { answer }
    };
    let mut routes = Router::new().route("/es256", get(es256)).route("/rs256", get(rs256));
    for size in sizes {
        let body = Bytes::from(vec![b' '; *size]);
        let answer = move || std::future::ready(([(header::CONTENT_TYPE, "application/json")], body.clone()));
        routes = routes.route(&format!("/bytes/{size}"), get(answer));
    }
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.expect("the port is free");
    axum::serve(listener, routes).await.expect("it serves");
}

fn token(signature: &[u8]) -> ([(header::HeaderName, &'static str); 1], String) {
    let (message, signature) = (String::from_utf8_lossy(&MESSAGE), URL_SAFE_NO_PAD.encode(signature));
    let body = format!(r#"{{"access_token":"{message}.{signature}","token_type":"Bearer","expires_in":300}}"#);
    ([(header::CONTENT_TYPE, "application/json")], body)
}

diesel::table! {
    row (realm, id) {
        realm -> Binary,
        id -> Binary,
        secret_digest -> Binary,
        issued_at -> BigInt,
        expires_at -> BigInt,
    }
}

/// A database that rows are committed to, each of them durable, as fast as one thread can.
pub struct Commits {
    connection: SqliteConnection,
    count: u128,
}

impl Commits {
    /// Opens it. It stays open: the log of a database that was just opened grows, and whatever makes a file longer takes a disk more time.
    pub fn open(path: &Path) -> Self {
        let mut connection = SqliteConnection::establish(&path.to_string_lossy()).expect("a database");
        let made = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE IF NOT EXISTS row (realm BLOB NOT NULL, \
                    id BLOB NOT NULL, secret_digest BLOB NOT NULL, issued_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, \
                    PRIMARY KEY (realm, id)) WITHOUT ROWID; DELETE FROM row;";
        connection.batch_execute(made).expect("a table");
        let mut commits = Self { connection, count: 0 };
        (0..2_000).for_each(|_| commits.one());
        commits
    }

    /// How many a second.
    pub fn rate(&mut self, span: Duration) -> f64 {
        rate(span, || self.one())
    }

    fn one(&mut self) {
        self.count += 1;
        // Ids rise, as those of the provider do.
        let (realm, id, digest) = ([1_u8; 16], self.count.to_be_bytes(), [self.count as u8; 32]);
        let columns = (row::realm.eq(realm.as_slice()), row::id.eq(id.as_slice()), row::secret_digest.eq(digest.as_slice()));
        let times = (row::issued_at.eq(1_i64), row::expires_at.eq(2_i64));
        diesel::insert_into(row::table).values((columns, times)).execute(&mut self.connection).expect("a commit");
    }
}

/// Verifies passwords with the provider's parameters on this many threads; how many a second in all.
pub fn argon2(threads: usize, span: Duration) -> f64 {
    let params = Params::new(19_456, 2, 1, None).expect("parameters");
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash = hasher.hash_password_with_salt(b"Tilleul-Vert-1984", b"sixteen bytes of").expect("a hash").to_string();
    let one =
        || rate(span, || Argon2::default().verify_password(b"Tilleul-Vert-1984", hash.as_str()).expect("the password is right"));
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(one)).collect();
        running.into_iter().map(|thread| thread.join().expect("no thread panics")).sum()
    })
}

fn rate(span: Duration, mut work: impl FnMut()) -> f64 {
    let (began, mut count) = (Instant::now(), 0_u32);
    while began.elapsed() < span {
        work();
        count += 1;
    }
    f64::from(count) / began.elapsed().as_secs_f64()
}

/// Answers every line on the standard input, a number of milliseconds, with what `rate` comes to in that time.
pub fn answer(mut rate: impl FnMut(Duration) -> f64) {
    for line in std::io::stdin().lines() {
        let span = Duration::from_millis(line.expect("a line").parse().expect("milliseconds"));
        println!("{}", rate(span));
    }
}
