//! A full disk: what reads goes on, what writes is sent away for a while, nothing that was acknowledged is lost, and it is all over as
//! soon as there is room.

use crate::support::World;
use crate::support::people::Person;
use crate::support::program::{Ground, now};
use crate::support::served::{Fund, without_factors};
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use poterne_idp::manage::AccountFactor;
use poterne_protocol::id::RealmId;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

const NO_REALM: RealmId = RealmId::from_bytes([0; 16]);
/// What people may read while nothing can be written.
const PLEASE_WAIT: [(&str, &str); 4] = [
    ("fr", "Un instant, s'il vous plaît"),
    ("de", "Einen Augenblick bitte"),
    ("it", "Un momento, per favore"),
    ("en", "One moment, please"),
];

/// Tables that are written when people sign in and portals exchange codes.
const WRITTEN: [&str; 8] =
    ["flow", "browser", "session", "oauth_grant", "authorization_code", "refresh_token", "audit_event", "message"];

/// From now on every write is refused in the words of a full disk, or no longer.
async fn disk_is_full(world: &World, full: bool) {
    let statements = WRITTEN.iter().flat_map(|table| ["INSERT", "UPDATE"].map(|what| (table, what))).map(|(table, what)| {
        if full {
            format!("CREATE TRIGGER full_{what}_{table} BEFORE {what} ON {table} BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END;")
        } else {
            format!("DROP TRIGGER full_{what}_{table};")
        }
    });
    let statements: String = statements.collect();
    let changed = world.db.write(NO_REALM, move |tx| Ok(tx.conn.batch_execute(&statements)?));
    changed.await.expect("the disk is changed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk_people_and_portals_read_on_and_are_told_when_to_come_back() {
    let world = World::on_sqlite().await;
    let flex = world.flex().await;
    let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
    browser.sign_in_by_sms(&world, &marie, &flex).await;
    let tokens = flex.tokens_from(&browser.page).await;
    browser.visit(&flex.sign_in()).await;
    let code = flex.code_from(&browser.page);

    let mut at_the_door = Vec::new();
    for (language, words) in PLEASE_WAIT {
        let mut other = world.browser();
        other.language = language;
        other.visit(&flex.sign_in()).await;
        at_the_door.push((other, language, words));
    }
    disk_is_full(&world, true).await;
    assert_eq!(flex.get("/jwks").await.status, 200);
    assert_eq!(flex.get("/.well-known/openid-configuration").await.status, 200);
    assert_eq!(flex.userinfo(&tokens.text("access_token")).await.status, 200);
    browser.visit(&format!("{}/ui/account", world.issuer)).await;
    assert_eq!(browser.page.status, 200, "who is signed in sees the own account: {}", browser.page.text());
    world.browser().visit_and_hear(&flex, "temporarily_unavailable").await;
    for (mut other, language, words) in at_the_door {
        let since = now();
        other.give_password(&marie.email(), marie.password()).await;
        other.page.says(words);
        assert_eq!((other.page.status, &other.page.headers["retry-after"]), (503, &"5".parse().expect("a header")), "{language}");
        assert!(since.elapsed() < Duration::from_secs(2));
    }
    let answer = flex.redeem(&code).await;
    assert_eq!((answer.status, answer.text("error").as_str()), (503, "temporarily_unavailable"), "{answer:?}");
    assert_eq!(answer.headers["retry-after"], "5");
    assert_eq!(flex.refresh(&tokens.text("refresh_token")).await.status, 200, "a token that is not replaced needs no room");
    disk_is_full(&world, false).await;
    world.browser().visit(&flex.sign_in()).await.says("Connexion");
    assert_eq!(flex.redeem(&code).await.status, 200, "the refused code was not spent");
    assert!(world.manage().verify_audit("lindenhof").await.expect("the trail").broken.is_none());
}

/// A way to fill the disk under a running program, and to make room again.
enum Disk {
    /// Files may grow no further (`ulimit -f`): no write of the database gets through, and none to the log.
    Limit(u32),
    /// A file system of a few megabytes, with a file that fills it.
    Small(PathBuf),
}

impl Disk {
    fn fill(&self) {
        match self {
            Self::Limit(pid) => limit(*pid, "--fsize=4096:"),
            Self::Small(folder) => {
                // Room that the log has already would still be written.
                let path = folder.join("poterne.sqlite");
                let mut beside = SqliteConnection::establish(&path.to_string_lossy()).expect("the database opens");
                beside.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA wal_checkpoint(TRUNCATE)").expect("the log is emptied");
                let mut filler = std::fs::File::create(folder.join("filler")).expect("a file");
                for bytes in [1 << 20, 4096, 1] {
                    while filler.write_all(&vec![0; bytes]).is_ok() {}
                }
            }
        }
    }

    fn make_room(&self) {
        match self {
            Self::Limit(pid) => limit(*pid, "--fsize=unlimited:"),
            Self::Small(folder) => std::fs::remove_file(folder.join("filler")).expect("the filler was there"),
        }
    }
}

/// Sets a running program's limits.
fn limit(pid: u32, what: &str) {
    let done = Command::new("prlimit").args(["--pid", &pid.to_string(), what]).status().expect("prlimit is there");
    assert!(done.success());
}

fn can(program: &str, args: &[&str]) -> bool {
    let tried = Command::new(program).args(args).stdout(Stdio::null()).stderr(Stdio::null()).status();
    tried.is_ok_and(|status| status.success())
}

/// Said past the test's own capture, so that it is seen that something was not tried.
fn skipped(why: &str) {
    drop(writeln!(std::io::stderr(), "SKIPPED: {why}"));
}

/// A file system in memory that goes with the value.
struct Mounted(PathBuf);

impl Drop for Mounted {
    fn drop(&mut self) {
        let gone = can("umount", &["-l", &self.0.to_string_lossy()]) && std::fs::remove_dir(&self.0).is_ok();
        assert!(gone, "{} stays mounted", self.0.display());
    }
}

/// The program on a disk that fills and is emptied again, twice.
async fn on_a_filling_disk(fund: &Fund, urs: &Person, choose: impl Fn(u32) -> Disk) -> String {
    let mut serving = fund.start().await;
    let (disk, portal) = (choose(serving.pid()), fund.portal());
    let mut browser = fund.browser();
    browser.visit(&portal.sign_in()).await.says("Connexion");
    browser.give_password(&urs.email(), urs.password()).await;
    let mut tokens = portal.tokens_from(&browser.page).await;
    for time in 1..=2 {
        browser.visit(&portal.sign_in()).await;
        let code = portal.code_from(&browser.page);
        disk.fill();
        let (mut refused, since) = (0, now());
        while since.elapsed() < Duration::from_secs(2) {
            let mut other = fund.browser();
            other.visit(&portal.sign_in()).await;
            // What fits into the last page still goes through.
            let is_refused = other.page.parameter("error").as_deref() == Some("temporarily_unavailable");
            refused += u32::from(is_refused);
            assert!(is_refused || other.page.status == 200, "{}: {}", other.page.status, other.page.text());
            assert_eq!(portal.get("/jwks").await.status, 200);
            assert_eq!(portal.userinfo(&tokens.text("access_token")).await.status, 200);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(refused >= 3, "{refused} were refused: the disk was not full");
        assert!(serving.lives(), "it goes on: {}", serving.said());
        let answer = portal.redeem(&code).await;
        let spent = answer.status == 200;
        assert!(spent || (answer.status, answer.text("error").as_str()) == (503, "temporarily_unavailable"), "{answer:?}");
        assert_eq!(crate::serving::status(fund.management, "/healthz").await, Some(200));
        disk.make_room();
        let since = now();
        let mut again = fund.browser();
        while again.visit(&portal.sign_in()).await.status != 200 {
            assert!(since.elapsed() < Duration::from_secs(10), "not normal again after {time}: {}", again.page.text());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        tokens = if spent { portal.refresh(&answer.text("refresh_token")).await } else { portal.redeem(&code).await };
        assert_eq!(tokens.status, 200, "nothing was spent that was not acknowledged: {tokens:?}");
    }
    browser.visit(&portal.sign_in()).await;
    portal.tokens_from(&browser.page).await;
    assert_eq!(serving.stop(), Some(0), "{}", serving.said());
    let verified = fund.beside().await.manage().verify_audit("lindenhof").await.expect("the trail");
    assert!(verified.broken.is_none(), "{verified:?}");
    serving.said()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_program_survives_files_that_may_not_grow() {
    if !can("prlimit", &["--version"]) {
        return skipped("no prlimit here: files that may not grow were not tried");
    }
    let fund = Fund::by_password().await;
    let urs = fund.with_account("Urs", AccountFactor::None).await;
    on_a_filling_disk(&fund, &urs, Disk::Limit).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_program_survives_a_full_disk_and_says_so_seldom() {
    let ground = Ground::fresh();
    let folder = ground.at("fund");
    std::fs::create_dir(&folder).expect("a folder");
    if !can("mount", &["-t", "tmpfs", "-o", "size=16m", "tmpfs", &folder.to_string_lossy()]) {
        return skipped("no file system may be mounted here: a full disk was not tried");
    }
    let mounted = Mounted(folder.clone());
    let fund = Fund::on(ground, without_factors).await;
    let urs = fund.with_account("Urs", AccountFactor::None).await;
    let log = on_a_filling_disk(&fund, &urs, |_| Disk::Small(folder.clone())).await;
    let complaints = log.lines().filter(|line| line.contains("does not work, and is tried again")).count();
    assert!((1..=12).contains(&complaints), "{complaints} complaints in four seconds:\n{log}");
    // Whoever came from a portal was sent back to it; the log still has why, once for each request.
    let lines = log.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let failed = lines.filter(|line| line["fields"]["message"] == "a request failed" && line["fields"]["route"] == "/authorize");
    let mut named: Vec<_> = failed.map(|line| line["span"]["request"].to_string()).collect();
    let all = named.len();
    named.sort_unstable();
    named.dedup();
    assert!(all >= 3 && named.len() == all, "{all} lines of {} requests:\n{log}", named.len());
    drop(mounted);
    drop(fund);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_cannot_be_written_stops_nobody() {
    let Ok(full) = std::fs::File::options().write(true).open("/dev/full") else {
        return skipped("no /dev/full here: a full log was not tried");
    };
    let fund = Fund::by_password().await;
    let urs = fund.with_account("Urs", AccountFactor::None).await;
    let mut process = fund.serve().stdout(Stdio::null()).stderr(full).spawn().expect("it starts");
    for _ in 0..500 {
        if crate::serving::status(fund.management, "/readyz").await == Some(200) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut browser = fund.browser();
    browser.visit(&fund.portal().sign_in()).await.says("Connexion");
    browser.give_password(&urs.email(), urs.password()).await;
    let tokens = fund.portal().redeem(&browser.page.parameter("code").unwrap_or_default()).await;
    drop(process.kill());
    drop(process.wait());
    assert_eq!(tokens.status, 200, "{}", browser.page.text());
}
