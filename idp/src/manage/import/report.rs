//! What an import is told, and what it tells.

use crate::directory::import::Rejection;
use crate::directory::registry::EntryKind;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a file says about those who are not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportMode {
    /// Nothing.
    Delta,
    /// They have left: everybody of the file's populations is in it.
    Full,
}

/// How many may end by a full file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AllowEnded {
    /// So many of a hundred that are active.
    Percent(u8),
    /// So many.
    Count(u64),
}

impl AllowEnded {
    /// Whether so many may end of those who are active.
    pub(super) fn allows(self, ended: u64, active: u64) -> bool {
        match self {
            Self::Percent(percent) => ended * 100 <= active * u64::from(percent),
            Self::Count(count) => ended <= count,
        }
    }
}

impl std::str::FromStr for AllowEnded {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "a number of entries such as 250, or a share such as 20%".to_owned();
        match text.strip_suffix('%') {
            Some(percent) => percent.trim().parse().ok().filter(|percent| *percent <= 100).map(Self::Percent).ok_or_else(wrong),
            None => text.parse().map(Self::Count).map_err(|_| wrong()),
        }
    }
}

impl std::fmt::Display for AllowEnded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Percent(percent) => write!(f, "{percent}%"),
            Self::Count(count) => write!(f, "{count}"),
        }
    }
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// So many rows are checked and compared.
    Checked(u64),
    /// The registry is being changed.
    Merging,
}

/// How a file is imported.
#[derive(Clone)]
pub struct ImportOptions {
    /// The file's name, for the audit trail; folders before it are left out.
    pub file: String,
    /// What it says about those who are not in it.
    pub mode: ImportMode,
    /// Whether to do it, or only to say what would be done.
    pub apply: bool,
    /// How many may end: said to in their rows, or missing from a full file. Up to five may by their rows whatever this says.
    pub allow_ended: AllowEnded,
    /// How many rejections the report lists; it counts them all.
    pub most_rejections: usize,
    /// Who is told how far it is.
    pub progress: Option<Arc<dyn Fn(Progress) + Send + Sync>>,
}

impl ImportOptions {
    /// A dry run of a file that says nothing about those who are not in it; at most a tenth may end; a thousand rejections are listed.
    #[must_use]
    pub fn dry_run(file: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            mode: ImportMode::Delta,
            apply: false,
            allow_ended: AllowEnded::Percent(10),
            most_rejections: 1000,
            progress: None,
        }
    }
}

/// How an import ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportOutcome {
    /// Nothing was changed: it was a dry run, and nothing stands in the way.
    DryRun,
    /// The registry was changed.
    Applied,
    /// Nothing was changed: lines were rejected.
    Rejected,
    /// Nothing was changed: more would end than is allowed.
    TooManyEnded,
}

/// An entry that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangedRow {
    /// The line it stands on.
    pub line: u64,
    /// The fund's own key.
    pub registry_no: String,
    /// The columns that differ.
    pub columns: Vec<String>,
}

/// What an import did, or would do. Nobody's name, number or date is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// The file's name.
    pub file: String,
    /// The SHA-256 of its bytes; nothing when it could not be read as a file of ours.
    pub sha256: String,
    /// What it lists.
    pub kind: EntryKind,
    /// What it says about those who are not in it.
    pub mode: ImportMode,
    /// How it ended.
    pub outcome: ImportOutcome,
    /// Rows below the header.
    pub rows: u64,
    /// Entries that the registry did not have.
    pub new: u64,
    /// Entries that differ.
    pub changed: u64,
    /// Entries that are the same.
    pub unchanged: u64,
    /// Active entries that end: their rows say that they have left or died, or they are not in a full file.
    pub ended: u64,
    /// Active entries of the populations in the file, before the import; nothing where lines were rejected.
    pub active: u64,
    /// How many may end.
    pub allow_ended: String,
    /// Lines that cannot be taken.
    pub rejected: u64,
    /// How many entries differ in which column.
    pub changed_columns: BTreeMap<String, u64>,
    /// The first entries that differ.
    pub first_changed: Vec<ChangedRow>,
    /// The keys of the first entries that end.
    pub first_ended: Vec<String>,
    /// What is wrong with which line; not more than was asked for.
    pub rejections: Vec<Rejection>,
    /// How long the transaction took that changed the registry, in milliseconds.
    pub merge_millis: Option<u64>,
}
