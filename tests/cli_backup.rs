//! `poterne backup`: copies made while the provider runs, and what a restored one does not bring back to life.

use crate::support::fund::Fund;
use crate::support::people::Person;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[tokio::test]
async fn a_copy_made_while_it_runs_is_restored_and_nothing_that_was_ended_comes_back() {
    let fund = Fund::lindenhof("", Fund::by_password_alone);
    let serving = fund.serve().await;
    let (flex, refresh) = fund.marie_signed_in().await;
    let urs = Person::urs();
    let entry = fund.register(&urs).await;
    let code = fund.manage().await.issue_code("lindenhof", entry).await.expect("a code").code.expose().to_owned();
    let out = fund.ground.at("copy.sqlite");
    let made = fund.run(&["backup", "create", "--json", "--out", &text(&out)]).ends(0, &[]).json();
    let manifest = fund.ground.at("copy.sqlite.json");
    assert_eq!((mode(&out), mode(&manifest)), (0o600, 0o600));
    assert_eq!((made["realms"][0].as_str(), made["sha256"].as_str().map(str::len)), (Some("lindenhof"), Some(64)));
    let key = std::fs::read_to_string(fund.ground.at("fund").join("master.key")).expect("a key");
    assert!(!std::fs::read_to_string(&manifest).expect("JSON").contains(&key[..16]), "the key is not in it");
    fund.run(&["backup", "create", "--out", &text(&out)]).ends(1, &["is there already"]);
    fund.run(&["backup", "verify", &text(&out)]).ends(0, &["whole", "audit trails hold together"]);
    assert_eq!(flex.refresh(&refresh).await.status, 200);

    fund.run(&["backup", "restore", "--replace", &text(&out)]).ends(1, &["is in use", "stop poterne serve"]);
    drop(serving);
    fund.run(&["backup", "restore", &text(&out)]).ends(1, &["is there", "--replace"]);
    let said = fund.run(&["backup", "restore", "--replace", &text(&out)]);
    said.ends(0, &["1 sessions and 1 grants ended", "1 activation codes are void", "kept as"]);
    let folder = std::fs::read_dir(fund.ground.at("fund")).expect("a folder");
    let aside = folder.filter_map(|entry| Some(text(&entry.ok()?.path()))).filter(|path| path.contains(".replaced-")).count();
    assert!(aside >= 1, "the former one is kept");

    let _serving = fund.serve().await;
    let answer = flex.refresh(&refresh).await;
    assert_eq!((answer.status, answer.json["error"].as_str()), (400, Some("invalid_grant")), "{answer:?}");
    let manage = fund.manage().await;
    assert!(!manage.is_code_live("lindenhof", &code).await.expect("an answer"), "the letter's code is void");
    let events = manage.newest_events("lindenhof", 50).await.expect("events");
    assert!(events.iter().any(|event| event.kind == "backup.restored"));
    assert!(manage.verify_audit("lindenhof").await.expect("a trail").broken.is_none());
}

#[tokio::test]
async fn a_copy_that_is_not_whole_or_of_another_master_key_is_refused() {
    let fund = Fund::lindenhof("", str::to_owned);
    let out = fund.ground.at("copy.sqlite");
    fund.run(&["backup", "create", "--out", &text(&out)]).ends(0, &["It is whole"]);
    let right = std::fs::read(&out).expect("a file");
    let restore = ["backup", "restore", "--replace", &text(&out)].map(str::to_owned);
    let restore: Vec<&str> = restore.iter().map(String::as_str).collect();
    let before = std::fs::read(fund.database()).expect("a database");
    for broken in [right[..right.len() / 2].to_vec(), right.iter().map(|byte| byte ^ 1).collect(), vec![]] {
        std::fs::write(&out, broken).expect("a file");
        fund.run(&["backup", "verify", &text(&out)]).ends(3, &["is not whole"]);
        fund.run(&restore).ends(1, &["nothing was changed"]);
    }
    std::fs::write(&out, &right).expect("a file");
    let manifest = fund.ground.at("copy.sqlite.json");
    let words = std::fs::read_to_string(&manifest).expect("JSON");
    std::fs::write(&manifest, words.replace("lindenhof", "lindenhoff")).expect("a file");
    fund.run(&restore).ends(1, &["was changed since"]);
    std::fs::write(&manifest, "{}").expect("a file");
    fund.run(&restore).ends(1, &["no manifest"]);
    std::fs::remove_file(&manifest).expect("it is there");
    fund.run(&restore).ends(1, &["cannot be read"]);
    std::fs::write(&manifest, words).expect("a file");

    let other = Fund::new("");
    std::fs::copy(other.ground.at("fund").join("master.key"), fund.ground.at("fund").join("master.key")).expect("a copy");
    for words in [&restore[..], &["backup", "verify", &text(&out)]] {
        fund.run(words).ends(1, &["made under another master key"]);
    }
    fund.run(&["serve"]).ends(1, &["master key"]);
    fund.run(&["check"]).ends(3, &["FAILED  master key", "does not open this database"]);
    assert_eq!(std::fs::read(fund.database()).expect("a database").len(), before.len(), "nothing was changed");
}

#[test]
fn on_postgres_the_command_names_the_line_to_use_without_the_password() {
    let fund = Fund::new("");
    let text = std::fs::read_to_string(&fund.config).expect("settings");
    let begin = text.find("url = \"sqlite:").expect("a database");
    let end = begin + text[begin..].find('\n').expect("a line");
    let url = "url = \"postgres://poterne:geheim@db.example:5432/fund\"";
    std::fs::write(&fund.config, text.replace(&text[begin..end], url)).expect("settings");
    if cfg!(not(feature = "postgres")) {
        return;
    }
    let made = fund.run(&["backup", "create", "--out", "/tmp/x.dump"]);
    made.ends(1, &["pg_dump --format=custom --file='/tmp/x.dump' 'postgres://poterne@db.example:5432/fund'"]);
    let put_back = fund.run(&["backup", "restore", "/tmp/x.dump"]);
    put_back.ends(1, &["pg_restore", "poterne backup settle"]);
    assert!(![made.err, put_back.err].concat().contains("geheim"));
}
