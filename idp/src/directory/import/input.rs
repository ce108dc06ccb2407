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
    /// The last byte of the file that was read.
    last: u8,
}

impl<R: Read> Input<R> {
    /// Reads the beginning.
    pub(super) fn new(mut inner: R) -> Result<Self> {
        let mut head = Vec::with_capacity(HEAD);
        inner.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
        let mut hash = Context::new(&SHA256);
        hash.update(&head);
        Ok(Self { inner, head, given: 0, hash, since_row: 0, last: 0 })
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
        let count = |separator: u8| first.unwrap_or_default().split(|byte| *byte == separator).count() - 1;
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
        let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
        let digest = self.hash.clone().finish();
        Ok(digest.as_ref().iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect())
    }
}

impl<R: Read> Input<R> {
    fn raw(&mut self, out: &mut [u8]) -> Result<usize> {
        let mut waiting = self.head.get(self.given..).unwrap_or_default();
        if waiting.is_empty() {
            let read = self.inner.read(out)?;
            self.hash.update(out.get(..read).unwrap_or_default());
            return Ok(read);
        }
        let read = waiting.read(out)?;
        self.given += read;
        Ok(read)
    }

    /// Makes one kind of the three kinds of line ends, in place; how many bytes are left.
    fn one_line_end(&mut self, bytes: &mut [u8]) -> usize {
        let mut kept = 0;
        for at in 0..bytes.len() {
            let Some(byte) = bytes.get(at).copied() else { break };
            let second_half = byte == b'\n' && self.last == b'\r';
            self.last = byte;
            if !second_half && let Some(to) = bytes.get_mut(kept) {
                *to = if byte == b'\r' { b'\n' } else { byte };
                kept += 1;
            }
        }
        kept
    }
}

/// Every line ends with `\n` alone, the last one too.
impl<R: Read> Read for Input<R> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        if self.since_row > LONGEST_ROW {
            return Err(Error::from(ErrorKind::FileTooLarge));
        }
        loop {
            let read = self.raw(out)?;
            if read == 0 {
                let open = !matches!(self.last, b'\n' | b'\r');
                self.last = b'\n';
                return match out.first_mut() {
                    Some(first) if open => {
                        *first = b'\n';
                        Ok(1)
                    }
                    _ => Ok(0),
                };
            }
            self.since_row += read as u64;
            let kept = self.one_line_end(out.get_mut(..read).unwrap_or_default());
            if kept > 0 {
                return Ok(kept);
            }
        }
    }
}
