//! `poterne check`, and what is refused in words before it does harm.

use crate::support::fund::{Fund, Said};
use crate::support::people::Person;
use axum::Router;
use axum::http::header;
use axum::routing::any;
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

async fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    (listener, port)
}

/// A mail server that keeps what it is told, or one that never says a word.
async fn mail_server(speaks: bool) -> (u16, Arc<Mutex<String>>) {
    let ((listener, port), kept) = (listener().await, Arc::new(Mutex::new(String::new())));
    let heard = kept.clone();
    tokio::spawn(async move {
        let mut silent = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            if speaks {
                tokio::spawn(talk(stream, heard.clone()));
            } else {
                silent.push(stream);
            }
        }
    });
    (port, kept)
}

async fn talk(stream: TcpStream, heard: Arc<Mutex<String>>) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let (mut lines, mut in_mail) = (BufReader::new(read).lines(), false);
    write.write_all(b"220 mail.test\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        heard.lock().expect("no panic").extend([line.as_str(), "\n"]);
        let answer: &[u8] = match (in_mail, line.as_str()) {
            (true, ".") => {
                in_mail = false;
                b"250 taken\r\n"
            }
            (true, _) => continue,
            (false, "DATA") => {
                in_mail = true;
                b"354 go on\r\n"
            }
            (false, "QUIT") => b"221 bye\r\n",
            (false, _) => b"250 ok\r\n",
        };
        write.write_all(answer).await?;
    }
    Ok(())
}

/// An SMS gateway whose clock says this, or the right time.
async fn sms_gateway(date: Option<&'static str>) -> u16 {
    let (listener, port) = listener().await;
    let answer = move || async move {
        let date = date.map(|date| [(header::DATE, date)]);
        date.map_or_else(
            || axum::response::IntoResponse::into_response("queued"),
            |date| axum::response::IntoResponse::into_response((date, "queued")),
        )
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(any(answer))).await });
    port
}

fn gateways(mail: u16, sms: u16) -> String {
    format!(
        "\n[mail]\nhost = \"127.0.0.1\"\nport = {mail}\nsecurity = \"none\"\ntimeout_seconds = 1\n\n[sms]\nurl = \
         \"http://127.0.0.1:{sms}/send?key=geheim\"\nbody = '{{to}} {{text}}'\ntimeout_seconds = 1\n"
    )
}

/// The state of each look, by its name.
fn states(said: &Said) -> Vec<(String, String)> {
    let lines = said.json();
    let word = |line: &serde_json::Value, name: &str| line[name].as_str().expect("a word").to_owned();
    lines.as_array().expect("lines").iter().map(|line| (word(line, "what"), word(line, "state"))).collect()
}

/// Runs a command that blocks beside the small servers.
fn run(fund: &Fund, words: &[&str]) -> Said {
    tokio::task::block_in_place(|| fund.run(words))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_runs_is_in_order_and_test_messages_leave() {
    let ((mail, heard), sms) = (mail_server(true).await, sms_gateway(None).await);
    let fund = Fund::lindenhof(&gateways(mail, sms), str::to_owned);
    let _serving = fund.serve().await;
    let said = run(&fund, &["check", "--json", "--send-mail", "op@fund.example", "--send-sms", "+41790000001"]);
    said.ends(0, &[]);
    for (what, state) in states(&said) {
        assert!(state == "ok" || (what == "disk" && state == "warn"), "{what} is {state}: {}", said.out);
    }
    let whats: Vec<String> = states(&said).into_iter().map(|(what, _)| what).collect();
    let all =
        "config, master key, database, migrations, realms, mail, test mail, sms, test sms, issuer, clock, disk, signing keys";
    assert_eq!(whats.join(", "), all);
    let heard = heard.lock().expect("no panic").clone();
    assert!(heard.contains("RCPT TO:<op@fund.example>") && heard.contains("test message"), "{heard}");
    let said = run(&fund, &["check"]);
    said.ends(0, &["ok      master key", "ok      signing keys"]);
    assert!(said.out.lines().all(|line| line.chars().count() <= 100), "{}", said.out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_thing_that_is_missing_has_its_line_and_what_to_do() {
    let fund = Fund::new("");
    run(&fund, &["check"]).ends(3, &["FAILED  database", "poterne migrate makes it"]);
    assert!(!fund.database().exists(), "looking makes nothing");
    run(&fund, &["migrate"]).ends(0, &[]);
    let said = run(&fund, &["check"]);
    said.ends(
        0,
        &[
            "warn    realms",
            "realm apply",
            "no [mail]: mails are given up",
            "no [sms]: text messages are given up",
            "warn    clock",
        ],
    );
    assert!(said.out.lines().all(|line| line.chars().count() <= 80 || line.contains('/')), "{}", said.out);
    fund.apply(str::to_owned).ends(0, &[]);
    run(&fund, &["check"]).ends(3, &["FAILED  issuer", "does serve run"]);
    let key = fund.ground.at("fund").join("master.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).expect("a mode");
    run(&fund, &["check"]).ends(3, &["FAILED  master key", "chmod 600"]);
    std::fs::write(&fund.config, "public_url = \"https://id.example\"\nmaster = 1\n").expect("settings");
    run(&fund, &["check"]).ends(3, &["FAILED  config", "did you mean master_key"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gateways_that_do_not_answer_and_clocks_that_are_wrong_are_told_in_time() {
    let ((silent, _), late) = (mail_server(false).await, sms_gateway(Some("Sun, 06 Nov 1994 08:49:37 GMT")).await);
    let fund = Fund::lindenhof(&gateways(silent, late), str::to_owned);
    let since = crate::support::program::now();
    let said = run(&fund, &["check"]);
    said.ends(3, &["FAILED  mail", "in time", "ok      sms", "FAILED  clock", "apart from 127.0.0.1", "timedatectl"]);
    assert!(since.elapsed().as_secs() < 20 && !said.out.contains("geheim"), "{}", said.out);
    let text = std::fs::read_to_string(&fund.config).expect("settings");
    let (closed, port) = listener().await;
    drop(closed);
    std::fs::write(&fund.config, text.replace(&format!("127.0.0.1:{late}"), &format!("127.0.0.1:{port}"))).expect("settings");
    run(&fund, &["check", "--send-sms", "+41790000001"]).ends(3, &["FAILED  sms", "FAILED  test sms", "warn    clock"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_issuer_that_says_another_name_is_found_byte_for_byte() {
    let fund = Fund::lindenhof("", str::to_owned);
    let listener = TcpListener::bind(("127.0.0.1", fund.port)).await.expect("the port");
    let said = format!("{{\"issuer\": \"{}/\"}}", fund.issuer());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(any(move || async move { said }))).await });
    run(&fund, &["check"]).ends(3, &["FAILED  issuer", "says that it is", "byte for byte"]);
}

#[test]
fn an_issuer_with_a_slash_at_its_end_or_without_tls_is_refused_everywhere() {
    for (issuer, words) in [
        ("https://id.example.ch/", "no slash at the end"),
        ("http://id.example.ch", "must be https"),
        ("https://id.example.ch?x=1", "no query"),
    ] {
        let fund = Fund::lindenhof("", str::to_owned);
        let whole = format!("issuer = \"{issuer}\"\nname = ");
        fund.apply(|document| document.replacen("name = ", &whole, 1)).ends(1, &[words]);
        let text = std::fs::read_to_string(&fund.config).expect("settings");
        let public_url = format!("public_url = \"http://localhost:{}\"", fund.port);
        assert!(text.contains(&public_url));
        std::fs::write(&fund.config, text.replace(&public_url, &format!("public_url = \"{issuer}\""))).expect("settings");
        fund.run(&["serve"]).ends(1, &["public_url", words]);
        fund.run(&["check"]).ends(3, &["FAILED  config", "public_url", words]);
    }
}

#[tokio::test]
async fn a_document_that_would_leave_people_behind_is_refused_and_says_how_many() {
    let fund = Fund::lindenhof("", str::to_owned);
    let renamed =
        |document: &str| document.replace("key = \"insured\"", "key = \"members\"").replace("[\"insured\"]", "[\"members\"]");
    let entry = fund.register(&Person::marie()).await;
    fund.manage().await.issue_code("lindenhof", entry).await.expect("a code");
    let words = ["no population insured any more", "0 accounts, 1 active people", "1 unused codes", "Nothing was changed"];
    fund.apply(renamed).ends(1, &words);
    assert!(fund.manage().await.document("lindenhof").await.expect("a realm").expect("it").population("insured").is_some());
    fund.run(&["entry", "set-status", "--realm", "lindenhof", "--registry-no", &Person::marie().registry_no, "--status", "left"])
        .ends(0, &[]);
    fund.apply(renamed).ends(0, &["The realm is changed"]);
}
