//! `docs/security-requirements.md` names places and tests that are there, and its states agree with them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Where Rust sources lie, tests among them.
const SOURCES: [&str; 6] = ["admin/src", "examples", "idp/src", "idp/protocol/src", "src", "tests"];
/// What a place may begin at.
const TOPS: [&str; 3] = ["", "idp/src", "idp/protocol/src"];
const STATES: [&str; 5] = ["shown", "held", "part", "no", "–"];

/// One requirement of the table.
struct Row<'a> {
    line: usize,
    id: &'a str,
    state: &'a str,
    place: &'a str,
    tests: Vec<&'a str>,
}

/// The rows of all tables of the page, but for their heads and the table of the states.
fn rows(page: &str) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for (at, line) in page.lines().enumerate() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let &["", id, _, state, place, tests, ""] = cells.as_slice() else { continue };
        if id != "id" && !id.starts_with("---") {
            rows.push(Row { line: at + 1, id, state, place, tests: quoted(tests) });
        }
    }
    rows
}

/// What stands in backticks.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// What is wrong with the page, line by line.
fn mistakes(page: &str, tests: &BTreeSet<String>, is_there: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for Row { line, id, state, place, tests: named } in rows(page) {
        let mut wrong = |what: String| found.push(format!("line {line}, {id}: {what}"));
        if !STATES.contains(&state) {
            wrong(format!("«{state}» is none of {STATES:?}"));
        }
        if state == "shown" && named.is_empty() {
            wrong("shown by no test".to_owned());
        }
        if ["held", "no", "–"].contains(&state) && !named.is_empty() {
            wrong(format!("«{state}», and yet tests are named"));
        }
        for name in named.into_iter().filter(|name| !tests.contains(*name)) {
            wrong(format!("there is no test {name}"));
        }
        // A name such as `Cargo.lock` or `oidc/logout`; `/token` is an address.
        let is_place = |word: &&str| !word.starts_with('/') && word.contains(['/', '.']);
        for missing in quoted(place).into_iter().filter(is_place).filter(|word| !is_there(word)) {
            wrong(format!("there is no {missing}"));
        }
    }
    found
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if path.is_dir() && !path.ends_with("node_modules") {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// The tests that a source has: functions under `#[test]` or `#[tokio::test…]`, flows (`async fn name(world)`), and modules that run
/// one flow of several sizes (`mod name {`).
fn tests_of(source: &str) -> Vec<String> {
    let (mut found, mut marked) = (Vec::new(), false);
    for line in source.lines().map(str::trim_start) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            marked = true;
        }
        let function = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
        if let Some((name, rest)) = function.and_then(|rest| rest.split_once('(')) {
            if marked || rest.starts_with("world)") {
                found.push(name.to_owned());
            }
            marked = false;
        }
        found.extend(line.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(" {")).map(str::to_owned));
    }
    found
}

#[test]
fn the_table_of_requirements_names_what_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in SOURCES {
        rust_files(&root.join(folder), &mut files);
    }
    let read = |path: &PathBuf| fs::read_to_string(path).expect("a source can be read");
    let tests: BTreeSet<String> = files.iter().flat_map(|path| tests_of(&read(path))).collect();
    let page = fs::read_to_string(root.join("docs/security-requirements.md")).expect("the page can be read");
    assert!(rows(&page).len() > 200, "{} rows: is this the page?", rows(&page).len());
    let found = mistakes(&page, &tests, |place| TOPS.iter().any(|top| root.join(top).join(place).exists()));
    assert!(found.is_empty(), "docs/security-requirements.md:\n{}", found.join("\n"));
}

#[test]
fn a_stale_row_is_seen() {
    let tests =
        tests_of("#[tokio::test]\nasync fn it_holds() {}\nfn helper() {}\nasync fn it_flows(world) {}\n#[test]\nfn it_is() {}");
    assert_eq!(tests, ["it_holds", "it_flows", "it_is"]);
    let tests: BTreeSet<String> = tests.into_iter().collect();
    for (row, words) in [
        ("| 1 | x | shown | `web/layers.rs` | `it_holds` |", ""),
        ("| 1 | x | part | no address such as `/token` | `it_flows`, `it_is` |", ""),
        ("| 1 | x | shown | `web/layers.rs` | `it_held` |", "no test it_held"),
        ("| 1 | x | shown | `web/layers.rs` | `helper` |", "no test helper"),
        ("| 1 | x | shown | `web/gone.rs` | `it_holds` |", "there is no web/gone.rs"),
        ("| 1 | x | shown | `web/layers.rs` | |", "shown by no test"),
        ("| 1 | x | held | `web/layers.rs` | `it_holds` |", "and yet"),
        ("| 1 | x | maybe | `web/layers.rs` | |", "«maybe» is none of"),
    ] {
        let found = mistakes(row, &tests, |place| place == "web/layers.rs").join("\n");
        assert_eq!((found.is_empty(), found.contains(words)), (words.is_empty(), true), "{row}: {found}");
    }
}
