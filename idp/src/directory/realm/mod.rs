//! Realms: their rows, and the snapshot that requests work with.

mod cache;
mod store;

pub use cache::{LoadSigning, Realms};
pub use store::{NewRealm, RealmSummary, insert, list, raise_generation, update_document};
