//! Documents that were fetched and are kept for a while: fetched one at a time, again when they are stale, and kept on when their host is
//! down.

use super::{Fetched, Outbound, OutboundError, Trust, Wanted};
use poterne_protocol::time::Timestamp;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::sync::Mutex;

/// Documents of a kind that are kept at most.
const MOST: usize = 1024;
/// How long a host that failed is left alone.
const LEFT_ALONE: Duration = Duration::from_secs(10);

/// How documents of a kind are read and kept.
#[derive(Debug, Clone, Copy)]
pub struct Keeping<T> {
    /// What is fetched.
    pub wanted: Wanted,
    /// Reads it, or says in words why not.
    pub read: fn(&Fetched) -> Result<T, String>,
    /// How long one is fresh: from the answer, what its host says.
    pub fresh: fn(Option<Duration>) -> Duration,
    /// How long one is used beyond that, while its host is down.
    pub stale: Duration,
    /// How long after one that was fetched for a wish another may be.
    pub renewed_after: Duration,
}

/// Which document is wanted.
pub enum Want<'a, T> {
    /// One that is fresh.
    Fresh,
    /// One that was fetched later than that, if another may be fetched already; else the one there is.
    NewerThan(Timestamp),
    /// One that fits, however old it is, if another may be fetched already; else the one there is.
    Fitting(&'a (dyn Fn(&T) -> bool + Sync)),
}

/// A document that is kept.
#[derive(Debug)]
pub struct Document<T> {
    /// What was read from it.
    pub value: Arc<T>,
    /// When it was fetched.
    pub fetched_at: Timestamp,
    fresh_until: Timestamp,
}

impl<T> Clone for Document<T> {
    fn clone(&self) -> Self {
        Self { value: self.value.clone(), fetched_at: self.fetched_at, fresh_until: self.fresh_until }
    }
}

/// Why there is no document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeptError {
    /// It could not be fetched.
    #[error(transparent)]
    Fetch(#[from] OutboundError),
    /// It is none of its kind: in words.
    #[error("{0}")]
    Unreadable(String),
}

/// Documents of a kind.
pub struct Kept<T>(std::sync::Mutex<HashMap<String, Slot<T>>>);

type Slot<T> = Arc<Mutex<State<T>>>;

struct State<T> {
    document: Option<Document<T>>,
    failed: Option<(Timestamp, KeptError)>,
    renewed_at: Option<Timestamp>,
}

impl<T> Default for State<T> {
    fn default() -> Self {
        Self { document: None, failed: None, renewed_at: None }
    }
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(std::sync::Mutex::default())
    }
}

impl<T> Kept<T> {
    /// The document, fetched if it must be. `whose` keeps apart what happens to have one address.
    pub async fn get(
        &self,
        (outbound, trust): (&Outbound, Trust),
        (whose, uri): (&str, &str),
        keeping: &Keeping<T>,
        want: Want<'_, T>,
        now: Timestamp,
    ) -> Result<Document<T>, KeptError> {
        let slot = self.slot(&format!("{whose} {uri}"));
        // Whoever comes meanwhile waits here, and finds what this one fetched.
        let mut state = slot.lock().await;
        if let Some(document) = state.document.clone() {
            let renewable = state.renewed_at.is_none_or(|at| now.since(at) >= keeping.renewed_after);
            match want {
                Want::Fresh if now < document.fresh_until => return Ok(document),
                Want::Fresh => {}
                Want::NewerThan(than) if document.fetched_at > than || !renewable => return Ok(document),
                Want::Fitting(fits) if fits(&document.value) || !renewable => return Ok(document),
                Want::NewerThan(_) | Want::Fitting(_) => state.renewed_at = Some(now),
            }
        }
        if let Some((at, error)) = state.failed.clone()
            && now.since(at) < LEFT_ALONE
        {
            return state.kept_on(keeping, error, now);
        }
        let fetched = outbound.get(uri, &keeping.wanted, trust).await.map_err(KeptError::from);
        let read = fetched.and_then(|fetched| {
            let value = Arc::new((keeping.read)(&fetched).map_err(KeptError::Unreadable)?);
            Ok(Document { value, fetched_at: now, fresh_until: now.plus((keeping.fresh)(fetched.max_age)) })
        });
        match read {
            Ok(document) => {
                *state = State { document: Some(document.clone()), failed: None, renewed_at: state.renewed_at };
                Ok(document)
            }
            Err(error) => {
                tracing::warn!(whose, %error, "a document of a client's could not be fetched");
                let error = match error {
                    KeptError::Fetch(error) => KeptError::Fetch(error.told(trust)),
                    KeptError::Unreadable(words) => KeptError::Unreadable(words),
                };
                state.failed = Some((now, error.clone()));
                state.kept_on(keeping, error, now)
            }
        }
    }

    fn slot(&self, name: &str) -> Slot<T> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= MOST && !slots.contains_key(name) {
            // Those that nobody fetches just now; they come again when they are asked for.
            slots.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        slots.entry(name.to_owned()).or_default().clone()
    }
}

impl<T> State<T> {
    /// The document from before, while it may stand in for the one that cannot be fetched.
    fn kept_on(&self, keeping: &Keeping<T>, error: KeptError, now: Timestamp) -> Result<Document<T>, KeptError> {
        let document = self.document.clone().filter(|document| now < document.fresh_until.plus(keeping.stale));
        document.ok_or(error)
    }
}
