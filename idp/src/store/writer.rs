//! The thread that writes on SQLite: it takes closures from a queue, and those that wait together share a commit
//! (`docs/decisions/004-one-writer.md`).

use super::cached::run;
use super::dialect::AnyConnection;
use super::{Rx, Scope, StoreSettings, Tx};
use crate::error::{Failure, Result};
use diesel::connection::SimpleConnection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{self, WeakSender};
use tokio::sync::oneshot;

/// The way to the thread. It ends when the last of these is gone.
#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Box<dyn Job>>,
}

/// Knows whether the thread still has callers, and is none itself.
pub(super) struct Watched(WeakSender<Box<dyn Job>>);

impl Watched {
    pub(super) fn is_there(&self) -> bool {
        self.0.upgrade().is_some()
    }
}

impl Writer {
    pub(super) fn start(mut connection: AnyConnection, settings: StoreSettings) -> Result<Self> {
        let (queue, mut jobs) = mpsc::channel::<Box<dyn Job>>(settings.queue);
        std::thread::Builder::new()
            .name("poterne-writer".into())
            .spawn(move || {
                while let Some(batch) = next_batch(&mut jobs, settings.batch) {
                    run_batch(&mut connection, batch);
                }
            })
            .map_err(|error| Failure::Internal(format!("cannot start the writer thread: {error}").into()))?;
        Ok(Self { queue })
    }

    pub(super) fn watched(&self) -> Watched {
        Watched(self.queue.downgrade())
    }

    pub(super) fn waiting(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    /// What the closure returned, once it is durable.
    pub(super) async fn write<T, F>(&self, scope: Scope, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.ask(scope, work, None).await
    }

    /// What the closure returned as soon as it ran, and what tells when that is durable.
    pub(super) async fn write_ahead<T, F>(&self, scope: Scope, work: F) -> Result<(T, Durable)>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (committed, durable) = oneshot::channel();
        Ok((self.ask(scope, work, Some(committed)).await?, Durable(durable)))
    }

    async fn ask<T, F>(&self, scope: Scope, work: F, committed: Option<oneshot::Sender<Result<()>>>) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job =
            Box::new(TypedJob { runtime: Handle::try_current().ok(), scope, work, result: None, reply: Some(reply), committed });
        self.queue.try_send(job).map_err(|_| Failure::Busy("the queue of writes is full"))?;
        answer.await.map_err(|_| gone())?
    }
}

/// Whether what was written ahead is durable. Before that nothing of it may be given out.
#[must_use]
pub(super) struct Durable(oneshot::Receiver<Result<()>>);

impl Durable {
    pub(super) async fn wait(self) -> Result<()> {
        self.0.await.map_err(|_| gone())?
    }
}

fn gone() -> Failure {
    Failure::internal("the writer thread is gone")
}

/// What the callers of a batch are told. They are told when this is dropped, so nobody is forgotten.
struct Post(Vec<Box<dyn Letter>>);

impl Post {
    /// Has a task of theirs tell them, where they are several. On a busy core whoever the writer wakes goes before it: it would give way to each
    /// of them in turn, and waits so for one alone.
    fn deliver(self, runtime: Option<&Handle>) {
        if let (Some(runtime), [_, _, ..]) = (runtime, self.0.as_slice()) {
            drop(runtime.spawn(async move {
                // On a busy core the writer goes on to its commit first.
                std::thread::yield_now();
                drop(self);
            }));
        }
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        self.0.drain(..).for_each(Letter::tell);
    }
}

/// What one caller is told.
trait Letter: Send {
    fn tell(self: Box<Self>);
}

struct Answer<T> {
    to: oneshot::Sender<Result<T>>,
    result: Result<T>,
}

impl<T: Send> Letter for Answer<T> {
    // The caller may have gone away; what was committed stays.
    fn tell(self: Box<Self>) {
        drop(self.to.send(self.result));
    }
}

/// A write closure with the place for its answer.
trait Job: Send {
    /// Where the caller waits.
    fn runtime(&self) -> Option<Handle>;
    /// Runs the closure.
    fn run(&mut self, connection: &mut AnyConnection) -> Ran;
    /// What a caller who works ahead is told before the commit: what the closure returned.
    fn ahead(&mut self) -> Option<Box<dyn Letter>>;
    /// What the caller is told after the commit or its failure.
    fn answer(self: Box<Self>, commit: std::result::Result<(), &Failure>) -> Option<Box<dyn Letter>>;
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
    /// Where the caller waits.
    runtime: Option<Handle>,
    scope: Scope,
    work: F,
    result: Option<Result<T>>,
    reply: Option<oneshot::Sender<Result<T>>>,
    /// For a caller who works ahead.
    committed: Option<oneshot::Sender<Result<()>>>,
}

impl<T, F> Job for TypedJob<T, F>
where
    T: Send + 'static,
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

    fn runtime(&self) -> Option<Handle> {
        self.runtime.clone()
    }

    fn ahead(&mut self) -> Option<Box<dyn Letter>> {
        self.committed.as_ref()?;
        let result = self.result.take_if(|result| result.is_ok())?;
        Some(Box::new(Answer { to: self.reply.take()?, result }))
    }

    fn answer(self: Box<Self>, commit: std::result::Result<(), &Failure>) -> Option<Box<dyn Letter>> {
        let Some(to) = self.reply else {
            return Some(Box::new(Answer { to: self.committed?, result: commit.map_err(of_the_commit) }));
        };
        let result = match (commit, self.result) {
            (Ok(()), Some(result)) => result,
            // A refusal was rolled back anyway, so it stands even when the others' commit failed.
            (Err(_), Some(Err(refusal))) => Err(refusal),
            (Err(failure), _) => Err(of_the_commit(failure)),
            (Ok(()), None) => Err(Failure::internal("a write was not run")),
        };
        Some(Box::new(Answer { to, result }))
    }
}

/// What each caller is told of the one commit that failed.
fn of_the_commit(failure: &Failure) -> Failure {
    match failure {
        Failure::Disk(why) => Failure::Disk(why),
        Failure::Busy(why) => Failure::Busy(why),
        failure => Failure::Internal(format!("commit: {failure}").into()),
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
    let runtime = batch.iter().find_map(|job| job.runtime());
    let done = match transact(connection, &mut batch, runtime.as_ref()) {
        Ok(Batch::Done) => Ok(()),
        Ok(Batch::OneToUndo) => run(connection, "ROLLBACK").map_err(Failure::from).and_then(|()| apart(connection, &mut batch)),
        Err(failure) => Err(failure),
    };
    if done.is_err() {
        // The transaction may already be gone (a full disk ends it); what matters is that none stays open.
        drop(connection.batch_execute("ROLLBACK"));
    }
    Post(batch.into_iter().filter_map(|job| job.answer(done.as_ref().copied())).collect()).deliver(runtime.as_ref());
}

/// What became of a batch.
enum Batch {
    Done,
    OneToUndo,
}

fn transact(connection: &mut AnyConnection, batch: &mut [Box<dyn Job>], runtime: Option<&Handle>) -> Result<Batch> {
    run(connection, "BEGIN IMMEDIATE")?;
    let alone = batch.len() == 1;
    for job in batch.iter_mut() {
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
    // Now none of them runs again: either all of this is committed, or nothing.
    Post(batch.iter_mut().filter_map(|job| job.ahead()).collect()).deliver(runtime);
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
