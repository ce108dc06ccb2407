//! The endpoints that relying parties call.

pub mod keys;
pub mod logout;

use crate::app::App;
use axum::Router;

/// The routes of this wing.
pub fn routes() -> Router<App> {
    Router::new()
}
