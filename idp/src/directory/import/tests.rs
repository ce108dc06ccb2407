use super::{CheckedRow, Reason, Rejection, Row, open};
use crate::directory::population::Mistake;
use crate::directory::registry::{EntryKind, EntryStatus};
use crate::lang::Lang;
use crate::settings::RealmDocument;
use chrono::NaiveDate;

fn fund() -> RealmDocument {
    RealmDocument::parse(include_str!("../../../../examples/lindenhof.toml")).unwrap()
}

/// A file read to its end: the rows that can be taken, and what is wrong.
fn read(kind: EntryKind, file: impl AsRef<[u8]>) -> (Vec<CheckedRow>, Vec<Rejection>) {
    let today = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
    let file = std::io::Cursor::new(file.as_ref().to_vec());
    let mut rows = match open(file, kind, &fund(), today).unwrap() {
        Ok(rows) => rows,
        Err(rejections) => return (Vec::new(), rejections),
    };
    let (mut taken, mut rejected) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next_row().unwrap() {
        match row {
            Row::Checked(row) => taken.push(*row),
            Row::Rejected(mut rejections) => rejected.append(&mut rejections),
            Row::Unreadable(rejection) => rejected.push(rejection),
        }
    }
    (taken, rejected)
}

#[track_caller]
fn taken(file: impl AsRef<[u8]>) -> Vec<CheckedRow> {
    let (rows, rejected) = read(EntryKind::Person, file);
    assert_eq!(rejected, []);
    rows
}

/// What is wrong, in words.
fn wrong(file: impl AsRef<[u8]>) -> Vec<String> {
    read(EntryKind::Person, file).1.iter().map(ToString::to_string).collect()
}

const HEADER: &str = "registry_no,last_name,first_name,avs_number,birth_date";
const MARIE: &str = "10001,Favre,Marie,756.0000.0000.19,12.03.1984";

#[test]
fn a_row_is_read_whichever_way_a_spreadsheet_wrote_it() {
    let normal = |row: &CheckedRow| row.identifiers.iter().map(|value| value.normal.clone()).collect::<Vec<_>>();
    for file in [
        format!("{HEADER}\n{MARIE}\n"),
        format!("{HEADER}\r\n{MARIE}"),
        format!("{HEADER}\r{MARIE}\r"),
        format!("\u{feff}{HEADER}\n{MARIE}\n,,,,\n"),
        format!("{HEADER}\n{MARIE}\n").replace(',', ";"),
        "Registry No;LAST_NAME;First-Name; avs_number ;birth_date\n10001;Favre; Marie ;7560000000019;1984-03-12\n".to_owned(),
        "avs_number,birth_date,\"first_name\",registry_no,last_name\n\"756 0000 0000 19\",12.3.1984,\"Marie\",\"10001\",Favre"
            .to_owned(),
    ] {
        let rows = taken(&file);
        let [row] = rows.as_slice() else { panic!("{file:?}: {} rows", rows.len()) };
        assert_eq!(
            (row.registry_no.as_str(), row.last_name.as_str(), row.first_name.as_deref()),
            ("10001", "Favre", Some("Marie"))
        );
        assert_eq!(
            (row.population.as_str(), normal(row)),
            ("insured", vec!["7560000000019".into(), "1984-03-12".into()]),
            "{file:?}"
        );
        assert!(row.status.is_none() && row.language.is_none() && row.title.is_none());
    }
}

#[test]
fn names_keep_their_quotes_commas_accents_and_particles() {
    let file = format!(
        "{HEADER}\n1,\"d'Arbois, dit \"\"le Petit\"\"\",Jean-Baptiste,756.0000.0000.57,05.05.1979\n2,Ze\u{301}lie O’Brien,,756.0000.0000.64,00.00.1962\n"
    );
    let rows = taken(file);
    assert_eq!(rows[0].last_name, "d'Arbois, dit \"le Petit\"");
    assert_eq!(
        (rows[1].last_name.as_str(), rows[1].first_name.as_deref()),
        ("Zélie O’Brien", None),
        "composed, and without a first name"
    );
    assert_eq!(rows[1].identifiers[1].normal, "1962-00-00");
}

#[test]
fn the_columns_that_may_be_left_out_are_read_in_the_fund_s_languages() {
    let header = format!("{HEADER},population,title,language,status,address_status");
    for (cells, title, language, status) in [
        ("insured,Frau,de,Left,abroad", Some("ms"), Lang::De, EntryStatus::Left),
        ("insured,Monsieur,RM,active,ok", Some("mr"), Lang::De, EntryStatus::Active),
        ("insured,none,it-CH,deceased,returned", Some("none"), Lang::It, EntryStatus::Deceased),
    ] {
        let rows = taken(format!("{header}\n{MARIE},{cells}"));
        assert_eq!((rows[0].title, rows[0].language, rows[0].status), (title, Some(language), Some(status)), "{cells}");
        assert!(cells.ends_with(rows[0].address_status.unwrap()));
    }
    for (cells, said) in [
        ("pensioner,,,,", "line 2, population: there is no population «pensioner»; the realm has insured, employer"),
        ("insured,Dr.,,,", "line 2, title: «Dr.» is not one of ms, mr, none"),
        ("insured,,rätoromanisch,,", "line 2, language: «rätoromanisch» is not one of fr, de, it, rm, en"),
        ("insured,,,gone,", "line 2, status: «gone» is not one of active, left, deceased"),
        ("insured,,,,moved", "line 2, address_status: «moved» is not one of ok, returned, abroad"),
        (",,,,", "line 2, population: is missing"),
        ("employer,,,,", "line 2: population employer is identified by company_no, and the file has no such column"),
    ] {
        assert_eq!(wrong(format!("{header}\n{MARIE},{cells}"))[0], said);
    }
}

#[test]
fn a_cell_that_cannot_be_taken_is_named_with_its_line_and_column() {
    let long = "x".repeat(101);
    for (row, said) in [
        (",Favre,Marie,756.0000.0000.19,12.03.1984", "line 2, registry_no: is missing"),
        ("1,,Marie,756.0000.0000.19,12.03.1984", "line 2, last_name: is missing"),
        ("1,Favre,Marie,,12.03.1984", "line 2, avs_number: is missing"),
        ("1,Favre,Marie,756.0000.0000.19,", "line 2, birth_date: is missing"),
        ("1,Favre,Marie,756.0000.0000.18,12.03.1984", "line 2, avs_number: the check digit does not fit: a digit is wrong"),
        ("1,Favre,Marie,756.0000,12.03.1984", "line 2, avs_number: an AVS number has 13 digits and begins with 756"),
        (
            "1,Favre,Marie,7.56E+12,12.03.1984",
            "line 2, avs_number: was rounded by a spreadsheet: format the column as text before saving",
        ),
        ("1,Favre,Marie,756.0000.0000.19,30.02.1984", "line 2, birth_date: the calendar has no such day"),
        ("1,Favre,Marie,756.0000.0000.19,12.03.84", "line 2, birth_date: a date is dd.mm.yyyy or yyyy-mm-dd"),
        ("1,Favre,Marie,756.0000.0000.19,03/12/1984x", "line 2, birth_date: a date is dd.mm.yyyy or yyyy-mm-dd"),
        ("1,Favre,Marie,756.0000.0000.19,2027-01-01", "line 2, birth_date: the day is still to come"),
        (
            "1,=HYPERLINK(1),Marie,756.0000.0000.19,12.03.1984",
            "line 2, last_name: begins with «=», which a spreadsheet takes for a formula",
        ),
        (
            "+1,Favre,Marie,756.0000.0000.19,12.03.1984",
            "line 2, registry_no: begins with «+», which a spreadsheet takes for a formula",
        ),
        (
            "1,@SUM(1),Marie,756.0000.0000.19,12.03.1984",
            "line 2, last_name: begins with «@», which a spreadsheet takes for a formula",
        ),
        (
            "1,Favre,-1+1,756.0000.0000.19,12.03.1984",
            "line 2, first_name: begins with «-», which a spreadsheet takes for a formula",
        ),
        (
            "1,Favre,\"\t=1\",756.0000.0000.19,12.03.1984",
            "line 2, first_name: begins with «=», which a spreadsheet takes for a formula",
        ),
        ("1,Favre,-,756.0000.0000.19,12.03.1984", "line 2, first_name: a dash stands for nothing: leave the cell empty"),
        (
            "1,Fa\u{7}vre,Marie,756.0000.0000.19,12.03.1984",
            "line 2, last_name: has a line break or a character that no screen shows; perhaps a quotation mark was not closed",
        ),
        (
            "1,\"Fa\nvre\",Marie,756.0000.0000.19,12.03.1984",
            "line 2, last_name: has a line break or a character that no screen shows; perhaps a quotation mark was not closed",
        ),
        (
            "1,Fa\u{202e}vre,Marie,756.0000.0000.19,12.03.1984",
            "line 2, last_name: has a line break or a character that no screen shows; perhaps a quotation mark was not closed",
        ),
        (
            "1,Fa\u{fffd}vre,Marie,756.0000.0000.19,12.03.1984",
            "line 2, last_name: has the sign «\u{fffd}», which stands for a letter that was lost when the file was converted",
        ),
        (&format!("1,{long},Marie,756.0000.0000.19,12.03.1984"), "line 2, last_name: has more than 100 characters"),
        ("1,Favre,Marie,756.0000.0000.19", "line 2: 4 cells, where the header has 5"),
        ("1,Favre,Marie,756.0000.0000.19,12.03.1984,x", "line 2: 6 cells, where the header has 5"),
    ] {
        assert_eq!(wrong(format!("{HEADER}\n{row}\n")), [said], "{row}");
    }
    assert_eq!(taken(format!("{HEADER}\n1,Saint-Pierre,Anne - Marie,756.0000.0000.19,12.03.1984")).len(), 1);
}

#[test]
fn everything_that_is_wrong_is_said_at_once_and_of_the_right_line() {
    for end in ["\n", "\r\n", "\r"] {
        let rows = [HEADER, MARIE, ",Favre,-,1,12.03.1984", MARIE, "x", "", "\"2\",\"a\",\"b\",756.0000.0000.26,demain", ""];
        let (rows, rejected) = read(EntryKind::Person, rows.join(end));
        assert_eq!(rows.len(), 2);
        let found: Vec<(u64, Option<&str>)> = rejected.iter().map(|found| (found.line, found.column.as_deref())).collect();
        let expected =
            [(3, Some("registry_no")), (3, Some("first_name")), (3, Some("avs_number")), (5, None), (7, Some("birth_date"))];
        assert_eq!(found, expected, "{end:?}");
        assert_eq!(rejected[4].reason, Reason::Value(Mistake::DateShape));
    }
}

#[test]
fn a_file_that_is_no_such_file_is_told_what_it_is_and_what_to_do() {
    let utf16: Vec<u8> = format!("{HEADER}\n{MARIE}\n").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked: Vec<u8> = [&[0xff, 0xfe][..], &utf16].concat();
    let windows = [HEADER.as_bytes(), b"\n", MARIE.as_bytes(), b"\n2,Z\xe9lie,Ren\xe9,756.0000.0000.26,12.03.1984\n"].concat();
    let latin_header = b"pr\xe9nom,nom\n1,2\n".to_vec();
    let other = [HEADER.as_bytes(), b"\n1,\x81\xfe\x90,b,756.0000.0000.26,12.03.1984\n"].concat();
    let endless =
        format!("{HEADER}\n{MARIE}\n2,\"Favre,Marie,756.0000.0000.26,12.03.1984\n{}", format!("{MARIE}\n").repeat(20_000));
    for (file, said) in [
        (Vec::new(), "line 1: the file is empty"),
        (b"\xef\xbb\xbf".to_vec(), "line 1: the file is empty"),
        (b"\n\n\n".to_vec(), "line 1: the file is empty"),
        (format!("{HEADER}\n").into_bytes(), "line 1: the file has a header and no row: nobody would be left"),
        (HEADER.into(), "line 1: the file has a header and no row: nobody would be left"),
        (b"PK\x03\x04rest".to_vec(), "line 1: this is an Excel workbook, not a CSV file: save it as «CSV UTF-8»"),
        (utf16, "line 1: the file is UTF-16 («Unicode text»), not UTF-8: save it as «CSV UTF-8»"),
        (marked, "line 1: the file is UTF-16 («Unicode text»), not UTF-8: save it as «CSV UTF-8»"),
        (b"registry_no\0".to_vec(), "line 1: this is a binary file, not a CSV file: save it as «CSV UTF-8»"),
        (
            windows,
            "line 3, last_name: not UTF-8; it looks like Windows-1252, which Excel's plain «CSV» is: save the file as «CSV UTF-8»",
        ),
        (
            latin_header,
            "line 1: not UTF-8; it looks like Windows-1252, which Excel's plain «CSV» is: save the file as «CSV UTF-8»",
        ),
        (other, "line 2, last_name: not UTF-8: save the file as «CSV UTF-8»"),
        (HEADER.replace(',', "\t").into(), "line 1: the cells are parted by tabs: save the file with commas or semicolons"),
        (endless.into(), "line 3: the row does not end within 256 KiB: a quotation mark was opened and not closed"),
    ] {
        assert_eq!(wrong(file), [said]);
    }
}

#[test]
fn a_header_is_told_the_nearest_known_names() {
    for (header, said) in [
        (
            "registry_no,lastname,first_name,avs_number,birth_date",
            &["line 1: there is no column «lastname»; did you mean last_name?", "line 1: the column last_name is missing"][..],
        ),
        (
            "registry_no,last_name,first_name,avs_nr,birth_date",
            &["line 1: there is no column «avs_nr»; did you mean avs_number?"],
        ),
        ("last_name,first_name,avs_number,birth_date", &["line 1: the column registry_no is missing"]),
        ("registry_no,last_name,last_name,first_name,avs_number,birth_date", &["line 1, last_name: the column stands twice"]),
        (
            "registry_no,last_name,first_name,avs_number",
            &["line 1: the column population is missing: the columns do not tell which of insured, employer is meant"],
        ),
        (
            MARIE,
            &[
                "line 1: the first line names no known column: it must be a header such as registry_no, population, last_name, first_name, title, language, status, address_status, avs_number, birth_date, company_no, company_name",
            ],
        ),
    ] {
        assert_eq!(wrong(format!("{header}\n{MARIE}\n")), said, "{header}");
    }
    let colour = wrong(format!("{HEADER},colour\n{MARIE},red\n"));
    assert!(colour[0].starts_with("line 1: there is no column «colour»; there are registry_no, "), "{colour:?}");
}

#[test]
fn an_organisation_is_identified_by_any_of_its_names() {
    let file =
        "registry_no;name;alternative_names;company_no\nE1;Boulangerie du Lac Sàrl;Au Four du Lac|Boulangerie du Lac SA;10428\n";
    let (rows, rejected) = read(EntryKind::Organisation, file);
    assert_eq!(rejected, []);
    let values: Vec<(&str, &str)> =
        rows[0].identifiers.iter().map(|value| (value.field.as_str(), value.normal.as_str())).collect();
    let names = [("company_no", "10428"), ("company_name", "boulangerie du lac"), ("company_name", "au four du lac")];
    assert_eq!(
        (rows[0].population.as_str(), rows[0].last_name.as_str(), values),
        ("employer", "Boulangerie du Lac Sàrl", names.into())
    );
    let said = |row: &str| {
        let file = format!("registry_no;name;alternative_names;company_no\n{row}\n");
        read(EntryKind::Organisation, file).1.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(said("E1;;;10428"), ["line 2, name: is missing"]);
    assert_eq!(said("E1;S.A.;;10428"), ["line 2, name: nothing is left of the name without its legal form"]);
    assert_eq!(
        said("E1;Four SA;=cmd;10428"),
        ["line 2, alternative_names: begins with «=», which a spreadsheet takes for a formula"]
    );
    assert_eq!(said("E1;Four SA;;abc"), ["line 2, company_no: a number has digits, points, hyphens and blanks only"]);
    assert_eq!(said("E1;Four SA;;"), ["line 2, company_no: is missing"]);
}

#[test]
fn no_reason_repeats_a_number_or_a_date() {
    let said = wrong(format!("{HEADER}\n1,Favre,Marie,756.1234.5678.90,31.02.1984\n")).join(" ");
    assert!(!said.contains("1234") && !said.contains("1984") && !said.contains("Favre"), "{said}");
}
