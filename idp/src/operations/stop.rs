//! How workers are told to stop.

use std::time::Duration;
use tokio::sync::watch;

/// Tells the workers to stop, when it is called or dropped.
pub(super) struct StopAll(watch::Sender<bool>);

/// A worker's ear for it.
#[derive(Clone)]
pub struct Stop(watch::Receiver<bool>);

/// A pair of both.
pub(super) fn stop() -> (StopAll, Stop) {
    let (tell, hear) = watch::channel(false);
    (StopAll(tell), Stop(hear))
}

impl StopAll {
    pub(super) fn now(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Whether it is time to stop. Also when nobody is left who could say so.
    #[must_use]
    pub fn is_due(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }

    /// Waits, but no longer than until it is time to stop.
    pub async fn wait(&mut self, span: Duration) {
        // Both ends of the wait are told apart by `is_due`.
        drop(tokio::time::timeout(span, self.0.wait_for(|stopped| *stopped)).await);
    }
}
