//! Logos of clients: fetched when a client is first shown, kept, and served from our own address, so that no page asks a foreign host.

mod fetch;
mod routes;
mod rules;
mod store;
#[cfg(test)]
mod tests;

pub use fetch::ready;
pub use routes::routes;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use rules::{LARGEST, media_type};
