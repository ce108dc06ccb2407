//! kill -9 in the middle: the real program, killed at fifty moments of an enrollment and started again. Afterwards the person has a
//! pending enrollment or a complete account, nothing half; and goes on where they were.

use crate::support::browser::Browser;
use crate::support::people::Person;
use crate::support::program::{Demo, Ground, copy, free_port, go_on};
use poterne_idp::{
    Clock, DatabaseUrl, Db, Entropy, FolderSender, Idp, IdpSettings, MasterKey, SettableClock, StoreSettings, Timestamp,
};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How many moments.
const MOMENTS: u32 = 50;
/// How many demos are killed beside each other.
const AT_ONCE: u32 = 2;
/// A claim of a killed worker lapses after two minutes.
const CLAIM_IS_OVER: Duration = Duration::from_secs(125);

/// What was found at the moments.
#[derive(Default)]
struct Found {
    pending: AtomicU32,
    complete: AtomicU32,
    /// Messages whose worker was killed between claim and delivery.
    lapsed: AtomicU32,
    /// Microseconds that an enrollment takes at present: less at every faster one, more at every one that was cut off later.
    lasts: AtomicU64,
}

impl Found {
    /// A moment of the enrollment, in equal steps from its beginning to a little after its end; the last one is when its end is seen.
    fn dead_at(&self, moment: u32) -> Option<Duration> {
        // Not one after the other: how long an enrollment takes is learnt on the way.
        let step = moment * 17 % MOMENTS;
        let span = Duration::from_micros(self.lasts.load(Ordering::Relaxed)).mul_f64(1.2);
        (step + 1 < MOMENTS).then(|| span * step / MOMENTS)
    }
}

/// Where the killed program's data stand.
#[derive(Debug, PartialEq, Eq)]
struct State {
    accounts: i64,
    sessions: i64,
    /// How often Marie's account was made, by the audit trail.
    completions: usize,
    code_is_live: bool,
}

/// A provider on the data of a demo, on a clock of its own.
async fn provider_on(folder: &Path, port: u16, clock: Clock) -> Idp {
    let master = MasterKey::parse(&std::fs::read_to_string(folder.join("master.key")).expect("a key")).expect("a master key");
    let db = Db::open(&DatabaseUrl::Sqlite(folder.join("poterne.sqlite")), StoreSettings::default()).expect("the database opens");
    let settings = IdpSettings {
        public_url: format!("http://localhost:{port}"),
        master,
        sender: Arc::new(FolderSender::new(folder.join("outbox"))),
        clock,
        entropy: Entropy::System,
        hashing: 1,
        demo: true,
    };
    Idp::build(settings, db).await.expect("the provider is built")
}

/// Looks into the database of a demo that is not running.
async fn state_of(folder: &Path, port: u16, code: &str) -> State {
    let manage = provider_on(folder, port, Clock::System).await.manage();
    let realm = manage.overview().await.expect("numbers").remove(0);
    assert!(manage.verify_audit("lindenhof").await.expect("the trail").broken.is_none());
    let events = manage.newest_events("lindenhof", 1000).await.expect("events");
    State {
        accounts: realm.accounts,
        sessions: realm.sessions,
        completions: events.iter().filter(|event| event.kind == "enrollment.completed").count(),
        code_is_live: manage.is_code_live("lindenhof", code).await.expect("an answer"),
    }
}

/// Lets a second provider beside the running one hand over what a killed worker had claimed, two minutes later.
async fn let_claims_lapse(demo: &Demo, to: &str) {
    let later = SettableClock::new(Timestamp::from_secs(Clock::System.now().secs()).plus(CLAIM_IS_OVER));
    let beside = provider_on(&demo.folder, demo.port, Clock::Settable(later)).await;
    let arrives = async { assert!(demo.code_to(to).await.is_some(), "the message to {to} is lost") };
    beside.run_workers(arrives).await;
}

/// An enrollment from its beginning to its end, or to where the program ends; `shown` is what the person saw last.
async fn enroll(browser: &mut Browser, shown: &mut Browser, demo: &Demo, marie: &Person) {
    while go_on(browser, demo, marie).await {
        if browser.page.status != 599 {
            shown.clone_from(browser);
        }
    }
}

/// One moment, from its own copy of the data.
async fn kill_at(folder: &Path, moment: u32, marie: &Person, found: &Found) {
    let port = free_port();
    let mut demo = Demo::start(folder, port);
    let before = state_of(folder, port, &marie.code).await;
    assert!(before.code_is_live && before.completions == 0, "{before:?}");
    let mut browser = demo.browser();
    browser.visit(&format!("{}/ui/enroll/as/insured", demo.issuer())).await;
    let mut shown = browser.clone();
    let (dead_at, since) = (found.dead_at(moment), Instant::now());
    let enrolling = enroll(&mut browser, &mut shown, &demo, marie);
    match tokio::time::timeout(dead_at.unwrap_or(Duration::from_secs(60)), enrolling).await {
        Ok(()) => found.lasts.fetch_min(micros(since), Ordering::Relaxed),
        Err(_) => found.lasts.fetch_max(micros(since), Ordering::Relaxed),
    };
    demo.kill();
    let after = state_of(folder, port, &marie.code).await;
    let made = i64::from(!after.code_is_live);
    assert_eq!(after.accounts - before.accounts, made, "{dead_at:?}: an account exists exactly if the code is spent: {after:?}");
    assert_eq!(after.sessions - before.sessions, made, "{dead_at:?}: whoever has just enrolled is signed in: {after:?}");
    assert_eq!(after.completions, usize::from(!after.code_is_live), "{dead_at:?}: {after:?}");
    if after.code_is_live {
        found.pending.fetch_add(1, Ordering::Relaxed);
        end_after_a_restart(folder, port, shown, marie, found).await;
    } else {
        found.complete.fetch_add(1, Ordering::Relaxed);
    }
    let end = state_of(folder, port, &marie.code).await;
    assert_eq!((end.accounts, end.completions, end.code_is_live), (before.accounts + 1, 1, false), "{dead_at:?}: {end:?}");
}

/// The program again, and the person on from the page they had.
async fn end_after_a_restart(folder: &Path, port: u16, mut browser: Browser, marie: &Person, found: &Found) {
    let demo = Demo::start(folder, port);
    let page = browser.page.url.clone();
    browser.visit(&page).await;
    for _ in 0..12 {
        if let Some(to) = crate::support::program::awaited(&browser.page)
            && demo.code_to(to).await.is_none()
        {
            found.lapsed.fetch_add(1, Ordering::Relaxed);
            let_claims_lapse(&demo, to).await;
        }
        if !go_on(&mut browser, &demo, marie).await {
            break;
        }
    }
    browser.page.says("C'est fait !");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_at_fifty_moments_of_an_enrollment_leaves_nothing_half() {
    let (ground, began) = (Arc::new(Ground::fresh()), Instant::now());
    let (seeded, marie, found) = (ground.at("seeded"), Person::marie(), Arc::new(Found::default()));
    drop(Demo::start(&seeded, free_port()));
    found.lasts.store(measured(&ground, &seeded, &marie).await, Ordering::Relaxed);
    let mut tasks = tokio::task::JoinSet::new();
    for lane in 0..AT_ONCE {
        let (ground, seeded, marie, found) = (ground.clone(), seeded.clone(), marie.clone(), found.clone());
        tasks.spawn(async move {
            for moment in (lane..MOMENTS).step_by(AT_ONCE as usize) {
                let folder = ground.at(&format!("at-{moment}"));
                copy(&seeded, &folder);
                kill_at(&folder, moment, &marie, &found).await;
                drop(std::fs::remove_dir_all(folder));
            }
        });
    }
    tasks.join_all().await;
    let count = |of: &AtomicU32| of.load(Ordering::Relaxed);
    let (pending, complete, lapsed) = (count(&found.pending), count(&found.complete), count(&found.lapsed));
    println!(
        "{MOMENTS} moments, enrollments of about {:?}: {pending} pending, {complete} complete, none half; {lapsed} messages were claimed by the \
         killed worker; {:?} in all",
        Duration::from_micros(found.lasts.load(Ordering::Relaxed)),
        began.elapsed()
    );
    assert_eq!(pending + complete, MOMENTS);
    assert!(pending >= MOMENTS / 2 && complete >= 1, "{pending} pending, {complete} complete: the moments miss the enrollment");
}

/// Microseconds that the fastest of a few undisturbed enrollments takes, with as many beside it as there will be.
async fn measured(ground: &Arc<Ground>, seeded: &Path, marie: &Person) -> u64 {
    let mut tasks = tokio::task::JoinSet::new();
    for lane in 0..AT_ONCE {
        let (folder, marie) = (ground.at(&format!("measured-{lane}")), marie.clone());
        copy(seeded, &folder);
        tasks.spawn(async move {
            let demo = Demo::start(&folder, free_port());
            let mut browser = demo.browser();
            browser.visit(&format!("{}/ui/enroll/as/insured", demo.issuer())).await;
            let (mut shown, since) = (browser.clone(), Instant::now());
            enroll(&mut browser, &mut shown, &demo, &marie).await;
            browser.page.says("C'est fait !");
            micros(since)
        });
    }
    tasks.join_all().await.into_iter().min().expect("one at least")
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).expect("less than half a million years")
}
