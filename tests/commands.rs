//! The commands of an operator, run beside the program that serves.

use crate::support::people::Person;
use crate::support::program::{Demo, EMAIL, Ground, awaited, free_port, go_on, refused};
use poterne_idp::{DatabaseUrl, Db, StoreSettings};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// `poterne …` on a data folder.
fn poterne(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_poterne"));
    command.args(words).arg("--data-dir").arg(folder);
    command
}

/// A command that does what it says: what it printed.
#[track_caller]
fn done(mut command: Command) -> String {
    let output = command.output().expect("the program starts");
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{said}{complained}");
    said.into_owned()
}

/// A command that is refused: exit code 1, and all these words.
#[track_caller]
fn is_refused(command: Command, words: &[&str]) {
    let (code, said) = refused(command);
    assert_eq!(code, Some(1), "{said}");
    for word in words {
        assert!(said.contains(word), "«{word}» is missing in: {said}");
    }
    assert!(!said.contains("panicked"), "{said}");
}

const MARIE: [&str; 4] = ["--realm", "lindenhof", "--registry-no", "10001"];

fn about_marie(words: &[&'static str], more: &[&'static str]) -> Vec<&'static str> {
    [words, &MARIE, more].concat()
}

/// Marie, who identifies herself in a fresh browser of this demo.
async fn identified(demo: &Demo, marie: &Person) -> crate::support::browser::Browser {
    let mut browser = demo.browser();
    browser.visit(&format!("{}/ui/enroll/as/insured", demo.issuer())).await;
    browser.identify(marie).await;
    browser
}

#[tokio::test]
async fn a_code_is_issued_while_the_demo_runs_and_a_lost_factor_reset() {
    let (ground, marie) = (Ground::fresh(), Person::marie());
    let demo = Demo::start(&ground.at("data"), free_port());
    let run = |words: &[&'static str], more: &[&'static str]| done(poterne(&demo.folder, &about_marie(words, more)));

    let said = run(&["codes", "issue"], &["--reason", "letter lost", "--json"]);
    let issued: Value = serde_json::from_str(&said).expect("one line of JSON");
    assert_eq!(issued["whom"]["name"], "Marie Favre");
    assert!(issued["expires_on"].as_str().is_some_and(|day| day.len() == 10) && issued["replaced"].is_string(), "{said}");
    identified(&demo, &marie).await.page.says("remplacé");
    let fresh = Person { code: issued["code"].as_str().expect("a code").to_owned(), ..marie.clone() };
    let mut browser = identified(&demo, &fresh).await;
    browser.page.says("Mot de passe");
    while go_on(&mut browser, &demo, &fresh).await {}
    browser.page.says("C'est fait");

    is_refused(poterne(&demo.folder, &about_marie(&["codes", "issue"], &[])), &["has an account", "account reset-factor"]);
    is_refused(poterne(&demo.folder, &about_marie(&["account", "reset-factor"], &["--reason", " "])), &["a reason is missing"]);
    let said = run(&["account", "reset-factor"], &["--reason", "phone lost"]);
    assert!(said.contains("Marie Favre") && said.contains("Last valid day:"), "{said}");
    let code = said.lines().map(str::trim).find(|line| line.len() == 14 && line.matches('-').count() == 2).expect("a code");
    let letter = Person { code: code.to_owned(), ..marie.clone() };
    let mut browser = identified(&demo, &letter).await;
    browser.page.says("m•••@post.example");
    let password = "Chataigne-Rouge-77";
    let before = demo.code_to(EMAIL).await;
    browser.submit(&[("password", password), ("password_repeat", password), ("action", "next")]).await;
    assert_eq!(awaited(&browser.page), Some(EMAIL));
    let mut code = demo.code_to(EMAIL).await;
    while code == before {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        code = demo.code_to(EMAIL).await;
    }
    browser.type_code(&code.expect("a code by mail")).await;
    browser.page.says("authentification à deux facteurs");
}

#[test]
fn an_account_is_suspended_and_given_back_and_whoever_leaves_gets_no_code() {
    let ground = Ground::fresh();
    let demo = Demo::start(&ground.at("data"), free_port());
    let people: Value = serde_json::from_slice(&std::fs::read(demo.folder.join("start.json")).expect("people")).expect("JSON");
    assert!(people["accounts"][0]["person"].is_string(), "the demo has an account: {people}");
    let folder = &demo.folder;
    let status = |status: &'static str| done(poterne(folder, &about_marie(&["entry", "set-status"], &["--status", status])));
    assert!(status("left").contains("10001 is left"));
    is_refused(poterne(folder, &about_marie(&["codes", "issue"], &[])), &["10001", "left"]);
    status("active");
    assert!(done(poterne(folder, &about_marie(&["codes", "issue"], &[]))).contains("Marie Favre"));
    is_refused(poterne(folder, &about_marie(&["account", "suspend"], &["--reason", "test"])), &["10001", "has no account"]);
    let holder = ["--realm", "lindenhof", "--registry-no", "10020", "--reason", "test"];
    let account = |decision: &'static str| poterne(folder, &[&["account", decision][..], &holder].concat());
    let hidden = ["account", "suspend", "--realm", "lindenhof", "--registry-no", "10020", "--reason", "fine\u{1b}[2Jnothing"];
    is_refused(poterne(folder, &hidden), &["no screen shows"]);
    assert!(done(account("suspend")).contains("is suspended"));
    is_refused(account("suspend"), &["is suspended already"]);
    assert!(done(account("reactivate")).contains("is reactivated"));
}

#[tokio::test]
async fn a_command_says_what_is_missing_and_makes_nothing() {
    let ground = Ground::fresh();
    let issue = |folder: &Path| poterne(folder, &about_marie(&["codes", "issue"], &[]));
    is_refused(issue(&ground.at("nowhere")), &["no settings and no demo", "nowhere", "--data-dir"]);
    assert!(!ground.at("nowhere").exists());
    std::fs::create_dir(ground.at("empty")).expect("a folder");
    is_refused(issue(&ground.at("empty")), &["no database"]);
    let folder = ground.at("data");
    drop(Demo::start(&folder, free_port()));
    is_refused(poterne(&folder, &["codes", "issue", "--realm", "birkenhof", "--registry-no", "10001"]), &["no realm birkenhof"]);
    is_refused(poterne(&folder, &["codes", "issue", "--realm", "lindenhof", "--registry-no", "1"]), &["no entry 1"]);
    let mode = |mode| {
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
        std::fs::set_permissions(folder.join("master.key"), permissions).expect("permissions");
    };
    mode(0o644);
    is_refused(issue(&folder), &["master.key", "can be read or changed by other users", "chmod 600"]);
    mode(0o600);
    std::fs::rename(folder.join("master.key"), folder.join("elsewhere")).expect("moved");
    is_refused(issue(&folder), &["master.key", "cannot be read"]);
    assert!(!folder.join("master.key").exists());
    let bare = ground.at("bare");
    std::fs::create_dir(&bare).expect("a folder");
    std::fs::rename(folder.join("elsewhere"), bare.join("master.key")).expect("moved");
    drop(Db::open(&DatabaseUrl::Sqlite(bare.join("poterne.sqlite")), StoreSettings::default()).expect("an empty database"));
    is_refused(issue(&bare), &["must be migrated first"]);
}

#[test]
fn every_command_shows_an_example() {
    for words in [
        &["codes", "issue"][..],
        &["account", "reset-factor"],
        &["account", "suspend"],
        &["account", "reactivate"],
        &["account", "deactivate"],
        &["entry", "set-status"],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_poterne"));
        command.args(words).arg("--help");
        let said = done(command);
        assert!(said.contains(&format!("Example:\n  poterne {} --realm", words.join(" "))), "{said}");
    }
}
