//! Names become addresses here, and only those go on to be connected to that may be: whatever a name meant a moment ago.

use super::addresses::may_go;
use super::lines::Lines;
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::SocketAddr;
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

/// The resolver for hosts that nobody excepted by name.
#[derive(Clone)]
pub(super) struct Guard {
    networks: Arc<[IpNet]>,
    turns: Arc<Semaphore>,
    names: Lines,
}

impl Guard {
    /// Lets through what is public, and these.
    pub(super) fn new(networks: Vec<IpNet>) -> Self {
        Self { networks: networks.into(), turns: Arc::new(Semaphore::new(AT_ONCE)), names: Lines::new(OF_ONE_NAME, 32) }
    }

    async fn look(self, name: String) -> Result<Addrs, Box<dyn std::error::Error + Send + Sync>> {
        let _place = self.names.enter(&name).await.ok_or("too many look-ups of this name")?;
        let _turn = self.turns.acquire().await?;
        let found = lookup_host((name.as_str(), 0)).await?;
        let kept: Vec<SocketAddr> = found.filter(|address| may_go(address.ip(), &self.networks)).collect();
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
