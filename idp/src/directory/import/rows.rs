//! A file, row by row: one row in memory at a time.

use super::header::Header;
use super::input::Input;
use super::reasons::{Reason, Rejection};
use super::rules::{self, CheckedRow};
use crate::directory::registry::EntryKind;
use crate::settings::RealmDocument;
use chrono::NaiveDate;
use csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder};
use std::io::{Read, Result};

/// A file whose header was understood.
pub struct Rows<R> {
    reader: Reader<Input<R>>,
    header: Header,
    record: ByteRecord,
    /// Rows read, the header not counted.
    read: u64,
    over: bool,
}

/// A row of a file.
pub enum Row {
    /// It can be taken.
    Checked(Box<CheckedRow>),
    /// It cannot, and why.
    Rejected(Vec<Rejection>),
    /// It cannot be read, nor can what follows.
    Unreadable(Rejection),
}

/// Opens a file: reads its header, or says what is wrong with it. `today` is the day in the realm's time zone.
pub fn open<R: Read>(
    input: R,
    kind: EntryKind,
    document: &RealmDocument,
    today: NaiveDate,
) -> Result<std::result::Result<Rows<R>, Vec<Rejection>>> {
    let mut input = Input::new(input)?;
    let separator = match input.separator() {
        Ok(separator) => separator,
        Err(reason) => return Ok(Err(vec![Rejection::of_line(1, reason)])),
    };
    let mut builder = ReaderBuilder::new();
    let mut reader = builder.has_headers(false).flexible(true).delimiter(separator).from_reader(input);
    let mut record = ByteRecord::new();
    match read(&mut reader, &mut record)? {
        Step::Row => {}
        Step::Over => return Ok(Err(vec![Rejection::of_line(1, Reason::EmptyFile)])),
        Step::Endless(line) => return Ok(Err(vec![endless::<R>(line)])),
    }
    let names = match texts(&record, 1, None) {
        Ok(names) => names,
        Err(rejection) => return Ok(Err(vec![rejection])),
    };
    let header = match Header::read(&names, kind, document, today) {
        Ok(header) => header,
        Err(rejections) => return Ok(Err(rejections)),
    };
    Ok(Ok(Rows { reader, header, record: ByteRecord::new(), read: 0, over: false }))
}

impl<R: Read> Rows<R> {
    /// The next row; `None` at the end. Rows of empty cells, as spreadsheets leave them behind, are passed over.
    pub fn next_row(&mut self) -> Result<Option<Row>> {
        while !self.over {
            match read(&mut self.reader, &mut self.record)? {
                Step::Row => {}
                Step::Over => {
                    self.over = true;
                    let only_header = (self.read == 0).then(|| Row::Unreadable(Rejection::of_line(1, Reason::HeaderOnly)));
                    return Ok(only_header);
                }
                Step::Endless(line) => {
                    self.over = true;
                    return Ok(Some(Row::Unreadable(endless::<R>(line))));
                }
            }
            if self.record.iter().all(<[u8]>::is_empty) {
                continue;
            }
            self.read += 1;
            let line = line_of(&self.reader, &self.record);
            let row = match texts(&self.record, line, Some(&self.header)) {
                Ok(cells) => rules::check(&self.header, line, &cells),
                Err(rejection) => {
                    self.over = true;
                    return Ok(Some(Row::Unreadable(rejection)));
                }
            };
            return Ok(Some(row.map_or_else(Row::Rejected, |row| Row::Checked(Box::new(row)))));
        }
        Ok(None)
    }

    /// Rows read so far, the header not counted.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.read
    }

    /// The SHA-256 of the whole file, as hexadecimal digits; what was not read yet is read for it.
    pub fn finish(&mut self) -> Result<String> {
        self.reader.get_mut().finish()
    }
}

enum Step {
    Row,
    Over,
    Endless(u64),
}

fn read<R: Read>(reader: &mut Reader<Input<R>>, record: &mut ByteRecord) -> Result<Step> {
    let begun = reader.position().line();
    let read = reader.read_byte_record(record);
    reader.get_mut().row_is_over();
    match read {
        Ok(true) => Ok(Step::Row),
        Ok(false) => Ok(Step::Over),
        Err(error) => match error.into_kind() {
            ErrorKind::Io(error) if Input::<R>::is_endless(&error) => Ok(Step::Endless(begun)),
            ErrorKind::Io(error) => Err(error),
            _ => Err(std::io::Error::other("the file cannot be parted into rows")),
        },
    }
}

const fn endless<R: Read>(line: u64) -> Rejection {
    Rejection::of_line(line, Reason::EndlessRow(Input::<R>::longest_row()))
}

/// The line a row begins on, told from the line after it: the position of a row is that of the empty lines before it.
fn line_of<R: Read>(reader: &Reader<R>, record: &ByteRecord) -> u64 {
    let within = record.as_slice().split(|byte| *byte == b'\n').count() as u64;
    let begun = record.position().map_or(1, csv::Position::line);
    // A cell that nobody closes has no line after it.
    reader.position().line().saturating_sub(within).max(begun)
}

/// The cells as text.
fn texts<'r>(record: &'r ByteRecord, line: u64, header: Option<&Header>) -> std::result::Result<Vec<&'r str>, Rejection> {
    let text = |(at, cell): (usize, &'r [u8])| {
        std::str::from_utf8(cell).map_err(|_| {
            let reason = if looks_like_windows(cell) { Reason::Windows1252 } else { Reason::NotUtf8 };
            let column = header.map(|header| header.name(at).to_owned());
            Rejection { line, column, reason }
        })
    };
    record.iter().enumerate().map(text).collect()
}

/// Letters of western Europe as single bytes beside plain ones.
fn looks_like_windows(cell: &[u8]) -> bool {
    let strange = cell.iter().filter(|byte| !byte.is_ascii());
    strange
        .clone()
        .all(|byte| *byte >= 0xc0 || matches!(byte, 0x80 | 0x8a | 0x8c | 0x8e | 0x91..=0x97 | 0x9a | 0x9c | 0x9e..=0xbf))
}
