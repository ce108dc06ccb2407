//! The workers of a process: outbox, audit chain, chores. Each process may run them; leases and conditional updates keep them apart.

use super::chores::{self, Chore};
use super::stop::{Stop, stop};
use super::{audit, outbox};
use crate::app::App;
use crate::directory::realm::Realms;
use std::pin::Pin;
use std::time::Duration;

/// How long a worker that panicked rests before it begins anew.
const REST: Duration = Duration::from_secs(1);

/// What a worker does until it is told to stop.
pub type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A worker of a wing above this one.
#[derive(Clone, Copy)]
pub struct Worker {
    /// What it is called in the log.
    pub name: &'static str,
    /// Works until it is told to stop.
    pub run: fn(App, Realms, Stop) -> Work,
}

/// Runs the workers, and those given from above, until `stop` is done; each finishes what it is at. A failure is logged and never ends a worker.
pub async fn run_workers(
    app: &App,
    realms: &Realms,
    chores: &'static [Chore],
    above: &[Worker],
    until: impl Future<Output = ()> + Send,
) {
    let (all, told) = stop();
    let outbox = keep_running("outbox", told.clone(), |stop| outbox::run(app.clone(), realms.clone(), stop));
    let chain = keep_running("audit", told.clone(), |stop| audit::run(app.clone(), realms.clone(), stop));
    let above = above
        .iter()
        .map(|worker| keep_running(worker.name, told.clone(), |stop| (worker.run)(app.clone(), realms.clone(), stop)));
    let above = futures_util::future::join_all(above);
    let tidying = keep_running("chores", told.clone(), |stop| chores::run(app.clone(), realms.clone(), chores, stop));
    let end = async {
        until.await;
        all.now();
    };
    tokio::join!(outbox, chain, tidying, above, end);
}

/// Runs a worker in a task of its own and begins anew should it panic.
async fn keep_running<F>(name: &'static str, mut told: Stop, worker: impl Fn(Stop) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    while tokio::spawn(worker(told.clone())).await.is_err() && !told.is_due() {
        tracing::error!(worker = name, "a worker panicked; it begins anew");
        told.wait(REST).await;
    }
}
