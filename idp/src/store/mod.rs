//! The store: reads and writes as synchronous closures in one transaction each, on SQLite or PostgreSQL alike.
//!
//! A closure may run more than once and must not do anything but query: times, ids, random bytes, hashes and signatures are
//! made outside it. Writes mean the same on both databases: as if they ran one after the other
//! (`docs/decisions/004-one-writer.md`).

mod dialect;
#[cfg(feature = "postgres")]
mod postgres;
pub mod schema;
mod sqlite;
#[cfg(test)]
mod tests;

pub(crate) use dialect::on_engine;
pub use dialect::{AnyConnection, DatabaseUrl};

use crate::error::{Failure, Result};
use poterne_protocol::id::RealmId;

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
pub struct Db(dialect::Engine);

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
        dialect::Engine::open(url, settings).map(Self)
    }

    /// Where the schema stands.
    pub async fn schema_state(&self) -> Result<SchemaState> {
        self.0.schema_state().await
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
        self.0.migrate().await
    }

    /// Reads in one transaction, from one consistent state. Meant for a few point reads: on SQLite it runs on the calling thread.
    pub async fn read<T, F>(&self, scope: impl Into<Scope>, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Rx<'_>) -> Result<T> + Send + 'static,
    {
        self.0.read(scope.into(), work).await
    }

    /// Writes in one transaction, which is durable when this returns. An `Err` of the closure rolls its writes back, and only
    /// its own; a refusal that must leave a trace (a counted try) is therefore an `Ok`.
    pub async fn write<T, F>(&self, scope: impl Into<Scope>, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.0.write(scope.into(), work).await
    }
}
