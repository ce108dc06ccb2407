use super::super::Manage;
use super::{AllowEnded, ImportMode, ImportOptions, ImportOutcome, ImportReport};
use crate::directory::registry::EntryStatus;
use crate::error::Failure;
use crate::operations::lease;
use crate::retention::CHORES;
use crate::settings::RealmDocument;
use crate::tests::{House, insert_realm};
use std::fmt::Write;
use std::io::Read;
use std::time::Duration;

const PERSONS: &str = include_str!("../../../../examples/lindenhof-persons.csv");
const ORGANISATIONS: &str = include_str!("../../../../examples/lindenhof-organisations.csv");
const SLUG: &str = "lindenhof";

/// A house with the fund of the examples, and its operator.
struct Fund {
    house: House,
    manage: Manage,
}

impl Fund {
    async fn all() -> Vec<Self> {
        let mut funds = Vec::new();
        for mut house in House::all().await {
            let document = RealmDocument::parse(include_str!("../../../../examples/lindenhof.toml")).unwrap();
            insert_realm(&house.app, document, "https://id.example/lindenhof".to_owned()).await;
            house.realms.stale();
            house.realm = house.realms.by_slug(&house.app, SLUG).await.unwrap().unwrap();
            let manage = Manage::new(house.app.clone(), house.realms.clone(), "https://id.example".into());
            funds.push(Self { house, manage });
        }
        funds
    }

    async fn persons(&self, file: &str, options: ImportOptions) -> ImportReport {
        // Time stands in this house: an entry that changes does so later than it came.
        self.house.advance(1);
        self.manage.import_persons(SLUG, std::io::Cursor::new(file.to_owned()), options).await.unwrap()
    }

    async fn rows(&self, of: &str) -> i64 {
        self.house.count(format!("SELECT COUNT(*) AS n FROM {of}")).await
    }

    /// Nothing is left behind.
    async fn is_tidy(&self) {
        assert_eq!((self.rows("staged_entry").await, self.rows("staged_identifier").await), (0, 0));
    }

    async fn events(&self, kind: &str) -> Vec<String> {
        let events = self.manage.newest_events(SLUG, 1000).await.unwrap();
        events.into_iter().filter(|event| event.kind == kind).map(|event| event.data).collect()
    }
}

fn apply() -> ImportOptions {
    ImportOptions { apply: true, ..ImportOptions::dry_run("/home/fund/persons.csv") }
}

fn full(allow_ended: AllowEnded) -> ImportOptions {
    ImportOptions { mode: ImportMode::Full, allow_ended, ..apply() }
}

fn counts(report: &ImportReport) -> (u64, u64, u64, u64, u64) {
    (report.new, report.changed, report.unchanged, report.ended, report.rejected)
}

/// The example without the lines of these keys.
fn without(keys: &[&str]) -> String {
    let kept = PERSONS.lines().filter(|line| !keys.iter().any(|key| line.starts_with(&format!("{key};"))));
    kept.collect::<Vec<_>>().join("\n")
}

/// A file of so many invented persons, a line at a time.
fn crowd(many: u32) -> String {
    let mut file = "registry_no,last_name,first_name,avs_number,birth_date,language\n".to_owned();
    for n in 0..many {
        // Not those of the examples.
        let digits = format!("7569{n:08}");
        let sum: u32 =
            digits.bytes().zip([1, 3].into_iter().cycle()).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
        writeln!(file, "P{n},Name{n},Vorname,{digits}{},12.03.{},de", (10 - sum % 10) % 10, 1940 + n % 60).unwrap();
    }
    file
}

#[tokio::test]
async fn a_dry_run_says_what_an_import_does_and_changes_nothing() {
    for fund in Fund::all().await {
        let dry = fund.persons(PERSONS, ImportOptions::dry_run("persons.csv")).await;
        assert_eq!((dry.outcome, counts(&dry)), (ImportOutcome::DryRun, (12, 0, 0, 0, 0)));
        assert_eq!(fund.rows("registry_entry").await, 0);
        assert_eq!(fund.rows("audit_event").await + fund.rows("lease WHERE name = 'import'").await, 0, "it wrote nothing at all");
        let done = fund.persons(PERSONS, apply()).await;
        assert_eq!((done.outcome, counts(&done)), (ImportOutcome::Applied, (12, 0, 0, 0, 0)));
        assert_eq!((fund.rows("registry_entry").await, fund.rows("identifier").await), (12, 24));
        let again = fund.persons(PERSONS, apply()).await;
        assert_eq!(counts(&again), (0, 0, 12, 0, 0));
        fund.is_tidy().await;
        let events = fund.events("registry.imported").await;
        assert_eq!(events.len(), 2);
        assert!(events[1].contains("\"file\":\"persons.csv\"") && events[1].contains(&done.sha256), "{events:?}");
        assert_eq!(done.sha256.len(), 64);
        for event in fund.manage.newest_events(SLUG, 1000).await.unwrap() {
            assert!(!event.data.contains("Favre") && !event.data.contains("/home"), "{event:?}");
        }
    }
}

#[tokio::test]
async fn organisations_stand_beside_persons_with_all_their_names() {
    for fund in Fund::all().await {
        fund.persons(PERSONS, apply()).await;
        let import = |file: &'static str, options| fund.manage.import_organisations(SLUG, file.as_bytes(), options);
        let report = import(ORGANISATIONS, full(AllowEnded::Count(0))).await.unwrap();
        assert_eq!(counts(&report), (3, 0, 0, 0, 0), "no person ends by a file of organisations");
        assert_eq!(fund.rows("identifier WHERE field = 'company_name'").await, 4);
        assert_eq!(counts(&import(ORGANISATIONS, apply()).await.unwrap()), (0, 0, 3, 0, 0));
        let file = "registry_no,name,company_no,alternative_names\nE10977,Holzbau Amstutz SA,10977,Amstutz Holz|Le Bois\n";
        let report = import(file, apply()).await.unwrap();
        assert_eq!(report.first_changed[0].columns, ["company_name", "name"]);
        assert_eq!(fund.rows("identifier WHERE field = 'company_name'").await, 6);
        let report = import("registry_no,name,company_no\n10001,Favre SA,1\n", apply()).await.unwrap();
        assert_eq!(report.rejections[0].to_string(), "line 2, registry_no: the registry has a person of this number");
        assert_eq!((report.outcome, fund.rows("registry_entry").await), (ImportOutcome::Rejected, 15));
    }
}

#[tokio::test]
async fn a_changed_row_changes_what_it_says_and_nothing_else() {
    for fund in Fund::all().await {
        fund.persons(PERSONS, apply()).await;
        let file = "registry_no,last_name,first_name,avs_number,birth_date\n10001,Favre-Blanc,Marie,756.0000.0000.19,12.03.1984\n\
                    10008,Kowalczyk,Anna,756.0000.0000.88,14.12.1989\n";
        let report = fund.persons(file, apply()).await;
        assert_eq!(counts(&report), (0, 2, 0, 0, 0));
        let columns: Vec<(u64, &[String])> = report.first_changed.iter().map(|row| (row.line, row.columns.as_slice())).collect();
        assert_eq!(columns, [(2, &["last_name".to_owned()][..]), (3, &["birth_date".to_owned()][..])]);
        assert_eq!(fund.rows("registry_entry WHERE last_name = 'Favre-Blanc' AND language = 'fr' AND title = 'ms'").await, 1);
        assert_eq!(
            fund.rows("registry_entry WHERE registry_no = '10008' AND status = 'left'").await,
            1,
            "a delta calls nobody back"
        );
        assert_eq!(fund.rows("identifier").await, 24);
        assert_eq!(fund.persons(file, apply()).await.unchanged, 2);
        fund.is_tidy().await;
    }
}

#[tokio::test]
async fn whoever_is_not_in_a_full_file_has_left_if_so_many_may() {
    for fund in Fund::all().await {
        fund.persons(PERSONS, apply()).await;
        for key in ["10001", "10002"] {
            fund.manage.order_code(SLUG, key, None).await.unwrap();
        }
        let file = without(&["10002", "10010", "10008", "10009"]);
        let refused = fund.persons(&file, full(AllowEnded::Percent(10))).await;
        assert_eq!((refused.outcome, refused.ended, refused.active), (ImportOutcome::TooManyEnded, 2, 10));
        assert_eq!(fund.rows("registry_entry WHERE status = 'left'").await, 1);
        fund.is_tidy().await;
        let dry = fund.persons(&file, ImportOptions { apply: false, ..full(AllowEnded::Count(2)) }).await;
        assert_eq!((dry.outcome, dry.first_ended.len()), (ImportOutcome::DryRun, 2));
        let done = fund.persons(&file, full(AllowEnded::Percent(20))).await;
        assert_eq!((done.outcome, counts(&done)), (ImportOutcome::Applied, (0, 0, 8, 2, 0)));
        assert_eq!(fund.rows("registry_entry WHERE status = 'left'").await, 3);
        assert_eq!(fund.rows("activation_code WHERE state = 'revoked' AND state_reason = 'left'").await, 1);
        assert_eq!(fund.rows("activation_code WHERE state = 'active'").await, 1);
        assert_eq!((fund.events("registry.changed").await.len(), fund.events("code.revoked").await.len()), (2, 1));
        // Back in the next full file, without a word on their status; the dead stay dead.
        let unsaid: Vec<String> = PERSONS.lines().map(|line| line.split(';').take(8).collect::<Vec<_>>().join(";")).collect();
        let back = fund.persons(&unsaid.join("\n"), full(AllowEnded::Percent(10))).await;
        assert_eq!(counts(&back), (0, 3, 9, 0, 0));
        assert_eq!(fund.rows("registry_entry WHERE status = 'active'").await, 11);
    }
}

/// A column that came out wrong must not end everybody.
#[tokio::test]
async fn rows_that_say_left_count_as_those_that_are_missing_do() {
    for fund in Fund::all().await {
        fund.persons(PERSONS, apply()).await;
        fund.manage.order_code(SLUG, "10001", None).await.unwrap();
        let wrong = PERSONS.replace(";active", ";left");
        for options in [apply(), full(AllowEnded::Percent(10))] {
            let refused = fund.persons(&wrong, options).await;
            assert_eq!((refused.outcome, refused.ended), (ImportOutcome::TooManyEnded, refused.active));
        }
        assert_eq!(fund.rows("activation_code WHERE state = 'active'").await, 1);
        let one = PERSONS.replacen("fr;active", "fr;left", 1);
        let few = fund.persons(&one, apply()).await;
        assert_eq!((few.outcome, few.ended, few.first_ended.as_slice()), (ImportOutcome::Applied, 1, &["10001".to_owned()][..]));
        let meant = fund.persons(&wrong, ImportOptions { allow_ended: AllowEnded::Percent(100), ..apply() }).await;
        assert_eq!(meant.outcome, ImportOutcome::Applied);
        assert_eq!(fund.rows("activation_code WHERE state = 'active'").await, 0);
    }
}

#[tokio::test]
async fn the_dead_lose_their_access_and_a_correction_gives_it_back() {
    for fund in Fund::all().await {
        fund.persons(PERSONS, apply()).await;
        let account = "INSERT INTO account (realm, id, population, entry, email, language, password_hash, password_set_at, level, \
                       created_at) SELECT realm, id, 'insured', id, 'm@lac.example', 'fr', '', 0, 'urn:poterne:level:single', 0 FROM registry_entry \
                       WHERE registry_no = '10001'";
        assert_eq!(fund.house.sql(account).await, 1);
        let says = |status: &str| PERSONS.replacen("fr;active", &format!("fr;{status}"), 1);
        assert_eq!(fund.persons(&says("deceased"), apply()).await.changed, 1);
        assert_eq!(fund.rows("account WHERE suspended_at IS NOT NULL AND cut_at IS NOT NULL").await, 1);
        assert_eq!(fund.events("account.suspended").await, ["{\"reason\":\"deceased\"}"]);
        // A name changes meanwhile: it is still that death which is corrected.
        let renamed = says("deceased").replacen("Favre", "Favre-Blanc", 1);
        assert_eq!(fund.persons(&renamed, apply()).await.changed, 1);
        assert_eq!(fund.persons(PERSONS, apply()).await.changed, 1);
        assert_eq!(fund.rows("account WHERE suspended_at IS NULL").await, 1);
        assert_eq!(fund.persons(&says("left"), apply()).await.changed, 1);
        assert_eq!(fund.rows("account WHERE access_ends_at IS NOT NULL").await, 1);
        fund.persons(PERSONS, apply()).await;
        assert_eq!(fund.rows("account WHERE access_ends_at IS NULL").await, 1);
    }
}

#[tokio::test]
async fn a_line_that_cannot_be_taken_rejects_the_file() {
    for fund in Fund::all().await {
        let many = crowd(1200);
        let file = format!("{many}P7,Again,A,7560000009993,01.01.1990,de\nP9999,B,B,756.0000.0000.17,01.01.1990,de\n");
        let file = format!("{file}P10000,Other,O,{},01.01.1990,de\n", many.lines().nth(1).unwrap().split(',').nth(3).unwrap());
        let report = fund.persons(&file, apply()).await;
        let said: Vec<String> = report.rejections.iter().map(ToString::to_string).collect();
        let expected = [
            "line 1202, avs_number: the check digit does not fit: a digit is wrong",
            "line 1203, avs_number: the check digit does not fit: a digit is wrong",
            "line 1204, avs_number: the same value stands on line 2",
        ];
        assert_eq!((report.outcome, report.rejected, said), (ImportOutcome::Rejected, 3, expected.map(str::to_owned).into()));
        let twice = format!("{many}{}\n", many.lines().nth(3).unwrap());
        let report = fund.persons(&twice, apply()).await;
        let said: Vec<String> = report.rejections.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            ["line 1202, registry_no: the same value stands on line 4", "line 1202, avs_number: the same value stands on line 4"]
        );
        assert_eq!((fund.rows("registry_entry").await, fund.rows("audit_event").await), (0, 0));
        fund.is_tidy().await;
        let report = fund.persons(&file, ImportOptions { most_rejections: 1, ..apply() }).await;
        assert_eq!((report.rejections.len(), report.rejected), (1, 3));
    }
}

#[tokio::test]
async fn one_import_of_a_realm_at_a_time_and_what_a_dead_one_left_goes() {
    for fund in Fund::all().await {
        let (house, now) = (&fund.house, fund.house.now());
        house.write(move |tx| lease::take(tx, "import", &[9; 16], now, now.plus(Duration::from_secs(60)))).await;
        let entry = "INSERT INTO staged_entry (realm, import, entry, kind, population, registry_no, last_name, language, status, \
                     address_status, new_identifiers) SELECT id, id, id, 'person', 'insured', '77', 'Half', 'fr', 'active', 'ok', 1=1 \
                     FROM realm WHERE slug = 'lindenhof'";
        assert_eq!(house.sql(entry).await, 1);
        let file = || std::io::Cursor::new(PERSONS);
        let refused = fund.manage.import_persons(SLUG, file(), apply()).await;
        assert!(matches!(refused, Err(Failure::Settings(why)) if why.contains("another import")));
        fund.manage.import_persons(SLUG, file(), ImportOptions::dry_run("x")).await.unwrap();
        house.advance(61);
        assert_eq!(fund.persons(PERSONS, apply()).await.new, 12);
        fund.is_tidy().await;
        assert_eq!(fund.rows("registry_entry WHERE registry_no = '77'").await, 0);
        assert!(CHORES.iter().any(|chore| chore.what == "staged_entry"));
    }
}

/// A file that does something between two of its rows.
struct Meanwhile<F: FnMut()> {
    parts: [std::io::Cursor<Vec<u8>>; 2],
    act: F,
}

impl<F: FnMut()> Read for Meanwhile<F> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let read = self.parts[0].read(out)?;
        if read > 0 {
            return Ok(read);
        }
        if self.parts[1].position() == 0 {
            (self.act)();
        }
        self.parts[1].read(out)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_registry_that_other_hands_change_meanwhile_is_not_overwritten() {
    for fund in Fund::all().await {
        fund.persons(PERSONS, apply()).await;
        // Long enough that what was changed is staged before the second part is read.
        let crowd = crowd(3000);
        let file = format!("{}10001,Favre-Blanc,Marie,756.0000.0000.19,12.03.1984,fr\n", &crowd[..=crowd.find('\n').unwrap()]);
        let file = format!("{file}{}", &crowd[crowd.find('\n').unwrap() + 1..]);
        let at = file.len() - 500;
        let (manage, clock, runtime) = (fund.manage.clone(), fund.house.clock.clone(), tokio::runtime::Handle::current());
        let act = move || {
            clock.advance(Duration::from_secs(1));
            std::thread::sleep(Duration::from_millis(300));
            runtime.block_on(manage.set_entry_status(SLUG, "10001", EntryStatus::Left)).unwrap();
        };
        let parts = [&file[..at], &file[at..]].map(|part| std::io::Cursor::new(part.as_bytes().to_vec()));
        let refused = fund.manage.import_persons(SLUG, Meanwhile { parts, act }, apply()).await;
        assert!(matches!(refused, Err(Failure::Busy(why)) if why.contains("other hands")));
        assert_eq!(fund.rows("registry_entry").await, 12, "nothing is half imported");
        assert_eq!(fund.rows("registry_entry WHERE status = 'left' AND last_name = 'Favre'").await, 1);
        fund.is_tidy().await;
    }
}

#[tokio::test]
async fn five_thousand_rows_are_imported_changed_and_ended() {
    for fund in Fund::all().await {
        let file = crowd(5000);
        let report = fund.persons(&file, apply()).await;
        assert_eq!(counts(&report), (5000, 0, 0, 0, 0));
        assert_eq!((fund.rows("registry_entry").await, fund.rows("identifier").await), (5000, 10000));
        let changed = file.replace(",Vorname,", ",Prénom,");
        let fewer: Vec<&str> = changed.lines().take(4001).collect();
        let report = fund.persons(&fewer.join("\n"), full(AllowEnded::Percent(20))).await;
        assert_eq!(counts(&report), (0, 4000, 0, 1000, 0));
        assert_eq!(report.changed_columns["first_name"], 4000);
        assert_eq!(fund.rows("registry_entry WHERE first_name = 'Prénom' AND status = 'active'").await, 4000);
        assert_eq!(fund.events("registry.changed").await.len(), 999, "the newest thousand events, the import's own among them");
        fund.is_tidy().await;
    }
}
