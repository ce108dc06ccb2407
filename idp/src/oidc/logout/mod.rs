//! Signing off (OpenID Connect RP-Initiated Logout 1.0).

mod confirm;
pub mod pages;
mod routes;
mod store;
#[cfg(test)]
mod tests;

pub use confirm::page_routes;
pub use routes::endpoint;
