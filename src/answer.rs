//! How a command ends and what it prints: words for people, one line of JSON for scripts, and an exit code that says which it was.

use serde::Serialize;
use std::process::ExitCode;

/// How a command ended that could be carried out. One that could not says why, in words, and ends with 1; a command line that makes no
/// sense ends with 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It did what it was told, and what it looked at is in order: 0.
    Well,
    /// It looked, and found something that wants a hand: 3.
    Found,
}

impl From<Ended> for ExitCode {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Well => Self::SUCCESS,
            Ended::Found => Self::from(3),
        }
    }
}

/// Prints the answer of a command: `value` as one line of JSON, or what `words` makes of it.
///
/// # Errors
/// In words: the value cannot be written.
pub fn print<T: Serialize>(as_json: bool, value: &T, words: impl FnOnce(&T) -> String) -> Result<(), String> {
    let text = if as_json { serde_json::to_string(value).map_err(|error| error.to_string())? } else { words(value) };
    println!("{}", text.trim_end());
    Ok(())
}

/// Rows under their headings, each column as wide as its widest cell, two blanks between. The last column is not padded.
#[must_use]
pub fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let heading: Vec<String> = headings.iter().map(|&heading| heading.to_owned()).collect();
    let all = || std::iter::once(&heading).chain(rows);
    let width =
        |column: usize| all().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..headings.len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    all().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_lines_up_by_characters_and_ends_without_blanks() {
        let rows = vec![
            vec!["10001".to_owned(), "Zoé".to_owned(), "ok".to_owned()],
            vec!["7".to_owned(), "M".to_owned(), String::new()],
        ];
        assert_eq!(table(&["no", "name", "state"], &rows), "no     name  state\n10001  Zoé   ok\n7      M");
    }
}
