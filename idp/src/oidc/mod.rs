//! The endpoints that relying parties call.

mod access_token;
pub mod authorize;
mod check_session;
mod client_auth;
mod client_keys;
mod cors;
mod discovery;
mod encrypted;
pub mod grant;
mod http;
mod introspect;
pub mod keys;
mod known;
mod lifetimes;
pub mod logout;
mod mint;
mod parked;
pub mod registration;
mod request_object;
mod revoke;
mod single_use;
mod subject;
#[cfg(test)]
mod tests;
mod token;
mod userinfo;

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use discovery::is_known as is_known_document;
pub use discovery::written as written_document;
pub use token::token;

use crate::app::App;
use axum::Router;

/// The routes of this wing.
pub fn routes() -> Router<App> {
    Router::new()
        .merge(discovery::routes())
        .merge(authorize::endpoint())
        .merge(token::endpoint())
        .merge(userinfo::routes())
        .merge(introspect::endpoint())
        .merge(revoke::endpoint())
        .merge(registration::endpoint())
        .merge(logout::endpoint())
        .merge(check_session::routes())
}
