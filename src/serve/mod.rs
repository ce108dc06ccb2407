//! `poterne serve`: the provider for real, until it is told to stop.

mod address;
mod management;
mod process;

use crate::config::{self, Config};
use crate::gateways::Gateways;
use crate::net::tls::{self, Certificate};
use crate::net::{self, Door};
use crate::provider;
use clap::Args;
use management::State;
use std::path::PathBuf;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Options of `poterne serve`.
#[derive(Args)]
#[command(after_help = "Example:\n  poterne serve --config /etc/poterne/poterne.toml\n\n\
                        It never migrates the database: poterne migrate does. SIGTERM or Ctrl-C stop it; requests under way are finished.")]
pub struct ServeArgs {
    /// The settings' file; without it `poterne.toml` here.
    #[arg(long, env = "POTERNE_CONFIG")]
    pub config: Option<PathBuf>,
}

/// Runs the provider until it is told to stop.
///
/// # Errors
/// In words, with what to do.
pub async fn run(config: Config) -> Result<(), String> {
    let certificate = certificate(&config)?;
    net::outlive_full_files()?;
    let db = provider::database(&config)?;
    let gateways = Gateways::new(&config)?;
    for missing in gateways.missing() {
        tracing::warn!("{missing}");
    }
    let idp = provider::build(&config, db, gateways).await?;
    let trusted = config.proxy.trusted.clone();
    let door = Door::plain(listen(config.listen.address, "listen.address").await?)
        .with_tls(certificate.clone())
        .noting(move |peer, request| address::note(&trusted, peer, request))
        .at_most(config.listen.max_connections);
    let management = Door::plain(listen(config.listen.management, "listen.management").await?);
    let (stop_now, stop) = watch::channel(false);
    let (close_management, until) = watch::channel(false);
    let state = State::new(idp.clone(), door.open(), certificate);
    let mut running = tokio::task::JoinSet::new();
    running.spawn(net::serve(door, idp.clone(), stop.clone()));
    let managing = tokio::spawn(net::serve(management, management::routes(state.clone()), until));
    running.spawn(async move {
        idp.run_workers(net::stopped(stop)).await;
        Ok(())
    });
    tracing::info!(address = %config.listen.address, management = %config.listen.management, public_url = %config.public_url, "ready");
    net::told_to_stop(&mut running).await?;
    // A balancer sees that no more should come, before the door is closed and what is under way is finished.
    state.drain();
    tracing::info!("stopping");
    tokio::time::sleep(Duration::from_secs(config.listen.drain_notice_seconds)).await;
    stop_now.send_replace(true);
    let all = async {
        while let Some(ended) = running.join_next().await {
            ended.map_err(|error| error.to_string())??;
        }
        Ok(())
    };
    let given = Duration::from_secs(config.listen.drain_seconds);
    let ended = tokio::time::timeout(given, all).await.unwrap_or_else(|_| {
        tracing::warn!("some requests were not finished in time");
        Ok(())
    });
    close_management.send_replace(true);
    managing.abort();
    ended
}

/// The certificate, where TLS ends here; it is looked at for as long as the process runs.
fn certificate(config: &Config) -> Result<Option<Certificate>, String> {
    let (Some(files), Some(_)) = (config.listen.tls.clone(), tls::look(config)?) else {
        // Whoever reloads all services must not end one that has nothing to reload: a handler, once there, stays.
        drop(tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()));
        return Ok(None);
    };
    if !config.public_url.starts_with("https://") {
        return Err(format!("listen.tls is set, but public_url is {}: with TLS it begins with https://", config.public_url));
    }
    let (certificate, watching) = Certificate::open(files)?;
    tokio::spawn(watching);
    Ok(Some(certificate))
}

async fn listen(address: std::net::SocketAddr, key: &str) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|error| format!("{key} {address}: {error}"))
}

/// Reads the settings that `serve` runs on.
///
/// # Errors
/// In words: what is missing or wrong in which layer.
pub fn settings(args: &ServeArgs) -> Result<Config, String> {
    config::load(config::resolve(args.config.as_deref()).as_deref())
}
