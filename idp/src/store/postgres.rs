//! PostgreSQL: a pool, SERIALIZABLE transactions, run again when they collide.

use super::dialect::AnyConnection;
use super::{Rx, Scope, StoreSettings, Tx};
use crate::error::{Failure, Result};
use diesel::connection::SimpleConnection;
use diesel::r2d2::{ManageConnection, Pool, PooledConnection};
use diesel::result::{DatabaseErrorKind, Error};
use diesel::{Connection, PgConnection};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// How often a colliding transaction is run again before the caller is told to come back later.
const ATTEMPTS: u32 = 40;
/// How often a key that another transaction took is taken for a collision: the second run sees the other's row and decides.
const KEY_ATTEMPTS: u32 = 3;
/// How long a caller waits for a connection.
const WAIT: Duration = Duration::from_secs(5);

#[derive(Clone)]
pub(super) struct PostgresEngine {
    pool: Pool<Manager>,
    asked: Arc<AtomicUsize>,
}

/// A transaction that waits for a connection or has one, until this is dropped.
struct Asked(Arc<AtomicUsize>);

impl Asked {
    fn new(count: Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Makes connections of the type that the queries want, and always to PostgreSQL: the enum's own `establish` would try both.
struct Manager {
    url: String,
}

impl ManageConnection for Manager {
    type Connection = AnyConnection;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> std::result::Result<AnyConnection, Self::Error> {
        PgConnection::establish(&self.url).map(AnyConnection::Postgres).map_err(diesel::r2d2::Error::ConnectionError)
    }

    fn is_valid(&self, connection: &mut AnyConnection) -> std::result::Result<(), Self::Error> {
        connection.batch_execute("SELECT 1").map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, _: &mut AnyConnection) -> bool {
        std::thread::panicking()
    }
}

impl PostgresEngine {
    pub(super) fn open(url: &str, settings: StoreSettings) -> Result<Self> {
        check_url(url)?;
        // One attempt first: its error says what is wrong, the pool's only that it waited.
        PgConnection::establish(url).map_err(|error| Failure::Settings(format!("PostgreSQL cannot be reached: {error}")))?;
        let pool = Pool::builder().max_size(settings.connections).min_idle(Some(1)).connection_timeout(WAIT);
        let pool = pool.build(Manager { url: url.to_owned() });
        let pool = pool.map_err(|error| Failure::Settings(format!("PostgreSQL cannot be reached: {error}")))?;
        Ok(Self { pool, asked: Arc::default() })
    }

    /// Transactions that wait for a connection or have one.
    pub(super) fn waiting(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    fn connection(&self) -> Result<PooledConnection<Manager>> {
        self.pool.get().map_err(|_| Failure::Busy("no database connection is free"))
    }

    /// Runs on a bare connection, off the async threads.
    pub(super) async fn inner<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut PgConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let engine = self.clone();
        off_thread(move || match &mut *engine.connection()? {
            AnyConnection::Postgres(connection) => work(connection),
            AnyConnection::Sqlite(_) => Err(Failure::internal("a pool of PostgreSQL lent something else")),
        })
        .await
    }

    pub(super) async fn read<T, F>(&self, scope: Scope, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Rx<'_>) -> Result<T> + Send + 'static,
    {
        self.on_connection(move |connection| {
            connection.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
            let result = work(&mut Rx::new(connection, scope));
            // Whatever the closure answered, the transaction has nothing to keep.
            connection.batch_execute("ROLLBACK")?;
            result
        })
        .await
    }

    pub(super) async fn write<T, F>(&self, scope: Scope, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.on_connection(move |connection| {
            for attempt in 1..=ATTEMPTS {
                match attempt_write(connection, scope, &work) {
                    Err(failure) if collided(&failure, attempt) => std::thread::sleep(back_off(attempt)),
                    decided => return decided,
                }
            }
            Err(Failure::Busy("transactions keep colliding"))
        })
        .await
    }

    /// Lends a connection to a closure, off the async threads.
    async fn on_connection<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let engine = self.clone();
        let asked = Asked::new(self.asked.clone());
        off_thread(move || {
            let result = work(&mut *engine.connection()?);
            drop(asked);
            result
        })
        .await
    }
}

/// Whether the URL can be taken in one way only. Where a sign of the password is not encoded the library takes a part of it for the host, and
/// says that part in its error; these words repeat nothing.
fn check_url(url: &str) -> Result<()> {
    let authority = url.split_once("://").map(|(_, rest)| rest.split('/').next().unwrap_or_default());
    let one_way = authority.is_some_and(|authority| authority.matches('@').count() <= 1 && !authority.contains(['?', '#']));
    if one_way && url::Url::parse(url).is_ok_and(|url| url.fragment().is_none()) {
        return Ok(());
    }
    let words = "the database URL cannot be read: it is postgres://USER:PASSWORD@HOST:PORT/NAME, and in user and password the signs \
                 @ : / ? # [ ] % are written as %40 %3A %2F %3F %23 %5B %5D %25";
    Err(Failure::Settings(words.into()))
}

/// One run of a write closure in a transaction of its own.
fn attempt_write<T>(connection: &mut AnyConnection, scope: Scope, work: &impl Fn(&mut Tx<'_>) -> Result<T>) -> Result<T> {
    connection.batch_execute("BEGIN ISOLATION LEVEL SERIALIZABLE")?;
    let run = catch_unwind(AssertUnwindSafe(|| work(&mut Tx(Rx::new(connection, scope)))));
    match run.unwrap_or_else(|_| Err(Failure::internal("a write panicked"))) {
        Ok(value) => {
            let committed = connection.batch_execute("COMMIT");
            if committed.is_err() {
                drop(connection.batch_execute("ROLLBACK"));
            }
            committed.map(|()| value).map_err(Failure::from)
        }
        Err(failure) => {
            connection.batch_execute("ROLLBACK")?;
            Err(failure)
        }
    }
}

/// Whether running the closure again may help: serialization failure (40001), deadlock (40P01), a key taken meanwhile.
fn collided(failure: &Failure, attempt: u32) -> bool {
    match failure {
        Failure::Database(Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _)) => true,
        Failure::Database(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => attempt <= KEY_ATTEMPTS,
        Failure::Database(Error::DatabaseError(DatabaseErrorKind::Unknown, info)) => info.message().contains("deadlock detected"),
        _ => false,
    }
}

/// 1 to 32 ms, spread by the attempt's own number so that colliding transactions do not march in step.
fn back_off(attempt: u32) -> Duration {
    let spread = std::thread::current().id();
    let jitter =
        format!("{spread:?}").bytes().fold(attempt, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte))) % 1000;
    Duration::from_micros(u64::from((1 << attempt.min(5)) * 500 + jitter))
}

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Failure::internal("a database task panicked"))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_with_a_sign_that_is_not_encoded_is_refused_without_its_words() {
        for fine in [
            "postgres://u:p@h/n",
            "postgresql://u:p%40ss@h:5432/n?sslmode=require",
            "postgres:///n?host=/run/postgresql",
            "postgres://h",
        ] {
            assert!(check_url(fine).is_ok(), "{fine}");
        }
        for bad in
            ["postgres://u:pa@ss@h/n", "postgres://u:pa/ss@h/n", "postgres://u:pa#ss@h/n", "postgres://u:pa?ss@h/n", "nonsense"]
        {
            let words = check_url(bad).unwrap_err().to_string();
            assert!(words.contains("%40") && !words.contains("ss@"), "{words}");
        }
    }
}
