//! Signing in: name and password, then a factor.

pub mod pages;

pub use pages::FactorKind;

use crate::app::App;
use axum::Router;

/// The routes of this room.
pub fn routes() -> Router<App> {
    Router::new()
}
