//! A SQLite file that no program has open, such as a backup: read and changed over one plain connection that leaves no log beside it.

use super::dialect::{AnyConnection, schema_state_of};
use super::sqlite::connect_still;
use super::{Rx, SchemaState, Scope, Tx};
use crate::error::Result;
use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use std::path::Path;

/// A SQLite file that no program has open.
pub struct StillDb(AnyConnection);

#[derive(diesel::QueryableByName)]
struct Finding {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

impl StillDb {
    /// Opens a file for reading only.
    ///
    /// # Errors
    /// When it cannot be opened, in words for the operator.
    pub fn open(path: &Path) -> Result<Self> {
        connect_still(path, false).map(Self)
    }

    /// Opens a file for changes too.
    ///
    /// # Errors
    /// When it cannot be opened, in words for the operator.
    pub fn open_to_change(path: &Path) -> Result<Self> {
        connect_still(path, true).map(Self)
    }

    /// What is wrong with the file's structure; nothing where it is whole.
    ///
    /// # Errors
    /// When it is no database at all.
    pub fn damage(&mut self) -> Result<Vec<String>> {
        let found: Vec<Finding> = diesel::sql_query("PRAGMA integrity_check(20)").load(&mut self.0)?;
        Ok(found.into_iter().map(|finding| finding.integrity_check).filter(|finding| finding != "ok").collect())
    }

    /// Where its schema stands.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn schema_state(&mut self) -> Result<SchemaState> {
        schema_state_of(&mut self.0)
    }

    /// Reads from one consistent state.
    pub fn read<T>(&mut self, scope: impl Into<Scope>, work: impl FnOnce(&mut Rx<'_>) -> Result<T>) -> Result<T> {
        work(&mut Rx::new(&mut self.0, scope.into()))
    }

    /// Writes in one transaction; an `Err` of the closure rolls it back.
    pub fn write<T>(&mut self, scope: impl Into<Scope>, work: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        self.0.batch_execute("BEGIN IMMEDIATE")?;
        let done = work(&mut Tx(Rx::new(&mut self.0, scope.into())));
        self.0.batch_execute(if done.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
        done
    }
}
