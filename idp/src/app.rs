//! What every handler and worker is given: the database, the clock, chance, and the host's sender.

use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::figures::Figures;
use crate::host::{HostClaims, HostPeople, MessageSender, Places};
use crate::outbound::{Kept, Outbound};
use crate::store::Db;
use crate::vault::MasterKey;
use crate::web::logos::Logos;
use bytes::Bytes;
use poterne_protocol::jose::foreign::ForeignKeySet;
use std::sync::Arc;
use tokio::sync::{Notify, Semaphore};

/// The parts of a running provider. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// See [`App`].
pub struct Parts {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// Chance.
    pub entropy: Entropy,
    /// Opens the realms' keys.
    pub master: MasterKey,
    /// Where messages go.
    pub sender: Arc<dyn MessageSender>,
    /// Says where an address is.
    pub places: Arc<dyn Places>,
    /// What the host adds to the claims.
    pub claims: Option<HostClaims>,
    /// The host's look-up of persons.
    pub people: Option<HostPeople>,
    /// Fetches what others publish, and posts what they are to hear.
    pub outbound: Outbound,
    /// The keys that clients publish.
    pub client_keys: Kept<ForeignKeySet>,
    /// The requests that clients publish.
    pub request_objects: Kept<Bytes>,
    /// Permits for password hashing: each holds 19 MiB and one core.
    pub hashing: Arc<Semaphore>,
    /// Whether pages carry the demo's banner.
    pub demo: bool,
    /// What is counted for the operator.
    pub figures: Figures,
    /// Which clients' logos are at hand.
    pub logos: Logos,
    /// Wakes the outbox when a message was written.
    pub outbox_wake: Notify,
    /// Wakes the worker of back-channel logout when a session was ended.
    pub logout_wake: Notify,
}

impl App {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl std::ops::Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}
