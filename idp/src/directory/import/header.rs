//! The header of a file: which column holds what, and what identifies whom, as the realm's document says.

use super::reasons::{Reason, Rejection};
use crate::directory::registry::EntryKind;
use crate::settings::{IdentifierKind, Population, RealmDocument};
use chrono::NaiveDate;

/// The columns that files of people know, whatever the realm.
const OF_PERSONS: [&str; 8] =
    ["registry_no", "population", "last_name", "first_name", "title", "language", "status", "address_status"];
/// The columns that files of organisations know, whatever the realm.
const OF_ORGANISATIONS: [&str; 7] =
    ["registry_no", "population", "name", "alternative_names", "language", "status", "address_status"];

/// Where the cells of a file are, as its header says.
pub(super) struct Header {
    pub(super) kind: EntryKind,
    /// The headings in their normal form.
    pub(super) names: Vec<String>,
    /// What identifies in each population.
    pub(super) populations: Vec<Identified>,
    /// The population of rows that do not say theirs.
    pub(super) default: Option<usize>,
    /// The day in the realm's time zone.
    pub(super) today: NaiveDate,
}

/// A population with where its identifying values stand.
pub(super) struct Identified {
    pub(super) key: String,
    pub(super) fields: Vec<Field>,
}

/// An identifying field.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) kind: IdentifierKind,
    pub(super) place: Place,
}

/// Where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In this cell.
    Cell(usize),
    /// An organisation's name and its alternatives.
    Names,
    /// Nowhere in this file.
    Nowhere,
}

impl Header {
    /// Reads a header.
    pub(super) fn read(
        header: &[&str],
        kind: EntryKind,
        document: &RealmDocument,
        today: NaiveDate,
    ) -> Result<Self, Vec<Rejection>> {
        let names: Vec<String> = header.iter().map(|name| normal(name)).collect();
        let known = known(kind, document);
        let wrong = mistakes(&names, header, kind, &known);
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let populations: Vec<Identified> =
            document.populations.iter().map(|population| identified(population, kind, &names)).collect();
        let mut read = Self { kind, names, populations, default: None, today };
        if read.at("population").is_none() {
            let here = |of: &Identified| !of.fields.is_empty() && of.fields.iter().all(|field| field.place != Place::Nowhere);
            let all = read.populations.iter().enumerate();
            let fitting: Vec<usize> = all.filter(|(_, of)| here(of)).map(|(at, _)| at).collect();
            let [only] = fitting.as_slice() else {
                let reason = Reason::WhichPopulation(listed(document.populations.iter().map(|of| of.key.as_str())));
                return Err(vec![Rejection::of_line(1, reason)]);
            };
            read.default = Some(*only);
        }
        Ok(read)
    }

    /// Where a column is.
    pub(super) fn at(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|heading| heading == name)
    }

    /// The name of a column.
    pub(super) fn name(&self, at: usize) -> &str {
        self.names.get(at).map_or("", String::as_str)
    }

    /// The populations by name.
    pub(super) fn known_populations(&self) -> String {
        listed(self.populations.iter().map(|population| population.key.as_str()))
    }
}

fn identified(population: &Population, kind: EntryKind, names: &[String]) -> Identified {
    let field = |field: &crate::settings::IdentifierField| {
        let cell = names.iter().position(|name| *name == field.field).map(Place::Cell);
        let by_name = (kind == EntryKind::Organisation && field.kind == IdentifierKind::CompanyName).then_some(Place::Names);
        Field { name: field.field.clone(), kind: field.kind, place: cell.or(by_name).unwrap_or(Place::Nowhere) }
    };
    Identified { key: population.key.clone(), fields: population.identifiers.iter().map(field).collect() }
}

/// Headings differ in case and in what parts their words.
fn normal(heading: &str) -> String {
    heading.trim().to_lowercase().replace([' ', '-'], "_")
}

const fn fixed(kind: EntryKind) -> &'static [&'static str] {
    match kind {
        EntryKind::Person => &OF_PERSONS,
        EntryKind::Organisation => &OF_ORGANISATIONS,
    }
}

const fn required(kind: EntryKind) -> &'static [&'static str] {
    match kind {
        EntryKind::Person => &["registry_no", "last_name", "first_name"],
        EntryKind::Organisation => &["registry_no", "name"],
    }
}

/// Every column that a file of this realm may have.
fn known(kind: EntryKind, document: &RealmDocument) -> Vec<String> {
    let mut known: Vec<String> = fixed(kind).iter().map(|&name| name.to_owned()).collect();
    for field in document.populations.iter().flat_map(|population| &population.identifiers) {
        if !known.contains(&field.field) {
            known.push(field.field.clone());
        }
    }
    known
}

fn mistakes(names: &[String], header: &[&str], kind: EntryKind, known: &[String]) -> Vec<Rejection> {
    if !names.iter().any(|name| known.contains(name)) {
        return vec![Rejection::of_line(1, Reason::NoHeader(listed(known.iter().map(String::as_str))))];
    }
    let mut wrong = Vec::new();
    for (at, (name, typed)) in names.iter().zip(header).enumerate() {
        if names.iter().take(at).any(|earlier| earlier == name) {
            wrong.push(Rejection::in_column(1, name, Reason::ColumnTwice));
        } else if !known.contains(name) {
            let (nearest, all) = (nearest(name, known), listed(known.iter().map(String::as_str)));
            let shown = shortened(typed);
            wrong.push(Rejection::of_line(1, Reason::UnknownColumn { name: shown, nearest, known: all }));
        }
    }
    let missing = required(kind).iter().filter(|name| !names.iter().any(|found| found == *name));
    wrong.extend(missing.map(|name| Rejection::of_line(1, Reason::MissingColumn((*name).to_owned()))));
    wrong
}

/// The known name that somebody may have meant.
fn nearest(name: &str, known: &[String]) -> Option<String> {
    let likeness = |known: &&String| strsim::jaro_winkler(known, name);
    let nearest = known.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(&nearest) > 0.8).then(|| nearest.clone())
}

/// What stands in a file, fit to be shown.
pub(super) fn shortened(typed: &str) -> String {
    typed.trim().chars().filter(|c| !c.is_control()).take(40).collect()
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}
