//! What the operator's tools ask, on a listener of its own: is it alive, should requests come, which version is it.

use axum::extract::State as Given;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use poterne_idp::{Db, SchemaState};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What the answers are made from.
#[derive(Clone)]
pub struct State {
    db: Db,
    draining: Arc<AtomicBool>,
}

impl State {
    /// For a process that takes requests.
    pub fn new(db: Db) -> Self {
        Self { db, draining: Arc::default() }
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
        .route("/version", get(|| async { Json(json!({ "version": env!("CARGO_PKG_VERSION") })) }))
        .with_state(state)
}

/// Whether requests should come: the database answers and is of this version, and the process is not stopping.
async fn ready(Given(state): Given<State>) -> (StatusCode, Json<Value>) {
    let database = match state.db.schema_state().await {
        Ok(SchemaState::Current) => "current",
        Ok(SchemaState::Behind(_)) => "behind",
        Ok(SchemaState::Ahead(_)) => "ahead",
        Err(_) => "unreachable",
    };
    let draining = state.draining.load(Ordering::Acquire);
    let is_ready = database == "current" && !draining;
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "ready": is_ready, "database": database, "draining": draining })))
}
