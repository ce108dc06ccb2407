//! The real program as its operator meets it: what it says when it cannot start, what it leaves on disk, how it ends.

use crate::support::people::Person;
use crate::support::portal::Portal;
use crate::support::program::{Demo, EMAIL, Ground, PHONE, awaited, command, copy, free_port, go_on, refused, wire};
use diesel::connection::SimpleConnection;
use poterne_idp::{DatabaseUrl, Db, StoreSettings};
use poterne_protocol::id::RealmId;
use serde_json::Value;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

const ANY_PORT: &str = "127.0.0.1:0";

/// A refusal: exit code 1, and all these words for the operator.
#[track_caller]
fn is_refused(command: std::process::Command, words: &[&str]) {
    let (code, said) = refused(command);
    assert_eq!(code, Some(1), "{said}");
    for word in words {
        assert!(said.contains(word), "«{word}» is missing in: {said}");
    }
    assert!(!said.contains("panicked"), "{said}");
}

/// A data folder that has been used once.
fn used(ground: &Ground) -> std::path::PathBuf {
    let folder = ground.at("data");
    drop(Demo::start(&folder, free_port()));
    folder
}

#[test]
fn a_port_in_use_is_named_with_what_to_do() {
    let ground = Ground::fresh();
    let other = TcpListener::bind(ANY_PORT).expect("a port");
    let taken = other.local_addr().expect("an address");
    let port = taken.port().to_string();
    is_refused(command(&ground.at("data"), &taken.to_string()), &["port", &port, "in use", "--listen 127.0.0.1:PORT"]);
}

#[test]
fn it_listens_on_loopback_only() {
    let ground = Ground::fresh();
    for address in ["0.0.0.0:0", "192.0.2.7:8080", "[::]:0"] {
        let host = address.rsplit_once(':').expect("a port").0.trim_matches(['[', ']']);
        is_refused(command(&ground.at("data"), address), &["loopback", host]);
    }
    assert!(!ground.at("data").exists(), "nothing was made");
}

#[test]
fn a_data_folder_that_cannot_be_is_named() {
    let ground = Ground::fresh();
    std::fs::write(ground.at("file"), "not a folder").expect("a file");
    let below = ground.at("file").join("data");
    is_refused(command(&below, ANY_PORT), &["data folder", &below.display().to_string(), "--data-dir"]);
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_left_alone() {
    let ground = Ground::fresh();
    let folder = used(&ground);
    let db = Db::open(&DatabaseUrl::Sqlite(folder.join("poterne.sqlite")), StoreSettings::default()).expect("the database opens");
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')";
    db.write(RealmId::from_bytes([0; 16]), move |tx| Ok(tx.conn.batch_execute(newer)?)).await.expect("a newer version was here");
    is_refused(command(&folder, ANY_PORT), &["newer version of Poterne", "9999"]);
}

#[test]
fn without_its_master_key_it_says_what_is_lost_and_makes_no_other() {
    let ground = Ground::fresh();
    let folder = used(&ground);
    let key = folder.join("master.key");
    std::fs::remove_file(&key).expect("a key");
    is_refused(command(&folder, ANY_PORT), &["master.key", "is missing", "demo-reset"]);
    assert!(!key.exists());
}

#[test]
fn a_master_key_that_is_none_or_another_is_refused() {
    let ground = Ground::fresh();
    let folder = used(&ground);
    let key = folder.join("master.key");
    let right = std::fs::read_to_string(&key).expect("a key");
    std::fs::write(&key, "hunter2").expect("written");
    is_refused(command(&folder, ANY_PORT), &["master.key", "64 hexadecimal digits"]);
    std::fs::write(&key, "0b".repeat(32)).expect("written");
    is_refused(command(&folder, ANY_PORT), &["master key"]);
    std::fs::write(&key, right).expect("written");
    drop(Demo::start(&folder, free_port()));
}

#[test]
fn files_are_their_owners_only() {
    fn check(folder: &Path) {
        let mode = |path: &Path| std::fs::metadata(path).expect("it exists").permissions().mode() & 0o777;
        assert_eq!(mode(folder), 0o700, "{}", folder.display());
        for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                check(&entry);
            } else {
                assert_eq!(mode(&entry), 0o600, "{}", entry.display());
            }
        }
    }
    let ground = Ground::fresh();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let demo = Demo::start(&ground.at("data"), free_port());
    let mut browser = demo.browser();
    runtime.block_on(async {
        browser.visit(&format!("{}/ui/enroll/as/insured", demo.issuer())).await;
        while awaited(&browser.page).is_none() {
            assert!(go_on(&mut browser, &demo, &Person::marie()).await);
        }
        demo.code_to(EMAIL).await.expect("a message in the outbox");
    });
    let names: Vec<_> =
        std::fs::read_dir(&demo.folder).expect("a folder").map(|entry| entry.expect("an entry").file_name()).collect();
    for name in ["master.key", "operator.token", "portals.json", "poterne.sqlite", "poterne.sqlite-wal", "start.json", "outbox"] {
        assert!(names.iter().any(|found| found == name), "{name} is not among {names:?}");
    }
    check(&demo.folder);
}

#[tokio::test]
async fn it_says_that_it_is_ready_in_one_line_and_a_second_start_keeps_the_data() {
    let ground = Ground::fresh();
    let (folder, port) = (ground.at("data"), free_port());
    let mut codes = Vec::new();
    for _ in 0..2 {
        let mut demo = Demo::start(&folder, port);
        let ready: Value = serde_json::from_str(&demo.ready).expect("one line of JSON");
        let origin = format!("http://localhost:{port}");
        let keys = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
        let mut members = keys(&ready);
        members.sort();
        assert_eq!(members, ["funds", "issuer", "outbox", "portals", "start"]);
        assert_eq!(ready["issuer"], format!("{origin}/lindenhof"));
        assert_eq!((&ready["start"], &ready["outbox"]), (&format!("{origin}/").into(), &format!("{origin}/demo/outbox").into()));
        let portals = ready["portals"].as_array().expect("portals");
        assert_eq!(
            portals.iter().map(|portal| portal["name"].as_str().expect("a name")).collect::<Vec<_>>(),
            ["Lindenhof flex", "Lindenhof 1e", "Lindenhof Employeurs", "Säntima mySäntima"]
        );
        for portal in portals {
            assert_eq!(keys(portal).len(), 2, "{portal}");
            let page = reqwest::get(portal["url"].as_str().expect("a URL")).await.expect("the portal answers");
            assert_eq!(page.status(), 200);
        }
        let funds = ready["funds"].as_array().expect("funds");
        let issuers: Vec<_> = funds.iter().map(|fund| fund["issuer"].as_str().expect("an issuer").to_owned()).collect();
        assert_eq!(issuers, [format!("{origin}/lindenhof"), format!("{origin}/saentima")]);
        for issuer in issuers {
            let discovery = format!("{issuer}/.well-known/openid-configuration");
            assert_eq!(reqwest::get(discovery).await.expect("the fund answers").status(), 200);
        }
        let start = reqwest::get(format!("{origin}/demo/start.json")).await.expect("an answer").bytes().await.expect("a body");
        codes.push(serde_json::from_slice::<Value>(&start).expect("JSON")["codes"].clone());
        assert_eq!(demo.terminate().and_then(|(code, _)| code), Some(0));
        assert_eq!(demo.printed_since(), "", "nothing but the one line");
    }
    assert!(codes[0].as_array().is_some_and(|codes| codes.len() >= 5), "{codes:?}");
    assert_eq!(codes[0], codes[1]);
}

#[tokio::test]
async fn sigterm_ends_it_within_three_seconds_though_connections_are_open() {
    let ground = Ground::fresh();
    let mut demo = Demo::start(&ground.at("data"), free_port());
    // A browser's connection stays open, and another has said nothing yet.
    let client = reqwest::Client::new();
    let page = client.get(format!("{}/ui/enroll/as/insured", demo.issuer())).send().await.expect("an answer");
    assert_eq!(page.status(), 200);
    page.bytes().await.expect("a page");
    let silent = std::net::TcpStream::connect(("127.0.0.1", demo.port)).expect("it listens");
    let (code, took) = demo.terminate().expect("it ends");
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(3), "{took:?}");
    println!("SIGTERM to end: {took:?}");
    drop((client, silent));
}

#[tokio::test]
async fn the_operators_token_opens_the_management_api_and_nothing_else_does() {
    let ground = Ground::fresh();
    let folder = ground.at("data");
    let demo = Demo::start(&folder, free_port());
    let token = std::fs::read_to_string(folder.join("operator.token")).expect("a token");
    assert!(token.len() >= 32 && !demo.ready.contains(&token));
    let url = format!("http://localhost:{}/admin/realms", demo.port);
    let client = reqwest::Client::new();
    let ask = async |token: &str, host: &str| {
        let request = client.get(&url).header("host", host);
        let request = if token.is_empty() { request } else { request.bearer_auth(token) };
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), String::from_utf8(answer.bytes().await.expect("a body").to_vec()).expect("text"))
    };
    assert_eq!(ask("", "localhost").await.0, 401);
    assert_eq!(ask(&token.to_uppercase(), "localhost").await.0, 401);
    assert_eq!(ask(&token, "evil.example").await.0, 421, "not for another name that was pointed here");
    let (status, body) = ask(&token, "localhost").await;
    assert_eq!(status, 200);
    let realms: Value = serde_json::from_str(&body).expect("JSON");
    let of_it =
        |slug: &str| realms.as_array().and_then(|all| all.iter().find(|realm| realm["slug"] == slug)).expect("the fund").clone();
    assert_eq!((&of_it("lindenhof")["accounts"], &of_it("saentima")["accounts"]), (&3.into(), &1.into()));
    let unknown = client.get(format!("http://localhost:{}/admin/nothing", demo.port)).send().await.expect("an answer");
    assert_eq!(unknown.status(), 401, "what exists is nobody else's business");
    let here = copy_of(&ground, &folder);
    drop(demo);
    drop(Demo::start(&here, free_port()));
    assert_eq!(std::fs::read_to_string(here.join("operator.token")).expect("a token"), token, "it stays");
}

fn copy_of(ground: &Ground, folder: &Path) -> std::path::PathBuf {
    let there = ground.at("copy");
    copy(folder, &there);
    there
}

/// The confidential portal of a demo, with the secret the demo gave it.
fn flex_of(demo: &Demo) -> Portal {
    let kept = std::fs::read(demo.folder.join("portals.json")).expect("the portals");
    let kept: Value = serde_json::from_slice(&kept).expect("JSON");
    let secret = kept[0]["secret"].as_str().expect("a secret").to_owned();
    let home = format!("http://localhost:{}", kept[0]["port"]);
    Portal::at(wire(demo.port), &demo.issuer(), "lindenhof-flex", Some(secret), home.leak())
}

#[tokio::test]
async fn the_log_of_a_whole_enrollment_tells_no_secret() {
    let (ground, marie) = (Ground::fresh(), Person::marie());
    let log = ground.at("log");
    let mut demo = Demo::start_logged(&ground.at("data"), free_port(), "debug", &log);
    let (flex, mut browser) = (flex_of(&demo), demo.browser());
    let mut secrets = vec![
        ("activation code", marie.code.clone()),
        ("activation code without dashes", marie.code.replace('-', "")),
        ("password", marie.password().to_owned()),
        ("AVS number", marie.avs_number.clone()),
        ("AVS number without dots", marie.avs_number.replace('.', "")),
        ("e-mail address", EMAIL.to_owned()),
        ("phone number", PHONE.to_owned()),
        ("client secret", flex.secret.clone().expect("a secret")),
        ("master key", std::fs::read_to_string(demo.folder.join("master.key")).expect("a key")),
        ("operator token", std::fs::read_to_string(demo.folder.join("operator.token")).expect("a token")),
    ];
    browser.register_at(&flex).await;
    // What goes wrong is logged most: a wrong code and a wrong password in between.
    browser.identify(&Person { code: "ZZZZ-ZZZZ-ZZZZ".into(), ..marie.clone() }).await;
    browser.identify(&marie).await;
    browser.give_user_data(EMAIL, marie.password()).await;
    let mailed = demo.code_to(EMAIL).await.expect("a code by mail");
    browser.type_code(&mailed).await;
    // First an app, whose secret is shown, then codes by SMS after all.
    browser.submit(&[("factor", "totp"), ("action", "next")]).await;
    secrets.push(("TOTP secret", browser.page.text_of("totp-secret").replace(' ', "")));
    browser.submit(&[("action", "back")]).await;
    browser.submit(&[("factor", "sms"), ("phone", "079 000 00 01"), ("action", "next")]).await;
    let texted = demo.code_to(PHONE).await.expect("a code by SMS");
    secrets.push(("cookie before", browser.cookie("poterne-lindenhof").expect("a cookie")));
    browser.type_code(&texted).await;
    browser.page.says("C'est fait !");
    secrets.push(("session cookie", browser.cookie("poterne-lindenhof").expect("a cookie")));
    browser.follow("continue").await;
    secrets.push(("authorization code", flex.code_from(&browser.page)));
    let tokens = flex.tokens_from(&browser.page).await;
    flex.userinfo(&tokens.text("access_token")).await;
    flex.redeem(&flex.code_from(&browser.page)).await;
    for token in ["access_token", "id_token", "refresh_token"] {
        if tokens.json.get(token).is_some() {
            secrets.push((token, tokens.text(token)));
        }
    }
    flex.sign_out(&mut browser, &tokens.text("id_token")).await;
    assert_eq!(demo.terminate().and_then(|(code, _)| code), Some(0));
    let said = std::fs::read_to_string(&log).expect("a log");
    assert!(said.lines().count() > 20 && said.contains("DEBUG") && said.contains("handed over"), "nothing was logged:\n{said}");
    // A cookie or a token is `id.secret`: its second half alone would do too.
    let halves: Vec<_> =
        secrets.iter().filter_map(|(name, secret)| Some((*name, secret.rsplit_once('.')?.1.to_owned()))).collect();
    for (name, secret) in secrets.iter().chain(halves.iter().filter(|(_, half)| half.len() >= 16)) {
        assert!(!secret.is_empty() && !said.contains(secret.as_str()), "the {name} is in the log");
    }
    for line in said.lines() {
        // Times have six digits after the point.
        let words = line.split_once(' ').map_or(line, |(_, words)| words);
        let mut numbers = words.split(|c: char| !c.is_ascii_alphanumeric());
        assert!(numbers.all(|number| number != mailed && number != texted), "a code that was sent is in the log: {line}");
    }
}
