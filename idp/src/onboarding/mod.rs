//! Wing: from letter to account.

pub mod enrollment;

use crate::app::App;
use axum::Router;

/// The routes of this wing.
pub fn routes() -> Router<App> {
    Router::new()
}
