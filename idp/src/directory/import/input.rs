//! The bytes of a file: hashed while they are read, told apart from other programs' files by their beginning, and never more of them
//! in memory than one row may have.

use super::reasons::Reason;
use aws_lc_rs::digest::{Context, SHA256};
use std::io::{Error, ErrorKind, Read, Result};

/// How much is looked at before the first row is read.
const HEAD: usize = 64 * 1024;
/// The bytes of one row, about; a quotation mark that nobody closes would take the rest of the file for one cell.
const LONGEST_ROW: u64 = 256 * 1024;

/// A file that is being read.
pub(super) struct Input<R> {
    inner: R,
    head: Vec<u8>,
    given: usize,
    hash: Context,
    since_row: u64,
}

impl<R: Read> Input<R> {
    /// Reads the beginning.
    pub(super) fn new(mut inner: R) -> Result<Self> {
        let mut head = Vec::with_capacity(HEAD);
        inner.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
        let mut hash = Context::new(&SHA256);
        hash.update(&head);
        Ok(Self { inner, head, given: 0, hash, since_row: 0 })
    }

    /// What parts the cells, or why this is not a file of ours. A byte-order mark is passed over.
    pub(super) fn separator(&mut self) -> std::result::Result<u8, Reason> {
        let head = self.head.as_slice();
        let bare = head.strip_prefix(b"\xef\xbb\xbf");
        if bare.unwrap_or(head).is_empty() {
            return Err(Reason::EmptyFile);
        }
        if head.starts_with(b"PK\x03\x04") {
            return Err(Reason::OtherFormat("an Excel workbook"));
        }
        if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
            return Err(Reason::Utf16);
        }
        if head.contains(&0) {
            let two_bytes = head.iter().take(64).filter(|byte| **byte == 0).count() > 8;
            return Err(if two_bytes { Reason::Utf16 } else { Reason::OtherFormat("a binary file") });
        }
        let marked = usize::from(bare.is_some()) * 3;
        let first = bare.unwrap_or(head).split(|byte| matches!(byte, b'\n' | b'\r')).find(|line| !line.is_empty());
        let count = |separator: u8| first.unwrap_or_default().iter().filter(|byte| **byte == separator).count();
        let (commas, semicolons, tabs) = (count(b','), count(b';'), count(b'\t'));
        self.given = marked;
        match (commas, semicolons) {
            (0, 0) if tabs > 0 => Err(Reason::Tabs),
            _ if semicolons > commas => Ok(b';'),
            _ => Ok(b','),
        }
    }

    /// Says that a row was read whole.
    pub(super) const fn row_is_over(&mut self) {
        self.since_row = 0;
    }

    /// How long a row may be, in KiB.
    pub(super) const fn longest_row() -> u64 {
        LONGEST_ROW / 1024
    }

    /// Whether an error is a row without end.
    pub(super) fn is_endless(error: &Error) -> bool {
        error.kind() == ErrorKind::FileTooLarge
    }

    /// The SHA-256 of the whole file, whose rest is read for it.
    pub(super) fn finish(&mut self) -> Result<String> {
        let mut rest = vec![0; HEAD];
        loop {
            let read = self.inner.read(&mut rest)?;
            if read == 0 {
                break;
            }
            self.hash.update(rest.get(..read).unwrap_or_default());
        }
        Ok(self.hash.clone().finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

impl<R: Read> Read for Input<R> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        if self.since_row > LONGEST_ROW {
            return Err(Error::from(ErrorKind::FileTooLarge));
        }
        let mut waiting = self.head.get(self.given..).unwrap_or_default();
        let read = if waiting.is_empty() {
            let read = self.inner.read(out)?;
            self.hash.update(out.get(..read).unwrap_or_default());
            read
        } else {
            let read = waiting.read(out)?;
            self.given += read;
            read
        };
        self.since_row += read as u64;
        Ok(read)
    }
}
