//! Keeping it running: messages, the audit trail, limits, chores, management.

pub mod audit;
pub mod limits;
pub mod outbox;

use crate::app::App;
use crate::directory::realm::Realms;

/// Runs the workers until `stop` is done.
pub async fn run_workers(_app: &App, _realms: &Realms, stop: impl Future<Output = ()> + Send) {
    stop.await;
}
