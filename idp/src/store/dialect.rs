//! The only file that asks which database it is.

use super::sqlite::SqliteEngine;
use super::writer::Durable;
use super::{Rx, SchemaState, Scope, StoreSettings, Tx};
use crate::error::{Failure, Result};
use diesel::migration::{Migration, MigrationSource};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use poterne_protocol::time::Timestamp;
use std::path::PathBuf;

const SQLITE_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
#[cfg(feature = "postgres")]
const POSTGRES_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// A connection to either database (`docs/decisions/003-two-sets-of-connection-types.md`).
#[cfg(feature = "postgres")]
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// PostgreSQL.
    Postgres(diesel::PgConnection),
    /// SQLite.
    Sqlite(diesel::SqliteConnection),
}

/// A connection to the database: only SQLite is compiled in.
#[cfg(not(feature = "postgres"))]
pub type AnyConnection = diesel::SqliteConnection;

/// Runs an expression on the connection as the database's own type: for what the enum cannot say (many rows in one `INSERT`, SQL with
/// values bound to it). The expression is the same for both.
#[cfg(feature = "postgres")]
macro_rules! on_engine {
    ($conn:expr, $own:ident => $run:expr) => {
        match $conn {
            $crate::store::AnyConnection::Postgres($own) => $run,
            $crate::store::AnyConnection::Sqlite($own) => $run,
        }
    };
}

#[cfg(not(feature = "postgres"))]
macro_rules! on_engine {
    ($conn:expr, $own:ident => $run:expr) => {{
        let $own: &mut $crate::store::AnyConnection = $conn;
        $run
    }};
}

pub(crate) use on_engine;

/// Lets a transaction that touches very many rows keep their pages in memory (64 MiB), or ends that: SQLite's usual 2 MiB would be
/// written and read again for every page of an index. PostgreSQL has a memory of its own.
pub(super) fn make_room(connection: &mut AnyConnection, much: bool) -> Result<()> {
    use diesel::connection::SimpleConnection;
    let pragma = if much { "PRAGMA cache_size = -65536" } else { "PRAGMA cache_size = -2000" };
    match connection {
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(_) => Ok(()),
        #[cfg(feature = "postgres")]
        AnyConnection::Sqlite(connection) => Ok(connection.batch_execute(pragma)?),
        #[cfg(not(feature = "postgres"))]
        connection => Ok(connection.batch_execute(pragma)?),
    }
}

#[cfg(feature = "postgres")]
pub(super) fn sqlite_connection(connection: diesel::SqliteConnection) -> AnyConnection {
    AnyConnection::Sqlite(connection)
}

#[cfg(not(feature = "postgres"))]
pub(super) fn sqlite_connection(connection: diesel::SqliteConnection) -> AnyConnection {
    connection
}

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL URL.
    Postgres(String),
}

impl std::str::FromStr for DatabaseUrl {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self> {
        match text.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.trim_start_matches("//").into())),
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres(text.to_owned())),
            _ => Err(Failure::Settings("the database is sqlite:PATH or postgres://…".into())),
        }
    }
}

#[derive(Clone)]
pub(super) enum Engine {
    Sqlite(SqliteEngine),
    #[cfg(feature = "postgres")]
    Postgres(super::postgres::PostgresEngine),
}

impl Engine {
    pub(super) fn open(url: &DatabaseUrl, settings: StoreSettings) -> Result<Self> {
        match url {
            DatabaseUrl::Sqlite(path) => SqliteEngine::open(path, settings).map(Self::Sqlite),
            #[cfg(feature = "postgres")]
            DatabaseUrl::Postgres(url) => super::postgres::PostgresEngine::open(url, settings).map(Self::Postgres),
            #[cfg(not(feature = "postgres"))]
            DatabaseUrl::Postgres(_) => {
                Err(Failure::Settings("this program was built without PostgreSQL (cargo feature `postgres`)".into()))
            }
        }
    }

    #[cfg_attr(not(feature = "postgres"), expect(clippy::unused_async, reason = "only PostgreSQL waits"))]
    pub(super) async fn read<T, F>(&self, scope: Scope, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Rx<'_>) -> Result<T> + Send + 'static,
    {
        match self {
            Self::Sqlite(engine) => engine.read(scope, &work),
            #[cfg(feature = "postgres")]
            Self::Postgres(engine) => engine.read(scope, work).await,
        }
    }

    /// The file of SQLite.
    #[cfg_attr(not(feature = "postgres"), expect(clippy::unnecessary_wraps, reason = "only PostgreSQL has none"))]
    pub(super) fn file(&self) -> Option<&std::path::Path> {
        match self {
            Self::Sqlite(engine) => Some(engine.path()),
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => None,
        }
    }

    /// Copies the database into a file that is there and empty, as it is at one moment.
    pub(super) async fn copy_into(&self, file: PathBuf) -> Result<()> {
        match self {
            Self::Sqlite(engine) => engine.copy_into(file).await,
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Err(Failure::Settings("PostgreSQL is backed up with pg_dump".into())),
        }
    }

    /// The time by the database's own clock, where it has one.
    #[cfg_attr(not(feature = "postgres"), expect(clippy::unused_async, reason = "only PostgreSQL waits"))]
    pub(super) async fn clock(&self) -> Result<Option<Timestamp>> {
        match self {
            Self::Sqlite(_) => Ok(None),
            #[cfg(feature = "postgres")]
            Self::Postgres(engine) => {
                let sql = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT) AS micros";
                let told = engine
                    .inner(move |connection| Ok(diesel::RunQueryDsl::get_result::<Told>(diesel::sql_query(sql), connection)?));
                Ok(Some(Timestamp::from_micros(told.await?.micros)))
            }
        }
    }

    pub(super) async fn write<T, F>(&self, scope: Scope, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        match self {
            Self::Sqlite(engine) => engine.writer.write(scope, work).await,
            #[cfg(feature = "postgres")]
            Self::Postgres(engine) => engine.write(scope, work).await,
        }
    }

    /// What the closure returned; on SQLite before it is durable, with what tells when it is.
    pub(super) async fn write_ahead<T, F>(&self, scope: Scope, work: F) -> Result<(T, Option<Durable>)>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        match self {
            Self::Sqlite(engine) => engine.writer.write_ahead(scope, work).await.map(|(value, durable)| (value, Some(durable))),
            #[cfg(feature = "postgres")]
            Self::Postgres(engine) => engine.write(scope, work).await.map(|value| (value, None)),
        }
    }

    pub(super) fn waiting(&self) -> usize {
        match self {
            Self::Sqlite(engine) => engine.writer.waiting(),
            #[cfg(feature = "postgres")]
            Self::Postgres(engine) => engine.waiting(),
        }
    }

    #[cfg_attr(not(feature = "postgres"), expect(clippy::unused_async, reason = "only PostgreSQL waits"))]
    pub(super) async fn schema_state(&self) -> Result<SchemaState> {
        match self {
            Self::Sqlite(engine) => schema_state(&mut engine.connect()?, &SQLITE_MIGRATIONS),
            #[cfg(feature = "postgres")]
            Self::Postgres(engine) => engine.inner(|connection| schema_state(connection, &POSTGRES_MIGRATIONS)).await,
        }
    }

    #[cfg_attr(not(feature = "postgres"), expect(clippy::unused_async, reason = "only PostgreSQL waits"))]
    pub(super) async fn migrate(&self) -> Result<Vec<String>> {
        match self {
            Self::Sqlite(engine) => migrate(&mut engine.connect()?, SQLITE_MIGRATIONS),
            #[cfg(feature = "postgres")]
            Self::Postgres(engine) => engine.inner(|connection| migrate(connection, POSTGRES_MIGRATIONS)).await,
        }
    }
}

/// Where the schema of a SQLite file stands that is open by itself.
pub(super) fn schema_state_of(connection: &mut AnyConnection) -> Result<SchemaState> {
    #[cfg(feature = "postgres")]
    let AnyConnection::Sqlite(connection) = connection else {
        return Err(Failure::internal("a file of SQLite that is something else"));
    };
    schema_state(connection, &SQLITE_MIGRATIONS)
}

#[cfg(feature = "postgres")]
#[derive(diesel::QueryableByName)]
struct Told {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    micros: i64,
}

fn schema_state<DB, C>(connection: &mut C, source: &EmbeddedMigrations) -> Result<SchemaState>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let migration = |error| Failure::Internal(format!("migrations: {error}").into());
    let applied: Vec<String> = connection.applied_migrations().map_err(migration)?.iter().map(ToString::to_string).collect();
    let known: Vec<Box<dyn Migration<DB>>> = source.migrations().map_err(migration)?;
    let known: Vec<String> = known.iter().map(|migration| migration.name().version().to_string()).collect();
    let missing = |of: &[String], from: &[String]| of.iter().filter(|name| !from.contains(name)).cloned().collect::<Vec<_>>();
    let (ahead, behind) = (missing(&applied, &known), missing(&known, &applied));
    Ok(match (ahead.is_empty(), behind.is_empty()) {
        (false, _) => SchemaState::Ahead(ahead),
        (true, false) => SchemaState::Behind(behind),
        (true, true) => SchemaState::Current,
    })
}

fn migrate<DB, C>(connection: &mut C, source: EmbeddedMigrations) -> Result<Vec<String>>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let applied =
        connection.run_pending_migrations(source).map_err(|error| Failure::Internal(format!("migrations: {error}").into()))?;
    Ok(applied.iter().map(ToString::to_string).collect())
}
