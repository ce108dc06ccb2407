//! Serving until told to stop.

use axum::Router;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Serves an application on all listeners until `stop` turns true; requests under way are finished.
pub async fn serve_plain(listeners: Vec<TcpListener>, routes: Router, stop: watch::Receiver<bool>) -> Result<(), String> {
    let mut servers = tokio::task::JoinSet::new();
    for listener in listeners {
        let service = routes.clone().into_make_service_with_connect_info::<SocketAddr>();
        servers.spawn(axum::serve(listener, service).with_graceful_shutdown(stopped(stop.clone())).into_future());
    }
    while let Some(ended) = servers.join_next().await {
        ended.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Waits for the signal to stop, or for a part that ends before.
///
/// # Errors
/// In words: why a part failed.
pub async fn told_to_stop(running: &mut tokio::task::JoinSet<Result<(), String>>) -> Result<(), String> {
    let mut terminate =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).map_err(|error| error.to_string())?;
    tokio::select! {
        _ = tokio::signal::ctrl_c() => Ok(()),
        _ = terminate.recv() => Ok(()),
        Some(ended) = running.join_next() => ended.map_err(|error| error.to_string())?,
    }
}

/// Takes the signal that the kernel sends with a write beyond the largest file allowed, so that the write fails and not the program.
///
/// # Errors
/// In words: the signal cannot be taken.
pub fn outlive_full_files() -> Result<(), String> {
    /// SIGXFSZ: the same number on Linux and macOS.
    const FILE_TOO_LARGE: i32 = 25;
    let kind = tokio::signal::unix::SignalKind::from_raw(FILE_TOO_LARGE);
    // Once a handler is there it stays, whether or not anybody listens.
    tokio::signal::unix::signal(kind).map(drop).map_err(|error| error.to_string())
}

/// Done when `stop` turns true, or whoever could turn it is gone.
pub async fn stopped(mut stop: watch::Receiver<bool>) {
    // The error means that the sender is gone, which also means stop.
    drop(stop.wait_for(|stop| *stop).await);
}
