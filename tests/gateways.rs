//! Gateways that misbehave, seen by people who sign in through `poterne serve`: nobody waits for another's message, none is lost, and
//! who waits is told what to do. What each misbehaviour means stands in `src/gateways/tests.rs`.

use crate::support::gateways::Order;
use crate::support::people::Person;
use crate::support::program::now;
use crate::support::served::Fund;
use poterne_idp::manage::AccountFactor;
use std::time::Duration;

/// Waits until a gateway has taken so many messages.
async fn taken(played: &crate::support::gateways::Played, count: usize) -> Vec<String> {
    for _ in 0..1_500 {
        let taken = played.taken();
        if taken.len() >= count {
            return taken;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{count} messages did not come, only {:?}", played.taken());
}

/// The six digits of a text message.
fn digits(message: &str) -> String {
    let (_, body) = message.split_once("\n\n").expect("a body");
    let found = body
        .split(|c: char| !c.is_ascii_alphanumeric())
        .find(|run| run.len() == 6 && run.bytes().all(|byte| byte.is_ascii_digit()));
    found.unwrap_or_else(|| panic!("no code in {body}")).to_owned()
}

async fn sign_in(fund: &Fund, person: &Person) -> (crate::support::browser::Browser, Duration) {
    let (mut browser, since) = (fund.browser(), now());
    browser.visit(&fund.portal().sign_in()).await.says("Connexion");
    browser.give_password(&person.email(), person.password()).await;
    assert!(browser.page.url.contains("/factor"), "{}", browser.page.text());
    (browser, since.elapsed())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_text_messages_are_stuck_others_sign_in_as_fast_as_ever_and_no_message_is_lost() {
    let fund = Fund::set_up().await;
    let marie = fund.with_account("Marie", AccountFactor::Sms { phone: "079 000 00 01".to_owned() }).await;
    let urs = fund.with_account("Urs", AccountFactor::Totp).await;
    let mut serving = fund.start().await;
    let (_, before) = sign_in(&fund, &urs).await;

    // A second without a word, then kill -9 while the message waits for its next attempt.
    fund.texts.tell(&[Order::Stall]);
    let (mut browser, _) = sign_in(&fund, &marie).await;
    browser.page.says("Vous n'avez rien reçu ?").says("Renvoyer le code").says("Nouvel envoi possible dans");
    let while_stuck = sign_in(&fund, &urs).await.1;
    assert!(while_stuck < before * 3 + Duration::from_millis(500), "{before:?} before, {while_stuck:?} while a gateway stalls");
    assert_eq!(fund.texts.asked(), 1, "it was still stalled meanwhile");

    tokio::time::sleep(Duration::from_millis(1_500)).await;
    serving.kill();
    assert_eq!(fund.texts.asked(), 1);
    let mut serving = fund.start().await;
    let code = digits(&taken(&fund.texts, 1).await[0]);
    browser.type_code(&code).await;
    fund.portal().tokens_from(&browser.page).await;
    assert_eq!(fund.texts.taken().len(), 1, "one message, once");
    assert_eq!(serving.stop(), Some(0), "{}", serving.said());
    let log = serving.said();
    assert!(!log.contains(&code) && !log.contains("790000001"), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_of_unclear_fate_comes_twice_at_most_under_one_name_and_what_is_refused_is_shown_to_the_operator() {
    let fund = Fund::set_up().await;
    let marie = fund.with_account("Marie", AccountFactor::Sms { phone: "079 000 00 01".to_owned() }).await;
    let mut serving = fund.start().await;
    fund.texts.tell(&[Order::CutAfter, Order::TakeTwice]);
    let (mut browser, _) = sign_in(&fund, &marie).await;
    let both = taken(&fund.texts, 2).await;
    assert_eq!(digits(&both[0]), digits(&both[1]));
    browser.type_code(&digits(&both[0])).await;
    fund.portal().tokens_from(&browser.page).await;

    fund.texts.tell(&[Order::Say("HTTP/1.1 400 No\r\ncontent-length: 0\r\n\r\n")]);
    let (browser, _) = sign_in(&fund, &marie).await;
    browser.page.says("Renvoyer le code");
    let manage = fund.beside().await.manage();
    let mut dead = Vec::new();
    for _ in 0..500 {
        dead = manage.messages("lindenhof").await.expect("a list");
        dead.retain(|message| message.error.is_some());
        if !dead.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let seen = serde_json::to_value(&dead).expect("JSON");
    assert_eq!((&seen[0]["state"], &seen[0]["error"]), (&"dead".into(), &"the SMS gateway answered 400".into()), "{seen}");
    assert_eq!(fund.texts.taken().len(), 2, "never more than twice");
    assert_eq!(serving.stop(), Some(0), "{}", serving.said());
}

/// The whole thirty seconds, as they come in real life. `make faults` runs it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "half a minute"]
async fn a_gateway_that_stalls_for_thirty_seconds_loses_nothing() {
    let fund = Fund::set_up().await;
    let marie = fund.with_account("Marie", AccountFactor::Sms { phone: "079 000 00 01".to_owned() }).await;
    let urs = fund.with_account("Urs", AccountFactor::Totp).await;
    let mut serve = fund.serve();
    serve.env("POTERNE_SMS__TIMEOUT_SECONDS", "300");
    let ground = crate::support::program::Ground::fresh();
    let mut serving = crate::serving::Serving::run(serve, ground.at("log"), fund.management).await;
    fund.texts.tell(&[Order::Stall]);
    let ((mut browser, _), since) = (sign_in(&fund, &marie).await, now());
    while since.elapsed() < Duration::from_secs(18) {
        let took = sign_in(&fund, &urs).await.1;
        assert!(took < Duration::from_secs(2), "{took:?}");
    }
    let code = digits(&taken(&fund.texts, 1).await[0]);
    assert!(since.elapsed() < Duration::from_secs(30), "an attempt is given up after twenty seconds, whatever the settings say");
    browser.type_code(&code).await;
    fund.portal().tokens_from(&browser.page).await;
    assert_eq!(serving.stop(), Some(0), "{}", serving.said());
}
