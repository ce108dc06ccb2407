//! Realms: their rows, and the snapshot that requests work with.

mod cache;
mod store;

pub use cache::Realms;
pub use store::{NewRealm, document, insert, list, opens, raise_generation, update_document};
