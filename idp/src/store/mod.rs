//! The store: reads and writes as synchronous closures in one transaction each, on SQLite or PostgreSQL alike.
//!
//! A row is looked up by its key with `get_result`, not `first`: SQLite prepares a statement anew whenever the parameter of a `LIMIT` is
//! bound, because its plan could depend on it, and that took longer than all the rest of a point read.
//!
//! A closure may run more than once and must not do anything but query: times, ids, random bytes, hashes and signatures are
//! made outside it. Writes mean the same on both databases: as if they ran one after the other
//! (`docs/decisions/004-one-writer.md`).

pub mod cached;
mod dialect;
#[cfg(feature = "postgres")]
mod postgres;
pub mod schema;
mod sqlite;
mod still;
#[cfg(test)]
mod tests;
mod writer;

pub(crate) use dialect::on_engine;
pub use dialect::{AnyConnection, DatabaseUrl};
pub use still::StillDb;

use crate::error::{Failure, Result};
use poterne_protocol::id::RealmId;
use poterne_protocol::time::Timestamp;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Whose rows a transaction may touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope(RealmId);

/// For workers and the registry of realms: no realm's rows, only the table of realms and questions that name their realm.
#[derive(Debug, Clone, Copy)]
pub struct AllRealms;

impl From<RealmId> for Scope {
    fn from(realm: RealmId) -> Self {
        Self(realm)
    }
}

impl From<AllRealms> for Scope {
    fn from(_: AllRealms) -> Self {
        // No realm has this id, so a forgotten filter finds nothing rather than everything.
        Self(RealmId::from_bytes([0; 16]))
    }
}

/// A transaction that reads.
pub struct Rx<'c> {
    /// The connection, for diesel.
    pub conn: &'c mut AnyConnection,
    scope: Scope,
}

/// A transaction that writes. It reads as an [`Rx`] does.
pub struct Tx<'c>(Rx<'c>);

impl<'c> Rx<'c> {
    fn new(conn: &'c mut AnyConnection, scope: Scope) -> Self {
        Self { conn, scope }
    }

    /// The realm whose rows this transaction may touch.
    #[must_use]
    pub const fn realm(&self) -> RealmId {
        self.scope.0
    }
}

impl Tx<'_> {
    /// Runs what touches very many rows with more memory for them, which is given back after it.
    pub fn with_room<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        dialect::make_room(self.conn, true)?;
        let done = work(self);
        dialect::make_room(self.conn, false)?;
        done
    }
}

impl<'c> std::ops::Deref for Tx<'c> {
    type Target = Rx<'c>;
    fn deref(&self) -> &Rx<'c> {
        &self.0
    }
}

impl<'c> std::ops::DerefMut for Tx<'c> {
    fn deref_mut(&mut self) -> &mut Rx<'c> {
        &mut self.0
    }
}

/// How the store is sized.
#[derive(Debug, Clone, Copy)]
pub struct StoreSettings {
    /// Write closures that may wait on SQLite; one more is refused as busy.
    pub queue: usize,
    /// Write closures that share one commit on SQLite.
    pub batch: usize,
    /// Connections to PostgreSQL.
    pub connections: u32,
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self { queue: 1024, batch: 64, connections: 10 }
    }
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    engine: dialect::Engine,
    mistakes: Arc<Mistakes>,
}

/// What the database could not do since the process began.
#[derive(Default)]
struct Mistakes {
    busy: AtomicU64,
    failed: AtomicU64,
}

/// Keeps a SQLite database for oneself alone, until the value goes.
pub struct AloneWith {
    _lock: Option<std::fs::File>,
}

impl AloneWith {
    /// Takes the database in this file, which need not be there.
    ///
    /// # Errors
    /// In words for the operator: another program uses it.
    pub fn take(path: &Path) -> Result<Self> {
        sqlite::lock(path, sqlite::Use::Alone).map(|lock| Self { _lock: lock })
    }
}

/// Where the schema stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemaState {
    /// As this program knows it.
    Current,
    /// Migrations are to be applied: their names.
    Behind(Vec<String>),
    /// A newer program has migrated it: the names this one does not know.
    Ahead(Vec<String>),
}

impl Db {
    /// Opens the database; migrates nothing.
    ///
    /// # Errors
    /// When it cannot be reached or its folder cannot be written; in words for the operator.
    pub fn open(url: &DatabaseUrl, settings: StoreSettings) -> Result<Self> {
        Ok(Self { engine: dialect::Engine::open(url, settings)?, mistakes: Arc::default() })
    }

    /// Where the schema stands.
    pub async fn schema_state(&self) -> Result<SchemaState> {
        self.engine.schema_state().await
    }

    /// Applies the missing migrations and returns their names.
    ///
    /// # Errors
    /// When the database is newer than this program, or a migration fails.
    pub async fn migrate(&self) -> Result<Vec<String>> {
        if let SchemaState::Ahead(unknown) = self.schema_state().await? {
            let names = unknown.join(", ");
            return Err(Failure::Settings(format!(
                "the database was migrated by a newer version of Poterne (unknown here: {names})"
            )));
        }
        self.engine.migrate().await
    }

    /// The file that the database is, on SQLite.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.engine.file()
    }

    /// The time by the database's own clock; nothing on SQLite, which has none.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub async fn clock(&self) -> Result<Option<Timestamp>> {
        self.engine.clock().await
    }

    /// Copies a SQLite database into a file that is there and empty, as it is at one moment, while others read and write.
    pub(crate) async fn copy_into(&self, file: PathBuf) -> Result<()> {
        self.engine.copy_into(file).await
    }

    /// Reads in one transaction, from one consistent state. Meant for a few point reads: on SQLite it runs on the calling thread.
    pub async fn read<T, F>(&self, scope: impl Into<Scope>, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Rx<'_>) -> Result<T> + Send + 'static,
    {
        self.counted(self.engine.read(scope.into(), work).await)
    }

    /// Writes in one transaction, which is durable when this returns. An `Err` of the closure rolls its writes back, and only
    /// its own; a refusal that must leave a trace (a counted try) is therefore an `Ok`.
    pub async fn write<T, F>(&self, scope: impl Into<Scope>, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.counted(self.engine.write(scope.into(), work).await)
    }

    /// Writes as [`Self::write`] does. While the disk is still at it, `meanwhile` makes of the result what is to be given out, such as signed
    /// tokens; that is given out only once the write is durable. It may do no more than compute.
    pub async fn write_and<T, U, F, M, Made>(&self, scope: impl Into<Scope>, work: F, meanwhile: M) -> Result<U>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
        M: FnOnce(T) -> Made,
        Made: Future<Output = Result<U>>,
    {
        let (value, durable) = self.counted(self.engine.write_ahead(scope.into(), work).await)?;
        let made = meanwhile(value).await;
        if let Some(durable) = durable {
            self.counted(durable.wait().await)?;
        }
        made
    }

    /// How many reads and writes were refused as busy, and how many failed, since the process began.
    #[must_use]
    pub fn mistakes(&self) -> (u64, u64) {
        (self.mistakes.busy.load(Ordering::Relaxed), self.mistakes.failed.load(Ordering::Relaxed))
    }

    /// How many wait: for the one writer on SQLite, for a connection on PostgreSQL, where those at work count too.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.engine.waiting()
    }

    fn counted<T>(&self, result: Result<T>) -> Result<T> {
        match &result {
            Err(Failure::Busy(_)) => self.mistakes.busy.fetch_add(1, Ordering::Relaxed),
            Err(Failure::Database(_) | Failure::Internal(_)) => self.mistakes.failed.fetch_add(1, Ordering::Relaxed),
            _ => 0,
        };
        result
    }
}
