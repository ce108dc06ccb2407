//! kill -9 in the middle: the real program, killed at fifty moments of an enrollment and started again. Afterwards the person has a
//! pending enrollment or a complete account, nothing half; and goes on where they were.

use crate::support::browser::Browser;
use crate::support::people::Person;
use crate::support::program::{Demo, Ground, awaited, copy, free_port, go_on, now};
use poterne_idp::{Clock, DatabaseUrl, Db, FolderSender, Idp, MasterKey, SettableClock, StoreSettings, Timestamp};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

/// Steps of an enrollment that ask the program for something: identification, user data, e-mail code, factor, code by SMS.
const STEPS: usize = 5;
/// How many moments of each step: from its beginning to a little after its end.
const MOMENTS: u32 = 10;
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
    /// Microseconds that each step takes at present: less after faster ones, more after one that was cut off later.
    lasts: [AtomicU64; STEPS],
}

impl Found {
    /// How long a step may go on until the program is killed; the last moment is when the person sees its end.
    fn dead_after(&self, step: usize, moment: u32) -> Option<Duration> {
        let lasts = Duration::from_micros(self.lasts[step].load(Ordering::Relaxed));
        (moment + 1 < MOMENTS).then(|| lasts * moment / (MOMENTS - 2))
    }

    /// Learns from a step that ended by itself, or was cut off.
    fn learn(&self, step: usize, took: Duration, ended: bool) {
        let (took, lasts) = (u64::try_from(took.as_micros()).expect("not that long"), &self.lasts[step]);
        let before = lasts.load(Ordering::Relaxed);
        let learnt = if before == 0 {
            took
        } else if ended {
            u64::midpoint(before, took)
        } else {
            before.max(took)
        };
        lasts.store(learnt, Ordering::Relaxed);
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
    let sender = FolderSender::new(folder.join("outbox"));
    let idp = Idp::builder(format!("http://localhost:{port}"), master).sender(sender).clock(clock).hashing(1).demo(true);
    idp.build(db).await.expect("the provider is built")
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

/// A browser at the first page of the enrollment.
async fn at_step_1(demo: &Demo) -> Browser {
    let mut browser = demo.browser();
    browser.visit(&format!("{}/ui/enroll/as/insured", demo.issuer())).await;
    browser
}

/// One moment of one step, from its own copy of the data.
async fn kill_at(folder: &Path, step: usize, moment: u32, marie: &Person, found: &Found) {
    let port = free_port();
    let mut demo = Demo::start(folder, port);
    let before = state_of(folder, port, &marie.code).await;
    assert!(before.code_is_live && before.completions == 0, "{before:?}");
    let mut browser = at_step_1(&demo).await;
    for _ in 0..step {
        assert!(go_on(&mut browser, &demo, marie).await, "at {}", browser.page.url);
    }
    let mut shown = browser.clone();
    let (dead_after, since) = (found.dead_after(step, moment), now());
    let doing = tokio::time::timeout(dead_after.unwrap_or(Duration::from_secs(60)), go_on(&mut browser, &demo, marie));
    let ended = doing.await.is_ok();
    found.learn(step, since.elapsed(), ended);
    demo.kill();
    if ended {
        shown = browser;
    }
    let after = state_of(folder, port, &marie.code).await;
    let made = i64::from(!after.code_is_live);
    let when = format!("step {}, {dead_after:?}, {after:?}", step + 1);
    assert_eq!(after.accounts - before.accounts, made, "{when}: an account exists exactly if the code is spent");
    assert_eq!(after.sessions - before.sessions, made, "{when}: whoever has just enrolled is signed in");
    assert_eq!(after.completions, usize::from(!after.code_is_live), "{when}");
    if after.code_is_live {
        found.pending.fetch_add(1, Ordering::Relaxed);
        end_after_a_restart(folder, port, shown, marie, found).await;
    } else {
        found.complete.fetch_add(1, Ordering::Relaxed);
    }
    let end = state_of(folder, port, &marie.code).await;
    assert_eq!((end.accounts, end.completions, end.code_is_live), (before.accounts + 1, 1, false), "{when}: {end:?}");
}

/// The program again, and the person on from the page they had.
async fn end_after_a_restart(folder: &Path, port: u16, mut browser: Browser, marie: &Person, found: &Found) {
    let demo = Demo::start(folder, port);
    let page = browser.page.url.clone();
    browser.visit(&page).await;
    for _ in 0..12 {
        if let Some(to) = awaited(&browser.page)
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
    let (ground, began) = (Arc::new(Ground::fresh()), now());
    let (seeded, marie, found) = (ground.at("seeded"), Person::marie(), Arc::new(Found::default()));
    drop(Demo::start(&seeded, free_port()));
    measure(&ground, &seeded, &marie, &found).await;
    let mut tasks = tokio::task::JoinSet::new();
    for lane in 0..AT_ONCE {
        let (ground, seeded, marie, found) = (ground.clone(), seeded.clone(), marie.clone(), found.clone());
        tasks.spawn(async move {
            for moment in (lane..MOMENTS).step_by(AT_ONCE as usize) {
                for step in 0..STEPS {
                    let folder = ground.at(&format!("at-{step}-{moment}"));
                    copy(&seeded, &folder);
                    kill_at(&folder, step, moment, &marie, &found).await;
                    drop(std::fs::remove_dir_all(folder));
                }
            }
        });
    }
    tasks.join_all().await;
    let count = |of: &AtomicU32| of.load(Ordering::Relaxed);
    let (pending, complete, lapsed) = (count(&found.pending), count(&found.complete), count(&found.lapsed));
    println!(
        "{} moments: {pending} pending, {complete} complete, none half; {lapsed} messages were claimed by a killed worker; steps of {:?} \
         microseconds; {:?} in all",
        pending + complete,
        found.lasts,
        began.elapsed()
    );
    assert_eq!(pending + complete, 50);
    assert!(pending >= 40 && complete >= 1, "{pending} pending, {complete} complete: the moments miss the enrollment");
}

/// How long each step of an undisturbed enrollment takes.
async fn measure(ground: &Ground, seeded: &Path, marie: &Person, found: &Found) {
    let folder = ground.at("measured");
    copy(seeded, &folder);
    let demo = Demo::start(&folder, free_port());
    let mut browser = at_step_1(&demo).await;
    for step in 0..STEPS {
        let since = now();
        assert!(go_on(&mut browser, &demo, marie).await);
        found.learn(step, since.elapsed(), true);
    }
    browser.page.says("C'est fait !");
}
