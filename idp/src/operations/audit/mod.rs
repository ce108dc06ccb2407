//! The audit trail: one event per state change, in the same transaction; a worker seals them into a chain per realm.

mod chain;
mod event;
mod export;
mod store;
#[cfg(test)]
mod tests;
mod worker;

pub use event::{Actor, Event, record};
pub use export::{ExportedEvent, first_since, sealed_after, unsealed};
pub use store::{ListedEvent, Verified, newest, verify};
pub use worker::run;
