//! SQLite: readers on the calling thread, one writer thread that shares commits (`docs/decisions/004-one-writer.md`).

use super::cached::run;
use super::dialect::{AnyConnection, sqlite_connection};
use super::{Rx, Scope, StoreSettings, Tx};
use crate::calm::Calm;
use crate::error::{Failure, Result};
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

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
    queue: mpsc::Sender<Box<dyn Job>>,
    /// Held as long as the database is open.
    _lock: Arc<Option<File>>,
}

impl SqliteEngine {
    pub(super) fn open(path: &Path, settings: StoreSettings) -> Result<Self> {
        let lock = lock(path, Use::Shared)?;
        create_private(path)?;
        let mut writer = sqlite_connection(connect(path)?);
        let (queue, mut jobs) = mpsc::channel::<Box<dyn Job>>(settings.queue);
        std::thread::Builder::new()
            .name("poterne-writer".into())
            .spawn(move || {
                while let Some(batch) = next_batch(&mut jobs, settings.batch) {
                    run_batch(&mut writer, batch);
                }
            })
            .map_err(|error| Failure::Internal(format!("cannot start the writer thread: {error}").into()))?;
        let number = NEXT_DATABASE.fetch_add(1, Ordering::Relaxed);
        let engine = Self { path: Arc::new(path.to_owned()), number, queue, _lock: Arc::new(lock) };
        engine.start_checkpoints()?;
        Ok(engine)
    }

    /// Copies the log back into the database every so often, until the last handle of the database is gone.
    fn start_checkpoints(&self) -> Result<()> {
        let (path, queue) = (self.path.clone(), self.queue.downgrade());
        let mut connection = connect(&path)?;
        let checkpoints = move || {
            let mut calm = Calm::new("copying the write-ahead log back", TOLD);
            while queue.upgrade().is_some() {
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

    pub(super) fn waiting(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
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

    pub(super) async fn write<T, F>(&self, scope: Scope, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(TypedJob { scope, work, result: None, reply });
        self.queue.try_send(job).map_err(|_| Failure::Busy("the queue of writes is full"))?;
        answer.await.map_err(|_| Failure::internal("the writer thread is gone"))?
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

/// A write closure with the place for its answer.
trait Job: Send {
    /// Runs the closure.
    fn run(&mut self, connection: &mut AnyConnection) -> Ran;
    /// Answers the caller, after the commit or its failure.
    fn answer(self: Box<Self>, commit: std::result::Result<(), &Failure>);
}

/// What became of a closure, as far as its neighbours are concerned.
enum Ran {
    /// Its writes stay.
    Keep,
    /// Its writes are rolled back.
    Undo,
    /// The disk takes nothing more. It may have ended the transaction already, and nobody's write would fare better.
    Disk(&'static str),
}

struct TypedJob<T, F> {
    scope: Scope,
    work: F,
    result: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<T, F> Job for TypedJob<T, F>
where
    T: Send,
    F: Fn(&mut Tx<'_>) -> Result<T> + Send,
{
    fn run(&mut self, connection: &mut AnyConnection) -> Ran {
        let run = catch_unwind(AssertUnwindSafe(|| (self.work)(&mut Tx(Rx::new(connection, self.scope)))));
        let result = run.unwrap_or_else(|_| Err(Failure::internal("a write panicked")));
        let ran = match &result {
            Ok(_) => Ran::Keep,
            Err(Failure::Disk(why)) => Ran::Disk(why),
            Err(_) => Ran::Undo,
        };
        self.result = Some(result);
        ran
    }

    fn answer(self: Box<Self>, commit: std::result::Result<(), &Failure>) {
        let result = match (commit, self.result) {
            (Ok(()), Some(result)) => result,
            // A refusal was rolled back anyway, so it stands even when the others' commit failed.
            (Err(_), Some(Err(refusal))) => Err(refusal),
            (Err(Failure::Disk(why)), _) => Err(Failure::Disk(why)),
            (Err(Failure::Busy(why)), _) => Err(Failure::Busy(why)),
            (Err(failure), _) => Err(Failure::Internal(format!("commit: {failure}").into())),
            (Ok(()), None) => Err(Failure::internal("a write was not run")),
        };
        // The caller may have gone away; what was committed stays.
        drop(self.reply.send(result));
    }
}

/// Waits for one job and takes along what else waits. Whoever has work for this core goes first, as long as that brings further jobs: on
/// a busy core the writer would otherwise commit for each job that wakes it; on an idle one nobody takes the turn, and nothing is lost.
fn next_batch(jobs: &mut mpsc::Receiver<Box<dyn Job>>, most: usize) -> Option<Vec<Box<dyn Job>>> {
    let mut batch = vec![jobs.blocking_recv()?];
    let mut waiting = None;
    while waiting.is_none_or(|before| jobs.len() > before) && jobs.len() < most {
        waiting = Some(jobs.len());
        std::thread::yield_now();
    }
    while batch.len() < most {
        match jobs.try_recv() {
            Ok(job) => batch.push(job),
            Err(_) => break,
        }
    }
    Some(batch)
}

/// Runs the jobs in one transaction, commits once, then answers. Savepoints cost a tenth of all, and nearly every job keeps what it wrote:
/// so the jobs run without, and only when one of them must be undone all run once more, each in a savepoint of its own.
fn run_batch(connection: &mut AnyConnection, mut batch: Vec<Box<dyn Job>>) {
    let done = match transact(connection, &mut batch) {
        Ok(Batch::Done) => Ok(()),
        Ok(Batch::OneToUndo) => run(connection, "ROLLBACK").map_err(Failure::from).and_then(|()| apart(connection, &mut batch)),
        Err(failure) => Err(failure),
    };
    if done.is_err() {
        // The transaction may already be gone (a full disk ends it); what matters is that none stays open.
        drop(connection.batch_execute("ROLLBACK"));
    }
    for job in batch {
        job.answer(done.as_ref().copied());
    }
}

/// What became of a batch.
enum Batch {
    Done,
    OneToUndo,
}

fn transact(connection: &mut AnyConnection, batch: &mut [Box<dyn Job>]) -> Result<Batch> {
    run(connection, "BEGIN IMMEDIATE")?;
    let alone = batch.len() == 1;
    for job in batch {
        match job.run(connection) {
            Ran::Keep => {}
            Ran::Undo if alone => {
                run(connection, "ROLLBACK")?;
                return Ok(Batch::Done);
            }
            Ran::Undo => return Ok(Batch::OneToUndo),
            Ran::Disk(why) => return Err(Failure::Disk(why)),
        }
    }
    run(connection, "COMMIT")?;
    Ok(Batch::Done)
}

/// Runs the jobs in one transaction, each in a savepoint of its own.
fn apart(connection: &mut AnyConnection, batch: &mut [Box<dyn Job>]) -> Result<()> {
    run(connection, "BEGIN IMMEDIATE")?;
    for job in batch {
        run(connection, "SAVEPOINT job")?;
        match job.run(connection) {
            Ran::Keep => {}
            Ran::Undo => run(connection, "ROLLBACK TO job")?,
            Ran::Disk(why) => return Err(Failure::Disk(why)),
        }
        run(connection, "RELEASE job")?;
    }
    Ok(run(connection, "COMMIT")?)
}
