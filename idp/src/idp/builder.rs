//! What a provider is built from: where it is reached, its master key, and whatever the host supplies of its own.

use super::Idp;
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::error::Result;
use crate::host::{ClaimsSource, MessageSender, Networks, NoSender, People, Places};
use crate::outbound::Outbound;
use crate::store::Db;
use crate::vault::MasterKey;
use std::sync::Arc;

/// Builds a provider; see [`Idp::builder`]. What is not said has a default that works.
#[must_use = "a provider is there after `build`"]
pub struct IdpBuilder {
    pub(super) public_url: String,
    pub(super) master: MasterKey,
    pub(super) sender: Arc<dyn MessageSender>,
    pub(super) places: Arc<dyn Places>,
    pub(super) claims: Option<Arc<dyn ClaimsSource>>,
    pub(super) people: Option<Arc<dyn People>>,
    pub(super) outbound: Outbound,
    pub(super) clock: Clock,
    pub(super) entropy: Entropy,
    pub(super) hashing: usize,
    pub(super) demo: bool,
}

impl IdpBuilder {
    pub(super) fn new(public_url: String, master: MasterKey) -> Self {
        Self {
            public_url,
            master,
            sender: Arc::new(NoSender),
            places: Arc::new(Networks),
            claims: None,
            people: None,
            outbound: Outbound::default(),
            clock: Clock::System,
            entropy: Entropy::System,
            hashing: std::thread::available_parallelism().map_or(2, usize::from),
            demo: false,
        }
    }

    /// Where mails and text messages go. Without a sender they are given up at once, and the outbox and the log say so: nobody can then
    /// enroll, which is what a process wants that only manages.
    pub fn sender(self, sender: impl MessageSender) -> Self {
        Self { sender: Arc::new(sender), ..self }
    }

    /// Says where an address is, for notices: without it, the network's first half.
    pub fn places(self, places: impl Places) -> Self {
        Self { places: Arc::new(places), ..self }
    }

    /// Claims of the host's own in ID tokens and userinfo: without it, none.
    pub fn claims(self, claims: impl ClaimsSource) -> Self {
        Self { claims: Some(Arc::new(claims)), ..self }
    }

    /// The host's look-up of persons at their enrollment: without it, the registry alone identifies them.
    pub fn people(self, people: impl People) -> Self {
        Self { people: Some(Arc::new(people)), ..self }
    }

    /// Fetches what clients publish (keys, request objects, logos) and posts what they are to hear: without it, by https to public
    /// addresses alone.
    pub fn outbound(self, outbound: Outbound) -> Self {
        Self { outbound, ..self }
    }

    /// The time: the system's, unless a test sets it.
    pub fn clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Chance: the system's, unless a test seeds it.
    pub fn entropy(self, entropy: Entropy) -> Self {
        Self { entropy, ..self }
    }

    /// Passwords that may be hashed at once, each on one core and in 19 MiB: as many as there are cores.
    pub fn hashing(self, at_once: usize) -> Self {
        Self { hashing: at_once, ..self }
    }

    /// Marks every page as the demo's, and tells more of what went wrong.
    pub fn demo(self, demo: bool) -> Self {
        Self { demo, ..self }
    }

    /// Builds the provider on a migrated database and checks that its master key opens every realm.
    ///
    /// # Errors
    /// In words for the operator: an unusable `public_url`, a database that is behind or ahead, a wrong master key, a reserved name
    /// among the host's claims.
    pub async fn build(self, db: Db) -> Result<Idp> {
        Idp::from_parts(self, db).await
    }
}
