//! The endpoints that relying parties call.

pub mod authorize;
mod check_session;
mod client_auth;
mod cors;
mod discovery;
mod encrypted;
pub mod grant;
mod http;
pub mod keys;
mod known;
pub mod logout;
mod mint;
mod parked;
mod single_use;
mod subject;
#[cfg(test)]
mod tests;
mod token;
mod userinfo;

pub use discovery::written as written_document;

use crate::app::App;
use axum::Router;

/// The routes of this wing.
pub fn routes() -> Router<App> {
    Router::new()
        .merge(discovery::routes())
        .merge(authorize::endpoint())
        .merge(token::endpoint())
        .merge(userinfo::routes())
        .merge(logout::endpoint())
        .merge(check_session::routes())
}
