//! What a row means beside what the registry has: new, changed, the same, or not this kind of entry at all.

use super::ImportMode;
use crate::directory::import::{CheckedRow, Columns, Known};
use crate::directory::registry::{EntryKind, EntryStatus};
use crate::lang::Lang;
use poterne_protocol::secret::Digest;
use std::collections::BTreeSet;

/// What becomes of a row.
pub(super) enum Verdict {
    /// The registry has no such entry.
    New(Columns),
    /// Nothing differs.
    Same,
    /// Something differs.
    Changed(Change),
    /// The registry has an entry of another kind under this key.
    OtherKind(EntryKind),
}

/// How an entry changes.
pub(super) struct Change {
    /// As it is to be.
    pub(super) columns: Columns,
    /// The names of the columns that differ, as in a file's header.
    pub(super) names: BTreeSet<String>,
    /// Whether what identifies it differs.
    pub(super) identifiers: bool,
}

/// How a file is read.
pub(super) struct Reading {
    pub(super) kind: EntryKind,
    pub(super) mode: ImportMode,
    /// The language of letters where nobody says one.
    pub(super) language: Lang,
}

impl Reading {
    /// Decides about a row. `digests` are those of its identifying values, for each the digests under all keys.
    pub(super) fn decide(&self, row: &CheckedRow, known: Option<&Known>, digests: &[Vec<Digest>]) -> Verdict {
        match known {
            None => Verdict::New(self.target(row, None)),
            Some(known) if known.kind != self.kind => Verdict::OtherKind(known.kind),
            Some(known) => {
                let columns = self.target(row, Some(known));
                let mut names = differing(self.kind, &known.columns, &columns);
                let fields = differing_fields(row, known, digests);
                let identifiers = !fields.is_empty();
                names.extend(fields);
                if names.is_empty() { Verdict::Same } else { Verdict::Changed(Change { columns, names, identifiers }) }
            }
        }
    }

    /// The entry as it is to be: what the row does not say stays as it is.
    fn target(&self, row: &CheckedRow, known: Option<&Known>) -> Columns {
        let was = known.map(|known| &known.columns);
        Columns {
            registry_no: row.registry_no.clone(),
            population: row.population.clone(),
            title: row.title.map(str::to_owned).or_else(|| was?.title.clone()),
            last_name: row.last_name.clone(),
            first_name: row.first_name.clone(),
            language: row.language.map_or_else(
                || was.map_or_else(|| self.language.tag().to_owned(), |was| was.language.clone()),
                |language| language.tag().to_owned(),
            ),
            status: row.status.unwrap_or_else(|| self.unsaid_status(was.map(|was| was.status))),
            address_status: row
                .address_status
                .map_or_else(|| was.map_or_else(|| "ok".to_owned(), |was| was.address_status.clone()), str::to_owned),
        }
    }

    /// Who is in a full file is with the fund: whoever had left is back. The dead stay dead until a file says otherwise in words.
    const fn unsaid_status(&self, was: Option<EntryStatus>) -> EntryStatus {
        match (was, self.mode) {
            (None, _) | (Some(EntryStatus::Left), ImportMode::Full) => EntryStatus::Active,
            (Some(was), _) => was,
        }
    }
}

fn differing(kind: EntryKind, was: &Columns, is: &Columns) -> BTreeSet<String> {
    let name = if kind == EntryKind::Person { "last_name" } else { "name" };
    let pairs = [
        ("population", was.population != is.population),
        ("title", was.title != is.title),
        (name, was.last_name != is.last_name),
        ("first_name", was.first_name != is.first_name),
        ("language", was.language != is.language),
        ("status", was.status != is.status),
        ("address_status", was.address_status != is.address_status),
    ];
    pairs.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name.to_owned()).collect()
}

/// The fields of which one side has a value that the other has not.
fn differing_fields(row: &CheckedRow, known: &Known, digests: &[Vec<Digest>]) -> BTreeSet<String> {
    let stated = || row.identifiers.iter().zip(digests);
    let is_known =
        |field: &str, digests: &[Digest]| known.identifiers.iter().any(|(of, one)| of == field && digests.contains(one));
    let fresh = stated().filter(|(value, digests)| !is_known(&value.field, digests)).map(|(value, _)| value.field.clone());
    let is_stated = |field: &str, one: &Digest| stated().any(|(value, digests)| value.field == field && digests.contains(one));
    let gone = known.identifiers.iter().filter(|(field, one)| !is_stated(field, one)).map(|(field, _)| field.clone());
    fresh.chain(gone).collect()
}
