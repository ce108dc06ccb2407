//! The messages that a worker has in flight, by target: so that one which answers to nobody holds up itself alone.

use poterne_protocol::id::MessageId;
use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OwnedSemaphorePermit;

/// The messages in flight: while the disk is full what came of them waits here to be written, claim or no claim.
#[derive(Clone, Default)]
pub(super) struct Flying {
    targets: Arc<Mutex<HashMap<MessageId, String>>>,
    /// The worker ends: what cannot be written is given up.
    pub(super) ending: Arc<AtomicBool>,
}

/// A message in flight, with its place in the lane.
pub(super) struct Seat {
    pub(super) flying: Flying,
    id: MessageId,
    _permit: OwnedSemaphorePermit,
}

impl Flying {
    pub(super) fn board(&self, id: MessageId, target: &str, permit: OwnedSemaphorePermit) -> Seat {
        self.targets.lock().unwrap_or_else(PoisonError::into_inner).insert(id, target.to_owned());
        Seat { flying: self.clone(), id, _permit: permit }
    }

    /// What flies now, with its target.
    pub(super) fn now(&self) -> HashMap<MessageId, String> {
        self.targets.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.flying.targets.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

/// How many messages fly to each target.
#[derive(Default)]
pub(super) struct Busy(HashMap<String, usize>);

impl Busy {
    /// As it is now.
    pub(super) fn with(flying: &HashMap<MessageId, String>) -> Self {
        let mut busy = Self::default();
        for target in flying.values() {
            *busy.0.entry(target.clone()).or_default() += 1;
        }
        busy
    }

    /// The targets that have as many as one may have.
    pub(super) fn full(&self, most: usize) -> Vec<String> {
        self.0.iter().filter(|(_, count)| **count >= most).map(|(target, _)| target.clone()).collect()
    }

    /// Counts one more for a target: `false` where it has as many as one may have.
    pub(super) fn admit(&mut self, target: &str, most: usize) -> bool {
        let count = self.0.entry(target.to_owned()).or_default();
        let room = *count < most;
        *count += usize::from(room);
        room
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_has_so_many_and_others_have_theirs() {
        let mut busy = Busy::default();
        let admitted: Vec<bool> = ["a", "a", "b", "a", "b"].map(|target| busy.admit(target, 2)).into();
        assert_eq!(admitted, [true, true, true, false, true]);
        let mut full = busy.full(2);
        full.sort();
        assert_eq!(full, ["a", "b"]);
        assert!(busy.full(3).is_empty());
    }
}
