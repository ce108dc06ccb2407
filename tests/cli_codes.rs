//! `poterne codes issue --all-eligible`: everybody's code in one file, and nothing lost when it is killed.

use crate::support::operator::{Folder, done, is_refused, program};
use crate::support::program::Ground;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

/// The rows below the headings, each as its cells; no name of these tests has a comma.
fn rows(file: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(file).expect("a file of codes");
    let mut lines = text.split_terminator("\r\n");
    assert_eq!(lines.next(), Some("registry_no,name,language,population,code,expires_on"));
    lines.map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn everybody<'a>(out: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let words = ["codes", "issue", "--realm", "lindenhof", "--population", "insured", "--all-eligible", "--out", out];
    [&words[..], more].concat()
}

#[tokio::test]
async fn everybody_gets_a_code_in_a_file_that_is_the_operators_alone() {
    let ground = Ground::fresh();
    let folder = Folder::with_people(&ground, 5).await;
    let file = ground.at("codes.csv");
    let out = file.to_str().expect("a path");
    let said = done(folder.poterne(&everybody(out, &["--reason", "yearly statement", "--json"])));
    let answer: Value = serde_json::from_str(&said).expect("one line of JSON");
    assert_eq!((&answer["issued"], &answer["replaced"], &answer["not_live"]), (&5.into(), &0.into(), &Value::Array(vec![])));
    assert_eq!(std::fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
    let first = rows(&file);
    assert_eq!(first.len(), 5);
    for row in &first {
        assert!(row[1] == "Marie Favre" && row[2] == "fr" && row[3] == "insured" && row[5] == answer["expires_on"], "{row:?}");
        assert!(folder.manage().await.is_code_live("lindenhof", &row[4]).await.expect("looked up"));
        assert!(!said.contains(&row[4]), "a clear code stands in the file alone");
    }
    is_refused(folder.poterne(&everybody(out, &[])), &["codes.csv is there already"]);
    assert_eq!(rows(&file), first, "the file is as it was");
    let again = ground.at("again.csv");
    let said = done(folder.poterne(&everybody(again.to_str().expect("a path"), &[])));
    assert!(said.contains("Nobody of insured is eligible") && said.contains("5 with a live code") && !again.exists(), "{said}");
    assert!(said.lines().all(|line| line.chars().count() <= 80), "{said}");
    let said = done(folder.poterne(&everybody(again.to_str().expect("a path"), &["--replace"])));
    assert!(said.contains("5 codes for insured") && said.contains("5 former codes no longer work"), "{said}");
    assert!(!folder.manage().await.is_code_live("lindenhof", &first[0][4]).await.expect("looked up"));
}

#[tokio::test]
async fn combinations_that_make_no_sense_are_refused_before_anything_is_done() {
    let ground = Ground::fresh();
    let folder = Folder::with_people(&ground, 1).await;
    let out = ground.at("codes.csv");
    let out = out.to_str().expect("a path");
    for words in [
        &["codes", "issue", "--realm", "lindenhof"][..],
        &[
            "codes",
            "issue",
            "--realm",
            "lindenhof",
            "--registry-no",
            "1",
            "--all-eligible",
            "--population",
            "insured",
            "--out",
            out,
        ],
        &["codes", "issue", "--realm", "lindenhof", "--all-eligible", "--out", out],
        &["codes", "issue", "--realm", "lindenhof", "--all-eligible", "--population", "insured"],
        &["codes", "issue", "--realm", "lindenhof", "--registry-no", "1", "--out", out],
        &["codes", "issue", "--realm", "lindenhof", "--registry-no", "1", "--replace"],
    ] {
        let output = folder.poterne(words).output().expect("the program starts");
        assert_eq!(output.status.code(), Some(2), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    is_refused(
        folder.poterne(&["codes", "issue", "--realm", "lindenhof", "--population", "insurd", "--all-eligible", "--out", out]),
        &["no population insurd"],
    );
    assert!(!Path::new(out).exists());
}

#[tokio::test]
async fn a_run_that_is_killed_leaves_no_live_code_that_is_not_in_its_file_and_a_rerun_gives_the_rest() {
    let ground = Ground::fresh();
    let folder = Folder::with_people(&ground, 3_000).await;
    let file = ground.at("codes.csv");
    let mut process = program();
    process.args(everybody(file.to_str().expect("a path"), &[])).arg("--data-dir").arg(&folder.path);
    let mut process = process.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    while std::fs::metadata(&file).map_or(0, |file| file.len()) < 40_000 {
        assert!(process.try_wait().expect("a child").is_none(), "it was faster than this test");
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    process.kill().expect("it is killed");
    process.wait().expect("a child");
    let manage = folder.manage().await;
    let mut printed = 0;
    for row in rows(&file).iter().filter(|row| row.len() == 6) {
        printed += usize::from(manage.is_code_live("lindenhof", &row[4]).await.unwrap_or(false));
    }
    let issued = manage.newest_events("lindenhof", 10_000).await.expect("the trail");
    let issued = issued.iter().filter(|event| event.kind == "code.issued").count();
    assert_eq!(printed, issued, "each live code is in the file");
    assert!((250..3_000).contains(&issued), "{issued}");
    let rest = ground.at("rest.csv");
    let said = done(folder.poterne(&everybody(rest.to_str().expect("a path"), &["--json"])));
    let answer: Value = serde_json::from_str(&said).expect("one line of JSON");
    assert_eq!(answer["issued"], 3_000 - issued);
    assert_eq!(answer["skipped"]["live_code"], issued);
    assert_eq!(rows(&rest).len(), 3_000 - issued);
}
