//! Files of the fund's people and organisations, imported: checked as a stream, staged in batches, merged in one transaction.

mod reading;
mod report;
mod rules;
mod run;
mod store;
#[cfg(test)]
mod tests;

pub use report::{AllowEnded, ChangedRow, ImportMode, ImportOptions, ImportOutcome, ImportReport, Progress};

use super::Manage;
use crate::directory::import::Rejection;
use crate::directory::registry::EntryKind;
use crate::error::Result;
use std::io::Read;

impl Manage {
    /// Imports a file of persons into a realm's registry, or says what importing it would do. The columns are described in
    /// `docs/OPERATIONS.md`. A line that cannot be taken rejects the file; nothing is ever half imported.
    ///
    /// # Errors
    /// [`crate::Failure::Settings`] for an unknown realm, a file that cannot be read, and while another import of the realm is under way;
    /// [`crate::Failure::Busy`] when the registry was changed by other hands meanwhile. What is wrong with the file is in the report.
    pub async fn import_persons(
        &self,
        slug: &str,
        file: impl Read + Send + 'static,
        options: ImportOptions,
    ) -> Result<ImportReport> {
        run::import(self, slug, EntryKind::Person, file, options).await
    }

    /// The same with a file of organisations.
    pub async fn import_organisations(
        &self,
        slug: &str,
        file: impl Read + Send + 'static,
        options: ImportOptions,
    ) -> Result<ImportReport> {
        run::import(self, slug, EntryKind::Organisation, file, options).await
    }
}

/// Rejections, of which so many are kept.
struct Rejections {
    most: usize,
    /// Lines with at least one.
    lines: u64,
    kept: Vec<Rejection>,
}

impl Rejections {
    const fn at_most(most: usize) -> Self {
        Self { most, lines: 0, kept: Vec::new() }
    }

    /// Adds what is wrong with one line.
    fn add(&mut self, rejections: Vec<Rejection>) {
        self.lines += 1;
        let room = self.most.saturating_sub(self.kept.len());
        self.kept.extend(rejections.into_iter().take(room));
    }
}
