//! Signing off.

pub mod pages;

use crate::app::App;
use axum::Router;

/// The pages of this room.
pub fn page_routes() -> Router<App> {
    Router::new()
}
