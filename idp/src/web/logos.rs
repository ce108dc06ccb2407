//! Which clients' logos are at hand, so that a page may show one without asking the database. The pictures themselves are rows.

use poterne_protocol::id::RealmId;
use poterne_protocol::time::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Clients that are remembered at most; beyond that all begin anew.
const MOST: usize = 10_000;

/// What is known of one client's logo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Where the client says it is.
    pub uri: String,
    /// What stands for the picture in its address; `None` where there is none to show.
    pub mark: Option<String>,
    /// When it was last fetched, or tried.
    pub fetched_at: Timestamp,
}

/// What is known of the logos of all clients that were shown so far.
#[derive(Default)]
pub struct Logos(Mutex<HashMap<(RealmId, String), Entry>>);

#[derive(Default)]
struct Entry {
    known: Option<Known>,
    /// Whether somebody looks for it right now.
    sought: bool,
}

impl Logos {
    fn entries(&self) -> MutexGuard<'_, HashMap<(RealmId, String), Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of the logo at this address.
    #[must_use]
    pub fn known(&self, realm: RealmId, client_id: &str, uri: &str) -> Option<Known> {
        let entries = self.entries();
        let known = entries.get(&(realm, client_id.to_owned()))?.known.clone();
        known.filter(|known| known.uri == uri)
    }

    /// Begins to look for a logo: `false` where somebody does already. Whoever begins tells what was found, or [`Self::give_up`].
    #[must_use]
    pub fn begin(&self, realm: RealmId, client_id: &str) -> bool {
        let mut entries = self.entries();
        if entries.len() >= MOST {
            entries.clear();
        }
        let entry = entries.entry((realm, client_id.to_owned())).or_default();
        !std::mem::replace(&mut entry.sought, true)
    }

    /// Keeps what was found.
    pub fn keep(&self, realm: RealmId, client_id: &str, known: Known) {
        let found = Entry { known: Some(known), sought: false };
        self.entries().insert((realm, client_id.to_owned()), found);
    }

    /// Nothing was found out: whoever comes next may look again.
    pub fn give_up(&self, realm: RealmId, client_id: &str) {
        if let Some(entry) = self.entries().get_mut(&(realm, client_id.to_owned())) {
            entry.sought = false;
        }
    }
}
