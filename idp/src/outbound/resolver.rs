//! Names become addresses here, and only those go on to be connected to that may be: whatever a name meant a moment ago.

use super::addresses::may_go;
use super::lines::Lines;
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use tokio::net::lookup_host;
use tokio::sync::Semaphore;

/// Look-ups at once: each holds a thread, for as long as the name's servers like.
const AT_ONCE: usize = 32;
/// Look-ups of one name at once.
const OF_ONE_NAME: usize = 2;

/// A name that leads only to addresses where nothing may go.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to an address that is not public")]
pub(super) struct Refused;

/// Who says what a name means.
pub(super) type LookUp = fn(String) -> Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// The machine's resolver.
pub(super) const MACHINE: LookUp = |name| Box::pin(async move { Ok(lookup_host((name.as_str(), 0)).await?.collect()) });

/// The look-ups that some may have under way: whoever's names lead to a server that never answers takes from these alone.
#[derive(Clone)]
pub(super) struct Budget {
    look_up: LookUp,
    turns: Arc<Semaphore>,
    names: Lines,
}

impl Budget {
    pub(super) fn new(look_up: LookUp) -> Self {
        Self { look_up, turns: Arc::new(Semaphore::new(AT_ONCE)), names: Lines::new(OF_ONE_NAME, 32) }
    }

    /// Lets through what is public, and these.
    pub(super) fn guard(&self, networks: Vec<IpNet>) -> Guard {
        Guard { networks: networks.into(), budget: self.clone() }
    }
}

/// The resolver for hosts that nobody excepted by name.
#[derive(Clone)]
pub(super) struct Guard {
    networks: Arc<[IpNet]>,
    budget: Budget,
}

impl Guard {
    async fn look(self, name: String) -> Result<Addrs, Box<dyn std::error::Error + Send + Sync>> {
        let _place = self.budget.names.enter(&name).await.ok_or("too many look-ups of this name")?;
        let _turn = self.budget.turns.acquire().await?;
        let mut kept = (self.budget.look_up)(name).await?;
        kept.retain(|address| may_go(address.ip(), &self.networks));
        if kept.is_empty() { Err(Box::new(Refused)) } else { Ok(Box::new(kept.into_iter())) }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        // In a task of its own: its thread is held until the machine's resolver answers, so its turn must be as well.
        let looking = tokio::spawn(self.clone().look(name.as_str().to_owned()));
        Box::pin(async move { looking.await? })
    }
}
