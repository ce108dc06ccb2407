//! How a command ends and what it prints: words for people, one line of JSON for scripts, and an exit code that says which it was.

use poterne_idp::Timestamp;
use serde::Serialize;
use std::io::{BufRead, Write};
use std::process::ExitCode;
use std::time::Duration;

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
    say(text.trim_end())
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

/// A text in at most so many characters; what is left out shows as `…`. What would steer a terminal shows as `·`.
#[must_use]
pub fn fit(text: &str, width: usize) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { '·' } else { c }).collect();
    if text.chars().count() <= width {
        return text;
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// A span as people say it: its largest unit.
#[must_use]
pub fn span(span: Duration) -> String {
    match span.as_secs() {
        seconds @ 0..=119 => format!("{seconds} s"),
        seconds @ 120..=7_199 => format!("{} min", seconds / 60),
        seconds @ 7_200..=172_799 => format!("{} h", seconds / 3_600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

/// A moment as people read it, in UTC to the minute.
#[must_use]
pub fn moment(at: Timestamp) -> String {
    let text: String = at.to_rfc3339().chars().take(16).collect();
    format!("{} UTC", text.replace('T', " "))
}

/// Prints a line on standard output, whose reader may have gone.
///
/// # Errors
/// In words: it could not be shown. What was done stays done.
pub fn say(line: impl std::fmt::Display) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).map_err(|error| format!("the answer could not be shown: {error}"))
}

/// Asks at the terminal; without an answer it is no.
///
/// # Errors
/// In words: the terminal cannot be read.
pub fn confirmed(question: &str) -> Result<bool, String> {
    // On standard error: standard output is for the answer.
    eprint!("{question} [y/N] ");
    std::io::stderr().flush().map_err(|error| error.to_string())?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).map_err(|error| error.to_string())?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// The known name that is most like this one, as a hint behind a message.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let likeness = |other: &str| strsim::jaro(other, name);
    let nearest = known.into_iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    nearest.filter(|nearest| likeness(nearest) > 0.7).map_or_else(String::new, |nearest| format!("; did you mean {nearest}?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_texts_and_hints_are_short() {
        let spans = [0, 119, 120, 7_199, 7_200, 172_799, 172_800].map(|seconds| span(Duration::from_secs(seconds)));
        assert_eq!(spans, ["0 s", "119 s", "2 min", "119 min", "2 h", "47 h", "2 d"]);
        assert_eq!((fit("Zoé", 3).as_str(), fit("Zoé Favre", 4).as_str()), ("Zoé", "Zoé…"));
        assert_eq!(nearest("lindenhof-flx", ["lindenhof-flex", "wages"]), "; did you mean lindenhof-flex?");
        assert_eq!((nearest("x", ["lindenhof-flex"]), nearest("x", [])), (String::new(), String::new()));
    }

    #[test]
    fn a_table_lines_up_by_characters_and_ends_without_blanks() {
        let rows = vec![
            vec!["10001".to_owned(), "Zoé".to_owned(), "ok".to_owned()],
            vec!["7".to_owned(), "M".to_owned(), String::new()],
        ];
        assert_eq!(table(&["no", "name", "state"], &rows), "no     name  state\n10001  Zoé   ok\n7      M");
    }
}
