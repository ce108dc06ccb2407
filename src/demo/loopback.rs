//! Listening on loopback: both address families, and the client's address for those who count by it.

use crate::net::{Door, serve_all};
use axum::Router;
use axum::extract::Request;
use poterne_idp::ClientAddress;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Listens on a loopback address, and on its sister of the other family where the machine has one: browsers take either for
/// `localhost`.
///
/// # Errors
/// In words: which address, and why.
pub async fn listen_on_loopback(address: SocketAddr) -> Result<Vec<TcpListener>, String> {
    let first = bind(address).await?;
    let port = first.local_addr().map_err(|error| error.to_string())?.port();
    let sister: IpAddr = if address.is_ipv4() { Ipv6Addr::LOCALHOST.into() } else { Ipv4Addr::LOCALHOST.into() };
    match TcpListener::bind((sister, port)).await {
        Ok(second) => Ok(vec![first, second]),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => Err(in_use(SocketAddr::new(sister, port))),
        // A machine without IPv6 has no sister address.
        Err(_) => Ok(vec![first]),
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => in_use(address),
        _ => format!("cannot listen on {address}: {error}"),
    })
}

fn in_use(address: SocketAddr) -> String {
    format!("port {} is in use ({address}): stop what runs there, or choose another with --listen 127.0.0.1:PORT", address.port())
}

/// Serves the demo at these listeners, with the peer's address noted for those who count by it.
pub async fn serve(listeners: Vec<TcpListener>, routes: Router, stop: watch::Receiver<bool>) -> Result<(), String> {
    let note = |peer: SocketAddr, request: &mut Request| {
        request.extensions_mut().insert(ClientAddress(peer.ip().to_canonical()));
    };
    let doors = listeners.into_iter().map(|listener| Door::plain(listener).noting(note)).collect();
    serve_all(doors, routes, stop).await
}
