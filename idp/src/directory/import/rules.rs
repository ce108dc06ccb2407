//! The cells of a row: what the registry takes, or everything that is wrong with them.

use super::header::{Field, Header, Identified, Place, shortened};
use super::reasons::{Reason, Rejection};
use crate::directory::population::normal_form;
use crate::directory::registry::{EntryKind, EntryStatus};
use crate::lang::Lang;
use crate::settings::IdentifierKind;
use unicode_normalization::UnicodeNormalization;

/// Characters of the fund's own key.
const LONGEST_KEY: usize = 64;
/// Characters of a person's name.
const LONGEST_NAME: usize = 100;
/// Characters of anything else.
const LONGEST: usize = 200;

const STATUS: &str = "active, left, deceased";
const LANGUAGES: &str = "fr, de, it, rm, en";
const TITLES: [(&str, &[&str]); 3] = [
    ("ms", &["ms", "madame", "mme", "frau", "signora", "dunna", "mrs"]),
    ("mr", &["mr", "monsieur", "m.", "herr", "signor", "signore", "signur"]),
    ("none", &["none"]),
];
const ADDRESSES: [&str; 3] = ["ok", "returned", "abroad"];

/// A row that can be taken. What is `None` stands nowhere in the row: it stays as it is.
pub struct CheckedRow {
    /// The line it begins on.
    pub line: u64,
    /// The fund's own key.
    pub registry_no: String,
    /// Its population.
    pub population: String,
    /// Last name, or the organisation's name.
    pub last_name: String,
    /// First name of a person.
    pub first_name: Option<String>,
    /// `ms`, `mr` or `none`.
    pub title: Option<&'static str>,
    /// The language of letters.
    pub language: Option<Lang>,
    /// Where it stands with the fund.
    pub status: Option<EntryStatus>,
    /// `ok`, `returned` or `abroad`.
    pub address_status: Option<&'static str>,
    /// What identifies it.
    pub identifiers: Vec<Identifying>,
}

/// An identifying value in its normal form.
#[derive(PartialEq, Eq)]
pub struct Identifying {
    /// The population's field.
    pub field: String,
    /// How it is written and compared.
    pub kind: IdentifierKind,
    /// The normal form.
    pub normal: String,
}

/// A row under check: what is wrong is gathered, so that one look at the file mends it all.
struct Check<'a> {
    header: &'a Header,
    cells: &'a [&'a str],
    line: u64,
    wrong: Vec<Rejection>,
}

/// Checks a row.
pub(super) fn check(header: &Header, line: u64, cells: &[&str]) -> Result<CheckedRow, Vec<Rejection>> {
    if cells.len() != header.names.len() {
        // What was meant to be the next row may have become part of a cell.
        if cells.iter().any(|cell| cell.contains('\n')) {
            return Err(vec![Rejection::of_line(line, Reason::Control)]);
        }
        let reason = Reason::Cells { found: cells.len(), expected: header.names.len() };
        return Err(vec![Rejection::of_line(line, reason)]);
    }
    let mut check = Check { header, cells, line, wrong: Vec::new() };
    let row = check.row();
    match row {
        Some(row) if check.wrong.is_empty() => Ok(row),
        _ => Err(check.wrong),
    }
}

impl<'a> Check<'a> {
    fn row(&mut self) -> Option<CheckedRow> {
        let person = self.header.kind == EntryKind::Person;
        let registry_no = self.required("registry_no", LONGEST_KEY);
        let last_name = if person { self.required("last_name", LONGEST_NAME) } else { self.required("name", LONGEST) };
        let first_name = self.text("first_name", LONGEST_NAME);
        let title = self.one_of("title", "ms, mr, none", |word| {
            TITLES.iter().find(|(_, words)| words.contains(&word)).map(|(title, _)| *title)
        });
        let language = self.one_of("language", LANGUAGES, Lang::from_tag);
        let status = self.one_of("status", STATUS, |word| EntryStatus::parse(word).ok());
        let address_status =
            self.one_of("address_status", "ok, returned, abroad", |word| ADDRESSES.into_iter().find(|known| *known == word));
        let population = self.population();
        let identifiers = population.map(|population| self.identifiers(population));
        Some(CheckedRow {
            line: self.line,
            registry_no: registry_no?,
            population: population?.key.clone(),
            last_name: last_name?,
            first_name,
            title,
            language,
            status,
            address_status,
            identifiers: identifiers?,
        })
    }

    fn is_wrong(&mut self, column: &str, reason: Reason) {
        self.wrong.push(Rejection::in_column(self.line, column, reason));
    }

    /// A cell's text; `None` where there is none.
    fn text(&mut self, column: &str, most: usize) -> Option<String> {
        let cell = self.header.at(column).and_then(|at| self.cells.get(at))?;
        match text(cell, most) {
            Ok(text) => text,
            Err(reason) => {
                self.is_wrong(column, reason);
                None
            }
        }
    }

    fn required(&mut self, column: &str, most: usize) -> Option<String> {
        let before = self.wrong.len();
        let text = self.text(column, most);
        if text.is_none() && self.wrong.len() == before {
            self.is_wrong(column, Reason::Missing);
        }
        text
    }

    fn one_of<T>(&mut self, column: &str, known: &'static str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.text(column, LONGEST)?;
        let found = read(&text.to_lowercase());
        if found.is_none() {
            self.is_wrong(column, Reason::NotOneOf { found: shortened(&text), known });
        }
        found
    }

    fn population(&mut self) -> Option<&'a Identified> {
        let header = self.header;
        if let Some(default) = header.default {
            return header.populations.get(default);
        }
        let name = self.required("population", LONGEST)?;
        let found = header.populations.iter().find(|population| population.key == name);
        if found.is_none() {
            let reason = Reason::UnknownPopulation { name: shortened(&name), known: header.known_populations() };
            self.is_wrong("population", reason);
        }
        found
    }
}

impl Check<'_> {
    fn identifiers(&mut self, population: &Identified) -> Vec<Identifying> {
        let mut values: Vec<Identifying> = Vec::new();
        for field in &population.fields {
            for (column, cell) in self.values_of(population, field) {
                match value(field, &cell, self.header.today) {
                    // Two names that are one when folded.
                    Ok(value) if values.contains(&value) => {}
                    Ok(value) => values.push(value),
                    Err(reason) => self.is_wrong(&column, reason),
                }
            }
        }
        values
    }

    /// The cells that hold a field's values, with their columns.
    fn values_of(&mut self, population: &Identified, field: &Field) -> Vec<(String, String)> {
        match field.place {
            Place::Cell(at) => {
                let cell = self.cells.get(at).copied().unwrap_or_default();
                let parts = if field.kind == IdentifierKind::CompanyName { parts(cell) } else { vec![cell.to_owned()] };
                parts.into_iter().map(|part| (field.name.clone(), part)).collect()
            }
            Place::Names => {
                let cell = |column: &str| self.header.at(column).and_then(|at| self.cells.get(at)).copied().unwrap_or_default();
                let others = parts(cell("alternative_names")).into_iter().filter(|part| !part.trim().is_empty());
                let others = others.map(|part| ("alternative_names".to_owned(), part));
                // A name that is missing or no text was said to be so already.
                let own = Some(cell("name").to_owned()).filter(|name| matches!(text(name, LONGEST), Ok(Some(_))));
                own.map(|name| ("name".to_owned(), name)).into_iter().chain(others).collect()
            }
            Place::Nowhere => {
                let (population, field) = (population.key.clone(), field.name.clone());
                self.wrong.push(Rejection::of_line(self.line, Reason::NoColumnFor { population, field }));
                Vec::new()
            }
        }
    }
}

/// The names in one cell.
fn parts(cell: &str) -> Vec<String> {
    cell.split('|').map(str::to_owned).collect()
}

fn value(field: &Field, cell: &str, today: chrono::NaiveDate) -> Result<Identifying, Reason> {
    let text = match field.kind {
        IdentifierKind::Text | IdentifierKind::CompanyName => text(cell, LONGEST)?.ok_or(Reason::Missing)?,
        // Digits with signs between them, whose own rule is stricter.
        _ => Some(cell.trim().to_owned()).filter(|text| !text.is_empty()).ok_or(Reason::Missing)?,
    };
    if field.kind != IdentifierKind::Text && is_rounded(&text) {
        return Err(Reason::Rounded);
    }
    let text = if field.kind == IdentifierKind::Date { swiss_date(&text) } else { text };
    let normal = normal_form(field.kind, &text, today).map_err(Reason::Value)?;
    Ok(Identifying { field: field.name.clone(), kind: field.kind, normal })
}

/// `7.56E+12`, which a spreadsheet makes of thirteen digits.
fn is_rounded(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else {
        return false;
    };
    let digits = |text: &str, more: &[char]| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || more.contains(&c));
    digits(mantissa, &['.', ',']) && exponent.strip_prefix('+').is_some_and(|exponent| digits(exponent, &[]))
}

/// `1984-03-12` as 12.03.1984; anything else as it is.
fn swiss_date(text: &str) -> String {
    match text.split('-').collect::<Vec<_>>().as_slice() {
        [year, month, day] if year.len() == 4 => format!("{day}.{month}.{year}"),
        _ => text.to_owned(),
    }
}

/// The text of a cell, in its composed form (NFC), blanks around it gone; `None` for an empty cell.
fn text(cell: &str, most: usize) -> Result<Option<String>, Reason> {
    let cell = cell.trim();
    let Some(first) = cell.chars().next() else {
        return Ok(None);
    };
    if cell.chars().all(|c| matches!(c, '-' | '–' | '—')) {
        return Err(Reason::Dash);
    }
    if matches!(first, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠') {
        return Err(Reason::Formula(first));
    }
    if cell.contains('\u{fffd}') {
        return Err(Reason::LetterLost);
    }
    if cell.chars().any(is_unseen) {
        return Err(Reason::Control);
    }
    let composed: String = cell.nfc().take(most + 1).collect();
    if composed.chars().count() > most { Err(Reason::TooLong(most)) } else { Ok(Some(composed)) }
}

/// Control characters, marks without width, turns of direction.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
