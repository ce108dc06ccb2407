//! The workers of a process: outbox, audit chain, chores. Each process may run them; leases and conditional updates keep them apart.

use super::chores::{self, Chore};
use super::stop::{Stop, stop};
use super::{audit, outbox};
use crate::app::App;
use crate::directory::realm::Realms;
use std::time::Duration;

/// How long a worker that panicked rests before it begins anew.
const REST: Duration = Duration::from_secs(1);

/// Runs the workers until `stop` is done; each finishes what it is at. A failure is logged and never ends a worker.
pub async fn run_workers(app: &App, realms: &Realms, chores: &'static [Chore], until: impl Future<Output = ()> + Send) {
    let (all, told) = stop();
    let outbox = keep_running("outbox", told.clone(), |stop| outbox::run(app.clone(), realms.clone(), stop));
    let chain = keep_running("audit", told.clone(), |stop| audit::run(app.clone(), realms.clone(), stop));
    let tidying = keep_running("chores", told, |stop| chores::run(app.clone(), realms.clone(), chores, stop));
    let end = async {
        until.await;
        all.now();
    };
    tokio::join!(outbox, chain, tidying, end);
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
