//! The reading side of an import, on a thread of its own: the file becomes batches of checked rows, one file's worth never in memory.

use super::Rejections;
use crate::directory::import::{CheckedRow, Reason, Rejection, Row, Rows, open};
use crate::directory::registry::EntryKind;
use crate::error::Result;
use crate::manage::refused;
use crate::realm::Realm;
use crate::settings::IdentifierKind;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Read;
use tokio::sync::mpsc::Sender;

/// Rows of a batch.
const BATCH: usize = 500;

/// Rows that can be taken, in the order of the file.
pub(super) struct Batch {
    pub(super) rows: Vec<CheckedRow>,
    /// Whether every row so far can be taken.
    pub(super) clean: bool,
    /// Rows read so far.
    pub(super) read: u64,
}

/// What is known when the whole file was read.
pub(super) struct WholeFile {
    pub(super) rows: u64,
    pub(super) sha256: String,
    pub(super) rejections: Rejections,
    /// The keys of the fund's own that stand in the file.
    pub(super) keys: Seen,
    /// The populations that stand in it.
    pub(super) populations: BTreeSet<String>,
}

/// What was seen on which line, by hashes of 64 bits: sixteen bytes a row, whatever the row. Two values of a million that differ but
/// hash alike are less likely than one in ten million files.
#[derive(Default)]
pub(super) struct Seen(Vec<(u64, u64)>);

impl Seen {
    fn add(&mut self, value: &str, line: u64) {
        self.0.push((hash(value), line));
    }

    /// Sorts what was seen, and says what stands on two lines: the first and the other.
    fn twice(&mut self) -> Vec<(u64, u64)> {
        self.0.sort_unstable();
        let pairs = self.0.windows(2).filter_map(|pair| match pair {
            [(one, first), (other, line)] if one == other => Some((*first, *line)),
            _ => None,
        });
        pairs.collect()
    }

    /// Whether a value was seen, once all of them are sorted.
    pub(super) fn has(&self, value: &str) -> bool {
        let wanted = hash(value);
        self.0.binary_search_by(|(seen, _)| seen.cmp(&wanted)).is_ok()
    }
}

fn hash(value: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Reads a file to its end, handing over batches as they are full.
pub(super) fn read<R: Read>(
    input: R,
    kind: EntryKind,
    realm: &Realm,
    today: NaiveDate,
    (most, batches): (usize, &Sender<Batch>),
) -> Result<WholeFile> {
    let mut found = WholeFile {
        rows: 0,
        sha256: String::new(),
        rejections: Rejections::at_most(most),
        keys: Seen::default(),
        populations: BTreeSet::new(),
    };
    let mut rows = match open(input, kind, &realm.document, today).map_err(|error| unreadable(&error))? {
        Ok(rows) => rows,
        Err(rejections) => {
            found.rejections.add(rejections);
            return Ok(found);
        }
    };
    let mut numbers: BTreeMap<String, Seen> = BTreeMap::new();
    let mut batch = Vec::with_capacity(BATCH);
    while let Some(row) = rows.next_row().map_err(|error| unreadable(&error))? {
        match row {
            Row::Checked(row) => {
                found.keys.add(&row.registry_no, row.line);
                for value in row.identifiers.iter().filter(|value| value.kind == IdentifierKind::AvsNumber) {
                    numbers.entry(value.field.clone()).or_default().add(&value.normal, row.line);
                }
                if !found.populations.contains(&row.population) {
                    found.populations.insert(row.population.clone());
                }
                batch.push(*row);
            }
            Row::Rejected(rejections) => found.rejections.add(rejections),
            Row::Unreadable(rejection) => found.rejections.add(vec![rejection]),
        }
        if batch.len() >= BATCH && !hand_over(&mut batch, &rows, &found, batches) {
            return Ok(found);
        }
    }
    hand_over(&mut batch, &rows, &found, batches);
    found.rows = rows.rows();
    found.sha256 = rows.finish().map_err(|error| unreadable(&error))?;
    let mut twice: BTreeMap<u64, Vec<Rejection>> = BTreeMap::new();
    let keys = ("registry_no".to_owned(), &mut found.keys);
    for (column, seen) in std::iter::once(keys).chain(numbers.iter_mut().map(|(field, seen)| (field.clone(), seen))) {
        for (first, line) in seen.twice() {
            twice.entry(line).or_default().push(Rejection::in_column(line, &column, Reason::Twice(first)));
        }
    }
    for line in twice.into_values() {
        found.rejections.add(line);
    }
    Ok(found)
}

/// `false` when nobody takes it any more.
fn hand_over<R: Read>(batch: &mut Vec<CheckedRow>, rows: &Rows<R>, found: &WholeFile, batches: &Sender<Batch>) -> bool {
    let rows = Batch {
        rows: std::mem::replace(batch, Vec::with_capacity(BATCH)),
        clean: found.rejections.lines == 0,
        read: rows.rows(),
    };
    batches.blocking_send(rows).is_ok()
}

fn unreadable(error: &std::io::Error) -> crate::error::Failure {
    refused(format!("the file cannot be read: {error}"))
}
