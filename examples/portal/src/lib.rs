//! An example portal: a relying party that signs people in with OpenID Connect (OpenID Connect Core 1.0, section 3.1).
//!
//! It is an ordinary axum application with the `openidconnect` crate as its client, and knows nothing of the provider but
//! its issuer. One process runs it as often as there are portals, each with its own [`PortalConfig`].
//!
//! ```no_run
//! # async fn run(config: poterne_portal::PortalConfig) -> Result<(), Box<dyn std::error::Error>> {
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8081").await?;
//! poterne_portal::serve(config, vec![listener], std::future::pending()).await?;
//! # Ok(())
//! # }
//! ```

mod brand;
mod claims;
mod clock;
mod config;
mod cookies;
mod guard;
mod http;
mod language;
mod login;
mod pages;
mod portal;
mod provider;
mod refusal;
mod return_to;
mod routes;
mod shelf;
#[cfg(test)]
mod tests;

use std::future::Future;

use axum::Router;
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

pub use crate::{
    brand::{Brand, BrandWords, Colour, MarkPath, UnfitBrand},
    config::{ConfigError, PortalConfig},
    language::Language,
};

/// Why a portal could not be served, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The settings do not fit together.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A listener failed.
    #[error("the portal's listener failed: {0}")]
    Listener(#[from] std::io::Error),
}

/// The portal as a router for the root of its `public_url`. Clones share their logins and sessions.
pub fn router(config: PortalConfig) -> Result<Router, ConfigError> {
    Ok(routes::router(portal::Portal::new(config, clock::system())?))
}

/// Serves the portal on all `listeners` (a demo listens on 127.0.0.1 and on `::1`) until `shutdown` completes; requests under
/// way are finished first.
pub async fn serve(
    config: PortalConfig,
    listeners: Vec<TcpListener>,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), ServeError> {
    let router = router(config)?;
    let (stop, stopped) = watch::channel(());
    let mut servers = JoinSet::new();
    for listener in listeners {
        let (router, mut stopped) = (router.clone(), stopped.clone());
        servers.spawn(async move {
            let end = async move {
                // An error means that the sender is gone, which is an end as well.
                let _ = stopped.changed().await;
            };
            axum::serve(listener, router).with_graceful_shutdown(end).await
        });
    }
    tokio::pin!(shutdown);
    let early = tokio::select! {
        () = &mut shutdown => None,
        ended = servers.join_next() => ended,
    };
    drop(stop);
    let mut outcome = early.map_or(Ok(()), flatten);
    while let Some(ended) = servers.join_next().await {
        outcome = outcome.and(flatten(ended));
    }
    Ok(outcome?)
}

fn flatten(ended: Result<std::io::Result<()>, tokio::task::JoinError>) -> std::io::Result<()> {
    ended.unwrap_or_else(|crashed| Err(std::io::Error::other(crashed)))
}
