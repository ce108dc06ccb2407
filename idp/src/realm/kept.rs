//! What requests worked out and need not work out again while the snapshot of the realm lives: at most a minute, and never past a change
//! of its settings, clients or keys.

use axum::body::Bytes;
use axum::http::HeaderValue;
use poterne_protocol::claims::access_token::AccessTokenClaims;
use poterne_protocol::id::ClientRowId;
use poterne_protocol::secret::Digest;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

/// Tokens that are kept at most: about 3 MiB.
const TOKENS: usize = 4096;

/// A public document, written once.
#[derive(Debug, Clone)]
pub struct PublicDocument {
    /// The document.
    pub body: Bytes,
    /// By which they ask whether it changed.
    pub tag: HeaderValue,
    /// How long it may be kept.
    pub cache_control: HeaderValue,
}

/// Kept with a realm's snapshot.
#[derive(Default)]
pub struct Kept {
    /// The metadata.
    pub metadata: OnceLock<PublicDocument>,
    /// The keys that verify its tokens.
    pub key_set: OnceLock<PublicDocument>,
    /// The https origins of its clients, which may frame the page that watches the session.
    pub framers: OnceLock<Arc<BTreeSet<String>>>,
    failures: Mutex<HashSet<ClientRowId>>,
    tokens: RwLock<HashMap<[u8; 32], Arc<AccessTokenClaims>>>,
}

impl Kept {
    /// Whether this is the first time in this snapshot that this client failed to prove who it is.
    pub fn is_first_failure(&self, client: ClientRowId) -> bool {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).insert(client)
    }

    /// The claims of a token whose signature was found to hold. Whether they still count is for the reader to ask.
    pub fn token(&self, digest: &Digest) -> Option<Arc<AccessTokenClaims>> {
        self.tokens.read().unwrap_or_else(PoisonError::into_inner).get(digest.as_bytes()).cloned()
    }

    /// Keeps the claims of a token whose signature holds under the keys of this snapshot.
    pub fn keep_token(&self, digest: &Digest, claims: &Arc<AccessTokenClaims>) {
        let mut tokens = self.tokens.write().unwrap_or_else(PoisonError::into_inner);
        if tokens.len() < TOKENS {
            tokens.insert(*digest.as_bytes(), claims.clone());
        }
    }
}
