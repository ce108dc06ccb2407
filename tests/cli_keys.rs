//! `poterne key`, and keys that rotate while portals verify.

use crate::support::fund::Fund;
use crate::support::portal::Portal;
use crate::support::program::now;
use poterne_protocol::jose::jws::{TokenType, verify};
use poterne_protocol::jose::keyset::KeySet;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const REALM: [&str; 2] = ["--realm", "lindenhof"];

fn key<'a>(words: &[&'a str]) -> Vec<&'a str> {
    [&["key"], words, &REALM].concat()
}

fn kids(fund: &Fund, state: &str) -> Vec<String> {
    let all = fund.run(&key(&["list", "--json"])).ends(0, &[]).json();
    let of = all.as_array().expect("keys").iter().filter(|key| key["state"] == state);
    of.map(|key| key["kid"].as_str().expect("a name").to_owned()).collect()
}

/// Tokens that live twenty seconds, keys that are published twenty seconds before they sign.
fn brisk(document: &str) -> String {
    let policy = "\n[policy]\nkey_lead_seconds = 20\naccess_token_seconds = 20\nid_token_seconds = 20\n\n[branding]";
    Fund::by_password_alone(&document.replacen("\n[branding]", policy, 1))
}

async fn published(fund: &Fund) -> (BTreeSet<String>, String) {
    let answer = reqwest::get(format!("{}/jwks", fund.issuer())).await.expect("an answer");
    let control = answer.headers()["cache-control"].to_str().expect("text").to_owned();
    let set: Value = answer.json().await.expect("JSON");
    let kids = set["keys"].as_array().expect("keys").iter().map(|key| key["kid"].as_str().expect("a name").to_owned());
    (kids.collect(), control)
}

#[tokio::test]
async fn a_key_rotated_by_command_signs_in_the_provider_that_runs() {
    let fund = Fund::lindenhof("", brisk);
    let _serving = fund.serve().await;
    let (flex, refresh) = fund.marie_signed_in().await;
    let (leaked, next) = (kids(&fund, "current"), kids(&fund, "next"));
    let signed_by =
        async |token: &str| header(&flex.refresh(&refresh).await.text(token))["kid"].as_str().expect("kid").to_owned();
    assert!(leaked.contains(&signed_by("id_token").await) && leaked.contains(&signed_by("access_token").await));
    assert_eq!(published(&fund).await.1, "public, max-age=10");

    let said = fund.run(&key(&["rotate"]));
    said.ends(3, &["Nothing was changed", "--now"]);
    assert!(said.out.lines().all(|line| line.chars().count() <= 80), "{}", said.out);
    fund.run(&key(&["retire", &leaked[0]])).ends(1, &["key rotate"]);
    let said = fund.run(&key(&["rotate", "--now"]));
    said.ends(0, &["not every portal knows", "key withdraw"]);
    assert!(said.out.lines().all(|line| line.chars().count() <= 80), "{}", said.out);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(next.contains(&signed_by("id_token").await) && next.contains(&signed_by("access_token").await));
    assert!(leaked.iter().all(|kid| kids(&fund, "former").contains(kid)));
    fund.run(&key(&["retire", &leaked[0]])).ends(1, &["live until", "key withdraw"]);
    let said = fund.run(&key(&["withdraw", &leaked[0]]));
    said.ends(0, &["is gone"]);
    assert!(said.out.lines().all(|line| line.chars().count() <= 80), "{}", said.out);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (now_published, _) = published(&fund).await;
    assert!(!now_published.contains(&leaked[0]) && now_published.contains(&leaked[1]));
    let said = fund.run(&key(&["list"]));
    said.ends(0, &["current", "next", "former", "take over by themselves"]);
    assert!(said.out.lines().all(|line| line.chars().count() <= 80), "{}", said.out);
    fund.run(&["key", "list", "--realm", "nobody"]).ends(1, &["there is no realm nobody"]);
}

fn header(token: &str) -> Value {
    use base64::Engine;
    let text = token.split('.').next().expect("a header");
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}

/// A portal's memory of the key set, kept exactly as long as it may, and never fetched again for an unknown key.
#[derive(Default)]
struct Memory(Option<(KeySet, Instant)>);

impl Memory {
    async fn keys(&mut self, jwks: &str) -> &KeySet {
        if self.0.as_ref().is_none_or(|(_, until)| *until <= now()) {
            let asked = now();
            let answer = reqwest::get(jwks).await.expect("an answer");
            let control = answer.headers()["cache-control"].to_str().expect("text").to_owned();
            let seconds: u64 = control.strip_prefix("public, max-age=").expect("an age").parse().expect("seconds");
            let set: KeySet = serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("keys");
            self.0 = Some((set, asked + Duration::from_secs(seconds)));
        }
        &self.0.as_ref().expect("just fetched").0
    }
}

#[derive(Default)]
struct Tally {
    tokens: AtomicUsize,
    read: AtomicUsize,
    failed: AtomicUsize,
    kids: Mutex<BTreeSet<String>>,
}

/// Fetches tokens as fast as it can, and reads each at once, and again shortly before it expires.
async fn portal(flex: &Portal, refresh: &str, jwks: &str, end: Instant, tally: &Tally) {
    let (mut memory, mut kept) = (Memory::default(), std::collections::VecDeque::new());
    while now() < end {
        let asked = now();
        let answer = flex.refresh(refresh).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        for (name, typ) in [("id_token", TokenType::IdToken), ("access_token", TokenType::AccessToken)] {
            let token = answer.text(name);
            tally.kids.lock().expect("no panic").insert(header(&token)["kid"].as_str().expect("kid").to_owned());
            tally.tokens.fetch_add(1, Ordering::Relaxed);
            read(&token, typ, memory.keys(jwks).await, tally);
            kept.push_back((token, typ, asked + Duration::from_secs(19)));
        }
        while kept.front().is_some_and(|(_, _, at)| *at <= now()) {
            let Some((token, typ, _)) = kept.pop_front() else { break };
            read(&token, typ, memory.keys(jwks).await, tally);
        }
    }
}

fn read(token: &str, typ: TokenType, keys: &KeySet, tally: &Tally) {
    tally.read.fetch_add(1, Ordering::Relaxed);
    if verify::<Value>(token, typ, keys).is_err() {
        tally.failed.fetch_add(1, Ordering::Relaxed);
    }
}

/// `make rotation`: three minutes.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "three minutes on the real clock: make rotation"]
async fn keys_rotate_every_thirty_seconds_under_load_and_no_verification_fails() {
    let fund = Fund::lindenhof("", brisk);
    let _serving = fund.serve().await;
    let (flex, refresh) = fund.marie_signed_in().await;
    let (jwks, end, tally) = (format!("{}/jwks", fund.issuer()), now() + Duration::from_secs(180), Tally::default());
    let rotations = AtomicUsize::new(0);
    let rotate = async {
        while now() + Duration::from_secs(30) <= end {
            tokio::time::sleep(Duration::from_secs(30)).await;
            let done = tokio::task::block_in_place(|| fund.run(&key(&["rotate"])));
            done.ends(0, &[]);
            rotations.fetch_add(1, Ordering::Relaxed);
        }
    };
    let load = || portal(&flex, &refresh, &jwks, end, &tally);
    tokio::join!(rotate, load(), load(), load(), load());
    let count = |of: &AtomicUsize| of.load(Ordering::Relaxed);
    let signed = tally.kids.lock().expect("no panic").len();
    println!(
        "{} rotations, {} tokens by {signed} keys, {} verifications, {} failed",
        count(&rotations),
        count(&tally.tokens),
        count(&tally.read),
        count(&tally.failed)
    );
    assert_eq!(count(&tally.failed), 0);
    assert!(count(&rotations) >= 5 && signed >= 10 && count(&tally.read) > 1_000);
}
