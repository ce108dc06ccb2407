//! kill -9 and SIGTERM while people sign in and portals exchange codes and refresh: what was answered is there afterwards, once.

use crate::support::browser::Browser;
use crate::support::people::Person;
use crate::support::portal::{Portal, STATE};
use crate::support::served::Fund;
use poterne_idp::manage::AccountFactor;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the program answered to one portal's loop, and so must know afterwards.
#[derive(Default)]
struct Acknowledged {
    /// Codes that were handed out and not yet shown to the token endpoint.
    codes: Vec<String>,
    /// Codes whose exchange was answered.
    spent: Vec<String>,
    /// The newest refresh token of each grant.
    refresh: Vec<String>,
    /// Browsers that were signed in.
    browsers: Vec<Browser>,
    exchanges: usize,
    refreshes: usize,
}

/// Whether an answer came at all: 599 is the wire's word for none.
const NONE: u16 = 599;

/// Signs in over and over, exchanges, refreshes, until it is told to stop or nobody answers any more.
async fn use_it(portal: Portal, mut browser: Browser, person: Person, over: Arc<AtomicBool>, found: Arc<Mutex<Acknowledged>>) {
    let mut nth = 0_u32;
    while !over.load(Ordering::Relaxed) {
        nth += 1;
        if nth.is_multiple_of(8) {
            // A sign-in with the password, in a browser of its own.
            let mut fresh = browser.clone();
            fresh.visit(&portal.sign_in_with(&[("prompt", "login")])).await;
            if fresh.page.status == NONE {
                return;
            }
            fresh.give_password(&person.email(), person.password()).await;
            if fresh.page.status == NONE {
                // Whether its secret was changed nobody knows.
                found.lock().expect("no panic").browsers.clear();
                return;
            }
            browser = fresh;
            found.lock().expect("no panic").browsers.push(browser.clone());
        }
        browser.visit(&portal.sign_in()).await;
        let Some(code) = browser.page.parameter("code") else {
            assert_eq!(browser.page.status, NONE, "{}", browser.page.text());
            return;
        };
        assert_eq!(browser.page.parameter("state").as_deref(), Some(STATE));
        if nth.is_multiple_of(3) {
            found.lock().expect("no panic").codes.push(code);
            continue;
        }
        let answer = portal.redeem(&code).await;
        if answer.status == NONE {
            return;
        }
        assert_eq!(answer.status, 200, "{answer:?}");
        let mut token = answer.text("refresh_token");
        let at = {
            let mut found = found.lock().expect("no panic");
            found.exchanges += 1;
            found.refresh.push(token.clone());
            if nth.is_multiple_of(5) {
                found.spent.push(code);
            }
            found.refresh.len() - 1
        };
        for _ in 0..2 {
            let answer = portal.refresh(&token).await;
            if answer.status == NONE {
                return;
            }
            assert_eq!(answer.status, 200, "{answer:?}");
            token = answer.text("refresh_token");
            let mut found = found.lock().expect("no panic");
            found.refreshes += 1;
            found.refresh[at].clone_from(&token);
        }
    }
}

/// How the program is ended.
#[derive(Clone, Copy, Debug)]
enum End {
    Kill,
    Terminate,
}

/// Uses it for a while, ends it, starts it again, and asks for everything that was answered.
async fn round(fund: &Fund, urs: &Person, end: End, after: Duration) -> (usize, usize, usize) {
    let mut serving = fund.start().await;
    let mut browser = fund.browser();
    browser.visit(&fund.portal().sign_in()).await.says("Connexion");
    browser.give_password(&urs.email(), urs.password()).await;
    fund.portal().tokens_from(&browser.page).await;
    let (over, mut lanes, mut kept) = (Arc::new(AtomicBool::new(false)), tokio::task::JoinSet::new(), Vec::new());
    for _ in 0..4 {
        let acknowledged = Arc::<Mutex<Acknowledged>>::default();
        kept.push(acknowledged.clone());
        // A session of its own each: a sign-in changes the browser's secret.
        let mut own = fund.browser();
        own.visit(&fund.portal().sign_in()).await;
        own.give_password(&urs.email(), urs.password()).await;
        assert!(own.page.parameter("code").is_some(), "{}", own.page.text());
        lanes.spawn(use_it(fund.portal(), own, urs.clone(), over.clone(), acknowledged));
    }
    tokio::time::sleep(after).await;
    match end {
        End::Kill => serving.kill(),
        End::Terminate => assert_eq!(serving.stop(), Some(0), "{}", serving.said()),
    }
    over.store(true, Ordering::Relaxed);
    lanes.join_all().await;
    let verified = fund.beside().await.manage().verify_audit("lindenhof").await.expect("the trail");
    assert!(verified.broken.is_none(), "{end:?}: {verified:?}");

    let serving = fund.start().await;
    let mut sums = (0, 0, 0);
    for acknowledged in kept {
        let answered = std::mem::take(&mut *acknowledged.lock().expect("no panic"));
        everything_is_there(fund, &answered, end).await;
        sums = (sums.0 + answered.codes.len(), sums.1 + answered.exchanges, sums.2 + answered.refreshes);
    }
    drop(serving);
    sums
}

async fn everything_is_there(fund: &Fund, answered: &Acknowledged, end: End) {
    let portal = fund.portal();
    for code in &answered.codes {
        let answer = portal.redeem(code).await;
        assert_eq!(answer.status, 200, "{end:?}: a code that was handed out is good: {answer:?}");
        assert_eq!(portal.redeem(code).await.status, 400, "{end:?}: and once");
    }
    for token in &answered.refresh {
        let answer = portal.refresh(token).await;
        assert_eq!(answer.status, 200, "{end:?}: a refresh token that was handed out is good: {answer:?}");
    }
    for code in &answered.spent {
        assert_eq!(portal.redeem(code).await.status, 400, "{end:?}: a spent code stays spent");
    }
    if let Some(browser) = answered.browsers.last() {
        let mut browser = browser.clone();
        browser.visit(&portal.sign_in()).await;
        assert!(browser.page.parameter("code").is_some(), "{end:?}: who was signed in still is: {}", browser.page.text());
    }
}

async fn rounds(ends: &[End]) {
    let fund = Fund::by_password().await;
    let urs = fund.with_account("Urs", AccountFactor::None).await;
    let (mut codes, mut exchanges, mut refreshes) = (0, 0, 0);
    for (nth, end) in (0_u64..).zip(ends) {
        let sums = round(&fund, &urs, *end, Duration::from_millis(150 + nth * 97 % 400)).await;
        codes += sums.0;
        exchanges += sums.1;
        refreshes += sums.2;
    }
    println!(
        "{} ends under load: {codes} codes, {exchanges} exchanges, {refreshes} refreshes, none lost, none twice",
        ends.len()
    );
    assert!(
        codes >= ends.len() && exchanges >= ends.len() && refreshes >= ends.len(),
        "{codes} {exchanges} {refreshes}: no load"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_and_sigterm_under_load_lose_nothing_that_was_answered() {
    rounds(&[End::Kill, End::Terminate, End::Kill]).await;
}

/// The same, often. `make faults` runs it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "some minutes"]
async fn a_hundred_ends_under_load_lose_nothing_that_was_answered() {
    let ends: Vec<End> = (0..100).map(|nth| if nth % 4 == 3 { End::Terminate } else { End::Kill }).collect();
    rounds(&ends).await;
}
