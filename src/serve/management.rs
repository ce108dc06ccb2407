//! What the operator's tools ask, on a listener of its own: is it alive, should requests come, its figures, which version is it.

use super::process;
use crate::net::Open;
use crate::net::tls::Certificate;
use axum::extract::State as Given;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use poterne_idp::Idp;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What the answers are made from.
#[derive(Clone)]
pub struct State {
    idp: Idp,
    open: Open,
    certificate: Option<Certificate>,
    draining: Arc<AtomicBool>,
}

impl State {
    /// For a process that takes requests.
    pub fn new(idp: Idp, open: Open, certificate: Option<Certificate>) -> Self {
        Self { idp, open, certificate, draining: Arc::default() }
    }

    /// From now on no more requests should come.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }
}

/// The routes.
pub fn routes(state: State) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(figures))
        .route("/version", get(|| async { Json(json!({ "version": env!("CARGO_PKG_VERSION") })) }))
        .with_state(state)
}

/// Whether requests should come: the database answers and is of this version, every realm can sign, and the process is not stopping.
async fn ready(Given(state): Given<State>) -> (StatusCode, Json<Value>) {
    let readiness = state.idp.readiness().await;
    let draining = state.draining.load(Ordering::Acquire);
    let is_ready = readiness.is_ready() && !draining;
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let keys = if readiness.keys { "usable" } else { "unusable" };
    (status, Json(json!({ "ready": is_ready, "database": readiness.database, "keys": keys, "draining": draining })))
}

/// The figures for Prometheus.
async fn figures(Given(state): Given<State>) -> impl IntoResponse {
    let mut out = state.idp.figures().await;
    out.single("poterne_connections_open", "gauge", "Connections to the listener for people and portals.", state.open.count());
    let draining = u8::from(state.draining.load(Ordering::Acquire));
    out.single("poterne_draining", "gauge", "1 while the process stops.", draining);
    if let Some(certificate) = &state.certificate {
        let until = certificate.until().secs();
        let help = "When the TLS certificate in use ends, in seconds since 1970 UTC.";
        out.single("poterne_tls_certificate_end_timestamp_seconds", "gauge", help, until);
    }
    process::write(&mut out);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], out.into_text())
}
