//! Files that funds hand over.

use crate::directory::import::{CheckedRow, Rejection, Row, open};
use crate::directory::population::normal_form;
use crate::directory::registry::EntryKind;
use crate::settings::{IdentifierKind, RealmDocument};
use crate::vault::hex;
use chrono::NaiveDate;
use poterne_protocol::secret::Digest;
use std::sync::LazyLock;

/// A fund with people and organisations.
static FUND: LazyLock<Option<RealmDocument>> = LazyLock::new(|| {
    let employers = r#"
[[population]]
key = "employer"
name = { fr = "Employeurs", de = "Arbeitgeber" }
code = { label = { fr = "Code", de = "Code" }, valid_days = 150 }
factors = ["sms", "totp"]
password = { min_length = 8 }

[[population.identifier]]
field = "company_name"
kind = "company_name"

[[population.identifier]]
field = "uid"
kind = "uid"

[[client]]"#;
    let people = super::settings::DOCUMENTS.first()?.replace(
        "kind = \"avs_number\"",
        "kind = \"avs_number\"\n\n[[population.identifier]]\nfield = \"birth_date\"\nkind = \"date\"",
    );
    RealmDocument::parse(&people.replacen("\n[[client]]", employers, 1)).ok()
});

/// Whether the fund of these properties can be read.
#[cfg(test)]
pub(super) fn has_fund() -> bool {
    FUND.is_some()
}

pub(super) const PERSONS: &[&str] = &[
    "registry_no,last_name,first_name,avs_number,birth_date\n10001,Favre,Marie,756.0000.0000.19,12.03.1984\n,,,,\n2,\"d'Arbois, dit \"\"le Petit\"\"\",J,7560000000057,1979-05-05\n",
    "\u{feff}Registry No;LAST_NAME;First-Name; avs_number ;birth_date;population;title;language;status;address_status\r10001;Favre; Marie ;7560000000019;00.00.1962;insured;Frau;rm;left;abroad\r",
    "registry_no,last_name,first_name,avs_number,birth_date\n1,=1+1,-,7.56E+12,12.3.84\n\"2,Favre\n",
    "registry_no\tlast_name\n1\tx",
    "PK\u{3}\u{4}",
    "registry_no,last_name,first_nme,avs_number,birth_date\n\u{0}",
];

/// A file of people.
pub(super) fn persons(data: &[u8]) {
    file(data, EntryKind::Person);
}

pub(super) const ORGANISATIONS: &[&str] = &[
    "registry_no,name,alternative_names,uid\nE1,Boulangerie du Lac Sàrl,BdL | Bäckerei,CHE-109.322.551\nE2,Weiß AG,,CHE109322551 MWST\n",
    "registry_no;name;uid;company_name\nE1;Moser;CHE-109.322.551;Moser|Möser AG|\n",
    "registry_no,name,uid\nE1,\"a\nb\",CHE-1\n",
];

/// A file of organisations.
pub(super) fn organisations(data: &[u8]) {
    file(data, EntryKind::Organisation);
}

/// A row is taken or refused for a reason that names its line; the hash is that of the whole file; a row that is taken is taken again as it
/// was understood.
fn file(data: &[u8], kind: EntryKind) {
    let (Some(document), Some(today)) = (FUND.as_ref(), NaiveDate::from_ymd_opt(2026, 11, 22)) else { return };
    let most = data.split(|byte| matches!(byte, b'\n' | b'\r')).count() as u64 + 1;
    let named = |rejections: &[Rejection]| {
        let fine = |one: &Rejection| (1..=most).contains(&one.line) && !one.reason.to_string().is_empty();
        assert!(!rejections.is_empty() && rejections.iter().all(fine), "{rejections:?}");
    };
    let opened = open(data, kind, document, today);
    assert!(opened.is_ok(), "bytes in memory can be read");
    let mut rows = match opened {
        Ok(Ok(rows)) => rows,
        Ok(Err(rejections)) => return named(&rejections),
        Err(_) => return,
    };
    let mut before = 1;
    while let Ok(Some(row)) = rows.next_row() {
        match row {
            Row::Checked(row) => {
                assert!(row.line > before && row.line <= most, "line {} after {before} of {most}", row.line);
                before = row.line;
                understood(&row, kind, document, today);
            }
            Row::Rejected(rejections) => named(&rejections),
            Row::Unreadable(rejection) => named(&[rejection]),
        }
    }
    assert!(rows.rows() < most);
    assert_eq!(rows.finish().ok(), Some(hex(Digest::of(data).as_bytes())));
}

fn understood(row: &CheckedRow, kind: EntryKind, document: &RealmDocument, today: NaiveDate) {
    let texts = [Some(&row.registry_no), Some(&row.last_name), row.first_name.as_ref()];
    for cell in texts.into_iter().flatten() {
        assert!(
            !cell.trim().is_empty() && cell.trim() == cell && !super::has_control(cell) && cell.chars().count() <= 200,
            "{cell:?}"
        );
        assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell:?} would be a formula");
    }
    assert!(document.populations.iter().any(|population| population.key == row.population));
    for value in &row.identifiers {
        let shown = if value.kind == IdentifierKind::Date { swiss(&value.normal) } else { value.normal.clone() };
        // What grows by being normalised may grow beyond what anybody types.
        if value.normal.chars().count() > 200 {
            continue;
        }
        assert_eq!(normal_form(value.kind, &shown, today).ok().as_ref(), Some(&value.normal), "{:?}", value.kind);
    }
    if kind == EntryKind::Organisation {
        return;
    }
    let cell = |field: &str| row.identifiers.iter().find(|value| value.field == field).map_or("", |value| value.normal.as_str());
    let quoted = |cell: &str| format!("\"{}\"", cell.replace('"', "\"\""));
    let cells =
        [&row.registry_no, &row.last_name, row.first_name.as_deref().unwrap_or_default(), cell("avs_number"), cell("birth_date")];
    let again = format!("registry_no,last_name,first_name,avs_number,birth_date\n{}", cells.map(quoted).join(","));
    let read =
        open(again.as_bytes(), kind, document, today).ok().and_then(Result::ok).and_then(|mut rows| rows.next_row().ok()?);
    let same = |read: &CheckedRow| {
        (&read.registry_no, &read.last_name, &read.first_name) == (&row.registry_no, &row.last_name, &row.first_name)
            && read.identifiers == row.identifiers
    };
    assert!(matches!(&read, Some(Row::Checked(read)) if same(read)), "{again:?}");
}

/// `1984-03-12` as people write it.
fn swiss(date: &str) -> String {
    date.rsplit('-').collect::<Vec<_>>().join(".")
}
