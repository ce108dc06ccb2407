//! A realm as requests see it: its document, its URLs and its opened keys, re-read when its generation rises.

mod kept;

pub use kept::{Kept, PublicDocument};

use crate::directory::client::Clients;
use crate::settings::{Policy, RealmDocument};
use crate::urls::Urls;
use crate::vault::Vault;
use chrono::{DateTime, NaiveDate, NaiveDateTime};
use poterne_protocol::claims::level::Level;
use poterne_protocol::id::RealmId;
use poterne_protocol::jose::Algorithm;
use poterne_protocol::jose::jws::Signer;
use poterne_protocol::jose::keyset::KeySet;
use poterne_protocol::time::Timestamp;
use std::sync::Arc;

/// One fund, as loaded from the database.
pub struct Realm {
    /// Names the realm in every row.
    pub id: RealmId,
    /// Rises with every change of settings, clients or keys.
    pub generation: i64,
    /// What its operator said.
    pub document: RealmDocument,
    /// Its URLs.
    pub urls: Urls,
    /// Its keys for data at rest.
    pub vault: Vault,
    /// Its keys for tokens.
    pub signing: SigningKeys,
    /// When it was read.
    pub loaded_at: Timestamp,
    /// Its clients, as far as they were asked for.
    pub clients: Clients,
    /// What need not be worked out twice.
    pub kept: Kept,
}

/// The keys that sign a realm's tokens.
#[derive(Default)]
pub struct SigningKeys {
    /// The key in use for each algorithm.
    pub signers: Vec<Arc<dyn Signer>>,
    /// What is published: the keys in use, the next ones, and those whose tokens may still live.
    pub published: KeySet,
    /// Those published and those that no longer are: an ID token that expired long ago still hints at who it was.
    pub known: KeySet,
}

impl Realm {
    /// Lifetimes and limits.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.document.policy
    }

    /// A moment as the realm's clocks show it.
    #[must_use]
    pub fn local(&self, at: Timestamp) -> NaiveDateTime {
        DateTime::from_timestamp_micros(at.micros()).unwrap_or_default().with_timezone(&self.document.time_zone).naive_local()
    }

    /// The calendar day in the realm's time zone.
    #[must_use]
    pub fn day(&self, at: Timestamp) -> NaiveDate {
        self.local(at).date()
    }

    /// The highest level that anybody here can reach by signing in.
    #[must_use]
    pub fn highest_level(&self) -> Level {
        let second_factor = self.document.populations.iter().any(|population| !population.factors.is_empty());
        if second_factor { Level::Multi } else { Level::Single }
    }

    /// The key in use for an algorithm.
    #[must_use]
    pub fn signer(&self, algorithm: Algorithm) -> Option<&dyn Signer> {
        self.signing.signers.iter().find(|signer| signer.algorithm() == algorithm).map(AsRef::as_ref)
    }
}

impl std::fmt::Debug for Realm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Realm({}, generation {})", self.document.slug, self.generation)
    }
}
