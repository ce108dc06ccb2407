//! SQLite: readers on the calling thread, one thread that writes ([`writer`](super::writer)), one that copies the log back.

use super::cached::run;
use super::dialect::{AnyConnection, sqlite_connection};
use super::writer::Writer;
use super::{Rx, Scope, StoreSettings};
use crate::calm::Calm;
use crate::error::{Failure, Result};
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// WAL lets readers go on beside the writer; FULL makes a commit survive a power cut; the checkpoint of 500 ms below keeps the
/// commit that crosses the page limit from paying for all others.
const PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                       PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 16000;";

/// How often the log is copied back into the database, from a thread of its own.
const CHECKPOINT: Duration = Duration::from_millis(500);
/// Of how many failures one is told: one a minute.
const TOLD: u32 = 120;

static NEXT_DATABASE: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// One connection per thread and open database. It is taken out while it is used.
    static READERS: RefCell<HashMap<u64, AnyConnection>> = RefCell::new(HashMap::new());
}

#[derive(Clone)]
pub(super) struct SqliteEngine {
    path: Arc<PathBuf>,
    number: u64,
    pub(super) writer: Writer,
    /// Held as long as the database is open.
    _lock: Arc<Option<File>>,
}

impl SqliteEngine {
    pub(super) fn open(path: &Path, settings: StoreSettings) -> Result<Self> {
        let lock = lock(path, Use::Shared)?;
        create_private(path)?;
        let writer = Writer::start(sqlite_connection(connect(path)?), settings)?;
        let number = NEXT_DATABASE.fetch_add(1, Ordering::Relaxed);
        let engine = Self { path: Arc::new(path.to_owned()), number, writer, _lock: Arc::new(lock) };
        engine.start_checkpoints()?;
        Ok(engine)
    }

    /// Copies the log back into the database every so often, until the last handle of the database is gone.
    fn start_checkpoints(&self) -> Result<()> {
        let (path, writer) = (self.path.clone(), self.writer.watched());
        let mut connection = connect(&path)?;
        let checkpoints = move || {
            let mut calm = Calm::new("copying the write-ahead log back", TOLD);
            while writer.is_there() {
                std::thread::sleep(CHECKPOINT);
                calm.note(&connection.batch_execute("PRAGMA wal_checkpoint(PASSIVE)"));
            }
        };
        std::thread::Builder::new()
            .name("poterne-checkpoint".into())
            .spawn(checkpoints)
            .map(drop)
            .map_err(|error| Failure::Internal(format!("cannot start the checkpoint thread: {error}").into()))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Copies the database into an empty file while others read and write, as it is at one moment.
    pub(super) async fn copy_into(&self, file: PathBuf) -> Result<()> {
        let mut connection = self.connect()?;
        let copy = move || {
            let text = file.to_str().ok_or_else(|| Failure::Settings(format!("the path {} is not UTF-8", file.display())))?;
            let into = diesel::sql_query("VACUUM INTO ?").bind::<diesel::sql_types::Text, _>(text);
            diesel::RunQueryDsl::execute(into, &mut connection)?;
            Ok(())
        };
        tokio::task::spawn_blocking(copy).await.map_err(|_| Failure::internal("the copy was cut short"))?
    }

    pub(super) fn connect(&self) -> Result<SqliteConnection> {
        connect(&self.path)
    }

    pub(super) fn read<T>(&self, scope: Scope, work: &impl Fn(&mut Rx<'_>) -> Result<T>) -> Result<T> {
        let kept = READERS.with_borrow_mut(|readers| readers.remove(&self.number));
        let mut connection = match kept {
            Some(connection) => connection,
            None => sqlite_connection(self.connect()?),
        };
        run(&mut connection, "BEGIN")?;
        let result = work(&mut Rx::new(&mut connection, scope));
        // A reader has nothing to commit; ending it may only fail with the connection, which is then dropped.
        if run(&mut connection, "COMMIT").is_ok() {
            READERS.with_borrow_mut(|readers| readers.insert(self.number, connection));
        }
        result
    }
}

/// Makes a missing database file, for its owner only: SQLite would make it readable for all, and gives its log the same mode.
fn create_private(path: &Path) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let made = options.open(path).map(drop);
    made.map_err(|error| Failure::Settings(format!("the database {} cannot be opened: {error}", path.display())))
}

/// How a database is used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// Beside others.
    Shared,
    /// By nobody else.
    Alone,
}

/// Says to other programs that the database is in use, by a lock on a file beside it: the database's own locks come and go. Nothing where
/// the file system has no locks or cannot be written.
pub(super) fn lock(path: &Path, how: Use) -> Result<Option<File>> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    let mut options = File::options();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let Ok(file) = options.open(PathBuf::from(beside)) else { return Ok(None) };
    let taken = if how == Use::Alone { file.try_lock() } else { file.try_lock_shared() };
    let shown = path.display();
    match (taken, how) {
        (Ok(()), _) => Ok(Some(file)),
        (Err(TryLockError::WouldBlock), Use::Shared) => {
            Err(Failure::Settings(format!("the database {shown} is just being restored: wait until that is done")))
        }
        (Err(TryLockError::WouldBlock), Use::Alone) => Err(Failure::Settings(format!(
            "the database {shown} is in use: stop poterne serve, and every other command on it, first"
        ))),
        (Err(TryLockError::Error(_)), _) => Ok(None),
    }
}

/// A connection to a file that no program has open, which leaves nothing beside it.
pub(super) fn connect_still(path: &Path, to_change: bool) -> Result<AnyConnection> {
    let shown = path.display();
    let whole = std::path::absolute(path).ok().and_then(|path| url::Url::from_file_path(path).ok());
    let mut url = whole.ok_or_else(|| Failure::Settings(format!("{shown} is no path of a file")))?;
    url.set_query(Some(if to_change { "mode=rw" } else { "mode=ro&immutable=1" }));
    let cannot = |error: String| Failure::Settings(format!("{shown} cannot be opened as a database: {error}"));
    let mut connection = SqliteConnection::establish(url.as_str()).map_err(|error| cannot(error.to_string()))?;
    let prepare = "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; SELECT COUNT(*) FROM sqlite_schema;";
    connection.batch_execute(prepare).map_err(|error| cannot(error.to_string()))?;
    Ok(sqlite_connection(connection))
}

fn connect(path: &Path) -> Result<SqliteConnection> {
    let shown = path.display();
    let text = path.to_str().ok_or_else(|| Failure::Settings(format!("the path {shown} is not UTF-8")))?;
    let open = SqliteConnection::establish(text);
    let mut connection = open.map_err(|error| Failure::Settings(format!("the database {shown} cannot be opened: {error}")))?;
    let prepared = connection.batch_execute(PRAGMAS);
    prepared.map_err(|error| Failure::Settings(format!("the database {shown} cannot be used: {error}")))?;
    Ok(connection)
}
