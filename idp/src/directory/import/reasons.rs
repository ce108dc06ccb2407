//! Why a line cannot be taken, in words for whoever mends the file. No reason repeats a name, a date or an AVS number.

use crate::directory::population::Mistake;
use crate::directory::registry::EntryKind;
use serde::Serialize;

/// A place in a file, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rejection {
    /// The line, from 1; the header is on the first.
    pub line: u64,
    /// The column's name, or nothing where the whole line or file is meant.
    pub column: Option<String>,
    /// What is wrong and what to do.
    pub reason: Reason,
}

impl Rejection {
    /// What is wrong with a whole line.
    #[must_use]
    pub const fn of_line(line: u64, reason: Reason) -> Self {
        Self { line, column: None, reason }
    }

    /// What is wrong in a column of a line.
    #[must_use]
    pub fn in_column(line: u64, column: &str, reason: Reason) -> Self {
        Self { line, column: Some(column.to_owned()), reason }
    }
}

impl std::fmt::Display for Rejection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.column {
            Some(column) => write!(f, "line {}, {column}: {}", self.line, self.reason),
            None => write!(f, "line {}: {}", self.line, self.reason),
        }
    }
}

/// What is wrong. It is written as its words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// No byte.
    #[error("the file is empty")]
    EmptyFile,
    /// A header and nothing below.
    #[error("the file has a header and no row: nobody would be left")]
    HeaderOnly,
    /// Another program's file.
    #[error("this is {0}, not a CSV file: save it as «CSV UTF-8»")]
    OtherFormat(&'static str),
    /// Two bytes a character.
    #[error("the file is UTF-16 («Unicode text»), not UTF-8: save it as «CSV UTF-8»")]
    Utf16,
    /// One byte a character.
    #[error("not UTF-8; it looks like Windows-1252, which Excel's plain «CSV» is: save the file as «CSV UTF-8»")]
    Windows1252,
    /// Something else.
    #[error("not UTF-8: save the file as «CSV UTF-8»")]
    NotUtf8,
    /// Converted wrongly before.
    #[error("has the sign «\u{fffd}», which stands for a letter that was lost when the file was converted")]
    LetterLost,
    /// Tabs part the cells.
    #[error("the cells are parted by tabs: save the file with commas or semicolons")]
    Tabs,
    /// A row without end.
    #[error("the row does not end within {0} KiB: a quotation mark was opened and not closed")]
    EndlessRow(u64),
    /// The first line names no column.
    #[error("the first line names no known column: it must be a header such as {0}")]
    NoHeader(String),
    /// A heading that is none.
    #[error("there is no column «{name}»{}", meant(.nearest.as_deref(), .known))]
    UnknownColumn {
        /// As it stands in the file.
        name: String,
        /// The known name that is nearest.
        nearest: Option<String>,
        /// All known names.
        known: String,
    },
    /// A heading that is not there.
    #[error("the column {0} is missing")]
    MissingColumn(String),
    /// A heading that stands twice.
    #[error("the column stands twice")]
    ColumnTwice,
    /// Several populations fit.
    #[error("the column population is missing: the columns do not tell which of {0} is meant")]
    WhichPopulation(String),
    /// Fewer or more cells than the header.
    #[error("{found} cells, where the header has {expected}")]
    Cells {
        /// In this row.
        found: usize,
        /// In the header.
        expected: usize,
    },
    /// An empty cell that must not be.
    #[error("is missing")]
    Missing,
    /// A dash for nothing.
    #[error("a dash stands for nothing: leave the cell empty")]
    Dash,
    /// What a spreadsheet would run.
    #[error("begins with «{0}», which a spreadsheet takes for a formula")]
    Formula(char),
    /// What no screen shows.
    #[error("has a line break or a character that no screen shows; perhaps a quotation mark was not closed")]
    Control,
    /// More than fits.
    #[error("has more than {0} characters")]
    TooLong(usize),
    /// A number that a spreadsheet rounded.
    #[error("was rounded by a spreadsheet: format the column as text before saving")]
    Rounded,
    /// The form of an identifying value.
    #[error("{}", of_mistake(*.0))]
    Value(Mistake),
    /// A population that the realm has not.
    #[error("there is no population «{name}»; the realm has {known}")]
    UnknownPopulation {
        /// As it stands in the file.
        name: String,
        /// Those of the realm.
        known: String,
    },
    /// A population whose identifying column is not in the file.
    #[error("population {population} is identified by {field}, and the file has no such column")]
    NoColumnFor {
        /// The population.
        population: String,
        /// Its field.
        field: String,
    },
    /// A word that is none of those possible.
    #[error("«{found}» is not one of {known}")]
    NotOneOf {
        /// As it stands in the file.
        found: String,
        /// What may stand there.
        known: &'static str,
    },
    /// The same value on another line.
    #[error("the same value stands on line {0}")]
    Twice(u64),
    /// A person where the registry has an organisation, or the reverse.
    #[error("the registry has {} of this number", whose(*.0))]
    OtherKind(EntryKind),
}

impl Serialize for Reason {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn meant(nearest: Option<&str>, known: &str) -> String {
    nearest.map_or_else(|| format!("; there are {known}"), |nearest| format!("; did you mean {nearest}?"))
}

const fn whose(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Person => "a person",
        EntryKind::Organisation => "an organisation",
    }
}

const fn of_mistake(mistake: Mistake) -> &'static str {
    match mistake {
        Mistake::Missing => "is missing",
        Mistake::AvsShape => "an AVS number has 13 digits and begins with 756",
        Mistake::AvsCheckDigit => "the check digit does not fit: a digit is wrong",
        Mistake::DateShape => "a date is dd.mm.yyyy or yyyy-mm-dd",
        Mistake::DateImpossible => "the calendar has no such day",
        Mistake::DateAhead => "the day is still to come",
        Mistake::UidShape => "a UID is CHE and nine digits",
        Mistake::UidCheckDigit => "the check digit of the UID does not fit: a digit is wrong",
        Mistake::NumberShape => "a number has digits, points, hyphens and blanks only",
        Mistake::CompanyNameShape => "nothing is left of the name without its legal form",
        Mistake::TooLong => "is too long",
    }
}
