//! A line for each host: so many at once, so many that wait, and whoever waits for one host is in nobody's way who goes to another.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The lines.
#[derive(Clone)]
pub(super) struct Lines {
    at_once: usize,
    in_line: usize,
    hosts: Arc<Mutex<HashMap<String, Line>>>,
}

struct Line {
    turns: Arc<Semaphore>,
    /// Those that wait, and those whose turn it is.
    there: usize,
}

/// A place in a host's line; it is free again when this is dropped.
pub(super) struct Place {
    lines: Lines,
    host: String,
    turn: Option<OwnedSemaphorePermit>,
}

impl Lines {
    pub(super) fn new(at_once: usize, in_line: usize) -> Self {
        Self { at_once, in_line, hosts: Arc::default() }
    }

    /// Waits for a turn; `None` where too many do already.
    pub(super) async fn enter(&self, host: &str) -> Option<Place> {
        let turns = {
            let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
            let new = || Line { turns: Arc::new(Semaphore::new(self.at_once)), there: 0 };
            let line = hosts.entry(host.to_owned()).or_insert_with(new);
            if line.there >= self.in_line {
                return None;
            }
            line.there += 1;
            line.turns.clone()
        };
        // From here on the place is left again, even by whoever stops waiting.
        let mut place = Place { lines: self.clone(), host: host.to_owned(), turn: None };
        place.turn = turns.acquire_owned().await.ok();
        Some(place)
    }

    #[cfg(test)]
    pub(super) fn hosts(&self) -> usize {
        self.hosts.lock().unwrap().len()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.turn = None;
        let mut hosts = self.lines.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = hosts.get_mut(&self.host) {
            line.there -= 1;
            if line.there == 0 {
                hosts.remove(&self.host);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::time::timeout;

    #[tokio::test]
    async fn a_full_line_is_nobody_elses_and_leaves_nothing_behind() {
        let lines = Lines::new(1, 2);
        let brief = Duration::from_millis(20);
        let first = lines.enter("slow").await.unwrap();
        assert!(timeout(brief, lines.enter("slow")).await.is_err(), "the second waits");
        let waiting = tokio::spawn({
            let lines = lines.clone();
            async move { lines.enter("slow").await.is_some() }
        });
        tokio::time::sleep(brief).await;
        assert!(lines.enter("slow").await.is_none(), "the third is refused: the one that gave up left its place");
        assert!(timeout(brief, lines.enter("quick")).await.unwrap().is_some(), "another host is not concerned");
        drop(first);
        assert!(waiting.await.unwrap());
        assert_eq!(lines.hosts(), 0);
    }
}
