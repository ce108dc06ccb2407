//! The token endpoint (RFC 6749 section 3.2, OpenID Connect Core sections 3.1.3 and 12).

mod routes;
mod store;
#[cfg(test)]
mod tests;

pub use routes::{endpoint, token};
