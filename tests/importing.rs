//! The fund's files imported by the command: tried, applied, tried again, and every file that cannot be taken.

use crate::support::people::Person;
use crate::support::program::{Ground, now};
use serde_json::Value;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

const PERSONS: &str = include_str!("../examples/lindenhof-persons.csv");
const HEADER: &str = "registry_no,last_name,first_name,avs_number,birth_date";
const MARIE: &str = "10001,Favre,Marie,756.0000.0000.19,12.03.1984";

/// A fund made from nothing, with a place for files.
struct Fund {
    ground: Ground,
    config: PathBuf,
}

impl Fund {
    fn fresh() -> Self {
        let ground = Ground::fresh();
        let folder = ground.at("fund");
        let mut init = Command::new(env!("CARGO_BIN_EXE_poterne"));
        init.args(["init", "--dir"]).arg(&folder);
        assert_eq!(init.output().expect("it starts").status.code(), Some(0));
        let fund = Self { config: folder.join("poterne.toml"), ground };
        fund.done(&["migrate"]);
        fund.done(&["realm", "apply", concat!(env!("CARGO_MANIFEST_DIR"), "/examples/lindenhof.toml"), "--yes"]);
        fund
    }

    fn poterne(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_poterne"));
        command.args(words).arg("--config").arg(&self.config).stdin(Stdio::null());
        command
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.ground.at(name);
        std::fs::write(&path, bytes).expect("a file");
        path.to_string_lossy().into_owned()
    }

    fn import(&self, file: &str, more: &[&str]) -> Output {
        let words = [&["import", "persons", file, "--realm", "lindenhof"], more].concat();
        self.poterne(&words).output().expect("it starts")
    }

    #[track_caller]
    fn done(&self, words: &[&str]) -> String {
        let output = self.poterne(words).output().expect("it starts");
        is(&output, 0)
    }

    /// Imports these rows below the usual header; what it said.
    fn says(&self, bytes: impl AsRef<[u8]>, more: &[&str], code: i32) -> String {
        let said = is(&self.import(&self.file("persons.csv", bytes), more), code);
        let fits = |line: &str| line.starts_with('{') || line.chars().count() <= 80;
        assert!(said.lines().all(fits), "{said}");
        said
    }
}

/// What a command printed that ended with this code.
#[track_caller]
fn is(output: &Output, code: i32) -> String {
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{said}{complained}");
    assert!(!complained.contains("panicked"), "{complained}");
    said.into_owned()
}

fn json(said: &str) -> Value {
    assert_eq!(said.lines().count(), 1, "one line: {said}");
    serde_json::from_str(said).expect("JSON")
}

#[track_caller]
fn counts(said: &str, counts: [u64; 5]) {
    let report = json(said);
    let found = ["new", "changed", "unchanged", "ended", "rejected"].map(|name| report[name].as_u64().expect("a number"));
    assert_eq!(found, counts, "{said}");
}

#[test]
fn a_file_is_tried_applied_and_applied_again_and_codes_go_to_who_came() {
    let fund = Fund::fresh();
    let persons = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/lindenhof-persons.csv");
    let said = is(&fund.import(persons, &[]), 0);
    assert!(said.contains("lindenhof-persons.csv: 12 rows") && said.contains("dry run") && said.contains("--apply"), "{said}");
    counts(&is(&fund.import(persons, &["--json"]), 0), [12, 0, 0, 0, 0]);
    let applied = is(&fund.import(persons, &["--apply", "--json"]), 0);
    counts(&applied, [12, 0, 0, 0, 0]);
    assert_eq!(json(&applied)["outcome"], "applied");
    counts(&is(&fund.import(persons, &["--apply", "--json"]), 0), [0, 0, 12, 0, 0]);
    assert!(is(&fund.import(persons, &[]), 0).contains("Nothing to change."));

    let organisations = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/lindenhof-organisations.csv");
    counts(&fund.done(&["import", "organisations", organisations, "--realm", "lindenhof", "--apply", "--json"]), [3, 0, 0, 0, 0]);
    let code = fund.done(&["codes", "issue", "--realm", "lindenhof", "--registry-no", "E10428"]);
    assert!(code.contains("Boulangerie du Lac Sàrl (E10428, employer)"), "{code}");
    assert!(fund.done(&["codes", "issue", "--realm", "lindenhof", "--registry-no", "10001"]).contains("Marie Favre"));

    let changed = PERSONS.replace("Favre", "Favre-Blanc").replace("17.07.1991", "18.07.1991");
    let said = fund.says(&changed, &[], 0);
    for words in ["changed            2", "last_name              1", "line 2, 10001: last_name", "line 5, 10004: birth_date"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(!said.contains("ended"), "a delta ends nobody: {said}");
    assert!(fund.says(&changed, &["--apply"], 0).contains("Applied."));
    assert!(fund.done(&["codes", "issue", "--realm", "lindenhof", "--registry-no", "10001"]).contains("Marie Favre-Blanc"));
}

#[test]
fn a_full_file_ends_who_is_not_in_it_only_as_far_as_allowed() {
    let fund = Fund::fresh();
    fund.says(PERSONS, &["--apply"], 0);
    let fewer: Vec<&str> = PERSONS.lines().filter(|line| !line.starts_with("10002") && !line.starts_with("10010")).collect();
    let fewer = fewer.join("\r\n");
    let said = fund.says(&fewer, &["--mode", "full", "--apply"], 3);
    for words in ["10002, 10010", "2 of 10 active would leave, and 10% are allowed", "--allow-ended 2"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(fund.done(&["codes", "issue", "--realm", "lindenhof", "--registry-no", "10002"]).contains("Urs Amstutz"));
    counts(&fund.says(&fewer, &["--mode", "full", "--allow-ended", "2", "--json"], 0), [0, 0, 10, 2, 0]);
    counts(&fund.says(&fewer, &["--mode", "full", "--allow-ended", "20%", "--apply", "--json"], 0), [0, 0, 10, 2, 0]);
    let gone = fund.poterne(&["codes", "issue", "--realm", "lindenhof", "--registry-no", "10002"]).output().expect("it starts");
    assert_eq!(gone.status.code(), Some(1), "who left gets no code");
    counts(&fund.says(PERSONS, &["--mode", "full", "--apply", "--json"], 0), [0, 2, 10, 0, 0]);
    assert!(fund.done(&["codes", "issue", "--realm", "lindenhof", "--registry-no", "10002"]).contains("Urs Amstutz"));
}

#[test]
fn every_bad_file_is_refused_whole_with_its_line_and_what_to_do() {
    let fund = Fund::fresh();
    let below = |rows: &str| format!("{HEADER}\n{MARIE}\n{rows}\n").into_bytes();
    let utf16: Vec<u8> = PERSONS.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf16: Vec<u8> = [&[0xff, 0xfe][..], &utf16].concat();
    let windows = [below("").as_slice(), b"2,Ren\xe9,A,756.0000.0000.26,12.03.1984\n"].concat();
    for (bytes, words) in [
        (Vec::new(), &["line 1: the file is empty"][..]),
        (HEADER.into(), &["a header and no row"]),
        (utf16, &["UTF-16", "CSV UTF-8"]),
        (windows, &["line 4, last_name", "Windows-1252", "CSV UTF-8"]),
        (below("2,Amstutz,Urs,756.0000.0000.19,29.02.1968"), &["line 3, avs_number: the same value stands on line 2"]),
        (below("10001,Amstutz,Urs,756.0000.0000.26,29.02.1968"), &["line 3, registry_no: the same value stands on line 2"]),
        (below("2,=1+1,Urs,756.0000.0000.26,29.02.1968"), &["line 3, last_name: begins with «=»", "formula"]),
        (below("2,Amstutz,Urs,756.0000.0000.25,29.02.1968"), &["line 3, avs_number: the check digit"]),
        (below("2,Amstutz,Urs,756.0000.0000.26,29.02.1969"), &["line 3, birth_date: the calendar has no such day"]),
        (below("2,Amstutz,Urs,756.0000.0000.26"), &["line 3: 4 cells, where the header has 5"]),
        (below("2,Amstutz,Urs,756.0000.0000.26,29.02.1968,x"), &["line 3: 6 cells, where the header has 5"]),
        (below("2,\"Amstutz,Urs,756.0000.0000.26,29.02.1968"), &["line 3", "quotation mark"]),
        (
            format!("registry_no,lastname,first_name,avs_number,birth_date\n{MARIE}\n").into(),
            &["«lastname»", "did you mean last_name?"],
        ),
        (format!("{MARIE}\n").into(), &["line 1: the first line names no known column"]),
    ] {
        let said = fund.says(&bytes, &["--apply"], 3);
        for words in words.iter().chain(&["Nothing was changed"]) {
            assert!(said.contains(words), "{words}: {said}");
        }
        let report = json(&fund.says(&bytes, &["--json"], 3));
        assert_eq!(report["outcome"], "rejected");
        assert!(report["rejections"][0]["line"].is_u64() && report["rejections"][0]["reason"].is_string(), "{report}");
    }
    let missing = fund.import("nowhere.csv", &[]);
    assert!(missing.status.code() == Some(1) && String::from_utf8_lossy(&missing.stderr).contains("nowhere.csv cannot be read"));
    let file = fund.file("persons.csv", PERSONS);
    let unknown = fund.poterne(&["import", "persons", &file, "--realm", "birkenhof"]).output().expect("it starts");
    assert!(unknown.status.code() == Some(1) && String::from_utf8_lossy(&unknown.stderr).contains("no realm birkenhof"));
    assert_eq!(fund.import(&file, &["--allow-ended", "lots"]).status.code(), Some(2));
    let none = fund.poterne(&["codes", "issue", "--realm", "lindenhof", "--registry-no", "10001"]).output().expect("it starts");
    assert_eq!(none.status.code(), Some(1), "nobody was put in by any of them");
}

#[test]
fn many_rejections_are_cut_on_the_terminal_and_whole_in_the_report() {
    let fund = Fund::fresh();
    let mut rows = format!("{HEADER}\n");
    for n in 0..120 {
        writeln!(rows, "{n},Favre,Marie,756.0000.0000.18,12.03.1984").expect("a string");
    }
    let report = fund.ground.at("report.txt");
    let said = fund.says(&rows, &[], 3);
    assert_eq!(said.matches("check digit").count(), 50);
    assert!(said.contains("--report FILE"), "{said}");
    fund.says(&rows, &["--report", &report.to_string_lossy()], 3);
    let listed = std::fs::read_to_string(&report).expect("a report");
    assert!(listed.lines().count() == 120 && listed.contains("line 121, avs_number: the check digit"), "{listed}");
    assert_eq!(json(&fund.says(&rows, &["--json"], 3))["rejections"].as_array().map(Vec::len), Some(120));
}

#[test]
fn progress_is_shown_when_asked_for_and_never_beside_json() {
    let fund = Fund::fresh();
    let file = fund.file("persons.csv", PERSONS);
    let shown = |more: &[&str]| String::from_utf8_lossy(&fund.import(&file, more).stderr).into_owned();
    assert!(shown(&["--progress", "--apply"]).contains("12 rows checked"));
    assert_eq!((shown(&[]), shown(&["--json", "--progress"])), (String::new(), String::new()));
}

#[test]
fn the_examples_are_the_people_of_the_demo() {
    let rows: Vec<Vec<&str>> = PERSONS.lines().skip(1).map(|line| line.split(';').collect()).collect();
    assert_eq!(rows.len(), 12);
    for row in rows {
        let known = Person::named(row[3]);
        assert_eq!(
            (row[0], row[2], row[5], row[6]),
            (&*known.registry_no, &*known.last_name, &*known.avs_number, &*known.birth_date)
        );
    }
}

/// A file of so many invented persons.
fn crowd(path: &Path, many: u32, first_name: &str) {
    let mut file = format!("{HEADER},language\n");
    for n in 0..many {
        let digits = format!("7569{n:08}");
        let sum: u32 =
            digits.bytes().zip([1, 3].into_iter().cycle()).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
        writeln!(file, "P{n},Name{n},{first_name},{digits}{},12.03.{},de", (10 - sum % 10) % 10, 1940 + n % 60)
            .expect("a string");
    }
    std::fs::write(path, file).expect("a file");
}

/// Runs an import and prints how long it took, how much of that a processor worked for it (on a busy machine the truer figure), how long
/// its merge was, and how much memory it had at most.
fn measure(fund: &Fund, what: &str, file: &Path, more: &[&str]) -> (Duration, u64, u64) {
    let file = file.to_string_lossy();
    let words = [&["import", "persons", &file, "--realm", "lindenhof", "--json"], more].concat();
    let since = now();
    let mut process = fund.poterne(&words).stdout(Stdio::piped()).spawn().expect("it starts");
    let status = format!("/proc/{}/status", process.id());
    let (mut peak, mut worked) = (0, 0);
    let stat = format!("/proc/{}/stat", process.id());
    while process.try_wait().expect("a child").is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
        peak = peak.max(line.split_whitespace().next().and_then(|kib| kib.parse().ok()).unwrap_or(0));
        // Hundredths of a second, after the program's name in brackets (proc(5)).
        let text = std::fs::read_to_string(&stat).unwrap_or_default();
        let fields = text.rsplit_once(") ").map(|(_, fields)| fields.to_owned()).unwrap_or_default();
        worked = worked.max(fields.split(' ').skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum());
        std::thread::sleep(Duration::from_millis(20));
    }
    let took = since.elapsed();
    let said = is(&process.wait_with_output().expect("it ends"), 0);
    let merge = json(&said)["merge_millis"].as_u64().unwrap_or_default();
    let (seconds, merged) = (took.as_secs_f64(), Duration::from_millis(merge).as_secs_f64());
    let worked = Duration::from_millis(worked * 10).as_secs_f64();
    println!("{what}: {seconds:.1} s ({worked:.1} s worked), merge {merged:.2} s, {} MiB at most", peak / 1024);
    (took, merge, peak)
}

fn figures(many: u32) -> [(Duration, u64, u64); 5] {
    let fund = Fund::fresh();
    let (file, other) = (fund.ground.at("crowd.csv"), fund.ground.at("other.csv"));
    crowd(&file, many, "Vorname");
    crowd(&other, many, "Prénom");
    [
        measure(&fund, &format!("{many} rows, dry run"), &file, &[]),
        measure(&fund, &format!("{many} rows, all new"), &file, &["--apply"]),
        measure(&fund, &format!("{many} rows, nothing changed"), &file, &["--apply"]),
        measure(&fund, &format!("{many} rows, a name changed in each"), &other, &["--apply"]),
        measure(&fund, &format!("{many} rows, full, nothing changed"), &other, &["--apply", "--mode", "full"]),
    ]
}

#[test]
fn five_thousand_rows_stay_within_memory() {
    for (_, _, peak) in figures(5_000) {
        assert!(peak < 96 * 1024, "{peak} KiB");
    }
}

#[test]
#[ignore = "a measurement: make import-figures"]
fn a_hundred_thousand_rows_in_a_minute() {
    for (took, merge, peak) in figures(100_000) {
        assert!(took < Duration::from_secs(60) && merge < 3_000 && peak < 128 * 1024, "{took:?}, {merge} ms, {peak} KiB");
    }
}

#[test]
#[ignore = "a measurement: make import-figures"]
fn a_million_rows() {
    for (_, _, peak) in figures(1_000_000) {
        assert!(peak < 256 * 1024, "{peak} KiB");
    }
}
