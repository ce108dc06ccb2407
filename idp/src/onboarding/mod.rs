//! Wing: from letter to account.

pub mod code;
pub mod enrollment;
pub mod terms;
#[cfg(test)]
pub(crate) mod tests;

use crate::app::App;
use axum::Router;

/// The routes of this wing.
pub fn routes() -> Router<App> {
    Router::new().merge(enrollment::routes()).merge(terms::routes())
}
