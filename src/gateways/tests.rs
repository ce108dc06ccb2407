//! Gateways that misbehave: what the outbox is told, how long it took, and what was really taken.

#[path = "../../tests/support/gateways.rs"]
mod played;

use super::{MailGateway, SmsGateway};
use played::{Authority, Order, Played, Protection, mail_server, sms_gateway};
use poterne_idp::manage::Secret;
use poterne_idp::{Lang, MessageContent, OutgoingMessage, SendError, Timestamp};
use std::path::Path;
use std::time::{Duration, Instant};

const QUEUED: &str = "accepted_if = \"queued\"\n";

fn message(id: &str) -> OutgoingMessage {
    let secret = |text: &str| Secret::from(text.to_owned());
    OutgoingMessage {
        id: id.to_owned(),
        realm: "lac".to_owned(),
        lang: Lang::Fr,
        created_at: Timestamp::from_secs(1_795_338_000),
        content: MessageContent::Mail {
            from: "noreply@lac.example".to_owned(),
            from_name: "Caisse du Lac".to_owned(),
            to: "marie@post.example".to_owned(),
            subject: secret("Votre code"),
            text: secret("447683"),
            html: secret("<p>447683</p>"),
        },
    }
}

/// A gateway to a played server, which is given a second for each mail.
fn mail_gateway(port: u16, security: &str, ca: Option<&Path>) -> MailGateway {
    let ca = ca.map(|file| format!("ca_file = \"{}\"\n", file.display())).unwrap_or_default();
    let host = if security == "none" { "127.0.0.1" } else { "localhost" };
    let text = format!("host = \"{host}\"\nport = {port}\nsecurity = \"{security}\"\ntimeout_seconds = 1\n{ca}");
    MailGateway::new(&toml::from_str(&text).unwrap()).unwrap()
}

fn sms_gateway_at(port: u16, more: &str) -> SmsGateway {
    let text = format!(
        "url = \"http://127.0.0.1:{port}/send\"\nbody = '{{\"to\":\"{{to}}\",\"text\":\"{{text}}\",\"ref\":\"{{id}}\"}}'\ntimeout_seconds = 1\n\
         never_retry = [403]\n{more}[headers]\ncontent-type = \"application/json\"\nidempotency-key = \"p-{{id}}\"\n"
    );
    SmsGateway::new(&toml::from_str(&text).unwrap()).unwrap()
}

async fn text(gateway: &SmsGateway, id: &str) -> Result<(), SendError> {
    gateway.send(id, "Lac", "+41790000001", &Secret::from("447683".to_owned())).await
}

#[expect(clippy::disallowed_methods, reason = "gateways are waited for on the real clock")]
fn now() -> Instant {
    Instant::now()
}

/// A port where nobody listens.
fn nobody() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[track_caller]
fn later(outcome: &Result<(), SendError>, words: &str) {
    assert!(matches!(outcome, Err(SendError::Later(why)) if why.contains(words)), "{outcome:?}");
}

#[track_caller]
fn never(outcome: &Result<(), SendError>, words: &str) {
    assert!(matches!(outcome, Err(SendError::Never(why)) if why.contains(words)), "{outcome:?}");
}

#[tokio::test]
async fn a_mail_server_that_fails_is_asked_again_and_one_that_refuses_is_not() {
    later(&mail_gateway(nobody(), "none", None).send(&message("m")).await, "cannot be reached");
    for (order, words, again) in [
        (Order::Stall, "in time", true),
        (Order::StallAfter, "in time", true),
        (Order::Endless, "broke", true),
        (Order::CutAfter, "broke", true),
        (Order::Say("not a word of SMTP\r\n"), "", true),
        (Order::Say("451 4.3.0 try later\r\n"), "451", true),
        (Order::SayToRecipient("450 4.2.1 busy\r\n"), "450", true),
        (Order::SayToRecipient("550 5.1.1 marie@post.example unknown\r\n"), "550", false),
        (Order::Say("554 5.6.0 no\r\n"), "554", false),
    ] {
        let port = mail_server(Played::told(std::slice::from_ref(&order)), Protection::None).await;
        let (gateway, since) = (mail_gateway(port, "none", None), now());
        let outcome = gateway.send(&message("m")).await;
        assert!(since.elapsed() < Duration::from_secs(3), "{order:?}: {:?}", since.elapsed());
        if again {
            later(&outcome, words);
        } else {
            never(&outcome, words);
        }
        assert!(!format!("{outcome:?}").contains("marie"), "{outcome:?}");
        assert_eq!(gateway.send(&message("m")).await, Ok(()), "{order:?}: the next one is taken");
    }
}

#[tokio::test]
async fn after_an_unclear_answer_the_same_mail_has_the_same_name() {
    let played = Played::told(&[Order::CutAfter]);
    let gateway = mail_gateway(mail_server(played.clone(), Protection::None).await, "none", None);
    later(&gateway.send(&message("m-1")).await, "");
    assert_eq!(gateway.send(&message("m-1")).await, Ok(()));
    let taken = played.taken();
    assert_eq!((taken.len(), played.asked()), (2, 2), "it was taken twice");
    assert!(taken.iter().all(|mail| mail.contains("Message-ID: <m-1@lac.example>")), "{taken:?}");
}

#[tokio::test]
async fn a_mail_that_is_acknowledged_twice_acknowledges_no_other() {
    let played = Played::told(&[Order::TakeTwice, Order::Say("554 5.6.0 no\r\n"), Order::TakeTwice]);
    let gateway = mail_gateway(mail_server(played.clone(), Protection::None).await, "none", None);
    assert_eq!(gateway.send(&message("m-1")).await, Ok(()));
    never(&gateway.send(&message("m-2")).await, "554");
    assert_eq!(gateway.send(&message("m-3")).await, Ok(()));
    assert_eq!(gateway.send(&message("m-4")).await, Ok(()));
    let names = ["m-1", "m-3", "m-4"];
    let taken = played.taken();
    assert!(taken.len() == 3 && taken.iter().zip(names).all(|(mail, name)| mail.contains(&format!("<{name}@"))), "{taken:?}");
}

#[tokio::test]
async fn mail_goes_to_the_server_that_is_meant_or_not_at_all() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let file = std::env::temp_dir().join(format!("poterne-ca-{}.pem", std::process::id()));
    std::fs::write(&file, &authority.pem).unwrap();
    for (what, server, right) in [
        ("right", authority.server("localhost", 2090), true),
        ("another's name", authority.server("mail.example", 2090), false),
        ("expired", authority.server("localhost", 2020), false),
        ("of an unknown authority", stranger.server("localhost", 2090), false),
    ] {
        for (security, protection) in
            [("starttls", Protection::Starttls(server.clone())), ("tls", Protection::Tls(server.clone()))]
        {
            let played = Played::default();
            let gateway = mail_gateway(mail_server(played.clone(), protection).await, security, Some(&file));
            let outcome = gateway.send(&message("m")).await;
            assert_eq!(played.taken().len(), usize::from(right), "{what}, {security}: {outcome:?}");
            assert_eq!(outcome.is_ok(), right, "{what}, {security}: {outcome:?}");
            if !right {
                later(&outcome, "TLS is not right");
            }
        }
    }
    let played = Played::default();
    let gateway = mail_gateway(mail_server(played.clone(), Protection::None).await, "starttls", Some(&file));
    later(&gateway.send(&message("m")).await, "");
    assert!(played.taken().is_empty(), "a server without STARTTLS gets no mail");
    drop(std::fs::remove_file(&file));
}

#[tokio::test]
async fn an_sms_gateway_that_fails_is_asked_again_and_one_that_refuses_is_not() {
    later(&text(&sms_gateway_at(nobody(), ""), "m").await, "cannot be reached");
    for (order, words, again) in [
        (Order::Stall, "in time", true),
        (Order::StallAfter, "in time", true),
        (Order::CutAfter, "cannot be reached", true),
        (Order::Endless, "did not say", true),
        (Order::Say("HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n"), "500", true),
        (Order::Say("HTTP/1.1 503 No\r\nretry-after: Sun, 22 Nov 2026 09:00:00 GMT\r\ncontent-length: 0\r\n\r\n"), "503", true),
        (Order::Say("HTTP/1.1 302 No\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"), "302", true),
        (Order::Say("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{\"st"), "broke off", true),
        (Order::Say("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"), "did not say", true),
        (Order::Say("nothing of HTTP\r\n\r\n"), "cannot be reached", true),
        (Order::Say("HTTP/1.1 401 No\r\ncontent-length: 0\r\n\r\n"), "401", true),
        (Order::Say("HTTP/1.1 403 No\r\ncontent-length: 0\r\n\r\n"), "403", false),
        (Order::Say("HTTP/1.1 422 No\r\nretry-after: 9\r\ncontent-length: 0\r\n\r\n"), "422", false),
    ] {
        let gateway = sms_gateway_at(sms_gateway(Played::told(std::slice::from_ref(&order))).await, QUEUED);
        let since = now();
        let outcome = text(&gateway, "m").await;
        assert!(since.elapsed() < Duration::from_secs(3), "{order:?}: {:?}", since.elapsed());
        if again {
            later(&outcome, words);
        } else {
            never(&outcome, words);
        }
        assert_eq!(text(&gateway, "m").await, Ok(()), "{order:?}: the next one is taken");
    }
}

#[tokio::test]
async fn an_sms_gateway_that_names_a_time_is_left_alone_until_then() {
    let played = Played::told(&[Order::Say("HTTP/1.1 429 Slowly\r\nretry-after: 90\r\ncontent-length: 0\r\n\r\n")]);
    let gateway = sms_gateway_at(sms_gateway(played).await, "");
    let wait = Duration::from_secs(90);
    assert_eq!(text(&gateway, "m").await, Err(SendError::LaterBy { why: "the SMS gateway answered 429".to_owned(), wait }));
}

#[tokio::test]
async fn a_text_message_has_the_same_name_each_time_and_one_acknowledged_twice_acknowledges_no_other() {
    let refuses = Order::Say("HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n");
    let played = Played::told(&[Order::StallAfter, Order::TakeTwice, refuses]);
    let gateway = sms_gateway_at(sms_gateway(played.clone()).await, QUEUED);
    later(&text(&gateway, "m-1").await, "in time");
    assert_eq!(text(&gateway, "m-1").await, Ok(()));
    later(&text(&gateway, "m-2").await, "500");
    let taken = played.taken();
    assert_eq!(taken.len(), 2);
    assert!(taken.iter().all(|one| one.contains("idempotency-key: p-m-1\r\n") && one.contains("\"ref\":\"m-1\"")), "{taken:?}");
}

#[tokio::test]
async fn an_answer_without_end_is_read_no_further_than_it_matters() {
    let endless = [Order::Endless, Order::Endless];
    let gateway = sms_gateway_at(sms_gateway(Played::told(&endless)).await, "");
    let since = now();
    assert_eq!(text(&gateway, "m").await, Ok(()), "the status says it");
    assert!(since.elapsed() < Duration::from_millis(900));
}
